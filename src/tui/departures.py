"""What leads from the main screen to others, and out of the program: views, panels, pager, clipboard."""

from collections.abc import Callable

from textual import on
from textual.screen import Screen

from ..analysis import explain
from ..analysis.analyze import Analysis
from ..analysis.rows import Rows
from ..analysis.timeline import Kind
from .clipboard import copy
from .details import version_at
from .file_tree import FileTree
from .session import Jump, Session


class Departures(Screen[None]):
    """The part of the main screen that opens others. Each is imported when it is asked for: together they
    would delay the first one.
    """

    session: Session
    rows: Rows
    layer_index: int

    @property
    def files(self) -> FileTree:
        """The file tree."""
        raise NotImplementedError

    @property
    def pane(self) -> str:
        """Which pane is in front: `layers`, `details` or `files`."""
        raise NotImplementedError

    def jump(self, to: Jump | None) -> None:
        """Where a screen that closes wants to go."""
        raise NotImplementedError

    # Views.

    def _open_again(self, name: str, make: Callable[[Session], Screen[Jump | None]]) -> None:
        """A view that is made once, and is as it was left the next time."""
        if not self.app.is_screen_installed(name):
            self.app.install_screen(make(self.session), name)
        self.app.push_screen(name, self.jump)

    def action_waste(self) -> None:
        """Every wasted copy; as it was left, the next time."""
        from .waste import WasteScreen

        self._open_again("waste", WasteScreen)

    def action_findings(self) -> None:
        """What to change; as it was left, the next time."""
        from .findings import FindingsScreen

        self._open_again("findings", FindingsScreen)

    def action_packages(self) -> None:
        """Which package brought which bytes; as it was left, the next time."""
        from .packages import PackagesScreen

        self._open_again("packages", PackagesScreen)

    def action_compare(self) -> None:
        """What another image had otherwise; which, is asked the first time."""
        from .compare_ask import CompareAskPanel

        if self.session.before is not None:
            self.open_comparison()
        elif self.session.load is None:
            self.notify("There is no way to another image from here.", markup=False)
        else:
            self.app.push_screen(CompareAskPanel(self.session, self.session.load), self._compare_with)

    def _compare_with(self, before: Analysis | None) -> None:
        if before is not None:
            self.session.before = before
            self.open_comparison()

    def open_comparison(self) -> None:
        """The two images; as it was left, the next time."""
        from .compare_screen import CompareScreen

        self._open_again("comparison", CompareScreen)

    def action_treemap(self) -> None:
        """The directory under the cursor, or the image, as boxes."""
        from .treemap import TreemapScreen

        path = self.files.path if self.pane == "files" else 0
        self.app.push_screen(TreemapScreen(self.session, self.rows.view, path), self.jump)

    def action_history(self) -> None:
        """Every step of the build."""
        from .history import HistoryScreen

        self.app.push_screen(HistoryScreen(self.session), self.jump)

    def action_image(self) -> None:
        """What the image runs, and how."""
        from .image import ImageScreen

        self.app.push_screen(ImageScreen(self.session), self.jump)

    def action_find(self) -> None:
        """A name, wherever it ever was; as it was left, the next time."""
        from .find import FindScreen

        self._open_again("find", FindScreen)

    def action_explain(self) -> None:
        """The sum behind the figure under the cursor."""
        from .explain import ExplainPanel

        analysis, display, layer = self.session.analysis, self.session.display, self.layer_index
        if self.pane == "files" and len(self.rows):
            path = self.files.path
            title = display.path(self.session.timeline.name(path))
            panel = ExplainPanel(self.session, title, lambda: (explain.of_path(self.rows, path),))
        elif self.pane == "details" or not analysis.layers:
            panel = ExplainPanel(self.session, "The image", lambda: explain.of_image(analysis))
        else:
            title = f"Layer {layer}  {self.session.command(layer)}"
            panel = ExplainPanel(self.session, title, lambda: explain.of_layer(analysis, layer))
        self.app.push_screen(panel)

    # Actions on what is selected.

    def action_view(self) -> None:
        """What a file holds."""
        from .viewer import ViewerScreen

        if (version := self._selected()) is not None:
            screen = ViewerScreen(self.session, self.files.path, version, pager=self.session.pager)
            self.app.push_screen(screen, self.jump)

    @on(FileTree.Opened)
    def _open_file(self) -> None:
        self.action_view()

    def action_diff(self) -> None:
        """How a file differs from the version below it."""
        from .diff import DiffScreen

        if (version := self._selected()) is not None:
            removed = self.rows.view.kinds[self.files.path] == Kind.REMOVED
            screen = DiffScreen(self.session, self.files.path, version, removed=removed)
            self.app.push_screen(screen, self.jump)

    def action_pager(self) -> None:
        """The whole file, in the pager."""
        from .pager import open_in_pager

        if (version := self._selected()) is not None:
            open_in_pager(self.app, self.session, version, self.session.pager)

    def action_extract(self) -> None:
        """Write a file or a directory to disk."""
        from .extract import ExtractPanel

        if len(self.rows):
            self.app.push_screen(ExtractPanel(self.session, self.rows.view, self.files.path))

    def action_export(self) -> None:
        """Write a report."""
        from .export import ExportPanel

        self.app.push_screen(ExportPanel(self.session))

    def action_copy_path(self) -> None:
        """Copy the path under the cursor."""
        if len(self.rows):
            display = self.session.display
            copy(self, display, display.path(self.session.timeline.name(self.files.path)))

    def action_copy_command(self) -> None:
        """Copy the layer's command, or from the details its digest."""
        if self.session.analysis.layers:
            layer = self.session.analysis.layers[self.layer_index]
            digest = layer.layer.digest or layer.layer.diff_id
            text = digest if self.pane == "details" and digest else layer.command
            copy(self, self.session.display, text)

    def _selected(self) -> int | None:
        """The version of the path under the cursor; None, and a word about it, if there is none."""
        if not len(self.rows):
            self.notify("There is no file here.", markup=False)
            return None
        path = self.files.path
        shown = self.rows.view.current[path]
        found = shown if shown >= 0 else version_at(self.session, path, self.layer_index)
        if found is None:
            self.notify("No layer up to this one has an entry for it.", markup=False)
        return found

"""The packages view: which package brought the bytes, and what no package owns."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from ..analysis.model import Tell
from ..analysis.packages.holder_list import Grouping, HolderList, label
from ..analysis.packages.holders import Holder, holders
from ..analysis.view import Scope
from .clipboard import copy
from .filtered_screen import LONGEST_FILTER
from .grouped_screen import GroupedScreen
from .header import ImageHeader
from .key_line import KeyLine
from .lines import Lines
from .packages_details import amount_words, group_details, holder_details
from .packages_lines import PackageLines, group_name, holder_name
from .reading import ReadingLine
from .session import Jump, Session

_BORDERS = 4
"""Columns of the details that are no text."""


class PackagesScreen(GroupedScreen):
    """Closes with the largest file of what was chosen, in the final image.

    The databases are read in a thread; who leaves meanwhile ends that, and it begins anew the next time.
    """

    DEFAULT_CSS = """
    PackagesScreen {
        #note { height: auto; max-height: 3; padding: 0 1; color: $text-warning; display: none; }
        #packages { height: 3fr; }
        #held {
            height: 2fr; padding: 0 1;
            border: round $panel-lighten-2; border-title-color: $text;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p,q", "leave", "Back at once", show=False, id="packages_leave"),
        Binding("c", "copy", "Copy name", id="packages_copy", tooltip="Copy the name"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._known: HolderList | None = None
        """None until the databases are read."""

    def compose(self) -> ComposeResult:
        """The list between what it adds up to and what the cursor is on."""
        yield ImageHeader(self.session)
        yield Static(id="amount")
        yield Static(id="note")
        yield Input(placeholder="part of a name or of a directory", max_length=LONGEST_FILTER, id="pattern")
        yield ReadingLine(self.session.display, failed="The packages cannot be told")
        yield Static(id="titles")
        yield PackageLines(self.session, id="packages")
        with VerticalScroll(can_focus=False, id="held"):
            yield Static(id="facts")
        yield KeyLine()

    def on_mount(self) -> None:
        """The list has the focus."""
        self.pattern.display = False
        self.packages.follow = self.show_details
        self.set_focus(self.packages)

    def on_screen_resume(self) -> None:
        """Begin to read, unless that is done; units may have changed meanwhile."""
        reading = self.query_one(ReadingLine)
        if self._known is None and not reading.is_busy and self.session.analysis.has_entries:
            reading.start(self._read, self.fill, doing="reading databases")
        super().on_screen_resume()

    def _read(self, tell: Tell) -> HolderList:
        analysis = self.session.analysis
        return HolderList(holders(analysis, self.session.list_packages(tell)))

    def fill(self, result: HolderList) -> None:
        """As `ListScreen` says; filtered and grouped as was asked for meanwhile."""
        result.filter(self.pattern.value)
        result.group_by(self.packages.listed.grouping)
        self._known = result
        self.packages.show(result)
        self.show_all()

    @property
    def packages(self) -> PackageLines:
        """The list."""
        return self.query_one("#packages", PackageLines)

    # Leaving.

    def action_leave(self) -> None:
        """Close; nobody is left to read for."""
        self.query_one(ReadingLine).cancel()
        super().action_leave()

    @on(Lines.Chosen, "#packages")
    def _chosen(self) -> None:
        row = self.packages.row
        if row is None:
            self.packages.action_open_close()
        else:
            self._go_to(row.holder)

    def _go_to(self, holder: Holder) -> None:
        """To the largest file of a package, or to a directory."""
        if holder.layer is None:
            self.warn("The final image has no file of it.")
        elif holder.directory is not None:
            self.go_to(Jump(holder.layer, holder.directory.path, Scope.FINAL))
        elif holder.largest:
            largest = holder.largest[0]
            self.go_to(Jump(largest.layer, largest.path, Scope.FINAL))
        else:
            self.warn("All of its files are empty.")

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that would do nothing is not shown."""
        if action == "copy":
            return self.packages.row is not None and not isinstance(self.focused, Input)
        return super().check_action(action, parameters)

    def action_copy(self) -> None:
        """The name of the package, as its manager calls it; of what no package owns the directory."""
        row = self.packages.row
        if row is not None:
            package = row.holder.package
            copy(self, self.session.display, label(row.holder) if package is None else package.name)

    # Showing.

    def show_all(self) -> None:
        """As `ListScreen` says; and what could not be read."""
        super().show_all()
        notes = self.session.analysis.packages.notes if self._known is not None else ()
        note = self.query_one("#note", Static)
        note.display = bool(notes)
        more = f" (and {len(notes) - 1} more)" if len(notes) > 1 else ""
        note.update(Content(f"{self.session.display.text(notes[0])}{more}" if notes else ""))
        self.refresh_bindings()

    @property
    def titles(self) -> str:
        """As `ListScreen` says."""
        return self.packages.titles

    def show_details(self) -> None:
        """As `ListScreen` says."""
        held, look, lines = self.query_one("#held"), self.session.display, self.packages
        width, height = max(self.size.width - _BORDERS, 10), max(held.size.height, 1)
        row, group = lines.row, lines.group
        name, facts = "", Content(self._nothing())
        if row is not None:
            name, facts = (
                holder_name(self.session, row.holder),
                holder_details(self.session, row.holder, width, height),
            )
        elif group is not None:
            name = group_name(self.session, group)
            facts = group_details(self.session, group, lines.listed.share(group), width, height)
        held.border_title = Content(look.cut(name, width - 2))
        self.query_one("#facts", Static).update(facts)
        held.scroll_home(animate=False)
        self.refresh_bindings()

    def _nothing(self) -> str:
        """Why there is no line for the cursor."""
        if not self.session.analysis.has_entries:
            return "This report was saved without entries, so there are no databases of packages to look at."
        if self._known is None:
            return ""
        if not self._known.holders:
            return "The final image holds no bytes, and its databases know of no package."
        return "No package and no directory has this in its name."

    def amount(self) -> Content:
        """What the lines add up to, and what they may be grouped by; every word of that can be clicked."""
        listed, by = self._known, self.packages.listed.grouping
        if not self.session.analysis.has_entries:
            return Content.styled(" No packages", "bold")
        if listed is None:
            return Content("")
        grouped = by is not Grouping.NONE
        words = amount_words(self.session, listed.shown, listed.whole, grouped=grouped)
        order = f", by {by.value}" if grouped else ""
        return self.groupings_after(Content.assemble((f" {words}", "bold"), f"{order}  "))

"""The main screen: layers and details on the left, the file tree on the right."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.css.styles import RulesMap
from textual.widgets import Input, Static
from textual.worker import Worker, WorkerState

from ..analysis.filters import FilterError, Term
from ..analysis.rows import Rows, Sort
from ..analysis.view import Scope
from .departures import Departures
from .details import layer_details, path_details
from .file_tree import FileTree
from .filter_line import FilterLine
from .header import ImageHeader
from .heading import KIND_KEYS, TreeHeading
from .key_line import KeyLine
from .layer_list import LayerList
from .lines import Lines
from .path_history import PathHistory
from .session import Jump, Session

_NARROW = 100
"""Columns from which on all panes stand side by side."""
_PANES = ("layers", "details", "files")


class ExplorerScreen(Departures):
    """Shows one layer at a time; what is open, sorted and filtered in the tree survives the next one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "pane(1)", "Pane", priority=True, id="next_pane", tooltip="Next pane"),
        Binding("shift+tab", "pane(-1)", "Previous pane", show=False, priority=True, id="previous_pane"),
        Binding("left_square_bracket,comma", "layer(-1)", "Previous layer", show=False, id="previous_layer"),
        Binding(
            "right_square_bracket,full_stop",
            "layer(1)",
            "Layer",
            key_display="[ ]",
            id="next_layer",
            tooltip="Next layer",
        ),
        Binding(
            "a", "next_scope", "Scope", id="scope", tooltip="This layer, the image up to it, the final image"
        ),
        Binding("ctrl+l", "scope('CHANGES')", "Changes of this layer", show=False, id="scope_changes"),
        Binding("ctrl+a", "scope('UP_TO')", "Image up to this layer", show=False, id="scope_up_to"),
        Binding("slash,ctrl+f", "filter", "Filter", priority=True, id="filter", tooltip="Filter the paths"),
        Binding("enter", "keep_filter", "Keep the filter", show=False, priority=True, id="keep_filter"),
        Binding("escape", "clear_filter", "Clear the filter", show=False, id="clear_filter"),
        Binding("s,ctrl+o", "sort", "Sort", show=False, id="sort"),
        Binding("S,r", "reverse", "Reverse the order", show=False, id="reverse"),
        *(
            Binding(str(number), f"kind({number})", f"Show or hide {name}", show=False, id=f"kind_{name}")
            for number, name in enumerate(("added", "changed", "metadata", "removed", "unchanged"), 1)
        ),
        Binding("n", "next_change(1)", "Next change", show=False, id="next_change"),
        Binding("N", "next_change(-1)", "Previous change", show=False, id="previous_change"),
        Binding("X,ctrl+x", "expand_all", "Open everything", show=False, id="expand_all"),
        Binding("b", "bars", "Bars: of the directory, of the whole", show=False, id="bars"),
        Binding("c,ctrl+b", "columns", "Mode and owner on, off", show=False, id="columns"),
        Binding("u", "units", "Decimal or binary units", show=False, id="units"),
        Binding("w", "waste", "Waste", id="waste", tooltip="Everything that is wasted"),
        Binding("F", "findings", "Findings", id="findings", tooltip="What to change in the Dockerfile"),
        Binding("p", "packages", "Packages", id="packages", tooltip="Which package brought the bytes"),
        Binding("D", "compare", "Compare", show=False, id="compare", tooltip="Compare with another image"),
        Binding("t", "treemap", "Treemap", show=False, id="treemap"),
        Binding("H", "history", "History", show=False, id="history"),
        Binding("I", "image", "Image configuration", show=False, id="image"),
        Binding("f", "find", "Find", show=False, id="find"),
        Binding("v", "view", "View", id="view", tooltip="View the file"),
        Binding("d", "diff", "Diff to the version below", show=False, id="diff"),
        Binding("o", "pager", "Open in the pager", show=False, id="pager"),
        Binding("x,ctrl+e", "extract", "Extract the file or directory", show=False, id="extract"),
        Binding("y", "copy_path", "Copy the path", show=False, id="copy_path"),
        Binding("Y", "copy_command", "Copy the command, or the digest", show=False, id="copy_command"),
        Binding("e", "export", "Export a report", show=False, id="export"),
        Binding("i", "explain", "Explain the figure", show=False, id="explain"),
        Binding("q", "app.quit", "Quit", id="quit"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.layer_index = session.largest_layer
        self.scope = Scope.CHANGES
        self._pane = _PANES[0]
        self._told: object = None
        """What the details tell of."""
        self.rows = Rows(session.paths, session.views.view(self.scope, self.layer_index))

    def compose(self) -> ComposeResult:
        """The panes."""
        session = self.session
        yield ImageHeader(session, id="header")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield LayerList(session, id="layers")
                with VerticalScroll(id="details"):
                    yield Static(id="facts")
            with Vertical(id="right"):
                yield TreeHeading(self.rows, session.display, id="heading")
                yield FileTree(self.rows, session.display, id="files")
                yield PathHistory(session, id="path-history")
        yield KeyLine()
        yield FilterLine(self._filter, self._tell_filter)

    def on_mount(self) -> None:
        """Open on the layer that stores most."""
        self._arrange()
        self.layer_list.reload(self.layer_list.line_of(self.layer_index))
        self.set_focus(self.layer_list)
        self.files.changed()
        self.layer_list.follow = self._layer_moved
        self.files.follow = self._show_facts
        self._show_facts()
        self.run_worker(self._settle, thread=True, exit_on_error=False)

    def _settle(self) -> None:
        """What the next keys need, and then what to change. If that cannot be told, its view says why."""
        self.session.settle()
        self.session.find()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What to change is known: layers are marked, and their details say more."""
        if event.state is WorkerState.SUCCESS:
            self.layer_list.refresh()
            self._told = None
            self._show_facts()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """What moves the focus is done before the next key is read; in the filter line, / is a character."""
        typing = isinstance(self.focused, Input)
        return not typing if action == "filter" else typing if action == "keep_filter" else True

    # The parts.

    @property
    def layer_list(self) -> LayerList:
        """The list of layers."""
        return self.query_one("#layers", LayerList)

    @property
    def files(self) -> FileTree:
        """The file tree."""
        return self.query_one("#files", FileTree)

    @property
    def _filter_line(self) -> FilterLine:
        return self.query_one(FilterLine)

    @property
    def pane(self) -> str:
        """Which of the panes has the focus, or had it last."""
        return self._pane

    # Layers and scopes.

    def _layer_moved(self) -> None:
        if self.layer_list.count():
            self._look_at(self.layer_list.selected, self.scope)

    @on(Lines.Chosen, "#layers")
    def _layer_chosen(self) -> None:
        """Enter on a layer: to its files."""
        self.show_pane("files")

    def _look_at(self, layer: int, scope: Scope) -> None:
        """Another filesystem; what is open, sorted and filtered stays, and the cursor on its path."""
        if (layer, scope) != (self.layer_index, self.scope):
            self.layer_index, self.scope = layer, scope
            self.rows.show(self.session.views.view(scope, layer))
            self._show_rows()
        self._show_facts()

    def action_layer(self, step: int) -> None:
        """The layer before or behind, from whichever pane."""
        layers = len(self.session.analysis.layers)
        if layers:
            wanted = max(0, min(self.layer_index + step, layers - 1))
            self.layer_list.move_to(self.layer_list.line_of(wanted))

    def action_scope(self, name: str) -> None:
        """One of the three filesystems."""
        self._look_at(self.layer_index, Scope[name])

    def action_next_scope(self) -> None:
        """The next of the three."""
        scopes = list(Scope)
        self._look_at(self.layer_index, scopes[(scopes.index(self.scope) + 1) % len(scopes)])

    def jump(self, to: Jump | None) -> None:
        """Go to a path in a layer, as another screen asked for."""
        if to is None:
            return
        path = self.session.timeline.find(to.path)
        self._look_at(to.layer, to.scope)
        self.layer_list.move_to(self.layer_list.line_of(to.layer), center=True)
        if path is not None and not self.rows.is_visible(path):
            self.rows.hide(frozenset())
            self._close_filter(keep=False)
            self._show_rows()
        if path is not None:
            self.files.go_to(path)
        self.show_pane("files")

    # Panes.

    def action_pane(self, step: int) -> None:
        """The next pane, in a circle; details are one only where they have no place beside the others."""
        self.show_pane(_PANES[(_PANES.index(self.pane) + step) % len(_PANES)])

    def show_pane(self, name: str) -> None:
        """Give a pane the focus, and the screen, if there is room for one only."""
        self._pane = name
        self._arrange()
        self.set_focus(self.query_one(f"#{name}"))  # at once: `focus()` would come after the next key

    def _arrange(self) -> None:
        """Where there is room for one pane only, that is the one in front."""
        narrow, pane = self.app.size.width < _NARROW, self._pane
        self.query_one("#body").set_class(narrow, "-single")
        for name, fits in (
            ("left", pane != "files"),
            ("right", pane == "files"),
            ("layers", pane == "layers"),
            ("details", pane == "details"),
        ):
            widget, shown = self.query_one(f"#{name}"), fits or not narrow
            if widget.display != shown:
                widget.display = shown

    def on_resize(self) -> None:
        """There may be room for all now, or no longer."""
        self._arrange()
        self._told = None
        self.call_after_refresh(self._show_facts)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A click, too, brings a pane to the front."""
        for widget in event.widget.ancestors_with_self:
            if widget.id in _PANES:
                self._pane = widget.id
                self._arrange()
                self._show_facts()
                return

    # The filter.

    def action_filter(self) -> None:
        """Open the input line, in the place of the keys."""
        self.query_one(KeyLine).display = False
        self._filter_line.display = True
        if self.pane != "files":
            self.show_pane("files")
        self.set_focus(self._filter_line.line)

    def action_keep_filter(self) -> None:
        """Enter in the input line: to the tree, as far as the filter shows it."""
        self._close_filter(keep=True)
        self.set_focus(self.files)

    def action_clear_filter(self) -> None:
        """Escape: show everything again."""
        typing = self._filter_line.display
        self._close_filter(keep=False)
        if typing:
            self.set_focus(self.files)

    def _close_filter(self, *, keep: bool) -> None:
        self._filter_line.close(keep=keep)
        self.query_one(KeyLine).display = True

    def _filter(self, terms: tuple[Term, ...]) -> None:
        self.rows.filter(terms)
        self._show_rows()

    def _tell_filter(self, text: str, wrong: FilterError | None) -> None:
        """What the tree is filtered by stands in its frame, and stays there when the line is closed."""
        shown = Content(self.session.display.text(f"filter: {text}" if text else ""))
        if wrong is not None:
            shown = Content.styled(self.session.display.text(str(wrong)), "$text-error")
        self.files.border_subtitle = shown

    # The order and the kinds.

    def action_sort(self) -> None:
        """The next way to sort."""
        sorts = list(Sort)
        self.rows.order(sorts[(sorts.index(self.rows.sort) + 1) % len(sorts)], reverse=False)
        self._show_rows()

    def action_reverse(self) -> None:
        """The other way round."""
        self.rows.order(self.rows.sort, reverse=not self.rows.reverse)
        self._show_rows()

    def action_kind(self, number: int) -> None:
        """Show or hide the paths of a kind."""
        self.rows.hide(self.rows.hidden ^ {KIND_KEYS[number - 1]})
        self._show_rows()

    def action_next_change(self, step: int) -> None:
        """The next path that the layer changed, wherever it is."""
        found = self.rows.next_change(self.files.path, backwards=step < 0)
        if found is None:
            self.notify("No more changes this way.", markup=False)
        else:
            self.files.go_to(found)

    def action_expand_all(self) -> None:
        """Open every directory."""
        self.files.action_expand_all()

    # How it looks.

    def action_bars(self) -> None:
        """What the bars are a share of."""
        self.files.bars_of_whole = not self.files.bars_of_whole
        self.files.refresh()
        whole = "whole filesystem" if self.files.bars_of_whole else "directory"
        self.notify(f"Bars show the share of the {whole}.", markup=False)

    def action_columns(self) -> None:
        """Mode and owner."""
        self.files.columns = not self.files.columns
        self.files.refresh()

    def action_units(self) -> None:
        """Decimal or binary."""
        self.session.display.binary_units = not self.session.display.binary_units
        self.query_one(ImageHeader).refresh()
        self.layer_list.refresh()
        self.files.refresh()
        self._show_facts()

    # Showing.

    def _show_rows(self) -> None:
        self.files.changed()
        self.query_one(TreeHeading).refresh()

    def _show_facts(self) -> None:
        """What is known of what is selected: the layer, or the path if the tree has the focus."""
        path, session = self.files.path, self.session
        in_tree = self.pane == "files" and len(self.rows) > 0
        subject = (in_tree, self.layer_index, path, session.display.binary_units)
        if subject == self._told:
            return
        self._told = subject
        self.query_one(PathHistory).show(path if len(self.rows) else None)
        if not session.analysis.layers:
            facts = Content("This image has no layers.")
        elif in_tree:
            facts = path_details(session, path, self.layer_index)
        else:
            facts = layer_details(session, self.layer_index)
        _tell(self.query_one("#facts", Static), facts)


def _tell(panel: Static, text: Content) -> None:
    """Update a panel that can be scrolled; the screen is laid out again only if that makes a difference.

    A panel that is not to be seen has no width, and its height is not known.
    """
    shown, width, room = panel.content, panel.size.width, panel.container_size.height
    rules = RulesMap(text_wrap="wrap", text_overflow="fold")
    same = width > 0 and isinstance(shown, Content)
    if same and isinstance(shown, Content):
        before, after = shown.get_height(rules, width), text.get_height(rules, width)
        same = before == after or (before <= room and after <= room)
    panel.update(text, layout=not same)

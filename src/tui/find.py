"""Find: a name in all layers at once, what was deleted and overwritten too."""

from collections.abc import Iterator
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from ..analysis import filters
from ..analysis.find import MOST, Answer, Found, Order, Search
from ..analysis.view import Scope
from .details import path_history
from .header import ImageHeader
from .key_line import KeyLine
from .lines import Lines, Piece
from .session import Jump, Session

_NOTHING = Answer(0, ())
_FIGURES = 9
"""Columns of the size."""
_WIDE = 60
"""From this width on, layers and the number of versions are shown too."""
_FATE = 18
_HISTORY = 6
"""Lines of the history of a path: as many as its style allows."""


class FoundList(Lines):
    """A line a path."""

    def __init__(self, session: Session) -> None:
        super().__init__(id="found")
        self._session = session
        self._search: Search | None = None
        self._answer = _NOTHING

    @property
    def selected(self) -> Found | None:
        """The path the cursor is on."""
        if self._search is None or not self._answer.paths:
            return None
        return self._search.found(self._answer.paths[self.cursor])

    def show(self, search: Search, answer: Answer) -> None:
        """Other paths."""
        self._search, self._answer = search, answer
        self.reload(0)

    def count(self) -> int:
        """As `Lines` says."""
        return len(self._answer.paths)

    def draw(self, number: int, width: int) -> Iterator[Piece]:
        """As `Lines` says."""
        assert self._search is not None
        display = self._session.display
        found = self._search.found(self._answer.paths[number])
        fate, style = _fate(found)
        right = f" {fate}"
        if width >= _WIDE:
            layers = f"{found.first}" if found.first == found.last else f"{found.first}-{found.last}"
            versions = f"{found.versions}x" if found.versions > 1 else ""
            right = f" {layers:>6} {fate:<{_FATE}}{versions:>4}"
        yield f"{display.size(found.size):>{_FIGURES - 1}} ", ""
        room = max(width - _FIGURES - len(right) - 1, 8)
        path = display.path(self._session.timeline.name(found.path)) + "/" * found.is_directory
        shown = display.cut(path, room, keep_end=True)
        yield shown, "directory" if found.is_directory else ""
        yield " " * (room - cell_len(shown)), ""
        yield right, style


class FindScreen(Screen[Jump | None]):
    """Answers while one types; Enter on a path goes to the layer that wrote it last."""

    DEFAULT_CSS = """
    FindScreen {
        #name { height: 1; border: none; background: $surface; padding: 0 1; }
        #name:focus { background: $boost; }
        #state { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        #state.wrong { color: $text-error; height: auto; text-wrap: wrap; }
        #found { height: 1fr; }
        #found-history {
            height: auto; max-height: 7; border-top: solid $panel-lighten-2; padding: 0 1;
            text-wrap: nowrap; text-overflow: ellipsis;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "list", "To the list", show=False, id="find_list"),
        Binding("slash,ctrl+f", "name", "Name", id="find_name"),
        Binding("s", "sort", "Sort by size or path", id="find_sort"),
        Binding("escape,q,f", "close", "Close", id="find_close"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._search: Search | None = None
        self._order = Order.SIZE

    def compose(self) -> ComposeResult:
        """The line to type in, what was found, and what became of one of it."""
        yield ImageHeader(self.session)
        yield Input(
            placeholder="find in all layers: text  *.so  /regex/  !not  >10M  kind:removed",
            select_on_focus=False,
            max_length=filters.MAX_LENGTH,
            id="name",
        )
        yield Static(id="state")
        yield FoundList(self.session)
        yield Static(id="found-history")
        yield KeyLine()

    def on_mount(self) -> None:
        """One can type while the search is made ready."""
        self.set_focus(self.query_one("#name"))
        self._say("reading the names" + self.session.display.glyphs.ellipsis)
        self.query_one("#found-history").display = False
        self.results.follow = self._show_history
        self.run_worker(self._prepare, thread=True, exit_on_error=False)

    def _prepare(self) -> None:
        search = Search(self.session.paths)
        self.app.call_from_thread(self._ready, search)

    def _ready(self, search: Search) -> None:
        if self.is_attached:
            self._search = search
            self._find()

    @property
    def results(self) -> FoundList:
        """The list."""
        return self.query_one(FoundList)

    # Searching.

    @on(Input.Changed, "#name")
    def _find(self) -> None:
        """Answer what the line says."""
        if self._search is None:
            return
        try:
            terms = filters.parse(self.query_one("#name", Input).value)
        except filters.FilterError as wrong:
            self._say(str(wrong), wrong=True)
            return
        answer = self._search.find(terms, self._order) if terms else _NOTHING
        self.results.show(self._search, answer)
        if not terms:
            self._say("every path of every layer, deleted ones too")
        elif not answer.total:
            self._say("nothing found")
        else:
            listed = f", the first {MOST:,} are listed" if answer.total > MOST else ""
            self._say(f"{answer.total:,} found{listed}; by {self._order.value}; enter goes to the layer")

    def _say(self, text: str, *, wrong: bool = False) -> None:
        state = self.query_one("#state", Static)
        state.set_class(wrong, "wrong")
        state.update(Content(self.session.display.text(text)))

    def _show_history(self) -> None:
        found, history = self.results.selected, self.query_one("#found-history", Static)
        history.display = found is not None
        if found is not None:
            history.update(path_history(self.session, found.path, _HISTORY))

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """A key that would do nothing is not shown: where one types, / is a character."""
        typing = isinstance(self.focused, Input)
        return typing if action == "list" else not typing if action == "name" else True

    @on(Input.Submitted, "#name")
    def action_list(self) -> None:
        """From the line to the list."""
        if self.results.count():
            self.set_focus(self.results)

    def action_name(self) -> None:
        """From the list to the line."""
        self.set_focus(self.query_one("#name"))

    def action_sort(self) -> None:
        """By size, or by path."""
        self._order = Order.PATH if self._order is Order.SIZE else Order.SIZE
        self._find()

    @on(Lines.Chosen)
    def _chosen(self) -> None:
        found = self.results.selected
        if found is not None:
            # A directory that a layer only lists is not among its changes.
            scope = Scope.UP_TO if found.is_directory else Scope.CHANGES
            self.dismiss(Jump(found.last, self.session.timeline.name(found.path), scope))

    def action_close(self) -> None:
        """Back to where the user was."""
        self.dismiss(None)


def _fate(found: Found) -> tuple[str, str]:
    if found.removed_by is not None:
        return f"removed by {found.removed_by}", "removed"
    if found.overwritten_by is not None:
        return f"overwritten by {found.overwritten_by}", "waste"
    return "live", ""

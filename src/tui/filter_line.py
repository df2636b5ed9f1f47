"""The input line of the filter: what is typed becomes terms, or a word about what is wrong with it."""

import time
from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.timer import Timer
from textual.widgets import Input, Static

from ..analysis.filters import FilterError, Term, parse

_PROMPT, _PAUSE = 0.1, 0.15
"""Seconds: a filter that takes longer than this waits for a pause as long as that."""
_HINT = "enter keep  esc all"


class _Line(Input):
    """As wide as there is room, whatever is typed: its length lays nothing out anew."""

    virtual_size = reactive(Size(0, 0))

    def __init__(self, typed: Callable[[str], None], *, placeholder: str, id: str) -> None:  # noqa: A002
        """`typed` is called before a key is done with: what it shows is in one frame with the character."""
        super().__init__(placeholder=placeholder, id=id)
        self._typed = typed

    def watch_value(self, value: str) -> None:
        """Tell of it at once; the message that tells of it would come a frame later."""
        self._typed(value)


class FilterLine(Horizontal):
    """Takes the place of the line of keys while one types: nothing else moves. Filters at every character."""

    def __init__(
        self, apply: Callable[[tuple[Term, ...]], None], tell: Callable[[str, FilterError | None], None]
    ) -> None:
        """`apply` filters and shows what is left; `tell` hears of the text, and what is wrong with it."""
        super().__init__()
        self._apply = apply
        self._tell = tell
        self._filtered = ""
        """The text that was filtered by last."""
        self._took = 0.0
        """Seconds that the last filter took."""
        self._later: Timer | None = None
        self.display = False

    def compose(self) -> ComposeResult:
        """As in every pager: a slash, the line, and how to leave it."""
        yield Static("/", id="filter-prompt")
        yield _Line(
            self._typed,
            placeholder="text  *.so  /regex/  !not  >10M  kind:removed  owner:0  layer:3",
            id="filter",
        )
        yield Static(Content(_HINT), id="filter-hint")

    @property
    def line(self) -> Input:
        """Where one types."""
        return self.query_one("#filter", Input)

    def close(self, *, keep: bool) -> None:
        """Close the line; what it filters stays if it is to be kept."""
        self.display = False
        if not keep:
            self.line.value = ""
        elif self._later is not None:
            self._filter(self.line.value)

    def _typed(self, text: str) -> None:
        """Filter at once, or where that takes long, once there is a pause in the typing."""
        if text and self._took > _PROMPT:
            self._stop_waiting()
            self._later = self.set_timer(_PAUSE, lambda: self._filter(text))
        else:
            self._filter(text)

    def _filter(self, text: str) -> None:
        self._stop_waiting()
        if text == self._filtered:
            return
        self._filtered = text
        begun = time.perf_counter()
        try:
            terms: Sequence[Term] = parse(text)
        except FilterError as wrong:
            self._tell(text, wrong)
            return
        self._tell(text, None)
        self._apply(tuple(terms))
        self._took = time.perf_counter() - begun

    def _stop_waiting(self) -> None:
        if self._later is not None:
            self._later.stop()
            self._later = None

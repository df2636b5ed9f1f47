"""The input line of the filter: what is typed becomes terms, or a word about what is wrong with it."""

import time
from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.timer import Timer
from textual.widgets import Input, Static

from ..analysis.filters import FilterError, Term, parse
from .display import Display

_PROMPT, _PAUSE = 0.1, 0.15
"""Seconds: a filter that takes longer than this waits for a pause as long as that."""


class _Line(Input):
    """As wide as there is room, whatever is typed: its length lays nothing out anew."""

    virtual_size = reactive(Size(0, 0))


class FilterLine(Vertical):
    """Hidden until it is opened; filters while one types."""

    def __init__(self, look: Display, apply: Callable[[tuple[Term, ...]], None]) -> None:
        """`apply` filters and shows what is left."""
        super().__init__()
        self._look = look
        self._apply = apply
        self._took = 0.0
        """Seconds that the last filter took."""
        self._later: Timer | None = None
        self.display = False

    def compose(self) -> ComposeResult:
        """One line, and room for a complaint."""
        yield _Line(
            placeholder="filter: text  *.so  /regex/  !not  >10M  kind:removed  owner:0  layer:3", id="filter"
        )
        yield Static(id="filter-error")

    def on_mount(self) -> None:
        """Nothing is wrong yet."""
        self._complain("")

    @property
    def line(self) -> Input:
        """Where one types."""
        return self.query_one("#filter", Input)

    def close(self, *, keep: bool) -> None:
        """Close the line; what it filters stays only if it is to be kept, and then the line stays too."""
        if keep and self.line.value:
            return
        self.display = False
        if self.line.value:
            with self.prevent(Input.Changed):
                self.line.value = ""
            self._filter("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        """Filter at once, or where that takes long, once there is a pause in the typing."""
        event.stop()
        if self._later is not None:
            self._later.stop()
            self._later = None
        if self._took > _PROMPT:
            self._later = self.set_timer(_PAUSE, lambda: self._filter(event.value))
        else:
            self._filter(event.value)

    def _filter(self, text: str) -> None:
        begun = time.perf_counter()
        try:
            terms: Sequence[Term] = parse(text)
        except FilterError as wrong:
            self._complain(str(wrong))
            return
        self._complain("")
        self._apply(tuple(terms))
        self._took = time.perf_counter() - begun

    def _complain(self, what: str) -> None:
        error = self.query_one("#filter-error", Static)
        if what or error.display:  # each of them lays the screen out anew
            error.display = bool(what)
            error.update(Content(self._look.text(what)))

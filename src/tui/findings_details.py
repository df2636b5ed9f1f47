"""One finding, whole: why, which step, what to write instead, and every place it is about."""

from collections.abc import Iterable, Iterator
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from ..analysis.findings.finding import Evidence, Finding
from ..formatting import percent
from .display import counted
from .lines import Lines, Piece
from .session import Session
from .wrapping import wrap

_NAME = 9
"""Columns of the names."""
_LONGEST = 20_000
"""Characters of a text that are shown; a saved report may hold megabytes."""
_MOST_STEP = 3
"""Lines of a step: the history has it whole."""
_PATH = 12
"""Columns that a path has at least, even if what follows it is cut."""


class _Row(NamedTuple):
    name: str
    text: str
    """Safe to show; empty where there is a place."""
    style: str = ""
    place: Evidence | None = None


class FindingDetails(Lines):
    """A finding, in lines to scroll through; those of its places can be chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Go to this place", id="finding_place"),
    ]

    def __init__(self, session: Session, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._session = session
        self._shown: Finding | str = ""
        self._rows: list[_Row] = []
        self._names = 0
        """Columns of the names; none where there is only a sentence."""

    def show(self, shown: Finding | str) -> None:
        """Tell of a finding, or say why there is none: a text that is safe to show."""
        if shown is self._shown:
            self._lay_out_anew()
            return
        self._shown = shown
        self._lay_out()
        self.reload(0)
        self.scroll_to(y=0, animate=False, immediate=True)

    @property
    def place(self) -> Evidence | None:
        """What the cursor is on, or else the largest there is; None of a finding without places."""
        if self.has_focus and self._rows and (place := self._rows[self.cursor].place) is not None:
            return place
        return next((row.place for row in self._rows if row.place is not None), None)

    def count(self) -> int:
        """As `Lines` says."""
        return len(self._rows)

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self._lay_out_anew()

    # The lines.

    def _lay_out_anew(self) -> None:
        """With another width or other units; the cursor stays on its place."""
        place = self._rows[self.cursor].place if self._rows else None
        self._lay_out()
        found = (number for number, row in enumerate(self._rows) if place is not None and row.place == place)
        self.reload(next(found, 0))

    def draw(self, number: int, width: int) -> Iterator[Piece]:
        """As `Lines` says."""
        row = self._rows[number]
        yield f" {row.name:<{self._names}}", "dim"
        if row.place is None:
            yield row.text, row.style
        else:
            yield from self._place(row.place, width - _NAME - 2)

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width - 2
        if isinstance(self._shown, str):
            self._names = 0
            self._rows = [_Row("", line) for line in wrap(self._shown, width)] if self._shown else []
        else:
            self._names = _NAME
            self._rows = list(self._finding(self._shown, width - _NAME))

    def _finding(self, one: Finding, width: int) -> Iterator[_Row]:
        look, stored = self._session.display, self._session.analysis.totals.stored
        saves = "no bytes"
        if one.saved:
            saves = f"{look.size(one.saved)}, {percent(min(one.saved / max(stored, 1), 1))} of the image"
        kind = f"{one.severity.name.lower()}, {look.text(one.id[:_LONGEST])}"
        yield from _named("saves", wrap(f"{saves}; {kind}", width))
        found = self._session.found
        if found is not None and (because := found.accepted.get(one)) is not None:
            yield from _named("accepted", wrap(look.text(because[:_LONGEST]), width))
        yield from _named("why", wrap(look.text(one.reason[:_LONGEST]), width))
        if one.layers:
            yield from _named("step", self._step(one.layers[0], width))
        if one.layers[1:]:
            others = ", ".join(map(str, one.layers[1:]))
            yield from _named("also in", wrap(f"layer{'s' * (len(one.layers) > 2)} {others}", width))
        if one.fix:
            lines = (look.text(line.expandtabs(4)) for line in one.fix[:_LONGEST].split("\n"))
            yield from _named("instead", (part for line in lines for part in wrap(line, width)), "bold")
        name = "where"
        for place in one.evidence:
            yield _Row(name, "", place=place)
            name = ""
        if one.more:
            yield _Row(name, f"{'':>8}  and {counted(one.more, 'other place')}", "dim")

    def _step(self, layer: int, width: int) -> Iterator[str]:
        look = self._session.display
        lines = wrap(f"layer {layer}  {self._session.command(layer)}", width)
        yield from lines[: _MOST_STEP - 1]
        if rest := lines[_MOST_STEP - 1 :]:
            yield look.cut(" ".join(rest[:2]), width)

    def _place(self, place: Evidence, width: int) -> Iterator[Piece]:
        look = self._session.display
        yield f"{look.size(place.size) if place.size else '-':>8}  ", ""
        layer = f"layer {place.layer:<3}  " if place.layer is not None else ""
        yield layer, "dim"
        room = width - 10 - len(layer)
        files = counted(place.files, "file") if place.files > 1 else ""
        what = look.text(place.what[:_LONGEST])
        if not place.path:
            yield look.cut("  ".join(filter(None, (what, files))), room), ""
            return
        more = "".join(f"  {part}" for part in (files, what) if part)
        path = look.cut(look.path(place.path), max(room - cell_len(more), _PATH), keep_end=True)
        yield path, ""
        yield look.cut(more, max(room - cell_len(path), 0)), "dim"


def _named(name: str, lines: Iterable[str], style: str = "") -> Iterator[_Row]:
    """The name stands before the first line."""
    for line in lines:
        yield _Row(name, line, style)
        name = ""

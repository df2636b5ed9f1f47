"""The list of findings: those worth a change, and below headings the smaller things and what is accepted."""

from collections.abc import Iterator
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from ..analysis.findings.finding import Finding, Severity
from ..analysis.findings.outline import NONE, Outline
from .display import SEVERITY_MARKS
from .lines import Lines, Piece
from .session import Session

SEVERITY_STYLES = {
    Severity.INFO: "dim",
    Severity.LOW: "metadata",
    Severity.MEDIUM: "waste",
    Severity.HIGH: "removed",
}
_LONGEST_TITLE = 300
"""Characters that are looked at; a saved report may hold megabytes."""
_BEFORE = 16
"""Columns of the bytes and the mark."""
_STEP = 24
"""Columns that a step has at least, even if titles are cut for it."""
_NARROW = 60
"""On screens below this width there is no step: the details tell."""


class FindingLines(Lines):
    """A line a finding, as `Analysis.findings` orders them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Go to the files", id="finding_choose"),
    ]

    def __init__(self, session: Session, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._session = session
        self._lines: list[Finding | str] = []
        """A text is a heading."""
        self._accepted = NONE
        self._chosen: set[int] = set()
        """The lines of those that are chosen."""
        self._widest = 0
        """Columns of the longest title."""

    def show(self, found: Outline) -> None:
        """List them, none of them chosen; the cursor goes to the first."""
        self._chosen.clear()
        self._accepted = found.accepted
        self._lines = [*found.worth]
        for heading, findings in (("smaller things", found.smaller), ("accepted", tuple(found.accepted))):
            if findings:
                self._lines += [heading, *findings]
        titles = (self._title(one) for one in self._lines if not isinstance(one, str))
        self._widest = max(map(cell_len, titles), default=0)
        self.reload(next((number for number in range(self.count()) if self.is_selectable(number)), 0))

    @property
    def finding(self) -> Finding | None:
        """What the cursor is on; None in an empty list."""
        found = self._lines[self.cursor] if self._lines else ""
        return None if isinstance(found, str) else found

    @property
    def choosable(self) -> bool:
        """Whether the cursor is on advice that can be taken: nothing is to be done about what is accepted."""
        return self.finding is not None and self.finding not in self._accepted

    @property
    def chosen(self) -> tuple[Finding, ...]:
        """Those whose advice the user would take, in their order."""
        chosen = (self._lines[number] for number in sorted(self._chosen))
        return tuple(one for one in chosen if not isinstance(one, str))

    def choose(self) -> None:
        """Choose the one under the cursor, or no longer."""
        if self.choosable:
            self._chosen ^= {self.cursor}
            self.refresh_line(self.cursor)

    def choose_all(self) -> None:
        """Choose all of them, or if they all are, none."""
        every = {
            number
            for number, one in enumerate(self._lines)
            if not isinstance(one, str) and one not in self._accepted
        }
        self._chosen = set() if self._chosen == every else every
        self.refresh()

    def count(self) -> int:
        """As `Lines` says."""
        return len(self._lines)

    def is_selectable(self, number: int) -> bool:
        """As `Lines` says."""
        return not isinstance(self._lines[number], str)

    # Drawing.

    @property
    def titles(self) -> str:
        """What stands above the columns."""
        what, step = self._widths
        return f"{'saves':>9}       {'what':<{what}}" + ("  step" if step else "")

    @property
    def _widths(self) -> tuple[int, int]:
        """Columns of the titles and of the steps, of which there may be none.

        They go by the screen: the width of the list changes with the scrollbar, and the titles stand still.
        """
        room = self.screen.size.width - _BEFORE
        if room + _BEFORE < _NARROW:
            return max(room, 1), 0
        what = min(self._widest, room - _STEP - 2)
        return what, room - what - 2

    def draw(self, number: int, width: int) -> Iterator[Piece]:
        """As `Lines` says."""
        one, look = self._lines[number], self._session.display
        if isinstance(one, str):
            yield f" {one}", "heading"
            return
        is_accepted = one in self._accepted
        what, step = self._widths
        yield look.glyphs.chosen if number in self._chosen else " ", "bold"
        style = "dim" if is_accepted else ""
        yield f"{look.size(one.saved) if one.saved else '-':>8}  ", style
        yield f"{SEVERITY_MARKS[one.severity]:<3}  ", style or SEVERITY_STYLES[one.severity]
        title = look.cut(self._title(one), min(what, width - _BEFORE))
        yield title, style
        if step and one.layers:
            yield " " * (what - cell_len(title) + 2), ""
            room = width - _BEFORE - what - 2
            yield look.cut(f"{one.layers[0]:>3} {self._session.command(one.layers[0])}", room), "dim"

    def _title(self, one: Finding) -> str:
        return self._session.display.text(one.title[:_LONGEST_TITLE])

"""Lines of a list whose rows may stand in groups that open and close."""

import enum
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Hashable, Sequence
from typing import Generic, NamedTuple, TypeVar

Row = TypeVar("Row")
By = TypeVar("By", bound=enum.Enum)


class Line(NamedTuple, Generic[Row]):
    """One line of a list: a group, or a row, of a group or of none."""

    group: int | None
    row: Row | None


class Grouped(ABC, Generic[Row, By]):
    """The lines: groups, below each that is open its rows; or rows alone. None at first."""

    grouping: By
    """What rows of one group have in common."""

    @abstractmethod
    def filter(self, text: str) -> None:
        """Show the rows that have the text in their names, in capitals or not; all for an empty one."""

    @abstractmethod
    def group_by(self, grouping: By) -> None:
        """Put together what has this in common; groups that were open are open again."""

    def __init__(self) -> None:
        self._alone: Sequence[Row] = ()
        self._keys: Sequence[Hashable] = ()
        self._inside: Sequence[Sequence[Row]] = ()
        self._open: set[Hashable] = set()
        self._starts: list[int] = []
        self._length = 0

    def _put(
        self, alone: Sequence[Row], keys: Sequence[Hashable] = (), inside: Sequence[Sequence[Row]] = ()
    ) -> None:
        """Other lines: rows `alone`, or groups by their keys with the rows in each.

        A group is open if one of its key was: so the key says what the list is grouped by, too.
        """
        self._alone, self._keys, self._inside = alone, keys, inside
        self._count()

    def __len__(self) -> int:
        return self._length

    def line(self, number: int) -> Line[Row]:
        """What stands on a line."""
        if not self._keys:
            return Line(None, self._alone[number])
        group = bisect_right(self._starts, number) - 1
        below = number - self._starts[group]
        return Line(group, self._inside[group][below - 1] if below else None)

    def line_of(self, group: int) -> int:
        """The line a group is on."""
        return self._starts[group]

    def is_open(self, group: int) -> bool:
        """Whether the rows of a group are shown."""
        return self._keys[group] in self._open

    def set_open(self, group: int, opened: bool) -> None:
        """Show the rows of a group, or do not."""
        if opened:
            self._open.add(self._keys[group])
        else:
            self._open.discard(self._keys[group])
        self._count()

    def _count(self) -> None:
        self._starts = []
        self._length = 0 if self._keys else len(self._alone)
        for number, rows in enumerate(self._inside):
            self._starts.append(self._length)
            self._length += 1 + (len(rows) if self.is_open(number) else 0)

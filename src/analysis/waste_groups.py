"""Wasted copies put together: by kind, by directory, by the layer that wrote or killed them.

Rows are numbers into `Analysis.waste`, which stands largest first: so ascending numbers are largest first.
"""

import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import NamedTuple

from .grouped import Grouped
from .model import Change, WasteKind, WasteRow
from .waste_directories import by_directory


class Grouping(enum.Enum):
    """What copies of one group have in common."""

    NONE = "none"
    KIND = "kind"
    DIRECTORY = "directory"
    WRITER = "writer"
    """The layer that wrote them."""
    KILLER = "killer"
    """The layer that killed them."""


class Cause(NamedTuple):
    """What became of copies, as in a `WasteRow`: who wrote them, who killed them, and how."""

    kind: WasteKind
    layer: int
    killed_by: int
    changed: Change


class Amount(NamedTuple):
    """Some of the wasted copies."""

    size: int
    """Bytes."""
    copies: int


Key = WasteKind | bytes | int
"""A kind, a directory (normalised, without a leading slash; empty: the root), or the index of a layer."""


@dataclass(frozen=True, slots=True)
class Group:
    """Copies with something in common."""

    key: Key
    rows: Sequence[int]
    """Ascending, at least one."""
    size: int
    """Bytes of all rows."""
    cause: Cause
    """Of most of its bytes."""
    caused: int
    """How many bytes that is; the rest has other causes."""
    rest: bool = False
    """Of a directory: whether it is what lies in none of the groups below it."""

    @property
    def caused_fraction(self) -> float:
        """`caused / size`, 0 to 1; 1.0 for copies of empty files."""
        return self.caused / self.size if self.size else 1.0


class WasteList(Grouped[int, Grouping]):
    """The lines of the waste view: groups, largest first, below each that is open its rows; or only rows.

    Making one sorts all paths and makes the groups of all rows; with 100,000 of them that takes 0.2 s. Only
    a filter has them made again, when they are asked for: at most 50 ms.
    """

    def __init__(self, rows: Sequence[WasteRow]) -> None:
        """The rows are those of `Analysis.waste`, in their order."""
        super().__init__()
        self.rows = rows
        self.grouping = Grouping.NONE
        self.groups: Sequence[Group] = ()
        """Those of the rows that pass the filter."""
        self._paths = [row.path for row in rows]
        self._lower = [f"/{path.decode('utf-8', 'surrogateescape')}".lower() for path in self._paths]
        self._sizes = [row.size for row in rows]
        self._in_order = sorted(range(len(rows)), key=self._paths.__getitem__)
        numbers: dict[Cause, int] = {}
        self._cause = [
            numbers.setdefault(Cause(row.kind, row.layer, row.killed_by, row.changed), len(numbers))
            for row in rows
        ]
        self._causes = list(numbers)
        self._rows: Sequence[int] = range(len(rows))
        self.whole = self._amount()
        """All rows."""
        self.shown = self.whole
        """Those that pass the filter."""
        self._unfiltered = {grouping: self._make(grouping) for grouping in Grouping}
        self._made = self._unfiltered
        self.group_by(self.grouping)

    def filter(self, text: str) -> None:
        """As `Grouped` says; the name is the path."""
        wanted = text.lower()
        if wanted:
            self._rows = [number for number, path in enumerate(self._lower) if wanted in path]
            self._made = {}
        else:
            self._rows = range(len(self.rows))
            self._made = self._unfiltered
        self.shown = self._amount()
        self.group_by(self.grouping)

    def group_by(self, grouping: Grouping) -> None:
        """As `Grouped` says."""
        self.grouping = grouping
        if grouping not in self._made:
            self._made[grouping] = self._make(grouping)
        self.groups = self._made[grouping]
        keys = [(grouping, group.key) for group in self.groups]
        alone = self._rows if grouping is Grouping.NONE else ()
        self._put(alone, keys, [group.rows for group in self.groups])

    def share(self, group: Group) -> float:
        """The group's part of all wasted bytes, 0 to 1."""
        return group.size / self.whole.size if self.whole.size else 0.0

    # Groups.

    def _amount(self) -> Amount:
        return Amount(self._bytes(self._rows), len(self._rows))

    def _bytes(self, rows: Iterable[int]) -> int:
        return sum(map(self._sizes.__getitem__, rows))

    def _make(self, grouping: Grouping) -> Sequence[Group]:
        if grouping is Grouping.NONE:
            return ()
        groups = self._directories() if grouping is Grouping.DIRECTORY else self._alike(grouping)
        return sorted(groups, key=lambda group: (-group.size, group.rows[0]))

    def _alike(self, grouping: Grouping) -> Iterator[Group]:
        """Groups of whole causes."""
        caused: list[list[int]] = [[] for _ in self._causes]
        for number, cause in zip(self._rows, map(self._cause.__getitem__, self._rows), strict=True):
            caused[cause].append(number)
        found: dict[Key, list[int]] = {}
        for number, one in enumerate(self._causes):
            if caused[number]:
                found.setdefault(_key(one, grouping), []).append(number)
        for key, causes in found.items():
            sizes = {number: self._bytes(caused[number]) for number in causes}
            yield self._group(key, sorted(chain.from_iterable(caused[number] for number in causes)), sizes)

    def _directories(self) -> Iterator[Group]:
        order = self._in_order
        if len(self._rows) < len(order):
            passed = bytearray(len(order))
            for number in self._rows:
                passed[number] = 1
            order = list(compress(order, map(passed.__getitem__, order)))
        paths, sizes = list(map(self._paths.__getitem__, order)), list(map(self._sizes.__getitem__, order))
        for path, runs, rest in by_directory(paths, sizes):
            rows = sorted(chain.from_iterable(order[start:stop] for start, stop in runs))
            caused: dict[int, int] = {}
            causes = map(self._cause.__getitem__, rows)
            for cause, size in zip(causes, map(self._sizes.__getitem__, rows), strict=True):
                caused[cause] = caused.get(cause, 0) + size
            yield self._group(path, rows, caused, rest)

    def _group(self, key: Key, rows: Sequence[int], caused: dict[int, int], rest: bool = False) -> Group:
        """`caused` are the bytes of each of their causes."""
        main = max(caused, key=caused.__getitem__)
        return Group(key, rows, sum(caused.values()), self._causes[main], caused[main], rest)


def _key(cause: Cause, grouping: Grouping) -> Key:
    if grouping is Grouping.KIND:
        return cause.kind
    return cause.layer if grouping is Grouping.WRITER else cause.killed_by

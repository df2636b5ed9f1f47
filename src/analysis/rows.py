"""The rows of the file tree: what is open, how it is sorted, what is left out; no widget and no text.

There is no list of rows. An open image of 300,000 files has as many, and a screen shows forty: a row is
found by going down from the root, over children that are sorted when they are first looked at and rows
that are counted in slices. What every key costs is a few passes over columns at the speed of C.
"""

import enum
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate, islice
from operator import mul, sub
from typing import NamedTuple

from .filters import Flags, Paths, Term, both, passes
from .timeline import Kind, Timeline
from .view import Sums, View


class Sort(enum.StrEnum):
    """What siblings are sorted by."""

    SIZE = "size"
    """Largest first, what was removed counted too."""
    NAME = "name"
    """By bytes."""
    CHANGE = "change"
    """Added, changed, removed, metadata only, unchanged; of each the largest first."""
    TIME = "time"
    """Newest first."""


class Row(NamedTuple):
    """One line of the tree."""

    path: int
    depth: int
    """0 for what lies in the root."""


class Weight(NamedTuple):
    """Bytes at a path and below it, as far as the filter lets them through."""

    held: int
    """As `View.sizes`."""
    wasted: int
    """Of them, what is out of reach in the final filesystem."""
    removed: int
    """What was held by paths that are removed here."""
    paths: int
    """How many paths that is, itself included."""


_ALL_BITS = bytes([0, 255]) + bytes(254)
_OPPOSITE = bytes([1, 0]) + bytes(254)


class Rows:
    """The rows of one view."""

    def __init__(self, paths: Paths, view: View) -> None:
        self.timeline: Timeline = paths.timeline
        self._paths = paths
        self.view = view
        self.sort = Sort.SIZE
        self.reverse = False
        self.hidden: frozenset[Kind] = frozenset()
        """Kinds that are left out."""
        self.terms: tuple[Term, ...] = ()
        self._wanted: Flags = b""
        """What satisfies them, hidden or not; if there are any."""
        self._opened = bytearray(len(self.timeline))
        """What the user opened, while there is no filter."""
        self._opened[0] = 1
        self._open = self._opened
        """What is open now: a filter opens what it takes to see what it lets through."""
        self._led = bytearray()
        """What this filter has opened so far, in this view or another: it does so once."""
        self._refilter()

    # What is shown.

    def show(self, view: View) -> None:
        """Another view of the same timeline; what is open, sorted and filtered stays."""
        self.view = view
        self._refilter()

    def filter(self, terms: tuple[Term, ...]) -> None:
        """Leave out what does not satisfy all terms; directories stay if anything below them does.

        What the user opens and closes from here on is forgotten with the filter.
        """
        self.terms = terms
        self._open = self._opened[:] if terms else self._opened
        self._led = bytearray(len(self._open))
        self._refilter()

    def hide(self, kinds: frozenset[Kind]) -> None:
        """Leave out paths of some kinds."""
        self.hidden = kinds
        self._refilter()

    def order(self, sort: Sort, *, reverse: bool) -> None:
        """Sort siblings otherwise."""
        self.sort, self.reverse = sort, reverse
        self._sorted.clear()
        self._counts.clear()

    def set_open(self, path: int, opened: bool) -> None:
        """Open or close one directory."""
        self._open[path] = opened
        self._open[0] = 1
        self._reshow()

    def set_open_below(self, path: int, opened: bool) -> None:
        """Open or close a directory and all directories below it."""
        end = self.timeline.ends[path]
        self._open[path:end] = bytes([opened]) * (end - path)
        self._open[0] = 1
        self._reshow()

    def reveal(self, path: int) -> None:
        """Open all directories above a path."""
        parents = self.timeline.parents
        above = parents[path]
        while above > 0:
            self._open[above] = 1
            above = parents[above]
        self._reshow()

    # What there is.

    def __len__(self) -> int:
        return self._total

    def is_visible(self, path: int) -> bool:
        """Whether the filter lets the path through, or something below it."""
        return bool(self._visible[path])

    def is_open(self, path: int) -> bool:
        """Whether what lies below the path is shown."""
        return bool(self._open[path])

    def has_children(self, path: int) -> bool:
        """Whether there is anything to open."""
        return self._visible.find(1, path + 1, self.timeline.ends[path]) >= 0

    def weight(self, path: int) -> Weight:
        """What a path and all below it weigh."""
        end = self.timeline.ends[path]
        return Weight(
            self._upto[end] - self._upto[path],
            self._wasted.between(path, end),
            self._removed.between(path, end),
            self._passing.count(1, path, end),
        )

    def counts(self) -> dict[Kind, int]:
        """How many paths of each kind the filter lets through, hidden kinds counted too."""
        kinds: Flags = self.view.kinds
        if self.terms:
            kinds = both(kinds, self._wanted.translate(_ALL_BITS))
        return {kind: kinds.count(kind) for kind in Kind}

    def row(self, number: int) -> Row:
        """The row of that number, 0 to `len(self) - 1`; IndexError for any other."""
        if not 0 <= number < self._total:
            raise IndexError(f"row {number} of {self._total}")
        path, depth = 0, 0
        while True:
            children, upto = self._children(path), self._counted(path)
            at = bisect_right(upto, number) - 1
            path = children[at]
            number -= upto[at]
            if number == 0:
                return Row(path, depth)
            number -= 1
            depth += 1

    def number(self, path: int) -> int | None:
        """The row that a path is on; None if it is not shown."""
        if path <= 0 or not self._shown[path]:
            return None
        found, parents = 0, self.timeline.parents
        while path > 0:
            parent = parents[path]
            found += self._counted(parent)[self._children(parent).index(path)]
            if parent > 0:
                found += 1
            path = parent
        return found

    def nearest(self, path: int) -> int | None:
        """The row of a path, or of the next directory above it that is shown; None if that is the root."""
        while path > 0:
            if (found := self.number(path)) is not None:
                return found
            path = self.timeline.parents[path]
        return None

    def next_change(self, path: int, *, backwards: bool = False) -> int | None:
        """The next path, in the order of rows with all open, that is not just as it was; None at the end.

        From a path that is not there, it is the next from the directory above it.
        """
        while not self._visible[path]:
            path = self.timeline.parents[path]
        return self._before(path) if backwards else self._after(path)

    # Walking, all directories taken as open.

    def _after(self, path: int) -> int | None:
        if (found := self._with_change(self._children(path))) is None:
            while path > 0 and found is None:
                siblings = self._children(self.timeline.parents[path])
                found = self._with_change(islice(siblings, siblings.index(path) + 1, None))
                path = self.timeline.parents[path]
        while found is not None and not self._changed[found]:
            found = self._with_change(self._children(found))
        return found

    def _before(self, path: int) -> int | None:
        while path > 0:
            parent = self.timeline.parents[path]
            siblings = self._children(parent)
            found = self._with_change(islice(reversed(siblings), len(siblings) - siblings.index(path), None))
            if found is not None:
                while (below := self._with_change(reversed(self._children(found)))) is not None:
                    found = below
                return found
            if parent > 0 and self._changed[parent]:
                return parent
            path = parent
        return None

    def _with_change(self, paths: Iterable[int]) -> int | None:
        """The first path that is changed itself or has changes below it."""
        find, ends = self._changed.find, self.timeline.ends
        return next((path for path in paths if find(1, path, ends[path]) >= 0), None)

    # Columns, each made from the one before.

    def _refilter(self) -> None:
        kinds = self.view.kinds
        table = bytes(0 if code == 0 or code in self.hidden else 1 for code in range(256))
        self._passing: Flags = kinds.translate(table)
        if self.terms:
            self._wanted = passes(self.terms, self._paths, self.view)
            self._passing = both(self._passing, self._wanted)
        changed = bytes(code > Kind.SAME for code in range(256))
        self._changed = both(self._passing, kinds.translate(changed))
        self._uncover(both(kinds.translate(table), self._left_out()) if self.terms else b"")
        self._weigh()
        self._sorted: dict[int, list[int]] = {}
        self._reshow()

    def _left_out(self) -> Flags:
        """What does not satisfy the terms that say what is wanted, as opposed to what is not."""
        wanted = tuple(term for term in self.terms if not term.negated)
        found = self._wanted if len(wanted) == len(self.terms) else passes(wanted, self._paths, self.view)
        return found.translate(_OPPOSITE)

    def _uncover(self, left_out: Flags) -> None:
        """Add the directories that lead to what passes.

        A filter opens them too, and those that pass themselves if not all below them is what is wanted: the
        `usr` that a layer lists again holds one file of that layer among thousands, but one that it removed
        is removed with all it held.
        """
        visible = bytearray(self._passing)
        find, ends = self._passing.find, self.timeline.ends
        filtered, opened, led = bool(self.terms), self._open, self._led
        for path in self.timeline.directories:
            leads = not visible[path]
            if (leads or filtered) and find(1, path + 1, ends[path]) >= 0:
                visible[path] = 1
                if filtered and not led[path] and (leads or left_out.find(1, path + 1, ends[path]) >= 0):
                    led[path] = opened[path] = 1
        visible[0] = 1
        self._visible = visible

    def _weigh(self) -> None:
        sizes, passing = self.view.sizes, self._passing
        whole = not self.terms and not self.hidden
        self._upto = list(accumulate(sizes if whole else map(mul, sizes, passing), initial=0))
        self._wasted: Sums = self.view.wasted if whole else self.view.wasted.kept(passing)
        self._removed: Sums = self.view.removed if whole else self.view.removed.kept(passing)

    def _reshow(self) -> None:
        """Which of the visible paths have all directories above them open."""
        shown = self._visible[:]
        opened, ends, end = self._open, self.timeline.ends, 0
        for path in self.timeline.directories:
            if path >= end and not opened[path]:
                end = ends[path]
                shown[path + 1 : end] = bytes(end - path - 1)
        shown[0] = 0  # the root has no row
        self._shown = shown
        self._total = shown.count(1)
        self._counts: dict[int, array[int]] = {}

    def _children(self, path: int) -> list[int]:
        """What lies in a directory, sorted."""
        found = self._sorted.get(path)
        if found is None:
            visible = self._visible
            found = [child for child in self.timeline.children(path) if visible[child]]
            self._arrange(found, path)
            if self.reverse:
                found.reverse()
            self._sorted[path] = found
        return found

    def _arrange(self, children: list[int], path: int) -> None:
        """Sort what lies in a directory; it is in byte order, and what is equal stays so."""
        if self.sort is Sort.TIME:
            entry, current = self.timeline.entry, self.view.current
            children.sort(key=lambda child: -entry(current[child]).mtime_ns if current[child] >= 0 else 0)
        elif self.sort is not Sort.NAME:
            ends = list(map(self.timeline.ends.__getitem__, children))
            upto = self._upto.__getitem__
            sizes: Iterable[int] = map(sub, map(upto, children), map(upto, ends))
            if self._removed.between(path, self.timeline.ends[path]):
                sizes = map(sub, sizes, self._removed.each(children, ends))
            children.sort(key=dict(zip(children, sizes, strict=True)).__getitem__)
            if self.sort is Sort.CHANGE:
                kinds = self.view.kinds
                children.sort(key=lambda child: -kinds[child])

    def _counted(self, path: int) -> "array[int]":
        """Rows that lie above each child of a directory, within it."""
        found = self._counts.get(path)
        if found is None:
            count, ends = self._shown.count, self.timeline.ends
            found = self._counts[path] = array(
                "i",
                accumulate(
                    (
                        1 if ends[child] == child + 1 else 1 + count(1, child + 1, ends[child])
                        for child in self._children(path)
                    ),
                    initial=0,
                ),
            )
            found.pop()
        return found

    def walk(self) -> Iterator[Row]:
        """All rows, in order."""
        return map(self.row, range(len(self)))

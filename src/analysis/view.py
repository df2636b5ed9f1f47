"""One filesystem out of the timeline: a layer's changes, the image up to it, or the final image."""

import enum
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, compress, islice, repeat
from operator import eq, sub

from .model import FileType
from .timeline import Kind, Timeline


class Scope(enum.StrEnum):
    """Which filesystem is looked at."""

    CHANGES = "this layer"
    """What one layer wrote or removed."""
    UP_TO = "up to here"
    """The filesystem that the layers up to one make, what that one removed still marked in it."""
    FINAL = "final image"
    """The filesystem of the whole image; marked in it is what is left of one layer's work."""


class Sums:
    """Bytes at some paths, summed over any run of paths in logarithmic time."""

    def __init__(self, sizes: Iterable[tuple[int, int]]) -> None:
        """Pairs of path and bytes, in any order."""
        ordered = sorted(sizes)
        self.paths = array("i", (path for path, _ in ordered))
        self._upto = list(accumulate((size for _, size in ordered), initial=0))

    @classmethod
    def at(cls, paths: Iterable[int], sizes: Iterable[int]) -> "Sums":
        """The same from ascending paths and the bytes at each, in a third of the time."""
        made = cls(())
        made.paths = array("i", paths)
        made._upto = list(accumulate(sizes, initial=0))
        return made

    def between(self, start: int, end: int) -> int:
        """Bytes at the paths from `start` to before `end`."""
        return self._upto[bisect_left(self.paths, end)] - self._upto[bisect_left(self.paths, start)]

    def kept(self, passes: bytes | bytearray) -> "Sums":
        """The same of the paths whose flag is set."""
        kept = bytes(map(passes.__getitem__, self.paths))
        sizes = map(sub, islice(self._upto, 1, None), self._upto)
        return Sums.at(compress(self.paths, kept), compress(sizes, kept))

    def each(self, starts: Iterable[int], ends: Iterable[int]) -> Iterator[int]:
        """As `between`, for many runs at once."""
        found, paths = self._upto.__getitem__, repeat(self.paths)
        return map(
            sub, map(found, map(bisect_left, paths, ends)), map(found, map(bisect_left, paths, starts))
        )

    def __len__(self) -> int:
        return len(self.paths)


@dataclass(frozen=True, slots=True)
class View:
    """What every path of the timeline is in one filesystem; columns indexed by path number."""

    scope: Scope
    layer: int
    current: "array[int]"
    """The version to show; -1 for paths that are not there. Of a removed path, the one that was removed."""
    kinds: bytearray
    """A `Kind`; 0 for paths that are not there, and for directories a layer only lists."""
    sizes: list[int]
    """Bytes the path holds: in `CHANGES` what the layer stored, else what the inode stores, once an inode."""
    removed: Sums
    """What the removed paths held."""
    wasted: Sums
    """Those of `sizes` that are out of reach in the final filesystem."""

    def counts(self) -> dict[Kind, int]:
        """How many paths of each kind there are."""
        return {kind: self.kinds.count(kind) for kind in Kind}


class Views:
    """Looks at one filesystem after the other: the next is made from the last where that is shorter."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self._reached = [0, *accumulate(map(len, timeline.begun))]
        """By the layers stacked: the versions that all of them wrote, as a measure of the way there."""
        self._stack = self._empty = _Stack(0, array("i", [-1]) * len(timeline), [0] * len(timeline))
        dead = compress(range(len(timeline.path)), timeline.dead)
        self._dead = array("i", (version for version in dead if version not in timeline.links))
        """Wasted versions; files of several names are looked at where they are counted once."""
        self._dead_paths = array("i", map(timeline.path.__getitem__, self._dead))

    def prepare(self) -> None:
        """Stack all layers now, rather than when their filesystem is looked at; from any thread."""
        _ = self._full

    @cached_property
    def _full(self) -> "_Stack":
        stack = self._empty.copy()
        for layer in range(len(self.timeline.layers)):
            self._put(stack, layer)
        return stack

    def view(self, scope: Scope, layer: int) -> View:
        """Time: some milliseconds for 300,000 paths, and one more for every 10,000 versions on the way.

        The way is from the last view, from the empty image or from the whole one, whichever is shortest.
        """
        if not self.timeline.layers:
            nothing = self._empty
            kinds = bytearray(len(self.timeline))
            return View(scope, layer, nothing.current, kinds, nothing.sizes, Sums(()), Sums(()))
        if scope is Scope.CHANGES:
            return self._changes(layer)
        return self._tree(scope, layer)

    def _changes(self, layer: int) -> View:
        timeline = self.timeline
        paths, own_kinds, own_sizes = timeline.path, timeline.kinds, timeline.size
        current = array("i", [-1]) * len(timeline)
        kinds = bytearray(len(timeline))
        sizes = [0] * len(timeline)
        begun = timeline.begun[layer]
        same = int(Kind.SAME)
        columns = (map(column.__getitem__, begun) for column in (paths, own_kinds, own_sizes))
        for version, path, kind, size in zip(begun, *columns, strict=True):
            if kind == same and timeline.entry(version).type is FileType.DIRECTORY:
                continue
            current[path] = version
            kinds[path] = kind
            sizes[path] = size
        dead = compress(begun, map(timeline.dead.__getitem__, begun))
        wasted = [paths[version] for version in dead]
        removed = _removed(timeline, layer, current, kinds)
        held = Sums.at(wasted, map(sizes.__getitem__, wasted))
        return View(Scope.CHANGES, layer, current, kinds, sizes, removed, held)

    def _tree(self, scope: Scope, layer: int) -> View:
        timeline, paths = self.timeline, self.timeline.path
        stack = self._full if scope is Scope.FINAL else self._stacked(layer + 1)
        current, sizes = stack.current[:], stack.sizes[:]
        kinds = bytearray(current.tobytes()[_SIGN :: current.itemsize].translate(_SAME_IF_THERE))
        own_kinds = timeline.kinds
        begun = timeline.begun[layer]
        for version, path in zip(begun, map(paths.__getitem__, begun), strict=True):
            if current[path] == version:
                kinds[path] = own_kinds[version]
        wasted: list[int] = []
        if scope is not Scope.FINAL:
            there = map(eq, map(current.__getitem__, self._dead_paths), self._dead)
            wasted = list(compress(self._dead_paths, there))
        wasted += _share(timeline, current, sizes)
        wasted.sort()
        held = Sums.at(wasted, map(sizes.__getitem__, wasted))
        removed = Sums(()) if scope is Scope.FINAL else _removed(timeline, layer, current, kinds)
        return View(scope, layer, current, kinds, sizes, removed, held)

    def _stacked(self, count: int) -> "_Stack":
        """The first `count` layers: stacked on, or taken off, what takes the least of it."""
        starts = self._stack, self._empty, self._full
        reached = self._reached
        stack = min(starts, key=lambda start: abs(reached[start.count] - reached[count]))
        if stack is self._empty or stack is self._full:
            stack = stack.copy()
        while stack.count < count:
            self._put(stack, stack.count)
        while stack.count > count:
            self._take(stack, stack.count - 1)
        self._stack = stack
        return stack

    def _put(self, stack: "_Stack", layer: int) -> None:
        paths, own = self.timeline.path, self.timeline.size
        current, sizes = stack.current, stack.sizes
        begun = self.timeline.begun[layer]
        columns = (map(column.__getitem__, begun) for column in (paths, own))
        for version, path, size in zip(begun, *columns, strict=True):
            current[path] = version
            sizes[path] = size
        for version in self.timeline.removed[layer]:
            path = paths[version]
            current[path] = -1
            sizes[path] = 0
        stack.count = layer + 1

    def _take(self, stack: "_Stack", layer: int) -> None:
        paths, own, until = self.timeline.path, self.timeline.size, self.timeline.until
        current, sizes = stack.current, stack.sizes
        for version in self.timeline.begun[layer]:
            path = paths[version]
            before = version - 1
            if before >= 0 and paths[before] == path and until[before] == layer:
                current[path] = before
                sizes[path] = own[before]
            else:
                current[path] = -1
                sizes[path] = 0
        for version in self.timeline.removed[layer]:
            path = paths[version]
            current[path] = version
            sizes[path] = own[version]
        stack.count = layer


@dataclass(slots=True)
class _Stack:
    """The layers up to one."""

    count: int
    """How many they are."""
    current: "array[int]"
    """As `View.current`."""
    sizes: list[int]
    """What the current versions' own entries stored."""

    def copy(self) -> "_Stack":
        """Another one that may be changed."""
        return _Stack(self.count, self.current[:], self.sizes[:])


_SIGN = array("i", [-1]).itemsize - 1 if sys.byteorder == "little" else 0
"""Which byte of a number in an array has its sign."""
_SAME_IF_THERE = bytes(int(Kind.SAME) if code < 128 else 0 for code in range(256))


def _removed(timeline: Timeline, layer: int, current: "array[int]", kinds: bytearray) -> Sums:
    """Put what a layer removed among the paths, marked as such."""
    gone = int(Kind.REMOVED)
    removed = timeline.removed[layer]
    paths = array("i", map(timeline.path.__getitem__, removed))
    for version, path in zip(removed, paths, strict=True):
        current[path] = version
        kinds[path] = gone
    return Sums.at(paths, map(timeline.size.__getitem__, removed))


def _share(timeline: Timeline, current: "array[int]", sizes: list[int]) -> list[int]:
    """Count a file of several names once, under the first that is there; the paths that are wasted so."""
    wasted = []
    counted: set[int] = set()
    for version, inode in timeline.links.items():
        path = timeline.path[version]
        if current[path] != version:
            continue
        if id(inode) not in counted:
            counted.add(id(inode))
            sizes[path] = inode.entry.size
            if inode.names == 0 and inode.entry.size:
                wasted.append(path)
        else:
            sizes[path] = 0
    return wasted

"""One filesystem out of the timeline: a layer's changes, the image up to it, or the final image."""

import enum
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, compress

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

    def between(self, start: int, end: int) -> int:
        """Bytes at the paths from `start` to before `end`."""
        return self._upto[bisect_left(self.paths, end)] - self._upto[bisect_left(self.paths, start)]

    def kept(self, passes: bytes | bytearray) -> "Sums":
        """The same of the paths whose flag is set."""
        paths, upto = self.paths, self._upto
        return Sums((path, upto[at + 1] - upto[at]) for at, path in enumerate(paths) if passes[path])

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
        self._top = -1
        self._current = array("i", [-1]) * len(timeline)
        self._there = bytearray(len(timeline))
        """`Kind.SAME` for the paths that are there."""
        self._sizes = [*timeline.size, 0]
        """Of the versions; the last one is what -1 finds."""
        self._dead = array("i", compress(range(len(timeline.path)), timeline.dead))

    def view(self, scope: Scope, layer: int) -> View:
        """Time: some milliseconds for 300,000 paths, one more for every 10,000 that differ from the last."""
        if scope is Scope.CHANGES:
            return self._changes(layer)
        return self._tree(scope, layer)

    def _changes(self, layer: int) -> View:
        timeline = self.timeline
        paths, own_kinds, own_sizes = timeline.path, timeline.kinds, timeline.size
        current = array("i", [-1]) * len(timeline)
        kinds = bytearray(len(timeline))
        sizes = [0] * len(timeline)
        wasted = []
        for version in timeline.begun[layer]:
            kind = own_kinds[version]
            if kind == Kind.SAME and timeline.entry(version).type is FileType.DIRECTORY:
                continue
            path = paths[version]
            current[path] = version
            kinds[path] = kind
            sizes[path] = size = own_sizes[version]
            if size and timeline.dead[version]:
                wasted.append((path, size))
        removed = _removed(timeline, layer, current, kinds)
        return View(Scope.CHANGES, layer, current, kinds, sizes, removed, Sums(wasted))

    def _tree(self, scope: Scope, layer: int) -> View:
        timeline, paths = self.timeline, self.timeline.path
        self._move(layer if scope is Scope.UP_TO else len(timeline.layers) - 1)
        current, kinds = self._current[:], self._there[:]
        sizes = list(map(self._sizes.__getitem__, current))
        own_kinds = timeline.kinds
        for version in timeline.begun[layer]:
            path = paths[version]
            if current[path] == version:
                kinds[path] = own_kinds[version]
        wasted = [
            (paths[version], self._sizes[version])
            for version in self._dead
            if current[paths[version]] == version
        ]
        _share(timeline, current, sizes, wasted)
        removed = Sums(()) if scope is Scope.FINAL else _removed(timeline, layer, current, kinds)
        return View(scope, layer, current, kinds, sizes, removed, Sums(wasted))

    def _move(self, top: int) -> None:
        """Stack or take off layers until `top` is the last one."""
        timeline, current, there = self.timeline, self._current, self._there
        paths, until, same = timeline.path, timeline.until, int(Kind.SAME)
        for layer in range(self._top + 1, top + 1):
            for version in timeline.begun[layer]:
                path = paths[version]
                current[path] = version
                there[path] = same
            for version in timeline.removed[layer]:
                path = paths[version]
                current[path] = -1
                there[path] = 0
        for layer in range(self._top, top, -1):
            for version in timeline.begun[layer]:
                path = paths[version]
                if version and paths[version - 1] == path and until[version - 1] == layer:
                    current[path] = version - 1
                else:
                    current[path] = -1
                    there[path] = 0
            for version in timeline.removed[layer]:
                path = paths[version]
                current[path] = version
                there[path] = same
        self._top = top


def _removed(timeline: Timeline, layer: int, current: "array[int]", kinds: bytearray) -> Sums:
    """Put what a layer removed among the paths, marked as such."""
    gone = int(Kind.REMOVED)
    sizes = []
    for version in timeline.removed[layer]:
        path = timeline.path[version]
        current[path] = version
        kinds[path] = gone
        sizes.append((path, timeline.size[version]))
    return Sums(sizes)


def _share(
    timeline: Timeline, current: "array[int]", sizes: list[int], wasted: list[tuple[int, int]]
) -> None:
    """Count a file of several names once, under the first that is there."""
    first: dict[int, int] = {}
    for version, inode in timeline.links.items():
        path = timeline.path[version]
        if current[path] != version:
            continue
        own = timeline.size[version]
        if id(inode) not in first:
            first[id(inode)] = version
            sizes[path] = inode.entry.size
            if inode.names == 0 and not own:
                wasted.append((path, inode.entry.size))
        else:
            sizes[path] = 0

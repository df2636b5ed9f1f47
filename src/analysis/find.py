"""A name looked for in all layers at once: every path an image ever had, those now gone among them."""

import enum
from array import array
from collections.abc import Sequence
from itertools import compress, islice
from typing import NamedTuple

from .filters import Flags, Paths, Term, both, passes, satisfied
from .model import FileType
from .timeline import Kind, Timeline
from .view import Scope, Sums, View

MOST = 5000
"""Results that are listed; nobody reads more, and their number is told."""


class Order(enum.StrEnum):
    """What results are sorted by."""

    SIZE = "size"
    """Largest first, then by path."""
    PATH = "path"
    """As the paths stand in the timeline: a directory, what lies below it, siblings by bytes."""


class Found(NamedTuple):
    """What became of a path."""

    path: int
    size: int
    """Bytes of the file in its largest version; 0 for what is none."""
    first: int
    """The layer that wrote it first."""
    last: int
    """The layer that wrote its last version."""
    versions: int
    removed_by: int | None
    """The layer since which it is gone; None for a path of the final image."""
    overwritten_by: int | None
    """The layer that wrote something smaller after its largest version; None if that is the last one."""
    is_directory: bool
    """In its last version."""


class Answer(NamedTuple):
    """What a search found."""

    total: int
    """How many paths there are, listed or not."""
    paths: tuple[int, ...]
    """The first of them."""


class Search:
    """Finds paths of a timeline; making it takes time linear in the paths, as a search does."""

    def __init__(self, paths: Paths) -> None:
        self.timeline = paths.timeline
        self._paths = paths
        self._held = _held(paths.timeline)
        self._view = _every_layer(paths.timeline, self._held)
        sizes = self._view.sizes
        self._by_size = array("i", sorted(range(1, len(sizes)), key=sizes.__getitem__, reverse=True))

    def find(self, terms: Sequence[Term], order: Order = Order.SIZE, most: int = MOST) -> Answer:
        """The paths that satisfy all terms, and one that is not negated by themselves.

        So `lib` finds directories of that name without what is in them, and `lib *.so` what ends in `.so`
        below them. A path is as large as its largest version and else as its last one; terms of kind, owner,
        layer and type ask for that.
        """
        flags = self._matching(terms)
        ordered: Sequence[int] = self._by_size if order is Order.SIZE else range(1, len(flags))
        matching = compress(ordered, map(flags.__getitem__, ordered))
        return Answer(flags.count(1, 1), tuple(islice(matching, most)))

    def found(self, path: int) -> Found:
        """What became of a path; any but the root."""
        timeline, held = self.timeline, self._held
        versions = timeline.versions(path)
        last = versions[-1]
        largest = max(reversed(versions), key=held.__getitem__)
        until = timeline.until[last]
        return Found(
            path,
            held[largest],
            timeline.layer[versions[0]],
            timeline.layer[last],
            len(versions),
            until if until < len(timeline.layers) else None,
            timeline.layer[largest + 1] if largest != last else None,
            timeline.entry(last).type is FileType.DIRECTORY,
        )

    def _matching(self, terms: Sequence[Term]) -> Flags:
        wanted = [term for term in terms if not term.negated]
        flags = passes([term for term in terms if term.negated], self._paths, self._view)
        found = bytes(len(flags))
        for term in wanted:
            own = term.test(self._paths, self._view)
            flags, found = both(flags, satisfied(term, own, self._paths)), _either(found, own)
        return both(flags, found) if wanted else flags


def _either(one: Flags, other: Flags) -> bytes:
    return (int.from_bytes(one, "little") | int.from_bytes(other, "little")).to_bytes(len(one), "little")


def _held(timeline: Timeline) -> "array[int]":
    """By version: the bytes of its file, for every name of one that has several."""
    held = timeline.size[:]
    for version, inode in timeline.links.items():
        held[version] = inode.entry.size
    return held


def _every_layer(timeline: Timeline, held: "array[int]") -> View:
    """The changes of all layers as those of one.

    A path is what its last version is, but as large as the largest; those that are gone are removed.
    """
    never, gone = len(timeline.layers), int(Kind.REMOVED)
    current = array("i", [-1]) * len(timeline)
    kinds = bytearray(len(timeline))
    sizes = [0] * len(timeline)
    for version, (path, until, kind, size) in enumerate(
        zip(timeline.path, timeline.until, timeline.kinds, held, strict=True)
    ):
        current[path] = version
        kinds[path] = gone if until < never else kind
        if size > sizes[path]:
            sizes[path] = size
    wasted = [
        (timeline.path[version], held[version]) for version in compress(range(len(held)), timeline.dead)
    ]
    return View(Scope.CHANGES, never - 1, current, kinds, sizes, Sums(()), Sums(wasted))

"""Which layer the bytes of a directory come from, in a view."""

from collections.abc import Sequence
from itertools import pairwise

from .timeline import Timeline
from .view import Scope, View


def largest_layers(timeline: Timeline, view: View, paths: Sequence[int]) -> list[int | None]:
    """For each path: the layer that stored most of what it and all below it hold; of equals the lowest.

    None if they hold nothing. A hard link counts for the layer that stored the file it names. Time: one
    pass from the first of the paths to the last below them, however many paths there are.
    """
    ends, sizes = timeline.ends, view.sizes
    if view.scope is Scope.CHANGES:
        return [view.layer if any(sizes[path : ends[path]]) else None for path in paths]
    marks = sorted({*paths, *(ends[path] for path in paths)})
    origins = _origins(timeline, view, marks[0], marks[-1]) if marks else []
    totals = [0] * len(timeline.layers)
    upto: dict[int, list[int]] = {}
    for start, mark in pairwise([*marks[:1], *marks]):
        first = start - marks[0]
        for layer, size in zip(origins[first : mark - marks[0]], sizes[start:mark], strict=True):
            if size:
                totals[layer] += size
        upto[mark] = totals[:]
    found: list[int | None] = []
    for path in paths:
        held = [after - before for before, after in zip(upto[path], upto[ends[path]], strict=True)]
        most = max(held, default=0)
        found.append(held.index(most) if most else None)
    return found


def _origins(timeline: Timeline, view: View, start: int, end: int) -> list[int]:
    """The layers that stored the files at some paths; any number for paths that hold nothing."""
    origins = list(map(timeline.layer.__getitem__, view.current[start:end]))
    for version, inode in timeline.links.items():
        path = timeline.path[version]
        if start <= path < end and view.current[path] == version:
            origins[path - start] = inode.layer
    return origins

"""How findings are put together: evidence by size, severity by how much of the image it is."""

import heapq
from collections.abc import Iterator, Mapping

from ..analyze import Analysis
from ..waste_directories import by_directory
from .finding import Evidence, Saving, Severity
from .inventory import Pile, Place

MOST = 50
"""Pieces of evidence in a finding."""
_FEW = 10
"""Places that are told one by one."""
_SMALL = 1_000_000
_SMALL_PART = 0.01
"""Bytes, and part of the image, that nobody changes a Dockerfile for; whichever is less."""


def evidence_of(pile: Pile) -> tuple[tuple[Evidence, ...], int]:
    """The largest places of a pile, and how many others there are.

    Many places are told by the few directories that hold most of them, each layer for itself.
    """
    if len(pile.places) <= _FEW:
        return list_places(pile.places)
    found = list(_directories(pile.places))
    largest = heapq.nsmallest(MOST, found, key=lambda one: (-one[0].size, one[0].path, one[0].layer))
    told = sum(places for _, places in largest)
    return tuple(one for one, _ in largest), len(pile.places) - told


def savings_of(pile: Pile) -> tuple[Saving, ...]:
    """The bytes of a pile by the layers that store them, most first."""
    return tuple(Saving(layer, size, pile.live.get(layer, 0)) for layer, size in pile.by_layer.items())


def _directories(places: Mapping[Place, list[int]]) -> Iterator[tuple[Evidence, int]]:
    """Directories, and how many places are in each. What lies just anywhere is left out."""
    by_layer: dict[int, list[bytes]] = {}
    for path, layer in sorted(places):
        by_layer.setdefault(layer, []).append(path)
    for layer, paths in by_layer.items():
        sizes = [places[path, layer][0] for path in paths]
        for directory in by_directory(paths, sizes):
            within = [path for start, stop in directory.runs for path in paths[start:stop]]
            size, files = (sum(places[one, layer][n] for one in within) for n in (0, 1))
            if len(within) == 1:
                yield Evidence(within[0], size, files, layer), 1
            elif directory.path:
                yield Evidence(directory.path, size, files, layer), len(within)


def list_places(places: Mapping[Place, list[int]]) -> tuple[tuple[Evidence, ...], int]:
    """The largest of some places, largest first, then by path and layer; and how many others there are."""
    largest = heapq.nsmallest(MOST, places.items(), key=lambda item: (-item[1][0], item[0]))
    return (
        tuple(Evidence(path, size, files, layer) for (path, layer), (size, files) in largest),
        len(places) - len(largest),
    )


def severity_by_size(size: int, analysis: Analysis, worst: Severity) -> Severity:
    """`worst`, or only `INFO` for what nobody would change a Dockerfile for."""
    least = min(_SMALL, _SMALL_PART * analysis.totals.stored)
    return worst if size >= least else Severity.INFO

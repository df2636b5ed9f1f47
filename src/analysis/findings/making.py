"""How findings are put together: evidence by size, severity by how much of the image it is."""

import heapq
from collections.abc import Mapping

from ..analyze import Analysis
from .finding import Evidence, Severity
from .inventory import Pile, Place

MOST = 50
"""Pieces of evidence in a finding."""
_SMALL = 1_000_000
_SMALL_PART = 0.01
"""Bytes, and part of the image, that nobody changes a Dockerfile for; whichever is less."""


def evidence_of(pile: Pile) -> tuple[tuple[Evidence, ...], int]:
    """The largest places of a pile, and how many others there are."""
    return list_places(pile.places)


def list_places(places: "Mapping[Place, list[int]]") -> tuple[tuple[Evidence, ...], int]:
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

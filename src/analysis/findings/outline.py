"""Findings set out for a reader: what is worth a change, what is not, and what is said of each layer."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .finding import Finding, Severity

NONE: Mapping[Finding, str] = {}


class Outline(NamedTuple):
    """All findings of an image, in the order of `Analysis.findings`."""

    worth: tuple[Finding, ...]
    """Those worth a change of the Dockerfile: above `INFO`."""
    smaller: tuple[Finding, ...]
    saved: int
    """Stored bytes that go away if all of them are mended."""
    by_layer: Mapping[int, tuple[Finding, ...]]
    """By the layer whose step is to be changed, those worth it first; no layer without a finding."""
    marked: frozenset[int]
    """The layers with one that is worth a change."""
    accepted: Mapping[Finding, str] = NONE
    """Those that nothing needs to be done about, and why; they are in none of the others."""

    @property
    def left(self) -> tuple[Finding, ...]:
        """All that something can be done about."""
        return self.worth + self.smaller


def outline(findings: Iterable[Finding], accepted: Mapping[Finding, str] = NONE) -> Outline:
    """Set them out; in time linear in how many there are."""
    worth: list[Finding] = []
    smaller: list[Finding] = []
    for one in findings:
        (worth if one.severity > Severity.INFO else smaller).append(one)
    by_layer: dict[int, list[Finding]] = {}
    for one in (*worth, *smaller):
        for layer in one.layers[:1]:
            by_layer.setdefault(layer, []).append(one)
    return Outline(
        tuple(worth),
        tuple(smaller),
        sum(one.saved for one in (*worth, *smaller)),
        {layer: tuple(found) for layer, found in by_layer.items()},
        frozenset(one.layers[0] for one in worth if one.layers),
        accepted,
    )

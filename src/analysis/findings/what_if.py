"""How large the image is with the advice of some findings taken."""

from collections.abc import Iterable
from typing import NamedTuple

from ..analyze import Analysis
from .finding import Finding


class WhatIf(NamedTuple):
    """The image as it is, and as it would be."""

    stored: int
    """Bytes of all layers now."""
    saved: int
    """What goes away."""
    after: tuple[int, ...]
    """Bytes left, by layer; together `stored - saved`."""
    minimum: int
    """Live bytes less those that go away: what a perfect rebuild would ship."""

    @property
    def left(self) -> int:
        """Bytes of all layers then: `stored - saved`."""
        return self.stored - self.saved


def what_if(analysis: Analysis, findings: Iterable[Finding]) -> WhatIf:
    """The bytes of an image with the advice of some of its findings taken.

    The savings are those of findings, which have no byte twice: so none of the results is below 0. A file
    that a step copied for its metadata, and that does not belong into the image, is stored in the step and
    below it: so what is more than a layer stores is taken from those below, then from those above.
    """
    wanted = [0] * len(analysis.layers)
    live = 0
    for finding in findings:
        for saving in finding.savings:
            wanted[saving.layer] += saving.size
            live += saving.live
    left = [layer.figures.stored for layer in analysis.layers]
    over = 0
    downwards = range(len(left) - 1, -1, -1)
    for index in (*downwards, *reversed(downwards)):
        taken = min(left[index], wanted[index] + over)
        over += wanted[index] - taken
        wanted[index] = 0
        left[index] -= taken
    stored = analysis.totals.stored
    return WhatIf(stored, stored - sum(left), tuple(left), analysis.totals.live - live)

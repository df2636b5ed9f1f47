"""An analysis opened in the explorer: what every screen shows, and what all of them share."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from ..analysis.analyze import Analysis
from ..analysis.filters import Paths
from ..analysis.findings.outline import Outline, outline
from ..analysis.model import Reading, Tell
from ..analysis.packages.package import Packages
from ..analysis.timeline import Timeline
from ..analysis.view import Scope, Views
from ..gate.accept import NOTHING, Accepts
from .display import Display

if TYPE_CHECKING:
    from ..analysis.comparison import Comparison

LoadOther = Callable[[str, Callable[[Reading], None]], Analysis]
"""Reads and measures the image of a reference; what it calls with its progress may raise, to end it."""

AcceptsOf = Callable[[Analysis], Accepts]
"""LayerscopeError for a file of rules that means nothing."""

_LONGEST_COMMAND = 4000
"""Characters of a command that a line could hold; a history may hold megabytes."""


def nothing_of(_analysis: Analysis) -> Accepts:
    """What is accepted where there are no rules."""
    return NOTHING


@dataclass(frozen=True, slots=True)
class Jump:
    """Where a screen wants the explorer to go when it closes."""

    layer: int
    path: bytes
    """Normalised, without a leading slash."""
    scope: Scope = Scope.CHANGES


@dataclass(repr=False)  # Textual makes one of whatever runs in a worker: it would be of all entries
class Session:
    """One open image. Made outside of the event loop: the timeline takes a moment."""

    analysis: Analysis
    display: Display = field(default_factory=Display)
    pager: tuple[str, ...] = ()
    """The command that shows a whole file, and its arguments; empty for one that is everywhere."""
    load: LoadOther | None = None
    """Opens another image to compare this one with; None where there is no way to."""
    before: Analysis | None = None
    """The image it is compared with; None for none."""
    accepts: AcceptsOf = nothing_of
    """Tells what of it a file of rules accepts; asked when findings are looked for."""
    found: Outline | None = field(default=None, init=False)
    """The findings; None until `find` has been called."""
    _finding: threading.Lock = field(default_factory=threading.Lock, init=False)
    _listing: threading.Lock = field(default_factory=threading.Lock, init=False)

    @cached_property
    def timeline(self) -> Timeline:
        """Every path the image ever had; none if a report was saved without its entries."""
        return Timeline(self.analysis)

    @cached_property
    def paths(self) -> Paths:
        """Their names, ready to be searched."""
        return Paths(self.timeline)

    @cached_property
    def views(self) -> Views:
        """The filesystems one can look at."""
        return Views(self.timeline)

    def prepare(self) -> "Session":
        """Compute what the first screen needs."""
        _ = self.paths, self.views
        return self

    def settle(self) -> None:
        """Compute what the next keys need; in a thread, while the user looks at the first screen."""
        self.views.prepare()
        self.paths.prepare()

    def find(self) -> Outline:
        """Look for what to change, once, whichever thread asks; a LayerscopeError if that cannot be told."""
        with self._finding:
            if self.found is None:
                left, accepted = self.accepts(self.analysis).sort_out(self.analysis.findings)
                self.found = outline(left, {one.finding: one.entry.because for one in accepted})
            return self.found

    def list_packages(self, tell: Tell) -> Packages:
        """`Analysis.packages`, read once, whichever thread asks; `tell` hears of it, and may end it."""
        from ..analysis.packages import listing

        with self._listing:
            return listing.packages_of(self.analysis, tell)

    def read_contents(self, comparison: "Comparison") -> "Comparison":
        """What contents tell of two images, of which this is the second; nothing is read twice."""
        from ..analysis.comparison import with_contents

        self.find()
        _ = comparison.before.findings  # nobody else asks for these: the lock need not wait for them
        with self._listing:
            return with_contents(comparison)

    def command(self, layer: int) -> str:
        """The step that made a layer, as Dockerfile text on one line, safe to show."""
        text = self.analysis.layers[layer].command[:_LONGEST_COMMAND]
        return self.display.text(" ".join(text.split())) or "(no history)"

    @property
    def largest_layer(self) -> int:
        """The layer that stores most."""
        layers = self.analysis.layers
        return max(range(len(layers)), key=lambda index: (layers[index].figures.stored, -index), default=0)

"""An analysis opened in the explorer: what every screen shows, and what all of them share."""

import threading
from dataclasses import dataclass, field
from functools import cached_property

from ..analysis.analyze import Analysis
from ..analysis.filters import Paths
from ..analysis.findings.outline import Outline, outline
from ..analysis.timeline import Timeline
from ..analysis.view import Scope, Views
from .display import Display

_LONGEST_COMMAND = 4000
"""Characters of a command that a line could hold; a history may hold megabytes."""


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
    found: Outline | None = field(default=None, init=False)
    """The findings; None until `find` has been called."""
    _finding: threading.Lock = field(default_factory=threading.Lock, init=False)

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
                self.found = outline(self.analysis.findings)
            return self.found

    def command(self, layer: int) -> str:
        """The step that made a layer, as Dockerfile text on one line, safe to show."""
        text = self.analysis.layers[layer].command[:_LONGEST_COMMAND]
        return self.display.text(" ".join(text.split())) or "(no history)"

    @property
    def largest_layer(self) -> int:
        """The layer that stores most."""
        layers = self.analysis.layers
        return max(range(len(layers)), key=lambda index: (layers[index].figures.stored, -index), default=0)

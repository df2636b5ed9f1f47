"""What is judged: an image, what it is held against, and what of it is accepted."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..analysis.analyze import Analysis, sum_up
from ..analysis.model import Figures, WasteKind
from .accept import NOTHING, Accepts
from .setting import Scope

if TYPE_CHECKING:
    from ..analysis.growth import Growth  # which few runs need


@dataclass(frozen=True, slots=True)
class Case:
    """An image before the gate. What is accepted counts as though it were live."""

    analysis: Analysis
    growth: "Growth | None" = None
    """None without a baseline."""
    accepts: Accepts = NOTHING

    def first_layer(self, scope: Scope) -> int:
        """The lowest layer that a rule is about; the only layer of an image is no base, but its own."""
        return self.analysis.base_layers if scope is Scope.OWN else 0

    def totals(self, scope: Scope) -> Figures:
        """Stored and live bytes of the layers of the scope."""
        first = self.first_layer(scope)
        return sum_up(self.analysis.layers[first:]) if first else self.analysis.totals

    def figures(self, rule: str, scope: Scope) -> Figures:
        """Stored and live bytes, as a rule sees them."""
        found = self.totals(scope)
        if not self.accepts.entries:
            return found
        return Figures(found.stored, found.stored - self.wasted(rule, scope))

    def wasted(self, rule: str, scope: Scope, kind: WasteKind | None = None) -> int:
        """Wasted bytes, of one kind or all, that the layers of the scope stored and nobody accepts."""
        if kind is None and not self.accepts.entries:
            return self.totals(scope).wasted
        return sum(self.killed(rule, scope, kind).values())

    def killed(self, rule: str, scope: Scope, kind: WasteKind | None = None) -> Counter[int]:
        """The same bytes by the layer that put them out of reach."""
        first = self.first_layer(scope)
        if kind is None and not self.accepts.entries and not first:
            return Counter(dict(enumerate(self.analysis.killed_bytes)))
        found = Counter[int]()
        for row in self.analysis.waste:
            if (
                row.layer >= first
                and (kind is None or row.kind is kind)
                and not self.accepts.of((rule,), row.path)
            ):
                found[row.killed_by] += row.size
        return found

"""All findings of an image."""

from collections.abc import Iterator

from ..analyze import Analysis
from .catalogue import PATH_RULES
from .copies import find_copies
from .finding import Finding
from .inventory import Inventory, take_inventory
from .making import evidence_of, severity_by_size


def find_all(analysis: Analysis) -> tuple[Finding, ...]:
    """The findings, those that save most first, then the more severe, then by id and layer.

    Time is linear in the entries. Reads the contents that telling the kinds of waste apart takes, and no
    others. SourceError for a report that was saved without entries.
    """
    inventory = take_inventory(analysis, PATH_RULES)
    found = [*_by_rules(analysis, inventory), *find_copies(analysis, inventory)]
    return tuple(sorted(found, key=lambda one: (-one.saved, -one.severity, one.id, one.layers)))


def _by_rules(analysis: Analysis, inventory: Inventory) -> Iterator[Finding]:
    for rule in PATH_RULES:
        pile = inventory.by_rule.get(rule.id)
        if pile is None or pile.size < rule.least:
            continue
        evidence, more = evidence_of(pile)
        sizes: dict[int, int] = {}
        for (_, layer), (size, _files) in pile.places.items():
            sizes[layer] = sizes.get(layer, 0) + size
        yield Finding(
            rule.id,
            rule.title,
            severity_by_size(pile.size, analysis, rule.severity),
            tuple(sorted(sizes, key=lambda layer: (-sizes[layer], layer))),
            evidence,
            more,
            pile.size,
            rule.reason,
            rule.fix,
        )

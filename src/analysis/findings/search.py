"""All findings of an image."""

from collections.abc import Iterable, Iterator

from ..analyze import Analysis
from .advice import advise
from .catalogue import PATH_RULES
from .copies import find_copies
from .duplicates import find_duplicates
from .finding import Finding
from .inventory import Inventory, take_inventory
from .making import evidence_of, savings_of, severity_by_size
from .secrets import find_secrets
from .security import find_exposures
from .steps import find_in_steps


def find_all(analysis: Analysis, *, has_contents: bool = True) -> tuple[Finding, ...]:
    """The findings, in their order.

    Time is linear in the entries. Reads the contents that telling the kinds of waste apart takes, those of
    duplicates and of files that may hold secrets; with no contents to be had, duplicates are not looked for.
    SourceError for a report that was saved without entries.
    """
    inventory = take_inventory(analysis, PATH_RULES)
    found = [
        *find_in_files(analysis, inventory),
        *find_in_steps(analysis, inventory),
        *find_secrets(analysis),
        *find_exposures(analysis),
    ]
    if has_contents:
        found += find_duplicates(analysis, inventory)
    return in_order(found)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that save most first, then the more severe, then by id and layer."""
    return tuple(sorted(findings, key=lambda one: (-one.saved, -one.severity, one.id, one.layers)))


def find_in_files(analysis: Analysis, inventory: Inventory) -> Iterator[Finding]:
    """What names of files give away, and copies out of reach."""
    for rule in PATH_RULES:
        pile = inventory.by_rule.get(rule.id)
        if pile is None:
            continue
        evidence, more = evidence_of(pile)
        yield Finding(
            rule.id,
            rule.title,
            severity_by_size(pile.size, analysis, rule.severity),
            tuple(pile.by_layer),
            evidence,
            more,
            pile.size,
            rule.reason,
            advise(rule, pile, analysis),
            savings_of(pile),
        )
    yield from find_copies(analysis, inventory)

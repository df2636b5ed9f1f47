"""All findings of an image."""

from collections.abc import Iterable, Iterator, Mapping, Set

from ..analyze import Analysis
from .advice import advise
from .build_stage import Stages
from .catalogue import PATH_RULES
from .copies import find_copies
from .development import find_in_projects
from .development_files import take_development
from .duplicates import find_duplicates
from .finding import Finding, Severity
from .inventory import Inventory, Pile, take_inventory
from .making import evidence_of, savings_of, severity_by_size
from .own_steps import own_steps
from .path_rule import Copies, PathRule
from .recommended import find_in_installs, look_at_installs
from .secrets import find_secrets
from .security import find_exposures
from .steps import find_in_steps

_OF_BASE = (
    "# nothing to change in the steps: it is the base image's own, and the first that installs replaces it.\n"
    "# Only a base image that brings the packages is without"
)


def find_all(analysis: Analysis, *, has_contents: bool = True) -> tuple[Finding, ...]:
    """The findings, in their order.

    Time is linear in the entries. Reads the contents that telling the kinds of waste apart takes, those of
    duplicates, of files that may hold secrets, of locks of Node.js projects and, where APT was told to
    install what is only recommended, of its databases; with no contents to be had, duplicates are not
    looked for.
    SourceError for a report that was saved without entries.
    """
    steps = own_steps(analysis)
    mistaken = look_at_installs(analysis, steps)
    recommended = mistaken.recommended.taken
    development = take_development(analysis, recommended)
    inventory = take_inventory(analysis, PATH_RULES, _together(recommended, development.taken))
    found = [
        *find_in_installs(analysis, mistaken),
        *find_in_projects(analysis, development),
        *find_in_files(analysis, inventory),
        *find_in_steps(analysis, steps, inventory),
        *find_secrets(analysis),
        *find_exposures(analysis),
    ]
    if has_contents:
        found += find_duplicates(analysis, inventory)
    return in_order(found)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that save most first, then the more severe, then by id and layer."""
    return tuple(sorted(findings, key=lambda one: (-one.saved, -one.severity, one.id, one.layers)))


def _together(first: Mapping[int, Set[int]], second: Mapping[int, Set[int]]) -> dict[int, set[int]]:
    """Places in layers that one of both names."""
    return {layer: {*first.get(layer, ()), *second.get(layer, ())} for layer in first.keys() | second.keys()}


def find_in_files(analysis: Analysis, inventory: Inventory) -> Iterator[Finding]:
    """What names of files give away, and copies out of reach."""
    stages = Stages(analysis)
    for rule in PATH_RULES:
        pile = inventory.by_rule.get(rule.id)
        if pile is None:
            continue
        evidence, more = evidence_of(pile)
        yield Finding(
            rule.id,
            rule.title,
            _severity(rule, pile, analysis),
            _layers(rule, pile, analysis),
            evidence,
            more,
            pile.size,
            rule.reason,
            _fix(rule, pile, analysis, stages),
            savings_of(pile),
        )
    yield from find_copies(analysis, inventory)


def _layers(rule: PathRule, pile: Pile, analysis: Analysis) -> tuple[int, ...]:
    """Those with most of it first; of what base images have for reasons of their own those above the base."""
    layers = tuple(pile.by_layer)
    return tuple(sorted(layers, key=lambda layer: layer < analysis.base_layers)) if rule.of_base else layers


def _fix(rule: PathRule, pile: Pile, analysis: Analysis, stages: Stages) -> str:
    """That of the rule; where steps only replaced what the base image has, that there is none."""
    if rule.copies is Copies.WASTED and max(pile.by_layer) < analysis.base_layers:
        return _OF_BASE
    return advise(rule, pile, analysis, stages)


def _severity(rule: PathRule, pile: Pile, analysis: Analysis) -> Severity:
    """By its bytes; of what base images have for reasons of their own by those above the base image alone."""
    if not rule.of_base:
        return severity_by_size(pile.size, analysis, rule.severity)
    own = sum(size for layer, size in pile.by_layer.items() if layer >= analysis.base_layers)
    return severity_by_size(own, analysis, rule.severity) if own >= rule.least else Severity.INFO

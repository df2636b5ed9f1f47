"""Findings about the steps themselves: their order, what they leave out, and how they are cut.

They save no bytes of their own: what the steps leave behind other findings count. The steps of the base image
are not looked at, nor those without a layer, which builders that squash leave.
"""

import re
from collections.abc import Iterator, Sequence

from ..analyze import Analysis
from . import package_managers
from .advice import advise
from .commands import MANAGERS, names_packages
from .finding import Evidence, Finding
from .inventory import Inventory, Pile
from .larger_base import larger_base
from .making import severity_by_size
from .own_steps import Step, finding_of
from .recommended import lean
from .step_order import added, copied_first, huge, many_small
from .step_subjects import NOT_CLEANED, NPM_INSTALL, PIPED, UPDATE_ALONE, UPGRADE
from .steps_text import run, run_of
from .volumes import after_volume

_RULES = {rule.id: rule for rule in package_managers.RULES}


_SHELLS = frozenset(("sh", "bash", "dash", "ash", "zsh", "python", "python3", "perl", "node", "ruby"))
_FETCHERS = frozenset(("curl", "wget"))
_FETCHED = re.compile(r"[$<]\(\s*(?:curl|wget)\b")


def find_in_steps(analysis: Analysis, steps: Sequence[Step], inventory: Inventory) -> Iterator[Finding]:
    """What is to be said of the steps above the base image. Nothing is saved by it that has bytes elsewhere.

    Time: that of the commands, and of the files below a VOLUME. Reads no contents.
    """
    for check in (_update_alone, _npm, many_small, added, huge, _upgrade, _piped):
        yield from check(analysis, steps)
    yield from _not_cleaned(analysis, steps, inventory)
    yield from copied_first(analysis, steps)
    yield from after_volume(analysis)
    yield from larger_base(analysis)


def _update_alone(analysis: Analysis, steps: Sequence[Step]) -> Iterator[Finding]:
    following: dict[str, Step] = {}
    """The next step in which a package manager installs."""
    found = []
    for step in reversed(steps):
        for name, verb in sorted(step.told):
            manager = MANAGERS[name]
            if verb in manager.updates and not step.does(name, manager.installs | manager.upgrades):
                installs = [following[name]] if name in following else []
                bodies = [lean(run_of(analysis, one.layer)) for one in (step, *installs)]
                clean = _RULES[manager.leaves].clean
                fix = run(*bodies, *[clean] * bool(clean)) if installs and all(bodies) else ""
                found.append(finding_of(UPDATE_ALONE, [step, *installs], fix))
        following |= {name: step for name, verb in step.told if verb in MANAGERS[name].installs}
    yield from reversed(found)


def _not_cleaned(analysis: Analysis, steps: Sequence[Step], inventory: Inventory) -> Iterator[Finding]:
    for step in steps:
        for name in dict.fromkeys(one.manager for one in step.commands if one.installs):
            identity = MANAGERS[name].leaves
            left = _left(inventory, identity, step.layer)
            if left.size:
                fix = advise(_RULES[identity], left, analysis)
                severity = severity_by_size(left.size, analysis, NOT_CLEANED.severity)
                here = Evidence(b"", left.size, 0, step.layer, step.text)
                yield finding_of(NOT_CLEANED, [step], fix, severity=severity, evidence=[here])


def _left(inventory: Inventory, identity: str, layer: int) -> Pile:
    """What a rule is about in one layer."""
    found = Pile()
    pile = inventory.by_rule.get(identity, found)
    for (path, index), (size, files) in pile.places.items():
        if index == layer:
            found.size += size
            found.places[path, layer] = [size, files]
    return found


def _npm(_analysis: Analysis, steps: Sequence[Step]) -> Iterator[Finding]:
    for step in steps:
        for one in step.commands:
            if one.program == "npm" and one.verb in ("install", "i"):
                told = " ".join(one.words)
                if not re.search(r"(?:^|\s)-g\b|--global|--location=global|--omit|--prod|--only=prod", told):
                    yield finding_of(NPM_INSTALL, [step])
                    break


def _upgrade(_analysis: Analysis, steps: Sequence[Step]) -> Iterator[Finding]:
    for step in steps:
        for one in step.commands:
            if one.manager and one.verb in MANAGERS[one.manager].upgrades and not names_packages(one):
                yield finding_of(UPGRADE, [step])
                break


def _piped(_analysis: Analysis, steps: Sequence[Step]) -> Iterator[Finding]:
    for step in steps:
        for first, *others in filter(None, step.pipelines):
            fetched = first.program in _FETCHERS and any(one.program in _SHELLS for one in others)
            if fetched or (first.program in _SHELLS and _FETCHED.search(" ".join(first.words))):
                yield finding_of(PIPED, [step])
                break

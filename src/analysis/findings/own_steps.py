"""The steps above the base image, and findings that are about them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..analyze import Analysis
from .commands import Command, read_pipelines
from .finding import Evidence, Finding, Severity
from .subject import Subject

LOOKED_AT = 8000
"""Characters of a step."""


class Step(NamedTuple):
    """A step of the user's that made a layer."""

    layer: int
    text: str
    raw: str
    """As the history has it."""
    size: int
    """Bytes that its layer stores."""
    pipelines: tuple[tuple[Command, ...], ...]
    """What a RUN runs."""
    told: frozenset[tuple[str, str]]
    """Package managers, and what they are told to do."""
    installs: bool
    """Whether any of it installs packages from elsewhere."""

    @property
    def commands(self) -> Iterator[Command]:
        """One by one."""
        return (command for pipeline in self.pipelines for command in pipeline)

    def does(self, manager: str, verbs: frozenset[str]) -> bool:
        """Whether the package manager is told one of these."""
        return any((manager, verb) in self.told for verb in verbs)


def own_steps(analysis: Analysis) -> list[Step]:
    found = []
    for step in analysis.steps:
        if step.layer is not None and step.layer >= analysis.base_layers:
            layer = analysis.layers[step.layer]
            text = layer.command[:LOOKED_AT]
            raw = step.history.created_by[:LOOKED_AT]
            pipelines = tuple(read_pipelines(text[4:])) if text.startswith("RUN ") else ()
            commands = [command for pipeline in pipelines for command in pipeline]
            told = {(one.manager, one.verb or "") for one in commands if one.manager and one.verb is not None}
            installs = any(one.installs for one in commands)
            size = layer.figures.stored
            found.append(Step(layer.index, text, raw, size, pipelines, frozenset(told), installs))
    return found


def finding_of(
    subject: Subject,
    steps: Sequence[Step],
    fix: str = "",
    *,
    severity: Severity | None = None,
    evidence: Sequence[Evidence] = (),
) -> Finding:
    """A finding that saves nothing; the steps are its evidence if there is no other."""
    told = tuple(evidence) or tuple(Evidence(b"", one.size, 0, one.layer, one.text) for one in steps)
    layers = [one.layer for one in told if one.layer is not None]
    return Finding(
        subject.id,
        subject.title,
        subject.severity if severity is None else severity,
        tuple(dict.fromkeys([one.layer for one in steps] or layers)),
        told,
        0,
        0,
        subject.reason,
        fix or subject.fix,
    )

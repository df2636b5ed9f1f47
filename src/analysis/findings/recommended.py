"""Findings about steps that let APT install what is only recommended."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..analyze import Analysis
from ..packages.package import text
from .commands import INSTALL
from .finding import Evidence, Finding, Saving, Severity
from .making import MOST, severity_by_size
from .own_steps import Step, finding_of
from .recommended_files import Part, Recommended, take_recommended
from .steps_text import run, run_of
from .subject import Subject

RECOMMENDED = Subject(
    "apt-recommends",
    "APT installs what is only recommended",
    Severity.MEDIUM,
    "Without `--no-install-recommends` APT adds packages that others recommend and that nothing depends on. "
    "Which they are follows from its marks and from dpkg's database.",
    "RUN apt-get update \\\n && apt-get install -y --no-install-recommends PACKAGES \\\n"
    " && rm -rf /var/lib/apt/lists/*",
)
SUBJECTS = (RECOMMENDED,)
TEXT = """\
Where a step above the base image installs without `--no-install-recommends`. What APT has not marked as
installed of its own accord (`/var/lib/apt/extended_states`) was wanted, and what that depends on (dpkg's
`status`), whichever of several alternatives it is, is needed. Each package that needed ones only recommend is
told with what came with it; what several lead to is with the nearest, of equals with the first by name.
Packages that nothing leads to were left by what has been removed since, and are not counted.

Counted are the live files of these packages in the layers of such steps: those that dpkg lists, bytecode of
them, and dpkg's own about the packages. No other finding counts one of them again. What a maintainer's script
wrote is not counted. What the program does need of these packages is, and has to be installed by name.

The databases are read where they lie, or are kept when a packed or passing layer is read. Where they are
missing or damaged, the finding says so and tells no bytes."""

_OPTION = "--no-install-recommends"
_APT_INSTALL = re.compile(r"\b(?:apt|apt-get|aptitude)(?:\s+-\S+)*\s+install\b")
_BY_NAME = "# and by name, what of the recommended packages the image needs"


class Mistaken(NamedTuple):
    """The steps that install without the option, and what they brought by it."""

    steps: Sequence[Step]
    recommended: Recommended


def look_at_installs(analysis: Analysis, steps: Sequence[Step]) -> Mistaken:
    """Of the steps above the base image those, and the files that they would not have brought with it.

    What it costs, `take_recommended` says; without such a step nothing is read.
    """
    mistaken = [step for step in steps if step.does("apt", INSTALL) and _OPTION not in step.text]
    if any("Install-Recommends" in step.text for step in steps):  # in a configuration, or as an option
        mistaken = []
    layers = {step.layer for step in mistaken}
    return Mistaken(mistaken, take_recommended(analysis, layers) if layers else Recommended())


def find_in_installs(analysis: Analysis, mistaken: Mistaken) -> Iterator[Finding]:
    """A finding for each of the steps that brought something, or of which that is not known."""
    unknown = mistaken.recommended.unknown
    for step in mistaken.steps:
        body = lean(run_of(analysis, step.layer))
        fix = f"{run(body)}\n{_BY_NAME}" if body else RECOMMENDED.fix
        parts = [part for part in mistaken.recommended.parts if part.layer == step.layer]
        if unknown:
            severity = severity_by_size(step.size, analysis, Severity.LOW)
            why = f"{RECOMMENDED.reason.partition('. ')[0]}. How many bytes they are is not known: {unknown}."
            yield finding_of(RECOMMENDED, [step], fix, severity=severity)._replace(reason=why)
        elif parts:
            yield _finding(analysis, step.layer, parts, fix)


def lean(body: str) -> str:
    """A command with APT told to leave out what is only recommended."""
    return body if _OPTION in body else _APT_INSTALL.sub(rf"\g<0> {_OPTION}", body)


def _finding(analysis: Analysis, layer: int, parts: Sequence[Part], fix: str) -> Finding:
    largest = sorted(parts, key=lambda part: (-part.size, part.brought.package))
    saved = sum(part.size for part in parts)
    return Finding(
        RECOMMENDED.id,
        RECOMMENDED.title,
        severity_by_size(saved, analysis, RECOMMENDED.severity),
        (layer,),
        tuple(Evidence(b"", part.size, 0, layer, _told(part)) for part in largest[:MOST]),
        len(largest[MOST:]),
        saved,
        RECOMMENDED.reason,
        fix,
        (Saving(layer, saved, saved),),
    )


def _told(part: Part) -> str:
    package = part.brought.package
    what = f"{text(package.name)}, recommended by {text(part.brought.by[0].name)}"
    others = len(part.packages - {package})
    return f"{what}, with {others} more package{'s' * (others > 1)}" if others else what

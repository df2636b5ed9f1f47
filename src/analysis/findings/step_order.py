"""Findings about the order of steps, how they are cut, and how files get into them."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from ..analyze import Analysis
from ..model import FileType
from ..paths import normalise
from .commands import MANAGERS, Command, names_packages
from .finding import Finding
from .own_steps import Step, finding_of
from .step_subjects import ADD_FOR_COPY, ADD_URL, COPY_FIRST, HUGE_LAYER, MANY_STEPS
from .steps_text import run, run_of

_SMALL_STEP = 1_000_000
_HUGE = 1_000_000_000
_LARGE = 200_000_000
"""Bytes: of a step that is small if it has fewer, of a layer that is huge from there on, and of one that is
so if it is more than half of the image besides."""
_MANY_STEPS = 5
_MOST_JOINED = 20
"""Steps that a fix joins."""


def many_small(analysis: Analysis, steps: Sequence[Step]) -> Iterator[Finding]:
    for small, row in groupby(steps, lambda one: one.text.startswith("RUN ") and one.size < _SMALL_STEP):
        found = list(row)
        if small and len(found) >= _MANY_STEPS:
            bodies = [run_of(analysis, one.layer) for one in found]
            fix = run(*bodies) if all(bodies) and len(bodies) <= _MOST_JOINED else ""
            yield finding_of(MANY_STEPS, found, fix)


_ARCHIVES = (".tar", ".gz", ".tgz", ".bz2", ".tbz", ".tbz2", ".xz", ".txz", ".zst", ".tzst")
_REMOTE = ("http://", "https://", "ftp://")
_REPOSITORIES = re.compile(r"^(?:git@|git:|ssh:)|\.git(?:#|$)")
_UNNAMED = "…"
"""Stands in a step for what Docker's classic builder tells the digest of, and not the name."""
_CLASSIC = re.compile(r"ADD\s+(file|dir):\S+\s+in\s+(\S+)")


def added(analysis: Analysis, steps: Sequence[Step]) -> Iterator[Finding]:
    for step in steps:
        if not step.text.startswith("ADD "):
            continue
        classic = _CLASSIC.search(step.raw)
        if classic is not None:
            # The history does not name the source: what was an archive is a file no more.
            if classic[1] == "dir" or _holds(analysis, step.layer, classic[2]):
                yield finding_of(ADD_FOR_COPY, [step], f"COPY SOURCE {classic[2]}")
            continue
        sources = _sources(step.text)
        if _UNNAMED in sources:
            continue
        if any(source.startswith(_REMOTE) and not _REPOSITORIES.search(source) for source in sources):
            if "--checksum=" not in step.text:
                yield finding_of(ADD_URL, [step])
        elif sources and not any(_REPOSITORIES.search(one) or one.endswith(_ARCHIVES) for one in sources):
            yield finding_of(ADD_FOR_COPY, [step], "COPY " + step.text[4:])


def _sources(text: str) -> list[str]:
    """What COPY or ADD takes from the context; nothing for what comes from another stage or image."""
    words = text.split()[1:]
    if any(word.startswith("--from") for word in words):
        return []
    return [word for word in words if not word.startswith("--")][:-1]


def _holds(analysis: Analysis, layer: int, path: str) -> bool:
    """Whether the layer has a file just there."""
    wanted = normalise(path.encode("utf-8", "replace"))
    entries = analysis.layers[layer].layer.entries[:1000]
    return any(one.type is FileType.REGULAR and normalise(one.name) == wanted for one in entries)


def huge(analysis: Analysis, steps: Sequence[Step]) -> Iterator[Finding]:
    storing = sum(one.size > 0 for one in steps)
    for step in steps:
        most = step.size >= _LARGE and 2 * step.size > analysis.totals.stored and storing > 1
        if step.size >= _HUGE or most:
            yield finding_of(HUGE_LAYER, [step])


_SOURCES = tuple(
    f".{ending}".encode()
    for ending in (
        *("c", "cc", "cpp", "cs", "css", "ex", "go", "html", "java", "js", "jsx", "kt", "php", "py", "rb"),
        *("rs", "scala", "swift", "ts", "tsx", "vue"),
    )
)


def copied_first(analysis: Analysis, steps: Sequence[Step]) -> Iterator[Finding]:
    """About the first step that copies sources, if a later one installs."""
    copying = next((step for step in steps if _copies_sources(analysis, step)), None)
    if copying is None:
        return
    installing = [step for step in steps if step.installs and step.layer > copying.layer]
    if installing:
        yield finding_of(COPY_FIRST, [copying, *installing], _installed_first(analysis, copying, installing))


def _copies_sources(analysis: Analysis, step: Step) -> bool:
    if not step.text.startswith(("COPY ", "ADD ")):
        return False
    whole = " dir:" in step.raw
    if not whole:
        sources = _sources(step.text)
        if not sources:
            return False
        whole = any(source == "." or source.endswith(("/", "*", "/.")) for source in sources)
    wanted = 1 if whole else 2
    for entry in analysis.layers[step.layer].layer.entries:
        if entry.name.endswith(_SOURCES) and not entry.name.endswith(b"setup.py"):
            wanted -= 1
            if not wanted:
                return True
    return False


def _installed_first(analysis: Analysis, copying: Step, installing: Sequence[Step]) -> str:
    managers = {one.manager: one for step in installing for one in step.commands if one.installs}
    reading = [name for name, one in managers.items() if _reads_manifest(one)]
    manifests = " ".join(MANAGERS[name].manifests for name in reading).split()
    bodies = [run_of(analysis, one.layer) for one in installing]
    if not all(bodies):
        return ""
    copy = copying.text.replace(_UNNAMED, "SOURCE")
    lines = [f"COPY {' '.join(dict.fromkeys(manifests))} ./"] if manifests else []
    return "\n".join((*lines, *map(run, bodies), copy))


def _reads_manifest(command: Command) -> bool:
    """Whether it installs what a file of the project names, and not what its words do."""
    if command.manager == "pip":
        return not {"-r", "--requirement"}.isdisjoint(command.words)
    return not names_packages(command)

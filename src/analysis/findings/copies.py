"""Findings about copies that no container sees: deleted later, copied for metadata, written twice."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..analyze import Analysis
from ..model import Change, WasteKind
from .finding import Finding, Severity
from .inventory import Inventory, Pile
from .making import evidence_of, severity_by_size

DELETED = "deleted-later"
COPIED = "copied-for-metadata"
OVERWRITTEN = "overwritten"
REWRITTEN = "rewritten"
SHADOWED = "twice-in-one-layer"

_OF_KIND = {
    WasteKind.METADATA_ONLY: COPIED,
    WasteKind.OVERWRITTEN: OVERWRITTEN,
    WasteKind.REWRITTEN: REWRITTEN,
    WasteKind.REMOVED: DELETED,
    WasteKind.SHADOWED: SHADOWED,
}
_CHOWN = re.compile(r"\bchown\s+(?:-\S+\s+)*([\w.:-]{1,64})\s")
_CHMOD = re.compile(r"\bchmod\s+(?:-\S+\s+)*([\w.,+=-]{1,64})\s")
_LOOKED_AT = 4000
"""Characters of a command."""


class _Step(NamedTuple):
    """What is to be changed: the step that put copies out of reach, and the one that wrote most of them."""

    command: str
    writer: str

    @property
    def is_copied(self) -> bool:
        """Whether COPY or ADD wrote them, which can say owner and mode."""
        return self.writer[:5] in ("COPY ", "ADD ")


def find_copies(analysis: Analysis, inventory: Inventory) -> Iterator[Finding]:
    """One finding for each step that put copies out of reach, and each way in which it did."""
    for layer, pile in inventory.deleted.items():
        yield _finding(analysis, DELETED, layer, pile, Change(0))
    for (kind, layer, changed), pile in inventory.copied.items():
        yield _finding(analysis, _OF_KIND[kind], layer, pile, Change(changed))


def _finding(analysis: Analysis, identity: str, layer: int, pile: Pile, changed: Change) -> Finding:
    evidence, more = evidence_of(pile)
    writers: dict[int, int] = {}
    for (_, writer), (size, _files) in pile.places.items():
        writers[writer] = writers.get(writer, 0) + size
    by_size = sorted(writers, key=lambda writer: (-writers[writer], writer))
    commands = (analysis.layers[index].command[:_LOOKED_AT] for index in (layer, by_size[0]))
    title, reason, fix = _TEXTS[identity](_Step(*commands), changed)
    return Finding(
        identity,
        title,
        severity_by_size(pile.size, analysis, Severity.MEDIUM),
        (layer, *(writer for writer in by_size if writer != layer)),
        evidence,
        more,
        pile.size,
        reason,
        fix,
    )


Texts = tuple[str, str, str]
"""Title, reason and fix."""


def _deleted(step: _Step, _changed: Change) -> Texts:
    if step.is_copied:
        fix = "# in .dockerignore: the paths that are deleted\nand without the step that deletes them"
    elif step.writer:
        fix = f"{step.writer.rstrip()} \\\n && rm -rf PATHS\nand without the step that deletes them"
    else:
        fix = "# build the base image without them, or copy what is needed out of it:\nFROM BASE AS full\nFROM scratch\nCOPY --from=full / /"
    return (
        "Deleted in a later step",
        "A layer cannot be changed by the next one: what is deleted there is shipped and pulled all the same. "
        "Only the step that writes a file can leave it out.",
        fix,
    )


def _copied(step: _Step, changed: Change) -> Texts:
    names = [name for flag, name in _NAMES.items() if changed & flag]
    return (
        f"Copied to change {' and '.join(names)}",
        "A layer holds whole files: to change the metadata of one puts a second copy of it into the image. "
        "The first one stays, out of reach.",
        _copied_fix(step, changed),
    )


def _copied_fix(step: _Step, changed: Change) -> str:
    owner, mode = _CHOWN.search(step.command), _CHMOD.search(step.command)
    flags = []
    if changed & Change.OWNER and owner:
        flags.append(f"--chown={owner[1]}")
    if changed & Change.MODE and mode:
        flags.append(f"--chmod={mode[1]}")
    if step.is_copied and flags:
        return f"COPY {' '.join(flags)} {step.writer.partition(' ')[2]}"
    if owner or mode:
        again = " && ".join(match[0].strip() + " PATHS" for match in (owner, mode) if match)
        return f"# in the step that writes them:\n{step.writer.rstrip()} \\\n && {again}"
    return f"# in the step that writes them:\n{step.writer.rstrip() or 'RUN ...'}"


_NAMES = {
    Change.MODE: "mode",
    Change.OWNER: "owner",
    Change.TIME: "time",
    Change.XATTRS: "extended attributes",
}


def _overwritten(step: _Step, _changed: Change) -> Texts:
    return (
        "Overwritten by a later step",
        "The later content takes the place of the earlier, which is shipped all the same. "
        "One step that writes the file once needs no room for two.",
        f"# one step instead of two:\n{step.writer.rstrip()} \\\n && {step.command.removeprefix('RUN ')}"
        if step.writer.startswith("RUN ") and step.command.startswith("RUN ")
        else "# write the files once, with what they hold in the end",
    )


def _rewritten(step: _Step, _changed: Change) -> Texts:
    return (
        "Written again with nothing new",
        "The step opens files for writing, or sets what they have already, and the layer gets whole copies. "
        "They hold the same bytes with the same metadata.",
        "# leave the step out, or restrict it to what it has to change, as in\n"
        "RUN find PATH ! -perm -a+r -exec chmod a+r {} +",
    )


def _shadowed(_step: _Step, _changed: Change) -> Texts:
    return (
        "Twice in the archive of one layer",
        "The builder wrote the path twice into one tar, and the second entry hides the first. "
        "No Dockerfile does so: it is the tool that made the layer.",
        "# build the layer anew, or squash it: the tool that made it appended instead of replacing",
    )


_TEXTS = {
    DELETED: _deleted,
    COPIED: _copied,
    OVERWRITTEN: _overwritten,
    REWRITTEN: _rewritten,
    SHADOWED: _shadowed,
}

"""What is in an image that a rule forbids: paths, setuid files, a user that is root."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ..analysis.model import Entry, FileType, LayerFigures
from ..analysis.paths import WHITEOUT, normalise, split
from ..analysis.tree import Node
from ..errors import SourceError
from ..formatting import mode
from .case import Case
from .catalogue import SETGID, SETUID
from .globs import Globs
from .names import Names
from .verdicts import Evidence

if TYPE_CHECKING:
    from ..analysis.findings.finding import Finding

BITS = {SETUID: 0o4000, SETGID: 0o2000}
"""The bit of the mode that a rule forbids."""

_ZERO = re.compile(r"[+-]?0+\Z")


def final_paths(case: Case, rule: str, patterns: Sequence[str]) -> list[Evidence]:
    """The paths of the final filesystem that the patterns cover, a directory with all below it as one.

    Of a file with several names the bytes count once, under one of them. The layer is the one that has most
    of the bytes.
    """
    _require_entries(case, rule)
    globs = Globs(patterns)
    found: dict[bytes, Counter[int]] = {}
    linked: set[int] = set()
    for directory, children in _directories(case.analysis.union.root):
        inside = globs.inside(directory)
        for name, node in children.items():
            if isinstance(inside, Names):
                if not inside.match(name):
                    continue
                covered = len(directory) + len(name) + bool(directory)
            else:
                covered = inside
            path = _join(directory, name)
            if case.accepts.of((rule,), path):
                continue
            stored = found.setdefault(path[:covered], Counter())
            is_counted = node.links is not None and id(node.inode) in linked
            stored[node.layer] += 0 if is_counted else node.inode.entry.size
            if node.links is not None:
                linked.add(id(node.inode))
    return [
        Evidence(
            path, stored.total(), max(stored, key=lambda layer: (stored[layer], layer)), "in the final image"
        )
        for path, stored in found.items()
    ]


def paths_ever(case: Case, rule: str, patterns: Sequence[str], first: int) -> list[Evidence]:
    """The same of every layer from `first` on, each by itself: what it stored under such a path.

    A path is said to be in the final image if anything of what the layer put there still is.
    """
    _require_entries(case, rule)
    globs = Globs(patterns)
    evidence = []
    for layer in case.analysis.layers[first:]:
        found = _stored(case, rule, globs, layer)
        for path, stored in found.items():
            what = "in the final image" if stored.is_there else "not in the final image, shipped all the same"
            evidence.append(Evidence(path, stored.size, layer.index, what))
    return evidence


class _Stored:
    """What a layer stored under a path that a pattern covers."""

    __slots__ = ("is_there", "size")

    def __init__(self) -> None:
        self.size = 0
        self.is_there = False


def _stored(case: Case, rule: str, globs: Globs, layer: LayerFigures) -> dict[bytes, _Stored]:
    union = case.analysis.union
    found: dict[bytes, _Stored] = {}
    known: dict[bytes, tuple[bytes, int | Names]] = {}  # directories, by the names that the entries use
    for number, entry in enumerate(layer.layer.entries):
        head, name = split(entry.name)
        directory = known.get(head)
        if directory is None:
            path = normalise(head)
            directory = known[head] = path, globs.inside(path)
        above, inside = directory
        if isinstance(inside, Names) and not inside.match(name):
            continue
        if not name or name.startswith(WHITEOUT):
            continue
        path = _join(above, name)
        if case.accepts.of((rule,), path):
            continue
        top = path[:inside] if isinstance(inside, int) else path
        stored = found.get(top)
        if stored is None:
            stored = found[top] = _Stored()
        stored.size += entry.size
        if not stored.is_there:
            node = union.find(path)
            stored.is_there = node is not None and (node.layer, node.number) == (layer.index, number)
    return found


def files_with(case: Case, rule: str) -> list[Evidence]:
    """The regular files of the final filesystem that have the bit of a rule, by each of their names."""
    _require_entries(case, rule)
    bit = BITS[rule]
    found = []
    for directory, children in _directories(case.analysis.union.root):
        for name, node in children.items():
            entry = node.inode.entry
            if entry.mode & bit and node.children is None and entry.type is FileType.REGULAR:
                path = _join(directory, name)
                if not case.accepts.of((rule,), path):
                    found.append(Evidence(path, entry.size, node.layer, _owned(entry)))
    return found


def secrets(case: Case, rule: str) -> list[Evidence]:
    """The keys, tokens and passwords of files in any layer, of settings and of steps; no value of them.

    Those that nobody could use (examples, test keys) are left out. Reads files whose names say that they may
    hold one, as far as `analysis.findings.secret_search` goes; of a saved report those that were found when
    it was saved, and SourceError if nobody looked.
    """
    from ..analysis.findings.finding import Severity

    return [
        Evidence(one.path, one.size, one.layer, one.what or finding.title)
        for finding in _about_secrets(case, rule)
        if finding.severity > Severity.INFO
        for one in finding.evidence
        if not (one.path and case.accepts.of((rule,), one.path))
    ]


def _about_secrets(case: Case, rule: str) -> "list[Finding]":
    from ..analysis.findings import secret_advice, secrets  # patterns that no other rule needs
    from ..analysis.saved import SavedAnalysis

    analysis = case.analysis
    if not isinstance(analysis, SavedAnalysis):
        return list(secrets.find_secrets(analysis))
    if analysis.recorded.findings is None:
        raise SourceError(
            f"{rule} cannot be judged: this report was saved by a version that did not look for secrets",
            "Save it again: layerscope IMAGE --json FILE",
        )
    return [one for one in analysis.recorded.findings if one.id in secret_advice.BY_ID]


def is_root(user: object) -> bool:
    """Whether `Config.User` (OCI image spec, config.md) is root, whatever the group.

    That is what is empty or missing, `root`, and what an engine reads as the number 0 (`00`, `+0`). Other
    names for it, in the image's `/etc/passwd`, are not looked up.
    """
    name = user.partition(":")[0].strip() if isinstance(user, str) else ""
    return name in ("", "root") or _ZERO.match(name) is not None


def _directories(root: Node) -> Iterator[tuple[bytes, Mapping[bytes, Node]]]:
    """Every directory with its path and what is in it, those above first."""
    waiting = [(b"", root)]
    while waiting:
        path, node = waiting.pop()
        if node.children:
            yield path, node.children
            waiting += [(_join(path, name), child) for name, child in node.children.items() if child.children]


def _join(directory: bytes, name: bytes) -> bytes:
    return directory + b"/" + name if directory else name


def _owned(entry: Entry) -> str:
    return f"{mode(entry.mode)} {entry.uid}:{entry.gid}"


def _require_entries(case: Case, rule: str) -> None:
    if not case.analysis.has_entries:
        raise SourceError(
            f"{rule} cannot be judged: this report was saved without entries",
            "Save it again: layerscope IMAGE --json FILE --entries",
        )

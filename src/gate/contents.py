"""What is in an image that a rule forbids: paths, setuid files, a user that is root."""

from collections.abc import Sequence

from ..analysis.model import Entry, FileType
from ..analysis.paths import WHITEOUT, normalise
from ..analysis.tree import Node, walk
from ..errors import SourceError
from ..formatting import mode
from .case import Case
from .globs import Globs
from .verdicts import Evidence


def final_paths(case: Case, rule: str, patterns: Sequence[str]) -> list[Evidence]:
    """The paths of the final filesystem that the patterns cover, a directory with all below it as one."""
    _require_entries(case, rule)
    globs = Globs(patterns)
    found: dict[bytes, tuple[int, int]] = {}
    counted: set[int] = set()
    for path, node in walk(case.analysis.union.root):
        covered = globs.match(path)
        if covered and not case.accepts.of((rule,), path):
            size, layer = found.get(path[:covered], (0, node.layer))
            if node.links is None or id(node.inode) not in counted:
                counted.add(id(node.inode))
                size += node.inode.entry.size
            found[path[:covered]] = size, layer
    return [Evidence(path, size, layer, "in the final image") for path, (size, layer) in found.items()]


def paths_ever(case: Case, rule: str, patterns: Sequence[str], first: int) -> list[Evidence]:
    """The same of every layer from `first` on, each by itself: what it stored under such a path."""
    _require_entries(case, rule)
    globs = Globs(patterns)
    union = case.analysis.union
    evidence = []
    for figures in case.analysis.layers[first:]:
        found: dict[bytes, int] = {}
        for entry in figures.layer.entries:
            path = normalise(entry.name)
            covered = globs.match(path)
            if not covered or path.rpartition(b"/")[2].startswith(WHITEOUT):
                continue
            if not case.accepts.of((rule,), path):
                top = path[:covered]
                found[top] = found.get(top, 0) + entry.size
        for path, size in found.items():
            node = union.find(path)
            is_there = node is not None and (node.layer == figures.index or node.children is not None)
            what = "in the final image" if is_there else "not in the final image, shipped all the same"
            evidence.append(Evidence(path, size, figures.index, what))
    return evidence


def files_with(case: Case, rule: str, bit: int) -> list[Evidence]:
    """The regular files of the final filesystem that have a bit of the mode."""
    _require_entries(case, rule)

    return [
        Evidence(path, node.inode.entry.size, node.layer, _owned(node.inode.entry))
        for path, node in walk(case.analysis.union.root)
        if _has(node, bit) and not case.accepts.of((rule,), path)
    ]


def is_root(user: object) -> bool:
    """Whether `Config.User` (OCI image spec, config.md) is root: empty, `root` or 0, whatever the group."""
    name = user.partition(":")[0].strip() if isinstance(user, str) else ""
    return name in ("", "root") or (name.isdecimal() and int(name[:20]) == 0)


def _has(node: Node, bit: int) -> bool:
    entry = node.inode.entry
    return node.children is None and entry.type is FileType.REGULAR and bool(entry.mode & bit)


def _owned(entry: Entry) -> str:
    return f"{mode(entry.mode)} {entry.uid}:{entry.gid}"


def _require_entries(case: Case, rule: str) -> None:
    if not case.analysis.has_entries:
        raise SourceError(
            f"{rule} cannot be judged: this report was saved without entries",
            "Save it again: layerscope IMAGE --json FILE --entries",
        )

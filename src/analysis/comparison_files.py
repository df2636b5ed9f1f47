"""What two final filesystems do not have in common: paths that are new, gone, larger, smaller or other."""

import enum
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .analyze import Analysis
from .model import Change, FileType
from .tree import Links, Node, metadata_change


class Difference(enum.StrEnum):
    """What became of a thing that two images may both have: a path, a step, a setting, a finding."""

    ADDED = "added"
    REMOVED = "removed"
    GROWN = "grown"
    SHRUNK = "shrunk"
    CHANGED = "changed"
    """It differs in what is no bytes."""
    REWRITTEN = "rewritten"
    """As many bytes in another tar: whether they are the same is not looked at."""
    SAME = "same"


class FileDifference(NamedTuple):
    """A path of two final filesystems that is not the same in both."""

    path: bytes
    """Normalised, without a leading slash; empty for the root."""
    kind: Difference
    """Any but SAME."""
    before: int
    """Bytes of content that the path has in the first image. A file with several names has them once."""
    after: int
    """The same in the second image."""
    changed: Change
    """What differs of a path that both have, as far as entries tell: CONTENT where sizes differ."""
    layer: int
    """The layer that wrote it: of the second image, or of the first for what is gone; -1 for the root, if no
    layer has it."""

    @property
    def growth(self) -> int:
        """`after - before`, in bytes."""
        return self.after - self.before


def compare_files(before: Analysis, after: Analysis) -> tuple[FileDifference, ...]:
    """Every path that differs, the largest difference first, of equals by path.

    Their growths add up to that of the live bytes. Paths of all types count, directories too, but for their
    time. No contents are read: the same entry of the same tar, by its diff_id, is the same; a file of as many
    bytes out of another tar is REWRITTEN. Time is n·log n in the paths.
    """
    homes = _Homes()
    pairs: list[_Pair] = []
    origins = _Origins(before, after)
    for path, old, new in _pairs(before.union.root, after.union.root):
        if old is not None and new is not None and not old.links and not new.links:
            if not origins.are_same(old, new):
                pairs.append((path, old, new))
            continue
        homes.see(path, old, new)
        homes.see(path, new, old)
        pairs.append((path, old, new))
    found = (_differences(path, old, new, homes, origins) for path, old, new in pairs)
    return tuple(
        sorted((one for one in found if one is not None), key=lambda one: (-abs(one.growth), one.path))
    )


_Pair = tuple[bytes, Node | None, Node | None]


def _pairs(before: Node, after: Node) -> Iterator[_Pair]:
    """Every path of two trees with its nodes, parents first, siblings in byte order."""
    waiting: list[_Pair] = [(b"", before, after)]
    while waiting:
        path, old, new = waiting.pop()
        yield path, old, new
        was = (old.children if old is not None else None) or {}
        now = (new.children if new is not None else None) or {}
        if was or now:
            inside = path + b"/" if path else b""
            waiting += [
                (inside + part, was.get(part), now.get(part))
                for part in sorted(was.keys() | now.keys(), reverse=True)
            ]


class _Homes:
    """At which of its names the bytes of a file with several count.

    That is the first at which the other image has a file too, or else the first: so one name less is a name
    that is gone, and no file that moved.
    """

    def __init__(self) -> None:
        self._found: dict[Links, tuple[bytes, bool]] = {}

    def see(self, path: bytes, node: Node | None, other: Node | None) -> None:
        """Note a path of one image, and what the other has there."""
        if node is not None and node.links is not None:
            is_common = other is not None and other.children is None
            known = self._found.get(node.links)
            if known is None or (is_common and not known[1]):
                self._found[node.links] = path, is_common

    def held(self, path: bytes, node: Node | None) -> int:
        """The bytes that count at a path."""
        if node is None or node.children is not None:
            return 0
        if node.links is not None and self._found[node.links][0] != path:
            return 0
        return node.inode.entry.size


class _Origins:
    """From which tars the files of the two images are."""

    def __init__(self, before: Analysis, after: Analysis) -> None:
        self._before = _diff_ids(before)
        self._after = _diff_ids(after)

    def are_same(self, old: Node, new: Node) -> bool:
        """Whether both are one entry of one tar, by its diff_id."""
        one, other = old.inode, new.inode
        if one.number != other.number or one.number < 0:
            return False
        diff_id = self._before[one.layer]
        return diff_id == self._after[other.layer] != "" and one.entry.size == other.entry.size


def _diff_ids(analysis: Analysis) -> Sequence[str]:
    return [layer.layer.diff_id for layer in analysis.layers]


def _differences(
    path: bytes, old: Node | None, new: Node | None, homes: _Homes, origins: _Origins
) -> FileDifference | None:
    """What differs at a path; None if nothing does."""
    before, after = homes.held(path, old), homes.held(path, new)
    if old is None or new is None:
        node = old or new
        assert node is not None
        kind = Difference.ADDED if old is None else Difference.REMOVED
        return FileDifference(path, kind, before, after, Change(0), node.inode.layer)
    if origins.are_same(old, new) and before == after:
        return None
    changed = _changed(old, new)
    if changed & Change.TYPE:
        kind = Difference.CHANGED
    elif before != after:
        kind = Difference.GROWN if after > before else Difference.SHRUNK
    elif changed & ~Change.TIME:
        kind = Difference.CHANGED
    elif changed or (new.children is None and new.inode.entry.size):
        kind = Difference.REWRITTEN
    else:
        return None
    return FileDifference(path, kind, before, after, changed, new.inode.layer)


def _changed(old: Node, new: Node) -> Change:
    """What entries tell of how two nodes differ."""
    if old.children is not None or new.children is not None:
        if old.children is None or new.children is None:
            return Change.TYPE
        return metadata_change(old.entry, new.entry) & ~Change.TIME
    was, now = old.inode.entry, new.inode.entry
    if was.type is not now.type:
        return Change.TYPE
    changed = metadata_change(was, now)
    if was.type is FileType.SYMLINK and was.link != now.link:
        changed |= Change.LINK
    if was.size != now.size or was.extras.device != now.extras.device:
        changed |= Change.CONTENT
    return changed

"""The union rule: layers stacked one by one into the tree a container would see.

OCI image spec, layer.md, and where extractors differ, what a Docker engine with overlay2 shows:

- whiteouts and opaque markers act on the layers below only, wherever they stand in the tar;
- a directory over a directory merges, anything else replaces what was there with all below it;
- a later entry of one tar wins over an earlier one; a missing parent directory is implied;
- a parent that is a symbolic link in a lower layer becomes a real directory, one made earlier in the
  same layer is followed inside the root.

Every node that goes takes a name from its file. A file without names is dead: its bytes are waste.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ..errors import DamagedError, LimitError
from .model import Change, Entry, FileType, Layer, LayerChanges
from .paths import ODD, OPAQUE, RESERVED, WHITEOUT, parts, split

MAX_IMPLIED = 1_000_000
"""Directories that names may imply without an entry of their own paying for them."""
MAX_FOLLOWED = 20_000_000
"""Components of symbolic links' targets that may be looked up; no more than a handful are in a real image."""
MAX_REMOVED = 1 << 30
"""Bytes of the paths that layers may remove or write again: ten million of them at a hundred bytes each."""
_MAX_PATH = 4096
_MAX_LINKS = 40


IMPLIED = Entry(b"", FileType.DIRECTORY, 0o755, 0, 0, 0, 0)
"""Stands for the entry of a directory that no layer lists."""


class Node:
    """A path in the tree: a directory has `children`, everything else is a file of some type."""

    __slots__ = ("children", "entry", "layer", "links", "number")

    def __init__(
        self,
        layer: int,
        number: int,
        entry: Entry,
        children: "dict[bytes, Node] | None",
        links: "Links | None",
    ) -> None:
        self.layer = layer
        """The layer that wrote it last."""
        self.number = number
        """Its entry's place in that layer; -1 for a directory that is only implied (by `IMPLIED`)."""
        self.entry = entry
        self.children = children
        self.links = links
        """None for a file with one name, as nearly all have."""

    @property
    def inode(self) -> "Node":
        """The node whose entry stored the file: itself, unless it is a hard link."""
        return self if self.links is None else self.links.inode

    @property
    def names(self) -> int:
        """How many names the file has in the tree."""
        return 1 if self.links is None else self.links.names


class Links:
    """The hard links to one file."""

    __slots__ = ("inode", "names")

    def __init__(self, inode: Node) -> None:
        self.inode = inode
        """The node that stored it, in the tree or not."""
        self.names = 1
        """How many names it has in the tree; 0: dead."""


class Death(NamedTuple):
    """A regular file that lost its last name."""

    inode: Node
    killed_by: int
    replaced: bool
    """Whether the path was written again, rather than removed (itself or with a directory above it)."""
    successor: Node | None
    """What was written there; None if nothing was, or a directory."""


class Comparison(NamedTuple):
    """A path written again with as many bytes as before: marked as changed until it is seen whether it is."""

    layer: int
    number: int
    before: Node
    after: Node


class Below(NamedTuple):
    """A path as the layers below had it."""

    layer: int
    number: int
    """As `Node` has them."""
    entry: Entry
    inode: Node | None
    """The file it was; None if it was a directory."""


class Union:
    """The tree of the layers stacked so far, and what stacking them did."""

    def __init__(self, *, keep_past: bool = False) -> None:
        self.root = Node(-1, -1, IMPLIED, {}, None)
        self.stored: list[int] = []
        """Bytes of regular files in each layer."""
        self.changes: list[LayerChanges] = []
        """What each layer does; contents that may have changed count as changed (see `comparisons`)."""
        self.deaths: list[Death] = []
        self.comparisons: list[Comparison] = []
        self.past: list[dict[bytes, Below]] = []
        """By layer: the paths it removed or wrote again, as the layers below had them; if they are kept."""
        self._keep_past = keep_past
        self._implied = self._followed = self._removed = self._kept = 0
        self._index = -1
        self._below: dict[bytes, Below] = {}
        """What this layer removed or wrote again, as it was before."""
        self._gone: dict[bytes, None] = {}
        """Those of them that are not there again."""
        self._flags = bytearray()
        self._directories: dict[bytes, tuple[Node, bytes]] = {}
        """The directories that entries of this layer go to, by the name they use."""

    def stack(self, layer: Layer) -> None:
        """Put the next layer on top; whether contents differ is left open, in `comparisons`."""
        self._index += 1
        self._below = {}
        self._gone = {}
        self._flags = bytearray(len(layer.entries))
        self._directories = {}
        self._removed = self._kept
        for entry in layer.entries:
            if WHITEOUT in entry.name:
                self._remove(entry.name)
        self._directories.clear()
        self._add(layer)
        self._kept += sum(map(len, self._gone))
        self.changes.append(LayerChanges(self._flags, tuple(self._gone)))
        if self._keep_past:
            self.past.append(self._below)

    def find(self, path: bytes) -> Node | None:
        """The node at a path, links not followed; None if there is none."""
        node = self.root
        for part in parts(path):
            child = node.children.get(part) if node.children is not None else None
            if child is None:
                return None
            node = child
        return node

    # Whiteouts: only the layers below are in the tree while they are applied.

    def _remove(self, name: bytes) -> None:
        head, tail = split(name)
        if not tail.startswith(WHITEOUT) or (tail.startswith(RESERVED) and tail != OPAQUE):
            return
        known = self._directories.get(head)
        if known is None:
            parent = self.find(head)
            if parent is None or parent.children is None:
                return
            known = self._directories[head] = parent, b"/".join(parts(head))
        parent, base = known
        assert parent.children is not None
        if tail == OPAQUE:
            children, parent.children = parent.children, {}
            for part, child in children.items():
                self._detach(child, _join(base, part), replaced=False, successor=None)
        else:
            part = tail[len(WHITEOUT) :]
            removed = parent.children.pop(part, None)
            if removed is not None:
                self._detach(removed, _join(base, part), replaced=False, successor=None)

    # Entries.

    def _add(self, layer: Layer) -> None:
        index, flags, gone, directories = self._index, self._flags, self._gone, self._directories
        directory_type, hard_link = FileType.DIRECTORY, FileType.HARDLINK
        added = int(Change.ADDED)
        stored = 0
        for number, entry in enumerate(layer.entries):
            name = entry.name
            head, _, tail = name.rpartition(b"/")
            if tail in ODD:
                head, tail = split(name)
                if not tail:
                    self._write_root(number, entry)
                    continue
            known = directories.get(head)
            if known is None:
                known = directories[head] = self._directory_beside(head)
            if tail[:4] == WHITEOUT:  # has been applied; that it lies there implies its directory
                continue
            stored += entry.size
            parent, base = known
            children = parent.children
            assert children is not None
            old = children.get(tail)
            kind = entry.type

            if kind is directory_type:
                if old is not None and old.children is not None:
                    self._merge(old, number, entry, _join(base, tail))
                    continue
                node = Node(index, number, entry, {}, None)
                inode = None
            else:
                links = self._linked(entry) if kind is hard_link else None
                node = Node(index, number, entry, None, links)
                inode = node if links is None else links.inode
            children[tail] = node

            if old is None and not gone:
                flags[number] = added
                continue
            path = _join(base, tail)
            if old is not None:
                self._detach(old, path, replaced=True, successor=inode)
            before = self._below.get(path)
            gone.pop(path, None)
            flags[number] = added if before is None else self._difference(before, number, entry, inode)
        self.stored.append(stored)

    def _write_root(self, number: int, entry: Entry) -> None:
        root = self.root
        if root.number < 0:
            self._flags[number] = Change.ADDED
            root.layer, root.number, root.entry = self._index, number, entry
        else:
            self._merge(root, number, entry, b"")

    def _merge(self, node: Node, number: int, entry: Entry, path: bytes) -> None:
        """A directory over a directory: the newer metadata, the children of both."""
        before = self._before(node, path)
        if node.layer == self._index and node.number >= 0:
            self._flags[node.number] = 0
        if before is None:
            self._flags[number] = Change.ADDED
        else:
            self._flags[number] = self._difference(before, number, entry, None)
        node.layer, node.number, node.entry = self._index, number, entry

    def _before(self, node: Node, path: bytes) -> Below | None:
        """What the layers below have at the path of a node that is about to be written again."""
        if node.layer < self._index:
            self._below[path] = _below(node)
        return self._below.get(path)

    def _linked(self, entry: Entry) -> Links | None:
        """One more name for the file that a hard link names; None if there is no such file."""
        target = self.find(entry.link)
        if target is None:
            head, tail = split(entry.link)
            trail = self._trail(head, make=False)
            children = trail[-1][0].children if trail else None
            target = children.get(tail) if children else None
        if target is None or target.children is not None:
            return None
        if target.links is None:
            target.links = Links(target)
        target.links.names += 1
        return target.links

    def _directory_beside(self, head: bytes) -> tuple[Node, bytes]:
        """As `_directory`, which need not start at the root where the directory above is known."""
        above, _, part = head.rpartition(b"/")
        known = self._directories.get(above)
        if known is not None and part not in ODD:
            assert known[0].children is not None
            child = known[0].children.get(part)
            if child is not None and child.children is not None:
                return child, _join(known[1], part)
        return self._directory(head)

    def _directory(self, head: bytes) -> tuple[Node, bytes]:
        """The directory an entry goes to, made if it is missing, and its path in the tree."""
        trail = self._trail(head, make=True)
        path = _path(trail)
        if len(path) > _MAX_PATH:
            raise LimitError(f"{_shown(head)} leads to a path of more than {_MAX_PATH} bytes")
        return trail[-1][0], path

    def _trail(self, head: bytes, *, make: bool) -> list[tuple[Node, bytes]]:
        """A directory and those above it, with their names; what is missing is made, or nothing is given.

        Symbolic links that this layer has made so far are followed.
        """
        trail = [(self.root, b"")]
        path: bytes | None = b""  # of the last one; None until it is needed
        waiting = parts(head)[::-1]
        links = 0
        while waiting:
            part = waiting.pop()
            node = trail[-1][0]
            assert node.children is not None
            if part == b"..":  # from the target of a link; names have none left
                if len(trail) > 1:
                    trail.pop()
                path = None
                continue
            child = node.children.get(part)
            if child is not None and child.children is not None:
                trail.append((child, part))
                path = None
                continue
            entry = child.inode.entry if child is not None and child.layer == self._index else IMPLIED
            if entry.type is FileType.SYMLINK:
                links += 1
                if links > _MAX_LINKS:
                    raise DamagedError(f"{_shown(head)} leads through symbolic links without an end")
                if entry.link.startswith(b"/"):
                    del trail[1:]
                target = [part for part in entry.link.split(b"/") if part not in (b"", b".")]
                self._followed += len(target)
                if self._followed > MAX_FOLLOWED:
                    raise LimitError(f"symbolic links' targets have more than {MAX_FOLLOWED} components")
                waiting += target[::-1]
                continue
            if not make:
                return []
            path = _join(_path(trail) if path is None else path, part)
            trail.append((self._imply(node, part, child, path), part))
        return trail

    def _imply(self, parent: Node, part: bytes, there: Node | None, path: bytes) -> Node:
        """Make a directory that has no entry, in place of what is there."""
        self._implied += 1
        if self._implied > MAX_IMPLIED:
            raise LimitError(f"names in the layers imply more than {MAX_IMPLIED} directories")
        assert parent.children is not None
        made = parent.children[part] = Node(self._index, -1, IMPLIED, {}, None)
        if there is not None:
            self._detach(there, path, replaced=True, successor=None)
        self._gone.pop(path, None)
        return made

    def _detach(self, node: Node, path: bytes, *, replaced: bool, successor: Node | None) -> None:
        """Take the names of a node that has left the tree, and of all below it, from their inodes."""
        if node.children is not None or (
            node.layer == self._index and node.inode.entry.type is FileType.SYMLINK
        ):
            self._directories.clear()
        index, below, gone, flags = self._index, self._below, self._gone, self._flags
        waiting = [(node, path)]
        while waiting:
            current, where = waiting.pop()
            self._removed += len(where)
            if current.layer < index:
                below[where] = _below(current)
            elif current.number >= 0:
                flags[current.number] = 0
            if where in below:
                gone[where] = None
            if current.children is not None:
                if self._removed > MAX_REMOVED:
                    raise LimitError(f"the layers remove paths of more than {MAX_REMOVED} bytes")
                waiting += [(child, where + b"/" + part) for part, child in current.children.items()]
                continue
            links = current.links
            if links is not None:
                links.names -= 1
                if links.names:
                    continue
                current = links.inode
            if current.entry.size:
                top = where == path
                self.deaths.append(Death(current, index, top and replaced, successor if top else None))

    def _difference(self, before: Below, number: int, entry: Entry, inode: Node | None) -> int:
        """The `Change` between a path below and the same path now; a comparison is noted if it takes one."""
        if before.inode is None or inode is None:
            if before.inode is not None or inode is not None:
                return Change.TYPE
            return _metadata(before.entry, entry) & ~_TIME
        if before.inode is inode:
            return 0
        old, new = before.inode.entry, inode.entry
        if old.type is not new.type:
            return Change.TYPE
        change = _metadata(old, new)
        if old.type is FileType.SYMLINK and old.link != new.link:
            change |= int(Change.LINK)
        if old.size or new.size or old.extras.device != new.extras.device:
            change |= int(Change.CONTENT)
            if old.size and old.size == new.size:
                self.comparisons.append(Comparison(self._index, number, before.inode, inode))
        return change


def _below(node: Node) -> Below:
    return Below(node.layer, node.number, node.entry, node.inode if node.children is None else None)


_MODE, _OWNER, _TIME, _XATTRS = (
    int(change) for change in (Change.MODE, Change.OWNER, Change.TIME, Change.XATTRS)
)


def _metadata(old: Entry, new: Entry) -> int:
    change = 0
    if old.mode != new.mode:
        change |= _MODE
    if old.uid != new.uid or old.gid != new.gid:
        change |= _OWNER
    if old.mtime_ns != new.mtime_ns:
        change |= _TIME
    if old.extras.xattrs != new.extras.xattrs:
        change |= _XATTRS
    return change


def metadata_change(old: Entry, new: Entry) -> Change:
    """Which of mode, owner, time and xattrs differ between two entries."""
    return Change(_metadata(old, new))


def walk(root: Node) -> Iterator[tuple[bytes, Node]]:
    """Every path below a node with its node, parents first, siblings in byte order."""
    assert root.children is not None
    waiting = [(name, root.children[name]) for name in sorted(root.children, reverse=True)]
    while waiting:
        path, node = waiting.pop()
        yield path, node
        if node.children:
            waiting += [
                (path + b"/" + name, node.children[name]) for name in sorted(node.children, reverse=True)
            ]


def _path(trail: list[tuple[Node, bytes]]) -> bytes:
    return b"/".join([part for _, part in trail[1:]])


def _join(base: bytes, part: bytes) -> bytes:
    return base + b"/" + part if base else part


def _shown(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")

"""The union rule: layers stacked one by one into the tree a container would see.

OCI image spec, layer.md, and where extractors differ, what a Docker engine with overlay2 shows:

- whiteouts and opaque markers act on the layers below only, wherever they stand in the tar;
- a directory over a directory merges, anything else replaces what was there with all below it;
- a later entry of one tar wins over an earlier one; a missing parent directory is implied;
- a parent that is a symbolic link in a lower layer becomes a real directory, one made earlier in the
  same layer is followed inside the root.

Every node that goes takes a name from its inode. An inode without names is dead: its bytes are waste.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ..errors import DamagedError, LimitError
from .model import Change, Entry, FileType, Layer, LayerChanges
from .paths import ODD, OPAQUE, RESERVED, WHITEOUT, parts, split

MAX_IMPLIED = 5_000_000
"""Directories that names may imply without an entry of their own paying for them."""
_MAX_LINKS = 40


class Inode:
    """What a name refers to that is not a directory; hard links are several names of one."""

    __slots__ = ("entry", "layer", "names", "number")

    def __init__(self, layer: int, number: int, entry: Entry) -> None:
        self.layer = layer
        self.number = number
        self.entry = entry
        self.names = 1
        """How many names it has in the tree; 0: dead."""


class Node:
    """A path in the tree: a directory has `children`, everything else an `inode`."""

    __slots__ = ("children", "entry", "inode", "layer", "number")

    def __init__(
        self,
        layer: int,
        number: int,
        entry: Entry | None,
        inode: Inode | None,
        children: "dict[bytes, Node] | None",
    ) -> None:
        self.layer = layer
        """The layer that wrote it last."""
        self.number = number
        """Its entry's place in that layer; -1 for a directory that is only implied."""
        self.entry = entry
        self.inode = inode
        self.children = children


class Death(NamedTuple):
    """A regular file that lost its last name."""

    inode: Inode
    killed_by: int
    replaced: bool
    """Whether the path was written again, rather than removed (itself or with a directory above it)."""
    successor: Inode | None
    """What was written there; None if nothing was, or a directory."""


class Comparison(NamedTuple):
    """A path written again with as many bytes as before: marked as changed until it is seen whether it is."""

    layer: int
    number: int
    before: Inode
    after: Inode


class _Below(NamedTuple):
    """A path as the layers below had it."""

    entry: Entry | None
    inode: Inode | None


class Union:
    """The tree of the layers stacked so far, and what stacking them did."""

    def __init__(self) -> None:
        self.root = Node(-1, -1, None, None, {})
        self.stored: list[int] = []
        """Bytes of regular files in each layer."""
        self.changes: list[LayerChanges] = []
        """What each layer does; contents that may have changed count as changed (see `comparisons`)."""
        self.deaths: list[Death] = []
        self.comparisons: list[Comparison] = []
        self._implied = 0
        self._index = -1
        self._below: dict[bytes, _Below] = {}
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
        for entry in layer.entries:
            if WHITEOUT in entry.name:
                self._remove(entry.name)
        self._directories.clear()
        self._add(layer)
        self.changes.append(LayerChanges(self._flags, tuple(self._gone)))

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
        index, flags, below, directories = self._index, self._flags, self._below, self._directories
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
                known = directories[head] = self._directory(head)
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
                inode = None
                children[tail] = Node(index, number, entry, None, {})
            else:
                inode = self._linked(entry) if kind is hard_link else None
                if inode is None:
                    inode = Inode(index, number, entry)
                else:
                    inode.names += 1
                children[tail] = Node(index, number, entry, inode, None)

            if old is None:
                if not below:
                    flags[number] = added
                    continue
                path = _join(base, tail)
                before = below.get(path)
                if before is not None:
                    self._gone.pop(path, None)
            else:
                path = _join(base, tail)
                before = self._before(old, path)
                if old.layer == index and old.number >= 0:
                    flags[old.number] = 0
                self._detach(old, path, replaced=True, successor=inode)
                self._gone.pop(path, None)
            flags[number] = added if before is None else self._difference(before, number, entry, inode)
        self.stored.append(stored)

    def _write_root(self, number: int, entry: Entry) -> None:
        root = self.root
        if root.entry is None:
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

    def _before(self, node: Node, path: bytes) -> _Below | None:
        """What the layers below have at the path of a node that is about to be written again."""
        if node.layer < self._index:
            self._below[path] = _Below(node.entry, node.inode)
        return self._below.get(path)

    def _linked(self, entry: Entry) -> Inode | None:
        """The inode a hard link names, in this layer or one below; None if there is no such file."""
        target = self.find(entry.link)
        return None if target is None else target.inode

    def _directory(self, head: bytes) -> tuple[Node, bytes]:
        """The directory an entry goes to, made if it is missing, and its path in the tree."""
        trail = [(self.root, b"")]
        waiting = parts(head)[::-1]
        links = 0
        while waiting:
            part = waiting.pop()
            node = trail[-1][0]
            assert node.children is not None
            if part == b"..":  # from the target of a link; names have none left
                if len(trail) > 1:
                    trail.pop()
                continue
            child = node.children.get(part)
            if child is not None and child.children is not None:
                trail.append((child, part))
                continue
            entry = child.entry if child is not None else None
            if (
                child is not None
                and entry is not None
                and child.layer == self._index
                and entry.type is FileType.SYMLINK
            ):
                links += 1
                if links > _MAX_LINKS:
                    raise DamagedError(f"{_shown(head)} leads through symbolic links without an end")
                if entry.link.startswith(b"/"):
                    del trail[1:]
                waiting += [part for part in entry.link.split(b"/")[::-1] if part not in (b"", b".")]
                continue
            self._implied += 1
            if self._implied > MAX_IMPLIED:
                raise LimitError(f"names in the layers imply more than {MAX_IMPLIED} directories")
            made = Node(self._index, -1, None, None, {})
            node.children[part] = made
            if child is not None or self._gone:
                path = b"/".join([name for _, name in trail[1:]] + [part])
                if child is not None:
                    self._before(child, path)
                    self._detach(child, path, replaced=True, successor=None)
                self._gone.pop(path, None)
            trail.append((made, part))
        return trail[-1][0], b"/".join([name for _, name in trail[1:]])

    def _detach(self, node: Node, path: bytes, *, replaced: bool, successor: Inode | None) -> None:
        """Take the names of a node that has left the tree, and of all below it, from their inodes."""
        if node.children is not None:
            self._directories.clear()
        index, below, gone, flags = self._index, self._below, self._gone, self._flags
        waiting = [(node, path)]
        while waiting:
            current, where = waiting.pop()
            if current.layer < index:
                below[where] = _Below(current.entry, current.inode)
            elif current.number >= 0:
                flags[current.number] = 0
            if where in below:
                gone[where] = None
            inode = current.inode
            if inode is not None:
                inode.names -= 1
                if not inode.names and inode.entry.size:
                    if current is node:
                        self.deaths.append(Death(inode, index, replaced, successor))
                    else:
                        self.deaths.append(Death(inode, index, False, None))
            elif current.children:
                waiting += [(child, where + b"/" + part) for part, child in current.children.items()]

    def _difference(self, before: _Below, number: int, entry: Entry, inode: Inode | None) -> int:
        """The `Change` between a path below and the same path now; a comparison is noted if it takes one."""
        if before.inode is None or inode is None:
            if before.inode is not None or inode is not None:
                return Change.TYPE
            return _metadata(before.entry, entry) & ~Change.TIME if before.entry is not None else Change.ADDED
        if before.inode is inode:
            return 0
        old, new = before.inode.entry, inode.entry
        if old.type is not new.type:
            return Change.TYPE
        change = _metadata(old, new)
        if old.type is FileType.SYMLINK and old.link != new.link:
            change |= Change.LINK
        if old.size or new.size or old.extras.device != new.extras.device:
            change |= Change.CONTENT
            if old.size == new.size:
                self.comparisons.append(Comparison(self._index, number, before.inode, inode))
        return change


def _metadata(old: Entry, new: Entry) -> int:
    change = 0
    if old.mode != new.mode:
        change |= Change.MODE
    if old.uid != new.uid or old.gid != new.gid:
        change |= Change.OWNER
    if old.mtime_ns != new.mtime_ns:
        change |= Change.TIME
    if old.extras.xattrs != new.extras.xattrs:
        change |= Change.XATTRS
    return int(change)


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


def _join(base: bytes, part: bytes) -> bytes:
    return base + b"/" + part if base else part


def _shown(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")

"""Every path an image ever had, in one tree, with what each layer made of it.

The paths stand in preorder, siblings in byte order, so a directory and all below it are one run of
numbers: what a directory holds is a slice, and what it weighs the difference of two prefix sums. Columns
of machine integers take a tenth of the memory that an object a path would.
"""

import enum
from array import array
from collections.abc import Iterable, Iterator
from itertools import repeat
from operator import attrgetter
from typing import NamedTuple, cast

from .analyze import Analysis
from .model import Change, Entry, FileType
from .paths import parts
from .tree import IMPLIED, Below, Node, Union, metadata_change

_META = int(Change.MODE | Change.OWNER | Change.TIME | Change.XATTRS)


class Kind(enum.IntEnum):
    """What a layer does to a path, coarse enough for a glyph."""

    SAME = 1
    """Not in the layer, or written again just as it was."""
    METADATA = 2
    """Mode, owner, time or xattrs changed, the content did not."""
    REMOVED = 3
    CHANGED = 4
    """Other content, another type, another link target."""
    ADDED = 5


class Version(NamedTuple):
    """A path as one layer left it."""

    layer: int
    """The layer that wrote it."""
    until: int
    """The layer that ended it, by writing it again or removing it; the number of layers if none did."""
    kind: Kind
    entry: Entry
    """As its tar has it; `IMPLIED` for a directory that no layer lists."""
    source: tuple[int, int]
    """Layer and number of the entry that stored the file: its own, unless it is a hard link."""
    file: Entry
    """That entry: what a hard link links to."""
    wasted: bool
    """Whether what it stored is out of reach in the final filesystem."""


class Timeline:
    """The paths, as columns indexed by path number, and their versions, oldest first, as columns too.

    Building it takes time and memory linear in the entries of the image.
    """

    def __init__(self, analysis: Analysis) -> None:
        """The analysis has been made with `keep_past`."""
        self.layers = tuple(layer.layer for layer in analysis.layers)
        self.names: list[bytes] = []
        """Last components; the root, number 0, has an empty one."""
        self.parents = array("i")
        """The directory a path lies in; -1 for the root."""
        self.ends = array("i")
        """The number behind all that lies below a path."""
        self.first = array("i")
        """The first version of a path; the last lies before the first of the next."""
        self.path = array("i")
        """Of a version: its path."""
        self.layer = array("i")
        self.number = array("i")
        self.until = array("i")
        self.size = array("q")
        """Bytes that the version's own entry stored; 0 for all but regular files.

        A hard link has them if the entry that stored the file was written over within its own layer. So they
        add up to what the layers stored, without what is shadowed within one.
        """
        self.links: dict[int, Node] = {}
        """Versions that are names of a file with several names, and the file."""
        self._fill(analysis.union)
        self._adopt()
        self._number()
        self.dead = self._dead(analysis.union)
        """1 for a version whose stored bytes are wasted."""
        self.kinds = self._kinds(analysis)
        """A `Kind` for each version: what its layer did."""
        self.begun: list[array[int]] = [array("i") for _ in self.layers]
        """By layer: the versions it wrote."""
        self.removed: list[array[int]] = [array("i") for _ in self.layers]
        """By layer: the versions it removed and put nothing in their place."""
        self._index()
        self.directories = array("i", (i for i, end in enumerate(self.ends) if end > i + 1))
        """The paths that ever had others below them, in order."""

    def __len__(self) -> int:
        return len(self.names)

    def at(self, path: int, layer: int) -> int | None:
        """The version of a path in the filesystem up to a layer; None if it was not there."""
        for version in self.versions(path):
            if self.layer[version] <= layer < self.until[version]:
                return version
        return None

    def versions(self, path: int) -> range:
        """The numbers of a path's versions, oldest first."""
        return range(self.first[path], self.first[path + 1])

    def version(self, number: int) -> Version:
        """One version, whole."""
        layer, entry_number = self.layer[number], self.number[number]
        entry = self.entry(number)
        inode = self.links.get(number)
        source = (layer, entry_number) if inode is None else (inode.layer, inode.number)
        return Version(
            layer,
            self.until[number],
            Kind(self.kinds[number]),
            entry,
            source,
            entry if inode is None else inode.entry,
            bool(self.dead[number]),
        )

    def is_removed(self, version: int) -> bool:
        """Whether a layer ended a version and put nothing in its place."""
        until, after = self.until[version], version + 1
        return until < len(self.layers) and (
            after == len(self.path) or self.path[after] != self.path[version] or self.layer[after] != until
        )

    def entry(self, version: int) -> Entry:
        """The entry that wrote a version."""
        number = self.number[version]
        return IMPLIED if number < 0 else self.layers[self.layer[version]].entries[number]

    def name(self, path: int) -> bytes:
        """The whole path, normalised, without a leading slash."""
        found = []
        while path > 0:
            found.append(self.names[path])
            path = self.parents[path]
        return b"/".join(reversed(found))

    def find(self, name: bytes) -> int | None:
        """The number of a path; None if the image never had it. Time: the siblings on the way."""
        path = 0
        for part in parts(name):
            for child in self.children(path):
                if self.names[child] == part:
                    path = child
                    break
            else:
                return None
        return path

    def children(self, path: int) -> Iterator[int]:
        """What ever lay directly in a path, in byte order."""
        child, end, ends = path + 1, self.ends[path], self.ends
        while child < end:
            yield child
            child = ends[child]

    # Building.

    def _fill(self, union: Union) -> None:
        """Names, parents and versions, in preorder: the final tree, and in their places paths now gone.

        Whole paths are put together only on the way to what layers removed or wrote again: elsewhere, and
        that is nearly everywhere, a path has one version, and nothing is looked up by it.
        """
        past: dict[bytes, list[tuple[int, Below]]] = {}
        for until, paths in enumerate(union.past):
            for path, old in paths.items():
                past.setdefault(path, []).append((until, old))
        gone = _gone(union, past)
        eventful = {*past, *_above(past)}
        versions: list[Node | Below] = []
        ended: list[tuple[int, int]] = []
        # What is still to be visited: four columns, of which C code can fill and empty the ends.
        names, nodes = [b""], [cast("Node | None", union.root)]
        parents, wholes = [-1], [cast("bytes | None", b"")]
        own = -1
        add_name, add_parent, add_first = self.names.append, self.parents.append, self.first.append
        add_path, add_version = self.path.append, versions.append
        while names:
            name, node, parent, whole = names.pop(), nodes.pop(), parents.pop(), wholes.pop()
            own += 1
            add_name(name)
            add_parent(parent)
            add_first(len(versions))
            if whole is not None and whole in past:
                for until, old in past[whole]:
                    if old.inode is not None and old.inode.links is not None:
                        self.links[len(versions)] = old.inode
                    ended.append((len(versions), until))
                    add_version(old)
                    add_path(own)
            children = None
            if node is not None:
                children = node.children
                if node.links is not None:
                    self.links[len(versions)] = node.inode
                if node.layer >= 0:
                    add_version(node)
                    add_path(own)
            if whole is None:
                if not children:
                    continue
                below = sorted(children, reverse=True)
                nodes += map(children.__getitem__, below)
                wholes += repeat(None, len(below))
            else:
                children = children or {}
                below = sorted({*children, *gone.get(whole, ())}, reverse=True)
                base = whole + b"/" if whole else b""
                nodes += map(children.get, below)
                wholes += [path if (path := base + part) in eventful else None for part in below]
            names += below
            parents += repeat(own, len(below))
        add_first(len(versions))
        self.layer = array("i", map(attrgetter("layer"), versions))
        self.number = array("i", map(attrgetter("number"), versions))
        self.size = array("q", map(attrgetter("entry.size"), versions))
        for version in range(self.first[1]):
            self.size[version] = 0  # what names the root is a directory, whatever it says
        self.until = array("i", [len(self.layers)]) * len(versions)
        for version, until in ended:
            self.until[version] = until

    def _adopt(self) -> None:
        """Let a hard link account for a file whose first name did not outlive its layer."""
        kept = {(self.layer[version], self.number[version]) for version in self.links}
        for version, inode in self.links.items():
            key = inode.layer, inode.number
            if key not in kept and self.layer[version] == inode.layer:
                kept.add(key)
                self.size[version] = inode.entry.size

    def _number(self) -> None:
        """Where each path's subtree ends."""
        ends, parents = array("i", range(1, len(self.names) + 1)), self.parents
        for path in range(len(ends) - 1, 0, -1):
            parent = parents[path]
            if ends[parent] < ends[path]:
                ends[parent] = ends[path]
        self.ends = ends

    def _dead(self, union: Union) -> bytearray:
        dead = bytearray(len(self.path))
        wasted = {(death.inode.layer, death.inode.number) for death in union.deaths}
        if wasted:
            for version, key in enumerate(zip(self.layer, self.number, strict=True)):
                if key in wasted:
                    dead[version] = 1
            for version, inode in self.links.items():
                if self.size[version] and (inode.layer, inode.number) in wasted:
                    dead[version] = 1
        return dead

    def _kinds(self, analysis: Analysis) -> bytearray:
        flags = [changes.entries for changes in analysis.changes] if analysis.has_entries else []
        same, metadata, changed, added = Kind.SAME, Kind.METADATA, Kind.CHANGED, Kind.ADDED
        kind_of = bytearray(
            same if not flag else added if flag == Change.ADDED else changed if flag & ~_META else metadata
            for flag in range(256)
        )
        kinds = bytearray(len(self.path))
        for version, (layer, number) in enumerate(zip(self.layer, self.number, strict=True)):
            if number >= 0:
                kinds[version] = kind_of[flags[layer][number]]
            else:  # an implied directory: no entry, no flags
                kinds[version] = self._kind_implied(version)
        return kinds

    def _kind_implied(self, version: int) -> Kind:
        before = version - 1
        if before < 0 or self.path[before] != self.path[version] or self.until[before] != self.layer[version]:
            return Kind.ADDED
        old = self.entry(before)
        if old.type is not FileType.DIRECTORY:
            return Kind.CHANGED
        return Kind.METADATA if metadata_change(old, IMPLIED) & ~Change.TIME else Kind.SAME

    def _index(self) -> None:
        never, layer = len(self.layers), self.layer
        for version, until in enumerate(self.until):
            self.begun[layer[version]].append(version)
            if until < never and self.is_removed(version):
                self.removed[until].append(version)


def _above(paths: Iterable[bytes]) -> set[bytes]:
    """Every directory on the way to some paths."""
    above: set[bytes] = set()
    for path in paths:
        while path:
            path = path.rpartition(b"/")[0]
            if path in above:
                break
            above.add(path)
    return above


def _gone(union: Union, past: Iterable[bytes]) -> dict[bytes, list[bytes]]:
    """By directory: the names in it that the final tree does not have."""
    gone: dict[bytes, list[bytes]] = {}
    directories: dict[bytes, dict[bytes, Node] | None] = {}
    for path in past:
        if not path:
            continue
        head, _, tail = path.rpartition(b"/")
        if head not in directories:
            node = union.find(head)
            directories[head] = None if node is None else node.children
        children = directories[head]
        if children is None or tail not in children:
            gone.setdefault(head, []).append(tail)
    return gone

"""The files of packages that are only recommended: from the databases of APT and dpkg to the tree."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ...errors import LimitError
from ..analyze import Analysis
from ..model import Contents, FileType, unheard
from ..packages import dpkg
from ..packages.dpkg import Label
from ..packages.places import Places
from ..packages.python import Bytecode
from ..packages.reading import Reader, whole
from ..packages.recommended import Brought, find_recommended
from ..stored import layers_of
from ..tree import Node
from .unpacking import allowed

_APT = b"var/lib/apt"
_NOT_THERE = "the image has no databases of dpkg and APT"
_NOT_READ = "the databases of dpkg and APT could not be read"
_TOO_FAR = "large layers would have to be unpacked once more"
_MOST = 64 << 20
"""Bytes of databases that are kept; those of a full desktop have half of it."""


@dataclass(slots=True)
class Part:
    """What a recommended package, with what came with it, has in one layer."""

    brought: Brought
    layer: int
    size: int = 0
    packages: set[Label] = field(default_factory=set)
    """Those of it that have a file there."""


@dataclass(slots=True)
class Recommended:
    """What steps brought to the final filesystem though nothing needs it."""

    parts: list[Part] = field(default_factory=list)
    taken: dict[int, set[int]] = field(default_factory=dict)
    """By layer: the places in it of these files."""
    unknown: str = ""
    """Why it cannot be told, as part of a sentence; empty if it can."""


def take_recommended(analysis: Analysis, layers: Collection[int]) -> Recommended:
    """The live files in some layers that belong to packages which are only recommended.

    They are what dpkg lists, the bytecode of what it lists, and its own files about these packages; a file
    that has another name in the tree, which none of them owns, would stay.

    Reads dpkg's status, APT's marks, and the lists of these packages. Where they are not at hand, layers are
    unpacked once more as far as `unpacking.allowed`. Time is linear in what is read. SourceError for a
    report that was saved without entries.
    """
    layers_of(analysis)
    search = _Search(analysis, layers)
    try:
        return search.run()
    except LimitError:
        return Recommended(unknown=_NOT_READ)


class _Search:
    """The way from the databases to the files."""

    def __init__(self, analysis: Analysis, layers: Collection[int]) -> None:
        self._analysis = analysis
        self._layers = layers
        self._places = Places(analysis.union.root)
        self._reader = Reader(analysis.image.layers, unheard)
        self._top = dpkg.home(self._places)
        self._info = dpkg.folder(self._top.get(b"info"))
        self._contents: dict[Node, bytes] = {}

    def run(self) -> Recommended:
        """All of it. LimitError for databases that no system has."""
        status = _file(self._top, b"status")
        states = _file(dpkg.folder(self._places.directory(_APT)), b"extended_states")
        if status is None or states is None:
            return Recommended(unknown=_NOT_THERE)
        needed = {status, states}
        packed = self._packed(needed)
        if packed is None:
            return Recommended(unknown=_TOO_FAR)
        self._read(needed | packed)
        if not needed <= self._contents.keys():
            return Recommended(unknown=_NOT_READ)
        found = find_recommended(self._contents[status], self._contents[states], self._is_new)
        lists = {
            package: listing
            for one in found
            for package in (one.package, *one.others)
            if (listing := self._list(package)) is not None
        }
        self._read({listing.node for listing in lists.values()})
        if any(listing.node not in self._contents for listing in lists.values()):
            return Recommended(unknown=_NOT_READ)
        return self._collect(found, self._files(lists, self._diversions()))

    def _list(self, package: Label) -> dpkg.Listing | None:
        """That of a package that one of the layers brought."""
        found = dpkg.listing(self._info, package)
        return found if found is not None and found.node.layer in self._layers else None

    def _is_new(self, package: Label) -> bool:
        return self._list(package) is not None

    def _packed(self, needed: Iterable[Node]) -> set[Node] | None:
        """All databases that are not at hand: each layer is passed once for them. None if that is too far."""
        by_layer: defaultdict[int, set[Node]] = defaultdict(set)
        for node in dpkg.databases(self._places):
            if node.entry.type is FileType.REGULAR and not self._is_at_hand(node):
                by_layer[node.layer].add(node)
        layers = {node.layer for node in needed}.union(self._layers)
        packed = {layer: by_layer[layer] for layer in layers & by_layer.keys()}
        cost = sum(
            self._layers_contents(layer).cost([node.number for node in nodes])
            for layer, nodes in packed.items()
        )
        if cost > allowed(self._analysis.layers):
            return None
        return set[Node]().union(*packed.values())

    def _is_at_hand(self, node: Node) -> bool:
        return self._layers_contents(node.layer).is_at_hand(node.number)

    def _layers_contents(self, layer: int) -> Contents:
        return self._analysis.layers[layer].layer.contents

    def _diversions(self) -> dpkg.Diversions:
        """What was diverted, unless a layer would have to be unpacked for that alone: few have any."""
        moved = _file(self._top, b"diversions")
        if moved is None:
            return {}
        if self._is_at_hand(moved):
            self._read([moved])
        return dpkg.diversions(self._contents.get(moved, b""))

    def _read(self, nodes: Collection[Node]) -> None:
        new = [node for node in nodes if node not in self._contents]
        if sum(node.entry.size for node in new) > _MOST:
            raise LimitError(f"databases of packages hold more than {_MOST} bytes")
        self._contents |= self._reader.read(dict.fromkeys(new, whole))

    def _files(
        self, lists: Mapping[Label, dpkg.Listing], moved: dpkg.Diversions
    ) -> Iterator[tuple[Label, Node]]:
        """What is there of some packages, by the package."""
        about: defaultdict[bytes, list[Node]] = defaultdict(list)
        for name, node in self._info.items():
            about[name.rpartition(b".")[0]].append(node)
        bytecode = Bytecode(self._places)
        for package, listing in lists.items():
            paths = list(listing.paths(self._contents[listing.node]))
            for node in dpkg.nodes(self._places, paths, moved, package.name):
                yield package, node
            for path in paths:
                if path.endswith(b".py"):
                    for node in bytecode.take(path):
                        yield package, node
            for stem in package.stems:
                for node in about.get(stem, ()):
                    yield package, node

    def _collect(self, found: Iterable[Brought], files: Iterable[tuple[Label, Node]]) -> Recommended:
        """Each stored file once, with the first of the packages."""
        owners: dict[Node, Label] = {}
        names: defaultdict[Node, set[Node]] = defaultdict(set)
        """Of files with several names those that the packages have."""
        for package, node in files:
            links = node.links
            inode = node if links is None else links.inode
            if inode.layer in self._layers and inode.entry.size:
                owners.setdefault(inode, package)
                if links is not None:
                    names[inode].add(node)
        root = {package: one for one in found for package in (one.package, *one.others)}
        parts: dict[tuple[Label, int], Part] = {}
        taken: defaultdict[int, set[int]] = defaultdict(set)
        for inode, package in owners.items():
            if inode in names and len(names[inode]) < inode.names:
                continue
            one, layer = root[package], inode.layer
            part = parts.get((one.package, layer))
            if part is None:
                part = parts[one.package, layer] = Part(one, layer)
            part.size += inode.entry.size
            part.packages.add(package)
            taken[layer].add(inode.number)
        return Recommended(list(parts.values()), dict(taken))


def _file(folder: Mapping[bytes, Node], name: bytes) -> Node | None:
    """What stores a regular file; None if there is none of that name."""
    node = folder.get(name)
    return node.inode if node is not None and node.inode.entry.type is FileType.REGULAR else None

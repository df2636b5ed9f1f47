"""The files of packages that a Node.js project has for development alone: from its lock to the tree."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from ..analyze import Analysis
from ..model import FileType, unheard
from ..packages.reading import Reader, whole
from ..stored import layers_of
from ..tree import Node
from .inventory import Pile
from .node_lock import MAX_LOCK, MAX_MANIFEST, Tool, Unneeded, read_lock
from .node_tools import is_tool
from .unpacking import allowed

LEAST = 100_000
"""Bytes from which on a project is worth a word."""
MAX_PROJECTS = 50
"""Of how many projects the lock is read, those with the largest ones; for the others names have to do."""
_MOST = 32 << 20
"""Bytes of all locks and manifests."""
_MODULES = b"node_modules"
LOCK = _MODULES + b"/.package-lock.json"
"""Where npm has it, from the project."""


@dataclass(slots=True)
class Project:
    """A project with packages that a program does without."""

    path: bytes = b""
    """Its folder. Of all those without a lock, which are one: empty."""
    is_locked: bool = False
    """Whether its lock told; otherwise names of packages did."""
    tools: tuple[Tool, ...] = ()
    """What stands among its `dependencies`, and should not."""
    pile: Pile = field(default_factory=Pile)
    """By the folder of a package. All of it is live."""
    reasons: dict[bytes, str] = field(default_factory=dict)
    """By the folder of a package that only a tool leads to: the tool."""


@dataclass(slots=True)
class Development:
    """What is there for development."""

    projects: list[Project] = field(default_factory=list)
    taken: dict[int, set[int]] = field(default_factory=dict)
    """By layer: the places in it of these files."""


class _Root(NamedTuple):
    """A directory of `node_modules`."""

    path: bytes
    """Of the folder that it lies in."""
    folder: Node
    modules: Node
    outermost: Node
    """The first of that name on the way from the root: itself, if it is no package's own."""


class _Package(NamedTuple):
    """The folder of a package in the tree."""

    path: bytes
    node: Node
    modules: Node
    """The `node_modules` that it lies in."""


def take_development(analysis: Analysis, taken: Mapping[int, Set[int]]) -> Development:
    """The live files of packages for development, without those that are `taken`: numbers by layer.

    A file that has another name elsewhere in the tree would stay, and is none of them. Reads the projects'
    locks and manifests; where these are not at hand, layers are unpacked once more as far as
    `unpacking.allowed`. Time is linear in the tree's directories, in what is read and in these packages.
    SourceError for a report that was saved without entries.
    """
    layers_of(analysis)
    found = Development()
    roots = list(_roots(analysis.union.root))
    governed: set[Node] = set()
    """Each `node_modules` that a lock tells of."""
    for root, unneeded in _read_locks(analysis, roots):
        packages = {path: one for path in unneeded.locked if (one := _package(root, path)) is not None}
        if packages:  # else it tells of what has gone
            governed.update(one.modules for one in packages.values())
            project = Project(root.path, is_locked=True, tools=tuple(unneeded.tools))
            of_tools = unneeded.paths.items()
            project.reasons = {packages[path].path: tool for path, tool in of_tools if path in packages}
            _take(project, _files_of_packages(packages, unneeded.paths), taken, found)
    others = (root for root in roots if governed.isdisjoint((root.modules, root.outermost)))
    _take(Project(), _files_of_tools(others), taken, found)
    return found


def _roots(top: Node) -> Iterator[_Root]:
    """Every `node_modules`; those that others lie in come first."""
    waiting: list[tuple[bytes, Node, Node | None]] = [(b"", top, None)]
    while waiting:
        path, folder, outermost = waiting.pop()
        assert folder.children is not None
        for name, node in [item for item in folder.children.items() if item[1].children is not None]:
            outer = outermost
            if name == _MODULES:
                outer = outermost or node
                yield _Root(path, folder, node, outer)
            waiting.append((path + b"/" + name if path else name, node, outer))


def _read_locks(analysis: Analysis, roots: Iterable[_Root]) -> Iterator[tuple[_Root, Unneeded]]:
    """Projects with a lock that tells; of a package's own `node_modules` the project's lock does."""
    wanted: list[tuple[_Root, Node, Node | None]] = []
    for root in roots:
        lock = _file(root.modules, b".package-lock.json", MAX_LOCK)
        if lock is not None and root.modules is root.outermost:
            wanted.append((root, lock, _file(root.folder, b"package.json", MAX_MANIFEST)))
    wanted.sort(key=lambda one: (-one[1].entry.size, one[0].path))
    contents = _contents(analysis, [node for _, *nodes in wanted[:MAX_PROJECTS] for node in nodes if node])
    for root, lock, manifest in wanted[:MAX_PROJECTS]:
        if lock in contents:
            unneeded = read_lock(contents[lock], contents.get(manifest) if manifest is not None else None)
            if unneeded is not None:
                yield root, unneeded


def _file(folder: Node, name: bytes, most: int) -> Node | None:
    """What stores a regular file of no more than so many bytes; None if there is none."""
    node = (folder.children or {}).get(name)
    if node is None or node.inode.entry.type is not FileType.REGULAR or node.inode.entry.size > most:
        return None
    return node.inode


def _contents(analysis: Analysis, nodes: Iterable[Node]) -> dict[Node, bytes]:
    """What some files hold; of none of them if they are too much, or too far away."""
    by_layer: defaultdict[int, set[int]] = defaultdict(set)
    wanted = dict.fromkeys(nodes, whole)
    for node in wanted:
        if not analysis.layers[node.layer].layer.contents.is_at_hand(node.number):
            by_layer[node.layer].add(node.number)
    cost = sum(analysis.layers[layer].layer.contents.cost(numbers) for layer, numbers in by_layer.items())
    if cost > allowed(analysis.layers) or sum(node.entry.size for node in wanted) > _MOST:
        return {}
    return Reader(analysis.image.layers, unheard).read(wanted)


def _package(root: _Root, path: str) -> _Package | None:
    """The folder of a package that a lock names; None if it is not there, or is no folder of a package."""
    parts = path.encode("utf-8", "surrogatepass").split(b"/")
    if parts[-2:-1] != [_MODULES] and (parts[-3:-2] != [_MODULES] or not parts[-2].startswith(b"@")):
        return None
    node, modules = root.folder, root.modules
    for part in parts:
        child = (node.children or {}).get(part)
        if child is None or child.children is None:
            return None
        node = child
        if part == _MODULES:
            modules = node
    return _Package(b"/".join((root.path, *parts) if root.path else parts), node, modules)


def _files_of_packages(
    packages: Mapping[str, _Package], unneeded: Iterable[str]
) -> Iterator[tuple[bytes, Node]]:
    """The files of those that are not needed, each with the folder of its package."""
    others = {one.node for one in packages.values()}
    for path in unneeded:
        if path in packages:
            yield from _below(packages[path].path, packages[path].node, others)


def _files_of_tools(roots: Iterable[_Root]) -> Iterator[tuple[bytes, Node]]:
    """The files of well-known tools, each with the folder of its package."""
    for root in roots:
        path = root.path + b"/" + _MODULES if root.path else _MODULES
        for name, node in (root.modules.children or {}).items():
            inner = {name + b"/" + of: one for of, one in (node.children or {}).items()}
            for package, folder in inner.items() if name.startswith(b"@") else ((name, node),):
                if folder.children is not None and is_tool(package.decode("utf-8", "replace")):
                    yield from _below(path + b"/" + package, folder, ())


def _below(path: bytes, top: Node, others: Container[Node]) -> Iterator[tuple[bytes, Node]]:
    """Every file below a folder and in none of the others, with a path."""
    waiting = [top]
    while waiting:
        for node in (waiting.pop().children or {}).values():
            if node.children is None:
                yield path, node
            elif node not in others:
                waiting.append(node)


def _take(
    project: Project, files: Iterable[tuple[bytes, Node]], taken: Mapping[int, Set[int]], found: Development
) -> None:
    """Each stored file once, if together they are worth a word."""
    owners: dict[Node, bytes] = {}
    names: defaultdict[Node, set[Node]] = defaultdict(set)
    """Of files with several names those that are here."""
    for path, node in files:
        links = node.links
        inode = node if links is None else links.inode
        if inode.entry.size:
            owners.setdefault(inode, path)
            if links is not None:
                names[inode].add(node)
    kept = [
        (inode, path)
        for inode, path in owners.items()
        if (inode not in names or len(names[inode]) == inode.names)
        and inode.number not in taken.get(inode.layer, ())
        and inode.number not in found.taken.get(inode.layer, ())
    ]
    if sum(inode.entry.size for inode, _ in kept) < LEAST:
        return
    found.projects.append(project)
    pile = project.pile
    for inode, path in kept:
        layer, size = inode.layer, inode.entry.size
        pile.add(path, layer, size)
        pile.live[layer] = pile.live.get(layer, 0) + size
        found.taken.setdefault(layer, set()).add(inode.number)

"""Where in the tree languages keep their packages, found in one pass over its directories."""

from dataclasses import dataclass, field
from typing import NamedTuple

from ..model import FileType
from ..tree import Node

LEAST_PROGRAM = 1 << 20
"""Bytes below which a program is not looked into: Go's smallest that say something have more."""
_DISTRIBUTIONS = (b".dist-info", b".egg-info")
_ARCHIVES = (b".jar", b".war", b".ear")


class Distribution(NamedTuple):
    """What Python's installers leave beside the packages they install."""

    folder: bytes
    """The path of the directory it lies in: the packages are there too."""
    name: bytes
    node: Node
    """A directory, or a file in the oldest of the formats."""


@dataclass(slots=True)
class Module:
    """A directory of `node_modules` with a `package.json`."""

    name: bytes
    """With its scope: `@babel/core`."""
    manifest: Node
    files: list[Node] = field(default_factory=list)
    """All below it, but for other modules."""

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(node.inode.entry.size for node in self.files)


class File(NamedTuple):
    """A file and its name in its directory."""

    name: bytes
    node: Node


@dataclass(slots=True)
class Survey:
    """What there is, in no order that means anything."""

    distributions: list[Distribution] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)
    archives: list[File] = field(default_factory=list)
    """Of Java."""
    programs: list[File] = field(default_factory=list)
    """Files that can be executed and are large enough to be Go's; no libraries, and nothing of modules."""


def survey(root: Node) -> Survey:
    """Look through the tree, in time linear in it."""
    found = Survey()
    # The directory, its path, the module it lies in, and, if modules lie in it, their scope.
    waiting: list[tuple[Node, bytes, Module | None, bytes | None]] = [(root, b"", None, None)]
    while waiting:
        directory, path, module, scope = waiting.pop()
        assert directory.children is not None
        for name, node in directory.children.items():
            children = node.children
            if children is None:
                if module is not None:
                    module.files.append(node)
                entry = node.entry if node.links is None else node.links.inode.entry
                if entry.type is not FileType.REGULAR:
                    continue
                if name.endswith(_ARCHIVES):
                    found.archives.append(File(name, node))
                elif name.endswith(b".egg-info"):
                    found.distributions.append(Distribution(path, name, node))
                elif (
                    entry.size >= LEAST_PROGRAM
                    and entry.mode & 0o111
                    and module is None
                    and b".so" not in name
                ):
                    found.programs.append(File(name, node))
                continue
            below, inside = (b"" if name == b"node_modules" else None), module
            if scope == b"" and name[:1] == b"@":
                below = name + b"/"
            elif scope is not None and name[:1] != b".":
                manifest = children.get(b"package.json")
                if manifest is not None and manifest.children is None:
                    inside = Module(scope + name, manifest)
                    found.modules.append(inside)
            if name.endswith(_DISTRIBUTIONS):
                found.distributions.append(Distribution(path, name, node))
            waiting.append((node, path + b"/" + name if path else name, inside, below))
    return found

"""Who holds the live bytes: each package, and of what no package owns each directory, with their files."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from ..analyze import Analysis
from ..tree import Node
from .package import Package, Packages, UnownedDirectory

MOST_FILES = 20
"""The largest files that are told of each."""


class Part(NamedTuple):
    """What a layer stores for somebody."""

    layer: int
    size: int
    """Live bytes."""
    files: int


class HeldFile(NamedTuple):
    """A file that somebody holds."""

    path: bytes
    """Normalised, without a leading slash; of a file with several names the first of those that count."""
    size: int
    layer: int
    """The layer that stores it."""


class Holder(NamedTuple):
    """A package and its files, or a directory and what in it belongs to no package."""

    package: Package | None
    directory: UnownedDirectory | None
    """One of the two is None."""
    size: int
    """Live bytes; those of all holders add up to the live bytes of the image."""
    files: int
    """Names of files, as `Package.files`; of a directory those that hold bytes."""
    parts: tuple[Part, ...]
    """`size` and `files` by layer, ascending; a layer that only has empty files is there, with 0 bytes."""
    largest: tuple[HeldFile, ...]
    """At most `MOST_FILES`, the largest first, none that is empty."""

    @property
    def layer(self) -> int | None:
        """The layer that stores most, of equals the highest; None if there are no files."""
        return max(self.parts, key=lambda part: (part.size, part.layer)).layer if self.parts else None

    @property
    def is_in_several(self) -> bool:
        """Whether more than one layer stores bytes of it."""
        return sum(part.size > 0 for part in self.parts) > 1


def holders(analysis: Analysis, packages: Packages) -> tuple[Holder, ...]:
    """The packages in their order, and then the directories in theirs; in time linear in the tree."""
    found = _Found(packages)
    found.walk(analysis.union.root)
    return tuple(found.settle())


class _Found:
    """Holders by their number: that of the package, or behind them all that of the directory."""

    def __init__(self, packages: Packages) -> None:
        self._packages = packages
        behind = len(packages.packages)
        self._nobody = behind + len(packages.unowned_by_directory)
        """Whose files are empty, and in no directory that is listed."""
        self._directories = {
            one.path: number for number, one in enumerate(packages.unowned_by_directory, behind)
        }
        self._sizes: defaultdict[int, Counter[int]] = defaultdict(Counter)
        self._files: defaultdict[int, Counter[int]] = defaultdict(Counter)
        self._held: defaultdict[int, list[tuple[int, bytes, int]]] = defaultdict(list)
        """(bytes less than nothing, path, layer): so that the largest stands first."""

    def walk(self, root: Node) -> None:
        """Everything below the root."""
        owners, directories = self._packages.owners, self._directories
        behind = len(self._packages.packages)
        linked: dict[Node, tuple[int, bytes, int]] = {}
        """By file of several names: a package before nobody, the first name, and its holder."""
        waiting = [(root, b"", directories.get(b"", self._nobody))]
        while waiting:
            directory, base, holder = waiting.pop()
            assert directory.children is not None
            for name, node in directory.children.items():
                path = base + name
                if node.children is not None:
                    waiting.append((node, path + b"/", directories.get(path, holder)))
                    continue
                number = owners.get(node, holder)
                size = node.inode.entry.size
                if size or node in owners:
                    self._files[number][node.inode.layer] += 1
                if size and node.links is None:
                    self._take(number, path, node)
                elif size:
                    claim = min(number, behind), path, number
                    linked[node.inode] = min(linked.get(node.inode, claim), claim)
        for inode, (_, path, number) in linked.items():
            self._take(number, path, inode)

    def _take(self, number: int, path: bytes, inode: Node) -> None:
        self._sizes[number][inode.layer] += inode.entry.size
        self._held[number].append((-inode.entry.size, path, inode.layer))

    def settle(self) -> Iterator[Holder]:
        """What was found. The bytes of packages are those that their owners were told."""
        for number, package in enumerate(self._packages.packages):
            sizes = dict(package.by_layer)
            yield Holder(package, None, package.size, package.files, *self._of(number, sizes))
        for directory, number in zip(
            self._packages.unowned_by_directory, self._directories.values(), strict=True
        ):
            files = self._files[number].total()
            yield Holder(None, directory, directory.size, files, *self._of(number, self._sizes[number]))

    def _of(self, number: int, sizes: dict[int, int]) -> tuple[tuple[Part, ...], tuple[HeldFile, ...]]:
        files = self._files[number]
        parts = (Part(layer, sizes.get(layer, 0), files[layer]) for layer in sorted(sizes.keys() | files))
        largest = heapq.nsmallest(MOST_FILES, self._held[number])
        return tuple(parts), tuple(HeldFile(path, -size, layer) for size, path, layer in largest)

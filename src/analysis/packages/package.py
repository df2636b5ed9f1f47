"""Packages and what they own, as plain data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..tree import Node

_MOST_TEXT = 200
"""Bytes of a name or a version that are kept: no manager takes as many."""


class Claim(NamedTuple):
    """A package as its database describes it."""

    manager: str
    name: str
    version: str
    installed_size: int | None
    nodes: Iterable[Node]
    """What there is of it in the tree, directories and doubles among it; read once. May raise LimitError."""


class Package(NamedTuple):
    """A package and the bytes it brought."""

    manager: str
    """`dpkg`, `apk`, `rpm`, `python`, `npm`, `java` or `go`."""
    name: str
    """As the manager calls it, without an architecture; may hold lone surrogates (`surrogateescape`)."""
    version: str
    """Empty where nothing tells."""
    copies: int
    """How often this version is installed: in several `node_modules`, for several architectures."""
    files: int
    """Names of files in the tree that belong to it: not its directories, nor what has been deleted."""
    size: int
    """Live bytes of these files as the layers store them; a file with several names counts once."""
    layer: int | None
    """The layer that stores most of `size`, of equals the highest; None if nothing does."""
    by_layer: tuple[tuple[int, int], ...]
    """(layer, bytes), layers ascending, none with 0 bytes; the bytes add up to `size`."""
    installed_size: int | None
    """Bytes that its database says it takes, of all copies; None where it says nothing."""


class UnownedDirectory(NamedTuple):
    """A directory and what in it belongs to no package."""

    path: bytes
    """Normalised, without a leading slash; empty: the root."""
    size: int
    rest: bool
    """Whether others that are listed lie in it, whose bytes it does not count."""


@dataclass(frozen=True, slots=True)
class Packages:
    """The live files of an image by their owner; sizes of packages and `unowned` add up to its live bytes."""

    packages: tuple[Package, ...]
    """Largest first, then by manager, name and version."""
    unowned: int
    """Live bytes that belong to no package."""
    unowned_by_directory: tuple[UnownedDirectory, ...]
    """The same by few directories (`waste_directories.by_directory`), largest first."""
    notes: tuple[str, ...]
    """What could not be read, and why: a sentence each, with names from the image in it."""
    owners: Mapping[Node, int] = field(repr=False, compare=False)
    """By file of the tree: its owner's place in `packages`; a file that nobody owns is left out."""
    unread: tuple[int, ...] = ()
    """Layers with databases whose contents have gone by or are damaged: what these list owns nothing."""

    def owned(self, start: int = 0) -> int:
        """Live bytes of the packages, from a place in their list on."""
        return sum(package.size for package in self.packages[start:])


def text(value: bytes) -> str:
    """A name or a version from a database; what is too long for one is cut."""
    return value[:_MOST_TEXT].decode("utf-8", "surrogateescape")


def count(value: bytes) -> int | None:
    """A number of bytes from a database; None for what is no such number."""
    return int(value) if value.isdigit() and len(value) <= 18 else None

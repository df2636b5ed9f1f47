"""dpkg: `status` says what is installed, `info/*.list` which paths are its, `diversions` which were renamed.

Distroless images have a file for each package in `status.d` instead, and beside it its sums of contents
(deb-md5sums(5)), which name the files but no symbolic links. Sums take the place of a missing list too.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice, pairwise
from typing import NamedTuple

from ..tree import Node
from .package import Claim, count, text
from .places import Places
from .stanzas import fields, lines, stanzas

MANAGER = "dpkg"
MAX_SIZE = 32 << 20
"""Bytes of one of its files; the status of a full desktop has 4 MiB."""
_HOME = b"var/lib/dpkg"
_FIELDS = frozenset((b"package", b"status", b"version", b"architecture", b"multi-arch", b"installed-size"))
_MAX_DIVERSIONS = 100_000
_LONG = 100
"""Bytes of a path that is looked up like several."""

Diversions = Mapping[bytes, tuple[bytes, bytes]]
"""By path: where it was moved to, and the package that has the path now (empty: none, a local one)."""


class Label(NamedTuple):
    """What tells a package from others, also from itself for another architecture."""

    name: bytes
    architecture: bytes
    is_one_of_several: bool
    """Whether it may be installed for several architectures (`Multi-Arch: same`)."""

    @property
    def stems(self) -> tuple[bytes, bytes]:
        """What the names of its files in `info` may begin with, the likelier first."""
        stems = self.name, self.name + b":" + self.architecture
        return stems[::-1] if self.is_one_of_several else stems


def label(said: Mapping[bytes, bytes]) -> Label:
    """Of a package in the status."""
    several = said.get(b"multi-arch") == b"same"
    return Label(said[b"package"], said.get(b"architecture", b""), several)


def home(places: Places) -> Mapping[bytes, Node]:
    """What is in dpkg's directory."""
    return folder(places.directory(_HOME))


def folder(node: Node | None) -> Mapping[bytes, Node]:
    """What is in a directory; nothing if it is none."""
    return (node.children or {}) if node is not None else {}


class Listing(NamedTuple):
    """The file in `info` that names the files of a package."""

    node: Node
    is_sums: bool

    def paths(self, content: bytes) -> Iterator[bytes]:
        """What it names; directories too, if it is no file of sums."""
        return _paths_of_sums(content) if self.is_sums else lines(content)


def listing(info: Mapping[bytes, Node], package: Label) -> Listing | None:
    """That of a package: its list, or else its sums; None if there is neither."""
    for kind in (b".list", b".md5sums"):
        for stem in package.stems:
            if (found := info.get(stem + kind)) is not None:
                return Listing(found.inode, kind == b".md5sums")
    return None


def databases(places: Places) -> list[Node]:
    """The files to read."""
    top = home(places)
    found = [node for name in (b"status", b"diversions") if (node := top.get(name))]
    found += listings(folder(top.get(b"info")))
    found += folder(top.get(b"status.d")).values()
    return [node.inode for node in found if node.children is None]


def listings(info: Mapping[bytes, Node]) -> Iterator[Node]:
    """The files in `info` that name those of packages: lists, and sums where there is no list."""
    for name, node in info.items():
        stem, _, kind = name.rpartition(b".")
        if kind == b"list" or (kind == b"md5sums" and stem + b".list" not in info):
            yield node


def claims(places: Places, contents: Mapping[Node, bytes]) -> Iterator[Claim]:
    """The packages of both kinds of database, in their order."""
    top = home(places)

    def content(node: Node | None) -> bytes:
        return contents.get(node.inode, b"") if node is not None else b""

    info, status_d = folder(top.get(b"info")), folder(top.get(b"status.d"))
    moved = diversions(content(top.get(b"diversions")))
    for stanza in stanzas(content(top.get(b"status"))):
        said = fields(stanza, _FIELDS)
        if said.get(b"package") and (there := is_there(said)) is not None:
            package = label(said)
            listed = listing(info, package)
            paths = listed.paths(content(listed.node)) if listed is not None else iter(())
            yield _claim(said, there, nodes(places, paths, moved, package.name))
    for stem in status_d:
        if not stem.endswith(b".md5sums"):
            said = fields(content(status_d[stem]), _FIELDS)
            if b"package" in said:
                sums = _paths_of_sums(content(status_d.get(stem + b".md5sums")))
                yield _claim(said, True, nodes(places, sums, {}, b""))


def is_there(said: Mapping[bytes, bytes]) -> bool | None:
    """Whether a package in the status is installed; None if nothing of it is there.

    What was removed and left its configuration behind takes up nothing.
    """
    status = said.get(b"status", b"").split()[-1:]
    return None if status == [b"not-installed"] else status != [b"config-files"]


def _claim(said: Mapping[bytes, bytes], installed: bool, nodes: Iterator[Node]) -> Claim:
    kibibytes = count(said.get(b"installed-size", b"")) if installed else None
    size = kibibytes * 1024 if kibibytes is not None else None
    return Claim(MANAGER, text(said[b"package"]), text(said.get(b"version", b"")), size, nodes)


def nodes(places: Places, paths: Iterable[bytes], moved: Diversions, package: bytes) -> Iterator[Node]:
    """What is at the paths; not at those the package has as directories, where the tree may have links."""
    for path, following in pairwise(chain(paths, (b"",))):
        if len(path) > _LONG:
            places.count(len(path) // _LONG)  # which takes its time
        if following.startswith(path + b"/"):
            places.count(1)
            continue
        if path in moved:
            target, diverter = moved[path]
            node = places.find(path if diverter == package else target)
        else:
            node = places.find(path)
        if node is not None:
            yield node


def _paths_of_sums(sums: bytes) -> Iterator[bytes]:
    return (line.partition(b"  ")[2] for line in lines(sums))


def diversions(content: bytes) -> Diversions:
    """Three lines each: the path, where it was moved to, the package (`:` for an administrator's)."""
    line = lines(content)
    triples = islice(zip(line, line, line, strict=False), _MAX_DIVERSIONS)
    return {path: (target, b"" if package == b":" else package) for path, target, package in triples}

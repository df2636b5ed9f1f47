"""dpkg: `status` says what is installed, `info/*.list` which paths are its, `diversions` which were renamed.

Distroless images have a file for each package in `status.d` instead, and beside it its sums of contents
(deb-md5sums(5)), which name the files but no symbolic links. Sums take the place of a missing list too.
"""

from collections.abc import Iterator, Mapping
from itertools import chain, islice, pairwise

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

Diversions = Mapping[bytes, tuple[bytes, bytes]]
"""By path: where it was moved to, and the package that has the path now (empty: none, a local one)."""


def databases(places: Places) -> list[Node]:
    """The files to read."""
    home = places.directory(_HOME)
    info, status_d = _folder(home, b"info"), _folder(home, b"status.d")
    found = [node for name in (b"status", b"diversions") if (node := _folder(home).get(name))]
    for name, node in info.items():
        stem, _, kind = name.rpartition(b".")
        if kind == b"list" or (kind == b"md5sums" and stem + b".list" not in info):
            found.append(node)
    found += status_d.values()
    return [node.inode for node in found if node.children is None]


def claims(places: Places, contents: Mapping[Node, bytes]) -> Iterator[Claim]:
    """The packages of both kinds of database, in their order."""
    home = places.directory(_HOME)

    def content(folder: Mapping[bytes, Node], name: bytes) -> bytes | None:
        node = folder.get(name)
        return contents.get(node.inode) if node is not None else None

    info, status_d = _folder(home, b"info"), _folder(home, b"status.d")
    diversions = _diversions(content(_folder(home), b"diversions") or b"")
    for stanza in stanzas(content(_folder(home), b"status") or b""):
        said = fields(stanza, _FIELDS)
        name, status = said.get(b"package"), said.get(b"status", b"").split()
        if not name or status[-1:] == [b"not-installed"]:
            continue
        stems = [name, name + b":" + said.get(b"architecture", b"")]
        if said.get(b"multi-arch") == b"same":
            stems.reverse()
        listed = (content(info, stem + b".list") for stem in stems)
        summed = (content(info, stem + b".md5sums") for stem in stems)
        listing = next((one for one in listed if one is not None), None)
        if listing is None:
            paths = _paths_of_sums(next((one for one in summed if one is not None), b""))
        else:
            paths = lines(listing)
        # What was removed and left its configuration behind takes up nothing.
        installed = status[-1:] != [b"config-files"]
        yield _claim(said, installed, _nodes(places, paths, diversions, name))
    for stem in status_d:
        if not stem.endswith(b".md5sums"):
            said = fields(content(status_d, stem) or b"", _FIELDS)
            if b"package" in said:
                paths = _paths_of_sums(content(status_d, stem + b".md5sums") or b"")
                yield _claim(said, True, _nodes(places, paths, {}, b""))


def _claim(said: Mapping[bytes, bytes], installed: bool, nodes: Iterator[Node]) -> Claim:
    kibibytes = count(said.get(b"installed-size", b"")) if installed else None
    size = kibibytes * 1024 if kibibytes is not None else None
    return Claim(MANAGER, text(said[b"package"]), text(said.get(b"version", b"")), size, nodes)


def _folder(home: Node | None, name: bytes | None = None) -> Mapping[bytes, Node]:
    """What is in dpkg's directory, or in one below it."""
    found = (home.children or {}) if home is not None else {}
    if name is None:
        return found
    node = found.get(name)
    return (node.children or {}) if node is not None else {}


def _nodes(places: Places, paths: Iterator[bytes], diversions: Diversions, package: bytes) -> Iterator[Node]:
    """What is at the paths; not at those the package has as directories, where the tree may have links."""
    for path, following in pairwise(chain(paths, (b"",))):
        places.count(1 + len(path) // 100)  # long ones take their time
        if following.startswith(path + b"/"):
            continue
        target, diverter = diversions.get(path, (path, package))
        node = places.find(path if diverter == package else target)
        if node is not None:
            yield node


def _paths_of_sums(sums: bytes) -> Iterator[bytes]:
    return (line.partition(b"  ")[2] for line in lines(sums))


def _diversions(content: bytes) -> Diversions:
    """Three lines each: the path, where it was moved to, the package (`:` for an administrator's)."""
    line = lines(content)
    triples = islice(zip(line, line, line, strict=False), _MAX_DIVERSIONS)
    return {path: (target, b"" if package == b":" else package) for path, target, package in triples}

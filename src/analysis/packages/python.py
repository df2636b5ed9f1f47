"""Python: `*.dist-info` with `RECORD` (Recording installed projects), and `*.egg-info` of older tools.

Where nothing lists the files, those that `top_level.txt` names are taken. Bytecode belongs to whom its
source belongs to: pip lists it, uv and whoever imports a module as root do not.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from ..paths import ODD
from ..tree import Node
from .package import Claim, text
from .places import Places
from .reading import Take, head, whole
from .stanzas import fields, lines
from .survey import Distribution

MANAGER = "python"
MAX_SIZE = 32 << 20
"""Bytes of a list of files."""
_HEADERS = (b"METADATA", b"PKG-INFO")
_LISTS = (b"RECORD", b"installed-files.txt", b"top_level.txt")
_FIELDS = frozenset((b"name", b"version"))
_MAX_TOP_LEVEL = 1000


def wanted(distributions: Iterable[Distribution]) -> Iterator[tuple[Node, Take]]:
    """The files to read; of a header no more than its beginning."""
    for _, _, node in distributions:
        if node.children is None:
            yield node.inode, head
            continue
        for names, take in ((_HEADERS, head), (_LISTS, whole)):
            for name in names:
                file = node.children.get(name)
                if file is not None and file.children is None:
                    yield file.inode, take
                    break


def claims(
    places: Places, distributions: Iterable[Distribution], contents: Mapping[Node, bytes]
) -> Iterator[Claim]:
    """A package for each distribution."""
    for distribution in distributions:
        stem = distribution.name.rpartition(b".")[0]
        name, _, version = stem.partition(b"-")
        header = _first(distribution.node, _HEADERS, contents)[1]
        said = fields(header.partition(b"\n\n")[0], _FIELDS)
        name, version = said.get(b"name", name), said.get(b"version", version)
        yield Claim(MANAGER, text(name), text(version), None, _nodes(places, distribution, contents))


def _first(node: Node, names: Iterable[bytes], contents: Mapping[Node, bytes]) -> tuple[bytes, bytes]:
    """(name, content) of the first of the files that is there; of a file that is alone its own content."""
    if node.children is None:
        return b"", contents.get(node.inode, b"")
    name = next((name for name in names if name in node.children), b"")
    return name, contents.get(node.children[name].inode, b"") if name else b""


def _nodes(places: Places, distribution: Distribution, contents: Mapping[Node, bytes]) -> Iterator[Node]:
    folder, _, node = distribution
    yield from places.files(node)
    if node.children is None:
        return
    name, content = _first(node, _LISTS, contents)
    if name == b"RECORD":
        yield from _listed(places, folder, map(_path, lines(content)))
    elif name == b"installed-files.txt":
        yield from _listed(places, folder + b"/" + distribution.name, lines(content))
    else:
        for module in dict.fromkeys(islice(lines(content), _MAX_TOP_LEVEL)):
            if module not in ODD and b"/" not in module:
                for path in (folder + b"/" + module, folder + b"/" + module + b".py"):
                    found = places.find(path)
                    if found is not None:
                        yield from places.files(found)


def _listed(places: Places, folder: bytes, paths: Iterable[bytes]) -> Iterator[Node]:
    """What is at the paths, from the directory or absolute, and the bytecode of modules among it."""
    bytecode = Bytecode(places)
    for listed in paths:
        path = listed if listed.startswith(b"/") else folder + b"/" + listed
        found = places.find(path)
        if found is not None:
            yield found
            yield from bytecode.take(path)


class Bytecode:
    """What Python compiled modules to (PEP 3147: `__pycache__/module.cpython-311.opt-1.pyc`)."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._compiled: dict[bytes, dict[bytes, list[Node]]] = {}
        """By directory: that of its modules, by their names, as far as nobody took it."""

    def take(self, path: bytes) -> Iterable[Node]:
        """That of a module, the first time it is asked for; nothing of what is no module."""
        if not path.endswith(b".py"):
            return ()
        above, _, module = path[:-3].rpartition(b"/")
        if above not in self._compiled:
            self._compiled[above] = self._look(above)
        return self._compiled[above].pop(module, ())

    def _look(self, folder: bytes) -> dict[bytes, list[Node]]:
        cache = self._places.directory(folder + b"/__pycache__")
        found: dict[bytes, list[Node]] = {}
        for name, node in ((cache.children or {}) if cache is not None else {}).items():
            if name.endswith(b".pyc"):
                found.setdefault(name.partition(b".")[0], []).append(node)
        return found


def _path(line: bytes) -> bytes:
    """The first of a line's three fields, which are separated by commas and may stand in quotes."""
    if line.startswith(b'"'):
        return line[1:].rpartition(b'"')[0].replace(b'""', b'"')
    return line.rsplit(b",", 2)[0]

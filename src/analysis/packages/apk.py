"""apk: one file of stanzas (apk-package(5), "installed database").

`P:` name, `V:` version, `I:` installed bytes, `F:` a directory, `R:` a file of the directory named last.
"""

from collections.abc import Iterator, Mapping

from ..tree import Node
from .package import Claim, count, text
from .places import Places
from .stanzas import lines, stanzas

MANAGER = "apk"
MAX_SIZE = 32 << 20
"""Bytes of the database; Alpine with a compiler has 1 MiB."""
_PATHS = (b"lib/apk/db/installed", b"usr/lib/apk/db/installed")


def databases(places: Places) -> list[Node]:
    """The files to read; the two places may be one."""
    found = (places.find(path) for path in _PATHS)
    return list({node.inode: None for node in found if node is not None and node.children is None})


def claims(places: Places, contents: Mapping[Node, bytes]) -> Iterator[Claim]:
    """The packages in the order of the database."""
    for database in databases(places):
        for stanza in stanzas(contents.get(database, b"")):
            said: dict[bytes, bytes] = {}
            for line in lines(stanza):
                if line[:2] in (b"P:", b"V:", b"I:"):
                    said.setdefault(line[:1], line[2:])
                elif line[:2] == b"F:":  # files stand last
                    break
            if said.get(b"P"):
                name, version = text(said[b"P"]), text(said.get(b"V", b""))
                yield Claim(MANAGER, name, version, count(said.get(b"I", b"")), _nodes(places, stanza))


def _nodes(places: Places, stanza: bytes) -> Iterator[Node]:
    folder = b""
    for line in lines(stanza):
        if line[:2] == b"F:":
            folder = line[2:]
        elif line[:2] == b"R:":
            node = places.find(folder + b"/" + line[2:])
            if node is not None:
                yield node

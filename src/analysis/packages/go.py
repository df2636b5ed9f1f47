"""Go: a program says what it was built from (the package `debug/buildinfo`; ELF only).

The information stands where the writable data begin, behind all code. What is no program of Go is told by
its first piece: Go's linker leaves a note in the beginning, or the table of sections where no other puts
it. Of the others the code is passed over once, and what is read of the data ends where the magic is found.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from heapq import nlargest
from itertools import chain

from ..tree import Node
from .package import Claim, text
from .reading import HEAD, Take
from .survey import File

MANAGER = "go"
MAX_READ = 200
"""How many programs, the largest, are looked into."""
MAX_SIZE = 512 << 20
"""Bytes of a program that is looked into."""
MAX_TOTAL = 8 << 30
"""Bytes of all of them; most of them turn out to be of another language, and one piece is read."""
_MAGIC = b"\xff Go buildinf:"
_TEXTS = 32
"""Bytes from the magic to the texts."""
_FRAME = 16
"""Random bytes around the text about modules."""
_LOAD, _NOTE, _WRITABLE = 1, 4, 2
_MAX_SEGMENTS = 64


def wanted(programs: Iterable[File]) -> Iterator[tuple[Node, Take]]:
    """The programs to look into."""
    inodes = dict.fromkeys(file.node.inode for file in programs)
    fitting = (inode for inode in inodes if inode.entry.size <= MAX_SIZE)
    total = 0
    for inode in nlargest(MAX_READ, fitting, key=lambda inode: inode.entry.size):
        total += inode.entry.size
        if total <= MAX_TOTAL:
            yield inode, build_info


def claims(programs: Iterable[File], contents: Mapping[Node, bytes]) -> Iterator[Claim]:
    """A package for each program that turned out to be Go's; several names of a file are one program."""
    seen: set[Node] = set()
    for file in programs:
        info = contents.get(file.node.inode)
        if info and file.node.inode not in seen:
            seen.add(file.node.inode)
            name, version = _name_and_version(info)
            yield Claim(MANAGER, text(name or file.name), text(version), None, (file.node,))


def build_info(pieces: Iterator[bytes]) -> bytes:
    """What a program says: a line with Go's version, then those of `go version -m`; empty if it is not Go's.

    Programs from before Go 1.18 say it elsewhere: of them there is an empty line.
    """
    first = next(pieces, b"")
    start = _data_offset(first)
    if start is None:
        return b""
    at, window = 0, bytearray()
    for piece in chain((first,), pieces):
        window += piece[max(0, start - at) :]
        at += len(piece)
        found = window.find(_MAGIC)
        if found < 0:
            del window[: -len(_MAGIC)]
        elif len(window) - found >= HEAD:
            break
        else:
            del window[:found]
    found = window.find(_MAGIC)
    return _texts(bytes(window[found : found + HEAD])) if found >= 0 else b""


def _texts(data: bytes) -> bytes:
    """Go's version and the lines about modules, from the magic on."""
    if len(data) <= _TEXTS or not data[15] & 2:
        return b"\n"
    version, at = _text(data, _TEXTS)
    modules, _ = _text(data, at)
    return version + b"\n" + modules[_FRAME:]


def _text(data: bytes, at: int) -> tuple[bytes, int]:
    """A text with its length before it as a varint, and where the next begins."""
    length = 0
    for place, byte in enumerate(data[at : at + 5]):
        length |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            at += place + 1
            return data[at : at + length], at + length
    return b"", len(data)


def _name_and_version(info: bytes) -> tuple[bytes, bytes]:
    """The path of the main package, or else of its module, and the module's version."""
    path = module = version = b""
    for line in info.split(b"\n")[1:]:
        said = line.split(b"\t")
        if said[0] == b"path" and len(said) > 1:
            path = said[1]
        elif said[0] == b"mod" and len(said) > 2:
            module, version = said[1:3]
            break
    return (module if path in (b"", b"command-line-arguments") else path), version


def _data_offset(first: bytes) -> int | None:
    """Where in the file the first writable segment begins; None if this is no program of Go."""
    if first[:4] != b"\x7fELF" or len(first) < 64:
        return None
    wide, order = first[4] == 2, ">" if first[5] == 2 else "<"
    segments, sections = struct.unpack_from(order + ("QQ" if wide else "II"), first, 32 if wide else 28)
    each, count = struct.unpack_from(order + "HH", first, 54 if wide else 42)
    # Other linkers put the table of sections last.
    is_go = sections == segments + each * count
    data = None
    for number in range(min(count, _MAX_SEGMENTS)):
        place = segments + each * number
        if place + (56 if wide else 32) > len(first):
            return None
        if wide:
            kind, flags, offset, _, _, size = struct.unpack_from(order + "IIQQQQ", first, place)
        else:
            kind, offset, _, _, size, _, flags = struct.unpack_from(order + "7I", first, place)
        if kind == _NOTE:
            is_go = is_go or b"Go\0\0" in first[offset : offset + min(size, 4096)]
        elif kind == _LOAD and flags & _WRITABLE and data is None:
            data = offset
    return data if is_go else None

"""What was read of a layer, as bytes to keep: entries in columns, digests, what was checked, small files.

A column whose values repeat (modes, owners, times) is a table of its values and an index into it for each
entry: so they are one object again once they are read. All is packed with zstd: some 30 bytes an entry, a
digest's 16 included. Bytes that are no record, or not all of one, are None and never an error.
"""

import json
import operator
import struct
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from typing import Any, NamedTuple

from ..analysis.model import NO_EXTRAS, Entry, Extras, FileType
from . import limits
from .digests import DIGEST_SIZE

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_BYTES = 1 << 30
"""Of a record before it is packed: one with some ten million entries."""
_LEVEL = 1
_TYPES = {int(one): one for one in FileType}
_FRONT = struct.Struct("<II")
"""Entries, and bytes of the head."""
_WIDTHS = ((1 << 8, "B"), (1 << 16, "H"), (1 << 32, "I"))
_DAMAGE = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError, struct.error, zstd.ZstdError)


class LayerRecord(NamedTuple):
    """What a `ScannedTar` has, but where its contents are to be had."""

    entries: list[Entry]
    digests: bytes | bytearray
    terminated: bool
    tar_digest: str
    blob_digest: str
    kept: Mapping[int, bytes] = {}
    """Contents by the number of the file."""


def pack(record: LayerRecord) -> bytes | None:
    """The record as bytes; None for one that is not worth it, being larger than `MAX_BYTES`."""
    entries = record.entries
    packer = zstd.ZstdCompressor(level=_LEVEL)
    body: list[bytes] = []
    size = 0

    def add(column: bytes | bytearray) -> None:
        nonlocal size
        size += len(column)
        body.append(packer.compress(column))

    def values(field: int) -> Iterable[Any]:
        return map(operator.itemgetter(field), entries)

    tables: list[list[Any]] = []
    indexes: list[bytes] = []
    for field, encode, _ in _TABLED:
        places = {value: place for place, value in enumerate(dict.fromkeys(values(field)))}
        indexes.append(_packed(_width(places), map(places.__getitem__, values(field))))
        tables.append([encode(value) for value in places])
    facts = [record.terminated, record.tar_digest, record.blob_digest, len(record.digests)]
    kept = list(record.kept)
    head = json.dumps([facts, kept, tables], separators=(",", ":")).encode()
    names = list(values(0))
    add(_FRONT.pack(len(entries), len(head)))
    add(head)
    for index in indexes:
        add(index)
    add(_packed("H", map(len, names)))
    add(_packed("q", values(_SIZE)))
    # Distances repeat, and pack to half of what the offsets do.
    add(_packed("q", map(operator.sub, values(_OFFSET), chain([0], values(_OFFSET)))))
    add(record.digests)
    for content in record.kept.values():
        add(content)
    add(b"".join(names))
    body.append(packer.flush())
    return b"".join(body) if size <= MAX_BYTES else None


def unpack(data: bytes) -> LayerRecord | None:
    """The record in bytes that `pack` made; None for any others."""
    try:
        unpacker = zstd.ZstdDecompressor()
        body = unpacker.decompress(data, MAX_BYTES)
        return _read(body) if unpacker.eof and not unpacker.unused_data else None
    except _DAMAGE:
        return None


def _read(body: bytes) -> LayerRecord:
    count, head_size = _FRONT.unpack_from(body)
    if count > limits.MAX_ENTRIES:
        raise ValueError
    at = _FRONT.size

    def take(size: int) -> bytes:
        nonlocal at
        piece = body[at : at + size]
        if len(piece) != size:
            raise ValueError
        at += size
        return piece

    def column(width: str) -> Sequence[int]:
        return struct.unpack(f"<{count}{width}", take(count * struct.calcsize(f"<{width}")))

    (terminated, tar_digest, blob_digest, digests_size), kept, tables = json.loads(take(head_size))
    facts_fit = isinstance(terminated, bool) and isinstance(tar_digest, str) and isinstance(blob_digest, str)
    if not facts_fit or digests_size != count * DIGEST_SIZE:
        raise ValueError
    tabled: list[Iterable[Any]] = []
    for (_, _, decode), table in zip(_TABLED, tables, strict=True):
        tabled.append(map([decode(value) for value in table].__getitem__, column(_width(table))))
    types, modes, uids, gids, times, links, extras = tabled
    lengths, sizes, distances = column("H"), column("q"), column("q")
    digests = take(digests_size)
    contents = {_place(number, count): take(sizes[number]) for number in kept}
    if at + sum(lengths) != len(body):
        raise ValueError
    names = [body[start:end] for start, end in pairwise(accumulate(lengths, initial=at))]
    offsets = accumulate(distances)
    rows = zip(names, types, modes, uids, gids, sizes, times, links, offsets, extras, strict=True)
    return LayerRecord(list(map(Entry._make, rows)), digests, terminated, tar_digest, blob_digest, contents)


def _width(table: Collection[Any]) -> str:
    """The letter that `struct` has for the narrowest index into a table."""
    return next(letter for size, letter in _WIDTHS if len(table) <= size)


def _packed(letter: str, values: Iterable[int]) -> bytes:
    found = tuple(values)
    return struct.pack(f"<{len(found)}{letter}", *found)


# The values of the tables, as JSON has them ---------------------------------------------------------------


def _place(value: object, count: int) -> int:
    if type(value) is not int or not 0 <= value < count:
        raise ValueError
    return value


def _number(value: object) -> int:
    if type(value) is not int:
        raise ValueError
    return value


def _text(value: bytes) -> str:
    return value.decode("latin-1")


def _bytes(value: object) -> bytes:
    if not isinstance(value, str):
        raise ValueError
    return value.encode("latin-1")


def _pair(value: object) -> tuple[int, int]:
    if not isinstance(value, list):
        raise TypeError
    one, other = value
    return _number(one), _number(other)


def _extras_text(extras: Extras) -> object:
    if extras == NO_EXTRAS:
        return None
    xattrs = [[_text(name), _text(value)] for name, value in extras.xattrs]
    return [xattrs, extras.device, extras.extents]


def _extras(value: Any) -> Extras:
    if value is None:
        return NO_EXTRAS
    xattrs, device, extents = value
    return Extras(
        tuple((_bytes(name), _bytes(content)) for name, content in xattrs),
        _pair(device),
        None if extents is None else tuple(map(_pair, extents)),
    )


_Encode = Callable[[Any], object]
_Decode = Callable[[Any], Any]
_FIELDS = {name: number for number, name in enumerate(Entry._fields)}
_SIZE, _OFFSET = _FIELDS["size"], _FIELDS["offset"]
_TABLED: list[tuple[int, _Encode, _Decode]] = [
    (_FIELDS["type"], int, _TYPES.__getitem__),
    (_FIELDS["mode"], int, _number),
    (_FIELDS["uid"], int, _number),
    (_FIELDS["gid"], int, _number),
    (_FIELDS["mtime_ns"], int, _number),
    (_FIELDS["link"], _text, _bytes),
    (_FIELDS["extras"], _extras_text, _extras),
]
"""The fields whose columns have a table, in this order."""

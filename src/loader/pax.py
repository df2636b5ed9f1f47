"""PAX extended headers (POSIX.1-2001, pax interchange format): records, times, xattrs, sparse maps."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

Records = dict[bytes, bytes]

_XATTR = b"SCHILY.xattr."
_TIME = re.compile(rb"(-?)(\d{1,18})(?:\.(\d*))?\Z")
_INTEGER = re.compile(rb"-?\d{1,19}\Z")
_MAP_BLOCKS = 4096
"""Blocks of a sparse 1.0 map that are read at most: 2 MiB, some 100,000 extents."""


class Sparse(NamedTuple):
    """What the records of a sparse file say."""

    extents: tuple[tuple[int, int], ...]
    size: int
    name: bytes
    data: int
    """Where the data begins: behind the map, which format 1.0 keeps in front of it."""


def parse_records(payload: bytes) -> Records:
    r"""The `length key=value\n` records of a PAX header, last one wins; ValueError says what is wrong.

    Of the many records of a sparse 0.0 map, which repeats its keys, the map is kept as 0.1 writes it.
    """
    records: Records = {}
    pieces: list[bytes] = []
    at = 0
    while at < len(payload):
        if not payload[at]:  # some writers pad with NULs
            break
        blank = payload.find(b" ", at, at + 12)
        digits = payload[at:blank] if blank > at else b""
        if not digits.isdigit():
            raise ValueError("has a record without a length")
        end = at + int(digits)
        key, equals, value = payload[blank + 1 : end - 1].partition(b"=")
        if end > len(payload) or end <= blank or payload[end - 1] != 0x0A or not equals or not key:
            raise ValueError("has a record that does not fit its length")
        if key in (b"GNU.sparse.offset", b"GNU.sparse.numbytes"):
            pieces.append(value)
        elif b"\0" in value and key in (b"path", b"linkpath"):
            raise ValueError("has a path with a NUL byte")
        else:
            records[key] = value
        at = end
    if pieces:
        records[b"GNU.sparse.map"] = b",".join(pieces)
    return records


def parse_integer(text: bytes) -> int:
    """A decimal number of at most 64 bits, maybe negative."""
    if not _INTEGER.match(text) or not -(1 << 63) <= (value := int(text)) < 1 << 63:
        raise ValueError("has a PAX record with a number that is none")
    return value


def parse_size(text: bytes) -> int:
    """A decimal number of bytes."""
    value = parse_integer(text)
    if value < 0:
        raise ValueError(f"has a PAX size of {value} bytes")
    return value


def parse_time(text: bytes) -> int:
    """Nanoseconds of a decimal time in seconds, such as `1700000000.123456789`; exact, never a float."""
    match = _TIME.match(text)
    if match is None:
        raise ValueError("has a PAX time that is no number")
    sign, seconds, fraction = match.groups()
    value = int(seconds) * 1_000_000_000 + int((fraction or b"0")[:9].ljust(9, b"0"))
    return -value if sign else value


def xattrs(records: Records) -> tuple[tuple[bytes, bytes], ...]:
    """The extended attributes among the records, sorted by name."""
    found = [(key[len(_XATTR) :], value) for key, value in records.items() if key.startswith(_XATTR)]
    return tuple(sorted(found))


def apply_sparse(records: Records, read: Callable[[int, int], bytes], position: int) -> Sparse | None:
    """The map of a sparse file of format 0.0, 0.1 or 1.0, and None for any other file."""
    name = records.get(b"GNU.sparse.name", b"")
    if records.get(b"GNU.sparse.major") == b"1" and records.get(b"GNU.sparse.minor") == b"0":
        size = _number(records.get(b"GNU.sparse.realsize", b""))
        numbers, data = _map_in_front(read, position)
    elif b"GNU.sparse.map" in records:
        size = _number(records.get(b"GNU.sparse.size") or records.get(b"GNU.sparse.realsize") or b"")
        numbers, data = [_number(text) for text in records[b"GNU.sparse.map"].split(b",")], position
    else:
        return None
    if len(numbers) % 2:
        raise ValueError("has a sparse map with half a piece")
    extents = in_order(zip(numbers[::2], numbers[1::2], strict=True), size)
    return Sparse(extents, size, name, data)


def in_order(pieces: Iterable[tuple[int, int]], size: int) -> tuple[tuple[int, int], ...]:
    """A sparse map, if its pieces stand in order, do not overlap and lie within `size`; else ValueError."""
    found = tuple(pieces)
    end = 0
    for start, length in found:
        if start < end or length < 0:
            raise ValueError("has a sparse map whose pieces overlap")
        end = start + length
        if end > size:
            raise ValueError("has a sparse map that does not fit the file")
    return found


def _map_in_front(read: Callable[[int, int], bytes], position: int) -> tuple[list[int], int]:
    """The decimal lines of a 1.0 map and where the data behind them begins: a count, then the pairs."""
    text = bytearray()
    newlines = wanted = 0
    for block in range(_MAP_BLOCKS):
        piece = read(position + block * 512, 512)
        text += piece
        newlines += piece.count(b"\n")
        if not wanted and newlines:
            wanted = 1 + 2 * _number(bytes(text[: text.index(b"\n")]))
        if wanted and newlines >= wanted:
            lines = bytes(text).split(b"\n", wanted)
            return [_number(line) for line in lines[1:wanted]], position + (block + 1) * 512
        if len(piece) < 512:
            break
    raise ValueError("has a sparse map without an end")


def _number(text: bytes) -> int:
    if not text.isdigit() or len(text) > 19:
        raise ValueError("has a sparse map that is no list of numbers")
    return int(text)

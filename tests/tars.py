"""Writes tars by hand, every oddity exactly: `tarfile` would repair what tests want broken.

A member is its bytes: headers, content and padding. So a layer is `layer(file("a", b"x"), whiteout("b"))`,
and what no function here can write is made by cutting and joining. Nothing depends on the time or the
machine.

Names may be `bytes`; a `str` is written as UTF-8. The default dialect writes ustar headers, with PAX records
for what does not fit them, as Go's archive/tar does (and so every Docker engine).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypedDict, Unpack

BLOCK = 512
END = bytes(2 * BLOCK)

Name = str | bytes
Dialect = Literal["pax", "ustar", "gnu", "v7"]
MAGIC: dict[Dialect, bytes] = {
    "pax": b"ustar\x0000",
    "ustar": b"ustar\x0000",
    "gnu": b"ustar  \0",
    "v7": bytes(8),
}


class Fields(TypedDict, total=False):
    """What every member may be given."""

    mode: int
    uid: int
    gid: int
    mtime: int
    """Seconds; may be negative. For a fraction: `records={"mtime": "1.5"}`."""
    uname: Name
    gname: Name
    xattrs: Mapping[str, bytes]
    """Written as `SCHILY.xattr.*` records."""
    records: Mapping[str, Name]
    """More PAX records; they come first, and are written whatever the dialect."""
    dialect: Dialect
    """How names over 100 bytes and big numbers are written: PAX records, ustar's prefix field (numbers: an
    error), GNU's 'L' and 'K' members and base-256, or not at all (an error)."""
    size: int
    """What the header claims, if that is not the length of the content."""
    base256: bool
    """Write all numbers as GNU base-256, small ones too."""
    checksum: Literal["right", "signed", "wrong"]
    """`signed`: summed as signed bytes, as some old tars did."""


def file(name: Name, content: bytes = b"", **fields: Unpack[Fields]) -> bytes:
    return member(b"0", name, content, **fields)


def directory(name: Name, **fields: Unpack[Fields]) -> bytes:
    """A directory, its name with the closing slash; `member(b"5", name)` writes it without."""
    raw = raw_name(name)
    fields.setdefault("mode", 0o755)
    return member(b"5", raw if raw.endswith(b"/") else raw + b"/", **fields)


def symlink(name: Name, target: Name, **fields: Unpack[Fields]) -> bytes:
    fields.setdefault("mode", 0o777)
    return member(b"2", name, link=target, **fields)


def hardlink(name: Name, target: Name, **fields: Unpack[Fields]) -> bytes:
    return member(b"1", name, link=target, **fields)


def device(name: Name, major: int, minor: int, *, block: bool = False, **fields: Unpack[Fields]) -> bytes:
    return member(b"4" if block else b"3", name, numbers=(major, minor), **fields)


def fifo(name: Name, **fields: Unpack[Fields]) -> bytes:
    return member(b"6", name, **fields)


def whiteout(path: Name, **fields: Unpack[Fields]) -> bytes:
    """The marker that removes `path` of the layers below: `a/b` becomes `a/.wh.b`."""
    parent, slash, last = raw_name(path).rpartition(b"/")
    return file(parent + slash + b".wh." + last, **fields)


def opaque(path: Name, **fields: Unpack[Fields]) -> bytes:
    """The marker that removes all the layers below have in directory `path`; `""` is the root."""
    raw = raw_name(path).rstrip(b"/")
    return file((raw + b"/" if raw else b"") + b".wh..wh..opq", **fields)


def layer(*members: bytes, end: bytes = END) -> bytes:
    """An uncompressed tar of these members."""
    return b"".join(members) + end


def member(
    flag: bytes,
    name: Name,
    content: bytes = b"",
    *,
    link: Name = b"",
    numbers: tuple[int, int] = (0, 0),
    tail: bytes = b"",
    **fields: Unpack[Fields],
) -> bytes:
    """Any member: `flag` is the type byte, `numbers` a device's, `tail` what the header has from byte 345."""
    dialect = fields.get("dialect", "pax")
    path, target = raw_name(name), raw_name(link)
    values = {
        "mode": fields.get("mode", 0o644),
        "uid": fields.get("uid", 0),
        "gid": fields.get("gid", 0),
        "size": fields.get("size", len(content)),
        "mtime": fields.get("mtime", 0),
    }
    records = {key: raw_name(value) for key, value in fields.get("records", {}).items()}
    longs = b""
    if dialect == "pax":
        records |= {key: text for key, text in (("path", path), ("linkpath", target)) if len(text) > 100}
        big = [key for key, value in values.items() if not _fits_octal(value, key)]
        records |= {key: str(values[key]).encode() for key in big}
        values |= dict.fromkeys(big, 0)
    elif dialect == "gnu":
        longs = _gnu_long(b"K", target) + _gnu_long(b"L", path)
    else:
        if dialect == "ustar" and len(path) > 100:
            tail, path = _split(path)
        if len(path) > 100 or len(target) > 100:
            raise ValueError(f"a {dialect} header has no room for this name")
        if not all(_fits_octal(value, key) or fields.get("base256") for key, value in values.items()):
            raise ValueError(f"a {dialect} header has no room for these numbers")
    records |= {f"SCHILY.xattr.{key}": value for key, value in fields.get("xattrs", {}).items()}

    block = bytearray(BLOCK)
    _put(block, 0, path[:100])
    for key, value in values.items():
        offset, width = _NUMBERS[key]
        _put(block, offset, number(value, width, base256=fields.get("base256", False)))
    _put(block, 156, flag)
    _put(block, 157, target[:100])
    _put(block, 257, MAGIC[dialect])
    _put(block, 265, raw_name(fields.get("uname", b"")))
    _put(block, 297, raw_name(fields.get("gname", b"")))
    if flag in b"34":
        _put(block, 329, number(numbers[0], 8))
        _put(block, 337, number(numbers[1], 8))
    _put(block, 345, tail)
    _put(block, 148, _checksum(block, fields.get("checksum", "right")))
    return (pax_header(records.items()) if records else b"") + longs + bytes(block) + padded(content)


def pax_header(records: Iterable[tuple[str, Name]], flag: bytes = b"x") -> bytes:
    """PAX records for the member that follows; the same key may stand there several times."""
    content = b"".join(_record(key.encode(), raw_name(value)) for key, value in records)
    return member(flag, "PaxHeaders.0/records", content)


def pax_global_header(records: Mapping[str, Name]) -> bytes:
    """PAX records for all members that follow."""
    return pax_header(records.items(), b"g")


SparseFormat = Literal["gnu", "0.0", "0.1", "1.0"]


def sparse(
    name: Name,
    real_size: int,
    pieces: Sequence[tuple[int, bytes]],
    sparse_format: SparseFormat = "1.0",
    **fields: Unpack[Fields],
) -> bytes:
    """A file of `real_size` bytes of which only `pieces` (offset, bytes) are stored, as GNU tar writes it.

    `gnu` is the old 'S' member; more than four pieces make extension blocks. All pieces but the last must be
    whole blocks, as GNU tar's are: readers differ on others.
    """
    if any(len(piece) % BLOCK for _, piece in pieces[:-1]):
        raise ValueError("a piece that is not the last is not a multiple of 512 bytes")
    data = b"".join(piece for _, piece in pieces)
    spans = [(offset, len(piece)) for offset, piece in pieces]
    if not spans or sum(spans[-1]) < real_size:
        spans.append((real_size, 0))  # GNU tar's way to say that the file ends with a hole
    if sparse_format == "gnu":
        tail = bytearray(155 + 12)
        tail[41:137] = _spans(spans[:4], 4)
        tail[137] = len(spans) > 4
        tail[138:150] = number(real_size, 12)
        blocks = [spans[at : at + 21] for at in range(4, len(spans), 21)]
        extension = b"".join(_spans(some, 21) + bytes([some is not blocks[-1]]) + bytes(7) for some in blocks)
        fields.setdefault("size", len(data))
        fields.setdefault("dialect", "gnu")
        return member(b"S", name, tail=bytes(tail), **fields) + extension + padded(data)
    pairs: list[tuple[str, Name]]
    raw = raw_name(name)
    stand_in = b"GNUSparseFile.1/" + raw.rpartition(b"/")[2]
    count = ("GNU.sparse.numblocks", str(len(spans)))
    if sparse_format == "0.0":
        pairs = [("GNU.sparse.size", str(real_size)), count]
        for offset, length in spans:
            pairs += [("GNU.sparse.offset", str(offset)), ("GNU.sparse.numbytes", str(length))]
        return pax_header(pairs) + file(raw, data, **fields)
    if sparse_format == "0.1":
        flat = ",".join(f"{offset},{length}" for offset, length in spans)
        pairs = [
            ("GNU.sparse.size", str(real_size)),
            count,
            ("GNU.sparse.name", raw),
            ("GNU.sparse.map", flat),
        ]
        return pax_header(pairs) + file(stand_in, data, **fields)
    table = "".join(f"{value}\n" for value in (len(spans), *(n for span in spans for n in span)))
    pairs = [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0")]
    pairs += [("GNU.sparse.name", raw), ("GNU.sparse.realsize", str(real_size))]
    return pax_header(pairs) + file(stand_in, padded(table.encode()) + data, **fields)


def raw_name(name: Name) -> bytes:
    return name.encode("utf-8", "surrogateescape") if isinstance(name, str) else name


def padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % BLOCK)


def number(value: int, width: int, *, base256: bool = False) -> bytes:
    """A header's number field: octal digits and a NUL, or base-256 where that has no room (or on demand)."""
    if not base256 and 0 <= value < 1 << 3 * (width - 1):
        return f"{value:0{width - 1}o}\0".encode()
    raw = bytearray(value.to_bytes(width, "big", signed=True))
    raw[0] |= 0x80
    return bytes(raw)


_NUMBERS = {"mode": (100, 8), "uid": (108, 8), "gid": (116, 8), "size": (124, 12), "mtime": (136, 12)}


def _fits_octal(value: int, key: str) -> bool:
    digits = _NUMBERS[key][1] - 1
    return 0 <= value < 1 << 3 * digits


def _put(block: bytearray, offset: int, raw: bytes) -> None:
    block[offset : offset + len(raw)] = raw


def _checksum(block: bytearray, how: str) -> bytes:
    _put(block, 148, b" " * 8)
    total = sum(byte - 256 if how == "signed" and byte > 127 else byte for byte in block)
    return f"{total + (how == 'wrong'):06o}\0 ".encode()


def _split(path: bytes) -> tuple[bytes, bytes]:
    """(prefix, name) for a ustar header."""
    at = path.find(b"/", len(path) - 101)
    if not 0 < at <= 155:
        raise ValueError("a ustar header has no room for this name")
    return path[:at], path[at + 1 :]


def _gnu_long(flag: bytes, text: bytes) -> bytes:
    """GNU's member with a long name ('L') or link target ('K') for the next one; nothing for a short one."""
    return member(flag, "././@LongLink", text + b"\0") if len(text) > 100 else b""


def _record(key: bytes, value: bytes) -> bytes:
    """`length key=value` and a newline, where the length counts its own digits."""
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest)
    while length != len(rest) + len(str(length)):
        length = len(rest) + len(str(length))
    return str(length).encode() + rest


def _spans(spans: Sequence[tuple[int, int]], room: int) -> bytes:
    return b"".join(number(n, 12) for span in spans for n in span).ljust(24 * room, b"\0")

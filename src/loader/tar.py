"""Our own tar reader: headers in, entries out, contents passed over.

Reads ustar, old V7, GNU (long names, base-256 numbers, sparse files) and PAX (records, sparse 0.0, 0.1
and 1.0), as POSIX.1-2001 and GNU tar's manual describe them, and where readers differ as Go's archive/tar
does, because that is what engines unpack layers with: global PAX records change nothing, GNU long names win
over PAX paths, and a block of zeros that is not followed by another is damage. The standard library's
`tarfile` is the oracle in the tests; it costs about ten times as much per entry.
"""

from collections.abc import Iterator
from typing import Protocol
from zlib import adler32

from ..analysis.model import NO_EXTRAS, Entry, Extras, FileType
from ..errors import DamagedError, LimitError
from . import limits
from .pax import Records, apply_sparse, in_order, parse_integer, parse_records, parse_size, parse_time, xattrs

BLOCK = 512
_ZERO = bytes(BLOCK)
_REMEMBERED = 1 << 18
"""Different header fields whose numbers are kept: an image has few, a hostile tar may have no two alike."""
_TYPES = {code: FileType(code) for code in FileType} | {0x00: FileType.REGULAR, 0x37: FileType.REGULAR}
_PAX, _SUN_PAX, _GLOBAL, _LONG_NAME, _LONG_LINK, _SPARSE = b"xXgLKS"
_REGULAR, _OLD_REGULAR = FileType.REGULAR, 0x00


class Window(Protocol):
    """Bytes of a tar, addressed by position; positions only ever grow."""

    def at(self, position: int, /) -> tuple[bytes, int]:
        """A buffer and the position it begins at.

        It holds at least the block at `position`, unless the bytes end before the block does.
        """
        ...

    def read(self, position: int, count: int) -> bytes:
        """`count` bytes, fewer only where the bytes end."""
        ...

    @property
    def limit(self) -> int:
        """Where the bytes end, or far beyond where only reading on can tell."""
        ...


class Unterminated(Exception):  # noqa: N818 - not an error: a question to the caller
    """The tar ends between two entries, without its end marker: cut off there, or never finished."""


def entries(window: Window, what: str) -> Iterator[Entry]:
    """Every entry of a tar, in order, up to its end marker.

    After an entry is yielded and before the next is asked for, its content can be read from `window`.
    `what` names the tar in errors. Raises DamagedError, LimitError, and Unterminated at the very end of
    a tar without an end marker.
    """
    limit = window.limit
    buffer, start, length = b"", 0, 0
    position = count = 0
    checksums: dict[bytes, int] = {}
    owners: dict[bytes, tuple[int, int, int]] = {}
    times: dict[bytes, int] = {}
    types, new = _TYPES, tuple.__new__
    records: Records = {}
    longs: Records = {}
    metadata = 0
    while True:
        at = position - start
        if at + BLOCK > length:
            buffer, start = window.at(position)
            length = len(buffer)
            at = position - start
            if at >= length:
                if at > length:
                    raise DamagedError(
                        f"{what} is cut off: it ends at byte {start + length}, within an entry"
                    )
                raise Unterminated
            if at + BLOCK > length:
                raise DamagedError(f"{what} is cut off: it ends within the header at byte {position}")
        header = buffer[at : at + BLOCK]

        # The sum of the bytes is what Adler-32 has in its lower half, and zlib computes it 20 times faster.
        field = header[148:156]
        expected = checksums.get(field)
        if expected is None:
            if header == _ZERO:
                if window.read(position + BLOCK, BLOCK).strip(b"\0"):
                    raise DamagedError(
                        f"{what} is damaged: there are zeros instead of a header at byte {position}"
                    )
                return
            if len(checksums) > _REMEMBERED:
                checksums.clear()
            expected = checksums[field] = _expected_adler(field, what, position)
        if adler32(header) & 0xFFFF != expected and not _signed_sum_fits(header):
            raise DamagedError(
                f"{what} is damaged: the header at byte {position} does not match its checksum"
            )

        position += BLOCK
        try:
            field = header[124:135]
            size = int(field, 8) if header[135] <= 0x20 and field.isdigit() else number(header[124:136])
            field = header[100:124]
            owner = owners.get(field)
            if owner is None:
                if len(owners) > _REMEMBERED:
                    owners.clear()
                owner = owners[field] = (
                    number(field[:8]) & 0o7777, number(field[8:16]), number(field[16:])
                )  # fmt: skip
            field = header[136:148]
            mtime = times.get(field)
            if mtime is None:
                if len(times) > _REMEMBERED:
                    times.clear()
                mtime = times[field] = number(field) * 1_000_000_000
        except ValueError:
            raise DamagedError(
                f"{what} is damaged: the header at byte {position - BLOCK} holds no number where one belongs"
            ) from None
        if size < 0:
            raise DamagedError(
                f"{what} is damaged: the header at byte {position - BLOCK} claims {size} bytes"
            )
        flag = header[156]
        kind = types.get(flag)

        if kind is None and flag != _SPARSE:
            if flag in (_PAX, _SUN_PAX, _GLOBAL, _LONG_NAME, _LONG_LINK):
                payload = _payload(window, position, size, what)
                metadata += size
                _require_bearable(metadata, what)
                if flag == _LONG_NAME:
                    longs[b"path"] = payload.partition(b"\0")[0]
                elif flag == _LONG_LINK:
                    longs[b"linkpath"] = payload.partition(b"\0")[0]
                else:
                    try:
                        parsed = parse_records(payload)
                    except ValueError as error:
                        raise DamagedError(f"{what} is damaged: the PAX header at byte {position - BLOCK} "
                                           f"{error}") from None  # fmt: skip
                    if flag != _GLOBAL:
                        records = parsed
            else:  # volume labels, multi-volume pieces and the like hold no file
                try:
                    size = parse_size(records[b"size"]) if records.get(b"size") else size
                except ValueError as error:
                    raise DamagedError(
                        f"{what} is damaged: the entry before byte {position} {error}"
                    ) from None
                records, longs = {}, {}
            position += (size + 511) & ~511
            continue

        end = header.find(b"\0", 0, 100)
        name = header[: end if end >= 0 else 100]
        if header[345] and header[257:263] == b"ustar\0":
            name = header[345:500].partition(b"\0")[0] + b"/" + name
        mode, uid, gid = owner
        extras = NO_EXTRAS
        stored = size if kind is _REGULAR else 0
        link = header[157:257].partition(b"\0")[0] if header[157] else b""

        if flag == _OLD_REGULAR and name.endswith(b"/"):
            kind, stored = FileType.DIRECTORY, 0
        elif kind is FileType.CHARACTER or kind is FileType.BLOCK:
            extras = Extras(device=(_number_or_zero(header[329:337]), _number_or_zero(header[337:345])))

        if records or longs or kind is None:
            known = {key: value for key, value in {**records, **longs}.items() if value}
            records, longs = {}, {}
            try:
                if known:
                    name = known.get(b"path", name)
                    if kind is FileType.SYMLINK or kind is FileType.HARDLINK:
                        link = known.get(b"linkpath", link)
                    if flag == _OLD_REGULAR:
                        kind = FileType.DIRECTORY if name.endswith(b"/") else _REGULAR
                    if b"uid" in known:
                        uid = parse_integer(known[b"uid"])
                    if b"gid" in known:
                        gid = parse_integer(known[b"gid"])
                    if b"mtime" in known:
                        mtime = parse_time(known[b"mtime"])
                    if b"size" in known:
                        size = parse_size(known[b"size"])
                    stored = size if kind is _REGULAR else 0
                    if kind is not FileType.HARDLINK:
                        extras = extras._replace(xattrs=xattrs(known))
                sparse_size = stored
                if kind is None:
                    kind, stored = _REGULAR, size
                    extents, sparse_size, position = _gnu_sparse(window, header, position)
                    extras = extras._replace(extents=extents)
                elif kind is _REGULAR and known:
                    sparse = apply_sparse(known, lambda at, n: window.read(at, n), position)
                    if sparse is not None:
                        name = sparse.name or name
                        extras = extras._replace(extents=sparse.extents)
                        sparse_size = sparse.size
                        skipped = sparse.data - position
                        if skipped > stored:
                            raise ValueError("has a sparse map larger than the file")
                        position, stored = sparse.data, stored - skipped
            except ValueError as error:
                raise DamagedError(f"{what} is damaged: {_shown(name)} {error}") from None
            if extras.extents is not None:
                if sparse_size > limits.MAX_FILE:
                    raise LimitError(f"{what} holds a sparse file that claims {sparse_size} bytes")
                if sum(length for _, length in extras.extents) > stored:
                    raise DamagedError(f"{what} is damaged: a sparse file's map is larger than its data")
            metadata += len(name) + len(link) + weight(extras)
            _require_bearable(metadata, what)
        else:
            sparse_size = stored

        if len(name) > limits.MAX_PATH or len(link) > limits.MAX_PATH:
            raise LimitError(f"{what} holds a path of {max(len(name), len(link))} bytes; "
                             f"no system unpacks more than {limits.MAX_PATH}")  # fmt: skip
        if position + stored > limit:
            raise DamagedError(
                f"{what} is cut off or damaged: {_shown(name)} claims {stored} bytes, and fewer are left"
            )
        count += 1
        if count > limits.MAX_ENTRIES:
            raise LimitError(f"{what} holds more than {limits.MAX_ENTRIES} entries")
        # Entry(…) would do the same through one more call.
        yield new(Entry, (name, kind, mode, uid, gid, sparse_size, mtime, link, position, extras))
        position += (stored + 511) & ~511


def begins(head: bytes) -> bool:
    """Whether bytes can be the beginning of a tar: its first header, sound or damaged, or its end marker."""
    header = head[:BLOCK]
    if len(header) < BLOCK:
        return False
    if header == _ZERO or header[257:262] == b"ustar":
        return True
    try:
        return adler32(header) & 0xFFFF == _expected_adler(header[148:156], "", 0) or _signed_sum_fits(header)
    except DamagedError:
        return False


def number(field: bytes) -> int:
    """A numeric header field: octal with blanks or NULs around it, or base-256 (GNU)."""
    if field and field[0] & 0x80:
        value = int.from_bytes(field, "big") & ((1 << (8 * len(field) - 1)) - 1)
        if field[0] & 0x40:  # the sign
            value -= 1 << (8 * len(field) - 1)
        if not -(1 << 63) <= value < 1 << 63:
            raise ValueError("holds a number of more than 64 bits")
        return value
    digits = field.strip(b" \0").partition(b"\0")[0].strip(b" ")
    if not digits:
        return 0
    if not digits.isdigit():
        raise ValueError(f"holds {digits!r} where a number belongs")
    return int(digits, 8)


def stored_size(entry: Entry) -> int:
    """Bytes of content the tar carries for an entry: all but the holes of a sparse file."""
    extents = entry.extras.extents
    return entry.size if extents is None else sum(length for _, length in extents)


def weight(extras: Extras) -> int:
    """Bytes, roughly, that an entry's rare parts take in memory."""
    found = 0
    for name, value in extras.xattrs:
        found += 200 + len(name) + len(value)
    return found + 120 * len(extras.extents or ())


def _number_or_zero(field: bytes) -> int:
    """Device numbers matter to nobody's figures: garbage in them is no reason to refuse an image."""
    try:
        return number(field)
    except ValueError:
        return 0


def _expected_adler(field: bytes, what: str, position: int) -> int:
    """The lower half of the Adler-32 of a header with this checksum field."""
    try:
        digits = field[:6]  # as nearly all write it: six digits, a NUL and a blank
        claimed = int(digits, 8) if digits.isdigit() and field[6:] == b"\0 " else number(field)
    except ValueError:
        raise DamagedError(f"{what} is damaged or no tar: there is no header at byte {position}") from None
    return (1 + claimed + sum(field) - 8 * 0x20) % 65521


def _signed_sum_fits(header: bytes) -> bool:
    """Whether the checksum is one over signed bytes, as some old writers (Sun, early BSD) made them."""
    total = sum(byte - 256 if byte > 127 else byte for byte in header[:148] + header[156:]) + 8 * 0x20
    return total == number(header[148:156])


def _require_bearable(metadata: int, what: str) -> None:
    if metadata > limits.MAX_METADATA:
        raise LimitError(
            f"{what} holds more than {limits.MAX_METADATA >> 20} MiB of names, attributes and sparse maps"
        )


def _payload(window: Window, position: int, size: int, what: str) -> bytes:
    if size > limits.MAX_SPECIAL:
        raise LimitError(f"{what} holds a name or a PAX header of {size} bytes at byte {position}")
    payload = window.read(position, size)
    if len(payload) < size:
        raise DamagedError(f"{what} is cut off: it ends within the header at byte {position}")
    return payload


def _gnu_sparse(window: Window, header: bytes, position: int) -> tuple[tuple[tuple[int, int], ...], int, int]:
    """Extents, real size and the position of the data of an old GNU sparse file (type `S`)."""
    extents = _extents(header[386:482])
    size = number(header[483:495])
    more = header[482]
    blocks = 0
    while more:
        block = window.read(position, BLOCK)
        if len(block) < BLOCK:
            raise ValueError("ends within its sparse map")
        extents += _extents(block[:504])
        blocks += 1
        if blocks > limits.MAX_SPECIAL // BLOCK:
            raise ValueError("has a sparse map without an end")
        more = block[504]
        position += BLOCK
    return in_order(extents, size), size, position


def _extents(table: bytes) -> list[tuple[int, int]]:
    found = []
    for at in range(0, len(table) - 23, 24):
        if not table[at]:
            break
        found.append((number(table[at : at + 12]), number(table[at + 12 : at + 24])))
    return found


def _shown(name: bytes) -> str:
    return name[:300].decode("utf-8", "surrogateescape")

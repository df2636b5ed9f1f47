"""The header of an installed package as rpm stores it (rpm, "RPM V4 Package format", Header structure).

Two counts, of index entries and of bytes; the entries (tag, type, offset, count), big-endian; the bytes.
"""

import struct
from collections.abc import Iterator

from ...errors import DamagedError

_NAME, _VERSION, _RELEASE, _SIZE, _LONG_SIZE = 1000, 1001, 1002, 1009, 5009
_OLD_NAMES, _DIR_INDEXES, _BASE_NAMES, _DIR_NAMES = 1027, 1116, 1117, 1118
_WANTED = frozenset(
    (_NAME, _VERSION, _RELEASE, _SIZE, _LONG_SIZE, _OLD_NAMES, _DIR_INDEXES, _BASE_NAMES, _DIR_NAMES)
)
_INT32, _INT64 = 4, 5
_STRINGS = frozenset((6, 8, 9))
_MAX_ENTRIES = 0xFFFF
_MAX_DIRECTORIES = 500_000


class Header:
    """One package. Raises DamagedError for what is no header."""

    def __init__(self, blob: bytes) -> None:
        if len(blob) < 8:
            raise DamagedError("a header of rpm is cut off")
        entries, size = struct.unpack_from(">II", blob)
        start = 8 + 16 * entries
        if entries > _MAX_ENTRIES or start + size > len(blob):
            raise DamagedError("a header of rpm is cut off")
        self._data = blob[start : start + size]
        self._index: dict[int, tuple[int, int, int]] = {}
        for tag, kind, offset, count in struct.iter_unpack(">IIII", blob[8:start]):
            if tag in _WANTED and offset < size:
                self._index.setdefault(tag, (kind, offset, count))
        self.name = next(self._strings(_NAME), b"")
        self.version = next(self._strings(_VERSION), b"")
        self.release = next(self._strings(_RELEASE), b"")

    @property
    def size(self) -> int | None:
        """Bytes of its files, as it was built."""
        return next(self._numbers(_LONG_SIZE), next(self._numbers(_SIZE), None))

    def paths(self) -> Iterator[bytes]:
        """Absolute paths of its files, directories and `%ghost` files among them."""
        yield from self._strings(_OLD_NAMES)
        directories = list(self._strings(_DIR_NAMES, _MAX_DIRECTORIES))
        for name, index in zip(self._strings(_BASE_NAMES), self._numbers(_DIR_INDEXES), strict=False):
            if index < len(directories):
                yield directories[index] + name

    def _strings(self, tag: int, most: int = 1 << 32) -> Iterator[bytes]:
        kind, at, count = self._index.get(tag, (0, 0, 0))
        if kind not in _STRINGS:
            return
        for _ in range(min(count, most)):
            stop = self._data.find(b"\0", at)
            if stop < 0:
                return
            yield self._data[at:stop]
            at = stop + 1

    def _numbers(self, tag: int) -> Iterator[int]:
        kind, at, count = self._index.get(tag, (0, 0, 0))
        if kind not in (_INT32, _INT64):
            return
        width, code = (4, ">I") if kind == _INT32 else (8, ">Q")
        stop = min(at + width * count, at + (len(self._data) - at) // width * width)
        for (number,) in struct.iter_unpack(code, memoryview(self._data)[at:stop]):
            yield number

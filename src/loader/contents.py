"""The contents of a layer's files, had again: read where they lie, or unpacked once more."""

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..analysis.model import Entry, FileType, Tell, unheard
from ..errors import DamagedError, SourceError
from . import tar
from .compression import Codec, decompressed
from .digests import DIGEST_SIZE, Hasher, Seed, digest_of
from .files import Slice
from .streams import Chunks, StreamWindow, counted

_ZEROS = bytes(1 << 18)
NOTHING_KEPT: Mapping[int, bytes] = {}


class SeekableContents:
    """`Contents` of a plain tar that can be read at any place."""

    def __init__(self, data: Slice, entries: Sequence[Entry], seed: Seed) -> None:
        self._data = data
        self._entries = entries
        self._seed = seed

    def digest(self, number: int) -> bytes:
        """As `Contents` says: reads the file."""
        entry = self._entries[number]
        hasher = Hasher(self._seed)
        for chunk in self._data.chunks(entry.offset, tar.stored_size(entry)):
            hasher.update(chunk)
        return with_extents(entry, hasher.digest(), self._seed)

    def chunks(self, number: int) -> Iterator[bytes] | None:
        """As `Contents` says; sparse files are left to their digests, which know of the map."""
        entry = self._entries[number]
        return self._data.chunks(entry.offset, entry.size) if entry.extras.extents is None else None

    def read(self, numbers: Collection[int], tell: Tell = unheard) -> Iterator[tuple[int, Iterator[bytes]]]:
        """As `Contents` says: what is not asked for is not read."""
        return self._read(_in_order(numbers, self._entries), tell)

    def _read(self, numbers: list[int], tell: Tell) -> Iterator[tuple[int, Iterator[bytes]]]:
        def stored(position: int, size: int) -> Chunks:
            return counted(self._data.chunks(position, size), tell)

        for number in numbers:
            tell(0)
            self._data.file.require_unchanged()
            content = _with_holes(self._entries[number], stored, tell)
            yield number, content
            content.close()

    def cost(self, numbers: Collection[int]) -> int:
        """As `Contents` says."""
        return sum(tar.stored_size(self._entries[number]) for number in set(numbers))

    def is_at_hand(self, _number: int) -> bool:
        """As `Contents` says."""
        return True


class StreamedContents:
    """`Contents` of a layer that went by: digests were taken on the way, and a few small files kept."""

    def __init__(
        self,
        entries: Sequence[Entry],
        digests: bytes | bytearray,
        seed: Seed,
        what: str,
        source: "Repeatable | None",
        kept: Mapping[int, bytes] = NOTHING_KEPT,
    ) -> None:
        self._entries = entries
        self._digests = digests
        """Those of all entries in a row: a fifth of what they would take one by one."""
        self._seed = seed
        self._what = what
        self._source = source
        """Where the tar can be had once more; None if it cannot."""
        self._kept = kept
        """Contents by the number of the file."""

    def digest(self, number: int) -> bytes:
        """As `Contents` says."""
        return bytes(self._digests[number * DIGEST_SIZE : (number + 1) * DIGEST_SIZE])

    def chunks(self, _number: int) -> Iterator[bytes] | None:
        """As `Contents` says."""
        return None

    def read(self, numbers: Collection[int], tell: Tell = unheard) -> Iterator[tuple[int, Iterator[bytes]]]:
        """As `Contents` says: a file read to its end is held against the digest taken before."""
        wanted = _in_order(numbers, self._entries)
        if self._source is None and not all(map(self.is_at_hand, wanted)):
            raise SourceError(
                f"{self._what} has gone by, and its files cannot be read again",
                "Save the image to a file, and open that: docker save -o image.tar IMAGE",
            )
        return self._read(wanted, tell)

    def _read(self, numbers: list[int], tell: Tell) -> Iterator[tuple[int, Iterator[bytes]]]:
        window = None
        for number in numbers:
            tell(0)
            if number in self._kept:
                yield number, iter((self._kept[number],))
                continue
            if window is None:
                assert self._source is not None
                window = StreamWindow(self._source.unpacked(tell))
            content = self._content(number, window, tell)
            yield number, content
            content.close()

    def _content(self, number: int, window: StreamWindow, tell: Tell) -> Generator[bytes, None, None]:
        entry = self._entries[number]
        hasher = Hasher(self._seed)

        def stored(position: int, size: int) -> Chunks:
            for piece in window.pieces(position, size):
                hasher.update(piece)
                yield piece

        yield from _with_holes(entry, stored, tell)
        if with_extents(entry, hasher.digest(), self._seed) != self.digest(number):
            raise DamagedError(f"{self._what} is no longer what it was when it was opened")

    def cost(self, numbers: Collection[int]) -> int:
        """As `Contents` says: where the files lie in the packed bytes is not known, so all of these."""
        if self._source is None or all(map(self.is_at_hand, numbers)):
            return 0
        return self._source.size

    def is_at_hand(self, number: int) -> bool:
        """As `Contents` says."""
        return number in self._kept


def with_extents(entry: Entry, digest: bytes, seed: Seed) -> bytes:
    """Sparse files are told apart by their map too; two maps of one content count as two contents."""
    extents = entry.extras.extents
    if extents is None:
        return digest
    return digest_of(digest + repr((entry.size, extents)).encode(), seed)


def _in_order(numbers: Collection[int], entries: Sequence[Entry]) -> list[int]:
    wanted = sorted(set(numbers))
    for number in wanted:
        if not 0 <= number < len(entries) or entries[number].type is not FileType.REGULAR:
            raise ValueError(f"entry {number} is no regular file of the layer")
    return wanted


def _with_holes(
    entry: Entry, stored: Callable[[int, int], Chunks], tell: Tell
) -> Generator[bytes, None, None]:
    """A file's content, of a sparse one with its holes; `stored` gives bytes of the tar (position, size)."""
    extents = entry.extras.extents
    if extents is None:
        yield from stored(entry.offset, entry.size)
        return
    position, end = entry.offset, 0
    for offset, length in (*extents, (entry.size, 0)):
        hole = offset - end
        while hole > 0:
            tell(0)  # a hole of terabytes must not keep who cancels waiting
            yield _ZEROS[:hole]
            hole -= len(_ZEROS)
        yield from stored(position, length)
        position += length
        end = offset + length


# What can be unpacked once more ---------------------------------------------------------------------------


class Repeatable(Protocol):
    """An uncompressed tar inside bytes that can be had again."""

    @property
    def size(self) -> int:
        """How many packed bytes there are to pass."""
        ...

    def unpacked(self, tell: Tell) -> Chunks:
        """The tar from its beginning; `tell` hears of packed bytes, and of every piece."""
        ...


class RepeatableArchive(Protocol):
    """An archive that went by, and can be had once more."""

    def member(self, name: str, start: int, length: int, codec: Codec, what: str) -> Repeatable:
        """The layer that was `length` bytes from `start` on; `what` is its name in errors."""
        ...


@dataclass(frozen=True, slots=True)
class Packed:
    """Packed bytes that lie in a file: a layer, or a whole archive."""

    data: Slice
    codec: Codec
    what: str
    """Their name in errors."""

    @property
    def size(self) -> int:
        """As `Repeatable` says."""
        return self.data.size

    def unpacked(self, tell: Tell) -> Chunks:
        """As `Repeatable` says."""
        self.data.file.require_unchanged()
        yield from noticed(decompressed(counted(self.data.chunks(), tell), self.codec, self.what), tell)

    def member(self, _name: str, start: int, length: int, codec: Codec, what: str) -> "PackedMember":
        """As `RepeatableArchive` says."""
        return PackedMember(self, start, length, codec, what)


@dataclass(frozen=True, slots=True)
class PackedMember:
    """A layer, packed or not, in an archive that is packed as a whole."""

    archive: Packed
    start: int
    """Where it begins in the unpacked archive."""
    length: int
    codec: Codec
    what: str
    """Its name in errors."""

    @property
    def size(self) -> int:
        """As `Repeatable` says."""
        return self.archive.size

    def unpacked(self, tell: Tell) -> Chunks:
        """As `Repeatable` says."""
        pieces = StreamWindow(self.archive.unpacked(tell)).pieces(self.start, self.length)
        yield from noticed(decompressed(pieces, self.codec, self.what), tell)


def noticed(chunks: Chunks, tell: Tell) -> Chunks:
    """The same chunks; a few packed bytes may unpack to gigabytes, and whoever cancels must be heard."""
    for chunk in chunks:
        tell(0)
        yield chunk

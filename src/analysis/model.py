"""The plain data between the stages: what the loader reads, and what the analysis makes of it.

Names from an image are `bytes` as the tar holds them; sizes are bytes; times are nanoseconds since
1970. Nothing here opens a file: contents are reached through the `Contents` of a layer.
"""

import enum
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class FileType(enum.IntEnum):
    """What a tar entry is. The values are the tar type flags (POSIX.1-2001, ustar)."""

    REGULAR = 0x30
    HARDLINK = 0x31
    SYMLINK = 0x32
    CHARACTER = 0x33
    BLOCK = 0x34
    DIRECTORY = 0x35
    FIFO = 0x36


class Extras(NamedTuple):
    """What few entries have."""

    xattrs: tuple[tuple[bytes, bytes], ...] = ()
    """Extended attributes, sorted by name."""
    device: tuple[int, int] = (0, 0)
    """Major and minor number of a character or block device."""
    extents: tuple[tuple[int, int], ...] | None = None
    """A sparse file's stored pieces as (offset in the file, length); None for a file stored whole."""


NO_EXTRAS = Extras()


class Entry(NamedTuple):
    """One member of a layer's tar, long names and PAX records resolved."""

    name: bytes
    """As the tar has it: not normalised, a directory with or without its slash."""
    type: FileType
    mode: int
    """Permission, setuid, setgid and sticky bits: 0 to 0o7777."""
    uid: int
    gid: int
    size: int
    """Bytes of content, holes of a sparse file included; 0 for all but regular files."""
    mtime_ns: int
    link: bytes = b""
    """Target of a symbolic or hard link, as the tar has it; Docker sets it on some whiteouts too."""
    offset: int = 0
    """Where the content begins in the uncompressed tar."""
    extras: Extras = NO_EXTRAS


Tell = Callable[[int], None]
"""Hears how many bytes have been read since it was called last; what it raises ends the reading."""


def unheard(_count: int) -> None:
    """A `Tell` for whoever does not want to know."""


class Contents(Protocol):
    """Where the bytes behind a layer's entries can be had again."""

    def digest(self, number: int) -> bytes:
        """A digest of the content of the layer's regular file `number` (its place in `Layer.entries`).

        Equal for equal contents and, within one run, for no others; it has no meaning outside the run.
        """
        ...

    def chunks(self, number: int) -> Iterator[bytes] | None:
        """The content of the layer's regular file `number`, for files of one size cut at the same places.

        None where it has gone by, or would have to be unpacked once more.
        """
        ...

    def read(self, numbers: Collection[int], tell: Tell = unheard) -> Iterator[tuple[int, Iterator[bytes]]]:
        """The contents of the layer's regular files `numbers`, in the order they stand in the layer.

        Pieces of at most 1 MiB; the holes of a sparse file are zeros. What is not consumed of a file before
        the next is asked for is passed over. `tell` hears of bytes passed in the blob (packed layers are
        unpacked once more, up to the last of the files, and no further), and of 0 in between, so that a
        user who cancels is heard.

        Raises SourceError where the bytes have gone by (standard input), DamagedError where they are no
        longer what was scanned, and ValueError for an entry that is no regular file (a hard link is none).
        """
        ...

    def cost(self, numbers: Collection[int]) -> int:
        """What `read(numbers)` tells adds up to at most: bytes of the blob, or of the archive packed whole.

        Less comes of it where files are passed over or stand before the end; 0 where the bytes have gone by.
        """
        ...

    def is_at_hand(self, number: int) -> bool:
        """Whether `read` has the regular file `number` without anything being unpacked or having gone by."""
        ...


Keeps = Callable[[bytes, int], bool]
"""Whether the content of a file is to be kept as it passes, by its name as the tar has it and its size."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One filesystem layer, its tar read to the end."""

    name: str
    """The path of its blob in the archive or layout (`<id>/layer.tar`, `blobs/sha256/…`)."""
    diff_id: str
    """Digest of the uncompressed tar as the config claims it; empty if the config does not."""
    digest: str
    """Digest of the blob as the manifest claims it; empty if there is no such manifest."""
    media_type: str
    compressed_bytes: int | None
    """Size of the blob as stored or pulled; None where the source does not tell."""
    entries: Sequence[Entry]
    contents: Contents


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """One entry of the config's history (OCI image spec, config.md), absent fields empty."""

    created: str = ""
    created_by: str = ""
    author: str = ""
    comment: str = ""
    empty_layer: bool = False


class Reading(NamedTuple):
    """How far the reading of an image is."""

    done: int
    """Bytes read so far, of all layers."""
    total: int | None
    """Bytes there are to read; None where the source does not tell."""
    layer: int | None
    """Index of the layer that was read last; None while that is not known, as on standard input."""
    layers: int | None
    """How many layers the image has; None while that is not known."""
    doing: str = "reading"
    """What is done with the bytes: an image that is not there yet is pulled first."""


class BaseImage(NamedTuple):
    """What is known of the image that another one was built on."""

    name: str = ""
    """As annotations or labels of the other one have it (`org.opencontainers.image.base.name`)."""
    digest: str = ""
    """Of its manifest: `sha256:` and 64 digits, or empty."""
    layers: int | None = None
    """How many layers are its own; None where it was not there to be asked."""


_UNTOLD = BaseImage()


@dataclass(frozen=True, slots=True)
class Image:
    """What a loader gives: an image with all its layers read, base first."""

    reference: str
    """What the user typed."""
    id: str
    """Digest of the config (what Docker calls the image ID)."""
    tags: tuple[str, ...]
    platform: str
    """os/architecture[/variant]; empty where the config does not say."""
    created: str
    config: Mapping[str, object]
    """The config's own `config` object: Env, Cmd, Entrypoint, Labels …"""
    history: tuple[HistoryStep, ...]
    layers: tuple[Layer, ...]
    notes: tuple[str, ...] = ()
    """What whoever opened it should be told: that there were other images to choose from, say."""
    base: BaseImage = _UNTOLD


class LocalImage(NamedTuple):
    """An image that an engine has, under one of its names."""

    reference: str
    """What opens it: `docker://app:1`, or `docker://sha256:…` where it has no name that would."""
    name: str
    """As the engine tells it; empty if it has none."""
    id: str
    size: int | None
    """Bytes, as the engine counts them."""
    created: int | None
    """Seconds since 1970."""
    engine: str
    """`Docker` or `Podman`."""


class LocalImages(NamedTuple):
    """What there is to choose from."""

    images: Sequence[LocalImage]
    silent: Sequence[str]
    """Why engines that should be there could not be asked, a sentence each."""


class Change(enum.IntFlag):
    """What an entry does to the path as the layers below have it; 0: nothing, or not in effect."""

    ADDED = 1
    CONTENT = 2
    TYPE = 4
    LINK = 8
    MODE = 16
    OWNER = 32
    TIME = 64
    XATTRS = 128


@dataclass(frozen=True, slots=True)
class LayerChanges:
    """What one layer does to the tree below it."""

    entries: bytearray
    """A `Change` for every entry of the layer, in order; 0 for whiteouts and for what it leaves as it was.

    A directory's time is no change: it moves with every file in it.
    """
    removed: tuple[bytes, ...]
    """Paths (all types) of the tree below that are gone after this layer, in byte order."""

    @property
    def added(self) -> int:
        """How many entries put a path where there was none."""
        return self.entries.count(Change.ADDED)

    @property
    def modified(self) -> int:
        """How many entries change a path that was there."""
        return len(self.entries) - self.entries.count(0) - self.added


class ChangeCounts(NamedTuple):
    """How many paths a layer touches: see `LayerChanges`, of which it is what is left without the entries."""

    added: int
    modified: int
    removed: int


class WasteKind(enum.StrEnum):
    """Why a stored copy is out of reach in the final filesystem."""

    REMOVED = "removed"
    """Whiteout, opaque directory, or a parent removed or replaced."""
    OVERWRITTEN = "overwritten"
    """The path was written again with other content, or as another type of file."""
    METADATA_ONLY = "metadata-only"
    """Written again with the same content: only mode, owner, time or xattrs changed."""
    REWRITTEN = "rewritten"
    """Written again with the same content and the same metadata."""
    SHADOWED = "shadowed-in-layer"
    """Written twice in the tar of one layer."""


class WasteRow(NamedTuple):
    """One stored copy that is wasted."""

    path: bytes
    """Normalised, without a leading slash: the name the copy was stored under."""
    size: int
    kind: WasteKind
    layer: int
    """Index of the layer that wrote it."""
    killed_by: int
    """Index of the layer that took its last name."""
    changed: Change
    """Of a metadata-only copy: which of mode, owner, time and xattrs changed; else 0."""


class Figures(NamedTuple):
    """Stored and live bytes of a layer, of some layers or of the image; the rest follows from them."""

    stored: int
    live: int

    @property
    def wasted(self) -> int:
        """`stored - live`: what a perfect rebuild would not ship."""
        return self.stored - self.live

    @property
    def efficiency(self) -> float:
        """`live / stored`, 0 to 1; 1.0 for what stores nothing."""
        return self.live / self.stored if self.stored else 1.0

    @property
    def wasted_fraction(self) -> float:
        """`wasted / stored`, 0 to 1; 0 for what stores nothing."""
        return self.wasted / self.stored if self.stored else 0.0


@dataclass(frozen=True, slots=True)
class LayerFigures:
    """One layer as every view shows it."""

    index: int
    layer: Layer
    figures: Figures
    command: str
    """The step that made it, as Dockerfile text; empty if the history does not tell."""
    created: str


class Step(NamedTuple):
    """One history entry and the layer it made."""

    history: HistoryStep
    layer: int | None
    """Index of its layer; None for an empty step, and for one the image has no layer for."""


class DiveScore(NamedTuple):
    """The first three of `DiveFigures`: those that a report keeps."""

    efficiency_score: float
    inefficient_bytes: int
    user_wasted_percent: float | None


class DiveFigures(NamedTuple):
    """What dive 0.13.1 prints for the image, quirks and all."""

    efficiency_score: float
    inefficient_bytes: int
    user_wasted_percent: float | None
    """None where dive has NaN (one layer) or infinity (nothing stored above the first layer)."""
    size_bytes: int
    rows: tuple[tuple[bytes, int, int], ...]
    """(path, count, bytes) of what dive calls inefficient files, largest first, ties as in dive."""

"""Layers read: their tars scanned, their contents digested on the way, their digests checked."""

from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import islice

from ..analysis.model import Contents, Entry, FileType, Layer, Tell, unheard
from ..errors import DamagedError, LimitError, UnsupportedError
from . import limits, tar
from .compression import Codec, decompressed, sniff
from .contents import Repeatable, SeekableContents, StreamedContents, with_extents
from .digests import DIGEST_SIZE, Seed, digest_of
from .files import Slice, SliceWindow
from .keeping import Keeping
from .manifest import LayerSpec
from .store import brief
from .streams import Chunks, Sha256, StreamWindow, prefetched

_BATCH = 10_000
"""Entries of a plain tar that are scanned at a time: 30 ms."""
_NO_DIGEST = bytes(DIGEST_SIZE)


@dataclass(slots=True)
class ScannedTar:
    """A layer's tar, read to the end, and what is known of its bytes."""

    entries: list[Entry]
    contents: Contents
    codec: Codec
    blob_size: int
    terminated: bool
    """Whether the tar has its end marker."""
    blob_digest: str = ""
    """Digest of the blob as it lies there; empty if its bytes were not all read."""
    tar_digest: str = ""
    """Digest of the uncompressed tar; empty if its bytes were not all read."""
    digests: bytes | bytearray = b""
    """Those of all entries in a row, as `StreamedContents` has them; empty if contents were jumped over."""
    kept: Mapping[int, bytes] = field(default_factory=dict)
    """Contents that were kept, by the number of the file."""


class EntryBudget:
    """What all layers of an archive may have in entries, together."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._left = limits.MAX_ENTRIES

    def spend(self, scanned: ScannedTar) -> None:
        """Count a layer's entries; LimitError if there are too many by now."""
        self._left -= len(scanned.entries)
        if self._left < 0:
            raise LimitError(f"the layers of {self._label} hold more than {limits.MAX_ENTRIES} entries")


def scan_slice(data: Slice, what: str, seed: Seed, tell: Tell = unheard) -> ScannedTar:
    """A plain tar in a seekable file: headers are read, contents are jumped over.

    `tell` hears of nothing, but often: what it raises ends the reading.
    """
    entries: list[Entry] = []
    terminated = True
    found = tar.entries(SliceWindow(data), what)
    wanted = 0
    try:
        while len(entries) == wanted:
            tell(0)
            wanted += _BATCH
            entries.extend(islice(found, _BATCH))
    except tar.Unterminated:
        terminated = False
    return ScannedTar(entries, SeekableContents(data, entries, seed), Codec.PLAIN, data.size, terminated)


def scan_chunks(
    chunks: Chunks,
    codec: Codec,
    what: str,
    *,
    ahead: bool,
    hash_blob: bool,
    hash_tar: bool,
    seed: Seed,
    source: Repeatable | None = None,
    keeping: Keeping | None = None,
) -> ScannedTar:
    """A tar that goes by, packed or not: contents are digested, and the whole as far as asked for.

    `ahead` unpacks in a thread of its own; `source` is where the contents can be had once more; what
    `keeping` wants is kept.
    """
    blob, whole = Sha256(), Sha256()
    entries: list[Entry] = []
    digests = bytearray()
    kept: dict[int, bytes] = {}
    terminated = True
    regular = FileType.REGULAR
    with ExitStack() as threads:  # an error must not leave them behind
        if hash_blob and ahead:
            chunks = threads.enter_context(closing(blob.beside(chunks)))
        elif hash_blob:
            chunks = blob.over(chunks)
        chunks = decompressed(chunks, codec, what)
        if ahead:
            chunks = threads.enter_context(closing(prefetched(chunks)))
        if hash_tar:
            chunks = whole.over(chunks)
        window = StreamWindow(chunks)
        try:
            for entry in tar.entries(window, what):
                entries.append(entry)
                if entry.type is not regular:
                    digests += _NO_DIGEST
                elif entry.extras.extents is None:
                    size = entry.size
                    if keeping is not None and keeping.wants(entry.name, size):
                        content = kept[len(entries) - 1] = b"".join(window.pieces(entry.offset, size))
                        digests += digest_of(content, seed)
                    else:
                        digests += window.digest(entry.offset, size, seed)
                else:
                    stored = window.digest(entry.offset, tar.stored_size(entry), seed)
                    digests += with_extents(entry, stored, seed)
        except tar.Unterminated:
            terminated = False
        window.drain(what)
    return ScannedTar(
        entries,
        StreamedContents(entries, digests, seed, what, source, kept),
        codec,
        blob.size,
        terminated,
        blob.digest if hash_blob else "",
        whole.digest if hash_tar else "",
        digests,
        kept,
    )


def what_is(number: int, spec: LayerSpec, label: str) -> str:
    """How errors name a layer."""
    return f"layer {number} ({brief(spec.name)}) of {label}"


def require_tar(head: bytes, spec: LayerSpec, what: str) -> Codec:
    """The codec of a layer that begins with `head`; UnsupportedError if it can be no tar."""
    codec = sniff(head)
    if "encrypted" in spec.media_type:
        raise UnsupportedError(f"{what} is encrypted", "Decrypt the image first, with skopeo for instance.")
    if codec is Codec.PLAIN and head and not tar.begins(head):
        kind = " (squashfs)" if head[:4] in (b"hsqs", b"sqsh") else ""
        told = f", but {brief(spec.media_type)}{kind}" if spec.media_type else kind
        raise UnsupportedError(f"{what} is no tar layer{told}")
    return codec


def finish(number: int, spec: LayerSpec, scanned: ScannedTar, label: str) -> Layer:
    """The layer, after its digests have been held against what manifest and config claim.

    A tar without an end marker counts as whole only if one of its digests was checked.
    """
    what = what_is(number, spec, label)
    if spec.blob_size is not None and spec.blob_size != scanned.blob_size:
        raise DamagedError(
            f"{what} has {scanned.blob_size} bytes, and the manifest says {spec.blob_size}",
            "Is the download complete?",
        )
    proven = False
    for claimed, found, name in (
        (spec.digest, scanned.blob_digest, "digest"),
        (spec.diff_id, scanned.tar_digest, "diff_id"),
    ):
        if found and claimed.startswith("sha256:"):
            if found != claimed:
                raise DamagedError(
                    f"{what} does not match its {name}: {brief(claimed)} is claimed, {found} is there"
                )
            proven = True
    if not scanned.terminated and not proven:
        raise DamagedError(f"{what} is cut off: the end marker of its tar is missing")
    compressed = spec.pulled_size
    if compressed is None and scanned.codec is not Codec.PLAIN:
        compressed = scanned.blob_size
    return Layer(
        spec.name, spec.diff_id, spec.digest, spec.media_type, compressed, scanned.entries, scanned.contents
    )

"""Layers read: their tars scanned, their contents digested on the way, their digests checked."""

import hashlib
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from ..analysis.model import Contents, Entry, FileType, Layer, Tell, unheard
from ..errors import DamagedError, LimitError, UnsupportedError
from . import limits, tar
from .compression import Codec, decompressed, sniff
from .contents import Packed, Repeatable, SeekableContents, StreamedContents, with_extents
from .digests import DIGEST_SIZE
from .files import Slice, SliceWindow
from .manifest import LayerSpec
from .store import SeekableStore, brief
from .streams import Chunks, Sha256, StreamWindow, prefetched

_BATCH = 10_000
"""Entries of a plain tar that are scanned at a time: 30 ms."""
_MAX_THREADS = 4
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


def scan_slice(data: Slice, what: str, tell: Tell = unheard) -> ScannedTar:
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
    return ScannedTar(entries, SeekableContents(data, entries), Codec.PLAIN, data.size, terminated)


def scan_chunks(
    chunks: Chunks,
    codec: Codec,
    what: str,
    *,
    ahead: bool,
    hash_blob: bool,
    hash_tar: bool,
    source: Repeatable | None = None,
) -> ScannedTar:
    """A tar that goes by, packed or not: contents are digested, and the whole as far as asked for.

    `ahead` unpacks in a thread of its own; `source` is where the contents can be had once more.
    """
    blob, whole = Sha256(), Sha256()
    entries: list[Entry] = []
    digests = bytearray()
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
                    digests += window.digest(entry.offset, entry.size)
                else:
                    stored = window.digest(entry.offset, tar.stored_size(entry))
                    digests += with_extents(entry, stored)
        except tar.Unterminated:
            terminated = False
        window.drain(what)
    return ScannedTar(
        entries,
        StreamedContents(entries, digests, what, source),
        codec,
        blob.size,
        terminated,
        blob.digest if hash_blob else "",
        whole.digest if hash_tar else "",
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


# Seekable sources ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Job:
    """One blob to read."""

    data: Slice
    spec: LayerSpec
    what: str
    codec: Codec
    tell: Tell
    scanned: ScannedTar | None = field(default=None)


def read_layers(
    store: SeekableStore,
    specs: Sequence[LayerSpec],
    *,
    verify: bool,
    tell: Callable[[int, int], None],
    stop: threading.Event,
) -> tuple[Layer, ...]:
    """All layers of an image in a seekable store.

    Plain layers are scanned by their headers; packed ones are unpacked side by side, the largest first.
    What passes through whole is checked by the digest of its blob, or its diff_id where the blob has
    none; `verify` reads everything and checks both. `tell` hears of a layer's index and bytes done, from
    several threads; of a layer that stands several times, of the first index.
    """
    jobs: dict[str, _Job] = {}
    for number, spec in enumerate(specs):
        if spec.name in jobs:
            continue
        what = what_is(number, spec, store.label)
        data = store.blob(spec.name)
        if data is None:
            raise DamagedError(f"{what} is missing", "Is the archive complete?")
        codec = require_tar(data.read(0, tar.BLOCK), spec, what)
        jobs[spec.name] = _Job(data, spec, what, codec, partial(tell, number))

    packed = sorted(
        (job for job in jobs.values() if job.codec is not Codec.PLAIN), key=lambda job: -job.data.size
    )
    budget = EntryBudget(store.label)
    # Scanning headers is all Python: threads would only take turns.
    for job in jobs.values():
        if job.codec is Codec.PLAIN:
            job.scanned = scan_slice(job.data, job.what, job.tell)
            budget.spend(job.scanned)
            if verify or not job.scanned.terminated:
                job.scanned.tar_digest = job.scanned.blob_digest = _sha256(job.data, job.tell, stop)
            else:
                job.tell(job.data.size)
    if packed:
        _read_side_by_side(packed, budget, verify=verify, stop=stop)
    layers = []
    for number, spec in enumerate(specs):
        scanned = jobs[spec.name].scanned
        assert scanned is not None
        layers.append(finish(number, spec, scanned, store.label))
    return tuple(layers)


def _read_side_by_side(jobs: list[_Job], budget: EntryBudget, *, verify: bool, stop: threading.Event) -> None:
    """Scan packed layers in as many threads as there are cores; the first error ends them all."""
    waiting = deque(jobs)
    errors: list[BaseException] = []

    def work() -> None:
        while waiting and not stop.is_set():
            try:
                job = waiting.popleft()
            except IndexError:
                return
            try:
                ahead = job.data.size > share
                job.scanned = _scan_packed(job, verify, ahead, _watched(job.data.chunks(), job.tell, stop))
                budget.spend(job.scanned)
            except BaseException as error:
                errors.append(error)
                stop.set()

    workers = min(os.cpu_count() or 1, _MAX_THREADS)
    # A layer that others would have to wait for is taken apart further: unpacked, hashed and scanned in
    # threads of its own. For the rest that would only move bytes from core to core.
    share = sum(job.data.size for job in jobs) // (workers + 1)
    threads = [
        threading.Thread(target=work, name=f"layers-{number}", daemon=True)
        for number in range(min(len(jobs), workers))
    ]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except BaseException:  # Ctrl-C: the threads see it at their next chunk
        stop.set()
        for thread in threads:
            thread.join()
        raise
    if errors:
        raise errors[0]


def _scan_packed(job: _Job, verify: bool, ahead: bool, chunks: Chunks) -> ScannedTar:
    scanned = scan_chunks(
        chunks,
        job.codec,
        job.what,
        ahead=ahead,
        hash_blob=verify or bool(job.spec.digest),
        hash_tar=verify or not job.spec.digest,
        source=Packed(job.data, job.codec, job.what),
    )
    scanned.blob_size = job.data.size
    return scanned


class Stopped(Exception):  # noqa: N818 - not an error: the user's wish
    """Reading was ended from outside."""


def _watched(chunks: Chunks, tell: Tell, stop: threading.Event) -> Chunks:
    for chunk in chunks:
        if stop.is_set():
            raise Stopped
        tell(len(chunk))
        yield chunk


def _sha256(data: Slice, tell: Tell, stop: threading.Event) -> str:
    whole = hashlib.sha256()
    for chunk in _watched(data.chunks(), tell, stop):
        whole.update(chunk)
    return "sha256:" + whole.hexdigest()

"""From what the user typed to an `Image`: reads bytes, knows no analysis.

    reference ─► source (file, directory, stream) ─► store ─► manifest.resolve ─► layers ─► Image
"""

import os
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from ..analysis.model import Image, Layer
from ..errors import NotAnImageError, SourceError
from . import tar
from .compression import Codec, decompressed, sniff
from .files import File, Slice
from .layers import Tell, looks_like_tar, read_layers
from .manifest import Recipe, resolve
from .passing import PassingStore
from .reference import Origin, parse
from .store import ArchiveStore, DirectoryStore, SeekableStore
from .streams import Chunks, prefetched

Progress = Callable[[int, int | None], None]
"""Called with the bytes done and the bytes there are (None: unknown), from several threads."""

_READ = 1 << 18


def open_image(
    reference: str,
    *,
    image: str | None = None,
    platform: str | None = None,
    verify: bool = False,
    progress: Progress = lambda done, total: None,
    stdin: BinaryIO | None = None,
) -> Image:
    """Read an image with all its layers.

    `reference` is a path, `-` or `scheme:rest` (see `reference.parse`); `image` (tag or number) and
    `platform` (os/arch[/variant]) choose where there are several. Every failure is a LayerscopeError.
    """
    origin, path, tag = parse(reference)
    image = image if image is not None else tag or None
    if origin is Origin.STDIN:
        return _from_stream(stdin or sys.stdin.buffer, "standard input", reference, image, platform, verify, progress)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    if stat.S_ISDIR(mode):
        return _from_store(DirectoryStore(path), reference, image, platform, verify, progress)
    if stat.S_ISREG(mode) or stat.S_ISFIFO(mode):
        try:
            stream = path.open("rb", buffering=0)
        except OSError as error:
            raise SourceError(f"{path} cannot be opened: {error.strerror}") from error
        with stream:
            return _from_stream(stream, str(path), reference, image, platform, verify, progress)
    raise SourceError(f"{path} is a device or a socket, not a file or directory")


def _from_stream(
    stream: BinaryIO,
    label: str,
    reference: str,
    image: str | None,
    platform: str | None,
    verify: bool,
    progress: Progress,
) -> Image:
    """An archive in an open file: read at random where it is a plain tar and the file can seek."""
    size = _seekable_size(stream)
    if size is None:
        chunks = _chunks(stream, label)
        head = b""
        while len(head) < tar.BLOCK and (chunk := next(chunks, b"")):
            head += chunk
        source = _chain(head, chunks)
    else:
        whole = Slice(File(stream, label), 0, size)
        head = whole.read(0, tar.BLOCK)
        source = whole.chunks()
    codec = sniff(head)
    if not head:
        raise NotAnImageError(f"{label} is empty", "Did the command that should write it fail?")
    if codec is Codec.PLAIN and not looks_like_tar(head):
        raise NotAnImageError(
            f"{label} is no image archive: it is no tar, and not packed with gzip, zstd, xz or bzip2"
        )
    if codec is Codec.PLAIN and size is not None:
        return _from_store(ArchiveStore(File(stream, label)), reference, image, platform, verify, progress)
    tell = _Meter(progress, size).tell
    unpacked = prefetched(decompressed(_told(source, tell), codec, label))
    try:
        store = PassingStore.read(unpacked, label)
    finally:
        unpacked.close()  # type: ignore[attr-defined]
    recipe = resolve(store, image, platform)
    return _image(reference, recipe, store.layers(recipe.layers))


def _from_store(
    store: SeekableStore, reference: str, image: str | None, platform: str | None, verify: bool, progress: Progress
) -> Image:
    recipe = resolve(store, image, platform)
    blobs = {spec.name: store.blob(spec.name) for spec in recipe.layers}
    meter = _Meter(progress, sum(blob.size for blob in blobs.values() if blob is not None))
    stop = threading.Event()
    layers = read_layers(store, recipe.layers, verify=verify, tell=meter.tell, stop=stop)
    return _image(reference, recipe, layers)


def _image(reference: str, recipe: Recipe, layers: tuple[Layer, ...]) -> Image:
    return Image(
        reference=reference,
        id=recipe.id,
        tags=recipe.tags,
        platform=recipe.platform,
        created=recipe.created,
        config=recipe.config,
        history=recipe.history,
        layers=layers,
    )


class _Meter:
    """Adds up what several threads have done, and passes it on."""

    def __init__(self, progress: Progress, total: int | None) -> None:
        self._progress = progress
        self._total = total
        self._done = 0
        self._lock = threading.Lock()

    def tell(self, count: int) -> None:
        with self._lock:
            self._done += count
            self._progress(self._done, self._total)


def _seekable_size(stream: BinaryIO) -> int | None:
    """Size of a regular file that stands at its beginning; None for anything that only flows."""
    try:
        status = os.fstat(stream.fileno())
        if stat.S_ISREG(status.st_mode) and stream.seekable() and stream.tell() == 0:
            return status.st_size
    except (OSError, ValueError):  # a stream that is no file at all, as in a test
        pass
    return None


def _chunks(stream: BinaryIO, label: str) -> Chunks:
    if stream.isatty():
        raise SourceError(f"{label} is a terminal", "Pipe an archive into it: docker save IMAGE | layerscope -")
    read = getattr(stream, "read1", stream.read)
    while True:
        try:
            chunk = read(_READ)
        except OSError as error:
            raise SourceError(f"{label} cannot be read: {error.strerror}") from error
        if not chunk:
            return
        yield chunk


def _chain(head: bytes, chunks: Chunks) -> Chunks:
    yield head
    yield from chunks


def _told(chunks: Chunks, tell: Tell) -> Chunks:
    for chunk in chunks:
        tell(len(chunk))
        yield chunk


__all__ = ["Path", "Progress", "open_image"]

"""From what the user typed to an `Image`: reads bytes, knows no analysis.

reference ─► source (file, directory, stream, engine) ─► store ─► manifest.resolve ─► layers ─► Image
"""

import dataclasses
import os
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ..analysis.model import Image, Layer, Reading
from ..errors import DamagedError, NotAnImageError, SourceError
from . import tar
from .compression import Codec, decompressed, sniff
from .contents import Packed
from .engine import Pull, SavedArchive
from .engines import find
from .files import File, Slice
from .layers import read_layers
from .manifest import Recipe, resolve
from .passing import PassingStore
from .reference import Origin, parse
from .spool import spooled
from .store import ArchiveStore, DirectoryStore, SeekableStore
from .streams import Chunks, counted, prefetched

Progress = Callable[[Reading], None]
"""Called every megabyte or so, from several threads, but by one at a time.

What it raises ends the reading, and comes out of `open_image` as it is: so a user cancels.
"""

_READ = 1 << 18


@contextmanager
def open_image(
    reference: str,
    *,
    image: str | None = None,
    platform: str | None = None,
    verify: bool = False,
    progress: Progress = lambda _reading: None,
    stdin: BinaryIO | None = None,
    pull: Pull = "never",
    spool: bool = False,
) -> Iterator[Image]:
    """Read an image with all its layers; their contents can be read until the context ends.

    `reference` is a path, `-`, `scheme:rest` or the name of an image in an engine (see `reference.parse`);
    `image` (tag or number) and `platform` (os/arch[/variant]) choose where there are several; `verify`
    reads every byte and checks every digest. Of an image in an engine, `pull` says when it fetches it, and
    `spool` keeps what it sends in a temporary file until the context ends. Every failure is a
    LayerscopeError.
    """
    origin, path, tag, name = parse(reference)
    wanted = Wanted(reference, image if image is not None else tag or None, platform, verify, progress)
    with ExitStack() as stack:
        if origin is Origin.STDIN:
            stream = stdin or (sys.stdin.buffer if sys.stdin else None)  # None: closed by whoever started us
            if stream is None:
                raise SourceError(
                    "standard input is closed", "Pipe an archive into it: docker save IMAGE | …"
                )
            yield _from_stream(stream, "standard input", wanted)
            return
        if origin is not Origin.PATH:
            pulling = _Meter(progress, None, doing="pulling").set
            found = find(origin, name, pull=pull, platform=platform, progress=pulling)
            yield _from_engine(stack.enter_context(found), wanted, stack if spool else None)
            return
        mode = _mode(path)
        if stat.S_ISDIR(mode):
            store = DirectoryStore(path)
            stack.callback(store.close)
            yield _from_store(store, wanted)
        elif stat.S_ISREG(mode) or stat.S_ISFIFO(mode):
            try:
                stream = stack.enter_context(path.open("rb", buffering=0))
            except OSError as error:
                raise SourceError(f"{path} cannot be opened: {error.strerror}") from error
            yield _from_stream(stream, str(path), wanted)
        else:
            raise SourceError(f"{path} is a device or a socket, not a file or directory")


class Wanted(NamedTuple):
    """What was asked for."""

    reference: str
    image: str | None
    platform: str | None
    verify: bool
    progress: Progress


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error


def _from_stream(stream: BinaryIO, label: str, wanted: Wanted) -> Image:
    """An archive in an open file: read at random where it is a plain tar and the file can seek."""
    size = _seekable_size(stream)
    whole = None
    if size is None:
        chunks = _chunks(stream, label)
        head = b""
        while len(head) < tar.BLOCK and (chunk := next(chunks, b"")):
            head += chunk
        source: Chunks = chain([head], chunks)
    else:
        whole = Slice(File(stream, label), 0, size)
        head = whole.read(0, tar.BLOCK)
        source = whole.chunks()
    codec = sniff(head)
    if not head:
        raise NotAnImageError(f"{label} is empty", "Did the command that should write it fail?")
    if codec is Codec.PLAIN and not tar.begins(head):
        raise NotAnImageError(
            f"{label} is no image archive: it is no tar, and not packed with gzip, zstd, xz or bzip2"
        )
    if codec is Codec.PLAIN and whole is not None:
        return _from_store(ArchiveStore(whole.file), wanted)
    tell = partial(_Meter(wanted.progress, size).tell, None)
    again = Packed(whole, codec, label) if whole is not None else None
    with closing(prefetched(decompressed(counted(source, tell), codec, label))) as unpacked:
        store = PassingStore.read(unpacked, label, again)
    recipe = resolve(store, wanted.image, wanted.platform)
    return _image(wanted.reference, recipe, store.layers(recipe.layers))


def _from_engine(archive: SavedArchive, wanted: Wanted, spool: ExitStack | None) -> Image:
    """An image as its engine sends it: read on the way, or from a file that is kept as long as `spool`."""
    described = archive.image
    tell = partial(_Meter(wanted.progress, described.size).tell, None)
    with closing(archive.chunks(tell)) as chunks:
        if spool is None:
            store = PassingStore.read(chunks, archive.label, archive)
            recipe = resolve(store, wanted.image, wanted.platform)
            image = _image(wanted.reference, recipe, store.layers(recipe.layers))
        else:
            file = spool.enter_context(spooled(chunks, archive.label))
            image = _from_store(ArchiveStore(file), wanted)
    diff_ids = tuple(layer.diff_id for layer in image.layers)
    if described.diff_ids and image.platform == described.platform and diff_ids != described.diff_ids:
        raise DamagedError(f"{archive.label} has other layers than the engine said", "Try it again.")
    return dataclasses.replace(image, tags=image.tags or described.tags)


def _from_store(store: SeekableStore, wanted: Wanted) -> Image:
    recipe = resolve(store, wanted.image, wanted.platform)
    blobs = {spec.name: store.blob(spec.name) for spec in recipe.layers}
    total = sum(blob.size for blob in blobs.values() if blob is not None)
    meter = _Meter(wanted.progress, total, len(recipe.layers))
    stop = threading.Event()
    layers = read_layers(store, recipe.layers, verify=wanted.verify, tell=meter.tell, stop=stop)
    return _image(wanted.reference, recipe, layers)


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
        notes=recipe.notes,
    )


class _Meter:
    """Adds up what several threads have done, and passes it on."""

    def __init__(
        self, progress: Progress, total: int | None, layers: int | None = None, doing: str = "reading"
    ) -> None:
        self._progress = progress
        self._total = total
        self._layers = layers
        self._doing = doing
        self._done = 0
        self._lock = threading.Lock()

    def tell(self, layer: int | None, count: int) -> None:
        with self._lock:
            self._done += count
            self._progress(Reading(self._done, self._total, layer, self._layers, self._doing))

    def set(self, done: int, total: int | None) -> None:
        """Pass on what somebody else has added up."""
        with self._lock:
            self._progress(Reading(done, total, None, None, self._doing))


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
        raise SourceError(
            f"{label} is a terminal", "Pipe an archive into it: docker save IMAGE | layerscope -"
        )
    read = getattr(stream, "read1", stream.read)
    while True:
        try:
            chunk = read(_READ)
        except OSError as error:
            raise SourceError(f"{label} cannot be read: {error.strerror}") from error
        if not chunk:
            return
        yield chunk

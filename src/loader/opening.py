"""Images read from where their bytes are: a stream, an engine, a store that can be read at any place."""

import dataclasses
import os
import stat
import threading
from contextlib import ExitStack, closing, suppress
from functools import partial
from itertools import chain
from typing import BinaryIO, NamedTuple

from ..analysis.model import BaseImage, Image, Layer, Tell
from ..errors import DamagedError, LayerscopeError, NotAnImageError, SourceError
from . import tar
from .base_image import names_to_ask_for, with_layers
from .compression import Codec, decompressed, sniff
from .contents import Packed
from .digests import Seed
from .engine import SavedArchive
from .files import File, Slice
from .image_cache import ImageCache
from .keeping import Keeping
from .manifest import Recipe, resolve
from .meter import Meter, Progress
from .passing import PassingStore
from .seekable import read_layers
from .spool import spooled
from .store import ArchiveStore, SeekableStore
from .streams import Chunks, counted, prefetched

_READ = 1 << 18


class Wanted(NamedTuple):
    """What was asked for."""

    reference: str
    image: str | None
    platform: str | None
    verify: bool
    progress: Progress
    seed: Seed
    cache: ImageCache | None
    keeping: Keeping | None

    @property
    def known(self) -> ImageCache | None:
        """Where to look for what was read before: nowhere, if all is to be verified."""
        return None if self.verify else self.cache


def from_stream(stream: BinaryIO, label: str, wanted: Wanted) -> Image:
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
        return from_store(ArchiveStore(whole.file), wanted)
    packed = None if whole is None else Packed(whole, codec, label)
    tell = partial(Meter(wanted.progress, size).tell, None)
    known = None if packed is None else _known_archive(packed, wanted, lambda _length: tell(0))
    if known is not None:
        return known
    with closing(prefetched(decompressed(counted(source, tell), codec, label))) as unpacked:
        store = PassingStore.read(unpacked, label, packed, seed=wanted.seed, keeping=wanted.keeping)
    recipe = resolve(store, wanted.image, wanted.platform)
    layers = store.layers(recipe.layers)
    if wanted.cache is not None and packed is not None and (key := packed.data.file.identity):
        wanted.cache.keep_archive(key, store)
    return _image(wanted.reference, recipe, layers)


def _known_archive(packed: Packed, wanted: Wanted, tell: Tell) -> Image | None:
    key = packed.data.file.identity
    if wanted.known is None or not key:
        return None
    found = wanted.known.reopened(key, packed.what, packed, wanted.image, wanted.platform, tell)
    return None if found is None else _image(wanted.reference, *found)


def from_engine(archive: SavedArchive, wanted: Wanted, spool: ExitStack | None) -> Image:
    """An image as its engine sends it: read on the way, or from a file that is kept as long as `spool`."""
    described = archive.image
    tell = partial(Meter(wanted.progress, described.size).tell, None)
    if spool is not None:  # the bytes are wanted here, so nothing that is known of them would help
        with closing(archive.chunks(tell)) as chunks:
            file = spool.enter_context(spooled(chunks, archive.label))
        image = from_store(ArchiveStore(file), wanted._replace(cache=None))
        _require_described(image, archive)
    elif known := _known_in_engine(archive, wanted, tell):
        image = known
    else:
        with closing(archive.chunks(tell)) as chunks:
            store = PassingStore.read(
                chunks, archive.label, archive, seed=wanted.seed, keeping=wanted.keeping
            )
        recipe = resolve(store, wanted.image, wanted.platform)
        image = _image(wanted.reference, recipe, store.layers(recipe.layers))
        if _require_described(image, archive) and wanted.cache is not None:
            wanted.cache.keep_archive(archive.key, store)
    return dataclasses.replace(image, tags=described.tags, base=_base_in_engine(image, archive))


def _base_in_engine(image: Image, archive: SavedArchive) -> BaseImage:
    """What the engine knows of the image that this one was built on: a request, if that one has a name."""
    found = image.base
    for name in names_to_ask_for(found):
        if found.layers is None:
            found = with_layers(
                found, [layer.diff_id for layer in image.layers], partial(archive.diff_ids_of, name)
            )
    return found


def _known_in_engine(archive: SavedArchive, wanted: Wanted, tell: Tell) -> Image | None:
    """The image as it was sent before, unless that is not it, or not all of it: then the engine is asked."""
    if wanted.known is None:
        return None
    with suppress(LayerscopeError):
        found = wanted.known.reopened(
            archive.key, archive.label, archive, wanted.image, wanted.platform, tell
        )
        if found is not None:
            image = _image(wanted.reference, *found)
            _require_described(image, archive)
            return image
    return None


def _require_described(image: Image, archive: SavedArchive) -> bool:
    """Whether the engine named the layers of this image before; DamagedError if they are others."""
    described = archive.image
    if not described.diff_ids or image.platform != described.platform:
        return False
    if tuple(layer.diff_id for layer in image.layers) != described.diff_ids:
        raise DamagedError(f"{archive.label} has other layers than the engine said", "Try it again.")
    return True


def from_store(store: SeekableStore, wanted: Wanted) -> Image:
    """An image whose layers can be read at any place."""
    recipe = resolve(store, wanted.image, wanted.platform)
    blobs = {spec.name: store.blob(spec.name) for spec in recipe.layers}
    total = sum(blob.size for blob in blobs.values() if blob is not None)
    meter = Meter(wanted.progress, total, len(recipe.layers))
    stop = threading.Event()
    layers = read_layers(
        store,
        recipe.layers,
        verify=wanted.verify,
        seed=wanted.seed,
        tell=meter.tell,
        stop=stop,
        known=wanted.cache,
        keeping=wanted.keeping,
    )
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
        base=recipe.base,
    )


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

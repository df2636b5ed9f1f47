"""What was read of images before, so that they need not be read again: what is kept, and under which key.

Of an archive that goes by (an engine's, or a file packed as a whole) all is kept that an opening leaves in
memory: an archive record under what tells the archive from all others, and a layer record under the SHA-256
of each tar, which we took ourselves. So two archives that share layers share their records. Of a packed
layer in a file that can be read anywhere, a layer record is kept under what tells its bytes from all others.
Plain layers in such files are not kept: nothing but their headers is read anyway, 2 GB in a quarter of a
second, and their contents when two are compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..analysis.model import Layer, Tell
from ..errors import DamagedError
from . import archive_record, layer_record
from .cache_folder import CacheFolder
from .compression import Codec
from .contents import Packed, Repeatable, RepeatableArchive, StreamedContents
from .digests import RUN_SEED, Seed
from .files import Slice
from .layer_record import LayerRecord
from .layers import ScannedTar
from .manifest import Recipe, resolve
from .passing import PassedTar, PassingStore, member_of
from .streams import Chunks


class ImageCache:
    """The images in a cache folder; each method does nothing where nothing can be kept."""

    def __init__(self, folder: CacheFolder) -> None:
        self._folder = folder
        self.seed: Seed = RUN_SEED if folder.seed is None else folder.seed
        """Of the digests that are kept, and so of all that are to be compared with them."""

    # Archives that go by ----------------------------------------------------------------------------------

    def reopened(
        self,
        key: str,
        label: str,
        source: RepeatableArchive,
        image: str | None,
        platform: str | None,
        tell: Tell,
    ) -> tuple[Recipe, tuple[Layer, ...]] | None:
        """An image of an archive as if that had gone by now; None if not all of it is known.

        Raises what `resolve` and `PassingStore.layers` do. `tell` hears of the bytes that need not go by.
        """
        data = self._folder.get(key)
        record = None if data is None else archive_record.unpack(data)
        if record is None:
            return None
        store = PassingStore(label, record.kept)
        recipe = resolve(store, image, platform)
        known: dict[str, LayerRecord] = {}
        for name in store.members(recipe.layers):
            facts = record.tars.get(name)
            if facts is None:
                continue  # the store says what is wrong
            layer = known.get(facts.tar_digest) or self._record(_tar_key(facts.tar_digest))
            if layer is None:
                return None
            known[facts.tar_digest] = layer
            what = member_of(name, label)
            member = source.member(name, facts.start, facts.length, facts.codec, what)
            again = _Forgetful(member, self._folder, key)
            scanned = self._scanned(layer, facts.codec, facts.length, facts.blob_digest, what, again)
            record.kept.tars[name] = PassedTar(facts.start, facts.length, scanned)
            tell(facts.length)
        return recipe, store.layers(recipe.layers)

    def keep_archive(self, key: str, store: PassingStore) -> None:
        """Remember an archive that has gone by, layer by layer."""
        record = archive_record.pack(store.kept)
        if record is None:
            return
        for _, _, scanned in store.kept.tars.values():
            layer_key = _tar_key(scanned.tar_digest)
            if not self._folder.holds(layer_key):
                self._keep_layer(layer_key, scanned, "")
        self._folder.put(key, record)
        self._folder.trim()

    # Packed layers that can be read anywhere, as `seekable.KnownLayers` says -------------------------------

    def find(self, blob: Packed) -> ScannedTar | None:
        """What was read from these bytes; None if that is not known."""
        key = _slice_key(blob.data)
        record = self._record(key) if key else None
        if record is None:
            return None
        return self._scanned(record, blob.codec, blob.data.size, record.blob_digest, blob.what, blob)

    def keep(self, read: Sequence[tuple[Slice, ScannedTar]]) -> None:
        """Remember what was read, and from which bytes."""
        for data, scanned in read:
            if key := _slice_key(data):
                self._keep_layer(key, scanned, scanned.blob_digest)
        if read:
            self._folder.trim()

    # Layers -----------------------------------------------------------------------------------------------

    def _record(self, key: str) -> LayerRecord | None:
        data = self._folder.get(key)
        return None if data is None else layer_record.unpack(data)

    def _keep_layer(self, key: str, scanned: ScannedTar, blob_digest: str) -> None:
        record = LayerRecord(
            scanned.entries,
            scanned.digests,
            scanned.terminated,
            scanned.tar_digest,
            blob_digest,
            scanned.kept,
        )
        packed = layer_record.pack(record)
        if packed is not None:
            self._folder.put(key, packed)

    def _scanned(
        self, record: LayerRecord, codec: Codec, size: int, blob_digest: str, what: str, source: Repeatable
    ) -> ScannedTar:
        contents = StreamedContents(record.entries, record.digests, self.seed, what, source, record.kept)
        return ScannedTar(
            record.entries,
            contents,
            codec,
            size,
            record.terminated,
            blob_digest,
            record.tar_digest,
            record.digests,
            record.kept,
        )


def _tar_key(digest: str) -> str:
    return f"tar:{digest}"


def _slice_key(data: Slice) -> str:
    identity = data.file.identity
    return f"slice:{identity}:{data.start}:{data.size}" if identity else ""


@dataclass(frozen=True, slots=True)
class _Forgetful:
    """A layer of an archive that is known from before, and forgotten if the layer is no longer found in it.

    Another version of an engine may give its members other names: then "open the image again" must help.
    """

    layer: Repeatable
    folder: CacheFolder
    key: str

    @property
    def size(self) -> int:
        """As `Repeatable` says."""
        return self.layer.size

    def unpacked(self, tell: Tell) -> Chunks:
        """As `Repeatable` says."""
        try:
            yield from self.layer.unpacked(tell)
        except DamagedError:
            self.folder.drop(self.key)
            raise

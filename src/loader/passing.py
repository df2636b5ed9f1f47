"""An archive that can be read only once, from front to back: standard input, a pipe, a packed file.

Which members are layers, and of which image, is known only at the end: documents are kept, everything
that is a tar is scanned as it goes by, and what is wrong with a member matters only if it is needed.
"""

from collections.abc import Collection, Sequence

from ..analysis.model import FileType, Layer
from ..errors import DamagedError, LayerscopeError, NotAnImageError
from . import limits, tar
from .compression import Codec, sniff
from .layers import ScannedTar, finish, require_tar, scan_chunks, what_is
from .manifest import LayerSpec
from .store import Links, clean, member_name
from .streams import Chunks, StreamWindow


class PassingStore:
    """What was kept of an archive that went by."""

    def __init__(self, label: str) -> None:
        self.label = label
        self._documents: dict[str, bytes] = {}
        self._layers: dict[str, ScannedTar | LayerscopeError] = {}
        self._heads: dict[str, bytes] = {}
        self._links = Links()

    @classmethod
    def read(cls, chunks: Chunks, label: str) -> "PassingStore":
        """Let an archive pass by. Raises what `chunks` raises, and DamagedError for a broken archive."""
        store = cls(label)
        outer = _Remembering(chunks)
        window = StreamWindow(outer.chunks())
        kept = 0
        try:
            for entry in tar.entries(window, label):
                store._links.add(entry)
                if entry.type is not FileType.REGULAR:
                    continue
                name = member_name(entry)
                head = window.read(entry.offset, min(tar.BLOCK, entry.size))
                codec = sniff(head)
                store._heads[name] = head
                if codec is Codec.PLAIN and not tar.begins(head):
                    kept += entry.size
                    if entry.size <= limits.MAX_JSON and kept <= limits.MAX_JSON_TOTAL:
                        store._documents[name] = b"".join(window.pieces(entry.offset, entry.size))
                    continue
                try:
                    store._layers[name] = scan_chunks(
                        window.pieces(entry.offset, entry.size),
                        codec,
                        f"{name} in {label}",
                        ahead=False,
                        hash_blob=True,
                        hash_tar=True,
                    )
                except LayerscopeError as error:
                    if outer.error is not None:
                        raise outer.error from error
                    store._layers[name] = error
        except tar.Unterminated:
            raise DamagedError(
                f"{label} is cut off: the end marker of the archive is missing", "Is the download complete?"
            ) from None
        window.drain(label)
        return store

    def names(self) -> Collection[str]:
        """As `Store` says."""
        return self._heads.keys() | self._links.names()

    def document(self, name: str) -> bytes | None:
        """As `Store` says."""
        name = self._links.follow(clean(name))
        if name in self._heads and name not in self._documents:
            raise NotAnImageError(f"{name} in {self.label} is no JSON document")
        return self._documents.get(name)

    def layers(self, specs: Sequence[LayerSpec]) -> tuple[Layer, ...]:
        """The layers of an image, as `layers.read_layers` gives them; everything is verified."""
        layers = []
        for number, spec in enumerate(specs):
            what = what_is(number, spec, self.label)
            name = self._links.follow(spec.name)
            scanned = self._layers.get(name)
            if scanned is None:
                if name not in self._heads:
                    raise DamagedError(f"{what} is missing", "Is the archive complete?")
                require_tar(self._heads[name], spec, what)
                raise DamagedError(f"{what} is no tar")
            if isinstance(scanned, LayerscopeError):
                raise scanned
            layers.append(finish(number, spec, scanned, self.label))
        return tuple(layers)


class _Remembering:
    """Chunks, and the error that ended them: a layer being scanned must not swallow it."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self.error: BaseException | None = None

    def chunks(self) -> Chunks:
        try:
            yield from self._chunks
        except BaseException as error:
            self.error = error
            raise

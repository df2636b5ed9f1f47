"""An archive that can be read only once, from front to back: standard input, a pipe, a packed file.

Which members are layers, and of which image, is known only at the end: documents are kept, everything
that is a tar is scanned as it goes by, and what is wrong with a member matters only if it is needed.
"""

from collections.abc import Collection, Sequence

from ..analysis.model import FileType, Layer
from ..errors import DamagedError, LayerscopeError, LimitError, NotAnImageError
from . import limits, tar
from .compression import MAGIC_BYTES, Codec, sniff
from .contents import RepeatableArchive
from .layers import EntryBudget, ScannedTar, finish, require_tar, scan_chunks, what_is
from .manifest import LayerSpec
from .store import Links, brief, clean, member_name, require_no_image, require_whole, too_large
from .streams import Chunks, StreamWindow


class PassingStore:
    """What was kept of an archive that went by."""

    def __init__(self, label: str) -> None:
        self.label = label
        self._documents: dict[str, bytes] = {}
        self._layers: dict[str, ScannedTar | LayerscopeError] = {}
        self._heads: dict[str, bytes] = {}
        """The first bytes of every regular member."""
        self._passed: dict[str, LayerscopeError] = {}
        """Documents that were not kept, and why."""
        self._links = Links(label)

    @classmethod
    def read(cls, chunks: Chunks, label: str, source: RepeatableArchive | None = None) -> "PassingStore":
        """Let an archive pass by. Raises what `chunks` raises, and DamagedError for a broken archive.

        `source` is where its layers can be had once more; None if they cannot.
        """
        store = cls(label)
        outer = _Remembering(chunks)
        window = StreamWindow(outer.chunks())
        kept = 0
        budget = EntryBudget(label)
        try:
            for entry in tar.entries(window, label):
                store._links.add(entry)
                if entry.type is not FileType.REGULAR:
                    continue
                require_whole(entry, label)
                name = member_name(entry)
                store._forget(name)
                head = window.read(entry.offset, min(tar.BLOCK, entry.size))
                codec = sniff(head)
                store._heads[name] = head[:MAGIC_BYTES]
                if codec is Codec.PLAIN and not tar.begins(head):
                    if entry.size > limits.MAX_JSON:
                        store._passed[name] = too_large(name, entry.size, label)
                    elif kept + entry.size > limits.MAX_JSON_TOTAL:
                        store._passed[name] = LimitError(
                            f"{label} holds more than {limits.MAX_JSON_TOTAL >> 20} MiB of documents "
                            f"before {brief(name)}",
                            "A file can be read at any place, and has no such limit: save it to one.",
                        )
                    else:
                        kept += entry.size
                        store._documents[name] = b"".join(window.pieces(entry.offset, entry.size))
                    continue
                what = _member(name, label)
                try:
                    scanned = scan_chunks(
                        window.pieces(entry.offset, entry.size),
                        codec,
                        what,
                        ahead=False,
                        hash_blob=True,
                        hash_tar=True,
                        source=None
                        if source is None
                        else source.member(name, entry.offset, entry.size, codec, what),
                    )
                except LayerscopeError as error:
                    if outer.error is not None:
                        raise
                    store._layers[name] = error
                else:
                    budget.spend(scanned)
                    store._layers[name] = scanned
        except tar.Unterminated:
            require_no_image(store.names(), label)
        window.drain(label)
        return store

    def names(self) -> Collection[str]:
        """As `Store` says."""
        return self._heads.keys() | self._links.names()

    def document(self, name: str) -> bytes | None:
        """As `Store` says."""
        name = self._links.follow(clean(name))
        if name in self._passed:
            raise self._passed[name]
        if name in self._heads and name not in self._documents:
            raise NotAnImageError(f"{brief(name)} in {self.label} is no JSON document")
        return self._documents.get(name)

    def layers(self, specs: Sequence[LayerSpec]) -> tuple[Layer, ...]:
        """The layers of an image, as `layers.read_layers` gives them; everything is verified."""
        layers = []
        for number, spec in enumerate(specs):
            what = what_is(number, spec, self.label)
            name = self._links.follow(spec.name)
            scanned = self._layers.get(name)
            if scanned is None and self._heads.get(name) == b"":  # the digest will tell if it may be empty
                scanned = scan_chunks(iter(()), Codec.PLAIN, what, ahead=False, hash_blob=True, hash_tar=True)
            if scanned is None:
                if name not in self._heads:
                    raise DamagedError(f"{what} is missing", "Is the archive complete?")
                require_tar(self._heads[name], spec, what)
                raise DamagedError(f"{what} is no tar")
            if isinstance(scanned, LayerscopeError):  # raised before its number was known
                message = scanned.message.replace(_member(name, self.label), what, 1)
                raise type(scanned)(message, scanned.hint) from scanned
            layers.append(finish(number, spec, scanned, self.label))
        return tuple(layers)

    def _forget(self, name: str) -> None:
        """Of several members of one name the last counts."""
        for known in (self._documents, self._layers, self._heads, self._passed):
            known.pop(name, None)


def _member(name: str, label: str) -> str:
    return f"{brief(name)} in {label}"


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

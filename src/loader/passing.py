"""An archive that can be read only once, from front to back: standard input, a pipe, a packed file.

Which members are layers, and of which image, is known only at the end: documents are kept, everything
that is a tar is scanned as it goes by, and what is wrong with a member matters only if it is needed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..analysis.model import FileType, Layer
from ..errors import DamagedError, LayerscopeError, LimitError, NotAnImageError
from . import limits, tar
from .compression import MAGIC_BYTES, Codec, sniff
from .contents import RepeatableArchive
from .digests import Seed
from .keeping import Keeping
from .layers import EntryBudget, ScannedTar, finish, require_tar, scan_chunks, what_is
from .manifest import LayerSpec
from .store import Links, brief, clean, member_name, require_no_image, require_whole, too_large
from .streams import Chunks, StreamWindow


class PassedTar(NamedTuple):
    """A member that is a tar, and where in the archive it was."""

    start: int
    length: int
    scanned: ScannedTar


@dataclass(slots=True)
class Kept:
    """What is left of an archive that went by, each member under its name."""

    documents: dict[str, bytes] = field(default_factory=dict)
    heads: dict[str, bytes] = field(default_factory=dict)
    """The first bytes of every regular member."""
    links: dict[str, str] = field(default_factory=dict)
    tars: dict[str, PassedTar] = field(default_factory=dict)
    broken: dict[str, LayerscopeError] = field(default_factory=dict)
    """What is wrong with tars that could not be read."""
    refused: dict[str, LayerscopeError] = field(default_factory=dict)
    """Why documents were not kept."""

    def forget(self, name: str) -> None:
        """Of several members of one name the last counts."""
        for known in (self.documents, self.heads, self.tars, self.broken, self.refused):
            known.pop(name, None)


class PassingStore:
    """The `Store` of an archive that went by."""

    def __init__(self, label: str, kept: Kept) -> None:
        self.label = label
        self.kept = kept
        self._links = Links(label, kept.links)

    @classmethod
    def read(
        cls,
        chunks: Chunks,
        label: str,
        source: RepeatableArchive | None = None,
        *,
        seed: Seed,
        keeping: Keeping | None = None,
    ) -> "PassingStore":
        """Let an archive pass by. Raises what `chunks` raises, and DamagedError for a broken archive.

        `source` is where its layers can be had once more; None if they cannot. `keeping` is as in
        `layers.scan_chunks`.
        """
        found = Kept()
        store = cls(label, found)
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
                found.forget(name)
                head = window.read(entry.offset, min(tar.BLOCK, entry.size))
                codec = sniff(head)
                found.heads[name] = head[:MAGIC_BYTES]
                if codec is Codec.PLAIN and not tar.begins(head):
                    if entry.size > limits.MAX_JSON:
                        found.refused[name] = too_large(name, entry.size, label)
                    elif kept + entry.size > limits.MAX_JSON_TOTAL:
                        found.refused[name] = LimitError(
                            f"{label} holds more than {limits.MAX_JSON_TOTAL >> 20} MiB of documents "
                            f"before {brief(name)}",
                            "A file can be read at any place, and has no such limit: save it to one.",
                        )
                    else:
                        kept += entry.size
                        found.documents[name] = b"".join(window.pieces(entry.offset, entry.size))
                    continue
                what = member_of(name, label)
                try:
                    scanned = scan_chunks(
                        window.pieces(entry.offset, entry.size),
                        codec,
                        what,
                        ahead=False,
                        hash_blob=True,
                        hash_tar=True,
                        seed=seed,
                        source=None
                        if source is None
                        else source.member(name, entry.offset, entry.size, codec, what),
                        keeping=keeping,
                    )
                except LayerscopeError as error:
                    if outer.error is not None:
                        raise
                    found.broken[name] = error
                else:
                    budget.spend(scanned)
                    found.tars[name] = PassedTar(entry.offset, entry.size, scanned)
        except tar.Unterminated:
            require_no_image(store.names(), label)
        window.drain(label)
        return store

    def names(self) -> Collection[str]:
        """As `Store` says."""
        return self.kept.heads.keys() | self._links.names()

    def document(self, name: str) -> bytes | None:
        """As `Store` says."""
        name = self._links.follow(clean(name))
        if name in self.kept.refused:
            raise self.kept.refused[name]
        if name in self.kept.heads and name not in self.kept.documents:
            raise NotAnImageError(f"{brief(name)} in {self.label} is no JSON document")
        return self.kept.documents.get(name)

    def members(self, specs: Sequence[LayerSpec]) -> Collection[str]:
        """The names, links followed, of the members that these layers are."""
        return dict.fromkeys(self._links.follow(spec.name) for spec in specs)

    def layers(self, specs: Sequence[LayerSpec]) -> tuple[Layer, ...]:
        """The layers of an image, as `seekable.read_layers` gives them; everything is verified."""
        return tuple(
            finish(number, spec, self._scanned(what_is(number, spec, self.label), spec), self.label)
            for number, spec in enumerate(specs)
        )

    def _scanned(self, what: str, spec: LayerSpec) -> ScannedTar:
        name = self._links.follow(spec.name)
        if name in self.kept.tars:
            return self.kept.tars[name].scanned
        if name in self.kept.broken:  # told before its number was known
            error = self.kept.broken[name]
            message = error.message.replace(member_of(name, self.label), what, 1)
            raise type(error)(message, error.hint) from error
        head = self.kept.heads.get(name)
        if head is None:
            raise DamagedError(f"{what} is missing", "Is the archive complete?")
        if head == b"":  # its digest will tell if it may be empty; of contents there are none to take any
            return scan_chunks(
                iter(()), Codec.PLAIN, what, ahead=False, hash_blob=True, hash_tar=True, seed=0
            )
        require_tar(head, spec, what)
        raise DamagedError(f"{what} is no tar")


def member_of(name: str, label: str) -> str:
    """How errors name a member whose number is not known."""
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

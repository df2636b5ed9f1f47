"""An engine that holds images, and the archive that it gives of one, as often as it is needed.

The engines are behind `Engine`: `engine_socket` speaks their HTTP API, `engine_podman` runs Podman's own
command. An archive is asked for by the id that the engine gave, so what is read is what was described.
"""

import json
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from typing import Literal, NamedTuple, Protocol

from ..analysis.model import FileType, LocalImage, Tell
from ..errors import DamagedError
from . import tar
from .compression import Codec, decompressed
from .contents import noticed
from .store import brief, member_name
from .streams import Chunks, StreamWindow, counted, prefetched

Pull = Literal["never", "missing", "always"]
PullProgress = Callable[[int, int | None], None]
"""Hears how many bytes have come, and how many there will be as far as the engine knows."""


class Described(NamedTuple):
    """What an engine says of an image."""

    id: str
    """`sha256:` and 64 digits: the digest of the config, in containerd's image store that of the manifest."""
    tags: tuple[str, ...]
    platform: str
    size: int | None
    """Bytes of all layers, as the engine counts them: roughly what its archive has."""
    diff_ids: tuple[str, ...]


class Body(Protocol):
    """Bytes that an engine sends."""

    def chunks(self) -> Chunks:
        """The bytes as they arrive. DamagedError where they end too early."""
        ...

    def close(self) -> None:
        """Stop the engine from sending, whoever waits for it; to be called from any thread, at any time."""
        ...


class Engine(Protocol):
    """A container engine that answers."""

    name: str
    """`Docker` or `Podman`."""

    def describe(self, name: str) -> Described | None:
        """What it knows of an image; None if it has none of that name or id."""
        ...

    def images(self) -> list[LocalImage]:
        """All it has, one for each name of an image."""
        ...

    def save(self, image_id: str) -> Body:
        """The archive of an image, asked for when its bytes are; SourceError then if it is not there."""
        ...

    def pull(self, name: str, platform: str | None, progress: PullProgress) -> None:
        """Have it fetch an image; SourceError if it cannot."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


Connect = Callable[[], Engine]
"""SourceError where nobody answers."""


class SavedArchive:
    """The archive of an image in an engine: had from its beginning each time it is asked for."""

    def __init__(self, engine: Engine, image: Described, name: str) -> None:
        self.label = f"{name} from {engine.name}"
        self.image = image
        self.size = image.size or 0
        """Bytes: what the engine says of it, and once it has gone by, what it had."""
        self.key = json.dumps(["engine", engine.name, image.id, image.platform, image.diff_ids])
        """What tells the image from all others: by the engine's own word."""
        self._engine = engine

    def diff_ids_of(self, name: str) -> tuple[str, ...]:
        """Those of another image, empty if the engine has none of this name; LayerscopeError as it says."""
        found = self._engine.describe(name)
        return found.diff_ids if found is not None else ()

    def chunks(self, tell: Tell) -> Generator[bytes, None, None]:
        """The archive; `tell` hears of bytes, and of 0 while none come."""
        size = 0
        body = self._engine.save(self.image.id)
        ahead = prefetched(body.chunks(), lambda: tell(0), body.close)
        try:
            for chunk in counted(ahead, tell):
                size += len(chunk)
                yield chunk
            self.size = size
        finally:
            ahead.close()
            body.close()  # of one that was never begun

    def member(self, name: str, _start: int, length: int, codec: Codec, what: str) -> "SavedMember":
        """As `RepeatableArchive` says; the next archive of the image may have it at another place."""
        return SavedMember(self, name, length, codec, what)


class SavedMember:
    """A layer in the archive that an engine gives."""

    def __init__(self, archive: SavedArchive, name: str, length: int, codec: Codec, what: str) -> None:
        self._archive = archive
        self._name = name
        self._length = length
        self._codec = codec
        self._what = what

    @property
    def size(self) -> int:
        """As `Repeatable` says."""
        return self._archive.size

    def unpacked(self, tell: Tell) -> Chunks:
        """As `Repeatable` says: the engine sends the archive up to the layer, and no further."""
        label = self._archive.label
        with closing(self._archive.chunks(tell)) as chunks:
            window = StreamWindow(chunks)
            with suppress(tar.Unterminated):
                for entry in tar.entries(window, label):
                    same = entry.type is FileType.REGULAR and entry.size == self._length
                    if same and member_name(entry) == self._name:
                        pieces = window.pieces(entry.offset, entry.size)
                        yield from noticed(decompressed(pieces, self._codec, self._what), tell)
                        return
        raise DamagedError(f"{brief(self._name)} is no longer in {label}", "Open the image again.")

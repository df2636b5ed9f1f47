"""The bytes of the image's files, for the screens that look into them; small ones are read once."""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import ClassVar
from weakref import WeakKeyDictionary

from ..analysis.model import Layer, Tell, unheard
from ..analysis.timeline import Timeline

VIEW_LIMIT = 2 << 20
"""Bytes of a file that are shown."""
DIFF_LIMIT = 512 << 10
"""Bytes of each side that are compared line by line."""
CAPACITY = 32 << 20
"""Bytes of all files together that are kept."""

Source = tuple[int, int]
"""A layer, and the number of the regular entry in it that stored a file (`Version.source`)."""


class ContentCache:
    """Reads files, and keeps the beginnings of those that were read last. Any thread may call it."""

    _open: ClassVar["WeakKeyDictionary[Timeline, ContentCache]"] = WeakKeyDictionary()

    def __init__(self, layers: Sequence[Layer], capacity: int = CAPACITY) -> None:
        self._layers = layers
        self._capacity = capacity
        self._kept: OrderedDict[Source, bytes] = OrderedDict()
        """The one that was asked for last at the end."""
        self._held = 0
        self._lock = threading.Lock()

    @classmethod
    def of(cls, timeline: Timeline) -> "ContentCache":
        """The one cache that all screens over an image share."""
        return cls._open.setdefault(timeline, cls(timeline.layers))

    def size(self, source: Source) -> int:
        """Bytes of the whole file."""
        return self._layers[source[0]].entries[source[1]].size

    def cost(self, source: Source) -> int:
        """Bytes that `pieces` tells of at most."""
        return self._layers[source[0]].contents.cost([source[1]])

    def head(self, source: Source, limit: int = VIEW_LIMIT, tell: Tell = unheard) -> bytes:
        """The first `limit` bytes of a file, or all of it if it has no more.

        Raises LayerscopeError where they cannot be had, and whatever `tell` raises.
        """
        wanted = min(limit, self.size(source))
        kept = self._find(source)
        if kept is None or len(kept) < wanted:
            kept = self._read(source, wanted, tell)
            self._keep(source, kept)
        return kept[:wanted]

    def pieces(self, source: Source, tell: Tell = unheard) -> Iterator[bytes]:
        """The whole file, never all of it in memory; errors as for `head`, on the way."""
        layer, number = source
        for _, content in self._layers[layer].contents.read([number], tell):
            yield from content

    def _read(self, source: Source, wanted: int, tell: Tell) -> bytes:
        found = bytearray()
        if wanted:
            for piece in self.pieces(source, tell):
                found += piece
                if len(found) >= wanted:
                    break
        return bytes(found[:wanted])

    def _find(self, source: Source) -> bytes | None:
        with self._lock:
            if source in self._kept:
                self._kept.move_to_end(source)
            return self._kept.get(source)

    def _keep(self, source: Source, content: bytes) -> None:
        with self._lock:
            self._held += len(content) - len(self._kept.pop(source, b""))
            self._kept[source] = content
            while self._held > self._capacity:
                _, oldest = self._kept.popitem(last=False)
                self._held -= len(oldest)

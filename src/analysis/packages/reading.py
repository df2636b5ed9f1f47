"""What the databases hold, read with one pass over each layer that has some of them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from ...errors import SourceError
from ..model import FileType, Layer, Tell
from ..paths import normalise
from ..tree import Node

MAX_TOTAL = 512 << 20
"""Bytes that are kept of all databases together."""
HEAD = 64 << 10
"""Bytes of a file of which only the beginning is looked at."""

Take = Callable[[Iterator[bytes]], bytes]
"""Takes what is needed of a file from its pieces: of what it does not ask for nothing is read."""


Known = dict[tuple[str, int, Take], bytes]
"""What was taken of files of another image, by the diff_id of the layer and the place of the entry in it."""


class Reader:
    """Reads files of the tree; what cannot be read is told in `notes`."""

    def __init__(self, layers: Sequence[Layer], tell: Tell, known: Known | None = None) -> None:
        """What is known is not read again, and what is read is known from then on."""
        self._layers = layers
        self._tell = tell
        self._known: Known = {} if known is None else known
        self._kept = 0
        self.notes: list[str] = []
        self.unread: set[int] = set()
        """Layers that could not be read."""

    def read(self, wanted: Mapping[Node, Take]) -> dict[Node, bytes]:
        """By inode: what was taken of it. What is no regular file, or cannot be read, is left out."""
        by_layer: defaultdict[int, dict[int, Node]] = defaultdict(dict)
        found: dict[Node, bytes] = {}
        for inode, take in wanted.items():
            known = self._known.get(self._key(inode, take))
            if known is not None:
                found[inode] = known
            elif inode.entry.type is FileType.REGULAR:
                by_layer[inode.layer][inode.number] = inode
        refused: dict[int, str] = {}
        for layer, inodes in sorted(by_layer.items()):
            near = {number for number in inodes if self._layers[layer].contents.is_at_hand(number)}
            try:
                # What is at hand can be had whatever has become of the rest.
                for numbers in (near, inodes.keys() - near):
                    found.update(self._take(layer, numbers, inodes, wanted))
            except SourceError as error:
                refused[layer] = error.message
        if refused:
            self.unread |= refused.keys()
            layers = ", ".join(map(str, refused))
            reason = next(iter(refused.values()))
            self.notes.append(f"databases of packages in layers {layers} could not be read: {reason}")
        if self._kept > MAX_TOTAL:
            self.notes.append(
                f"databases of packages hold more than {MAX_TOTAL} bytes: not all of them were read"
            )
        return found

    def _key(self, inode: Node, take: Take) -> tuple[str, int, Take]:
        return self._layers[inode.layer].diff_id, inode.number, take

    def _take(
        self, layer: int, numbers: Collection[int], inodes: Mapping[int, Node], wanted: Mapping[Node, Take]
    ) -> Iterator[tuple[Node, bytes]]:
        """What is wanted of some files of a layer, one after another."""
        if not numbers:
            return
        for number, pieces in self._layers[layer].contents.read(numbers, self._tell):
            if self._kept > MAX_TOTAL:
                return
            inode = inodes[number]
            taken = wanted[inode](pieces)
            self._kept += len(taken)
            if self._layers[layer].diff_id:
                self._known[self._key(inode, wanted[inode])] = taken
            yield inode, taken

    def within(self, node: Node, limit: int) -> bool:
        """Whether the file is small enough for a database of its kind; a note says so if it is not."""
        inode = node.inode
        if inode.entry.size <= limit:
            return True
        name = normalise(inode.entry.name).decode("utf-8", "surrogateescape")
        self.notes.append(f"{name} was not read: it holds more than {limit} bytes")
        return False


def whole(pieces: Iterator[bytes]) -> bytes:
    """All of a file; its size has been looked at before."""
    return b"".join(pieces)


def head(pieces: Iterator[bytes]) -> bytes:
    """The first `HEAD` bytes of a file."""
    found = bytearray()
    for piece in pieces:
        found += piece[: HEAD - len(found)]
        if len(found) == HEAD:
            break
    return bytes(found)

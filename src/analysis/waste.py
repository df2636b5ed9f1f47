"""Every wasted copy and its kind: one row for each regular file that no name reaches any more."""

import heapq
import operator
from collections.abc import Iterable, Sequence

from .model import Change, FileType, Layer, LayerChanges, WasteKind, WasteRow
from .paths import normalise
from .tree import Comparison, Death, Node, metadata_change


class Contents:
    """Whether files hold the same bytes: by reading them, or by the digests taken when they went by."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers
        self._digests: dict[tuple[int, int], bytes] = {}
        self._same: dict[tuple[int, int, int, int], bool] = {}

    def digest(self, inode: Node) -> bytes:
        """A digest of the file's content, good within this run."""
        key = (inode.layer, inode.number)
        found = self._digests.get(key)
        if found is None:
            found = self._digests[key] = self._layers[inode.layer].contents.digest(inode.number)
        return found

    def same(self, one: Node, other: Node) -> bool:
        """Whether two regular files hold the same bytes; only files of one size are read.

        Where both can be read again they are compared as they are, up to the first difference.
        """
        if one.entry.size != other.entry.size:
            return False
        key = (one.layer, one.number, other.layer, other.number)
        found = self._same.get(key)
        if found is None:
            left, right = (self._layers[file.layer].contents.chunks(file.number) for file in (one, other))
            if left is not None and right is not None:
                found = all(map(operator.eq, left, right))
            else:
                found = self.digest(one) == self.digest(other)
            self._same[key] = found
        return found


def settle(comparisons: Iterable[Comparison], changes: Sequence[LayerChanges], contents: Contents) -> None:
    """Take the mark of changed content from the entries that turn out to hold the same bytes as before."""
    for layer, number, before, after in comparisons:
        flags = changes[layer].entries
        if flags[number] & Change.CONTENT and contents.same(before, after):
            flags[number] &= ~Change.CONTENT & 0xFF


def list_waste(deaths: Iterable[Death], contents: Contents) -> tuple[WasteRow, ...]:
    """The wasted copies, largest first, then by path and layer. Their bytes add up to `wasted_bytes`."""
    return tuple(_row(death, contents) for death in sorted(deaths, key=rank))


def list_largest(deaths: Iterable[Death], count: int, contents: Contents) -> tuple[WasteRow, ...]:
    """The first `count` rows of `list_waste`, without reading what the others hold."""
    deaths = list(deaths)
    sizes = heapq.nlargest(count, (death.inode.entry.size for death in deaths))
    least = sizes[-1] if sizes else 0
    largest = sorted((death for death in deaths if death.inode.entry.size >= least), key=rank)
    return tuple(_row(death, contents) for death in largest[:count])


def rank(death: Death) -> tuple[int, bytes, int]:
    """What wasted copies are sorted by."""
    inode = death.inode
    return (-inode.entry.size, normalise(inode.entry.name), inode.layer)


def _row(death: Death, contents: Contents) -> WasteRow:
    inode, successor = death.inode, death.successor
    changed = Change(0)
    if death.killed_by == inode.layer:
        kind = WasteKind.SHADOWED
    elif not death.replaced:
        kind = WasteKind.REMOVED
    elif (
        successor is None
        or successor.entry.type is not FileType.REGULAR
        or not contents.same(inode, successor)
    ):
        kind = WasteKind.OVERWRITTEN
    elif changed := metadata_change(inode.entry, successor.entry):
        kind = WasteKind.METADATA_ONLY
    else:
        kind = WasteKind.REWRITTEN
    return WasteRow(
        normalise(inode.entry.name), inode.entry.size, kind, inode.layer, death.killed_by, changed
    )

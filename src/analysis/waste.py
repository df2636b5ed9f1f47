"""Every wasted copy and its kind: one row for each regular file that no name reaches any more."""

from collections.abc import Iterable, Sequence

from .model import Change, FileType, Layer, LayerChanges, WasteKind, WasteRow
from .paths import normalise
from .tree import Comparison, Death, Node, metadata_change


class Contents:
    """Whether two files hold the same bytes; each file is read at most once."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers
        self._digests: dict[tuple[int, int], bytes] = {}

    def digest(self, inode: Node) -> bytes:
        """A digest of the file's content, good within this run."""
        key = (inode.layer, inode.number)
        found = self._digests.get(key)
        if found is None:
            found = self._digests[key] = self._layers[inode.layer].contents.digest(inode.number)
        return found

    def same(self, one: Node, other: Node) -> bool:
        """Whether two regular files hold the same bytes; only files of one size are read."""
        return one.entry.size == other.entry.size and self.digest(one) == self.digest(other)


def settle(comparisons: Iterable[Comparison], changes: Sequence[LayerChanges], contents: Contents) -> None:
    """Take the mark of changed content from the entries that turn out to hold the same bytes as before."""
    for layer, number, before, after in comparisons:
        flags = changes[layer].entries
        if flags[number] & Change.CONTENT and contents.same(before, after):
            flags[number] &= ~Change.CONTENT & 0xFF


def list_waste(deaths: Iterable[Death], contents: Contents) -> tuple[WasteRow, ...]:
    """The wasted copies, largest first, then by path and layer. Their bytes add up to `wasted_bytes`."""
    found = [_row(death, contents) for death in deaths]
    found.sort(key=lambda row: (-row.size, row.path, row.layer))
    return tuple(found)


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

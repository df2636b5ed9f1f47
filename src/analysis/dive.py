"""What dive 0.13.1 says about an image: its score, its "inefficient files" and its trees, defects and all.

The figures here are for those who compare with dive or keep its gates. Every rule was measured against the
0.13.1 binary (tests/analysis/test_dive_against_dive.py). dive restacks all lower layers for every whiteout;
here one tree is stacked as the layers go by, so the time is linear.

Quirks kept, one a line:

- Only names without names below them are counted, each once a layer; what a file holds is not looked at.
- Empty directories, links and devices are files of 0 bytes.
- A whiteout of a file counts as 0 bytes, one of a directory as the sum below it: no loss.
- A lower directory is one only if the last layer with a name at or below it has an entry for it itself.
- A whiteout of a path that is not below ends the layer there, in byte order and contents before their
  directory; the path stays behind with a least size of -1.
- Whiteouts in the first layer are looked up in that layer itself, its other whiteouts included.
- Whiteouts of the first layer stay in the tree below the others as files called `.wh.x`.
- A whiteout and its path in one layer act in byte order: `.wh.x` before `x`, but `!x` before `.wh.!x`.
- A name that begins `.wh..wh..` is dropped with all below it and its parents are made: so opaque markers do
  nothing. Other names that begin `.wh..wh.` (AUFS's `.wh..wh.plnk`) are whiteouts of `.wh.plnk`.
- `.wh.` alone is a whiteout of the directory it is in, called by its path with a slash at the end.
- A file with names below it keeps them; a directory replaced by a file keeps its contents.
- `../x` is a path of its own in its layer, but is `/x` once stacked under another.
- `.` is passed over with its size; `/` and what is dropped count in the layer's size only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .dive_tree import WHITEOUT, Node, clean, find, stack, stack_in_order, sum_below, tree_of, walk
from .model import DiveFigures, Entry, Image, Layer


def measure(image: Image) -> DiveFigures:
    """The figures of dive for the image.

    Rows of equal size stand as in dive as long as there are at most 12 rows: the path that was last to be
    met twice comes first. Of more rows dive's sort is unstable; here the rule stays the same.
    """
    sizes = [size_of(layer) for layer in image.layers]
    tally = _count(image.layers)
    rows = sorted(tally.repeated.items(), key=lambda row: row[1].total)
    wasted = sum(copies.total for copies in tally.repeated.values())
    user = sum(sizes[1:])
    return DiveFigures(
        efficiency_score=float(tally.least) / float(tally.total) if tally.total else 1.0,
        inefficient_bytes=wasted,
        user_wasted_percent=float(wasted) / float(user) if user else None,
        size_bytes=sum(sizes),
        rows=tuple((b"/" + path, copies.count, copies.total) for path, copies in reversed(rows)),
    )


def size_of(layer: Layer) -> int:
    """Bytes of all entries but `.`: also of those that are written twice or dropped from the tree."""
    return sum(entry.size for entry in layer.entries if entry.size and clean(entry.name) != b".")


def file_list(layer: Layer) -> Iterator[Entry | None]:
    """The layer's tree as dive exports it: contents before their directory, siblings in byte order.

    None stands for a directory the tar only implies.
    """
    for _, node in walk(tree_of(layer)):
        yield node.entry if isinstance(node, Node) else node


@dataclass(slots=True)
class _Copies:
    """A path that was met in two layers or more."""

    count: int
    total: int
    least: int


class _Tally:
    """The sizes of every path, layer by layer, and their sums. Paths have no leading slash here."""

    def __init__(self) -> None:
        self.total = 0
        self.least = 0
        self.repeated: dict[bytes, _Copies] = {}
        """In the order in which they were met a second time."""
        self._once: dict[bytes, int] = {}
        """Size of each path when it was met first; -1 if it was only named."""

    def name(self, path: bytes) -> None:
        """Make the path known and no more: what a whiteout of an unknown path does before it fails."""
        if path not in self._once:
            self._once[path] = -1
            self.least -= 1

    def add(self, path: bytes, size: int) -> None:
        self.total += size
        before = self._once.get(path)
        if before is None:
            self._once[path] = size
            self.least += size
        elif before < 0:
            self._once[path] = size
            self.least += size + 1
        elif (copies := self.repeated.get(path)) is None:
            self.repeated[path] = _Copies(2, before + size, min(before, size))
            self.least += min(before, size) - before
        else:
            copies.count += 1
            copies.total += size
            self.least += min(copies.least, size) - copies.least
            copies.least = min(copies.least, size)


def _count(layers: Sequence[Layer]) -> _Tally:
    """Count all layers. The tree below is kept only as long as there are whiteouts to come."""
    odd = [any(b".wh." in entry.name or b".." in entry.name for entry in layer.entries) for layer in layers]
    tally = _Tally()
    below = Node()
    for index, layer in enumerate(layers):
        tree = tree_of(layer)
        if index == 0:
            below = tree
        _count_layer(tally, tree, below)
        if not any(odd[index + 1 :]):
            below = Node()
        elif index == 0 and odd[0]:
            stack_in_order(below, tree_of(layer))
        elif odd[index]:
            stack_in_order(below, tree)
        elif index:
            stack(below, tree)
    return tally


def _count_layer(tally: _Tally, tree: Node, below: Node) -> None:
    sums: dict[Node, int] = {}
    for path, node in walk(tree):
        if isinstance(node, Node):
            if node.children:
                continue
            size = node.entry.size if node.entry else 0
        else:
            size = node.size
        if WHITEOUT in path:
            parent, slash, name = path.rpartition(b"/")
            if name.startswith(WHITEOUT):
                path = parent + slash + name[len(WHITEOUT) :]
                tally.name(path)
                found = find(below, path)
                if found is None:
                    return
                size = sum_below(found, sums)
        tally.add(path, size)

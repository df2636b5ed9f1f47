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
from dataclasses import dataclass, field

from .dive_tree import WHITEOUT, Node, clean, find, stack, stack_in_order, sum_below, tree_of, walk
from .go_sort import sort_as_go
from .model import DiveFigures, Entry, Image, Layer


def measure(image: Image) -> DiveFigures:
    """The figures of dive for the image.

    Linear in entries but for the order of the rows, which is dive's own (see `go_sort`): of up to 12 rows of
    one size, the path that was last to be met twice comes first.
    """
    sizes = [size_of(layer) for layer in image.layers]
    tally = _count(image.layers)
    total, least = tally.sums()
    rows = sort_as_go(tuple(tally.repeated.items()), key=lambda row: row[1][1])
    wasted = sum(copies for _, (_, copies, _) in rows)
    user = sum(sizes[1:])
    return DiveFigures(
        efficiency_score=float(least) / float(total) if total else 1.0,
        inefficient_bytes=wasted,
        user_wasted_percent=float(wasted) / float(user) if user else None,
        size_bytes=sum(sizes),
        rows=tuple((b"/" + path, count, copies) for path, (count, copies, _) in reversed(rows)),
    )


def size_of(layer: Layer) -> int:
    """Bytes of all entries but `.`: also of those that are written twice or dropped from the tree."""
    return sum(
        entry.size
        for entry in layer.entries
        if entry.size and (entry.name[-1:] not in b"./" or clean(entry.name) != b".")
    )


def file_list(layer: Layer) -> Iterator[Entry | None]:
    """The layer's tree as dive exports it: contents before their directory, siblings in byte order.

    None stands for a directory the tar only implies.
    """
    for _, node in walk(tree_of(layer)):
        yield node.entry if isinstance(node, Node) else node


@dataclass(slots=True)
class _Tally:
    """The sizes every path was met with, layer by layer. Paths have no leading slash here."""

    first: dict[bytes, int] = field(default_factory=dict)
    """Size of each path when it was first met; -1 for one that was only named."""
    repeated: dict[bytes, tuple[int, int, int]] = field(default_factory=dict)
    """(count, sum of sizes, least size) of paths met twice or more, in the order of the second meeting."""

    def add(self, path: bytes, size: int) -> None:
        first = self.first.get(path)
        if first is None or first < 0:
            self.first[path] = size
        else:
            count, total, least = self.repeated.get(path, (1, first, first))
            self.repeated[path] = (count + 1, total + size, min(least, size))

    def sums(self) -> tuple[int, int]:
        """(sum of all sizes, sum of the least size of every path)."""
        total = sum(size for size in self.first.values() if size >= 0)
        least = sum(self.first.values())
        for path, (_, copies, smallest) in self.repeated.items():
            total += copies - self.first[path]
            least += smallest - self.first[path]
        return total, least


def _count(layers: Sequence[Layer]) -> _Tally:
    """Count all layers. The tree below is kept only as long as there are whiteouts to come."""
    odd = [any(b".wh." in entry.name or b".." in entry.name for entry in layer.entries) for layer in layers]
    last_odd = max((index for index, is_odd in enumerate(odd) if is_odd), default=-1)
    tally = _Tally()
    below = Node()
    for index, layer in enumerate(layers):
        tree = tree_of(layer)
        if index == 0:
            below = tree
        _count_layer(tally, tree, below)
        if index >= last_odd:
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
        if not isinstance(node, Node):
            size = node.size
        elif node.children:
            continue
        else:
            size = node.entry.size if node.entry else 0
        if WHITEOUT in path:
            parent, slash, name = path.rpartition(b"/")
            if name.startswith(WHITEOUT):
                path = parent + slash + name[len(WHITEOUT) :]
                tally.first.setdefault(path, -1)
                found = find(below, path)
                if found is None:
                    return
                size = sum_below(found, sums)
        tally.add(path, size)

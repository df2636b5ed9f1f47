"""The final filesystem, cut down to what a page can draw: its largest paths, and sums of the others."""

import heapq
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ...analysis.tree import Links, Node

MOST = 2000
"""Paths that are shown."""


class Box(NamedTuple):
    """A path whose live bytes are worth a box."""

    above: int
    """The number of the directory it lies in, which comes before it; -1 for the root."""
    name: bytes
    """The last component; empty for the root."""
    is_directory: bool
    live: int
    """Bytes of files in it that the final filesystem reaches; a file of several names counts at the one it
    was stored under, or at another if that is gone."""
    layer: int
    """The layer that stored most of them; of equals the highest."""


class Rest(NamedTuple):
    """The paths of a directory that are too small to be shown, or rather what they have together."""

    paths: int
    """How many lie in it directly and hold bytes."""
    live: int
    layer: int
    """As `Box.layer`; -1 if they hold nothing."""


class Pruned(NamedTuple):
    """The largest paths, largest first."""

    boxes: list[Box]
    rests: list[Rest]
    """By box; of a file it is nothing."""


_NOTHING = Rest(0, 0, -1)


def prune(root: Node, most: int = MOST) -> Pruned:
    """The `most` largest paths below a node and the node itself, in time nearly linear in all of them.

    Whatever is shown lies in directories that are shown, as none is smaller than what lies in it.
    """
    tree = _Tree(root)
    chosen, counts = _choose(tree, most)
    rests = _rests(tree, chosen)
    sums = [
        {one.node.inode.layer: one.live} if one.node.children is None else dict(rest)
        for one, rest in zip(chosen, rests, strict=True)
    ]
    for one, by_layer in zip(reversed(chosen), reversed(sums), strict=True):
        if one.above >= 0:
            _add(sums[one.above], by_layer)
    return Pruned(
        [
            Box(one.above, one.name, one.node.children is not None, one.live, _most(by_layer))
            for one, by_layer in zip(chosen, sums, strict=True)
        ],
        [
            Rest(count, sum(rest.values()), _most(rest)) if count else _NOTHING
            for count, rest in zip(counts, rests, strict=True)
        ],
    )


class _Tree:
    """What the directories of a tree hold. Layers are told apart for their own files only, or a hostile image
    of many layers and deep directories would have a sum for each pair of them.
    """

    def __init__(self, root: Node) -> None:
        self.directories = [root]
        """Those above come first."""
        self.above = [-1]
        """By directory: the number of the one it lies in."""
        self.files: list[dict[int, int]] = []
        """By directory: live bytes of the files that lie in it, by the layer that stored them."""
        self._keepers: dict[int, Node] = {}
        """By identity of `Links`: the name at which the file counts."""
        self._add_files()
        totals = [sum(files.values()) for files in self.files]
        for number in range(len(totals) - 1, 0, -1):
            totals[self.above[number]] += totals[number]
        self._totals = dict(zip(map(id, self.directories), totals, strict=True))

    def live(self, node: Node) -> int:
        """Live bytes at a path and below it."""
        if node.children is not None:
            return self._totals[id(node)]
        links = node.links
        if links is None:
            return node.entry.size
        return links.inode.entry.size if self._keepers[id(links)] is node else 0

    def _add_files(self) -> None:
        linked: dict[int, tuple[Links, Node, int]] = {}
        for number, directory in enumerate(self.directories):  # which grow meanwhile
            files: dict[int, int] = {}
            self.files.append(files)
            for child in (directory.children or {}).values():
                links = child.links
                if child.children is not None:
                    self.directories.append(child)
                    self.above.append(number)
                elif links is not None:
                    if child is links.inode or id(links) not in linked:
                        linked[id(links)] = links, child, number
                elif size := child.entry.size:
                    files[child.layer] = files.get(child.layer, 0) + size
        for links, child, number in linked.values():
            self._keepers[id(links)] = child
            _add(self.files[number], {links.inode.layer: links.inode.entry.size})


class _Chosen(NamedTuple):
    """A path that is shown."""

    above: int
    name: bytes
    live: int
    node: Node


def _choose(tree: _Tree, most: int) -> tuple[list[_Chosen], list[int]]:
    """The largest paths, and by path how many that lie in it are left."""
    chosen: list[_Chosen] = []
    counts: list[int] = []
    root = tree.directories[0]
    waiting: list[tuple[int, bytes, int, int, Node]] = [(-tree.live(root), b"", 0, -1, root)]
    serial = 0  # keeps nodes from being compared
    while waiting and len(chosen) <= most:
        smallness, name, _, above, node = heapq.heappop(waiting)
        number = len(chosen)
        chosen.append(_Chosen(above, name, -smallness, node))
        counts.append(0)
        if above >= 0:
            counts[above] -= 1
        for part, child in (node.children or {}).items():
            if live := tree.live(child):
                serial += 1
                counts[number] += 1
                heapq.heappush(waiting, (-live, part, serial, number, child))
    return chosen, counts


def _rests(tree: _Tree, chosen: Sequence[_Chosen]) -> list[dict[int, int]]:
    """By path that is shown: what is in it and in nothing smaller that is shown, by layer."""
    numbers = {id(one.node): number for number, one in enumerate(chosen)}
    rests: list[dict[int, int]] = [{} for _ in chosen]
    shown_at: list[int] = []
    for directory, above, files in zip(tree.directories, tree.above, tree.files, strict=True):
        number = numbers.get(id(directory))
        shown_at.append(shown_at[above] if number is None else number)
        _add(rests[shown_at[-1]], files)
    for one in chosen:
        if one.node.children is None:
            rests[one.above][one.node.inode.layer] -= one.live
    return rests


def _add(sums: dict[int, int], more: Mapping[int, int]) -> None:
    for layer, size in more.items():
        sums[layer] = sums.get(layer, 0) + size


def _most(by_layer: Mapping[int, int]) -> int:
    """The layer with most bytes, of equals the highest; -1 if there is none."""
    return max(by_layer, key=lambda layer: (by_layer[layer], layer), default=-1)

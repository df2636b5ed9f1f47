"""What the layers store, file by file: the tars' entries without the marks of what is gone."""

from collections.abc import Iterator
from typing import NamedTuple

from ..errors import SourceError
from .analyze import Analysis
from .model import Entry, FileType, Layer, LayerFigures, WasteRow
from .paths import ODD, WHITEOUT, normalise, split
from .waste import rank


class Links(NamedTuple):
    """The names that one layer has for one file."""

    first: int
    """The place in the layer of the entry that stores it; that of every other name is a hard link's."""
    names: int
    size: int


def layers_of(analysis: Analysis) -> tuple[LayerFigures, ...]:
    """The layers, with their entries; SourceError for a report that was saved without."""
    if not analysis.has_entries:
        raise SourceError(
            "this report was saved without entries", "Save it again: layerscope IMAGE --json FILE --entries"
        )
    return analysis.layers


def stored(layer: Layer) -> Iterator[tuple[bytes, bytes, int, Entry]]:
    """(directory, name, place in the layer, entry) of what a layer puts into the tree, in the tar's order.

    The directory is normalised, and empty for the root. Whiteouts are left out, and so is the root itself;
    the sizes add up to the layer's `stored` bytes.
    """
    directories: dict[bytes, bytes] = {}
    for number, entry in enumerate(layer.entries):
        head, _, name = entry.name.rpartition(b"/")
        if name in ODD:
            head, name = split(entry.name)
            if not name:
                continue
        if name[:4] == WHITEOUT:
            continue
        directory = directories.get(head)
        if directory is None:
            directory = directories[head] = normalise(head)
        yield directory, name, number, entry


def waste_by_entry(analysis: Analysis) -> tuple[dict[int, WasteRow], ...]:
    """By layer: the wasted copies, by the place in the layer of the entry that stores them.

    Reads contents to tell the kinds of waste apart.
    """
    found: tuple[dict[int, WasteRow], ...] = tuple({} for _ in analysis.layers)
    deaths = sorted(analysis.union.deaths, key=rank)
    for death, row in zip(deaths, analysis.waste, strict=True):
        found[row.layer][death.inode.number] = row
    return found


def hard_links(layer: Layer) -> dict[int, Links]:
    """Of each name of a file that a layer stores under several, by its place in the layer.

    Hard links to a file of another layer are left out, and those to what holds nothing.
    """
    links = {
        number: normalise(entry.link)
        for number, entry in enumerate(layer.entries)
        if entry.type is FileType.HARDLINK
    }
    if not links:
        return {}
    targets = set(links.values())
    latest: dict[bytes, int] = {}
    names: dict[int, list[int]] = {}
    for directory, name, number, _ in stored(layer):
        path = directory + b"/" + name if directory else name
        first = latest.get(links[number]) if number in links else number
        if first is not None and first != number:
            names.setdefault(first, [first]).append(number)
        if path in targets:
            if first is not None and layer.entries[first].size:
                latest[path] = first
            else:
                latest.pop(path, None)
    return {
        number: Links(first, len(numbers), layer.entries[first].size)
        for first, numbers in names.items()
        for number in numbers
    }

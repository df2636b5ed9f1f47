"""What a user takes out of a filesystem: a path and all below it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .model import Entry, FileType, Layer
from .timeline import Kind, Timeline
from .tree import IMPLIED
from .view import View


class Chosen(NamedTuple):
    """One path of a selection."""

    path: bytes
    """Normalised, without a leading slash."""
    entry: Entry
    """What it is; of a hard link the file it names, or its own if there is none."""
    layer: int
    """Index of the layer with the regular entry that stored the content; -1 for what has none."""
    number: int
    """Place of that entry in its layer; -1 for what has none."""


class Amount(NamedTuple):
    """What a selection comes to."""

    paths: int
    bytes: int
    """Of content; that of several names of one file once."""
    cost: int
    """Bytes that reading all of it passes at most (`Contents.cost`)."""


def amount(chosen: Sequence[Chosen], layers: Sequence[Layer]) -> Amount:
    """What it takes to read a selection, and what that gives."""
    stored: dict[int, dict[int, int]] = {}
    for one in chosen:
        if one.number >= 0:
            stored.setdefault(one.layer, {})[one.number] = one.entry.size
    return Amount(
        len(chosen),
        sum(sum(sizes.values()) for sizes in stored.values()),
        sum(layers[layer].contents.cost(sizes) for layer, sizes in stored.items()),
    )


def names_in(timeline: Timeline, path: int, layer: int) -> int:
    """How many names lie directly in a directory, in the filesystem up to a layer."""
    return sum(timeline.at(child, layer) is not None for child in timeline.children(path))


def below(timeline: Timeline, view: View, path: int) -> Iterator[Chosen]:
    """The path and all that lies below it in the view.

    What the view marks as removed is left out, unless it lies in or is a path that was removed itself: then
    that is what the user wants back. Directories on the way that the view has no entry for are implied.
    """
    wants_removed = view.kinds[path] == Kind.REMOVED
    names = {path: timeline.name(path)}
    directories = timeline.ends
    for current in range(path, timeline.ends[path]):
        if current != path:
            head = names[timeline.parents[current]]
            name = timeline.names[current]
            whole = head + b"/" + name if head else name
        else:
            whole = names[path]
        if directories[current] > current + 1:
            names[current] = whole
        version = view.current[current]
        if version < 0 or not whole:
            if version < 0 and current == path and whole:
                yield Chosen(whole, IMPLIED, -1, -1)
            continue
        if (view.kinds[current] == Kind.REMOVED) != wants_removed:
            continue
        found = timeline.version(version)
        if found.file.type is FileType.REGULAR:
            yield Chosen(whole, found.file, *found.source)
        else:
            yield Chosen(whole, found.file, -1, -1)

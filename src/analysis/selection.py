"""What a user takes out of a filesystem: a path and all below it."""

from collections.abc import Iterator
from typing import NamedTuple

from .model import Entry, FileType
from .timeline import Kind, Timeline
from .tree import IMPLIED
from .view import View


class Chosen(NamedTuple):
    """One path of a selection."""

    path: bytes
    """Normalised, without a leading slash."""
    entry: Entry
    """What it is; of a hard link the file it names."""
    layer: int
    """Layer and number of the entry that stored the content; -1 for what has none."""
    number: int


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

"""The union rules a second time: slow, simple, and with nothing of `layerscope.analysis` but its data.

A filesystem is a dict from path to `Place`; every layer makes a new one out of the one below.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from layerscope.analysis.model import Change, Entry, FileType, Layer, WasteKind

Path = tuple[bytes, ...]
ROOT: Path = ()
IMPLIED = Entry(b"", FileType.DIRECTORY, 0o755, 0, 0, 0, 0)
"""What a directory without an entry is taken to be."""


class Endless(Exception):  # noqa: N818 - not an error here
    """A loop of symbolic links."""


@dataclass(eq=False)
class Thing:
    """A directory, or an inode with its content."""

    entry: Entry
    layer: int
    number: int
    is_directory: bool
    content: bytes = b""


@dataclass(frozen=True)
class Place:
    """A path of the filesystem."""

    thing: Thing
    layer: int
    """The layer that put the thing here."""
    number: int
    """By which entry; -1: by none."""


Filesystem = dict[Path, Place]


@dataclass
class Result:
    """All that stacking the layers tells."""

    filesystems: list[Filesystem]
    """Before the first layer, and after each."""
    things: list[Thing]
    """Every regular file that was stored."""
    endings: dict[Thing, str] = field(default_factory=dict)
    """How a thing lost its last name: `removed` or `replaced`."""
    successors: dict[Thing, Thing] = field(default_factory=dict)
    """What was written where its last name was."""


def clean(name: bytes) -> Path:
    """The path that a name means; `..` goes no further up than the root."""
    path: list[bytes] = []
    for part in name.split(b"/"):
        if part == b"..":
            path = path[:-1]
        elif part not in (b"", b"."):
            path.append(part)
    return tuple(path)


def stack(layers: Sequence[Layer]) -> Result:
    root = Thing(IMPLIED, -1, -1, True)
    result = Result([{ROOT: Place(root, -1, -1)}], [])
    for index, layer in enumerate(layers):
        result.filesystems.append(_stack_one(result, dict(result.filesystems[-1]), index, layer))
    return result


def _stack_one(result: Result, now: Filesystem, index: int, layer: Layer) -> Filesystem:
    for entry in layer.entries:
        path = clean(entry.name)
        if not path or not path[-1].startswith(b".wh."):
            continue
        above, last = path[:-1], path[-1]
        if last == b".wh..wh..opq":
            _remove(result, now, [one for one in now if len(one) > len(above) and one[: len(above)] == above])
        elif not last.startswith(b".wh..wh."):
            gone = (*above, last[4:])
            _remove(result, now, [one for one in now if one[: len(gone)] == gone])
    for number, entry in enumerate(layer.entries):
        path = clean(entry.name)
        if not path:
            now[ROOT] = Place(Thing(entry, index, number, True), index, number)
            continue
        path = (*_reach(result, now, index, path[:-1]), path[-1])
        if path[-1].startswith(b".wh."):
            continue
        there = now.get(path)
        if entry.type is FileType.DIRECTORY:
            new = Thing(entry, index, number, True)
            if there is None or not there.thing.is_directory:
                _replace(result, now, path, None)
        else:
            new = _linked(now, index, entry) or Thing(
                entry, index, number, False, layer.contents.digest(number)
            )
            if entry.type is FileType.REGULAR:
                result.things.append(new)
            _replace(result, now, path, new)
        now[path] = Place(new, index, number)
    return now


def _linked(now: Filesystem, index: int, entry: Entry) -> Thing | None:
    """The inode a hard link is to."""
    if entry.type is not FileType.HARDLINK:
        return None
    target = clean(entry.link)
    if target not in now and target:
        try:
            target = (*_follow(now, index, target[:-1]), target[-1])
        except KeyError:
            return None
    place = now.get(target)
    return place.thing if place is not None and not place.thing.is_directory else None


def _follow(now: Filesystem, index: int, path: Path) -> Path:
    """Where a directory is, links of this layer followed; KeyError with the first path that is none."""
    here: Path = ROOT
    todo = list(path)
    links = 0
    while todo:
        part = todo.pop(0)
        if part == b"..":
            here = here[:-1]
            continue
        place = now.get((*here, part))
        if place is not None and place.thing.is_directory:
            here = (*here, part)
        elif place is not None and place.layer == index and place.thing.entry.type is FileType.SYMLINK:
            links += 1
            if links > 40:
                raise Endless
            target = place.thing.entry.link
            if target.startswith(b"/"):
                here = ROOT
            todo = [one for one in target.split(b"/") if one not in (b"", b".")] + todo
        else:
            raise KeyError((*here, part))
    return here


def _reach(result: Result, now: Filesystem, index: int, path: Path) -> Path:
    """As `_follow`, and makes what is missing."""
    while True:
        try:
            return _follow(now, index, path)
        except KeyError as missing:
            at = missing.args[0]
            _replace(result, now, at, None)
            now[at] = Place(Thing(IMPLIED, index, -1, True), index, -1)


def _names(now: Filesystem, thing: Thing) -> int:
    return sum(place.thing is thing for place in now.values())


def _remove(result: Result, now: Filesystem, paths: list[Path]) -> None:
    for path in paths:
        thing = now.pop(path).thing
        if not _names(now, thing):
            result.endings[thing] = "removed"


def _replace(result: Result, now: Filesystem, path: Path, new: Thing | None) -> None:
    """Empty a path for another thing; what was below it is removed."""
    old = now.pop(path, None)
    _remove(result, now, [one for one in now if one[: len(path)] == path])
    if old is not None and old.thing is not new and not _names(now, old.thing):
        result.endings[old.thing] = "replaced"
        if new is not None:
            result.successors[old.thing] = new


# What follows from the filesystems


def stored(result: Result, layer: int) -> int:
    return sum(thing.entry.size for thing in result.things if thing.layer == layer)


def live(result: Result, layer: int) -> int:
    reached = {place.thing for place in result.filesystems[-1].values()}
    return sum(thing.entry.size for thing in result.things if thing.layer == layer and thing in reached)


Row = tuple[bytes, int, WasteKind, int, int]


def waste(result: Result) -> list[Row]:
    """(path, bytes, kind, written by, killed by) of every wasted copy, sorted."""
    rows = []
    for thing in result.things:
        after = result.filesystems[thing.layer + 1 :]
        alive = [any(place.thing is thing for place in one.values()) for one in after]
        if thing.entry.size and not alive[-1]:
            killer = thing.layer + alive.index(False)
            assert not any(alive[alive.index(False) :]), "nothing rises from the dead"
            path = b"/".join(clean(thing.entry.name))
            rows.append((path, thing.entry.size, _kind(result, thing, killer), thing.layer, killer))
    return sorted(rows)


def _kind(result: Result, thing: Thing, killer: int) -> WasteKind:
    if killer == thing.layer:
        return WasteKind.SHADOWED
    if result.endings[thing] == "removed":
        return WasteKind.REMOVED
    new = result.successors.get(thing)
    if new is None or new.entry.type is not FileType.REGULAR or new.content != thing.content:
        return WasteKind.OVERWRITTEN
    return WasteKind.METADATA_ONLY if _metadata(thing.entry, new.entry) else WasteKind.REWRITTEN


def duplicates(result: Result) -> int:
    files = {
        place.thing for place in result.filesystems[-1].values() if place.thing.entry.type is FileType.REGULAR
    }
    once = {(thing.entry.size, thing.content) for thing in files}
    return sum(thing.entry.size for thing in files) - sum(size for size, _ in once)


def removed(result: Result, layer: int) -> set[bytes]:
    """Paths that are there before the layer and not after it."""
    before, after = result.filesystems[layer], result.filesystems[layer + 1]
    return {b"/".join(path) for path in before.keys() - after.keys()}


def flags(result: Result, layer: int, entries: int) -> list[int]:
    """What each entry of the layer does to the path it ended up at."""
    before, after = result.filesystems[layer], result.filesystems[layer + 1]
    found = [0] * entries
    for path, place in after.items():
        if place.layer == layer and place.number >= 0:
            old = before.get(path)
            if old is None or (path == ROOT and old.number < 0):
                found[place.number] = Change.ADDED
            else:
                found[place.number] = _difference(old.thing, place.thing)
    return found


def _difference(old: Thing, new: Thing) -> int:
    if old is new:
        return 0
    change = _metadata(old.entry, new.entry)
    if old.is_directory and new.is_directory:
        return change & ~Change.TIME
    if old.is_directory or new.is_directory or old.entry.type is not new.entry.type:
        return Change.TYPE
    if old.entry.type is FileType.SYMLINK and old.entry.link != new.entry.link:
        change |= Change.LINK
    if (old.entry.size, old.content) != (new.entry.size, new.content):
        change |= Change.CONTENT
    if old.entry.extras.device != new.entry.extras.device:
        change |= Change.CONTENT
    return change


def _metadata(old: Entry, new: Entry) -> int:
    change = 0
    if old.mode != new.mode:
        change |= Change.MODE
    if (old.uid, old.gid) != (new.uid, new.gid):
        change |= Change.OWNER
    if old.mtime_ns != new.mtime_ns:
        change |= Change.TIME
    if old.extras.xattrs != new.extras.xattrs:
        change |= Change.XATTRS
    return change

"""Files of an image written to a folder of the user's: nothing outside of it, and over nothing in it.

Directories come first, then the contents in one pass through each layer, then symbolic links, and the
times of the directories at the end. No name is trusted (`names`), and no link is followed (`folder`). Owners,
extended attributes, setuid, setgid and sticky bits are not applied; permissions pass the umask.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ..analysis.model import Entry, FileType, Layer, Tell
from ..analysis.selection import Chosen
from ..errors import OutputError
from ..formatting import size
from .folder import Folder
from .names import Refused, refuse_odd

MAX_FOLLOWED = 20_000_000
"""Components of symbolic links' targets that are looked up in one call; a real image has a handful each."""
_MAX_LINKS = 40
"""Symbolic links followed for one path (Linux' MAXSYMLINKS)."""

_SPECIAL = {
    FileType.CHARACTER: "it is a device",
    FileType.BLOCK: "it is a device",
    FileType.FIFO: "it is a named pipe",
    FileType.HARDLINK: "it links to a file that is not there",
}


class Skipped(NamedTuple):
    """A path that was not written."""

    path: bytes
    """In the image."""
    why: str
    """`it is a device`: goes after the path and a colon, holds nothing from the image."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was done."""

    written: int
    """Files: every name of a hard link and symbolic links count, directories do not."""
    bytes: int
    """Of content; that of several hard links once, unless they had to become copies."""
    skipped: tuple[Skipped, ...]
    """In byte order."""


def extract(
    items: Sequence[Chosen], base: bytes, target: Path, layers: Sequence[Layer], tell: Tell
) -> Extracted:
    """Write `items`, the directory `base` of the image taken off their paths, into the folder `target`.

    What the rules or the system refuse is skipped. OutputError if the folder cannot be made or written, or
    the disk is too small; on that, on an error of `Contents.read`, and on whatever `tell` raises, all that
    this call made is removed again, and nothing else.
    """
    plan = _plan(items, base)
    with Folder(target, plan.modes) as into:
        return _Extraction(plan, into, layers, tell).run()


@dataclass(slots=True)
class _Plan:
    """The items by the order in which they are written; their paths relative to the target, and harmless."""

    directories: dict[bytes, Chosen] = field(default_factory=dict)
    files: dict[tuple[int, int], list[tuple[bytes, Chosen]]] = field(default_factory=dict)
    """The names of each stored file, by its layer and number."""
    links: list[tuple[bytes, Chosen]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def modes(self) -> dict[bytes, int]:
        """The permissions of the directories; their owner keeps all."""
        return {path: item.entry.mode & 0o777 | 0o700 for path, item in self.directories.items()}


def _plan(items: Sequence[Chosen], base: bytes) -> _Plan:
    plan = _Plan()
    for item in items:
        try:
            path = _relative(item.path, base)
            kind = item.entry.type
            if kind is FileType.DIRECTORY:
                plan.directories[path] = item
                continue
            if not path:
                raise Refused("only a directory can be written as the folder itself")
            if kind is FileType.SYMLINK:
                plan.links.append((path, item))
            elif kind in (FileType.REGULAR, FileType.HARDLINK) and item.number >= 0:
                plan.files.setdefault((item.layer, item.number), []).append((path, item))
            else:
                raise Refused(_SPECIAL[kind])
        except Refused as refused:
            plan.skipped.append(Skipped(item.path, str(refused)))
    return plan


def _relative(path: bytes, base: bytes) -> bytes:
    if path == base:
        return b""
    if base:
        if not path.startswith(base + b"/"):
            raise Refused("it is not in the directory that was chosen from")
        path = path[len(base) + 1 :]
    for part in path.split(b"/"):
        refuse_odd(part)
    return path


class _Extraction:
    def __init__(self, plan: _Plan, into: Folder, layers: Sequence[Layer], tell: Tell) -> None:
        self._plan = plan
        self._into = into
        self._layers = layers
        self._tell = tell
        self._written = self._bytes = self._followed = 0
        self._skipped = plan.skipped

    def run(self) -> Extracted:
        self._check_files()
        for path, item in self._plan.directories.items():
            self._tell(0)
            try:
                self._into.make_directory(path)
            except Refused as refused:
                self._skip(item, refused)
        self._write_files()
        for path, item in self._plan.links:
            self._tell(0)
            try:
                self._write_link(path, item.entry)
            except Refused as refused:
                self._skip(item, refused)
        for path, item in self._plan.directories.items():
            self._into.date_directory(path, item.entry.mtime_ns)
        return Extracted(self._written, self._bytes, tuple(sorted(self._skipped)))

    def _skip(self, item: Chosen, refused: Refused) -> None:
        self._skipped.append(Skipped(item.path, str(refused)))

    def _check_files(self) -> None:
        """Leave out files whose names are taken, so that no layer is read for them.

        OutputError if there is no room for the rest.
        """
        needed = 0
        for key, names in list(self._plan.files.items()):
            self._tell(0)
            free = []
            for path, item in names:
                try:
                    self._into.require_free(path)
                    free.append((path, item))
                except Refused as refused:
                    self._skip(item, refused)
            if free:
                self._plan.files[key] = free
                needed += self._layers[key[0]].entries[key[1]].size
            else:
                del self._plan.files[key]
        room = self._into.free
        if needed > room:
            raise OutputError(
                f"there is not enough room: the files have {size(needed)}, and {size(room)} are free",
                "Choose a folder on another disk, or fewer files.",
            )

    def _write_files(self) -> None:
        wanted: dict[int, list[int]] = {}
        for layer, number in self._plan.files:
            wanted.setdefault(layer, []).append(number)
        for layer, numbers in sorted(wanted.items()):
            for number, chunks in self._layers[layer].contents.read(sorted(numbers), self._tell):
                first: bytes | None = None
                for path, item in self._plan.files[layer, number]:
                    mode, mtime_ns = item.entry.mode & 0o777 | 0o600, item.entry.mtime_ns
                    try:
                        if first is None:
                            self._bytes += self._into.write(path, mode, mtime_ns, chunks)
                            first = path
                        else:
                            self._bytes += self._into.link(first, path, mode, mtime_ns)
                        self._written += 1
                    except Refused as refused:
                        self._skip(item, refused)

    # Symbolic links.

    def _write_link(self, path: bytes, entry: Entry) -> None:
        end = self._end_of(path, entry.link)
        self._into.make_link(path, entry.link, entry.mtime_ns, to_directory=self._into.is_directory(end))
        self._written += 1

    def _end_of(self, path: bytes, target: bytes) -> bytes:
        """Where a link leads, through whatever links stand in the folder; Refused if it may lead out of it.

        `..` is taken only from a real directory: what is missing, or a file, may be a link some day.
        """
        into = self._into
        place = path.split(b"/")[:-1]  # real directories, as long as `beyond` is not set
        beyond = False
        waiting = self._parts(target)
        followed = 0
        while waiting:
            part = waiting.pop()
            if part in (b"", b"."):
                continue
            if part == b"..":
                if beyond:
                    raise Refused("its target goes up from what is not a directory here")
                if not place:
                    raise Refused("its target is outside of the folder")
                place.pop()
                continue
            refuse_odd(part)
            place.append(part)
            here = b"/".join(place)
            if beyond or into.is_directory(here):
                continue
            link = into.link_at(here)
            if link is None:
                beyond = True
                continue
            followed += 1
            if followed > _MAX_LINKS:
                raise Refused("its target leads through too many symbolic links")
            place.pop()
            waiting += self._parts(link)
        return b"/".join(place)

    def _parts(self, target: bytes) -> list[bytes]:
        """The components of a link's target, the last one first."""
        if target.startswith(b"/"):
            raise Refused("its target is absolute")
        parts = target.split(b"/")[::-1]
        self._followed += len(parts)
        if self._followed > MAX_FOLLOWED:
            raise Refused("there are too many symbolic links with long targets")
        return parts

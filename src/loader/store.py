"""Where the blobs of an image lie: in a seekable archive, in a directory, or gone by in a stream."""

import os
import posixpath
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Protocol

from ..analysis.model import Entry, FileType
from ..errors import DamagedError, LimitError, NotAnImageError, SourceError, UnsupportedError
from . import limits, tar
from .files import File, Slice, SliceWindow

_BRIEF = 300


class Store(Protocol):
    """Names to bytes. Names are relative, with `/`, without `.` and `..`."""

    label: str
    """The archive or directory, as errors name it."""

    def names(self) -> Collection[str]:
        """Every name there is."""
        ...

    def document(self, name: str) -> bytes | None:
        """A whole small document (manifest, index, config); None if there is no such name."""
        ...


class SeekableStore(Store, Protocol):
    """A store whose blobs can be read at any place, any number of times."""

    def blob(self, name: str) -> Slice | None:
        """The bytes behind a name; None if there is no such name."""
        ...


def clean(name: str) -> str:
    """A member's name, normalised: `./a//b` and `/a/b` are `a/b`; `..` cannot lead out."""
    return posixpath.normpath("/" + name).lstrip("/")


def link_target(name: str, link: str) -> str:
    """The member that a symbolic link, found at `name`, stands for."""
    return clean(posixpath.join(posixpath.dirname(name), link))


def member_name(entry: Entry) -> str:
    """An archive member's name as the stores know it."""
    return clean(entry.name.decode("utf-8", "surrogateescape"))


def brief(name: str) -> str:
    """A name for an error: a document may name a layer by megabytes of text."""
    return name if len(name) <= _BRIEF else name[:_BRIEF] + "…"


def require_whole(entry: Entry, label: str) -> None:
    """UnsupportedError for an archive member that is stored as a sparse file."""
    if entry.extras.extents is not None:
        raise UnsupportedError(
            f"{label} holds {member_name(entry)} as a sparse file", "Pack it again without tar's --sparse."
        )


class Links:
    """The links among an archive's members: docker save stores a layer once and links to it again."""

    def __init__(self, label: str, targets: dict[str, str] | None = None) -> None:
        self._label = label
        self.targets = {} if targets is None else targets
        """What each link leads to."""

    def add(self, entry: Entry) -> None:
        """Remember a link, and forget one that a file takes the place of: the later member counts."""
        link = entry.link.decode("utf-8", "surrogateescape")
        name = member_name(entry)
        if entry.type is FileType.SYMLINK:
            self.targets[name] = link_target(name, link)
        elif entry.type is FileType.HARDLINK:
            self.targets[name] = clean(link)
        elif entry.type is FileType.REGULAR:
            self.targets.pop(name, None)

    def follow(self, name: str) -> str:
        """The name at the end of the chain; DamagedError for a chain that does not end."""
        first = name
        for _ in range(limits.MAX_LINKS):
            if name not in self.targets:
                return name
            name = self.targets[name]
        raise DamagedError(f"{brief(first)} in {self._label} is a link that leads back to itself")

    def names(self) -> Collection[str]:
        """The names of all links."""
        return self.targets.keys()


class ArchiveStore:
    """A plain tar archive in a seekable file: indexed once, read by position."""

    def __init__(self, file: File) -> None:
        self.label = file.name
        self._file = file
        self._members: dict[str, Slice] = {}
        self._links = Links(self.label)
        whole = Slice(file, 0, file.size)
        try:
            for entry in tar.entries(SliceWindow(whole), self.label):
                if entry.type is FileType.REGULAR:
                    require_whole(entry, self.label)
                    self._members[member_name(entry)] = Slice(file, entry.offset, entry.size)
                self._links.add(entry)
        except tar.Unterminated:
            require_no_image(self.names(), self.label)

    def names(self) -> Collection[str]:
        """As `Store` says."""
        return self._members.keys() | self._links.names()

    def blob(self, name: str) -> Slice | None:
        """As `SeekableStore` says."""
        return self._members.get(self._links.follow(clean(name)))

    def document(self, name: str) -> bytes | None:
        """As `Store` says."""
        blob = self.blob(name)
        return None if blob is None else read_document(blob, name, self.label)


class DirectoryStore:
    """An OCI layout directory, or an unpacked docker archive; links must not lead out of it."""

    def __init__(self, path: Path) -> None:
        self.label = str(path)
        self._root = path
        try:
            self._real_root = path.resolve(strict=True)
            self._listing = frozenset(os.listdir(path))  # noqa: PTH208 - names alone
        except OSError as error:
            raise SourceError(f"{path} cannot be read: {error.strerror}") from error
        self._open: dict[str, Slice] = {}
        self._files: list[File] = []

    def close(self) -> None:
        """Close the blobs."""
        for file in self._files:
            file.close()

    def names(self) -> Collection[str]:
        """The names at the top: what tells a layout from any other directory."""
        return self._listing

    def blob(self, name: str) -> Slice | None:
        """As `SeekableStore` says."""
        name = clean(name)
        if name in self._open:
            return self._open[name]
        path = self._find(name)
        if path is None:
            return None
        file = File.open(path)
        self._files.append(file)
        self._open[name] = Slice(file, 0, file.size)
        return self._open[name]

    def document(self, name: str) -> bytes | None:
        """As `Store` says."""
        path = self._find(clean(name))
        if path is None:
            return None
        with closing(File.open(path)) as file:  # there may be more manifests than files that can be open
            return read_document(Slice(file, 0, file.size), name, self.label)

    def _find(self, name: str) -> Path | None:
        """The file of that name; None if there is none."""
        path = self._root / name
        try:
            real = path.resolve(strict=True)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, RuntimeError, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or "no file can have this name"
            raise SourceError(f"{brief(name)} in {self.label} cannot be read: {why}") from error
        if not real.is_relative_to(self._real_root):
            raise NotAnImageError(f"{path} is a link that leads out of {self.label}")
        return real if real.is_file() else None


def require_no_image(names: Collection[str], label: str) -> None:
    """DamagedError for an archive without its end marker, unless it is plainly no image's to begin with."""
    endings = (".json", "layer.tar", "oci-layout")
    if any(name.endswith(endings) or name.startswith("blobs/") for name in names):
        raise DamagedError(
            f"{label} is cut off: the end marker of the archive is missing", "Is the download complete?"
        )


def read_document(blob: Slice, name: str, label: str) -> bytes:
    """All bytes of a document; LimitError if it is larger than any manifest or config."""
    if blob.size > limits.MAX_JSON:
        raise too_large(name, blob.size, label)
    return b"".join(blob.chunks())


def too_large(name: str, size: int, label: str) -> LimitError:
    """What is wrong with a document of that many bytes."""
    return LimitError(f"{brief(name)} in {label} has {size} bytes: too many for a manifest or config")

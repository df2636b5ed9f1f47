"""Bytes that stay where they are: a file read at any position, by several threads at once."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import DamagedError, SourceError

_READ = 1 << 20
_WINDOW = 32 << 10
_COARSE = 2_000_000_000
"""Nanoseconds between two writes that may leave the same times on a file: those of FAT, the coarsest."""


class File:
    """An open seekable file."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name = name
        self._stream = stream
        self._lock = threading.Lock()
        status = os.fstat(stream.fileno())
        self.size = status.st_size
        self._written = status.st_mtime_ns
        self._state = _state(status)
        self._is_settled = time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > _COARSE

    @classmethod
    def open(cls, path: Path) -> "File":
        """Open a path for reading; SourceError where the system refuses."""
        try:
            return cls(path.open("rb", buffering=0), str(path))
        except OSError as error:
            raise SourceError(f"{path} cannot be opened: {error.strerror}") from error

    def require_unchanged(self) -> None:
        """DamagedError if the file was written to since it was opened."""
        try:
            status = os.fstat(self._stream.fileno())
        except OSError as error:
            raise SourceError(f"{self.name} cannot be read: {error.strerror}") from error
        if (status.st_size, status.st_mtime_ns) != (self.size, self._written):
            raise DamagedError(f"{self.name} was changed after it was opened", "Open it again.")

    @property
    def identity(self) -> str:
        """What tells the file, in the state it was opened in, from all others; empty where nothing does.

        Nothing does if it was changed meanwhile, or so shortly before that the next change may leave the
        same times on it. (Git calls that racy.)
        """
        try:
            same = _state(os.fstat(self._stream.fileno())) == self._state
        except OSError:
            return ""
        return f"file:{os.path.realpath(self.name)}:{self._state}" if same and self._is_settled else ""

    if hasattr(os, "pread"):

        def read_at(self, position: int, count: int) -> bytes:
            """Up to `count` bytes from `position`."""
            try:
                return os.pread(self._stream.fileno(), count, position)
            except OSError as error:
                raise SourceError(f"{self.name} cannot be read: {error.strerror}") from error

    else:  # Windows

        def read_at(self, position: int, count: int) -> bytes:
            """Up to `count` bytes from `position`."""
            try:
                with self._lock:
                    self._stream.seek(position)
                    return self._stream.read(count)
            except OSError as error:
                raise SourceError(f"{self.name} cannot be read: {error.strerror}") from error

    def close(self) -> None:
        """Give the file back to the system."""
        self._stream.close()


def _state(status: os.stat_result) -> tuple[int, ...]:
    """All that changes with a file's content; the last of the times cannot be set back."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


class Slice:
    """A run of bytes in a file: a member of an archive, a blob of a layout."""

    def __init__(self, file: File, start: int, size: int) -> None:
        self.file = file
        self.start = start
        self.size = size

    def read(self, position: int, count: int) -> bytes:
        """Bytes from `position` of the slice on, never beyond its end."""
        return self.file.read_at(self.start + position, max(0, min(count, self.size - position)))

    def chunks(self, position: int = 0, size: int | None = None) -> Iterator[bytes]:
        """The bytes in order, in pieces of at most 1 MiB; SourceError if the file shrank meanwhile."""
        end = self.size if size is None else position + size
        while position < end:
            piece = self.file.read_at(self.start + position, min(_READ, end - position))
            if not piece:
                raise SourceError(f"{self.file.name} became shorter while it was read")
            yield piece
            position += len(piece)


class SliceWindow:
    """A `tar.Window` over a slice: headers are read, contents are jumped over."""

    def __init__(self, data: Slice) -> None:
        self._data = data
        self._start, self._size = data.start, data.size
        self._read_at = data.file.read_at

    def at(self, position: int) -> tuple[bytes, int]:
        """As `tar.Window` says. Small files stand close together, so a read takes several headers."""
        left = self._size - position
        if left < 0:
            return b"", self._size
        return self._read_at(self._start + position, _WINDOW if left > _WINDOW else left), position

    def read(self, position: int, count: int) -> bytes:
        """As `tar.Window` says."""
        return self._data.read(position, count)

    @property
    def limit(self) -> int:
        """As `tar.Window` says."""
        return self._data.size

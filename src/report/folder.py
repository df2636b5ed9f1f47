"""A folder of the user's into which names from an image are written: nowhere else, and over nothing.

Every directory on the way is opened by itself, below the one before and never through a symbolic link, and
everything is made under a name that was free. Where the system lets a directory be held open (POSIX), it
is not a race either: what stands between two components cannot be exchanged meanwhile. Elsewhere (Windows)
every component is looked at before it is used.
"""

import errno
import os
import shutil
import stat
import tempfile
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from ..errors import OutputError
from .names import WINDOWS, Refused

ANCHORED = os.supports_dir_fd >= {
    os.open, os.mkdir, os.stat, os.readlink, os.symlink, os.link, os.utime, os.unlink, os.rmdir,
}  # fmt: skip

_OPEN = 64
"""Directories held open at a time: enough for a walk through a tree, and few beside a limit of 256."""
_SEARCH = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_REREAD = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_PIECE = 1 << 20
_NAME_SURROGATE = 0x20000000
"""The bit of a Windows reparse tag that says: the name stands for another place (links and junctions)."""
_LATEST_NS = (2**31 - 1) * 10**9
"""January 2038: what a system that refuses a time later than that still takes."""

_REFUSALS = frozenset(
    (
        errno.EACCES, errno.EINVAL, errno.EILSEQ, errno.ELOOP, errno.EMLINK, errno.ENAMETOOLONG,
        errno.ENOENT, errno.ENOTDIR, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM,
    )
)  # fmt: skip
"""What is the matter with one name and not with the disk."""

_TAKEN = "something of this name is there already"


class _Directory(NamedTuple):
    """An open directory, or, where none can be held open, the path of one that was looked at."""

    fd: int | None
    prefix: bytes
    """What stands before a name in it."""

    @property
    def itself(self) -> int | bytes:
        return self.prefix if self.fd is None else self.fd


class Folder:
    """The folder, made if it is missing; a context that takes back all it made when an error ends it.

    Paths are relative, of plain components joined by `/` (see `names`). `Refused` says why one thing
    is not written, OutputError that nothing more can be.
    """

    def __init__(self, target: Path, modes: Mapping[bytes, int]) -> None:
        self._target = target
        self._modes = modes
        """Permissions of directories to be made; others get the usual ones."""
        self._parents: list[Path] = []
        """The folder itself and those above it, as far as they were made."""
        self._made: dict[bytes, bool] = {}
        """What was made in it, in this order, and whether it is a directory."""
        self._open: OrderedDict[bytes, _Directory] = OrderedDict()
        """The last directories used. The folder itself is kept apart."""
        self._root = _Directory(None, b"")

    def __enter__(self) -> Self:
        try:
            with self._refusing(fatal=True):
                self._make_root()
        except BaseException:
            self._undo()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._undo()
        self._close()

    def _make_root(self) -> None:
        missing = []
        path = self._target.absolute()
        while not path.exists() and path != path.parent:
            missing.append(path)
            path = path.parent
        while missing:
            missing[-1].mkdir()
            self._parents.append(missing.pop())
        with tempfile.TemporaryFile(dir=self._target):  # asks the system itself whether it may
            pass
        name = os.fsencode(self._target.absolute())
        if ANCHORED:
            self._root = _Directory(os.open(name, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)), b"")
        else:
            self._root = _Directory(None, os.path.join(name, b""))  # noqa: PTH118 - bytes

    @property
    def free(self) -> int:
        """Bytes that the user may still write."""
        with self._refusing(fatal=True):
            return shutil.disk_usage(self._target).free

    # What is there.

    def require_free(self, path: bytes) -> None:
        """Refused if something stands at the path, or in the way to it."""
        if self._status(path) is not None:
            raise Refused(_TAKEN)

    def is_directory(self, path: bytes) -> bool:
        """Whether a directory stands there, and no link to one."""
        if not path or self._made.get(path):
            return True
        status = self._status(path)
        return status is not None and _is_directory(status)

    def link_at(self, path: bytes) -> bytes | None:
        """The target of a symbolic link that stands there; None if none does."""
        status = self._status(path)
        if status is None or not _is_link(status):
            return None
        with self._refusing():
            name, fd = self._place(path, make=False)
            target = os.readlink(name, dir_fd=fd)
            return target.replace(b"\\", b"/") if WINDOWS else target

    def _status(self, path: bytes) -> os.stat_result | None:
        with self._refusing():
            try:
                name, fd = self._place(path, make=False)
                return os.stat(name, dir_fd=fd, follow_symlinks=False)
            except FileNotFoundError:
                return None

    # What is made.

    def make_directory(self, path: bytes) -> None:
        """Make a directory and those above it; one that is there is left as it is."""
        with self._refusing():
            self._directory(path, make=True)

    def write(self, path: bytes, mode: int, mtime_ns: int, chunks: Iterable[bytes]) -> int:
        """Write a file and say how many bytes it got; Refused comes before the first of `chunks` is taken."""
        with self._refusing():
            name, at = self._place(path, make=True)
            fd = os.open(name, _CREATE, mode, dir_fd=at)
        self._made[path] = False
        written = 0
        try:
            for chunk in chunks:
                with self._refusing(fatal=True):
                    left = memoryview(chunk)
                    while left:
                        left = left[os.write(fd, left) :]
                written += len(chunk)
            if os.utime in os.supports_fd:
                _date(fd, mtime_ns)
        finally:
            with self._refusing(fatal=True):
                os.close(fd)
        if os.utime not in os.supports_fd:
            _date(name, mtime_ns)
        return written

    def link(self, old: bytes, new: bytes, mode: int, mtime_ns: int) -> int:
        """One more name for a file that this call wrote, or a copy where that is not possible.

        Says how many bytes that took.
        """
        with self._refusing():
            name, at = self._place(old, make=False)
            held = None if at is None else os.dup(at)  # looking for the other one may close it
        try:
            with self._refusing():
                place, fd = self._place(new, make=True)
            try:
                os.link(name, place, src_dir_fd=held, dst_dir_fd=fd, follow_symlinks=False)
            except FileExistsError:
                raise Refused(_TAKEN) from None
            except (OSError, NotImplementedError):
                with self._refusing():
                    source = os.open(name, _REREAD, dir_fd=held)
                try:
                    return self.write(new, mode, mtime_ns, self._pieces(source))
                finally:
                    os.close(source)
            self._made[new] = False
            return 0
        finally:
            if held is not None:
                os.close(held)

    def _pieces(self, fd: int) -> Iterator[bytes]:
        while True:
            with self._refusing(fatal=True):
                piece = os.read(fd, _PIECE)
            if not piece:
                return
            yield piece

    def make_link(self, path: bytes, target: bytes, mtime_ns: int, *, to_directory: bool) -> None:
        """Make a symbolic link, wherever it leads."""
        text = target.replace(b"/", b"\\") if WINDOWS else target
        with self._refusing():
            name, fd = self._place(path, make=True)
            os.symlink(text, name, to_directory, dir_fd=fd)
        self._made[path] = False
        if os.utime in os.supports_follow_symlinks:
            _date(name, mtime_ns, dir_fd=fd, follow_symlinks=False)

    def date_directory(self, path: bytes, mtime_ns: int) -> None:
        """Give a directory that was made here its time; one that was there before keeps what it has."""
        if self._made.get(path):
            with suppress(Refused), self._refusing():
                _date(self._directory(path, make=False).itself, mtime_ns)

    # The way there.

    def _place(self, path: bytes, *, make: bool) -> tuple[bytes, int | None]:
        """A path as the system's calls take it: a name, and the directory it is meant in."""
        head, _, name = path.rpartition(b"/")
        directory = self._directory(head, make=make)
        return directory.prefix + name, directory.fd

    def _directory(self, path: bytes, *, make: bool) -> _Directory:
        missing = []
        while path and path not in self._open:
            missing.append(path)
            path = path.rpartition(b"/")[0]
        directory = self._root
        if path:
            directory = self._open[path]
            self._open.move_to_end(path)
        while missing:
            path = missing.pop()
            directory = self._open[path] = self._step(directory, path, make=make)
            if len(self._open) > _OPEN:
                _shut(self._open.popitem(last=False)[1])
        return directory

    def _step(self, parent: _Directory, path: bytes, *, make: bool) -> _Directory:
        name = parent.prefix + path.rpartition(b"/")[2]
        try:
            return self._enter(parent, name)
        except FileNotFoundError:
            if not make:
                raise
        os.mkdir(name, self._modes.get(path, 0o777), dir_fd=parent.fd)
        self._made[path] = True
        return self._enter(parent, name)

    @staticmethod
    def _enter(parent: _Directory, name: bytes) -> _Directory:
        try:
            if parent.fd is not None:
                return _Directory(os.open(name, _SEARCH, dir_fd=parent.fd), b"")
        except OSError as error:
            if error.errno not in (errno.ENOTDIR, errno.ELOOP, errno.EMLINK):  # which of them, systems differ
                raise
        status = os.stat(name, dir_fd=parent.fd, follow_symlinks=False)
        if _is_link(status):
            raise Refused("a symbolic link stands in the way")
        if parent.fd is not None or not _is_directory(status):
            raise Refused("a file stands in the way")
        return _Directory(None, os.path.join(name, b""))  # noqa: PTH118 - bytes

    # The end.

    @contextmanager
    def _refusing(self, *, fatal: bool = False) -> Iterator[None]:
        """What the system says no to, as Refused or, where it is not about one name, as OutputError."""
        try:
            yield
        except FileExistsError as error:
            if not fatal:
                raise Refused(_TAKEN) from error
            raise self._error(error) from error
        except OSError as error:
            if not fatal and error.errno in _REFUSALS:
                raise Refused(f"the system refuses it: {error.strerror}") from error
            raise self._error(error) from error
        except ValueError as error:  # a NUL byte in what the user typed
            raise self._error(error) from error

    def _error(self, error: OSError | ValueError) -> OutputError:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        hint = "What was written so far has been removed again." if self._made else ""
        return OutputError(f"{self._target} cannot be written: {reason}", hint)

    def _undo(self) -> None:
        for path, is_directory in reversed(self._made.items()):
            with suppress(OSError, Refused):  # whatever is in a directory by now is not ours
                name, fd = self._place(path, make=False)
                (os.rmdir if is_directory else os.unlink)(name, dir_fd=fd)
        self._close()
        for made in reversed(self._parents):
            with suppress(OSError):
                made.rmdir()
        self._made, self._parents = {}, []

    def _close(self) -> None:
        for directory in (*self._open.values(), self._root):
            _shut(directory)
        self._open.clear()
        self._root = _Directory(None, b"")


def _shut(directory: _Directory) -> None:
    if directory.fd is not None:
        os.close(directory.fd)


def _is_link(status: os.stat_result) -> bool:
    """Symbolic links, and junctions on Windows."""
    return stat.S_ISLNK(status.st_mode) or bool(getattr(status, "st_reparse_tag", 0) & _NAME_SURROGATE)


def _is_directory(status: os.stat_result) -> bool:
    return stat.S_ISDIR(status.st_mode) and not _is_link(status)


def _date(
    file: int | bytes, mtime_ns: int, *, dir_fd: int | None = None, follow_symlinks: bool = True
) -> None:
    """Set both times, or the nearest that every system has; a system that keeps none is left alone."""
    for wanted in (mtime_ns, min(max(mtime_ns, 0), _LATEST_NS)):
        try:
            os.utime(file, ns=(wanted, wanted), dir_fd=dir_fd, follow_symlinks=follow_symlinks)
        except (OSError, OverflowError):
            continue
        return

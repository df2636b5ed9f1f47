"""Reports on their way out: to a file, all or nothing, or to standard output."""

import errno
import io
import os
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from ..errors import OutputError

Writer = Callable[[TextIO], None]


def write_to(target: str, write: Writer) -> None:
    """Let `write` write UTF-8 to a path, or to standard output for `-`.

    A file is complete or untouched: it is written beside its place and moved there at the end, with the
    permissions of the file that was there. A pipe or a device is written straight to. OutputError says
    what the system refused; a reader of standard output who left is a BrokenPipeError.
    """
    try:
        if target == "-":
            _to_stdout(write)
            return
        path = Path(target)
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            with path.open("w", encoding="utf-8", newline="\n") as out:
                write(out)
        else:
            _replace(path, write)
    except OSError as error:
        if target == "-" and isinstance(error, BrokenPipeError):
            raise
        shown = "standard output" if target == "-" else target
        raise OutputError(f"{shown} cannot be written: {error.strerror or error}", _hint(error)) from error


def _to_stdout(write: Writer) -> None:
    if sys.stdout is None:  # closed before the program began
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="strict", newline="\n")
    write(sys.stdout)
    sys.stdout.flush()


def _replace(path: Path, write: Writer) -> None:
    path = Path(os.path.realpath(path))
    if path.is_symlink():  # realpath gives up on a loop
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    descriptor, name = tempfile.mkstemp(prefix=".layerscope-", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as out:
            write(out)
        Path(name).chmod(_mode(path))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    """The permissions of the file that is there, or of any new one."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _hint(error: OSError) -> str:
    match error.errno:
        case errno.ENOENT:
            return "Its folder must be there already."
        case errno.EISDIR:
            return "That is a folder: name a file in it."
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "A report is written beside its place and then moved there: the folder must be writable."
        case _:
            return ""

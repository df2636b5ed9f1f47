"""Reports on their way out: to a file, all or nothing, or to standard output."""

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
    """Let `write` write to a path, or to standard output for `-`.

    A file is complete or untouched: it is written beside its place and moved there at the end. A pipe or
    a device is written straight to. OutputError says what the system refused.
    """
    if target == "-":
        write(sys.stdout)
        return
    path = Path(target)
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            with path.open("w", encoding="utf-8", newline="\n") as out:
                write(out)
        else:
            _replace(path.resolve(), write)
    except OSError as error:
        raise OutputError(
            f"{target} cannot be written: {error.strerror}", "Does its folder exist, and may you write there?"
        ) from error


def _replace(path: Path, write: Writer) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent)
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

"""What the command line knows of its surroundings: the terminal, who looks, what the environment says."""

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO, TextIO

import click

if TYPE_CHECKING:
    from pathlib import Path

    from .report.text.style import Style

_PIPE_WIDTH = 100
_NARROWEST = 40


def print_lines(lines: Iterable[str], out: TextIO | None) -> None:
    """Print lines, unless the stream was closed before the program began."""
    if out is not None:
        for line in lines:
            click.echo(line, file=out)


def style(out: TextIO | None) -> "Style":
    """What a stream can show."""
    from .report.text.style import Style

    return Style(width(out), ascii_only=not speaks_unicode(out))


def speaks_unicode(out: TextIO | None) -> bool:
    """Whether a stream takes more than ASCII."""
    encoding = (getattr(out, "encoding", None) or "").lower().replace("-", "").replace("_", "")
    return encoding.startswith("utf")


def width(out: TextIO | None) -> int:
    """Columns of the terminal; of anything else what COLUMNS says, or 100."""
    with contextlib.suppress(OSError, ValueError):
        if columns := int(os.environ.get("COLUMNS") or 0):
            return max(columns, _NARROWEST)
        if out is not None and out.isatty() and (columns := os.get_terminal_size(out.fileno()).columns):
            return max(columns, _NARROWEST)
    return _PIPE_WIDTH


def is_lively(out: TextIO | None) -> bool:
    """Whether a line may be drawn again and again: a terminal that can, and somebody before it."""
    watched = os.environ.get("CI", "").lower() in ("", "0", "false", "no")
    return out is not None and out.isatty() and watched and os.environ.get("TERM") != "dumb"


def is_pipeline() -> bool:
    """Whether the environment asks for a gate, in the words that dive takes: CI is what Go calls true."""
    return os.environ.get("CI", "") in ("1", "t", "T", "true", "TRUE", "True") and not is_served()


def can_explore(reference: str) -> bool:
    """Whether there are a screen and a keyboard for the explorer, or a browser in their place."""
    if is_served():
        return True
    if not is_lively(sys.stdout):
        return False
    if reference == "-":  # the archive comes in where the keys would
        return os.name == "posix" and sys.stdin is not None and not sys.stdin.isatty() and _has_keyboard()
    return sys.stdin is not None and sys.stdin.isatty()


def pager() -> tuple[str, ...]:
    """The pager of the user's choice, and its arguments; empty if there is none."""
    import shlex

    with contextlib.suppress(ValueError):
        return tuple(shlex.split(os.environ.get("PAGER", "")))
    return ()


def step_summary() -> str:
    """The file whose Markdown GitHub Actions shows beside the job; empty elsewhere."""
    return os.environ.get("GITHUB_STEP_SUMMARY", "")


def cache_path() -> "Path":
    """Where images are remembered: LAYERSCOPE_CACHE_DIR, or in the platform's folder for caches."""
    from pathlib import Path

    if folder := os.environ.get("LAYERSCOPE_CACHE_DIR"):
        return Path(folder)
    import platformdirs

    return platformdirs.user_cache_path("layerscope", appauthor=False)


def is_served() -> bool:
    """Whether this process runs behind a browser: textual-serve says so to what it starts."""
    return bool(os.environ.get("TEXTUAL_DRIVER"))


def _has_keyboard() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY))
    except OSError:
        return False
    return True


@contextlib.contextmanager
def keyboard_behind_pipe() -> Iterator[BinaryIO]:
    """What came in on standard input, with the terminal's keyboard in its place for as long."""
    pipe, keyboard = os.dup(0), os.open("/dev/tty", os.O_RDONLY)
    os.dup2(keyboard, 0)
    os.close(keyboard)
    try:
        with os.fdopen(pipe, "rb", closefd=False) as stream:
            yield stream
    finally:
        os.dup2(pipe, 0)
        os.close(pipe)

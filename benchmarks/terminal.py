"""One run of a full-screen program on a terminal of its own: until it shows what it should, then `q`."""

import os
import select
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from benchmarks.process import Run, collect
from benchmarks.screen import Screen

WIDTH, HEIGHT = 160, 48
_ENDING = 20
"""Seconds a program may take to end after `q`."""
_LONGEST_WAIT = 3600
_UNWANTED = ("COLUMNS", "LINES", "NO_COLOR", "XDG_CONFIG_HOME")


def open_on_terminal(argv: Sequence[str], ready: Callable[[Screen], bool], *, timeout: float | None) -> Run:
    """Start a program, wait until its screen is `ready`, press `q`, and wait for its end.

    The time is that until the bytes that made the screen ready were there to be read. The output is the text
    of that screen; nothing, if the program ended before. Memory is the peak until the end. Nobody answers
    what the program asks the terminal. Home is an empty folder: no settings but the defaults.
    """
    screen, shown, timed_out = Screen(WIDTH, HEIGHT), b"", False
    with tempfile.TemporaryDirectory() as home, _terminal() as (ours, theirs):
        begin = time.perf_counter()
        process = subprocess.Popen(
            argv, stdin=theirs, stdout=theirs, stderr=theirs, env=_environment(home),
            start_new_session=True, preexec_fn=_take_terminal,
        )  # fmt: skip
        os.close(theirs)
        seconds, until = 0.0, float("inf") if timeout is None else begin + timeout
        while (rest := until - time.perf_counter()) > 0:
            if not select.select([ours], [], [], min(rest, _LONGEST_WAIT))[0]:
                continue
            now = time.perf_counter()
            if not (written := _read(ours)):
                break
            screen.feed(written)
            if not shown and ready(screen):
                seconds, shown, until = now - begin, screen.text.encode(), now + _ENDING
                os.write(ours, b"q")
        else:
            timed_out = not shown
            process.kill()
        complaint = "" if shown else next((row for row in reversed(screen.rows) if row), "")
        code, peak, cpu = collect(process)
        took = seconds if shown else time.perf_counter() - begin
        return Run(took, code, shown, complaint, peak, cpu, timed_out)


@contextmanager
def _terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a pseudo-terminal; the program's is for the caller to close."""
    import pty
    import termios
    from fcntl import ioctl

    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    try:
        yield ours, theirs
    finally:
        os.close(ours)


def _take_terminal() -> None:
    """In the child: standard input is its terminal, which dive opens by name."""
    import termios
    from fcntl import ioctl

    ioctl(0, termios.TIOCSCTTY, 0)


def _environment(home: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _UNWANTED and not name.startswith("TEXTUAL")
    }
    return {**kept, "TERM": "xterm-256color", "HOME": home, "CI": ""}


def _read(terminal: int) -> bytes:
    """What the program wrote; nothing at its end, which Linux tells by an error."""
    try:
        return os.read(terminal, 1 << 16)
    except OSError:
        return b""


def can_open() -> bool:
    """Whether there are pseudo-terminals: not on Windows."""
    return sys.platform != "win32"

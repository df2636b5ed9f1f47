"""The real program on a pseudo-terminal: keys go in, all bytes come out."""

import contextlib
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from fcntl import ioctl
from pathlib import Path
from types import TracebackType

from benchmarks.screen import Screen
from tests.signals import usual_signals

KEYS = {
    "enter": b"\r", "escape": b"\x1b", "tab": b"\t", "shift+tab": b"\x1b[Z", "space": b" ",
    "up": b"\x1b[A", "down": b"\x1b[B", "right": b"\x1b[C", "left": b"\x1b[D",
    "home": b"\x1b[H", "end": b"\x1b[F", "pageup": b"\x1b[5~", "pagedown": b"\x1b[6~",
    "ctrl+p": b"\x10", "ctrl+q": b"\x11", "backspace": b"\x7f",
}  # fmt: skip
"""What a terminal sends; every other key is sent as its own text."""
_QUIET = 0.06
"""Seconds without a byte after which a screen is taken for finished: some frames of Textual's 60 a second."""
_PATIENCE = 10
"""Seconds for a screen to come to rest, and for the program to end."""


class Terminal:
    """A program, the bytes it has written, and the screen they make; killed at the end of the `with`."""

    def __init__(
        self, argv: Sequence[str], *, columns: int, rows: int, home: Path, environment: Mapping[str, str] = {}
    ) -> None:
        """Start it in an empty home, so that no settings but the defaults hold."""
        self.screen = Screen(columns, rows)
        self.written = b""
        self._ours, theirs = pty.openpty()
        ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TEXTUAL", "XDG_", "LC_"))
            and name not in ("COLUMNS", "LINES", "NO_COLOR", "CI")
        }
        self._process = subprocess.Popen(
            argv, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, cwd=home,
            preexec_fn=_beginning, env={**clean, "TERM": "xterm-256color", "LANG": "C.UTF-8",
                                        "HOME": str(home), **environment},
        )  # fmt: skip
        os.close(theirs)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def wait_for(self, shown: Callable[[Screen], bool]) -> None:
        """Until the screen is as it should be, and has come to rest."""
        until = time.monotonic() + _PATIENCE
        while not shown(self.screen):
            assert time.monotonic() < until, f"never shown:\n{self.screen.text}"
            assert self._take(_QUIET) is not False, f"ended:\n{self.screen.text}"
        self.rest()

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, each when the screen is at rest."""
        for key in keys:
            os.write(self._ours, KEYS.get(key, key.encode()))
            self.rest()

    def rest(self) -> None:
        """Until nothing more is written."""
        until = time.monotonic() + _PATIENCE
        while self._take(_QUIET):
            assert time.monotonic() < until, "the screen never comes to rest"

    @property
    def is_alive(self) -> bool:
        """Whether the program still runs."""
        return self._process.poll() is None

    def ended(self) -> int:
        """Wait for its end; the exit code."""
        until = time.monotonic() + _PATIENCE
        while self._take(_QUIET) is not False and time.monotonic() < until:
            pass
        return self._process.wait(_PATIENCE)

    def _take(self, seconds: float) -> bool | None:
        """Read what is written: True; None if nothing is for so long; False if the program has ended."""
        if not select.select([self._ours], [], [], seconds)[0]:
            return None
        data = b""
        with contextlib.suppress(OSError):  # how Linux says that the other end is closed
            data = os.read(self._ours, 1 << 16)
        self.written += data
        self.screen.feed(data)
        return bool(data)


def _beginning() -> None:
    usual_signals()
    ioctl(0, termios.TIOCSCTTY, 0)

"""The real program on a pseudo-terminal: keys in, what stands on the screen out."""

import os
import select
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.screen import Screen
from tests.signals import usual_signals

COMMAND = (sys.executable, "-m", "layerscope")


class Terminal:
    """A running program and its screen."""

    def __init__(self, process: "subprocess.Popen[bytes]", ours: int, width: int, height: int) -> None:
        self.process = process
        self.screen = Screen(width, height)
        self.written = bytearray()
        """All it wrote so far."""
        self._ours = ours

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._ours, keys.encode())

    def read_until(self, shows: str | Callable[[Screen], bool], *, seconds: float = 20) -> str:
        """The screen, once it shows a text; AssertionError if it does not come to that."""
        until = time.monotonic() + seconds
        while not (shows in self.screen.text if isinstance(shows, str) else shows(self.screen)):
            left = until - time.monotonic()
            ready = left > 0 and select.select([self._ours], [], [], left)[0]
            assert ready, f"{shows!r} does not come:\n{self.screen.text}"
            assert self._read(), f"the program ended before it showed {shows!r}:\n{self.screen.text}"
        return self.screen.text

    def end(self, *, seconds: float = 20) -> int:
        """Its exit code, once it has ended; all it wrote is read."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if select.select([self._ours], [], [], min(left, 0.1))[0]:
                if not self._read():
                    break
            elif self.process.poll() is not None:
                break
        return self.process.wait(timeout=max(until - time.monotonic(), 1))

    def _read(self) -> bool:
        try:
            written = os.read(self._ours, 1 << 16)
        except OSError:  # how Linux tells the end
            return False
        self.written += written
        self.screen.feed(written)
        return bool(written)


@contextmanager
def terminal(
    *arguments: str | Path,
    width: int = 80,
    height: int = 24,
    stdin: "int | None" = None,
    environment: "dict[str, str] | None" = None,
    command: Sequence[str] = COMMAND,
) -> Iterator[Terminal]:
    """Start layerscope on a terminal of its own; `stdin` may be a pipe in the keyboard's place."""
    import pty
    import termios
    from fcntl import ioctl

    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def take_terminal() -> None:
        usual_signals()
        ioctl(1, termios.TIOCSCTTY, 0)

    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("COLUMNS", "LINES", "NO_COLOR", "CI")
    }
    process = subprocess.Popen(
        [*command, *map(str, arguments)],
        stdin=theirs if stdin is None else stdin,
        stdout=theirs,
        stderr=theirs,
        env={**kept, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **(environment or {})},
        start_new_session=True,
        preexec_fn=take_terminal,
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours, width, height)
    finally:
        process.kill()
        process.wait()
        os.close(ours)

"""A line on standard error for work that takes more than a second: bytes, rate and time left."""

import threading
import time
from typing import TextIO

from .formatting import size

_PATIENCE = 1.0
_INTERVAL = 0.1
_BAR = 24


class ProgressLine:
    """Draws itself over and over in one terminal line, and leaves none behind."""

    def __init__(self, out: TextIO, *, enabled: bool) -> None:
        self._out = out
        self._enabled = enabled
        self._begin = time.monotonic()
        self._next = self._begin + _PATIENCE
        self._drawn = False
        self._lock = threading.Lock()

    def __call__(self, done: int, total: int | None) -> None:
        """Take note of `done` bytes of `total` (None: unknown); called from several threads."""
        now = time.monotonic()
        if not self._enabled or now < self._next:
            return
        with self._lock:
            self._next = now + _INTERVAL
            self._drawn = True
            self._out.write("\r" + self._line(done, total, now - self._begin) + "\x1b[K")
            self._out.flush()

    def close(self) -> None:
        """Wipe the line."""
        with self._lock:
            self._enabled = False
            if self._drawn:
                self._drawn = False
                self._out.write("\r\x1b[K")
                self._out.flush()

    @staticmethod
    def _line(done: int, total: int | None, seconds: float) -> str:
        rate = done / seconds if seconds else 0.0
        speed = f"{size(round(rate))}/s"
        if not total:
            return f"reading  {size(done)}  {speed}"
        share = min(done / total, 1.0)
        bar = ("#" * round(share * _BAR)).ljust(_BAR, ".")
        left = f"{(total - done) / rate:.0f} s left" if rate else ""
        return f"reading  [{bar}] {share:4.0%}  {size(done)} of {size(total)}  {speed}  {left}"

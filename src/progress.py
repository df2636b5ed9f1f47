"""A line on standard error for work that takes more than a second: bytes, rate and time left."""

import threading
import time
from collections.abc import Callable
from typing import TextIO

from .analysis.model import Reading
from .formatting import size

_PATIENCE = 1.0
_INTERVAL = 0.1
_BAR = 24
_SHORTEST_BAR = 8


class ProgressLine:
    """Draws itself over and over in one terminal line, and leaves none behind."""

    def __init__(
        self, out: TextIO, *, enabled: bool, width: int = 80, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._out = out
        self._enabled = enabled
        self._width = width
        self._clock = clock
        self._begin = clock()
        self._next = self._begin + _PATIENCE
        self._drawn = False
        self._lock = threading.Lock()

    def __call__(self, reading: Reading) -> None:
        """Take note of how far it is; called from several threads."""
        if not self._enabled or self._clock() < self._next:
            return
        with self._lock:
            now = self._clock()
            if not self._enabled or now < self._next:
                return
            self._next = now + _INTERVAL
            self._drawn = True
            self._write(self._line(reading, now - self._begin)[: self._width - 1])

    def close(self) -> None:
        """Wipe the line."""
        with self._lock:
            self._enabled = False
            if self._drawn:
                self._drawn = False
                self._write("")

    def _write(self, line: str) -> None:
        self._out.write(f"\r{line}\x1b[K")
        self._out.flush()

    def _line(self, reading: Reading, seconds: float) -> str:
        done, total, layer, layers, doing = reading
        what = doing if layer is None or layers is None else f"{doing} layer {layer + 1} of {layers}"
        rate = done / seconds if seconds else 0.0
        speed = f"{size(round(rate))}/s"
        if not total:
            return f"{what}  {size(done)}  {speed}"
        share = min(done / total, 1.0)
        left = f"{max(total - done, 0) / rate:.0f} s left" if rate else ""
        figures = f"{share:4.0%}  {size(done)} of {size(total)}  {speed}  {left}"
        room = self._width - 1 - len(f"{what}  [] {figures}")
        width = min(_BAR, max(_SHORTEST_BAR, room))
        bar = ("#" * round(share * width)).ljust(width, ".")
        return f"{what}  [{bar}] {figures}"

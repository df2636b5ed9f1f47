"""How far a reading is, as `open_image` tells it."""

import threading
from collections.abc import Callable

from ..analysis.model import Reading

Progress = Callable[[Reading], None]
"""Called every megabyte or so, from several threads, but by one at a time.

What it raises ends the reading, and comes out of `open_image` as it is: so a user cancels.
"""


class Meter:
    """Adds up what several threads have done, and passes it on."""

    def __init__(
        self, progress: Progress, total: int | None, layers: int | None = None, doing: str = "reading"
    ) -> None:
        self._progress = progress
        self._total = total
        self._layers = layers
        self._doing = doing
        self._done = 0
        self._lock = threading.Lock()

    def tell(self, layer: int | None, count: int) -> None:
        with self._lock:
            self._done += count
            self._progress(Reading(self._done, self._total, layer, self._layers, self._doing))

    def set(self, done: int, total: int | None) -> None:
        """Pass on what somebody else has added up."""
        with self._lock:
            self._progress(Reading(done, total, None, None, self._doing))

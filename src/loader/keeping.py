"""Small files whose contents are kept as they pass: what somebody will ask for when it has gone by."""

import threading
from collections.abc import Callable

from ..analysis.model import Keeps
from . import limits


class Keeping:
    """What is to be kept of one image, and how much room is left for it; layers may be read side by side."""

    def __init__(self, load: Callable[[], Keeps]) -> None:
        """`load` gives what to ask, once something passes."""
        self._load = load
        self._keeps: Keeps | None = None
        self._left = limits.MAX_KEPT
        self._lock = threading.Lock()

    def wants(self, name: bytes, size: int) -> bool:
        """Whether to keep the content of a file; who is told so does."""
        keeps = self._keeps
        if keeps is None:
            keeps = self._keeps = self._load()
        if not size or size > self._left or not keeps(name, size):
            return False
        with self._lock:
            has_room = size <= self._left
            self._left -= size * has_room
        return has_room

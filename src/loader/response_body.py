"""The body of an HTTP answer as a `Body`: from a thread that waits for it, and stopped by any other."""

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ..errors import DamagedError, SourceError
from . import answers
from .streams import Chunks

COMPLAINT = 1 << 16
"""Bytes in which an engine says what went wrong."""
_CHUNK = 1 << 18


class ResponseBody:
    """The body of an answer, as it arrives.

    The question is asked when the body is wanted, by the thread that reads it: an engine may take minutes
    until its answer begins, and `close` must not wait for it.
    """

    def __init__(self, ask: Callable[[], Any], engine: str) -> None:
        self._ask = ask
        self._engine = engine
        self._response: Any = None
        self._closed = threading.Event()
        self._lock = threading.Lock()

    def chunks(self) -> Chunks:
        """As `Body` says."""
        response = self._ask()
        with self._lock:
            self._response = response
            if self._closed.is_set():
                response.close()
                return
        count = 0
        tail = b""
        try:
            for chunk in response.iter_content(_CHUNK):
                count += len(chunk)
                tail = chunk
                yield chunk
        except (OSError, ValueError, AttributeError) as error:  # the last two: closed meanwhile
            if self._closed.is_set():
                return
            if "timed out" in str(error).lower():
                raise SourceError(
                    f"{self._engine} has stopped sending, after {count} bytes",
                    "Start it anew, and try again.",
                ) from error
            raise DamagedError(
                f"the stream from {self._engine} was cut after {count} bytes",
                "Was the engine stopped? Try it again.",
            ) from error
        if complaint := answers.complaint_in(tail[-COMPLAINT:]):
            raise SourceError(f"{self._engine} could not send all of the image: {complaint}")

    def close(self) -> None:
        """As `Body` says. A thread that waits for bytes holds the lock of the stream: it is woken first."""
        with self._lock:
            response = None if self._closed.is_set() else self._response
            self._closed.set()
        if response is None:
            return
        with suppress(OSError, ValueError, AttributeError):  # a pipe to ssh, or at its end already
            waiting = socket.socket(fileno=os.dup(response.raw.fileno()))
            with waiting:
                waiting.shutdown(socket.SHUT_RDWR)
        response.close()

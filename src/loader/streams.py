"""Bytes that pass by once: hashed, decompressed ahead in a thread, and read as a tar on the way."""

import hashlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator

from ..errors import DamagedError
from . import limits
from .digests import Hasher, digest_of

Chunks = Iterator[bytes]


class StreamWindow:
    """A `tar.Window` over chunks: what has been passed is gone."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self._buffer = b""
        self._start = 0
        self._ahead: deque[bytes] = deque()

    def at(self, position: int) -> tuple[bytes, int]:
        """As `tar.Window` says. A block that two chunks share is put together on its own."""
        self._pass_to(position)
        at = position - self._start
        if len(self._buffer) - at >= 512 or at > len(self._buffer):
            return self._buffer, self._start
        tail = self._buffer[at:]
        for chunk in self._look_ahead():
            tail += chunk[: 512 - len(tail)]
            if len(tail) >= 512:
                break
        return tail, position

    def read(self, position: int, count: int) -> bytes:
        """As `tar.Window` says; the bytes stay available."""
        self._pass_to(position)
        at = position - self._start
        found = self._buffer[at : at + count]
        if len(found) < count:
            pieces, have = [found], len(found)
            for chunk in self._look_ahead():
                pieces.append(chunk[: count - have])
                have += len(pieces[-1])
                if have >= count:
                    break
            found = b"".join(pieces)
        return found

    def require(self, _end: int) -> bool:
        """As `tar.Window` says: a stream tells when it is there."""
        return True

    def digest(self, position: int, size: int) -> bytes:
        """The digest of the `size` bytes at `position`, which are passed by."""
        self._pass_to(position)
        at = position - self._start
        if at + size <= len(self._buffer):
            return digest_of(memoryview(self._buffer)[at : at + size])
        hasher = Hasher()
        for piece in self.pieces(position, size):
            hasher.update(piece)
        return hasher.digest()

    def pieces(self, position: int, size: int) -> Chunks:
        """The `size` bytes at `position` as they pass by; fewer if the stream ends."""
        end = position + size
        while position < end:
            self._pass_to(position)
            at = position - self._start
            piece = self._buffer[at : at + end - position]  # a whole buffer is not copied
            if not piece:
                return
            yield piece
            position += len(piece)

    def drain(self, position: int, what: str) -> None:
        """Let pass what follows a tar's end marker at `position`; LimitError if it does not end."""
        while True:
            self._pass_to(self._start + len(self._buffer))
            if not self._buffer:
                return
            if self._start - position > limits.MAX_PADDING:
                raise DamagedError(
                    f"{what} goes on for more than {limits.MAX_PADDING >> 20} MiB after its end marker",
                    "Such an archive is either damaged or made to keep its readers busy.",
                )

    def _pass_to(self, position: int) -> None:
        while position >= self._start + len(self._buffer):
            chunk = self._ahead.popleft() if self._ahead else next(self._chunks, b"")
            self._start += len(self._buffer)
            self._buffer = chunk
            if not chunk:
                return

    def _look_ahead(self) -> Iterator[bytes]:
        yield from tuple(self._ahead)
        while chunk := next(self._chunks, b""):
            self._ahead.append(chunk)
            yield chunk


class Sha256:
    """The digest, OCI fashion, of chunks that pass through."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.size = 0

    def over(self, chunks: Chunks) -> Chunks:
        """The same chunks, counted and hashed as they pass."""
        for chunk in chunks:
            self._hash.update(chunk)
            self.size += len(chunk)
            yield chunk

    @property
    def digest(self) -> str:
        """`sha256:` and the hexadecimal digest of all that passed."""
        return "sha256:" + self._hash.hexdigest()


def counted(chunks: Chunks, tell: Callable[[int], None]) -> Chunks:
    """The same chunks; `tell` hears the size of each."""
    for chunk in chunks:
        tell(len(chunk))
        yield chunk


def prefetched(chunks: Chunks, depth: int = 4) -> Generator[bytes, None, None]:
    """The same chunks, made up to `depth` ahead by a thread of its own.

    Decompression and hashing let go of the interpreter lock, so they and the consumer share two cores.
    Errors arrive where the chunk would have; closing the generator ends the thread.
    """
    ready: queue.Queue[bytes | BaseException] = queue.Queue(depth)
    stop = threading.Event()

    def produce() -> None:
        last: bytes | BaseException = b""
        try:
            for chunk in chunks:
                ready.put(chunk)
                if stop.is_set():
                    return
        except BaseException as error:  # handed on to the consumer, whatever it is
            last = error
        ready.put(last)

    thread = threading.Thread(target=produce, name="prefetch", daemon=True)
    thread.start()
    try:
        while item := ready.get():
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        while thread.is_alive():
            try:
                ready.get(timeout=0.05)
            except queue.Empty:
                continue
        thread.join()

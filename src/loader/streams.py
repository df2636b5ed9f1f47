"""Bytes that pass by once: hashed, decompressed ahead in a thread, and read as a tar on the way."""

import hashlib
import queue
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator

from ..errors import DamagedError
from . import limits
from .digests import Hasher, Seed, digest_of

Chunks = Iterator[bytes]
_PATIENCE = 0.5
"""Seconds that a reader which ends early waits for its thread."""


_IDLE = 0.2
"""Seconds without a chunk after which whoever waits for it is asked whether to go on."""


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
        return self.read(position, 512), position

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

    limit = sys.maxsize
    """As `tar.Window` says: a stream tells when it is there."""

    def digest(self, position: int, size: int, seed: Seed) -> bytes:
        """The digest of the `size` bytes at `position`, which are passed by."""
        self._pass_to(position)
        at = position - self._start
        if at + size <= len(self._buffer):
            return digest_of(memoryview(self._buffer)[at : at + size], seed)
        hasher = Hasher(seed)
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

    def drain(self, what: str) -> None:
        """Let pass what follows a tar that has been read; DamagedError if it does not end."""
        end = self._start + len(self._buffer)
        while True:
            self._pass_to(self._start + len(self._buffer))
            if not self._buffer:
                return
            if self._start - end > limits.MAX_PADDING:
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
        yield from self._ahead  # to its end, before more is put there
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

    def beside(self, chunks: Chunks) -> Generator[bytes, None, None]:
        """As `over`, but hashed by a thread of its own: `digest` is good once the chunks have ended."""
        pipe = _Pipe()

        def consume() -> None:
            while chunk := pipe.get():
                self._hash.update(chunk)

        thread = threading.Thread(target=consume, name="sha256", daemon=True)
        thread.start()
        try:
            for chunk in chunks:
                self.size += len(chunk)
                pipe.put(chunk)
                yield chunk
        finally:
            pipe.put(b"")
            thread.join()

    @property
    def digest(self) -> str:
        """`sha256:` and the hexadecimal digest of all that passed."""
        return "sha256:" + self._hash.hexdigest()


def counted(chunks: Chunks, tell: Callable[[int], None]) -> Chunks:
    """The same chunks; `tell` hears the size of each."""
    for chunk in chunks:
        tell(len(chunk))
        yield chunk


def prefetched(
    chunks: Chunks, idle: Callable[[], None] | None = None, stop: Callable[[], None] | None = None
) -> Generator[bytes, None, None]:
    """The same chunks, made a few ahead by a thread of its own.

    Decompression and hashing let go of the interpreter lock, so they and the consumer share two cores.
    An error arrives where the chunk would have; closing the generator ends the thread, unless it waits for
    a source that gives nothing: then it ends with the process. `idle` is called now and then while nothing
    comes, so that whoever cancels is heard; `stop` is to wake the thread where it waits for its source.
    """
    pipe = _Pipe()
    errors: list[BaseException] = []

    def produce() -> None:
        try:
            for chunk in chunks:
                if not pipe.put(chunk):
                    break
        except BaseException as error:  # handed on to the consumer, whatever it is
            errors.append(error)
        pipe.put(b"")

    thread = threading.Thread(target=produce, name="prefetch", daemon=True)
    thread.start()
    try:
        while chunk := pipe.get(idle):
            yield chunk
        if errors:
            raise errors[0]
    finally:
        pipe.close()
        if stop is not None:
            stop()
        thread.join(_PATIENCE)


class _Pipe:
    """Chunks from one thread to another, a few at a time.

    Of two SimpleQueues, because queue.Queue takes its locks in Python: 4,000 chunks cost 0.1 s there.
    """

    def __init__(self, depth: int = 2) -> None:
        self._chunks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._room: queue.SimpleQueue[bool] = queue.SimpleQueue()
        for _ in range(depth):
            self._room.put(True)

    def put(self, chunk: bytes) -> bool:
        """Hand over a chunk once there is room; False if nobody reads any more."""
        if not self._room.get():
            self._room.put(False)
            return False
        self._chunks.put(chunk)
        return True

    def get(self, idle: Callable[[], None] | None = None) -> bytes:
        """The next chunk, once it is there; `idle` is called every so often while it is not."""
        while True:
            try:
                chunk = self._chunks.get(timeout=None if idle is None else _IDLE)
                break
            except queue.Empty:
                if idle is not None:
                    idle()
        self._room.put(True)
        return chunk

    def close(self) -> None:
        """Say that nobody reads any more: whoever waits for room goes on."""
        self._room.put(False)

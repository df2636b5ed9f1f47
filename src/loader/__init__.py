"""From what the user typed to an `Image`: reads bytes, knows no analysis.

reference ─► source (file, directory, stream, engine) ─► store ─► manifest.resolve ─► layers ─► Image
"""

import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from ..analysis.model import Image, Keeps
from ..errors import SourceError
from .cache_folder import CacheFolder
from .digests import RUN_SEED
from .engine import Pull
from .image_cache import ImageCache
from .keeping import Keeping
from .meter import Meter, Progress
from .opening import Wanted, from_engine, from_store, from_stream
from .reference import Origin, parse
from .store import DirectoryStore

__all__ = ["Progress", "open_image"]


@contextmanager
def open_image(
    reference: str,
    *,
    image: str | None = None,
    platform: str | None = None,
    verify: bool = False,
    progress: Progress = lambda _reading: None,
    stdin: BinaryIO | None = None,
    pull: Pull = "never",
    spool: bool = False,
    cache: CacheFolder | None = None,
    keeps: Callable[[], Keeps] | None = None,
) -> Iterator[Image]:
    """Read an image with all its layers; their contents can be read until the context ends.

    `reference` is a path, `-`, `scheme:rest` or the name of an image in an engine (see `reference.parse`);
    `image` (tag or number) and `platform` (os/arch[/variant]) choose where there are several; `verify`
    reads every byte and checks every digest. Of an image in an engine, `pull` says when it fetches it, and
    `spool` keeps what it sends in a temporary file until the context ends. Every failure is a
    LayerscopeError.

    Of layers that go by, or would have to be unpacked once more, the contents of files that `keeps()` wants
    are kept, up to `limits.MAX_KEPT` bytes.

    What `cache` has of an image is not read again, and what is read is put there; standard input is neither,
    and what is to be spooled is read in any case, as is everything with `verify`. Digests of two images can
    be compared if both were opened with the same `cache`.
    """
    origin, path, tag, name = parse(reference)
    kept = None if cache is None else ImageCache(cache)
    wanted = Wanted(
        reference,
        image if image is not None else tag or None,
        platform,
        verify,
        progress,
        RUN_SEED if kept is None else kept.seed,
        kept,
        None if keeps is None else Keeping(keeps),
    )
    with ExitStack() as stack:
        if origin is Origin.STDIN:
            stream = stdin or (sys.stdin.buffer if sys.stdin else None)  # None: closed by whoever started us
            if stream is None:
                raise SourceError(
                    "standard input is closed", "Pipe an archive into it: docker save IMAGE | …"
                )
            yield from_stream(stream, "standard input", wanted._replace(cache=None))
            return
        if origin is not Origin.PATH:
            pulling = Meter(progress, None, doing="pulling").set
            from .engines import find  # takes longer to import than a small archive takes to read

            found = find(origin, name, pull=pull, platform=platform, progress=pulling)
            yield from_engine(stack.enter_context(found), wanted, stack if spool else None)
            return
        mode = _mode(path)
        if stat.S_ISDIR(mode):
            store = DirectoryStore(path)
            stack.callback(store.close)
            yield from_store(store, wanted)
        elif stat.S_ISREG(mode) or stat.S_ISFIFO(mode):
            try:
                stream = stack.enter_context(path.open("rb", buffering=0))
            except OSError as error:
                raise SourceError(f"{path} cannot be opened: {error.strerror}") from error
            yield from_stream(stream, str(path), wanted)
        else:
            raise SourceError(f"{path} is a device or a socket, not a file or directory")


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error

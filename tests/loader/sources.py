"""Archives opened from wherever an image may come from, and measured."""

import io
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from layerscope.analysis.analyze import analyze
from layerscope.analysis.model import Image
from layerscope.loader import open_image
from layerscope.loader.files import File
from layerscope.loader.store import ArchiveStore

from tests.tars import file, layer, symlink


class Measured(NamedTuple):
    """What an image turns out to be."""

    stored: int
    live: int
    tags: tuple[str, ...]
    platform: str
    layers: tuple[tuple[str, int], ...]
    """(name, entries) of each."""


def measure(
    reference: str | Path,
    *,
    image: str | None = None,
    platform: str | None = None,
    verify: bool = False,
    stdin: BinaryIO | None = None,
) -> Measured:
    with open_image(str(reference), image=image, platform=platform, verify=verify, stdin=stdin) as opened:
        return measured(opened)


def measured(image: Image) -> Measured:
    analysis = analyze(image)
    assert sum(analysis.waste_by_kind.values()) == analysis.totals.wasted
    return Measured(
        analysis.totals.stored,
        analysis.totals.live,
        image.tags,
        image.platform,
        tuple((one.name, len(one.entries)) for one in image.layers),
    )


def measure_stream(data: bytes, *, image: str | None = None, platform: str | None = None) -> Measured:
    """The archive from a stream that is no file."""
    return measure("-", image=image, platform=platform, stdin=io.BytesIO(data))


@contextmanager
def pipe(data: bytes) -> Iterator[BinaryIO]:
    """The reading end of a pipe that the bytes are written into."""
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as out, suppress(BrokenPipeError):
            out.write(data)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        with os.fdopen(reading, "rb") as stream:
            yield stream
    finally:
        thread.join()


@contextmanager
def archive_store(path: Path, data: bytes) -> Iterator[ArchiveStore]:
    path.write_bytes(data)
    opened = File.open(path)
    try:
        yield ArchiveStore(opened)
    finally:
        opened.close()


def held() -> tuple[set[threading.Thread], int]:
    """Threads, and how many files are open (where the system tells)."""
    files = Path("/proc/self/fd")
    return set(threading.enumerate()), len(list(files.iterdir())) if files.exists() else 0


def members(files: Mapping[str, bytes | str]) -> bytes:
    """A tar of files, and of symbolic links where the content is a `str`, in this order."""
    return layer(
        *(
            file(name, content) if isinstance(content, bytes) else symlink(name, content)
            for name, content in files.items()
        )
    )

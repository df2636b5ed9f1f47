"""The same bytes as a file and as a stream, and what the tar reader finds in both."""

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from layerscope.analysis.model import Entry
from layerscope.loader import tar
from layerscope.loader.files import File, Slice, SliceWindow
from layerscope.loader.streams import StreamWindow


@contextmanager
def slice_of(data: bytes) -> Iterator[Slice]:
    """The bytes in a file of their own."""
    with tempfile.TemporaryFile(buffering=0) as stream:
        stream.write(data)
        yield Slice(File(cast(BinaryIO, stream), "test.tar"), 0, len(data))


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """The bytes in chunks of one size."""
    return (data[at : at + size] for at in range(0, len(data), size))


def random_pieces(data: bytes, seed: int) -> Iterator[bytes]:
    """The bytes in chunks of 1 byte to 64 KiB, small ones as often as large ones."""
    dice = random.Random(seed)
    at = 0
    while at < len(data):
        size = 1 << dice.randrange(17)
        yield data[at : at + size]
        at += size


def read(data: bytes) -> list[Entry]:
    """Every entry of a tar in a file."""
    with slice_of(data) as whole:
        return list(tar.entries(SliceWindow(whole), "test.tar"))


def read_stream(chunks: Iterator[bytes]) -> list[Entry]:
    """Every entry of a tar that goes by, all contents passed over."""
    return list(tar.entries(StreamWindow(chunks), "test.tar"))

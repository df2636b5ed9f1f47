"""A stream kept in a temporary file that has no name, and so goes with the process whatever ends it."""

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from ..errors import SourceError
from .files import File
from .streams import Chunks


@contextmanager
def spooled(chunks: Chunks, label: str) -> Iterator[File]:
    """The bytes in a file; SourceError where there is no room for them."""
    where = tempfile.gettempdir()
    try:
        # Where a file cannot be without a name (Windows), the system removes it when it is closed.
        stream = cast(BinaryIO, tempfile.TemporaryFile(buffering=0))  # noqa: SIM115 - closed below
    except OSError as error:
        raise SourceError(f"nothing can be kept in {where}: {error.strerror}", "Set TMPDIR.") from error
    with stream:
        for chunk in chunks:
            try:
                left = memoryview(chunk)
                while left:
                    left = left[stream.write(left) :]
            except OSError as error:
                full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
                raise SourceError(
                    f"{label} does not fit into {where}"
                    if full
                    else f"{where} cannot be written to: {error.strerror}",
                    "Set TMPDIR to a folder with more room, or leave out --spool.",
                ) from error
        yield File(stream, label)

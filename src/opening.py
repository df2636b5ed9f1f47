"""From what was asked for to its analysis: opens images and saved reports."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import click

from .errors import SourceError
from .formatting import inert, printable
from .terminal import cache_path, is_lively, print_lines, width

if TYPE_CHECKING:
    from .analysis.analyze import Analysis
    from .analysis.base import Base
    from .analysis.model import Image, Keeps, Reading
    from .loader.engine import Pull


_MOST_DIGITS = 6
"""Of a number of layers; a longer one is the name of an image."""
LOAD = "A builder of its own keeps what it builds: give the build the option --load."
"""What to do if an engine does not have what was built for it."""


class Wanted(NamedTuple):
    """Which image was asked for, and how it is to be read."""

    reference: str
    image: str | None = None
    platform: str | None = None
    verify: bool = False
    pull: "Pull" = "never"
    spool: bool = False
    no_cache: bool = False
    base: str = ""
    """Where the base image ends: a number of layers, or that image; empty if the history tells."""
    id: str = ""
    """What the digest of its config must be; empty if it may be any."""

    def beside(self, reference: str) -> "Wanted":
        """Another image, for this one to be held against: of the same platform, and found in the same way."""
        return Wanted(reference, platform=self.platform, pull=self.pull, no_cache=self.no_cache)


_kept: "list[Analysis]" = []
"""The last analysis: the process ends soon, and to free millions of objects one by one would take time."""


@contextlib.contextmanager
def analysis_of(
    wanted: Wanted,
    progress: "Callable[[Reading], None]",
    *,
    keep_past: bool = False,
    stdin: BinaryIO | None = None,
) -> Iterator["Analysis"]:
    """The analysis of an image, which stays open as long, or of a saved report."""
    import gc

    from .analysis.analyze import analyze
    from .report.saved import report as saved_report

    # Millions of entries and not one cycle among them: collecting would only walk them again and again.
    collecting = gc.isenabled()
    gc.disable()
    try:
        if saved_report.is_report(wanted.reference, stdin=stdin):
            if wanted.image is not None or wanted.platform is not None or wanted.verify or wanted.base:
                raise click.UsageError(
                    "--image, --platform, --base and --verify are for images, not for reports"
                )
            _kept[:] = [
                saved_report.read(wanted.reference, progress=progress, keep_past=keep_past, stdin=stdin)
            ]
            yield _kept[0]
            return
        with _image_of(wanted, progress, stdin) as opened:
            if wanted.id and opened.id != wanted.id:
                raise SourceError(f"{wanted.reference} is not the image that was built", LOAD)
            base = _base(wanted, opened) if wanted.base else None
            _kept[:] = [analyze(opened, base=base, keep_past=keep_past)]
            yield _kept[0]
    finally:
        if collecting:
            gc.freeze()  # nor would a collection at the end find anything among them
            gc.enable()


def _image_of(
    wanted: Wanted, progress: "Callable[[Reading], None]", stdin: BinaryIO | None = None
) -> AbstractContextManager["Image"]:
    from .loader import open_image
    from .loader.cache_folder import CacheFolder

    return open_image(
        wanted.reference,
        image=wanted.image,
        platform=wanted.platform,
        verify=wanted.verify,
        progress=progress,
        stdin=stdin,
        pull=wanted.pull,
        spool=wanted.spool,
        cache=None if wanted.no_cache else CacheFolder(cache_path()),
        keeps=_keeps,
    )


def _keeps() -> "Keeps":
    from .analysis.findings.kept import is_kept  # its patterns are for images that are packed or pass by

    return is_kept


def _base(wanted: Wanted, image: "Image") -> "Base":
    """Where the base image ends, as asked for; ChoiceError if the image was not built on that."""
    from .analysis.base import base_of_image, base_of_layers

    if wanted.base.isascii() and wanted.base.isdigit() and len(wanted.base) < _MOST_DIGITS:
        return base_of_layers(image, int(wanted.base))
    with _image_of(wanted.beside(wanted.base), lambda _reading: None) as below:
        return base_of_image(image, below)


@contextlib.contextmanager
def analysis_with_progress(wanted: Wanted) -> Iterator["Analysis"]:
    """The same for a result that is printed: progress and notes go to standard error."""
    from .progress import ProgressLine

    progress = ProgressLine(sys.stderr, enabled=is_lively(sys.stderr), width=width(sys.stderr))
    try:
        with analysis_of(wanted, progress) as analysis:
            progress.close()
            print_lines(
                (inert(f"layerscope: {printable(note)}") for note in analysis.image.notes), sys.stderr
            )
            yield analysis
    finally:
        progress.close()

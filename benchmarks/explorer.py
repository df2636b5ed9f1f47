"""The explorer: until it can be used beside dive, and as images grow."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from layerscope.formatting import size

from benchmarks import table
from benchmarks.dive import Dive
from benchmarks.generate import LAYERS, generate
from benchmarks.image import can_read, first_look, remarks, size_of, time_or_failure
from benchmarks.rounds import Command, Result, measure
from benchmarks.screen import Screen

SERIES = (30_000, 100_000, 300_000)
_COLUMNS = (
    "", "layerscope", "dive", "ours / dive", "dive takes", "memory", "dive's", "ours / dive",
)  # fmt: skip
_FILE = re.compile(r"[-dl][-rwxsStT]{9} +\d+:\d+ ")
"""Mode and owner: both file trees have them."""


def is_open(screen: Screen) -> bool:
    """Whether layerscope shows the figures, the layers, a file tree and its last row, the keys."""
    first, *others, last = screen.rows
    return (
        "efficiency" in first
        and "Quit" in last
        and any("▶" in row for row in others)
        and any("sort size" in row for row in others)
        and _FILE.search(screen.text) is not None
    )


def is_dive_open(screen: Screen) -> bool:
    """Whether dive shows the figures, the layers, a file tree and its last row, the keys."""
    text = screen.text
    return (
        re.search(r"Image efficiency score: +\d+ %", text) is not None
        and "Quit" in screen.rows[-1]
        and "● Layers" in text
        and "Filetree" in text
        and _FILE.search(text) is not None
    )


def beside(image: Path, dive: Dive, *, runs: int, timeout: float | None) -> Iterator[str]:
    """Open an image in both, in turns."""
    commands = [_ours(image)]
    if dive.path and can_read(image):
        argv = (dive.path, f"docker-archive://{image.resolve()}")
        commands.append(Command("dive", argv, proof=b"Quit", ready=is_dive_open))
    results = dict(zip(commands, measure(commands, runs=runs, timeout=timeout), strict=True))
    ours, theirs, *_ = (*results.values(), Result())
    row = (
        "until it can be used",
        time_or_failure(ours),
        time_or_failure(theirs) if len(commands) > 1 else "cannot",
        table.ratio(ours.seconds, theirs.seconds),
        table.times(ours.seconds, theirs.seconds, more_than=theirs.more_than),
        table.megabytes(ours.peak_bytes),
        table.megabytes(theirs.peak_bytes),
        table.ratio(ours.peak_bytes, theirs.peak_bytes),
    )
    yield f"### {image.name} in the explorer"
    yield ""
    yield f"A {'file' if image.is_file() else 'directory'} of {size(size_of(image))}."
    yield ""
    yield from table.table(_COLUMNS, [row])
    yield from remarks(image, dive, results)


def series(folder: Path, sizes: Sequence[int], *, runs: int) -> Iterator[str]:
    """Generated images of growing size in the explorer."""
    rows = []
    for entries in sizes:
        path = folder / f"explorer-{entries}.tar"
        try:
            generate(path, entries)
            (result,) = measure([_ours(path)], runs=runs)
        finally:
            path.unlink(missing_ok=True)
        peak = result.peak_bytes
        rows.append(
            (
                f"{entries:,}",
                time_or_failure(result),
                table.megabytes(peak),
                "-" if peak is None else f"{peak / entries:,.0f} B",
            )
        )
    yield f"### Entries, {LAYERS} layers, in the explorer"
    yield ""
    yield from table.table(("entries", "until it can be used", "memory", "an entry"), rows)


def _ours(image: Path) -> Command:
    return Command(f"layerscope {image.name}", (*first_look(), str(image)), proof=b"Quit", ready=is_open)

"""How the cost grows: with the entries of an image, with what its last layer deletes, and from nothing."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import table
from benchmarks.generate import generate
from benchmarks.image import first_look, layerscope
from benchmarks.rounds import Command, Result, measure

SERIES = (10_000, 100_000, 1_000_000)
_START_RUNS = 20
_EMPTY = """\
import click


@click.command()
@click.version_option("0")
def main() -> None:
    pass


main()
"""
_DELETED = "-deleted"


def series(folder: Path, sizes: Sequence[int], *, runs: int) -> Iterator[str]:
    """`--ci` on generated images of growing size, and the last two beside each other."""
    rows, results = [], []
    for entries in sizes:
        path = folder / f"scale-{entries}.tar"
        try:
            generate(path, entries)
            (result,) = measure([_gate(path)], runs=runs)
            size = path.stat().st_size
        finally:
            path.unlink(missing_ok=True)
        results.append(result)
        each = None if result.seconds is None else result.seconds / entries * 1e6
        rows.append(
            (
                f"{entries:,}",
                table.megabytes(size),
                result.failure or table.seconds(result.seconds),
                "-" if each is None else f"{each:.1f} µs",
                table.megabytes(result.peak_bytes),
            )
        )
    yield "### Scale"
    yield ""
    yield from table.table(("entries", "archive", "`--ci`", "an entry", "memory"), rows)
    if len(results) > 1:
        yield ""
        yield _growth(sizes[-2:], results[-2:])


def start_up(folder: Path) -> Iterator[str]:
    """`--version` beside a program of click that does nothing."""
    script = folder / "empty.py"
    script.write_text(_EMPTY, encoding="utf-8")
    empty = Command("empty click program", (sys.executable, str(script), "--version"))
    ours = Command("layerscope --version", (*layerscope(), "--version"))
    found = measure([empty, ours], runs=_START_RUNS)
    rows = [
        (command.label, result.failure or table.seconds(result.seconds), table.megabytes(result.peak_bytes))
        for command, result in zip((empty, ours), found, strict=True)
    ]
    yield "### Start-up"
    yield ""
    yield from table.table(("", f"best of {_START_RUNS}", "memory"), rows)
    yield ""
    yield f"`layerscope --version` takes {table.ratio(found[1].seconds, found[0].seconds)} times as long."


def deleted(path: Path, *, runs: int) -> Iterator[str]:
    """`NAME-deleted.tar`, whose last layer deletes much, beside the `NAME.tar` it grew from."""
    whole = origin(path)
    found = measure([_gate(whole), _gate(path)], runs=runs)
    rows = [
        (name.name, result.failure or table.seconds(result.seconds), table.megabytes(result.peak_bytes))
        for name, result in zip((whole, path), found, strict=True)
    ]
    yield "### Deletions"
    yield ""
    yield from table.table(("", "`--ci`", "memory"), rows)
    yield ""
    yield f"The deletions take {table.ratio(found[1].seconds, found[0].seconds)} times as long."


def origin(path: Path) -> Path:
    """`NAME.tar` of `NAME-deleted.tar`; ValueError for another name."""
    if not path.stem.endswith(_DELETED):
        raise ValueError(f"{path.name} is not called NAME{_DELETED}.tar")
    return path.with_name(path.stem.removesuffix(_DELETED) + path.suffix)


def _gate(path: Path) -> Command:
    return Command(f"layerscope {path.name} --ci", (*first_look(), str(path), "--ci"), codes=(0, 1))


def _growth(sizes: Sequence[int], results: Sequence[Result]) -> str:
    small, large = results
    return (
        f"{sizes[1]:,} entries take {table.ratio(large.seconds, small.seconds)} times the time "
        f"and {table.ratio(large.peak_bytes, small.peak_bytes)} times the memory of {sizes[0]:,}."
    )

"""What the reports of an image cost: each alone, and all together, as ratios of `--json` in the same run."""

from collections.abc import Iterator
from pathlib import Path

from layerscope.report.formats import REPORTS

from benchmarks import table
from benchmarks.image import first_look
from benchmarks.rounds import Command, measure

_COLUMNS = ("", "seconds", "of `--json`", "memory")


def costs(image: Path, folder: Path, *, runs: int) -> Iterator[str]:
    """A table as Markdown: best of the runs, taken in turn."""
    us, name = first_look(), str(image)
    wanted = {form: ("--report", f"{form}={folder / form}") for form in REPORTS if form != "junit"}
    commands = [
        Command("--json", (*us, name, "--json", str(folder / "report.json"))),
        *(Command(form, (*us, name, *options)) for form, options in wanted.items()),
        Command("all of them", (*us, name, *(word for options in wanted.values() for word in options))),
    ]
    results = measure(commands, runs=runs)
    alone = results[0].seconds
    yield f"**{image.name}**"
    yield ""
    rows = [
        (
            command.label,
            table.seconds(result.seconds) if result.seconds is not None else result.failure,
            table.ratio(result.seconds, alone),
            table.megabytes(result.peak_bytes),
        )
        for command, result in zip(commands, results, strict=True)
    ]
    yield from table.table(_COLUMNS, rows)

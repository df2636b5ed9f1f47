"""layerscope beside dive on one image: the gate, the reports, the summary."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from layerscope.formatting import size

from benchmarks import table
from benchmarks.dive import Dive
from benchmarks.rounds import Command, Result, measure

_COLUMNS = (
    "", "layerscope", "dive", "ours / dive", "dive takes",
    "memory", "dive's", "ours / dive", "processor", "dive's",
)  # fmt: skip
GATE = "gate: `--ci`"
_GATE_CODES = (0, 1)
_RESULT = b"Result:"


class Pair(NamedTuple):
    """Two commands with the same task; None where dive has none for it."""

    label: str
    ours: Command
    dive: Command | None


def layerscope() -> tuple[str, ...]:
    """The command under test: the one of this environment."""
    script = Path(sys.executable).with_name("layerscope.exe" if sys.platform == "win32" else "layerscope")
    return (str(script),) if script.exists() else (sys.executable, "-m", "layerscope")


def first_look() -> tuple[str, ...]:
    """The same where the image is not to be known from the run before."""
    return (*layerscope(), "--no-cache")


def pairs(image: Path, dive: Dive, folder: Path) -> list[Pair]:
    """What is measured on an image; reports go to `folder`."""
    us, name = first_look(), str(image)
    reads = dive.path and can_read(image)
    source = f"docker-archive://{image.resolve()}"
    gate = Command("dive --ci", (dive.path, "--ci", source), codes=_GATE_CODES, proof=_RESULT)
    export = Command("dive --json", (dive.path, "--json", str(folder / "dive.json"), source))
    found = [
        Pair(
            GATE, Command("layerscope --ci", (*us, name, "--ci"), codes=_GATE_CODES), gate if reads else None
        ),
        Pair(
            "report: `--json`, dive `--json`",
            Command("layerscope --json", (*us, name, "--json", str(folder / "ours.json"))),
            export if reads else None,
        ),
        Pair(
            "dive's own report: `--dive-json`",
            Command("layerscope --dive-json", (*us, name, "--dive-json", str(folder / "ours-as-dive.json"))),
            export if reads else None,
        ),
        Pair("text summary", Command("layerscope", (*us, name)), None),
        Pair(
            "a second look: `--ci`, from the cache",
            Command("layerscope --ci again", (*layerscope(), name, "--ci"), codes=_GATE_CODES),
            gate if reads else None,
        ),
    ]
    if image.is_file() and shutil.which("cat"):
        stdin = Command("layerscope - --ci", (*us, "-", "--ci"), piped=image, codes=_GATE_CODES)
        found.append(Pair("gate on a pipe: `- --ci`", stdin, None))
    return found


def can_read(image: Path) -> bool:
    """Whether dive can read it: a plain tar; no directory, and nothing packed."""
    if not image.is_file():
        return False
    with image.open("rb") as file:
        return file.read(262)[257:] == b"ustar"


def beside(image: Path, dive: Dive, folder: Path, *, runs: int, timeout: float | None) -> Iterator[str]:
    """Measure an image and give the Markdown: a heading, a line about the image, a table."""
    chosen = pairs(image, dive, folder)
    commands: list[Command] = []
    for pair in chosen:
        # dive's export stands beside two of ours, and is run once a round.
        commands += [command for command in (pair.ours, pair.dive) if command and command not in commands]
    results = dict(zip(commands, measure(commands, runs=runs, timeout=timeout), strict=True))
    yield f"### {image.name}"
    yield ""
    yield _about(image, next(results[pair.ours] for pair in chosen if pair.label == "text summary"))
    yield ""
    yield from table.table(_COLUMNS, [row(pair, results) for pair in chosen])
    yield from remarks(image, dive, results)


def row(pair: Pair, results: dict[Command, Result]) -> Sequence[str]:
    """A row of the table; a failure stands in the place of the time."""
    ours = results[pair.ours]
    dive = results[pair.dive] if pair.dive else Result()
    return (
        pair.label,
        time_or_failure(ours),
        time_or_failure(results[pair.dive]) if pair.dive else "cannot",
        table.ratio(ours.seconds, dive.seconds),
        table.times(ours.seconds, dive.seconds, more_than=dive.more_than),
        table.megabytes(ours.peak_bytes),
        table.megabytes(dive.peak_bytes),
        table.ratio(ours.peak_bytes, dive.peak_bytes),
        table.seconds(ours.cpu_seconds),
        table.seconds(dive.cpu_seconds),
    )


def time_or_failure(result: Result) -> str:
    """The time; in its place that the command was killed or failed."""
    return result.failure.partition(" (")[0] or table.seconds(result.seconds)


def size_of(image: Path) -> int:
    """Bytes of a file, or of all files of a directory."""
    if image.is_file():
        return image.stat().st_size
    return sum(file.stat().st_size for file in image.rglob("*") if file.is_file())


def _about(image: Path, summary: Result) -> str:
    stored = [line.split() for line in summary.output.splitlines() if line.startswith("  stored ")]
    told = f": {' '.join(stored[0][1:])}, uncompressed" if stored else ""
    kind = "file" if image.is_file() else "directory"
    return f"A {kind} of {size(size_of(image))}{told}."


def remarks(image: Path, dive: Dive, results: dict[Command, Result]) -> Iterator[str]:
    """What went wrong, a paragraph each."""
    told = []
    if dive.missing:
        told.append(f"dive was not measured: {dive.missing}.")
    elif not can_read(image):
        told.append("dive cannot read this: it takes plain archives only.")
    for command, result in results.items():
        if result.failures:
            good, bad = len(result.runs), len(result.failures)
            told.append(
                f"{command.label}: {good} good runs and {bad} others, the last: {result.failures[-1]}"
            )
    for remark in told:
        yield ""
        yield remark

"""The report formats by name: what the command line and the explorer can write."""

from collections.abc import Callable
from typing import NamedTuple, TextIO

from ..analysis.analyze import Analysis
from . import dive_json, json_report, text


class Format(NamedTuple):
    """A way to write an analysis."""

    name: str
    about: str
    suffix: str
    """Of a file's name."""
    write: Callable[[Analysis, TextIO], None]


def _write_text(analysis: Analysis, out: TextIO) -> None:
    for line in text.summary(analysis, text.Style()):
        out.write(f"{line}\n")


def _write_entries(analysis: Analysis, out: TextIO) -> None:
    json_report.write(analysis, out, entries=True)


def _write_dive(analysis: Analysis, out: TextIO) -> None:
    dive_json.write(analysis.image, analysis.dive, out)


FORMATS = (
    Format("json", "every figure, layer, step and wasted copy", ".json", json_report.write),
    Format("json with entries", "the same and every file: opens with its tree", ".json", _write_entries),
    Format("text", "the summary", ".txt", _write_text),
    Format("dive-json", "what dive --json writes", ".json", _write_dive),
)

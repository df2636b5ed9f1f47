"""The report formats by name: what the command line and the explorer can write."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TextIO

from ..analysis.analyze import Analysis
from ..gate.rules import Verdict
from . import dive_json, github, json_report, junit, markdown, text


class Write(Protocol):
    """Writes an analysis, and what a gate says of it, if there is one."""

    def __call__(
        self, analysis: Analysis, out: TextIO, found: Sequence[Verdict] = (), origin: str = "", /
    ) -> None:
        """`found` are the verdicts, empty without a gate; `origin` tells where dive's limits are from."""


class Format(NamedTuple):
    """A way to write an analysis."""

    name: str
    about: str
    suffix: str
    """Of a file's name."""
    write: Write
    is_verdict: bool = False
    """Whether it says nothing without a gate."""


def _write_text(analysis: Analysis, out: TextIO, found: Sequence[Verdict] = (), origin: str = "") -> None:
    """The summary, or the gate's table: what is printed without any report."""
    style = text.Style()
    lines = text.verdicts(analysis, style, found, origin=origin) if found else text.summary(analysis, style)
    for line in lines:
        out.write(f"{line}\n")


def _write_json(analysis: Analysis, out: TextIO, _found: Sequence[Verdict] = (), _origin: str = "") -> None:
    json_report.write(analysis, out)


def _write_entries(
    analysis: Analysis, out: TextIO, _found: Sequence[Verdict] = (), _origin: str = ""
) -> None:
    json_report.write(analysis, out, entries=True)


def _write_dive(analysis: Analysis, out: TextIO, _found: Sequence[Verdict] = (), _origin: str = "") -> None:
    dive_json.write(analysis.image, analysis.dive, out)


_JSON = Format("json", "every figure, layer, step and wasted copy", ".json", _write_json)
_ENTRIES = Format(
    "json with entries", "the same and every file: opens with its tree", ".json", _write_entries
)
_TEXT = Format("text", "the summary", ".txt", _write_text)
_DIVE = Format("dive-json", "what dive --json writes", ".json", _write_dive)
_MARKDOWN = Format("markdown", "a comment on a pull request", ".md", markdown.write)
_GITHUB = Format("github", "annotations in GitHub Actions", ".txt", github.write)
_JUNIT = Format("junit", "the rules of the gate as tests", ".xml", junit.write, is_verdict=True)

FORMATS = (_JSON, _ENTRIES, _TEXT, _DIVE, _MARKDOWN)
"""Those of the explorer, which has no gate."""

REPORTS = {one.name: one for one in (_TEXT, _JSON, _DIVE, _MARKDOWN, _GITHUB, _JUNIT)}
"""Those of `--report`, by name."""

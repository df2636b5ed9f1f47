"""The report formats by name: what the command line and the explorer can write.

Each is imported when it is written: a gate must not wait for the page of another.
"""

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple, TextIO

from .subject import Run

Write = Callable[[Run, TextIO], None]


class Format(NamedTuple):
    """A way to write what was measured."""

    name: str
    about: str
    suffix: str
    """Of a file's name."""
    write: Write
    is_verdict: bool = False
    """Whether it says nothing without a gate."""
    holds_many: bool = True
    """Whether several images go into one report; else only the first of a run is in it."""


def _many(module: str) -> Write:
    """What writes a whole run."""
    return lambda run, out: import_module(f"{__package__}.{module}").write(run, out)


def _one(module: str) -> Write:
    """What writes one image and all that is known of it."""
    return lambda run, out: import_module(f"{__package__}.{module}").write(next(run.subjects), out)


def _write_json(run: Run, out: TextIO) -> None:
    from . import json_report

    json_report.write(next(run.subjects).analysis, out)


def _write_entries(run: Run, out: TextIO) -> None:
    from . import json_report

    json_report.write(next(run.subjects).analysis, out, entries=True)


def _write_dive(run: Run, out: TextIO) -> None:
    from . import dive_json

    analysis = next(run.subjects).analysis
    dive_json.write(analysis.image, analysis.dive, out)


_TEXT = Format("text", "the summary", ".txt", _many("text.report"))
_JSON = Format("json", "every figure, layer, step and wasted copy", ".json", _write_json, holds_many=False)
_ENTRIES = Format(
    "json with entries", "the same and every file: opens with its tree", ".json", _write_entries,
    holds_many=False,
)  # fmt: skip
_DIVE = Format("dive-json", "what dive --json writes", ".json", _write_dive, holds_many=False)
_ADVICE = Format("advice", "what to change, why, and what to write", ".txt", _many("text.advice"))
_PACKAGES = Format("packages", "which package brought which bytes", ".txt", _many("text.packages"))
_MARKDOWN = Format("markdown", "a comment on a pull request", ".md", _many("markdown"))
_HTML = Format(
    "html", "a page: layers, treemap, waste, history", ".html", _one("html.document"), holds_many=False
)  # fmt: skip
_SARIF = Format("sarif", "code scanning: GitHub, Azure DevOps, editors", ".sarif", _many("sarif"))
_JUNIT = Format("junit", "the rules of the gate as tests", ".xml", _many("junit"), is_verdict=True)
_GITLAB = Format("gitlab", "code quality of a merge request in GitLab", ".json", _many("gitlab"))
_GITHUB = Format("github", "annotations in GitHub Actions", ".txt", _many("github"))
_METRICS = Format("openmetrics", "figures for Prometheus and GitLab", ".metrics.txt", _many("openmetrics"))
_NCDU = Format("ncdu", "every file of every layer, for ncdu -f", ".ncdu", _one("ncdu"), holds_many=False)
_FOLDED = Format("folded", "stacks for flame graphs", ".folded", _one("folded"), holds_many=False)
_CSV = Format("csv", "every file of every layer, as a table", ".csv", _many("csv_rows"))

FORMATS = (
    _JSON,
    _ENTRIES,
    _TEXT,
    _ADVICE,
    _PACKAGES,
    _DIVE,
    _MARKDOWN,
    _HTML,
    _NCDU,
    _FOLDED,
    _CSV,
    _METRICS,
)
"""Those of the explorer, which has no gate."""

_REPORTS = (
    *(_TEXT, _ADVICE, _PACKAGES, _JSON, _DIVE, _MARKDOWN, _HTML, _SARIF, _JUNIT, _GITLAB, _GITHUB),
    *(_METRICS, _NCDU, _FOLDED, _CSV),
)
REPORTS = {one.name: one for one in _REPORTS}
"""Those of `--report`, by name."""

BY_NAME = {one.name: one for one in (*_REPORTS, *FORMATS)}
"""All of them."""

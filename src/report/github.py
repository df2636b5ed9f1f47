"""Workflow commands, which GitHub Actions shows as annotations, and the summary of its job.

"Workflow commands for GitHub Actions" in GitHub's documentation; the runner's ActionCommand.cs says what is
escaped.
"""

from collections.abc import Iterator, Sequence
from typing import TextIO

from ..analysis.analyze import Analysis
from ..errors import OutputError
from ..formatting import cut, percent, printable, size
from ..gate.rules import Outcome, Verdict
from . import markdown

_LONGEST_NAME = 200


def write(analysis: Analysis, out: TextIO, found: Sequence[Verdict] = (), _origin: str = "") -> None:
    """Write an error for each rule that fails, a warning where only ours would, a notice of the figures.

    GitHub shows ten of a kind in a step: there are fewer rules.
    """
    for line in _commands(analysis, found):
        out.write(f"{line}\n")


def append_summary(path: str, analysis: Analysis, found: Sequence[Verdict] = (), origin: str = "") -> None:
    """Add the Markdown report to the file that GITHUB_STEP_SUMMARY names; OutputError if it cannot be.

    Other steps write there too, so nothing is replaced; a report is far from the 1 MiB that a step may have.
    """
    try:
        with open(path, "a", encoding="utf-8", newline="\n") as out:  # noqa: PTH123 - a name, not a path of ours
            markdown.write(analysis, out, found, origin)
    except OSError as error:
        raise OutputError(
            f"{path}, which GITHUB_STEP_SUMMARY names, cannot be written: {error.strerror or error}"
        ) from error


def _commands(analysis: Analysis, found: Sequence[Verdict]) -> Iterator[str]:
    totals = analysis.totals
    name = cut(printable(analysis.image.reference[: 10 * _LONGEST_NAME]), _LONGEST_NAME, keep_end=True)
    for verdict in found:
        title = f"layerscope: {verdict.rule}"
        if verdict.outcome is Outcome.FAIL:
            limit = f"the limit is {verdict.sign} {verdict.limit}"
            yield _command("error", title, f"{name}: {verdict.measured}, {limit}")
        elif verdict.ours_fails:
            passes = f"{verdict.measured} by dive's figures, which passes"
            fails = f"{verdict.ours} by ours, which would fail {verdict.sign} {verdict.limit}"
            yield _command("warning", title, f"{name}: {passes}; {fails}")
    yield _command(
        "notice",
        "layerscope",
        f"{name}: {percent(totals.efficiency)} efficient, {size(totals.stored)} stored, "
        f"{size(totals.live)} live, {size(totals.wasted)} wasted",
    )


def _command(kind: str, title: str, message: str) -> str:
    return f"::{kind} title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

"""Workflow commands, which GitHub Actions shows as annotations, and the summary of its job.

"Workflow commands for GitHub Actions" in GitHub's documentation; the runner's ActionCommand.cs says what is
escaped.
"""

from collections.abc import Iterator, Sequence
from typing import TextIO

from ..errors import OutputError
from ..formatting import percent, size
from . import markdown
from .alerts.collect import alerts_of_run
from .alerts.maker import UNREADABLE, Alert, Level, shown_name
from .subject import Run, Subject

SHOWN = 10
"""Annotations of a kind that GitHub shows of a step."""

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def write(run: Run, out: TextIO) -> None:
    """Write errors and warnings, then notices of each image's figures and of its waste.

    Of each kind as many as are shown, the largest, the last of which says how many more there are. What is
    accepted is left out.
    """
    alerts = [alert for alert in alerts_of_run(run) if not alert.accepted]
    for level, kind in _COMMANDS.items():
        lines = [_annotation(kind, alert) for alert in alerts if alert.level is level]
        if level is Level.NOTE:
            lines = [*map(_figures, run.subjects), *lines]
        for line in _shown(kind, lines):
            out.write(f"{line}\n")


def append_summary(path: str, run: Run) -> None:
    """Add the Markdown report to the file that GITHUB_STEP_SUMMARY names; OutputError if it cannot be.

    Other steps write there too, so nothing is replaced; a report is far from the 1 MiB that a step may have.
    """
    try:
        with open(path, "a", encoding="utf-8", newline="\n") as out:  # noqa: PTH123 - a name, not a path of ours
            markdown.write(run, out)
    except OSError as error:
        raise OutputError(
            f"{path}, which GITHUB_STEP_SUMMARY names, cannot be written: {error.strerror or error}"
        ) from error


def _shown(kind: str, lines: Sequence[str]) -> Iterator[str]:
    if len(lines) <= SHOWN:
        yield from lines
        return
    yield from lines[: SHOWN - 1]
    more = len(lines) - SHOWN + 1
    yield _command(kind, f"{more:,} more in the summary", title="layerscope")


def _annotation(kind: str, alert: Alert) -> str:
    message = f"{alert.image}: {alert.message}"
    if alert.rule == UNREADABLE:
        return _command(kind, message, title=f"layerscope: {alert.rule}")
    where = {"file": alert.file}
    if alert.line is not None:
        where |= {"line": str(alert.line[0]), "endLine": str(alert.line[1])}
    return _command(kind, message, **where, title=f"layerscope: {alert.rule}")


def _figures(subject: Subject) -> str:
    totals = subject.analysis.totals
    return _command(
        "notice",
        f"{shown_name(subject.analysis.image.reference)}: {percent(totals.efficiency)} efficient, "
        f"{size(totals.stored)} stored, {size(totals.live)} live, {size(totals.wasted)} wasted",
        title="layerscope",
    )


def _command(kind: str, message: str, **properties: str) -> str:
    shown = ",".join(f"{name}={_property(text)}" for name, text in properties.items())
    return f"::{kind} {shown}::{_data(message)}"


def _data(text: str) -> str:
    """On one line; the older `##[command]`, and `##vso[` of Azure Pipelines, count anywhere in a line."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return escaped.replace("##[", r"#\x23[").replace("##vso[", r"#\x23vso[")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

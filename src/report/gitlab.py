"""GitLab's Code Quality report, which a merge request shows as what is new and what is mended.

"Code Quality report format" in GitLab's documentation: a part of what Code Climate once specified.
"""

from typing import Any, TextIO

from .alerts.collect import alerts_of_run
from .alerts.maker import UNREADABLE, Alert, Level
from .json_line import json_rows
from .subject import Run

_SEVERITIES = {Level.ERROR: "major", Level.WARNING: "minor", Level.NOTE: "info"}


def write(run: Run, out: TextIO) -> None:
    """Write a list of issues, one a line, all of it printable ASCII. What is accepted is left out."""
    issues = (_issue(alert) for alert in alerts_of_run(run) if not alert.accepted)
    out.writelines(json_rows(issues, 0))
    out.write("\n")


def _issue(alert: Alert) -> dict[str, Any]:
    return {
        "description": f"{alert.image}: {alert.message}",
        "check_name": alert.rule,
        "fingerprint": alert.fingerprint,
        "severity": "blocker" if alert.rule == UNREADABLE else _SEVERITIES[alert.level],
        "location": {"path": alert.file, "lines": {"begin": alert.line[0] if alert.line else 1}},
    }

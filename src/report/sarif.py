"""SARIF 2.1.0, which code scanning on GitHub, Azure DevOps and editors read.

"SARIF support for code scanning" in GitHub's documentation says which part of the standard is looked at.
"""

from collections.abc import Iterable, Iterator
from typing import Any, TextIO
from urllib.parse import quote

from .. import __version__
from .alerts.collect import alerts_of_run
from .alerts.maker import UNREADABLE, Alert, Level, shown_name
from .alerts.rule_help import help_of, sentence
from .json_line import json_line, json_rows
from .subject import Run

MOST = 5000
"""Results that GitHub shows of a run."""

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def write(run: Run, out: TextIO) -> None:
    """Write a log of one run, a result a line, all of it printable ASCII.

    Images that could not be read are no results but notifications of the tool, and its execution was no
    success. Of more than MOST results the first are written: errors before warnings before notes.
    """
    alerts = alerts_of_run(run)
    results = [alert for alert in alerts if alert.rule != UNREADABLE]
    left_out = max(0, len(results) - MOST)
    results = results[:MOST]
    invocation = {
        "executionSuccessful": len(results) + left_out == len(alerts),
        "toolExecutionNotifications": list(_notifications(alerts, left_out)),
    }
    rules = sorted({alert.rule for alert in results})
    numbers = {rule: number for number, rule in enumerate(rules)}
    has_several = len(run.images) > 1
    has_accepted = any(alert.accepted for alert in results)

    out.write(f'{{\n  "$schema": "{_SCHEMA}",\n  "version": "2.1.0",\n  "runs": [{{\n')
    out.write(
        f'    "tool": {{"driver": {{"name": "layerscope", "semanticVersion": "{__version__}", "rules": '
    )
    out.writelines(json_rows(map(_rule, rules), 4))
    out.write("}},\n")
    out.write(f'    "invocations": [{json_line(invocation)}],\n')
    out.write('    "results": ')
    found = (_result(alert, numbers[alert.rule], has_several, has_accepted) for alert in results)
    out.writelines(json_rows(found, 4))
    out.write("\n  }]\n}\n")


def _notifications(alerts: Iterable[Alert], left_out: int) -> Iterator[dict[str, Any]]:
    for alert in alerts:
        if alert.rule == UNREADABLE:
            yield {"level": alert.level, "message": {"text": f"{alert.image}: {alert.message}"}}
    if left_out:
        text = f"{left_out:,} more results are left out, the least of them: GitHub shows {MOST:,}."
        yield {"level": Level.NOTE, "message": {"text": text}}


def _rule(name: str) -> dict[str, Any]:
    level = Level.NOTE if name.startswith("waste-") else Level.ERROR
    found: dict[str, Any] = {
        "id": name,
        "shortDescription": {"text": sentence(name)},
        "defaultConfiguration": {"level": level},
    }
    if told := help_of(name):
        found["help"] = {"text": told, "markdown": told}
    return found


def _result(alert: Alert, rule: int, has_several: bool, has_accepted: bool) -> dict[str, Any]:
    """`suppressions` is for all results of a run or for none; an empty one says that it is not accepted."""
    first, last = alert.line or (1, 1)
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(alert.file)},
            "region": {"startLine": first, "endLine": last},
        }
    }
    if names := list(_logical(alert)):
        location["logicalLocations"] = names
    found: dict[str, Any] = {
        "ruleId": alert.rule,
        "ruleIndex": rule,
        "level": alert.level,
        "message": {"text": f"{alert.image}: {alert.message}" if has_several else alert.message},
        "locations": [location],
        # The one that GitHub looks at. Without it, the upload takes a hash of the line, which is the same
        # for all results of one rule that point there: they would be one alert.
        "partialFingerprints": {"primaryLocationLineHash": alert.fingerprint},
    }
    if has_accepted:
        accepted = {"kind": "external", "justification": alert.accepted}
        found["suppressions"] = [accepted] if alert.accepted else []
    return found


def _logical(alert: Alert) -> Iterator[dict[str, Any]]:
    """Where in the image it is."""
    if alert.layer is not None:
        yield {"name": f"layer {alert.layer}", "kind": "layer"}
    if alert.path:
        yield {"name": f"/{shown_name(alert.path)}", "kind": "path"}

"""Findings as alerts: what is worth a change, but for the copies that `alert_waste` tells of."""

from collections.abc import Iterator

from ...analysis.findings.copies import SUBJECTS
from ...analysis.findings.finding import Evidence, Finding, Severity
from ...formatting import size
from ..subject import Subject
from ..wording import counted
from .maker import Alert, Level, Maker, shown_name, shown_text

_COPIES = frozenset(subject.id for subject in SUBJECTS)


def of_findings(maker: Maker, subject: Subject) -> Iterator[Alert]:
    """A warning for what endangers, a note for the rest. Accepted is what lies at accepted paths alone."""
    reasons = {id(one.finding): one.entry.reason for one in subject.findings.accepted}
    for finding in subject.analysis.findings:
        if finding.severity is Severity.INFO or finding.id in _COPIES:
            continue
        yield maker.alert(
            shown_text(finding.id),
            Level.WARNING if finding.severity is Severity.HIGH else Level.NOTE,
            _sentence(finding),
            *finding.layers[:1],
            path=finding.evidence[0].path if finding.evidence else b"",
            size=finding.saved,
            accepted=shown_text(reasons.get(id(finding), "")),
        )


def _sentence(finding: Finding) -> str:
    saves = f" ({size(finding.saved)})" if finding.saved else ""
    places = [_place(one) for one in finding.evidence[:1] if one.path or one.what]
    others = len(finding.evidence) - 1 + finding.more
    if places and others > 0:
        places.append(f"and {counted(others, 'other place', 'other places')}")
    where = f": {' '.join(places)}" if places else ""
    return f"{shown_text(finding.title)}{saves}{where}. {shown_text(finding.reason)}"


def _place(one: Evidence) -> str:
    path = f"/{shown_name(one.path)}" if one.path else ""
    return " ".join(part for part in (path, shown_text(one.what)) if part)

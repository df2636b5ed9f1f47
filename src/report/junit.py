"""The gate as JUnit XML, which most pipelines show as tests: a test case is a rule."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import TextIO

from ..formatting import printable
from ..gate.verdicts import Outcome, Verdict
from .steps import step
from .subject import Failure, Run, Subject

_LONGEST_NAME = 1000
"""Characters of a name."""
_EVIDENCE = 20
"""Pieces for each rule."""


def write(run: Run, out: TextIO) -> None:
    """Write a suite for each image, in it a case for each verdict; a disabled rule is a skipped one.

    An image that could not be measured is a suite with an error. Time is 0: the figures are measured once,
    for all rules.
    """
    for line in _lines(run):
        out.write(f"{line}\n")


def _lines(run: Run) -> Iterator[str]:
    verdicts = [verdict for subject in run.subjects for verdict in subject.verdicts]
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f"<testsuites {_counts(verdicts, sum(1 for _ in run.failures))}>"
    for image in run.images:
        yield from _error(image) if isinstance(image, Failure) else _suite(image)
    yield "</testsuites>"


def _counts(found: Sequence[Verdict], errors: int) -> str:
    failures = sum(verdict.outcome is Outcome.FAIL for verdict in found)
    return f'tests="{len(found) + errors}" failures="{failures}" errors="{errors}" time="0"'


def _skipped(found: Sequence[Verdict]) -> str:
    """The schema knows it of a suite, and not of all suites."""
    return f'skipped="{sum(verdict.outcome is Outcome.SKIP for verdict in found)}"'


def _error(image: Failure) -> Iterator[str]:
    yield f'  <testsuite name="{_text(image.reference)}" {_counts((), 1)} {_skipped(())}>'
    yield '    <testcase classname="image" name="readable" time="0">'
    yield f'      <error message="{_text(image.message)}" type="unreadable"/>'
    yield "    </testcase>"
    yield "  </testsuite>"


def _suite(subject: Subject) -> Iterator[str]:
    counts = f"{_counts(subject.verdicts, 0)} {_skipped(subject.verdicts)}"
    yield f'  <testsuite name="{_text(subject.analysis.image.reference)}" {counts}>'
    yield "    <properties>"
    for name, value in _properties(subject):
        yield f'      <property name="{name}" value="{value}"/>'
    yield "    </properties>"
    for verdict in subject.verdicts:
        yield from _case(subject, verdict)
    yield "  </testsuite>"


def _properties(subject: Subject) -> Iterator[tuple[str, str]]:
    image, totals = subject.analysis.image, subject.analysis.totals
    yield from (("tag", _text(tag)) for tag in image.tags[:3])
    yield "platform", _text(image.platform)
    yield "efficiency", repr(totals.efficiency)
    yield "stored_bytes", str(totals.stored)
    yield "live_bytes", str(totals.live)
    yield "wasted_bytes", str(totals.wasted)
    if subject.judgement is not None and subject.judgement.origin:
        yield "limits", _text(subject.judgement.origin)


def _case(subject: Subject, verdict: Verdict) -> Iterator[str]:
    opening = f'    <testcase classname="image.rules" name="{_text(verdict.rule)}" time="0"'
    limit = " ".join(part for part in (verdict.sign, verdict.limit) if part)
    message = _text(f"{verdict.measured}, the limit is {limit}")
    details = [_text(line) for line in _details(subject, verdict)]
    if verdict.outcome is Outcome.PASS:
        yield f"{opening}/>"
        return
    yield f"{opening}>"
    if verdict.outcome is Outcome.SKIP:
        yield f'      <skipped message="{_text(verdict.limit)}"/>'
    elif verdict.outcome is Outcome.WARN:  # JUnit has no word for it: a passed case that says something
        yield "      <system-out>" + "\n".join([f"warning: {message}", *details]) + "</system-out>"
    else:
        opening = f'      <failure message="{message}" type="{_text(verdict.rule)}"'
        yield f"{opening}>" + "\n".join(details) + "</failure>" if details else f"{opening}/>"
    yield "    </testcase>"


def _details(subject: Subject, verdict: Verdict) -> Iterator[str]:
    """Our figure beside dive's, and the evidence, a line each."""
    if verdict.ours:
        yield f"{verdict.ours} by our figures"
    for one in verdict.evidence[:_EVIDENCE]:
        layer = f"layer {one.layer}" if one.layer is not None else ""
        command = step(subject.analysis.layers[one.layer], _LONGEST_NAME) if one.layer is not None else ""
        path = f"/{printable(one.path)}" if one.path else ""
        parts = (path, layer, f"{one.size:,} B" if one.size else "", one.what, "" if path else command)
        yield ", ".join(part for part in parts if part)
    if more := len(verdict.evidence[_EVIDENCE:]) + verdict.more:
        yield f"and {more:,} more"


def _text(text: str) -> str:
    """For an element or an attribute: `printable` leaves no character that XML 1.0 forbids."""
    return escape(printable(text[:_LONGEST_NAME]))

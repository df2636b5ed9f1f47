"""The gate as JUnit XML, which most pipelines show as tests: a test case is a rule."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import TextIO

from ..analysis.analyze import Analysis
from ..formatting import printable
from ..gate.rules import Outcome, Verdict

_LONGEST_NAME = 1000
"""Characters of a name."""


def write(analysis: Analysis, out: TextIO, found: Sequence[Verdict] = (), origin: str = "") -> None:
    """Write a suite with a case for each verdict; a disabled rule is a skipped one.

    Time is 0: the figures are measured once, for all rules. `origin` is a property of the suite, where the
    limits of dive's rules are from.
    """
    for line in _lines(analysis, found, origin):
        out.write(f"{line}\n")


def _lines(analysis: Analysis, found: Sequence[Verdict], origin: str) -> Iterator[str]:
    failures, skipped = (sum(v.outcome is one for v in found) for one in (Outcome.FAIL, Outcome.SKIP))
    counts = f'tests="{len(found)}" failures="{failures}" errors="0" skipped="{skipped}" time="0"'
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f"<testsuites {counts}>"
    yield f'  <testsuite name="{_text(analysis.image.reference)}" {counts}>'
    yield "    <properties>"
    for name, value in _properties(analysis, origin):
        yield f'      <property name="{name}" value="{value}"/>'
    yield "    </properties>"
    for verdict in found:
        yield from _case(verdict)
    yield "  </testsuite>"
    yield "</testsuites>"


def _properties(analysis: Analysis, origin: str) -> Iterator[tuple[str, str]]:
    totals = analysis.totals
    yield from (("tag", _text(tag)) for tag in analysis.image.tags[:3])
    yield "platform", _text(analysis.image.platform)
    yield "efficiency", repr(totals.efficiency)
    yield "stored_bytes", str(totals.stored)
    yield "live_bytes", str(totals.live)
    yield "wasted_bytes", str(totals.wasted)
    if origin:
        yield "limits", _text(origin)


def _case(verdict: Verdict) -> Iterator[str]:
    opening = f'    <testcase classname="image.rules" name="{_text(verdict.rule)}" time="0"'
    if verdict.outcome is Outcome.PASS:
        yield f"{opening}/>"
        return
    yield f"{opening}>"
    if verdict.outcome is Outcome.SKIP:
        yield f'      <skipped message="{_text(verdict.limit)}"/>'
    else:
        message = _text(f"{verdict.measured}, the limit is {verdict.sign} {verdict.limit}")
        opening = f'      <failure message="{message}" type="{_text(verdict.rule)}"'
        yield f"{opening}>{_text(verdict.ours)} by our figures</failure>" if verdict.ours else f"{opening}/>"
    yield "    </testcase>"


def _text(text: str) -> str:
    """For an element or an attribute: `printable` leaves no character that XML 1.0 forbids."""
    return escape(printable(text[:_LONGEST_NAME]))

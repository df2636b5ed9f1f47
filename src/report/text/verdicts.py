"""What the gate says of one image as text: its table, the evidence, and what to change first."""

from collections.abc import Iterator, Sequence

from ...formatting import size
from ...gate.catalogue import EFFICIENCY, WASTED_BYTES, WASTED_PERCENT
from ...gate.verdicts import Evidence, Judgement, Verdict
from ..subject import Subject
from ..wording import counted, or_dash
from .style import Style, command, widest
from .summary import growth_lines, heading, offenders

_KILLERS = 3
_TOLD_BELOW = (EFFICIENCY, WASTED_BYTES, WASTED_PERCENT)
"""Rules whose evidence are the steps that stand under the table."""


def verdicts(subject: Subject, judgement: Judgement, style: Style, rows: int) -> Iterator[str]:
    """The gate's table, and under a failure the steps and the copies that waste most."""
    analysis, found = subject.analysis, judgement.verdicts
    yield from heading(analysis, style)
    yield ""
    if judgement.file:
        yield f"rules: {style.shown(judgement.file)}"
        yield ""
    if any(verdict.ours for verdict in found):
        yield f"dive's rules, judged by dive's figures; limits: {style.shown(judgement.origin)}"
        yield ""
    yield from _table(subject, found, style, rows)
    if differing := [verdict.rule for verdict in found if verdict.ours_fails]:
        yield ""
        yield f"By ours these would fail: {', '.join(differing)}"
        yield "  dive counts less: nothing, for one, of a directory that is removed later"
    yield ""
    yield judgement.counted()
    if judgement.is_closed and analysis.totals.wasted:
        yield ""
        yield from _killers(subject, style)
        yield ""
        yield from offenders(analysis, style, rows)
    if subject.growth is not None:
        yield ""
        yield from growth_lines(subject, subject.growth, style)


def _table(subject: Subject, found: Sequence[Verdict], style: Style, rows: int) -> Iterator[str]:
    """Rules, figures and limits; with rules of dive their figures have a column, and ours another."""
    is_dives = any(verdict.ours for verdict in found)
    width = max(18, widest(verdict.rule for verdict in found))
    room = max(10, widest(verdict.measured for verdict in found))
    head = f"{'dive':>{room}}  {'ours':>{room}}" if is_dives else f"{'measured':>{room}}"
    yield f"{'':4}  {'rule':<{width}}  {head}  limit"
    for verdict in found:
        sign = style.glyph(verdict.sign, {"≥": ">=", "≤": "<="}.get(verdict.sign, ""))
        limit = f"{sign} {verdict.limit}".lstrip()
        figures = f"{style.shown(verdict.measured):>{room}}"
        if is_dives:
            figures = f"{figures}  {verdict.ours:>{room}}" if verdict.ours else f"{'':{room}}  {figures}"
        yield f"{verdict.outcome.upper():4}  {verdict.rule:<{width}}  {figures}  {style.shown(limit)}"
        if verdict.rule in _TOLD_BELOW:
            continue
        for one in verdict.evidence[:rows]:
            yield f"      {_evidence(subject, one, style)}"
        if more := len(verdict.evidence[rows:]) + verdict.more:
            yield f"      and {counted(more, 'other', 'others')}"


def _evidence(subject: Subject, one: Evidence, style: Style) -> str:
    parts = [f"{or_dash(one.size):>8}"] if one.path or one.layer is not None else []
    if one.layer is not None:
        parts.append(f"layer {one.layer:<3}")
    if one.path:
        parts.append("/" + style.shown(one.path))
    parts.append(style.shown(one.what))
    if one.layer is not None and not one.path:
        parts.append(f"by {command(subject, one.layer, style)}")
    return "  ".join(parts)


def _killers(subject: Subject, style: Style) -> Iterator[str]:
    """The few steps to change first."""
    killed = enumerate(subject.analysis.killed_bytes)
    worst = sorted(killed, key=lambda pair: -pair[1])[:_KILLERS]
    yield "Steps that put most out of reach"
    yield f"  {'bytes':>8}  layer  command"
    for layer, buried in worst:
        if buried:
            yield f"  {size(buried):>8}  {layer:>5}  {command(subject, layer, style)}"

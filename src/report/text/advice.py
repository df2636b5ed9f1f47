"""What to change in an image as text: a table of the findings, and each of them whole."""

from collections.abc import Iterator
from typing import TextIO

from ...analysis.findings.finding import Evidence, Finding, Severity
from ...analysis.findings.outline import outline
from ...analysis.findings.what_if import WhatIf, what_if
from ...formatting import size
from ..subject import Run, Subject
from ..wording import counted, or_dash
from .style import Style, command, widest

_EVIDENCE = 5


def write(run: Run, out: TextIO) -> None:
    """Write every finding that is taken with its evidence, its reason and its fix, 100 columns wide."""
    style = Style()
    for subject in run.subjects:
        for line in style.fit(_whole(subject, run.taken, style)):
            out.write(f"{line}\n")


def table(subject: Subject, style: Style, rows: int) -> Iterator[str]:
    """The findings that are worth a change, the largest first, a line each; all that endanger are there."""
    found, accepted = subject.findings
    worth = outline(found).worth
    grave = [one for one in worth[rows:] if one.severity is Severity.HIGH][:rows]
    shown = [*worth[: rows - len(grave)], *grave]
    rest = len(found) - len(shown)
    yield "What to change"
    if shown:
        width = widest(one.title for one in shown)
        yield f"  {'saves':>8}  {'what':<{width}}  step"
        for one in shown:
            step = f"{one.layers[0]:>3} {command(subject, one.layers[0], style)}" if one.layers else ""
            yield f"  {or_dash(one.saved):>8}  {style.shown(one.title):<{width}}  {step}"
    if rest:
        yield f"  {'':>8}  and {counted(rest, 'smaller thing', 'smaller things')}"
    if accepted:
        yield f"  {'':>8}  and {counted(len(accepted), 'accepted one', 'accepted ones')}"
    yield "  how: --report advice"


def _whole(subject: Subject, taken: frozenset[str], style: Style) -> Iterator[str]:
    analysis = subject.analysis
    yield style.shown(analysis.image.reference)
    there, accepted = subject.findings
    found = [one for one in there if not taken or one.id in taken]
    if found:
        after = what_if(analysis, found)
        part = f" by {len(found):,} of {counted(len(there), 'finding', 'findings')}" if taken else ""
        left = size(after.left)
        yield f"{size(after.saved)} of {size(after.stored)} can go{part}, which leaves {left}"
        if analysis.layers:
            yield from _layers(subject, after, style)
    else:
        yield "none of these findings is there" if taken and there else "nothing to change"
    for finding in found:
        yield ""
        yield from _finding(subject, finding, style)
    if accepted:
        yield ""
        yield "Accepted"
    for one in accepted:
        yield f"  {or_dash(one.finding.saved):>8}  {_kind(one.finding, style)}"
        yield f"  {'':>8}  {style.shown(one.entry.because)}"


def _layers(subject: Subject, after: WhatIf, style: Style) -> Iterator[str]:
    """What each layer stores, what of it is live, and what becomes of it with the advice taken."""
    yield ""
    yield f"  {'#':>3}  {'stored':>8}  {'live':>8}  {'after':>8}  command"
    for layer, left in zip(subject.analysis.layers, after.after, strict=True):
        stored, live = size(layer.figures.stored), size(layer.figures.live)
        lead = f"  {layer.index:>3}  {stored:>8}  {live:>8}  {size(left):>8}  "
        yield lead + command(subject, layer.index, style)


def _finding(subject: Subject, finding: Finding, style: Style) -> Iterator[str]:
    saves = f"saves {size(finding.saved)}" if finding.saved else "saves no bytes"
    yield f"{_kind(finding, style)}: {saves}"
    for sentence in finding.reason.split(". "):
        yield f"  {style.shown(sentence.rstrip('.'))}."
    for layer in finding.layers[:1]:
        yield f"  layer {layer}: {command(subject, layer, style)}"
    for one in finding.evidence[:_EVIDENCE]:
        yield f"  {_evidence(one, style)}"
    if more := len(finding.evidence[_EVIDENCE:]) + finding.more:
        yield f"  {'':>8}  and {counted(more, 'other place', 'other places')}"
    yield "  instead:"
    for line in finding.fix.split("\n"):
        yield f"    {style.shown(line)}"


def _kind(finding: Finding, style: Style) -> str:
    return f"{style.shown(finding.title)} ({finding.severity.name.lower()}, {style.shown(finding.id)})"


def _evidence(one: Evidence, style: Style) -> str:
    where = "/" + style.shown(one.path) if one.path else ""
    files = f"{counted(one.files, 'file', 'files')} below" if one.files > 1 else ""
    layer = f"layer {one.layer}" if one.layer is not None else ""
    parts = (f"{or_dash(one.size):>8}", where, files, layer, style.shown(one.what))
    return "  ".join(part for part in parts if part)

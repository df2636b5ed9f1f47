"""The Markdown report: a comment on a pull request or the summary of a job, as GitHub and GitLab show them.

The first line is a hidden marker, by which a script finds its comment of last time to write over it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import islice
from typing import TextIO

from ..analysis.analyze import Analysis
from ..analysis.findings.finding import Finding
from ..analysis.findings.outline import outline
from ..analysis.growth import Growth
from ..analysis.model import WasteRow
from ..analysis.sharing import share
from ..formatting import percent, printable, signed, size
from ..gate.verdicts import Judgement, Outcome, Verdict
from .growing import largest_places, largest_steps
from .json_report import change_names
from .steps import NO_HISTORY, step
from .subject import Failure, Run, Subject
from .wording import LOOKED_AT, counted, or_dash, short

MARKER = "<!-- layerscope -->"
LONGEST = 65_536
"""Characters that a comment on GitHub may have."""

# What is never longer than LONGEST takes: a heading and a gate of a few thousand characters, and these.
_LAYERS_ROOM = 18_000
_WASTE_ROOM = 18_000
_FINDINGS_ROOM = 10_000
_GROWTH_ROOM = 4_000
_EVIDENCE_ROOM = 4_000
_IMAGES = 20
"""Each has its part of the room."""
_STEPS = 5
_EVIDENCE = 5
"""Pieces of each rule."""
_WASTE_ROWS = 50
_LONGEST_NAME = 120
_LONGEST_COMMAND = 80
_TAGS = 3

_ACTIVE = re.compile(r"[!-*:-@\[-`{-~]|(?<=www)\.")
"""ASCII punctuation but `+ , - . /`, and the dot that makes a link of `www.`."""
_PLAIN = re.compile(r"[\w .,'+%()≥≤-]*")
"""What is shown without a frame."""


def write(run: Run, out: TextIO) -> None:
    """Write the report, at most LONGEST characters of it; a line says what is left out."""
    for line in _lines(run):
        out.write(f"{line}\n")


def literal(raw: bytes | str, width: int = _LONGEST_NAME, *, keep_end: bool = False) -> str:
    """A text of an image that is shown as it is, at most `width` columns of it.

    What might be Markdown or HTML is written as entities, which neither reads. The `<code>` around it keeps
    `@name` and `#1`, which are looked for after both, from calling people and linking issues.
    """
    text = short(raw, width, keep_end=keep_end)
    return f"<code>{_ACTIVE.sub(lambda match: f'&#{ord(match[0])};', text)}</code>"


def _lines(run: Run) -> Iterator[str]:
    subjects, failures = list(run.subjects), list(run.failures)
    yield MARKER
    if len(run.images) == 1 and subjects:
        yield from _image(subjects[0], 1)
        return
    yield f"### layerscope: {run.counted() if run.is_judged else counted(len(run.images), 'image', 'images')}"
    yield ""
    yield from _images(subjects, failures)
    yield from _left_out(
        len(run.images) - len(subjects[:_IMAGES]) - len(failures[:_IMAGES]), "image", "images"
    )
    for subject in subjects[:_IMAGES]:
        yield ""
        yield from _image(subject, len(subjects))


def _image(subject: Subject, count: int) -> Iterator[str]:
    """One of `count` images: what there is of it, in its part of the room."""
    analysis = subject.analysis
    image, totals = analysis.image, analysis.totals
    judgement = subject.judgement
    told = judgement.counted() if judgement is not None else f"{percent(totals.efficiency)} efficient"
    if count == 1:
        yield f"### layerscope: {told}"
        yield ""
    else:
        yield f"#### {literal(image.reference, keep_end=True)}: {told}"
        yield ""
    yield " ".join(literal(part) for part in (image.reference, *image.tags[:_TAGS], image.platform) if part)
    yield ""
    if judgement is not None:
        yield from _gate(judgement, subject, _EVIDENCE_ROOM // count)
    yield from _figures(analysis)
    if subject.growth is not None:
        yield ""
        yield from _growth(subject, subject.growth, _GROWTH_ROOM // count)
    if analysis.findings:
        yield ""
        yield from _findings(subject, _FINDINGS_ROOM // count)
    if analysis.layers:
        yield ""
        yield from _layers(subject, _LAYERS_ROOM // count)
    if totals.wasted:
        yield ""
        yield from _waste(subject, _WASTE_ROOM // count)


def _images(subjects: Sequence[Subject], failures: Sequence[Failure]) -> Iterator[str]:
    yield "| | image | efficiency | stored | wasted | shared |"
    yield "|---|---|---:|---:|---:|---:|"
    shared = share([subject.analysis for subject in subjects]).shared
    for subject, common in islice(zip(subjects, shared, strict=True), _IMAGES):
        totals = subject.analysis.totals
        judgement = subject.judgement
        outcome = "" if judgement is None else "**FAIL**" if judgement.is_closed else "PASS"
        name = literal(subject.analysis.image.reference, keep_end=True)
        figures = (percent(totals.efficiency), size(totals.stored), or_dash(totals.wasted), or_dash(common))
        yield table_row(outcome, name, *figures)
    for failure in failures[:_IMAGES]:
        yield table_row(
            "**ERROR**", literal(failure.reference, keep_end=True), literal(failure.message), "", "", ""
        )


def _gate(judgement: Judgement, subject: Subject, room: int) -> Iterator[str]:
    found = judgement.verdicts
    is_dives = any(verdict.ours for verdict in found)
    if is_dives:
        yield f"dive's rules, judged by dive's figures; limits: {literal(judgement.origin)}"
        yield ""
    yield f"| | rule | {'dive | ours' if is_dives else 'measured'} | limit |"
    yield f"|---|---|{'---:|' * (1 + is_dives)}---:|"
    for verdict in found:
        outcome = verdict.outcome.upper()
        shown = f"**{outcome}**" if verdict.outcome in (Outcome.FAIL, Outcome.WARN) else outcome
        measured, limit = _cell(verdict.measured), _cell(f"{verdict.sign} {verdict.limit}".lstrip())
        figures = [measured]
        if is_dives:
            figures = [measured, verdict.ours] if verdict.ours else ["", measured]
        yield table_row(shown, verdict.rule, *figures, limit)
    if differing := [verdict.rule for verdict in found if verdict.ours_fails]:
        yield ""
        yield f"By ours these would fail: {', '.join(differing)}."
    yield ""
    yield from _evidence(found, subject, room)


def _evidence(found: Sequence[Verdict], subject: Subject, room: int) -> Iterator[str]:
    """What breaks rules, as far as it is about single things."""
    pieces = [(verdict, one) for verdict in found for one in verdict.evidence[:_EVIDENCE]]
    if not pieces:
        return
    yield "| rule | bytes | what | where |"
    yield "|---|---:|---|---|"
    rows = []
    for verdict, one in pieces:
        where = literal(b"/" + one.path, keep_end=True) if one.path else ""
        step = f"{one.layer} {_step(subject, one.layer)}" if one.layer is not None else ""
        what = literal(one.what) if one.layer is None and not one.path else _cell(one.what)
        rows.append(
            table_row(verdict.rule, or_dash(one.size), what, " ".join(part for part in (where, step) if part))
        )
    shown = fitting(rows, room)
    yield from shown
    more = sum(len(verdict.evidence) + verdict.more for verdict in found) - len(shown)
    if more:
        yield ""
        yield f"And {more:,} more."
    yield ""


def _growth(subject: Subject, growth: Growth, room: int) -> Iterator[str]:
    """Against the baseline: the figures, the steps that grew and the directories that made it."""
    compressed = f", {signed(growth.compressed)} compressed" if growth.compressed is not None else ""
    yield (
        f"Against {literal(growth.reference, keep_end=True)}: {signed(growth.stored)} stored, "
        f"{signed(growth.wasted)} wasted{compressed}."
    )
    grown = largest_steps(growth, _STEPS)
    places = largest_places(growth, _STEPS)
    if grown or places:
        yield ""
        yield "| growth | where |"
        yield "|---:|---|"
        rows = [
            *(
                table_row(signed(one.stored), f"{one.after} {_step(subject, one.after or 0)}")
                for one in grown
            ),
            *(table_row(signed(one.growth), literal(b"/" + one.path, keep_end=True)) for one in places),
        ]
        yield from fitting(rows, room)


def _cell(text: str) -> str:
    """What we say ourselves, as it is; framed if there is a word of somebody else in it."""
    return text if _PLAIN.fullmatch(text) else literal(text)


def _figures(analysis: Analysis) -> Iterator[str]:
    totals = analysis.totals
    names = ["efficiency", "stored", "live", "wasted"]
    figures = [percent(totals.efficiency), size(totals.stored), size(totals.live), size(totals.wasted)]
    if analysis.compressed_bytes is not None:
        names.append("compressed")
        figures.append(size(analysis.compressed_bytes))
    yield table_row(*names)
    yield "|" + "---:|" * len(names)
    yield table_row(*figures)


def _findings(subject: Subject, room: int) -> Iterator[str]:
    """What to change, the largest first, and below it how."""
    sorted_out = subject.findings
    advice = outline(sorted_out.left)
    found = advice.worth
    if not found:
        return
    yield from _opened(
        f"What to change: {size(advice.saved)} of {size(subject.analysis.totals.stored)} can go"
    )
    yield "| saves | what | step |"
    yield "|---:|---|---|"
    rows = fitting((_finding(subject, one) for one in found), room // 2)
    yield from rows
    yield from _left_out(len(found) - len(rows), "finding", "findings")
    if sorted_out.accepted:
        yield ""
        yield f"{counted(len(sorted_out.accepted), 'other is', 'others are')} accepted."
    for block in fitting(map(_fix, found[: len(rows)]), room // 2):
        yield ""
        yield block
    yield from _CLOSED


def _finding(subject: Subject, finding: Finding) -> str:
    step = f"{finding.layers[0]} {_step(subject, finding.layers[0])}" if finding.layers else ""
    return table_row(or_dash(finding.saved), _cell(printable(finding.title)), step)


def _fix(finding: Finding) -> str:
    """Title, reason and fix on one line of Markdown: what may be a command of the image begins no line."""
    lines = (escape(printable(line)) for line in finding.fix[:LOOKED_AT].split("\n"))
    told = f"<b>{escape(printable(finding.title))}</b>: {escape(printable(finding.reason))}"
    return f"<p>{told}</p><pre>{'&#10;'.join(lines)}</pre>"


def _layers(subject: Subject, room: int) -> Iterator[str]:
    analysis = subject.analysis
    count = len(analysis.layers)
    yield from _opened(counted(count, "layer", "layers"))
    yield "| # | stored | wasted | puts out of reach | command |"
    yield "|---:|---:|---:|---:|---|"
    rows = (
        table_row(
            str(one.index),
            size(one.figures.stored),
            or_dash(one.figures.wasted),
            or_dash(killed),
            _step(subject, one.index),
        )
        for one, killed in zip(analysis.layers, analysis.killed_bytes, strict=True)
    )
    shown = fitting(rows, room)
    yield from shown
    yield from _left_out(count - len(shown), "layer", "layers")
    yield from _CLOSED


def _waste(subject: Subject, room: int) -> Iterator[str]:
    """The largest wasted copies, each with the step that wrote it and the one that put it out of reach."""
    analysis = subject.analysis
    yield from _opened(f"{size(analysis.totals.wasted)} wasted: the largest of {analysis.copies:,}")
    yield "| bytes | kind | path | written by | out of reach by |"
    yield "|---:|---|---|---|---|"
    shown = fitting((_copy(subject, row) for row in analysis.largest_waste(_WASTE_ROWS)), room)
    yield from shown
    yield from _left_out(analysis.copies - len(shown), "smaller copy", "smaller copies")
    yield from _CLOSED


def _copy(subject: Subject, row: WasteRow) -> str:
    steps = (f"{index} {_step(subject, index)}" for index in (row.layer, row.killed_by))
    kind = f"{row.kind} ({', '.join(change_names(row.changed))})" if row.changed else str(row.kind)
    return table_row(size(row.size), kind, literal(b"/" + row.path, keep_end=True), *steps)


def _step(subject: Subject, layer: int) -> str:
    """The command of a layer, and its line if there is a Dockerfile."""
    command = step(subject.analysis.layers[layer], _LONGEST_COMMAND)
    shown = command if command == NO_HISTORY else literal(command)
    line = subject.lines.line(layer) if subject.lines is not None else None
    return f"{shown} (line {line})" if line is not None else shown


def _opened(summary: str) -> tuple[str, ...]:
    """The beginning of what is folded; Markdown needs the empty line."""
    return "<details>", f"<summary>{escape(summary)}</summary>", ""


_CLOSED = ("", "</details>")


def fitting(rows: Iterable[str], room: int) -> list[str]:
    """The first rows that have so many characters together."""
    found = []
    for row in rows:
        room -= len(row) + 1
        if room < 0:
            break
        found.append(row)
    return found


def _left_out(count: int, one: str, many: str) -> Iterator[str]:
    if count:
        yield ""
        yield f"{counted(count, one, many)} left out, so that this fits a comment of {LONGEST:,} characters."


def table_row(*cells: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"

"""The Markdown report: a comment on a pull request or the summary of a job, as GitHub and GitLab show them.

The first line is a hidden marker, by which a script finds its comment of last time to write over it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TextIO

from ..analysis.analyze import Analysis
from ..analysis.model import LayerFigures, WasteRow
from ..formatting import cut, percent, printable, size
from ..gate.rules import Outcome, Verdict, failed
from .json_report import change_names

MARKER = "<!-- layerscope -->"
LONGEST = 65_536
"""Characters that a comment on GitHub may have."""

# What is never longer than LONGEST takes: a heading and a gate of a few thousand characters, and these.
_LAYERS_ROOM = 26_000
_WASTE_ROOM = 26_000
_WASTE_ROWS = 50
_LONGEST_NAME = 120
_LONGEST_COMMAND = 80
_LOOKED_AT = 4000
"""Characters of a text that are looked at: a history may hold megabytes."""
_TAGS = 3

_ACTIVE = re.compile(r"[!-*:-@\[-`{-~]|(?<=www)\.")
"""ASCII punctuation but `+ , - . /`, and the dot that makes a link of `www.`."""


def write(analysis: Analysis, out: TextIO, found: Sequence[Verdict] = (), origin: str = "") -> None:
    """Write the report, at most LONGEST characters of it; a line says what is left out.

    `found` is what the gate says, empty without one; `origin` where the limits of dive's rules are from.
    """
    for line in _lines(analysis, found, origin):
        out.write(f"{line}\n")


def literal(raw: bytes | str, width: int = _LONGEST_NAME, *, keep_end: bool = False) -> str:
    """A text of an image that is shown as it is, at most `width` columns of it.

    What might be Markdown or HTML is written as entities, which neither reads. The `<code>` around it keeps
    `@name` and `#1`, which are looked for after both, from calling people and linking issues.
    """
    text = cut(printable(raw[:_LOOKED_AT]), width, keep_end=keep_end)
    return f"<code>{_ACTIVE.sub(lambda match: f'&#{ord(match[0])};', text)}</code>"


def verdict_line(found: Sequence[Verdict]) -> str:
    """`FAIL: 1 passed, 1 failed, 1 skipped`."""
    passed, broken, skipped = (sum(v.outcome is outcome for v in found) for outcome in Outcome)
    return f"{'FAIL' if failed(found) else 'PASS'}: {passed} passed, {broken} failed, {skipped} skipped"


def _lines(analysis: Analysis, found: Sequence[Verdict], origin: str) -> Iterator[str]:
    image, totals = analysis.image, analysis.totals
    yield MARKER
    yield f"### layerscope: {verdict_line(found) if found else percent(totals.efficiency) + ' efficient'}"
    yield ""
    yield " ".join(literal(part) for part in (image.reference, *image.tags[:_TAGS], image.platform) if part)
    yield ""
    if found:
        yield from _gate(found, origin)
    yield from _figures(analysis)
    if analysis.layers:
        yield ""
        yield from _layers(analysis)
    if totals.wasted:
        yield ""
        yield from _waste(analysis)


def _gate(found: Sequence[Verdict], origin: str) -> Iterator[str]:
    is_dives = any(verdict.ours for verdict in found)
    if is_dives:
        yield f"dive's rules, judged by dive's figures; limits: {literal(origin)}"
        yield ""
    yield f"| | rule | {'dive | ours' if is_dives else 'measured'} | limit |"
    yield f"|---|---|{'---:|' * (1 + is_dives)}---:|"
    for verdict in found:
        outcome = verdict.outcome.upper()
        shown = f"**{outcome}**" if verdict.outcome is Outcome.FAIL else outcome
        figures = [verdict.measured]
        if is_dives:
            figures = [verdict.measured, verdict.ours] if verdict.ours else ["", verdict.measured]
        yield _row(shown, verdict.rule, *figures, f"{verdict.sign} {verdict.limit}".lstrip())
    if differing := [verdict.rule for verdict in found if verdict.ours_fails]:
        yield ""
        yield f"By ours these would fail: {', '.join(differing)}."
    yield ""


def _figures(analysis: Analysis) -> Iterator[str]:
    totals = analysis.totals
    names = ["efficiency", "stored", "live", "wasted"]
    figures = [percent(totals.efficiency), size(totals.stored), size(totals.live), size(totals.wasted)]
    if analysis.compressed_bytes is not None:
        names.append("compressed")
        figures.append(size(analysis.compressed_bytes))
    yield _row(*names)
    yield "|" + "---:|" * len(names)
    yield _row(*figures)


def _layers(analysis: Analysis) -> Iterator[str]:
    count = len(analysis.layers)
    yield from _opened(f"{count:,} {'layer' if count == 1 else 'layers'}")
    yield "| # | stored | wasted | puts out of reach | command |"
    yield "|---:|---:|---:|---:|---|"
    rows = (
        _row(
            str(one.index),
            size(one.figures.stored),
            _or_dash(one.figures.wasted),
            _or_dash(killed),
            _step(one),
        )
        for one, killed in zip(analysis.layers, analysis.killed_bytes, strict=True)
    )
    fitting = _fitting(rows, _LAYERS_ROOM)
    yield from fitting
    yield from _left_out(count - len(fitting), "layer", "layers")
    yield from _CLOSED


def _waste(analysis: Analysis) -> Iterator[str]:
    """The largest wasted copies, each with the step that wrote it and the one that put it out of reach."""
    yield from _opened(f"{size(analysis.totals.wasted)} wasted: the largest of {analysis.copies:,}")
    yield "| bytes | kind | path | written by | out of reach by |"
    yield "|---:|---|---|---|---|"
    fitting = _fitting((_copy(analysis, row) for row in analysis.largest_waste(_WASTE_ROWS)), _WASTE_ROOM)
    yield from fitting
    yield from _left_out(analysis.copies - len(fitting), "smaller copy", "smaller copies")
    yield from _CLOSED


def _copy(analysis: Analysis, row: WasteRow) -> str:
    steps = (f"{index} {_step(analysis.layers[index])}" for index in (row.layer, row.killed_by))
    kind = f"{row.kind} ({', '.join(change_names(row.changed))})" if row.changed else str(row.kind)
    return _row(size(row.size), kind, literal(b"/" + row.path, keep_end=True), *steps)


def _step(layer: LayerFigures) -> str:
    command = " ".join(layer.command[:_LOOKED_AT].split())
    return literal(command, _LONGEST_COMMAND) if command else "(no history)"


def _opened(summary: str) -> tuple[str, ...]:
    """The beginning of what is folded; Markdown needs the empty line."""
    return "<details>", f"<summary>{escape(summary)}</summary>", ""


_CLOSED = ("", "</details>")


def _fitting(rows: Iterable[str], room: int) -> list[str]:
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
        what = one if count == 1 else many
        yield f"{count:,} {what} left out, so that this fits a comment of {LONGEST:,} characters."


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _or_dash(count: int) -> str:
    return size(count) if count else "-"

"""The text summary and the gate's table: plain lines, no terminal control, any width from 40 columns up."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..analysis.analyze import Analysis
from ..analysis.explain import KIND_REASONS
from ..analysis.model import LayerFigures, WasteRow
from ..formatting import columns, cut, percent, printable, size
from ..gate.rules import Outcome, Verdict, failed
from .json_report import change_names

_EIGHTHS = " ▏▎▍▌▋▊▉"
_LONGEST_COMMAND = 4000
"""Characters of a command that are looked at: more than any line holds, and a history may hold megabytes."""
_KILLERS = 3


class Style(NamedTuple):
    """What the place of the text can show."""

    width: int = 100
    ascii_only: bool = False

    def shown(self, raw: bytes | str) -> str:
        """A name or a text of the image, safe to show."""
        text = raw.replace("…", "...") if self.ascii_only and isinstance(raw, str) else raw
        return printable(text, ascii_only=self.ascii_only)

    def cut(self, text: str, width: int, *, keep_end: bool = False) -> str:
        """At most `width` columns of it."""
        return cut(text, width, keep_end=keep_end, ellipsis=self.glyph("…", "..."))

    def fit(self, lines: Iterable[str]) -> Iterator[str]:
        """The lines, none of them wider than the place."""
        return (self.cut(line, self.width).rstrip() for line in lines)

    def glyph(self, good: str, plain: str) -> str:
        """One of two ways to draw a thing."""
        return plain if self.ascii_only else good


def summary(analysis: Analysis, style: Style, *, rows: int = 10) -> Iterator[str]:
    """The figures, a table of the layers and the largest wasted copies."""
    return style.fit(_summary(analysis, style, rows))


def verdicts(
    analysis: Analysis, style: Style, found: Sequence[Verdict], *, origin: str = "", rows: int = 10
) -> Iterator[str]:
    """The gate's table, and under a failure the steps and the copies that waste most.

    `origin` tells where the limits of dive's rules are from, if there are any among the verdicts.
    """
    return style.fit(_verdicts(analysis, style, found, origin, rows))


def _summary(analysis: Analysis, style: Style, rows: int) -> Iterator[str]:
    yield from _heading(analysis, style)
    yield ""
    yield from _figures(analysis)
    if analysis.layers:
        yield ""
        yield from _layers(analysis, style)
    if analysis.totals.wasted:
        yield ""
        yield from _offenders(analysis, style, rows)


def _verdicts(
    analysis: Analysis, style: Style, found: Sequence[Verdict], origin: str, rows: int
) -> Iterator[str]:
    yield from _heading(analysis, style)
    yield ""
    if any(verdict.ours for verdict in found):
        yield f"dive's rules, judged by dive's figures; limits: {style.shown(origin)}"
        yield ""
    yield from _table(found, style)
    if differing := [verdict.rule for verdict in found if verdict.ours_fails]:
        yield ""
        yield f"By ours these would fail: {', '.join(differing)}"
        yield "  dive counts less: nothing, for one, of a directory that is removed later"
    yield ""
    passed, broken, skipped = (sum(v.outcome is outcome for v in found) for outcome in Outcome)
    closed = failed(found)
    yield f"{'FAIL' if closed else 'PASS'}: {passed} passed, {broken} failed, {skipped} skipped"
    if closed and analysis.totals.wasted:
        yield ""
        yield from _killers(analysis, style)
        yield ""
        yield from _offenders(analysis, style, rows)


def _table(found: Sequence[Verdict], style: Style) -> Iterator[str]:
    """Rules, figures and limits; with rules of dive their figures have a column, and ours another."""
    is_dives = any(verdict.ours for verdict in found)
    width = max(18, _widest(verdict.rule for verdict in found))
    figures = f"{'dive':>10}  {'ours':>10}" if is_dives else f"{'measured':>10}"
    yield f"{'':4}  {'rule':<{width}}  {figures}  limit"
    for verdict in found:
        sign = style.glyph(verdict.sign, {"≥": ">=", "≤": "<="}.get(verdict.sign, ""))
        limit = f"{sign} {verdict.limit}".lstrip()
        figures = f"{verdict.measured:>10}"
        if is_dives:
            figures = f"{figures}  {verdict.ours:>10}" if verdict.ours else f"{'':10}  {figures}"
        yield f"{verdict.outcome.upper():4}  {verdict.rule:<{width}}  {figures}  {limit}"


def _heading(analysis: Analysis, style: Style) -> Iterator[str]:
    """What was measured, in as few lines as it fits."""
    image = analysis.image
    line = ""
    for part in [image.reference, *image.tags[:3], image.platform]:
        shown = style.cut(style.shown(part[:_LONGEST_COMMAND]), style.width, keep_end=True)
        if line and columns(line) + 2 + columns(shown) > style.width:
            yield line
            line = ""
        line += f"  {shown}" if line and shown else shown
    yield line


def _figures(analysis: Analysis) -> Iterator[str]:
    totals, user = analysis.totals, analysis.user
    yield _figure("efficiency", percent(totals.efficiency), "live of stored bytes")
    yield _figure("stored", size(totals.stored), f"in {_count(len(analysis.layers), 'layer', 'layers')}")
    yield _figure("live", size(totals.live), "what a container can see")
    copies = f"in {_count(analysis.copies, 'copy', 'copies')}"
    yield _figure("wasted", size(totals.wasted), copies if totals.wasted else "nothing")
    for kind, wasted in sorted(analysis.waste_by_kind.items(), key=lambda item: -item[1]):
        if wasted:
            yield _figure(f"  {kind}", size(wasted), KIND_REASONS[kind])
    if analysis.compressed_bytes is not None:
        yield _figure("compressed", size(analysis.compressed_bytes), "as stored or pulled")
    if analysis.duplicate_bytes:
        yield _figure("duplicates", size(analysis.duplicate_bytes), "same content at several live paths")
    if len(analysis.layers) > 1:
        above = f"above the first layer, {size(user.wasted)} of it wasted"
        yield _figure("above base", size(user.stored), above)


def _figure(name: str, value: str, note: str) -> str:
    return f"  {name:<19}  {value:>8}  {note}"


def _layers(analysis: Analysis, style: Style) -> Iterator[str]:
    largest = max(layer.figures.stored for layer in analysis.layers) or 1
    bar = 0 if style.width < 72 else 8 if style.width < 100 else 16
    drawn = f"{'':<{bar}}  " if bar else ""
    yield f"  {'#':>3}  {'stored':>8}  {drawn}{'wasted':>8}  {'kills':>8}  command"
    for layer, killed in zip(analysis.layers, analysis.killed_bytes, strict=True):
        stored, wasted = layer.figures.stored, layer.figures.wasted
        drawn = f"{_bar(stored / largest, bar, style)}  " if bar else ""
        lead = f"  {layer.index:>3}  {size(stored):>8}  {drawn}{_or_dash(wasted):>8}  {_or_dash(killed):>8}  "
        yield lead + _command(layer, style)
    if analysis.totals.wasted:
        yield "  wasted: what it stored and no container can see"
        yield "  kills: what it put out of reach, below it or of its own"


def _command(layer: LayerFigures, style: Style) -> str:
    return style.shown(" ".join(layer.command[:_LONGEST_COMMAND].split()) or "(no history)")


def _bar(share: float, width: int, style: Style) -> str:
    if style.ascii_only:
        return ("#" * max(round(share * width), share > 0)).ljust(width)
    eighths = max(round(share * width * 8), share > 0)
    whole, part = divmod(eighths, 8)
    return ("█" * whole + (_EIGHTHS[part] if part else "")).ljust(width)


def _killers(analysis: Analysis, style: Style) -> Iterator[str]:
    """The few steps to change first."""
    killed = zip(analysis.killed_bytes, analysis.layers, strict=True)
    worst = sorted(killed, key=lambda pair: -pair[0])[:_KILLERS]
    yield "Steps that put most out of reach"
    yield f"  {'bytes':>8}  layer  command"
    for count, layer in worst:
        if count:
            yield f"  {size(count):>8}  {layer.index:>5}  {_command(layer, style)}"


def _offenders(analysis: Analysis, style: Style, rows: int) -> Iterator[str]:
    """The largest wasted copies: bytes, kind, the layers that wrote and killed them, path."""
    largest = analysis.largest_waste(rows)
    yield f"Largest waste ({len(largest)} of {_count(analysis.copies, 'copy', 'copies')})"
    arrow = style.glyph("›", ">")
    kinds = [_kind(row) for row in largest]
    if 2 * _widest(kinds) > style.width - 30:  # the path needs the room more than the reason
        kinds = [str(row.kind) for row in largest]
    pairs = [f"{row.layer} {arrow} {row.killed_by}" for row in largest]
    kind_width, pair_width = _widest([*kinds, "kind"]), _widest([*pairs, "layers"])
    yield f"  {'bytes':>8}  {'kind':<{kind_width}}  {'layers':>{pair_width}}  path"
    for row, kind, pair in zip(largest, kinds, pairs, strict=True):
        lead = f"  {size(row.size):>8}  {kind:<{kind_width}}  {pair:>{pair_width}}  "
        yield lead + style.cut("/" + style.shown(row.path), style.width - len(lead), keep_end=True)
    rest = analysis.totals.wasted - sum(row.size for row in largest)
    if rest:
        yield f"  {size(rest):>8}  in {_count(analysis.copies - rows, 'other', 'others')}"
    yield f"  layers: the one that wrote it {arrow} the one that killed it"


def _kind(row: WasteRow) -> str:
    return f"{row.kind} ({', '.join(change_names(row.changed))})" if row.changed else str(row.kind)


def _widest(texts: Iterable[str]) -> int:
    return max(map(len, texts))


def _or_dash(count: int) -> str:
    return size(count) if count else "-"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"

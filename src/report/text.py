"""The text summary and the gate's table: plain lines, no terminal control, any width."""

from collections.abc import Iterator, Sequence

from ..analysis.analyze import Analysis
from ..analysis.model import LayerFigures, WasteRow
from ..formatting import percent, printable, size
from ..gate.rules import Outcome, Verdict, failed
from .json_report import change_names

_BAR = 16
_EIGHTHS = " ▏▎▍▌▋▊▉"


def summary(
    analysis: Analysis, *, width: int = 100, ascii_only: bool = False, rows: int = 10
) -> Iterator[str]:
    """The figures, a table of the layers and the largest wasted copies, at most `width` columns wide."""
    yield _heading(analysis)
    yield ""
    yield from _figures(analysis)
    yield ""
    yield from _layers(analysis.layers, width, ascii_only)
    if analysis.waste:
        yield ""
        yield from offenders(analysis, width=width, rows=rows)


def verdicts(
    found: Sequence[Verdict], analysis: Analysis, *, width: int = 100, rows: int = 10
) -> Iterator[str]:
    """The gate's table, and under a failure what wastes most."""
    yield _heading(analysis)
    yield ""
    yield f"{'':4}  {'rule':<18}  {'measured':>10}  limit"
    for verdict in found:
        yield f"{verdict.outcome.upper():4}  {verdict.rule:<18}  {verdict.measured:>10}  {verdict.limit}"
    yield ""
    counts = [f"{sum(v.outcome is outcome for v in found)} {outcome}" for outcome in Outcome]
    closed = failed(tuple(found))
    yield f"{'FAIL' if closed else 'PASS'}  ({', '.join(counts)})"
    if closed:
        yield ""
        yield from offenders(analysis, width=width, rows=rows)


def offenders(analysis: Analysis, *, width: int, rows: int) -> Iterator[str]:
    """The largest wasted copies: bytes, kind, the layers that wrote and killed them, path."""
    copies = _count(len(analysis.waste), "copy", "copies")
    yield f"Largest waste ({min(rows, len(analysis.waste))} of {copies})"
    yield f"  {'bytes':>8}  {'kind':<21}  {'layers':>7}  path"
    for row in analysis.waste[:rows]:
        lead = f"  {size(row.size):>8}  {_kind(row):<21}  {f'{row.layer} › {row.killed_by}':>7}  "
        yield lead + _cut("/" + printable(row.path), width - len(lead), keep_end=True)
    shown = sum(row.size for row in analysis.waste[:rows])
    rest = analysis.totals.wasted - shown
    if rest:
        yield f"  {size(rest):>8}  in {_count(len(analysis.waste) - rows, 'other', 'others')}"
    yield "  layers: the one that wrote the copy › the one that put it out of reach"


def _heading(analysis: Analysis) -> str:
    image = analysis.image
    named = [image.reference, *image.tags[:3], image.platform]
    return "  ".join(printable(part) for part in named if part)


def _figures(analysis: Analysis) -> Iterator[str]:
    totals, user = analysis.totals, analysis.user
    yield f"  efficiency  {percent(totals.efficiency):>9}   live of stored bytes"
    yield f"  stored      {size(totals.stored):>9}   in {_count(len(analysis.layers), 'layer', 'layers')}"
    yield f"  live        {size(totals.live):>9}   what a container can see"
    yield f"  wasted      {size(totals.wasted):>9}   {_wasted(analysis)}"
    if analysis.compressed_bytes is not None:
        yield f"  compressed  {size(analysis.compressed_bytes):>9}   as stored or pulled"
    if analysis.duplicate_bytes:
        yield f"  duplicates  {size(analysis.duplicate_bytes):>9}   the same content at several live paths"
    if len(analysis.layers) > 1:
        yield f"  above base  {size(user.stored):>9}   stored above the first layer, {size(user.wasted)} wasted"


def _wasted(analysis: Analysis) -> str:
    if not analysis.waste:
        return "nothing"
    kinds = sorted(analysis.waste_by_kind.items(), key=lambda item: -item[1])
    named = ", ".join(f"{size(count)} {kind}" for kind, count in kinds if count)
    return f"in {_count(len(analysis.waste), 'copy', 'copies')}: {named}"


def _layers(layers: Sequence[LayerFigures], width: int, ascii_only: bool) -> Iterator[str]:
    largest = max((layer.figures.stored for layer in layers), default=0) or 1
    yield f"  {'#':>3}  {'stored':>8}  {'':<{_BAR}}  {'wasted':>8}  command"
    for layer in layers:
        bar = _bar(layer.figures.stored / largest, ascii_only)
        wasted = size(layer.figures.wasted) if layer.figures.wasted else "-"
        lead = f"  {layer.index:>3}  {size(layer.figures.stored):>8}  {bar}  {wasted:>8}  "
        command = printable(" ".join(layer.command.split())) or "(no history)"
        yield lead + _cut(command, width - len(lead))


def _bar(share: float, ascii_only: bool) -> str:
    if ascii_only:
        return ("#" * max(round(share * _BAR), share > 0)).ljust(_BAR)
    eighths = max(round(share * _BAR * 8), share > 0)
    whole, part = divmod(eighths, 8)
    return ("█" * whole + (_EIGHTHS[part] if part else "")).ljust(_BAR)


def _kind(row: WasteRow) -> str:
    return f"{row.kind} ({','.join(change_names(row.changed))})" if row.changed else str(row.kind)


def _cut(text: str, width: int, *, keep_end: bool = False) -> str:
    width = max(width, 12)
    if len(text) <= width:
        return text
    if keep_end:
        return text[: width // 3] + "…" + text[len(text) - (width - width // 3 - 1) :]
    return text[: width - 1] + "…"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"

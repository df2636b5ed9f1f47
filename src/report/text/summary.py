"""The summary of one image as text: its figures, its layers, what wastes most, and how it grew."""

from collections.abc import Iterator

from ...analysis.analyze import Analysis
from ...analysis.explain import KIND_REASONS
from ...analysis.growth import Growth
from ...analysis.model import WasteRow
from ...formatting import columns, percent, signed, size
from ..growing import largest_places, largest_steps
from ..json_report import change_names
from ..subject import Subject
from ..wording import LOOKED_AT, counted, or_dash
from . import advice
from .style import Style, command, widest

_EIGHTHS = " ▏▎▍▌▋▊▉"
_GROWN = 5


def summary(subject: Subject, style: Style, rows: int) -> Iterator[str]:
    """The figures, a table of the layers, the largest `rows` of wasted copies."""
    analysis = subject.analysis
    yield from heading(analysis, style)
    yield ""
    yield from _figures(analysis)
    if analysis.layers:
        yield ""
        yield from _layers(subject, style)
    if analysis.totals.wasted:
        yield ""
        yield from offenders(analysis, style, rows)
    if analysis.findings:
        yield ""
        yield from advice.table(subject, style, rows)
    if subject.growth is not None:
        yield ""
        yield from growth_lines(subject, subject.growth, style)


def heading(analysis: Analysis, style: Style) -> Iterator[str]:
    """What was measured, in as few lines as it fits."""
    image = analysis.image
    line = ""
    for part in [image.reference, *image.tags[:3], image.platform]:
        shown = style.cut(style.shown(part[:LOOKED_AT]), style.width, keep_end=True)
        if line and columns(line) + 2 + columns(shown) > style.width:
            yield line
            line = ""
        line += f"  {shown}" if line and shown else shown
    yield line


def _figures(analysis: Analysis) -> Iterator[str]:
    totals, user = analysis.totals, analysis.user
    yield figure("efficiency", percent(totals.efficiency), "live of stored bytes")
    yield figure("stored", size(totals.stored), f"in {counted(len(analysis.layers), 'layer', 'layers')}")
    yield figure("live", size(totals.live), "what a container can see")
    copies = f"in {counted(analysis.copies, 'copy', 'copies')}"
    yield figure("wasted", size(totals.wasted), copies if totals.wasted else "nothing")
    for kind, wasted in sorted(analysis.waste_by_kind.items(), key=lambda item: -item[1]):
        if wasted:
            yield figure(f"  {kind}", size(wasted), KIND_REASONS[kind])
    if analysis.compressed_bytes is not None:
        yield figure("compressed", size(analysis.compressed_bytes), "as stored or pulled")
    if analysis.duplicate_bytes:
        yield figure("duplicates", size(analysis.duplicate_bytes), "same content at several live paths")
    if len(analysis.layers) > 1:
        below = analysis.base.layers
        where = f"above the first {f'{below:,} layers' if below > 1 else 'layer'}" if below else "all layers"
        above = f"{where}, {size(user.wasted)} of it wasted"
        yield figure("above base", size(user.stored), above)


def figure(name: str, value: str, note: str) -> str:
    return f"  {name:<19}  {value:>8}  {note}"


def _layers(subject: Subject, style: Style) -> Iterator[str]:
    analysis = subject.analysis
    largest = max(layer.figures.stored for layer in analysis.layers) or 1
    bar = 0 if style.width < 72 else 8 if style.width < 100 else 16
    drawn = f"{'':<{bar}}  " if bar else ""
    yield f"  {'#':>3}  {'stored':>8}  {drawn}{'wasted':>8}  {'kills':>8}  command"
    for layer, killed in zip(analysis.layers, analysis.killed_bytes, strict=True):
        stored, wasted = layer.figures.stored, layer.figures.wasted
        drawn = f"{_bar(stored / largest, bar, style)}  " if bar else ""
        lead = f"  {layer.index:>3}  {size(stored):>8}  {drawn}{or_dash(wasted):>8}  {or_dash(killed):>8}  "
        yield lead + command(subject, layer.index, style)
    if subject.lines is not None:
        yield f"  [n]: the line of {style.shown(subject.lines.path)}"
    if analysis.totals.wasted:
        yield "  wasted: what it stored and no container can see"
        yield "  kills: what it put out of reach, below it or of its own"


def _bar(share: float, width: int, style: Style) -> str:
    if style.ascii_only:
        return ("#" * max(round(share * width), share > 0)).ljust(width)
    eighths = max(round(share * width * 8), share > 0)
    whole, part = divmod(eighths, 8)
    return ("█" * whole + (_EIGHTHS[part] if part else "")).ljust(width)


def offenders(analysis: Analysis, style: Style, rows: int) -> Iterator[str]:
    """The largest wasted copies: bytes, kind, the layers that wrote and killed them, path."""
    largest = analysis.largest_waste(rows)
    yield f"Largest waste ({len(largest)} of {counted(analysis.copies, 'copy', 'copies')})"
    arrow = style.glyph("›", ">")
    kinds = [_kind(row) for row in largest]
    if 2 * widest(kinds) > style.width - 30:  # the path needs the room more than the reason
        kinds = [str(row.kind) for row in largest]
    pairs = [f"{row.layer} {arrow} {row.killed_by}" for row in largest]
    kind_width, pair_width = widest([*kinds, "kind"]), widest([*pairs, "layers"])
    yield f"  {'bytes':>8}  {'kind':<{kind_width}}  {'layers':>{pair_width}}  path"
    for row, kind, pair in zip(largest, kinds, pairs, strict=True):
        lead = f"  {size(row.size):>8}  {kind:<{kind_width}}  {pair:>{pair_width}}  "
        yield lead + style.cut("/" + style.shown(row.path), style.width - len(lead), keep_end=True)
    rest = analysis.totals.wasted - sum(row.size for row in largest)
    if rest:
        yield f"  {size(rest):>8}  in {counted(analysis.copies - rows, 'other', 'others')}"
    yield f"  layers: the one that wrote it {arrow} the one that killed it"


def _kind(row: WasteRow) -> str:
    return f"{row.kind} ({', '.join(change_names(row.changed))})" if row.changed else str(row.kind)


def growth_lines(subject: Subject, growth: Growth, style: Style) -> Iterator[str]:
    """Against the baseline: the figures, the steps that grew most and the directories that made it."""
    yield f"Growth against {style.cut(style.shown(growth.reference), style.width - 15, keep_end=True)}"
    yield figure("stored", signed(growth.stored), f"from {size(growth.before.stored)}")
    yield figure("wasted", signed(growth.wasted), f"from {size(growth.before.wasted)}")
    if growth.compressed is not None and growth.before_compressed is not None:
        yield figure("compressed", signed(growth.compressed), f"from {size(growth.before_compressed)}")
    steps, places = largest_steps(growth, _GROWN), largest_places(growth, _GROWN)
    if steps:
        yield "  steps that grew"
        for step in steps:
            made_by = command(subject, step.after or 0, style)
            new = "new: " if step.before is None else ""
            yield f"  {signed(step.stored):>9}  {step.after:>5}  {new}{made_by}"
    if places:
        yield "  where"
        for place in places:
            yield f"  {signed(place.growth):>9}         /{style.shown(place.path)}"
    elif growth.directories is None:
        yield "  where is not known: a report was saved without entries"

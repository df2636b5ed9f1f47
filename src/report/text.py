"""The text summary and the gate's table: plain lines, no terminal control, any width from 40 columns up."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TextIO

from ..analysis.analyze import Analysis
from ..analysis.explain import KIND_REASONS
from ..analysis.growth import Growth
from ..analysis.model import WasteRow
from ..analysis.sharing import share
from ..formatting import columns, cut, inert, percent, printable, signed, size
from ..gate.catalogue import EFFICIENCY, WASTED_BYTES, WASTED_PERCENT
from ..gate.verdicts import Evidence, Judgement, Verdict
from .growing import largest_places, largest_steps
from .json_report import change_names
from .steps import step
from .subject import Failure, Run, Subject

_EIGHTHS = " ▏▎▍▌▋▊▉"
_LONGEST_COMMAND = 4000
"""Characters of a command that are looked at: more than any line holds, and a history may hold megabytes."""
_KILLERS = 3
_GROWN = 5
_TOLD_BELOW = (EFFICIENCY, WASTED_BYTES, WASTED_PERCENT)
"""Rules whose evidence are the steps that stand under the table."""


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
        return (self.cut(inert(line), self.width).rstrip() for line in lines)

    def glyph(self, good: str, plain: str) -> str:
        """One of two ways to draw a thing."""
        return plain if self.ascii_only else good


def write(run: Run, out: TextIO) -> None:
    """Write what is printed without any report, 100 columns wide."""
    for line in lines(run, Style()):
        out.write(f"{line}\n")


def lines(run: Run, style: Style, *, rows: int = 10) -> Iterator[str]:
    """What is printed of a run: the summary of its image or what the gate says; of several a table first."""
    return style.fit(_lines(run, style, rows))


def _lines(run: Run, style: Style, rows: int) -> Iterator[str]:
    subjects = list(run.subjects)
    if len(run.images) == 1 and subjects:
        yield from _image(subjects[0], style, rows)
        return
    yield from _images(run, style)
    for subject in subjects:
        if subject.judgement is not None and subject.judgement.word != "PASS":
            yield ""
            yield from _verdicts(subject, subject.judgement, style, rows)


def _image(subject: Subject, style: Style, rows: int) -> Iterator[str]:
    if subject.judgement is not None:
        yield from _verdicts(subject, subject.judgement, style, rows)
    else:
        yield from _summary(subject, style, rows)


def _summary(subject: Subject, style: Style, rows: int) -> Iterator[str]:
    analysis = subject.analysis
    yield from _heading(analysis, style)
    yield ""
    yield from _figures(analysis)
    if analysis.layers:
        yield ""
        yield from _layers(subject, style)
    if analysis.totals.wasted:
        yield ""
        yield from _offenders(analysis, style, rows)
    if subject.growth is not None:
        yield ""
        yield from _growth(subject, subject.growth, style)


def _verdicts(subject: Subject, judgement: Judgement, style: Style, rows: int) -> Iterator[str]:
    """The gate's table, and under a failure the steps and the copies that waste most."""
    analysis, found = subject.analysis, judgement.verdicts
    yield from _heading(analysis, style)
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
        yield from _offenders(analysis, style, rows)
    if subject.growth is not None:
        yield ""
        yield from _growth(subject, subject.growth, style)


def _images(run: Run, style: Style) -> Iterator[str]:
    """One line an image, and what they have in common."""
    subjects = list(run.subjects)
    sharing = share([subject.analysis for subject in subjects])
    common = iter(sharing.shared)
    has_outcomes = run.is_judged or any(run.failures)
    width = min(max(12, _widest(style.shown(_name(image)) for image in run.images)), style.width // 2)
    figures = f"{'efficiency':>10}  {'stored':>8}  {'wasted':>8}  {'shared':>8}"
    yield f"{'       ' if has_outcomes else ''}{'image':<{width}}  {figures}"
    for image in run.images:
        name = style.cut(style.shown(_name(image)), width, keep_end=True)
        name += " " * (width - columns(name))
        if isinstance(image, Failure):
            yield f"ERROR  {name}  {style.shown(image.message)}"
            continue
        totals, judgement = image.analysis.totals, image.judgement
        word = "" if judgement is None else judgement.word
        figures = f"{percent(totals.efficiency):>10}  {size(totals.stored):>8}  {_or_dash(totals.wasted):>8}"
        yield f"{f'{word:5}  ' if has_outcomes else ''}{name}  {figures}  {_or_dash(next(common)):>8}"
    if len(subjects) > 1:
        stored = sum(subject.analysis.totals.stored for subject in subjects)
        yield ""
        yield f"Together {size(sharing.stored)} stored, one by one {size(stored)}"
    if run.is_judged:
        passed = sum(
            subject.judgement is not None and not subject.judgement.is_closed for subject in subjects
        )
        word = "PASS" if passed == len(run.images) else "FAIL"
        yield ""
        yield f"{word}: {passed:,} of {_count(len(run.images), 'image', 'images')} pass"


def _name(image: Subject | Failure) -> str:
    reference = image.reference if isinstance(image, Failure) else image.analysis.image.reference
    return reference[:_LONGEST_COMMAND]


def _table(subject: Subject, found: Sequence[Verdict], style: Style, rows: int) -> Iterator[str]:
    """Rules, figures and limits; with rules of dive their figures have a column, and ours another."""
    is_dives = any(verdict.ours for verdict in found)
    width = max(18, _widest(verdict.rule for verdict in found))
    room = max(10, _widest(verdict.measured for verdict in found))
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
            yield f"      and {_count(more, 'other', 'others')}"


def _evidence(subject: Subject, one: Evidence, style: Style) -> str:
    parts = [f"{_or_dash(one.size):>8}"] if one.path or one.layer is not None else []
    if one.layer is not None:
        parts.append(f"layer {one.layer:<3}")
    if one.path:
        parts.append("/" + style.shown(one.path))
    parts.append(style.shown(one.what))
    if one.layer is not None and not one.path:
        parts.append(f"by {_command(subject, one.layer, style)}")
    return "  ".join(parts)


def _growth(subject: Subject, growth: Growth, style: Style) -> Iterator[str]:
    """Against the baseline: the figures, the steps that grew most and the directories that made it."""
    yield f"Growth against {style.cut(style.shown(growth.reference), style.width - 15, keep_end=True)}"
    yield _figure("stored", signed(growth.stored), f"from {size(growth.before.stored)}")
    yield _figure("wasted", signed(growth.wasted), f"from {size(growth.before.wasted)}")
    if growth.compressed is not None and growth.before_compressed is not None:
        yield _figure("compressed", signed(growth.compressed), f"from {size(growth.before_compressed)}")
    steps, places = largest_steps(growth, _GROWN), largest_places(growth, _GROWN)
    if steps:
        yield "  steps that grew"
        for step in steps:
            command = _command(subject, step.after or 0, style)
            new = "new: " if step.before is None else ""
            yield f"  {signed(step.stored):>9}  {step.after:>5}  {new}{command}"
    if places:
        yield "  where"
        for place in places:
            yield f"  {signed(place.growth):>9}         /{style.shown(place.path)}"
    elif growth.directories is None:
        yield "  where is not known: a report was saved without entries"


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


def _layers(subject: Subject, style: Style) -> Iterator[str]:
    analysis = subject.analysis
    largest = max(layer.figures.stored for layer in analysis.layers) or 1
    bar = 0 if style.width < 72 else 8 if style.width < 100 else 16
    drawn = f"{'':<{bar}}  " if bar else ""
    yield f"  {'#':>3}  {'stored':>8}  {drawn}{'wasted':>8}  {'kills':>8}  command"
    for layer, killed in zip(analysis.layers, analysis.killed_bytes, strict=True):
        stored, wasted = layer.figures.stored, layer.figures.wasted
        drawn = f"{_bar(stored / largest, bar, style)}  " if bar else ""
        lead = f"  {layer.index:>3}  {size(stored):>8}  {drawn}{_or_dash(wasted):>8}  {_or_dash(killed):>8}  "
        yield lead + _command(subject, layer.index, style)
    if subject.lines is not None:
        yield f"  [n]: the line of {style.shown(subject.lines.path)}"
    if analysis.totals.wasted:
        yield "  wasted: what it stored and no container can see"
        yield "  kills: what it put out of reach, below it or of its own"


def _command(subject: Subject, layer: int, style: Style) -> str:
    """The step that made a layer, behind its line if there is a Dockerfile."""
    shown = style.shown(step(subject.analysis.layers[layer], _LONGEST_COMMAND))
    line = subject.lines.line(layer) if subject.lines is not None else None
    return f"[{line}] {shown}" if line is not None else shown


def _bar(share: float, width: int, style: Style) -> str:
    if style.ascii_only:
        return ("#" * max(round(share * width), share > 0)).ljust(width)
    eighths = max(round(share * width * 8), share > 0)
    whole, part = divmod(eighths, 8)
    return ("█" * whole + (_EIGHTHS[part] if part else "")).ljust(width)


def _killers(subject: Subject, style: Style) -> Iterator[str]:
    """The few steps to change first."""
    killed = enumerate(subject.analysis.killed_bytes)
    worst = sorted(killed, key=lambda pair: -pair[1])[:_KILLERS]
    yield "Steps that put most out of reach"
    yield f"  {'bytes':>8}  layer  command"
    for layer, count in worst:
        if count:
            yield f"  {size(count):>8}  {layer:>5}  {_command(subject, layer, style)}"


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

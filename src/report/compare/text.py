"""How two images differ, as text: plain lines, no terminal control, any width from 40 columns up."""

from collections.abc import Iterator

from ...analysis.comparison import Comparison, FindingDifference, StepDifference
from ...analysis.comparison_config import ConfigDifference
from ...analysis.comparison_files import Difference, FileDifference
from ...analysis.comparison_packages import PackageComparison
from ...formatting import columns, signed, size
from ..json_report import change_names
from ..steps import one_line
from ..text.style import Style, widest
from ..text.summary import heading
from ..wording import LOOKED_AT, counted, or_dash
from . import rows as compare_rows
from .rows import LISTED, NO_FILES, NO_FINDINGS, NO_PACKAGES, REWRITTEN

_SETTINGS = 50
"""Rows of the configuration; real images have fewer."""


def lines(comparison: Comparison, style: Style, *, rows: int = 10) -> Iterator[str]:
    """What is printed of a comparison; at most `rows` directories, packages, findings, files of a kind."""
    return style.fit(_lines(comparison, style, rows))


def _lines(comparison: Comparison, style: Style, rows: int) -> Iterator[str]:
    narrow = style._replace(width=style.width - 8)
    for name, analysis in (("before", comparison.before), ("after", comparison.after)):
        for line in heading(analysis, narrow):
            yield f"{name:<6}  {line}"
            name = ""
    yield ""
    yield from _figures(comparison)
    yield ""
    if not comparison.differs:
        yield "Nothing differs."
        if comparison.files is None:
            yield f"  {NO_FILES}"
        return
    yield from _steps(comparison.steps, style)
    yield from _directories(comparison, style, rows)
    yield from _packages(comparison.packages, style, rows)
    yield ""
    yield from _files(comparison, style, rows)
    if comparison.configuration:
        yield ""
        yield from _configuration(comparison.configuration, style)
    if comparison.findings is None or comparison.findings:
        yield ""
        yield "Findings"
        yield from _findings(comparison.findings, style, rows)


def _figures(comparison: Comparison) -> Iterator[str]:
    found = list(compare_rows.figures(comparison))
    width = max(10, widest(text for row in found for text in row[1:]))
    yield f"  {'':<10}  {'before':>{width}}  {'after':>{width}}  {'difference':>{width}}"
    for name, before, after, difference in found:
        yield f"  {name:<10}  {before:>{width}}  {after:>{width}}  {difference:>{width}}"


def _steps(steps: tuple[StepDifference, ...], style: Style) -> Iterator[str]:
    differing = [step for step in steps if step.differs]
    same = len(steps) - len(differing)
    yield "Steps"
    if same:
        yield f"  {counted(same, 'step is', 'steps are')} the same"
    if not differing:
        return
    arrow = style.glyph("→", "->")
    pairs = [compare_rows.layers(step.growth, arrow) for step in differing]
    width = widest([*pairs, "layers"])
    yield f"  {'':<9}  {'stored':>9}  {'wasted':>9}  {'layers':>{width}}  command"
    for step, pair in zip(differing, pairs, strict=True):
        stored, wasted = signed(step.growth.stored), signed(step.growth.wasted)
        made_by = _command(step.command, style)
        yield f"  {step.kind:<9}  {stored:>9}  {wasted:>9}  {pair:>{width}}  {made_by}"


def _command(command: str, style: Style) -> str:
    return style.shown(one_line(command, LOOKED_AT))


def _directories(comparison: Comparison, style: Style, rows: int) -> Iterator[str]:
    found = compare_rows.largest_directories(comparison, rows)
    if found:
        yield ""
        yield "Directories, by stored bytes"
    for one in found:
        rest = " (what else is in it)" if one.rest else ""
        room = style.width - 13 - len(rest)
        yield f"  {signed(one.growth):>9}  {_path(one.path, style, room)}{rest}"


def _path(path: bytes, style: Style, room: int) -> str:
    return style.cut("/" + style.shown(path), room, keep_end=True)


def _packages(packages: PackageComparison | None, style: Style, rows: int) -> Iterator[str]:
    """What they add up to, and the largest."""
    if packages is None:
        yield from ("", "Packages", f"  {NO_PACKAGES}")
        return
    if not packages.rows:
        return
    shown, arrow = packages.rows[:rows], style.glyph(" → ", " -> ")
    yield from ("", "Packages", f"  {compare_rows.package_counts(packages)}")
    managers = widest(one.manager for one in shown) if shown else 0
    names = [style.cut(style.shown(one.name), style.width // 2) for one in shown]
    width = max(map(columns, names), default=0)
    for one, name in zip(shown, names, strict=True):
        lead = f"  {one.kind:<7}  {signed(one.growth):>9}  {one.manager:<{managers}}  "
        versions = style.shown(compare_rows.versions(one, arrow)[:LOOKED_AT])
        yield f"{lead}{name}{' ' * (width - columns(name))}  {versions}"
    if len(packages.rows) > len(shown):
        yield f"  and {counted(len(packages.rows) - len(shown), 'other', 'others')}"
    yield from (f"  note: {style.shown(note)}" for note in packages.notes)


def _files(comparison: Comparison, style: Style, rows: int) -> Iterator[str]:
    """The sums of each kind, and the largest of those kinds that are listed."""
    yield "Files of the final image"
    if not comparison.files:
        yield f"  {NO_FILES if comparison.files is None else 'all are the same'}"
        return
    sums = comparison.file_sums
    width = widest([*(f"{one.paths:,}" for one in sums.values()), "paths"])
    yield f"  {'':<9}  {'paths':>{width}}  {'before':>8}  {'after':>8}  {'difference':>10}"
    for kind, one in sums.items():
        before, after, difference = size(one.before), size(one.after), signed(one.after - one.before)
        yield f"  {kind:<9}  {one.paths:>{width},}  {before:>8}  {after:>8}  {difference:>10}"
    if Difference.REWRITTEN in sums:
        yield f"  rewritten: {REWRITTEN}"
    for kind in LISTED:
        found = compare_rows.largest_files(comparison, kind, rows)
        if found:
            yield ""
            yield f"{kind.title()} ({len(found):,} of {counted(sums[kind].paths, 'path', 'paths')})"
            for file in found:
                lead = f"  {_told(file, style)}  "
                yield lead + _path(file.path, style, style.width - columns(lead))


def _told(file: FileDifference, style: Style) -> str:
    """What there is to say of a file before its path."""
    if file.kind is Difference.CHANGED:
        return f"{size(file.after):>9}  {', '.join(change_names(file.changed)):<12}"
    if file.kind in (Difference.GROWN, Difference.SHRUNK):
        arrow = style.glyph("→", "->")
        return f"{signed(file.growth):>9}  {size(file.before):>8} {arrow} {size(file.after):>8}"
    return f"{signed(file.growth):>9}"


def _configuration(found: tuple[ConfigDifference, ...], style: Style) -> Iterator[str]:
    yield "Configuration"
    width = widest(one.key for one in found)
    for one in found[:_SETTINGS]:
        lead = f"  {one.key:<{width}}  {one.kind:<7}  "
        yield lead + _setting(one, style, style.width - len(lead))
    if len(found) > _SETTINGS:
        yield f"  and {counted(len(found) - _SETTINGS, 'other', 'others')}"


def _setting(one: ConfigDifference, style: Style, room: int) -> str:
    """Its name and its values, each in its part of the room."""
    name = style.cut(style.shown(one.name[:LOOKED_AT]), room)
    values = [style.shown(value[:LOOKED_AT]) for value in (one.before, one.after) if value]
    arrow = style.glyph(" → ", " -> ")
    told = ": ".join(part for part in (name, arrow.join(values)) if part)
    if len(values) < 2 or columns(told) <= room:
        return told
    half = max((room - columns(name) - 2 * bool(name) - len(arrow)) // 2, 8)
    values = [style.cut(value, half, keep_end=True) for value in values]
    return ": ".join(part for part in (name, arrow.join(values)) if part)


def _findings(found: tuple[FindingDifference, ...] | None, style: Style, rows: int) -> Iterator[str]:
    if found is None:
        yield f"  {NO_FINDINGS}"
        return
    shown = found[:rows]
    titles = [style.cut(style.shown(one.title[:LOOKED_AT]), style.width // 2) for one in shown]
    width = max(map(columns, titles), default=0)
    for one, title in zip(shown, titles, strict=True):
        difference = one.after - one.before
        made_by = _command(one.command, style) if one.command else ""
        saved = signed(difference) if difference else or_dash(0)
        yield f"  {compare_rows.word(one):<6}  {saved:>9}  {title}{' ' * (width - columns(title))}  {made_by}"
    if len(found) > len(shown):
        yield f"  and {counted(len(found) - len(shown), 'other', 'others')}"

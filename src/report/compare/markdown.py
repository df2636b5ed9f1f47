"""How two images differ, as Markdown: a comment on a pull request, as GitHub and GitLab show it.

The first line is a hidden marker, by which a script finds its comment of last time to write over it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from ...analysis.analyze import Analysis
from ...analysis.comparison import Comparison, FindingDifference, StepDifference
from ...analysis.comparison_config import ConfigDifference
from ...analysis.comparison_files import Difference, FileDifference
from ...analysis.comparison_packages import PackageComparison, PackageDifference
from ...formatting import signed, size
from ..json_report import change_names
from ..markdown import fitting, literal, table_row
from ..steps import NO_HISTORY, one_line
from ..wording import counted
from . import rows as compare_rows
from .rows import LISTED, NO_FILES, NO_FINDINGS, NO_PACKAGES, REWRITTEN

MARKER = "<!-- layerscope compare -->"

# Characters that the rows of each part may have: with what else there is, a comment on GitHub holds them.
_STEPS_ROOM = 14_000
_DIRECTORIES_ROOM = 5_000
_PACKAGES_ROOM = 5_000
_FILES_ROOM = 4_500
"""Of each of the five kinds."""
_SETTINGS_ROOM = 7_000
_FINDINGS_ROOM = 5_000
_LONGEST_COMMAND = 80
_TAGS = 3

_ARROW = "→"
_CLOSED = ("", "</details>")


def write(comparison: Comparison, out: TextIO, *, rows: int = 10) -> None:
    """Write it, at most `rows` directories, packages, findings, files of a kind; it fits a comment."""
    for line in _lines(comparison, rows):
        out.write(f"{line}\n")


def _lines(comparison: Comparison, rows: int) -> Iterator[str]:
    growth = comparison.growth
    yield MARKER
    told = f"{signed(growth.stored)} stored, {signed(growth.wasted)} wasted"
    yield f"### layerscope compare: {told if comparison.differs else 'nothing differs'}"
    yield ""
    yield f"before {_named(comparison.before)}<br>after {_named(comparison.after)}"
    yield ""
    yield "| | before | after | difference |"
    yield "|---|---:|---:|---:|"
    yield from (table_row(*figure) for figure in compare_rows.figures(comparison))
    if comparison.files is None:
        yield ""
        yield f"{NO_FILES.capitalize()}."
    if not comparison.differs:
        return
    yield from _steps(comparison.steps)
    yield from _directories(comparison, rows)
    yield from _packages(comparison.packages, rows)
    yield from _files(comparison, rows)
    yield from _configuration(comparison.configuration)
    yield from _findings(comparison.findings, rows)


def _named(analysis: Analysis) -> str:
    image = analysis.image
    parts = (image.reference, *image.tags[:_TAGS], image.platform)
    return " ".join(literal(part, keep_end=True) for part in parts if part)


def _steps(steps: Sequence[StepDifference]) -> Iterator[str]:
    differing = [step for step in steps if step.differs]
    same = len(steps) - len(differing)
    if same:
        yield ""
        yield f"{counted(same, 'step is', 'steps are')} the same."
    rows = (
        table_row(
            step.kind,
            signed(step.growth.stored),
            signed(step.growth.wasted),
            compare_rows.layers(step.growth, _ARROW),
            _command(step.command),
        )
        for step in differing
    )
    head = "| step | stored | wasted | layers | command |", "|---|---:|---:|---|---|"
    yield from _table(head, rows, len(differing), _STEPS_ROOM)


def _command(command: str) -> str:
    shown = one_line(command, _LONGEST_COMMAND)
    return shown if shown == NO_HISTORY else literal(shown)


def _directories(comparison: Comparison, count: int) -> Iterator[str]:
    found = compare_rows.largest_directories(comparison, count)
    rows = (
        table_row(
            signed(one.growth),
            literal(b"/" + one.path, keep_end=True) + (" (what else is in it)" if one.rest else ""),
        )
        for one in found
    )
    yield from _table(("| stored | directory |", "|---:|---|"), rows, len(found), _DIRECTORIES_ROOM)


def _packages(packages: PackageComparison | None, count: int) -> Iterator[str]:
    if packages is None:
        yield ""
        yield f"{NO_PACKAGES.capitalize()}."
        return
    rows = (
        table_row(one.kind, signed(one.growth), one.manager, literal(one.name), _versions(one))
        for one in packages.rows[:count]
    )
    head = "| package | bytes | manager | name | version |", "|---|---:|---|---|---|"
    yield from _table(head, rows, len(packages.rows), _PACKAGES_ROOM)


def _versions(one: PackageDifference) -> str:
    told = compare_rows.versions(one, f" {_ARROW} ")
    return literal(told) if told else ""


def _files(comparison: Comparison, count: int) -> Iterator[str]:
    sums = comparison.file_sums
    rows = (
        table_row(kind, f"{one.paths:,}", size(one.before), size(one.after), signed(one.after - one.before))
        for kind, one in sums.items()
    )
    head = "| files | paths | before | after | difference |", "|---|---:|---:|---:|---:|"
    yield from _table(head, rows, len(sums), _FILES_ROOM)
    if Difference.REWRITTEN in sums:
        yield ""
        yield f"rewritten: {REWRITTEN}."
    for kind in LISTED:
        found = compare_rows.largest_files(comparison, kind, count)
        if found:
            yield ""
            yield "<details>"
            yield f"<summary>{kind}: {len(found):,} of {sums[kind].paths:,}</summary>"
            head = "| | before | after | path |", "|---|---:|---:|---|"
            yield from _table(head, map(_file, found), len(found), _FILES_ROOM)
            yield from _CLOSED


def _file(file: FileDifference) -> str:
    told = signed(file.growth)
    if file.kind is Difference.CHANGED:
        told = ", ".join(change_names(file.changed))
    return table_row(told, size(file.before), size(file.after), literal(b"/" + file.path, keep_end=True))


def _configuration(found: Sequence[ConfigDifference]) -> Iterator[str]:
    rows = (
        table_row(
            one.key,
            literal(one.name) if one.name else "",
            one.kind,
            f" {_ARROW} ".join(literal(value) for value in (one.before, one.after) if value),
        )
        for one in found
    )
    head = "| configuration | name | | value |", "|---|---|---|---|"
    yield from _table(head, rows, len(found), _SETTINGS_ROOM)


def _findings(found: Sequence[FindingDifference] | None, count: int) -> Iterator[str]:
    if found is None:
        yield ""
        yield f"{NO_FINDINGS.capitalize()}."
        return
    rows = (
        table_row(
            compare_rows.word(one),
            signed(one.after - one.before),
            literal(one.title),
            _command(one.command) if one.command else "",
        )
        for one in found[:count]
    )
    yield from _table(
        ("| finding | bytes | | step |", "|---|---:|---|---|"), rows, len(found), _FINDINGS_ROOM
    )


def _table(head: tuple[str, str], rows: Iterable[str], count: int, room: int) -> Iterator[str]:
    """The rows that have `room` characters together, and how many of `count` are left out; or nothing."""
    if not count:
        return
    yield ""
    yield from head
    shown = fitting(rows, room)
    yield from shown
    if left := count - len(shown):
        yield ""
        yield f"And {left:,} more."

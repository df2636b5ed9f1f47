"""What is known of one difference between two images: both sides of it, and the step behind each."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from textual.content import Content

from ..analysis.analyze import Analysis
from ..analysis.comparison import FindingDifference, StepDifference
from ..analysis.comparison_config import ConfigDifference
from ..analysis.comparison_files import Difference, FileDifference
from ..analysis.comparison_lists import Row
from ..analysis.comparison_packages import Installed, PackageDifference
from ..analysis.findings.finding import Finding
from ..analysis.growth import PathGrowth
from ..analysis.model import LayerFigures
from ..report.compare.rows import REWRITTEN, word
from ..report.json_report import change_names
from .compare_columns import LONGEST
from .display import TYPE_NAMES, counted, mode_of
from .session import Session
from .wrapping import wrap

_NAME = 9
"""Columns of the names."""
_MOST_LINES = 400
_MOST_VERSIONS = 20


class _Fact(NamedTuple):
    name: str
    says: str
    """May come from the image, unescaped; a line break in it stays one."""


class CompareDetails:
    """Tells of one row at a time; both images are at hand."""

    def __init__(self, session: Session, before: Analysis) -> None:
        self._session = session
        self._before, self._after = before, session.analysis

    def title(self, row: Row) -> str:
        """What it is about, as the image has it."""
        match row:
            case PathGrowth() | FileDifference():
                return "/" + row.path[:LONGEST].decode("utf-8", "surrogateescape")
            case PackageDifference():
                return f"{row.manager} {row.name[:LONGEST]}"
            case ConfigDifference():
                return f"{row.key} {row.name[:LONGEST]}".strip()
            case FindingDifference():
                return row.title[:LONGEST]
            case StepDifference():
                return f"{row.kind.value} step"

    def subject(self, row: Row) -> bytes | str:
        """What one would copy of it: a path, a name, a command."""
        match row:
            case PathGrowth() | FileDifference():
                return b"/" + row.path
            case PackageDifference():
                return row.name
            case ConfigDifference():
                return row.name or row.key
            case FindingDifference():
                return row.title
            case StepDifference():
                return row.command

    def tell(self, row: Row, width: int) -> Content:
        """All there is to say, in lines of at most `width` columns."""
        look = self._session.display
        lines: list[Content] = []
        for name, says in self._facts(row):
            safe = (look.text(line.expandtabs(4)) for line in says[: 5 * LONGEST].split("\n"))
            for shown in (part for line in safe for part in wrap(line, width - _NAME)):
                lines.append(Content.assemble((f"{name:<{_NAME}}", "dim"), Content(shown)))
                name = ""
        return Content("\n").join(lines[:_MOST_LINES])

    def _facts(self, row: Row) -> Iterable[_Fact]:
        match row:
            case StepDifference():
                return self._step(row)
            case PathGrowth():
                return self._directory(row)
            case PackageDifference():
                return self._package(row)
            case FileDifference():
                return self._file(row)
            case ConfigDifference():
                return self._setting(row)
            case FindingDifference():
                return self._finding(row)

    # One of each kind.

    def _step(self, row: StepDifference) -> Iterator[_Fact]:
        look, growth = self._session.display, row.growth
        was, now = _layer(self._before, growth.before), _layer(self._after, growth.after)
        told = f"{look.signed(growth.stored)} stored, {look.signed(growth.wasted)} wasted"
        if growth.compressed is not None:
            told += f", {look.signed(growth.compressed)} compressed"
        yield _Fact(row.kind.value, told)
        if row.kind is Difference.REWRITTEN:
            yield _Fact("", "as many bytes in another tar")
        elif row.kind is Difference.SAME:
            yield _Fact("", "one and the same tar, of which other steps waste more or less than before")
        for name, side in (("before", was), ("after", now)):
            yield _Fact(name, "-" if side is None else self._figures(side))
        commands = {side.command for side in (was, now) if side is not None}
        if len(commands) == 1:
            yield _Fact("step", commands.pop() or "(no history)")
        else:
            yield _Fact("was", (was.command if was is not None else "") or "(no history)")
            yield _Fact("is", (now.command if now is not None else "") or "(no history)")

    def _figures(self, side: LayerFigures) -> str:
        size, figures = self._session.display.size, side.figures
        return f"layer {side.index}, {size(figures.stored)} stored, {size(figures.wasted)} of it wasted"

    def _directory(self, row: PathGrowth) -> Iterator[_Fact]:
        yield self._growth(row.growth, row.before, row.after, "stored, of the paths in it that differ")
        if row.rest:
            yield _Fact("", "without those directories in it that are listed themselves")
        if row.layer is not None:
            yield from self._made_by("most in", self._after, row.layer)

    def _package(self, row: PackageDifference) -> Iterator[_Fact]:
        yield self._growth(row.growth, row.before_size, row.after_size, "live")
        for name, side in (("before", row.before), ("after", row.after)):
            yield from self._versions(name, side)
        if row.kind is Difference.CHANGED and row.before and row.after:
            yield _Fact("", "which of two versions is newer, only its manager knows")
        if row.path:
            yield _Fact("largest", "/" + row.path.decode("utf-8", "surrogateescape"))
        if row.layer is not None:
            side_of = self._before if row.kind is Difference.REMOVED else self._after
            yield from self._made_by("most in", side_of, row.layer)

    def _versions(self, name: str, side: Sequence[Installed]) -> Iterator[_Fact]:
        if not side:
            yield _Fact(name, "-")
        for one in side[:_MOST_VERSIONS]:
            copies = f", {counted(one.copies, 'copy')[:-1]}ies" if one.copies > 1 else ""
            version = one.version or "(version not known)"
            yield _Fact(name, f"{version}  {self._session.display.size(one.size)}{copies}")
            name = ""
        if len(side) > _MOST_VERSIONS:
            yield _Fact("", f"and {counted(len(side) - _MOST_VERSIONS, 'more version')}")

    def _file(self, row: FileDifference) -> Iterator[_Fact]:
        yield self._growth(row.growth, row.before, row.after, "live")
        if row.kind is Difference.REWRITTEN:
            yield _Fact("", REWRITTEN)
        elif row.changed:
            yield _Fact(row.kind.value, ", ".join(change_names(row.changed)))
        for name, analysis in (("before", self._before), ("after", self._after)):
            yield from self._side(name, analysis, row.path)

    def _side(self, name: str, analysis: Analysis, path: bytes) -> Iterator[_Fact]:
        """What one of the images has at a path."""
        node = analysis.union.find(path)
        if node is None:
            yield _Fact(name, "-")
            return
        entry = node.inode.entry if node.children is None else node.entry
        size = f"{self._session.display.size(entry.size)}, " if node.children is None else ""
        facts = f"{TYPE_NAMES[entry.type]}, {size}{mode_of(entry)} {entry.uid}:{entry.gid}"
        if entry.link:
            facts += f" to {entry.link.decode('utf-8', 'surrogateescape')}"
        yield _Fact(name, facts)
        if node.layer >= 0:
            yield from self._made_by("", analysis, node.layer)

    def _setting(self, row: ConfigDifference) -> Iterator[_Fact]:
        if row.key == "Env":
            yield _Fact(row.kind.value, "values of variables are not shown: they may be secrets")
            return
        yield _Fact("before", row.before or "-")
        yield _Fact("after", row.after or "-")

    def _finding(self, row: FindingDifference) -> Iterator[_Fact]:
        look = self._session.display
        before, after = look.size(row.before), look.size(row.after)
        yield _Fact(
            word(row), f"would save {before} before, {after} after; {row.severity.name.lower()}, {row.id}"
        )
        side = self._before if row.kind is Difference.REMOVED else self._after
        finding = finding_of(side, row)
        if finding is not None:
            yield _Fact("why", finding.reason)
        if row.command:
            yield _Fact("step", row.command)
        if finding is not None and finding.fix and row.kind is not Difference.REMOVED:
            yield _Fact("instead", finding.fix)

    # What they share.

    def _growth(self, growth: int, before: int, after: int, of_what: str) -> _Fact:
        look = self._session.display
        arrow = look.glyphs.arrow
        return _Fact(
            "bytes", f"{look.signed(growth)}: {look.size(before)} {arrow} {look.size(after)} {of_what}"
        )

    def _made_by(self, name: str, analysis: Analysis, layer: int) -> Iterator[_Fact]:
        command = " ".join(analysis.layers[layer].command[:LONGEST].split())
        yield _Fact(name, f"layer {layer}  {command or '(no history)'}")


def _layer(analysis: Analysis, index: int | None) -> LayerFigures | None:
    return None if index is None else analysis.layers[index]


def finding_of(analysis: Analysis, row: FindingDifference) -> Finding | None:
    """The finding of an image that a row is about: of its step, or else of its id."""
    same = [one for one in analysis.findings if one.id == row.id]
    made = (one for one in same if one.layers and analysis.layers[one.layers[0]].command == row.command)
    return next(made, same[0] if same else None)

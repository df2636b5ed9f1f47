"""How a difference between two images stands on a line: its columns, by the list it is in."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.cells import cell_len

from ..analysis.comparison import FindingDifference, StepDifference
from ..analysis.comparison_config import ConfigDifference
from ..analysis.comparison_files import Difference, FileDifference
from ..analysis.comparison_lists import Part, Row
from ..analysis.comparison_packages import PackageDifference
from ..analysis.growth import PathGrowth
from ..report.compare import rows as compare_rows
from ..report.json_report import change_names
from .display import SEVERITY_MARKS, Display
from .findings_lines import SEVERITY_STYLES
from .lines import Piece

KIND_STYLES = {
    Difference.ADDED: "added",
    Difference.REMOVED: "removed",
    Difference.GROWN: "changed",
    Difference.SHRUNK: "changed",
    Difference.CHANGED: "metadata",
    Difference.REWRITTEN: "same",
    Difference.SAME: "same",
}
LONGEST = 4000
"""Characters of a text that are looked at; an image may hold megabytes."""
_NARROW = 60
"""On screens below this width there are the bytes and what they are of: the details tell the rest."""
_WIDE = 120
"""From this width on, both sides stand beside their difference."""
_BYTES, _SIDES = 11, 22
"""Columns of a difference, and of both sides of it."""
_LEAST_LAST = 24
"""Columns that versions and steps have at least, even if names are cut for them."""
_KIND = 9
_MANAGER = 7
_KEY = 12


class DifferenceColumns:
    """Draws rows, and what stands above them.

    All go by the width of the screen: that of the list changes with its scrollbar, and titles stand still.
    """

    def __init__(self, look: Display) -> None:
        self._look = look
        self.screen = 80
        """Columns of the screen."""
        self._names = 0
        """Columns of the longest name of a package, or title of a finding."""
        self._draw: dict[Part, Callable[[Any, int], Iterator[Piece]]] = {
            Part.STEPS: self._step,
            Part.DIRECTORIES: self._directory,
            Part.PACKAGES: self._package,
            Part.FILES: self._file,
            Part.CONFIGURATION: self._setting,
            Part.FINDINGS: self._finding,
        }

    def measure(self, rows: Sequence[Row]) -> None:
        """Take note of how long the names are that have a column of their own."""
        self._names = max((cell_len(self._text(name)) for name in _names(rows)), default=0)

    @property
    def _is_narrow(self) -> bool:
        return self.screen < _NARROW

    @property
    def _is_wide(self) -> bool:
        return self.screen >= _WIDE

    def titles(self, part: Part) -> str:
        """What stands above the columns of a list."""
        kind = "" if self._is_narrow else f"{'kind':<{_KIND}}  "
        sides = f"{'before':>8}    {'after':>8}  " if self._is_wide else ""
        match part:
            case Part.STEPS:
                more = "" if self._is_narrow else f"{'wasted':>9}  {'layers':>8}  "
                return f"{'stored':>9}  {more}{kind}command"
            case Part.DIRECTORIES:
                return f"{'stored':>9}  {sides}directory"
            case Part.PACKAGES:
                manager = "" if self._is_narrow else f"{'manager':<{_MANAGER}}  "
                return f"{'live':>9}  {sides}{kind}{manager}{'package':<{self._room_for_names}}  version"
            case Part.FILES:
                return f"{'live':>9}  {sides}{kind}path"
            case Part.CONFIGURATION:
                return f" {'setting':<{_KEY}}  {kind}before {self._look.glyphs.arrow} after"
            case Part.FINDINGS:
                return f"{'saves':>9}       {kind}{'what':<{self._room_for_names}}  step"

    def draw(self, part: Part, row: Row, width: int) -> Iterator[Piece]:
        """A row in a list that is so wide."""
        left = width
        for text, style in self._draw[part](row, width):
            shown = self._look.cut(text, left)
            yield shown, style
            left -= cell_len(shown)

    def _text(self, raw: str | bytes) -> str:
        return self._look.text(raw[:LONGEST])

    def _path(self, path: bytes, room: int) -> str:
        look = self._look
        return look.cut(look.path(path), max(room, 1), keep_end=True)

    def _bytes(self, growth: int, before: int, after: int) -> Iterator[Piece]:
        look = self._look
        yield f"{look.signed(growth) if growth else '-':>9}  ", ""
        if self._is_wide:
            yield f"{look.size(before):>8} {look.glyphs.arrow:^2} {look.size(after):>8}  ", "dim"

    def _kind(self, kind: Difference, word: str = "") -> Iterator[Piece]:
        if not self._is_narrow:
            yield f"{word or kind.value:<{_KIND}}  ", KIND_STYLES[kind]

    def _step(self, row: StepDifference, _width: int) -> Iterator[Piece]:
        look, growth = self._look, row.growth
        yield f"{look.signed(growth.stored) if growth.stored else '-':>9}  ", ""
        if not self._is_narrow:
            yield f"{look.signed(growth.wasted) if growth.wasted else '-':>9}  ", ""
            yield f"{compare_rows.layers(growth, look.glyphs.arrow):>8}  ", "dim"
        yield from self._kind(row.kind)
        yield self.command(row.command), ""

    def command(self, text: str) -> str:
        """A step on one line, safe to show."""
        return self._text(" ".join(text[:LONGEST].split())) or "(no history)"

    def _directory(self, row: PathGrowth, width: int) -> Iterator[Piece]:
        rest = ", what else is in it" if row.rest else ""
        yield from self._bytes(row.growth, row.before, row.after)
        path = self._path(row.path, width - _BYTES - (_SIDES if self._is_wide else 0) - len(rest))
        yield path, "directory"
        yield rest, "dim"

    @property
    def _room_for_names(self) -> int:
        """What is left of a screen when the other columns have theirs, the last one what it needs most."""
        others = _BYTES + (_SIDES if self._is_wide else 0)
        last = _LEAST_LAST // 2
        if not self._is_narrow:
            others += _KIND + _MANAGER + 4
            last = _LEAST_LAST
        return max(min(self._names, self.screen - others - last), 8)

    def _package(self, row: PackageDifference, _width: int) -> Iterator[Piece]:
        look = self._look
        yield from self._bytes(row.growth, row.before_size, row.after_size)
        yield from self._kind(row.kind)
        if not self._is_narrow:
            yield f"{row.manager:<{_MANAGER}}  ", "dim"
        yield from self._named(row.name)
        yield self._text(compare_rows.versions(row, f" {look.glyphs.arrow} ")), "dim"

    def _file(self, row: FileDifference, width: int) -> Iterator[Piece]:
        yield from self._bytes(row.growth, row.before, row.after)
        yield from self._kind(row.kind)
        used = _BYTES + (_SIDES if self._is_wide else 0) + (0 if self._is_narrow else _KIND + 2)
        changed = ""
        if row.kind is Difference.CHANGED and not self._is_narrow:
            changed = f"  {', '.join(change_names(row.changed))}"
        yield self._path(row.path, width - used - len(changed)), ""
        yield changed, "dim"

    def _setting(self, row: ConfigDifference, width: int) -> Iterator[Piece]:
        look = self._look
        yield f" {row.key:<{_KEY}}  ", ""
        yield from self._kind(row.kind)
        room = width - _KEY - 3 - (0 if self._is_narrow else _KIND + 2)
        name = look.cut(self._text(row.name), max(room // 2, 1))
        values = [self._text(value) for value in (row.before, row.after) if value]
        if name:
            yield f"{name}  " if values else name, ""
            room -= cell_len(name) + 2
        arrow = f" {look.glyphs.arrow} "
        if len(values) == 2 and cell_len(values[0]) + cell_len(values[1]) + len(arrow) > room:
            half = max((room - len(arrow)) // 2, 1)
            values = [look.cut(value, half, keep_end=True) for value in values]
        yield arrow.join(values), "dim"

    def _finding(self, row: FindingDifference, _width: int) -> Iterator[Piece]:
        look, growth = self._look, row.after - row.before
        yield f"{look.signed(growth) if growth else '-':>9}  ", ""
        yield f"{SEVERITY_MARKS[row.severity]:<3}  ", SEVERITY_STYLES[row.severity]
        yield from self._kind(row.kind, compare_rows.word(row))
        if self._is_narrow:
            yield self._text(row.title), ""
            return
        yield from self._named(row.title)
        if row.command:
            yield self.command(row.command), "dim"

    def _named(self, text: str) -> Iterator[Piece]:
        name = self._look.cut(self._text(text), self._room_for_names)
        yield f"{name}{' ' * (self._room_for_names - cell_len(name))}  ", ""


def _names(rows: Sequence[Row]) -> Iterator[str]:
    """What has a column of its own."""
    for row in rows:
        if isinstance(row, PackageDifference):
            yield row.name
        elif isinstance(row, FindingDifference):
            yield row.title

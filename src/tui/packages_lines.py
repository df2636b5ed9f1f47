"""The list of packages, or of groups of them that open, and of what no package owns."""

from collections.abc import Iterator

from rich.cells import cell_len

from ..analysis.packages.holder_list import Group, Grouping, Held, HolderList, label
from ..analysis.packages.holders import Holder
from ..formatting import percent
from .grouped_lines import GroupedLines
from .lines import Piece
from .session import Session

_BAR = 8
_NARROW = 60
"""On screens below this width there are no files, no manager and no step: the details tell."""
_STEP = 20
"""Columns that a step has at least, even if names are cut for it."""
_MANAGER = 7
"""Columns of the manager."""
_BEFORE = 9 + 2 + 7 + 2 + _MANAGER + 2
"""Columns of the figures and the manager."""
UNOWNED = "of no package"
"""What stands where a manager would."""


class PackageLines(GroupedLines):
    """Lines of a `HolderList`."""

    listed: HolderList

    def __init__(self, session: Session, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._session = session
        self.listed = HolderList(())
        self._widest = 0
        """Columns of the longest name."""

    def show(self, listed: HolderList) -> None:
        """Other packages; the cursor goes to the first."""
        self.listed = listed
        self._widest = max((cell_len(holder_name(self._session, one)) for one in listed.holders), default=0)
        self.reload(0)

    @property
    def group(self) -> Group | None:
        """The group the cursor is on; None on a row."""
        number = self.group_number
        return None if number is None or self.row is not None else self.listed.groups[number]

    @property
    def row(self) -> Held | None:
        """The row the cursor is on; None on a group."""
        return self.listed.line(self.cursor).row if len(self.listed) else None

    def is_selectable(self, number: int) -> bool:
        """As `Lines` says."""
        line = self.listed.line(number)
        return line.group is not None or line.row is not None

    # Drawing.

    @property
    def titles(self) -> str:
        """What stands above the columns."""
        width = self.screen.size.width
        if self.listed.grouping is not Grouping.NONE:
            share = f"{'of live':>8}  {'':<{_BAR}}  " if width >= _NARROW else ""
            return f"{'bytes':>11}  {share}{'packages':>8}  {self.listed.grouping.value}"
        if width < _NARROW:
            return f"{'bytes':>9}  package"
        name, _ = self._widths(width - _BEFORE)
        return f"{'bytes':>9}  {'files':>7}  manager  {'package':<{name}}  layer"

    def _widths(self, room: int) -> tuple[int, int]:
        """Columns of the names and of the steps."""
        name = min(self._widest, max(room - _STEP - 2, 1))
        return name, max(room - name - 2, 0)

    def draw(self, number: int, width: int) -> Iterator[Piece]:
        """As `Lines` says."""
        group, row = self.listed.line(number)
        if row is not None:
            indent = "" if group is None else "    "
            yield indent, ""
            yield from self._row(row, width - len(indent), self.screen.size.width - len(indent))
        elif group is not None:
            yield from self._group(group, width)
        else:
            yield f" {UNOWNED}, by directory", "heading"

    def _row(self, row: Held, width: int, columns: int) -> Iterator[Piece]:
        """The columns of the list go by the screen: its own width changes with the scrollbar."""
        look, package = self._session.display, row.holder.package
        yield f"{look.size(row.size):>9}  ", ""
        name, style = holder_name(self._session, row.holder), "" if package is not None else "directory"
        if self.screen.size.width < _NARROW:
            yield look.cut(name, width - 11, keep_end=package is None), style
            return
        manager = "" if package is None else look.cut(look.text(package.manager), _MANAGER)
        yield f"{row.files:>7,}  {manager:<{_MANAGER}}  ", "dim"
        room, rest = self._widths(columns - _BEFORE)
        if self.listed.grouping is Grouping.LAYER:
            room, rest = room + rest, 0
        name = look.cut(name, min(room, width - _BEFORE), keep_end=package is None)
        yield name, style
        if rest and (layer := row.holder.layer) is not None:
            yield " " * (room - cell_len(name) + 2), ""
            more = "+" if row.holder.is_in_several else " "
            step = f"{layer:>3}{more} {self._session.command(layer)}"
            yield look.cut(step, width - _BEFORE - room - 2), "dim"

    def _group(self, number: int, width: int) -> Iterator[Piece]:
        look, group = self._session.display, self.listed.groups[number]
        symbol = look.glyphs.opened if self.listed.is_open(number) else look.glyphs.closed
        yield f" {symbol} ", "dim"
        yield f"{look.size(group.size):>8}  ", ""
        used = 13
        if self.screen.size.width >= _NARROW:
            share = self.listed.share(group)
            yield f"{percent(share):>8}  ", ""
            yield f"{look.bar(share, _BAR)[0]:<{_BAR}}  ", "live"
            used += 8 + 2 + _BAR + 2
        packages = f"{group.packages:,}" if group.packages else "-"
        yield f"{packages:>8}  ", ""
        yield look.cut(group_name(self._session, group), width - used - 10), ""


def holder_name(session: Session, holder: Holder) -> str:
    """Name and version of a package, and how often it is there; or a directory. Safe to show."""
    name = session.display.text(label(holder))
    if holder.package is not None:
        return f"{name} x{holder.package.copies:,}" if holder.package.copies > 1 else name
    assert holder.directory is not None
    if holder.directory.rest:
        return f"{name}, the rest" if holder.directory.path else "elsewhere"
    return name


def group_name(session: Session, group: Group) -> str:
    """What the packages of a group have in common, safe to show."""
    if group.key is None:
        return UNOWNED
    if isinstance(group.key, int):
        return f"layer {group.key}  {session.command(group.key)}"
    return session.display.text(group.key)

"""The list of wasted copies, or of groups of them that open."""

from collections.abc import Iterator

from rich.cells import cell_len

from ..analysis.model import WasteKind, WasteRow
from ..analysis.waste_groups import Cause, Group, Grouping, WasteList
from ..formatting import percent
from ..report.json_report import change_names
from .grouped_lines import GroupedLines
from .lines import Piece
from .session import Session

KIND_STYLES = {
    WasteKind.REMOVED: "removed",
    WasteKind.OVERWRITTEN: "changed",
    WasteKind.METADATA_ONLY: "metadata",
    WasteKind.REWRITTEN: "same",
    WasteKind.SHADOWED: "same",
}
_BAR = 8
_KIND = 17
_WIDE_KIND = 30
"""Columns of a kind that has room for what changed."""
_WIDE = 120
_NARROW = 60
"""On screens below this width there is no kind, no bar and no share: the details tell."""


class WasteLines(GroupedLines):
    """Lines of a `WasteList`."""

    listed: WasteList

    def __init__(self, session: Session, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._session = session
        self.listed = WasteList(())

    @property
    def group(self) -> Group | None:
        """The group the cursor is on; None on a row."""
        number = self.group_number
        return None if number is None or self.row is not None else self.listed.groups[number]

    @property
    def row(self) -> WasteRow | None:
        """The row the cursor is on; None on a group."""
        if not len(self.listed):
            return None
        row = self.listed.line(self.cursor).row
        return None if row is None else self.listed.rows[row]

    # Drawing.

    @property
    def titles(self) -> str:
        """What stands above the columns."""
        if self.listed.grouping is Grouping.NONE:
            kind = f"{'kind':<{self._kind_width}}  " if self._kind_width else ""
            return f"{'bytes':>9}  {kind}{'layers':>8}  path"
        share = f"{'of all':>8}  {'':<{_BAR}}  " if self._kind_width else ""
        return f"{'bytes':>11}  {share}{'copies':>7}  {self.listed.grouping.value}"

    @property
    def _kind_width(self) -> int:
        # The width of the list will not do: it changes with the scrollbar, and the titles stand still.
        width = self.screen.size.width
        return 0 if width < _NARROW else _KIND if width < _WIDE else _WIDE_KIND

    def draw(self, number: int, width: int) -> Iterator[Piece]:
        """As `Lines` says."""
        group, row = self.listed.line(number)
        if row is None:
            assert group is not None
            yield from self._group(group, width)
        else:
            indent = "" if group is None else "    "
            yield indent, ""
            key = b"" if group is None else self.listed.groups[group].key
            inside = len(key) + 1 if isinstance(key, bytes) and key else 0
            yield from self._row(self.listed.rows[row], width - len(indent), inside)

    def _row(self, row: WasteRow, width: int, inside: int) -> Iterator[Piece]:
        """`inside` is how many bytes of the path the line of the group has said."""
        look = self._session.display
        yield f"{look.size(row.size):>9}  ", ""
        used = 11
        if room := self._kind_width:
            names = ", ".join(change_names(row.changed)) if room == _WIDE_KIND else ""
            kind = look.cut(f"{row.kind}: {names}" if names else row.kind, room)
            yield f"{kind:<{room}}  ", KIND_STYLES[row.kind]
            used += room + 2
        yield f"{self._layers(row):>8}  ", "dim"
        path = look.text(row.path[inside:]) if inside else look.path(row.path)
        yield look.cut(path, width - used - 10, keep_end=True), ""

    def _group(self, number: int, width: int) -> Iterator[Piece]:
        look, group = self._session.display, self.listed.groups[number]
        symbol = look.glyphs.opened if self.listed.is_open(number) else look.glyphs.closed
        share = self.listed.share(group)
        yield f" {symbol} ", "dim"
        yield f"{look.size(group.size):>8}  ", ""
        used = 13
        if self._kind_width:
            bar, _ = look.bar(share, _BAR)
            yield f"{percent(share):>8}  ", ""
            yield f"{bar:<{_BAR}}  ", "waste"
            used += 8 + 2 + _BAR + 2
        yield f"{len(group.rows):>7,}  ", ""
        room = width - used - 9
        name = look.cut(group_name(self._session, group), room, keep_end=isinstance(group.key, bytes))
        yield name, "directory" if isinstance(group.key, bytes) else ""
        if not isinstance(group.key, int):
            yield self._cause(group, room - cell_len(name)), "dim"

    def _cause(self, group: Group, room: int) -> str:
        """What happened to the group, in as many words as there is room for."""
        mostly = "" if group.caused == group.size else "mostly "
        layers = self._layers(group.cause)
        kind = "" if isinstance(group.key, WasteKind) else f"{group.cause.kind} "
        for words in (f"  {mostly}{kind}{layers}", f"  {mostly}{layers}"):
            if cell_len(words) <= room:
                return words
        return ""

    def _layers(self, of: Cause | WasteRow) -> str:
        return f"{of.layer}{self._session.display.glyphs.arrow}{of.killed_by}"


def group_name(session: Session, group: Group) -> str:
    """What the copies of a group have in common, safe to show."""
    if isinstance(group.key, bytes):
        if group.rest and not group.key:
            return "elsewhere"
        return session.display.path(group.key) + (", the rest" if group.rest else "")
    if isinstance(group.key, int):
        return f"layer {group.key}  {session.command(group.key)}"
    return str(group.key)

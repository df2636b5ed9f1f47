"""The line above the file tree: which filesystem, how it is sorted, how many paths of each kind."""

from textual.content import Content
from textual.widget import Widget

from ..analysis.rows import Rows
from ..analysis.timeline import Kind
from ..analysis.view import Scope
from .display import Display

KIND_KEYS = (Kind.ADDED, Kind.CHANGED, Kind.METADATA, Kind.REMOVED, Kind.SAME)
"""The kinds in the order of their keys, 1 to 5."""
KIND_COLOURS = {
    Kind.ADDED: "$text-success",
    Kind.CHANGED: "$text-warning",
    Kind.METADATA: "$text-secondary",
    Kind.REMOVED: "$text-error",
    Kind.SAME: "dim",
}


class TreeHeading(Widget):
    """Says what the tree shows; every word of it can be clicked."""

    DEFAULT_CSS = "TreeHeading { height: 1; text-wrap: nowrap; link-color: $foreground; link-style: none; }"

    def __init__(self, rows: Rows, look: Display, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._rows = rows
        self._look = look

    def render(self) -> Content:
        """The line for the rows as they are now, as far as there is room."""
        rows, width = self._rows, self.size.width
        # No text of the image is in here, so this is markup.
        arrow = ("^" if rows.reverse else "v") if self._look.ascii_only else ("▲" if rows.reverse else "▼")
        sort = f"  [@click=screen.sort()]sort {rows.sort.value} {arrow}[/]  "
        chips = []
        counts = rows.counts()
        for number, kind in enumerate(KIND_KEYS, 1):
            glyph = self._look.glyphs.kinds[kind].strip() or "="
            chip = f"[@click=screen.kind({number})]{glyph}{counts[kind]:,}[/]"
            colour = KIND_COLOURS[kind]
            chips.append(
                f"[$text-disabled strike]({chip})[/]" if kind in rows.hidden else f"[{colour}]{chip}[/]"
            )
        right = Content.from_markup(" ".join(chips))
        for scopes in (tuple(Scope), (rows.view.scope,)):
            left = Content.from_markup("".join(self._scope(scope, rows) for scope in scopes) + sort)
            gap = width - left.cell_length - right.cell_length - 1
            if gap >= 0:
                break
        return Content.assemble(left, " " * max(gap, 0), right)

    def _scope(self, scope: Scope, rows: Rows) -> str:
        selected = scope is rows.view.scope
        style, mark = ("bold reverse", self._look.glyphs.pointer) if selected else ("dim", " ")
        return f"[{style}]{mark}[@click=screen.scope('{scope.name}')]{scope.value}[/] [/]"

"""The treemap: where the bytes of a filesystem are, at a glance."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widgets import Static

from ..analysis.rows import Rows
from ..analysis.treemap import below
from ..analysis.view import Scope, View
from ..formatting import columns, percent
from .boxes import Boxes, layer_style, waste_style
from .header import ImageHeader
from .key_line import KeyLine
from .session import Jump, Session

_LEGEND_WIDTH = 24
"""Columns that a layer has in the legend, at least."""

_SHORTEST_REST = 8
"""Columns below which the beginning of a text says nothing."""

Piece = tuple[str, str | Style]


class TreemapScreen(Screen[Jump | None]):
    """A directory as boxes; one walks into those that are directories, and leaves through a file."""

    DEFAULT_CSS = """
    TreemapScreen {
        #place, #pointed-at, #legend { height: 1; text-wrap: nowrap; }
        #place { background: $surface; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("backspace,minus,u", "walk_up", "Up", id="treemap_up"),
        Binding("c", "colours", "Colours", id="treemap_colours"),
        Binding("space", "show_in_tree", "Show in the tree", id="treemap_show"),
        Binding("escape,t,q", "close", "Close", id="treemap_close"),
    ]

    def __init__(self, session: Session, view: View, path: int = 0) -> None:
        """`path` is the directory to begin with, or something in it to point at."""
        super().__init__()
        self.session = session
        self.rows = Rows(session.paths, view)
        self._start = path

    def compose(self) -> ComposeResult:
        """Where one is, the boxes, what the cursor is on, what the colours say."""
        session = self.session
        yield ImageHeader(session, id="header")
        yield Static(id="place")
        yield Boxes(self.rows, session.display, id="boxes")
        yield Static(id="pointed-at")
        yield Static(id="legend")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin with the directory; with the one above, pointing at it, if it holds nothing to draw."""
        self.set_focus(self.boxes)
        self._walk_to(self._start)

    @property
    def boxes(self) -> Boxes:
        """The map itself."""
        return self.query_one("#boxes", Boxes)

    # Walking.

    def _walk_to(self, path: int, cursor: int | None = None) -> None:
        parents = self.session.timeline.parents
        while path > 0 and not below(self.rows, path):
            path, cursor = parents[path], path
        self.boxes.show(path, cursor)

    @on(Boxes.Chosen)
    def _enter(self) -> None:
        box, display = self.boxes.box, self.session.display
        if box is None:
            return
        if box.gathered:
            directory = display.cut(display.path(self.session.timeline.name(box.path)), 200, keep_end=True)
            self.notify(
                f"{box.gathered:,} more in {directory}, each too small to be drawn; "
                f"they hold {display.size(box.held)} together.",
                markup=False,
            )
        elif below(self.rows, box.path):
            self._walk_to(box.path)
        else:
            self._leave_for(box.path)

    def action_walk_up(self) -> None:
        """The directory that this one lies in."""
        path = self.boxes.path
        if path > 0:
            self._walk_to(self.session.timeline.parents[path], path)

    def action_show_in_tree(self) -> None:
        """Close, and go to what the cursor is on in the file tree."""
        if box := self.boxes.box:
            self._leave_for(box.path)

    def action_close(self) -> None:
        """Back to where one came from."""
        self.dismiss(None)

    def _leave_for(self, path: int) -> None:
        view = self.rows.view
        self.dismiss(Jump(view.layer, self.session.timeline.name(path), view.scope))

    # What is written around the map.

    def action_colours(self) -> None:
        """By layer, or by waste."""
        self.boxes.colour_by(layer=not self.boxes.by_layer)
        self._show_legend()

    @on(Boxes.Moved)
    def _moved(self) -> None:
        self._show_place()
        self._show_pointed_at()
        self._show_legend()

    def _show_place(self) -> None:
        """The directory that is shown, what it holds, how much of the image that is, what of it is wasted."""
        session, path, view = self.session, self.boxes.path, self.rows.view
        weight, stored = self.rows.weight(path), session.analysis.totals.stored
        where = {
            Scope.CHANGES: f"layer {view.layer}",
            Scope.UP_TO: f"layers up to {view.layer}",
            Scope.FINAL: "final image",
        }
        share = percent(weight.held / stored if stored else 0.0)
        wasted = f"wasted {session.display.size(weight.wasted)}"
        self._show_line(
            "#place",
            session.display.path(session.timeline.name(path)),
            [
                (session.display.size(weight.held), "bold"),
                (wasted, "bold $text-warning" if weight.wasted else ""),
                (f"{share} of the image", ""),
                (where[view.scope], "dim"),
            ],
        )

    def _show_pointed_at(self) -> None:
        """The box under the cursor, all that did not fit into it."""
        box, origin, display = self.boxes.box, self.boxes.origin, self.session.display
        if box is None:
            self.query_one("#pointed-at", Static).update("")
            return
        name = display.path(self.session.timeline.name(box.path))
        if box.gathered:
            name = f"{name}  {self.boxes.labels.name(box)}"
        share = percent(box.held / below(self.rows, self.boxes.path))
        figures: list[Piece] = [(display.size(box.held), "bold"), (f"{share} of this map", "")]
        if box.wasted:
            figures.append((f"{percent(box.wasted_fraction)} wasted", "$text-warning"))
        if origin is not None:
            figures.append((f"mostly L{origin}", "dim"))
        command = "" if origin is None else self.session.command(origin)
        self._show_line("#pointed-at", name, figures, command)

    def _show_line(self, id: str, name: str, figures: list[Piece], rest: str = "") -> None:  # noqa: A002
        """A name and as many of the figures as leave it some room; the name gives way to none but those.

        The beginning of `rest` follows if all of them leave any.
        """
        width = self.size.width or 80
        fewest = min(columns(name), max(width // 3, 8))
        room = width - 2
        shown: list[Piece] = []
        for text, style in figures:
            if room - columns(text) - 2 < fewest:
                break
            room -= columns(text) + 2
            shown += [("  ", ""), (text, style)]
        display = self.session.display
        line = display.cut(name, max(room, 1), keep_end=True)
        if (left := room - columns(line) - 1) >= _SHORTEST_REST:
            shown.append((f" {display.cut(rest, left)}", "dim"))
        self.query_one(id, Static).update(Content.assemble((f" {line}", "bold"), *shown))

    def _show_legend(self) -> None:
        width, display = self.size.width or 80, self.session.display
        pieces: list[Piece]
        if self.boxes.by_layer:
            layers = list(dict.fromkeys(origin for origin in self.boxes.origins if origin is not None))
            most = max((width - 6) // _LEGEND_WIDTH, 1)
            rest = f"+{len(layers) - most}" if len(layers) > most else ""
            room = (width - 2 - len(rest)) // max(min(len(layers), most), 1)
            pieces = []
            for layer in layers[:most]:
                chip = f" L{layer} "
                pieces.append((chip, self._colour(layer_style(layer))))
                text = display.cut(self.session.command(layer), max(room - len(chip) - 3, 0))
                pieces.append((f" {text}  ", ""))
            pieces.append((rest, "dim"))
        else:
            pieces = [("wasted: ", "")]
            for fraction, text in ((0.0, "nothing"), (0.25, "some"), (0.75, "half or more")):
                pieces += [(f" {text} ", self._colour(waste_style(fraction))), (" ", "")]
        self.query_one("#legend", Static).update(Content.assemble(" ", *pieces))

    def _colour(self, name: str) -> Style:
        return self.boxes.get_visual_style(name)

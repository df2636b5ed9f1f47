"""A list of any length with a cursor: only the lines on the screen are ever made."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

Piece = tuple[str, str]
"""Text that is safe to show, and the name of its style: one of `STYLES`, or empty for plain."""

STYLES = (
    "cursor", "blurred", "dim", "bold", "heading", "live", "waste", "directory", "link", "match",
    "added", "changed", "metadata", "removed", "same",
)  # fmt: skip


def _nobody() -> None:
    """Follows no cursor."""


class LineMessage(Message):
    """Something happened to a line of a list."""

    def __init__(self, lines: "Lines", number: int) -> None:
        super().__init__()
        self.lines = lines
        self.number = number

    @property
    def control(self) -> "Lines":
        """The list, for `@on`."""
        return self.lines


class Lines(ScrollView, can_focus=True, inherit_bindings=False):
    """The base of every list: a subclass says how many lines there are and how one looks."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"lines--{name}" for name in STYLES}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "up", "Up", show=False, id="up"),
        Binding("down,j", "down", "Down", show=False, id="down"),
        Binding("pageup,ctrl+u", "page(-1)", "Page up", show=False, id="page_up"),
        Binding("pagedown,ctrl+d", "page(1)", "Page down", show=False, id="page_down"),
        Binding("home,g", "first", "First", show=False, id="first"),
        Binding("end,G", "last", "Last", show=False, id="last"),
        Binding("enter", "choose", "Open", show=False, id="choose"),
    ]

    chooses: ClassVar[bool] = True
    """Whether Enter does anything."""

    class Chosen(LineMessage):
        """Enter, or a click on the line the cursor is on."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._cursor = 0
        self.follow: Callable[[], object] = _nobody
        """Called when the cursor goes to another line, or the lines change under it.

        At once: what is shown of that line is then in one frame with the cursor, which a message is not.
        """

    # For subclasses.

    def count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def draw(self, number: int, width: int) -> Iterable[Piece]:
        """What stands on a line of `width` columns; what is too long is cut off."""
        raise NotImplementedError

    def nothing(self) -> str:
        """What an empty list says."""
        return ""

    def is_selectable(self, _number: int) -> bool:
        """Whether the cursor may stand there: not on a heading."""
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """A key that would do nothing is not shown."""
        return action != "choose" or self.chooses

    # The cursor.

    @property
    def cursor(self) -> int:
        """The line the cursor is on: 0 to `count() - 1`; 0 in an empty list."""
        return self._cursor

    def move_to(self, number: int, *, center: bool = False) -> None:
        """Put the cursor on a line and bring it into sight."""
        number = self._selectable(number)
        before, self._cursor = self._cursor, number
        for line in {before, number}:
            self.refresh_line(line)
        self._into_sight(center=center)
        if before != number:
            self.follow()

    def reload(self, cursor: int | None = None) -> None:
        """Show the lines anew, all of which may have changed."""
        self._set_length(self.count())
        self._cursor = self._selectable(self._cursor if cursor is None else cursor)
        self.refresh()
        self._into_sight()
        self.follow()

    def _set_length(self, count: int) -> None:
        """Take note of how many lines there are; all is laid out anew where a scroll bar comes or goes."""
        height, size = self.scrollable_content_region.height, Size(self.size.width, count)
        stays = self.styles.overflow_y == "scroll" or (self.virtual_size.height > height) == (count > height)
        if not height or not stays:
            self.virtual_size = size
            return
        self.set_reactive(Lines.virtual_size, size)
        self.vertical_scrollbar.window_virtual_size = count
        if self.scroll_offset.y > (last := max(count - height, 0)):
            self.scroll_to(y=last, animate=False, immediate=True)

    def _selectable(self, number: int) -> int:
        last = self.count() - 1
        if last < 0:
            return 0
        number = max(0, min(number, last))
        down = number >= self._cursor
        for candidates in (range(number, last + 1), range(number, -1, -1))[:: 1 if down else -1]:
            for candidate in candidates:
                if self.is_selectable(candidate):
                    return candidate
        return 0

    def _into_sight(self, *, center: bool = False) -> None:
        height = self.scrollable_content_region.height
        top = self.scroll_offset.y
        if height and not top <= self._cursor < top + height:
            if center:
                target = self._cursor - height // 2
            else:
                target = self._cursor if self._cursor < top else self._cursor - height + 1
            self.scroll_to(y=max(target, 0), animate=False, immediate=True)
        elif top and self._cursor <= 1:  # a heading above the first line is to be seen too
            self.scroll_to(y=0, animate=False, immediate=True)

    def action_up(self) -> None:
        """One line up."""
        self.move_to(self._cursor - 1)

    def action_down(self) -> None:
        """One line down."""
        self.move_to(self._cursor + 1)

    def action_page(self, direction: int) -> None:
        """A screen up or down."""
        self.move_to(self._cursor + direction * max(self.scrollable_content_region.height - 1, 1))

    def action_first(self) -> None:
        """The first line."""
        self.move_to(0)

    def action_last(self) -> None:
        """The last line."""
        self.move_to(self.count() - 1)

    def action_choose(self) -> None:
        """What Enter does."""
        if self.count():
            self.post_message(self.Chosen(self, self._cursor))

    def on_click(self, event: events.Click) -> None:
        """A click goes to a line; on the line the cursor is on it is Enter."""
        where = event.get_content_offset(self)
        if where is None:
            return
        number = where.y + self.scroll_offset.y
        if not 0 <= number < self.count() or not self.is_selectable(number):
            return
        if number == self._cursor:
            self.action_choose()
        else:
            self.move_to(number)

    # Drawing.

    def on_resize(self) -> None:
        """The lines are as wide as the widget."""
        self.virtual_size = Size(self.size.width, self.count())
        self._into_sight()

    def on_focus(self) -> None:
        """The cursor looks otherwise with the focus."""
        self.refresh_line(self._cursor)

    def on_blur(self) -> None:
        """The cursor looks otherwise without the focus."""
        self.refresh_line(self._cursor)

    def render_line(self, y: int) -> Strip:
        """As `ScrollView` says."""
        number = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        base = self.rich_style
        if not 0 <= number < self.count():
            if y or self.count() or not (said := self.nothing()):
                return Strip.blank(width, base)
            dim = base + self._style("dim")
            return Strip([Segment(f" {said}", dim)]).adjust_cell_length(width, base)
        over = Style.null()
        if number == self._cursor and self.is_selectable(number):
            # Whole, not partial: `auto` colours and transparency need the background behind them.
            over = self.get_component_rich_style(f"lines--{'cursor' if self.has_focus else 'blurred'}")
            if not self.has_focus:  # the colours of its parts stay
                over = over.without_color + Style(bgcolor=over.bgcolor)
        segments = [
            Segment(text, (base + self._style(style) if style else base) + over)
            for text, style in self.draw(number, width)
            if text
        ]
        return Strip(segments).adjust_cell_length(width, base + over)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"lines--{name}", partial=True)

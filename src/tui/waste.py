"""The waste view: every copy that is shipped and cannot be seen, largest first, or in groups."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from ..analysis.view import Scope
from ..analysis.waste_groups import Grouping, WasteList
from .filtered_screen import LONGEST_FILTER
from .grouped_screen import GroupedScreen
from .header import ImageHeader
from .key_line import KeyLine
from .lines import Lines
from .session import Jump, Session
from .waste_details import amount_words, group_details, row_details
from .waste_lines import WasteLines, group_name

_BORDERS = 4
"""Columns of the details that are no text."""


class WasteScreen(GroupedScreen):
    """Closes with the file that was chosen, in the layer that wrote it.

    What takes reading contents is done in a thread; the list is empty until then.
    """

    DEFAULT_CSS = """
    WasteScreen {
        #copies { height: 1fr; }
        #why {
            height: 8; max-height: 40%; padding: 0 1;
            border: round $panel-lighten-2; border-title-color: $text;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w,q", "leave", "Back at once", show=False, id="waste_leave"),
    ]

    unknown = "The wasted copies cannot be told apart"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._is_ready = False

    def compose(self) -> ComposeResult:
        """The list between what it adds up to and what the cursor is on."""
        yield ImageHeader(self.session)
        yield Static(id="amount")
        yield Input(placeholder="part of a path", max_length=LONGEST_FILTER, id="pattern")
        yield Static(id="titles")
        yield WasteLines(self.session, id="copies")
        with VerticalScroll(can_focus=False, id="why"):
            yield Static(id="reasons")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin to compare."""
        self.pattern.display = False
        self.copies.follow = self.show_details
        self.set_focus(self.copies)
        self.run_worker(self._compare, thread=True, exit_on_error=False)
        self.show_all()

    def _compare(self) -> WasteList:
        return WasteList(self.session.analysis.waste)

    def fill(self, result: WasteList) -> None:
        """As `ListScreen` says; filtered and grouped as was asked for meanwhile."""
        self._is_ready = True
        result.filter(self.pattern.value)
        result.group_by(self.copies.listed.grouping)
        self.copies.listed = result
        self.copies.reload(0)

    @property
    def copies(self) -> WasteLines:
        """The list."""
        return self.query_one("#copies", WasteLines)

    # Leaving.

    @on(Lines.Chosen, "#copies")
    def _chosen(self) -> None:
        row = self.copies.row
        if row is None:
            self.copies.action_open_close()
        else:
            self.go_to(Jump(row.layer, row.path, Scope.CHANGES))

    # Showing.

    @property
    def titles(self) -> str:
        """As `ListScreen` says."""
        return self.copies.titles

    def show_details(self) -> None:
        """As `ListScreen` says."""
        why, look = self.query_one("#why"), self.session.display
        copies, width = self.copies, max(self.size.width - _BORDERS, 10)
        row, group = copies.row, copies.group
        name, reasons = "", Content(self._nothing())
        if row is not None:
            name, reasons = look.path(row.path), row_details(self.session, row, width)
        elif group is not None:
            name = f"layer {group.key}" if isinstance(group.key, int) else group_name(self.session, group)
            reasons = group_details(self.session, group, copies.listed.share(group), width)
        title = look.cut(name, width - 2, keep_end=True)
        why.border_title = Content(title)
        if title != name:
            reasons = Content.assemble(reasons, "\n", (name, "dim"))
        self.query_one("#reasons", Static).update(reasons)
        why.scroll_home(animate=False)

    def _nothing(self) -> str:
        """Why there is no line for the cursor."""
        if self._failure:
            return self._failure
        if not self._is_ready:
            return ""
        if not self.copies.listed.whole.copies:
            return "Nothing is wasted: all that the layers store is there in the final image."
        return "No wasted copy has this in its path."

    def amount(self) -> Content:
        """What the lines add up to, and what they may be grouped by; every word of that can be clicked."""
        listed, look = self.copies.listed, self.session.display
        if not self._is_ready:
            return Content.styled(f" comparing contents{look.glyphs.ellipsis}", "dim")
        if not listed.whole.copies:
            return Content.styled(" No waste", "bold $text-success")
        by = listed.grouping
        order = "largest first" if by is Grouping.NONE else f"by {by.value}"
        words = amount_words(self.session, listed.shown, listed.whole)
        return self.groupings_after(Content.assemble((f" {words}", "bold"), f", {order}  "))

"""The waste view: every copy that is shipped and cannot be seen, largest first, or in groups."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static
from textual.worker import Worker, WorkerState

from ..analysis.view import Scope
from ..analysis.waste_groups import Grouping, WasteList
from ..errors import LayerscopeError
from .header import ImageHeader
from .key_line import KeyLine
from .lines import Lines
from .session import Jump, Session
from .waste_details import amount_words, group_details, row_details
from .waste_lines import WasteLines, group_name

_LONGEST_FILTER = 4096
"""Characters: what a path may have."""
_BORDERS = 4
"""Columns of the details that are no text."""


class WasteScreen(Screen[Jump | None]):
    """Closes with the file that was chosen, in the layer that wrote it.

    What takes reading contents is done in a thread; the list is empty until then.
    """

    DEFAULT_CSS = """
    WasteScreen {
        #titles, #amount { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #titles { color: $text-muted; }
        #pattern { height: 1; border: none; background: $surface; padding: 0 1; }
        #pattern:focus { background: $boost; }
        #copies { height: 1fr; }
        #why {
            height: 8; max-height: 40%; padding: 0 1;
            border: round $panel-lighten-2; border-title-color: $text;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="waste_back"),
        Binding("w,q", "leave", "Back at once", show=False, id="waste_leave"),
        Binding("tab", "next_grouping(1)", "Group by", id="waste_group"),
        Binding("shift+tab", "next_grouping(-1)", "Group by, backwards", show=False, id="waste_group_back"),
        Binding("slash,ctrl+f", "filter", "Filter", id="waste_filter"),
        Binding("down", "to_list", "From the filter to the list", show=False, id="waste_to_list"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._failure = ""
        self._is_ready = False

    def compose(self) -> ComposeResult:
        """The list between what it adds up to and what the cursor is on."""
        yield ImageHeader(self.session)
        yield Static(id="amount")
        yield Input(placeholder="part of a path", max_length=_LONGEST_FILTER, id="pattern")
        yield Static(id="titles")
        yield WasteLines(self.session, id="copies")
        with VerticalScroll(can_focus=False, id="why"):
            yield Static(id="reasons")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin to compare."""
        self.query_one("#pattern").display = False
        self.copies.follow = self._show_reasons
        self.set_focus(self.copies)
        self.run_worker(self._compare, thread=True, exit_on_error=False)
        self._show()

    def _compare(self) -> WasteList:
        return WasteList(self.session.analysis.waste)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """The waste is there, or cannot be had."""
        worker = event.worker
        if event.state is WorkerState.SUCCESS:
            assert isinstance(worker.result, WasteList)
            self._is_ready = True
            worker.result.filter(self.query_one("#pattern", Input).value)
            worker.result.group_by(self.copies.listed.grouping)
            self.copies.listed = worker.result
            self._show_lines()
        elif event.state is WorkerState.ERROR:
            if not isinstance(worker.error, LayerscopeError):  # a defect: the command line says what it was
                self.app.exit(worker.error)
                return
            hints = [worker.error.hint] if worker.error.hint else []
            self._failure = self.session.display.text(". ".join([worker.error.message, *hints]))
            self._show()

    @property
    def copies(self) -> WasteLines:
        """The list."""
        return self.query_one("#copies", WasteLines)

    # Leaving.

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)

    def action_back(self) -> None:
        """Take the filter away, or close."""
        pattern = self.query_one("#pattern", Input)
        if not pattern.display:
            self.dismiss(None)
            return
        pattern.display = False
        pattern.value = ""
        self.set_focus(self.copies)

    @on(Lines.Chosen, "#copies")
    def _chosen(self) -> None:
        row = self.copies.row
        if row is None:
            self.copies.action_open_close()
        elif self.session.analysis.has_entries:
            self.dismiss(Jump(row.layer, row.path, Scope.CHANGES))
        else:
            self.notify(
                "This report was saved without entries: there is no tree to go to.",
                severity="warning",
                markup=False,
            )

    # Groups and the filter.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """A key that would do nothing is not shown: where one types, / is a character."""
        typing = isinstance(self.focused, Input)
        return typing if action == "to_list" else not typing if action == "filter" else True

    def action_next_grouping(self, step: int) -> None:
        """Group by the next thing, in a circle."""
        groupings = list(Grouping)
        at = groupings.index(self.copies.listed.grouping)
        self.action_group_by(groupings[(at + step) % len(groupings)].name)

    def action_group_by(self, name: str) -> None:
        """Group by one thing."""
        self.copies.listed.group_by(Grouping[name])
        self._show_lines()

    def action_filter(self) -> None:
        """Open the input line."""
        pattern = self.query_one("#pattern", Input)
        pattern.display = True
        self.set_focus(pattern)

    def action_to_list(self) -> None:
        """From the input line back to the list."""
        self.set_focus(self.copies)

    @on(Input.Changed, "#pattern")
    def _pattern_typed(self, event: Input.Changed) -> None:
        self.copies.listed.filter(event.value)
        self._show_lines()

    @on(Input.Submitted, "#pattern")
    def _pattern_done(self, event: Input.Submitted) -> None:
        if not event.value:
            self.query_one("#pattern").display = False
        self.set_focus(self.copies)

    # Showing.

    def on_screen_resume(self) -> None:
        """Units may have changed meanwhile."""
        self.query_one(ImageHeader).refresh()
        self.copies.refresh()
        self._show()

    def on_resize(self, _event: events.Resize) -> None:
        """What there is room for."""
        self._show()

    def _show_lines(self) -> None:
        """The lines are others: begin with the first."""
        self.copies.reload(0)
        self._show()

    def _show(self) -> None:
        self.query_one("#amount", Static).update(self._amount())
        titles = self.copies.titles if len(self.copies.listed) else ""
        self.query_one("#titles", Static).update(Content(titles))
        self._show_reasons()

    def _show_reasons(self) -> None:
        """What the cursor is on."""
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
            reasons = Content.assemble(reasons, "\n", (name, "$text-muted"))
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

    def _amount(self) -> Content:
        """What the lines add up to, and what they may be grouped by; every word of that can be clicked."""
        listed, look = self.copies.listed, self.session.display
        if self._failure:
            return Content.styled(" The wasted copies cannot be told apart", "bold $text-error")
        if not self._is_ready:
            return Content.styled(f" comparing contents{look.glyphs.ellipsis}", "$text-muted")
        if not listed.whole.copies:
            return Content.styled(" No waste", "bold $text-success")
        by = listed.grouping
        order = "largest first" if by is Grouping.NONE else f"by {by.value}"
        left = Content.assemble(
            (f" {amount_words(self.session, listed.shown, listed.whole)}", "bold"), f", {order}  "
        )
        # No text of the image is in here, so this is markup.
        words = [
            f"[{'bold reverse' if one is by else '$text-muted'}][@click=screen.group_by('{one.name}')]"
            f"{look.glyphs.pointer if one is by else ' '}{one.value} [/][/]"
            for one in Grouping
        ]
        right = Content.from_markup("".join(words))
        gap = self.size.width - left.cell_length - right.cell_length
        return Content.assemble(left, " " * gap, right) if gap >= 0 else left

"""The history: every step that made the image, whole, with what its layer weighs."""

from datetime import UTC, datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from ..analysis.view import Scope
from .clipboard import copy
from .display import counted
from .header import ImageHeader
from .key_line import KeyLine
from .lines import Lines
from .session import Jump, Session
from .step_list import MOST_STEPS, StepList, without_step


class HistoryScreen(Screen[Jump | None]):
    """All steps, the empty ones too; Enter goes to the layer a step made."""

    DEFAULT_CSS = """
    HistoryScreen {
        #about { height: 1; padding: 0 1; background: $surface; text-wrap: nowrap; text-overflow: ellipsis; }
        #notes { height: auto; max-height: 4; padding: 0 1; color: $text-warning; }
        #steps { height: 1fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "reverse", "Reverse", id="history_reverse"),
        Binding("Y", "copy", "Copy the command", id="history_copy"),
        Binding("escape,q,H", "close", "Close", id="history_close"),
    ]

    def __init__(self, session: Session, now: datetime | None = None) -> None:
        """`now` is what ages are counted from."""
        super().__init__()
        self.session = session
        self._now = now or datetime.now(UTC)

    def compose(self) -> ComposeResult:
        """The steps under a line that says how many there are."""
        yield ImageHeader(self.session)
        yield Static(id="about")
        notes = _notes(self.session)
        if notes:
            yield Static(Content("\n").join(map(Content, notes)), id="notes")
        yield StepList(self.session, self._now)
        yield KeyLine()

    def on_mount(self) -> None:
        """The list has the keys."""
        self.steps.focus()
        self._show_about()

    @property
    def steps(self) -> StepList:
        """The list."""
        return self.query_one(StepList)

    def _show_about(self) -> None:
        analysis = self.session.analysis
        order = "newest first" if self.steps.newest_first else "oldest first"
        self.query_one("#about", Static).update(
            Content.assemble(
                ("History", "bold"),
                f"  {len(analysis.steps):,} steps, {len(analysis.layers):,} layers, {order}; ",
                "enter goes to the layer",
            )
        )

    @on(Lines.Chosen)
    def _chosen(self) -> None:
        layer = self.steps.items[self.steps.item].layer
        if layer is None:
            self.notify("This step made no layer.", markup=False)
        else:
            self.dismiss(Jump(layer, b"", Scope.CHANGES))

    def action_reverse(self) -> None:
        """Newest or oldest first."""
        self.steps.reverse()
        self._show_about()

    def action_copy(self) -> None:
        """The command of the step under the cursor goes to the clipboard, safe to paste and to show."""
        command = self.steps.items[self.steps.item].command if self.steps.items else ""
        if not command:
            self.notify("There is no command to copy.", markup=False)
            return
        copy(self, self.session.display, command)

    def action_close(self) -> None:
        """Back to where the user was."""
        self.dismiss(None)


def _notes(session: Session) -> list[str]:
    """What is wrong with the history."""
    steps, found = session.analysis.steps, []
    lost = sum(step.layer is None and not step.history.empty_layer for step in steps)
    if lost:
        found.append(f"The history is longer than the image: {counted(lost, 'step')} should have a layer.")
    if missing := len(without_step(session)):
        found.append(f"The history does not tell how {counted(missing, 'layer')} came about.")
    if len(steps) > MOST_STEPS:
        found.append(f"Only the first {MOST_STEPS:,} steps are shown.")
    return found

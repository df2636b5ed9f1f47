"""What the views of waste, findings and packages have in common: a list that takes a search."""

from typing import Any, ClassVar

from textual import events
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from ..errors import LayerscopeError
from .header import ImageHeader
from .lines import Lines
from .session import Jump, Session


class ListScreen(Screen[Jump | None]):
    """Closes with the place that was chosen in the list, which is empty until its worker has succeeded.

    A subclass composes an `ImageHeader`, texts with the ids `amount` and `titles`, and the list, which is the
    first `Lines` of the screen; and it starts one worker, or reads with a `ReadingLine`.
    """

    DEFAULT_CSS = """
    ListScreen {
        #amount, #titles { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #titles { color: $text-muted; }
    }
    """
    unknown: ClassVar[str]
    """What is said above the list if the worker fails."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._failure = ""
        """Why there is nothing to list, safe to show."""

    # For subclasses.

    @property
    def titles(self) -> str:
        """What stands above the columns."""
        raise NotImplementedError

    def fill(self, result: Any) -> None:
        """Put what the worker found into the list."""
        raise NotImplementedError

    def amount(self) -> Content:
        """What the list adds up to; not asked for after a failure."""
        raise NotImplementedError

    def show_details(self) -> None:
        """Tell of what the cursor is on, or why there is nothing."""
        raise NotImplementedError

    def go_to(self, jump: Jump) -> None:
        """Close with a place, if there can be one."""
        if jump.path and not self.session.analysis.has_entries:
            self.warn("This report was saved without entries: there is no tree to go to.")
        else:
            self.dismiss(jump)

    def warn(self, text: str) -> None:
        """Why a key did nothing."""
        self.notify(text, severity="warning", markup=False)

    # The worker.

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What was looked for is there, or cannot be had."""
        worker = event.worker
        if event.state is WorkerState.SUCCESS:
            self.fill(worker.result)
        elif event.state is WorkerState.ERROR:
            if not isinstance(worker.error, LayerscopeError):  # a defect: the command line says what it was
                self.app.exit(worker.error)
                return
            hints = [worker.error.hint] if worker.error.hint else []
            self._failure = self.session.display.text(". ".join([worker.error.message, *hints]))
        else:
            return
        self.show_all()

    # Leaving.

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)

    # Showing.

    def on_screen_resume(self) -> None:
        """Units may have changed meanwhile."""
        self.query_one(ImageHeader).refresh()
        self.query_one(Lines).refresh()
        self.show_all()

    def on_resize(self, _event: events.Resize) -> None:
        """What there is room for."""
        self.show_all()

    def show_all(self) -> None:
        """Everything around the list."""
        amount = Content.styled(f" {self.unknown}", "bold $text-error") if self._failure else self.amount()
        self.query_one("#amount", Static).update(amount)
        self.query_one("#titles", Static).update(
            Content(self.titles if self.query_one(Lines).count() else "")
        )
        self.show_details()

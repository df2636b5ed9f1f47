"""A panel over the screen: a title, something to read or to fill in, and Escape."""

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Panel(ModalScreen[Result]):
    """The base of all panels; a subclass composes one widget with the id `panel`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="close_panel"),
    ]
    DEFAULT_CSS = """
    Panel {
        align: center middle;
        #panel {
            width: 90%;
            max-width: 110;
            height: auto;
            max-height: 90%;
            background: $surface;
            border: round $accent;
            padding: 0 1;
        }
        Input { background: $boost; }
    }
    """

    def action_close(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)

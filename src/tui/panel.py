"""A panel over the screen: a title, something to read or to fill in, and Escape."""

import os
from pathlib import Path
from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

Result = TypeVar("Result")

_WIDEST = 110
_AROUND = 6
"""Columns of the frame, what it is padded with, and a scrollbar."""


class Panel(ModalScreen[Result]):
    """The base of all panels; a subclass composes one widget with the id `panel`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="close_panel"),
        Binding("question_mark,f1", "app.help", "Help", show=False, id="help_panel"),
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
        ReadingLine { padding: 0; }
    }
    """

    @property
    def columns(self) -> int:
        """How many there are for text."""
        return max(min(self.app.size.width * 9 // 10, _WIDEST) - _AROUND, 1)

    def action_close(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)


def path_typed(text: str) -> Path:
    """What a user means by a path: `~` is the home directory, `~name` that of a user, if there is one."""
    return Path(os.path.expanduser(text.strip()))  # noqa: PTH111 - it does not raise

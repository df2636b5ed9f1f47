"""The image: which it is, what it runs and how, and its config whole."""

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from .clipboard import copy
from .header import ImageHeader
from .image_facts import Fact, has_secrets, image_facts
from .key_line import KeyLine
from .lines import Lines, Piece
from .session import Jump, Session
from .wrapping import wrap

_NAME = 13
"""Columns of the names."""


class FactList(Lines):
    """Facts, wrapped; the cursor stands on every line with something on it."""

    chooses = False

    def __init__(self, facts: list[Fact]) -> None:
        super().__init__(id="image-facts")
        self._facts = facts
        self._rows: list[tuple[int, str, str]] = []
        """Which fact, and what stands under the names and beside them."""

    @property
    def fact(self) -> Fact:
        """What the cursor is on."""
        return self._facts[self._rows[self.cursor][0]] if self._rows else Fact("", "")

    def show(self, facts: list[Fact]) -> None:
        """Others, as many as before: the cursor stays."""
        keep = self._rows[self.cursor][0] if self._rows else 0
        self._facts = facts
        self._lay_out()
        self.reload(next((row for row, (fact, _, _) in enumerate(self._rows) if fact == keep), 0))

    def count(self) -> int:
        """As `Lines` says."""
        return len(self._rows)

    def is_selectable(self, number: int) -> bool:
        """As `Lines` says."""
        return any(self._rows[number][1:])

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self.show(self._facts)

    def draw(self, number: int, _width: int) -> Iterator[Piece]:
        """As `Lines` says."""
        fact, name, value = self._rows[number]
        yield f" {name:<{_NAME}}", "dim"
        yield value, self._facts[fact].style

    def _lay_out(self) -> None:
        self._rows = []
        width = self.scrollable_content_region.width - _NAME - 2
        for number, (name, value, _) in enumerate(self._facts):
            if len(name) >= _NAME:
                self._rows.append((number, name, ""))
                name = ""
            for line in wrap(value, width):
                self._rows.append((number, name, line))
                name = ""


class ImageScreen(Screen[Jump | None]):
    """Configuration and figures of the image."""

    DEFAULT_CSS = """
    ImageScreen {
        #about { height: 1; padding: 0 1; background: $surface; text-wrap: nowrap; text-overflow: ellipsis; }
        #image-facts { height: 1fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "mask", "Show or mask secrets", id="image_mask"),
        Binding("y", "copy", "Copy the value", id="image_copy"),
        Binding("escape,q,I", "close", "Close", id="image_close"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._has_secrets = has_secrets(session)
        self._unmasked = False

    def compose(self) -> ComposeResult:
        """One list."""
        yield ImageHeader(self.session)
        yield Static(id="about")
        yield FactList(image_facts(self.session))
        yield KeyLine()

    def on_mount(self) -> None:
        """The list has the keys."""
        self.facts.focus()
        self._show_about()

    @property
    def facts(self) -> FactList:
        """The list."""
        return self.query_one(FactList)

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """There is nothing to mask in most images."""
        return action != "mask" or self._has_secrets

    def _show_about(self) -> None:
        said = ""
        if self._has_secrets:
            said = "  what looks secret is shown" if self._unmasked else "  what looks secret is masked"
        self.query_one("#about", Static).update(Content.assemble(("Image", "bold"), said))

    def action_mask(self) -> None:
        """Show the values of variables that look secret, or mask them again."""
        self._unmasked = not self._unmasked
        self.facts.show(image_facts(self.session, unmasked=self._unmasked))
        self._show_about()

    def action_copy(self) -> None:
        """The value under the cursor, as it is shown, goes to the clipboard."""
        fact = self.facts.fact
        if fact.value:
            copy(self, self.session.display, fact.value)

    def action_close(self) -> None:
        """Back to where the user was."""
        self.dismiss(None)

"""Which image: those of the engines, filtered while one types."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from ..analysis.model import LocalImage, LocalImages
from .display import Display, counted
from .image_list import ImageList
from .key_line import KeyLine
from .lines import Lines

ListImages = Callable[[], LocalImages]
"""Asks the engines; a LayerscopeError if none of them answers."""


_MOST_TYPED = 256


class PickerScreen(Screen[LocalImage | BaseException | None]):
    """Ends with the image to open, with what kept it from listing any, or with None if the user leaves."""

    DEFAULT_CSS = """
    PickerScreen {
        #title { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
        #wanted { height: 1; border: none; background: $boost; padding: 0 1; }
        #local-images { height: 1fr; border: round $text-accent; border-title-color: $text; }
        #silent { height: auto; max-height: 4; padding: 0 1; color: $text-warning; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", priority=True, id="open_image"),
        Binding("up", "move(-1)", "Up", show=False, id="image_up"),
        Binding("down", "move(1)", "Down", show=False, id="image_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="image_page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="image_page_down"),
        Binding("escape", "back", "Clear, leave", id="leave_images"),
    ]

    class Listed(Message):
        """The engines have answered, or none has."""

        def __init__(self, found: LocalImages | BaseException) -> None:
            super().__init__()
            self.found = found

    def __init__(self, list_images: ListImages, look: Display, now: datetime | None = None) -> None:
        """Ages are counted up to `now`."""
        super().__init__()
        self._list_images = list_images
        self._look = look
        self._now = now or datetime.now(UTC)
        self._known: list[tuple[str, LocalImage]] = []
        """What is looked through, in small letters, and its image: the order in which they are listed."""
        self._is_listed = False

    def compose(self) -> ComposeResult:
        """A line to type in, and the list."""
        yield Static(id="title")
        yield Input(placeholder="type to filter: name, id or engine", max_length=_MOST_TYPED, id="wanted")
        yield ImageList(self._look, self._now)
        yield Static(id="silent")
        yield KeyLine()

    def on_mount(self) -> None:
        """Ask the engines, in a thread that nobody waits for: one that does not answer keeps nobody here."""
        self.query_one("#silent").display = False
        self.query_one("#wanted").focus()
        self._say(f"asking Docker and Podman{self._look.glyphs.ellipsis}")
        threading.Thread(target=self._ask, name="local images", daemon=True).start()

    def _ask(self) -> None:
        found: LocalImages | BaseException
        try:
            found = self._list_images()
        except BaseException as error:
            found = error
        with suppress(RuntimeError):  # the user has left
            self.post_message(self.Listed(found))

    @on(Listed)
    def _show_listed(self, event: Listed) -> None:
        if isinstance(event.found, BaseException):
            self.dismiss(event.found)
            return
        self._is_listed = True
        images = sorted(event.found.images, key=_order)
        self._known = [(f"{one.name} {one.id} {one.engine}".lower(), one) for one in images]
        if event.found.silent:
            said = Content("\n").join(Content(self._look.text(one)) for one in event.found.silent)
            silent = self.query_one("#silent", Static)
            silent.display = True
            silent.update(said)
        self._filter()

    @on(Input.Changed, "#wanted")
    def _filter(self) -> None:
        """Every word must be in a name, an id or the name of an engine."""
        if not self._is_listed:
            return
        words = self.query_one("#wanted", Input).value.lower().split()
        found = [image for text, image in self._known if all(word in text for word in words)]
        engines = sorted({image.engine for _, image in self._known})
        nothing = "no image has this in its name or id"
        if not self._known:
            nothing = "there is none: docker pull NAME gets one, layerscope FILE opens an archive"
        self.query_one(ImageList).show(found, nothing, several_engines=len(engines) > 1)
        of = f"{len(found):,} of " if words else ""
        where = f" in {' and '.join(engines)}" if engines else ""
        self._say(f"{of}{counted(len(self._known), 'image')}{where}")

    def _say(self, what: str) -> None:
        self.query_one("#title", Static).update(
            Content.assemble(("Open an image", "bold $text-accent"), Content(f"  {what}"))
        )

    # Keys.

    def action_move(self, lines: int) -> None:
        """Up or down."""
        found = self.query_one(ImageList)
        found.move_to(found.cursor + lines)

    def action_page(self, direction: int) -> None:
        """A screen up or down."""
        self.query_one(ImageList).action_page(direction)

    @on(Lines.Chosen)
    def action_open(self) -> None:
        """The image under the cursor."""
        if chosen := self.query_one(ImageList).selected:
            self.dismiss(chosen)

    def action_back(self) -> None:
        """First out of the filter, then out of here."""
        line = self.query_one("#wanted", Input)
        if line.value:
            line.value = ""
        else:
            self.dismiss(None)


def _order(image: LocalImage) -> tuple[bool, int, str]:
    """Those with a name first; the newest first; then by name."""
    return not image.name, -(image.created or 0), image.name

"""The images of the engines as a list: name, id, size, age and engine, as far as there is room."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from rich.cells import cell_len

from ..analysis.model import LocalImage
from . import dates
from .display import Display
from .lines import Lines, Piece

_NO_NAME = "<none>"
_SHORT_ID = 12
_SIZE, _AGE, _ENGINE = 8, 14, 6


class Column(NamedTuple):
    """One beside the names, shown from some width on."""

    title: str
    width: int
    least: int
    """Columns that the screen must have."""


_COLUMNS = (
    Column("id", _SHORT_ID, 50),
    Column(f"{'size':>{_SIZE}}", _SIZE, 0),
    Column("created", _AGE, 64),
    Column("engine", _ENGINE, 70),
)


class ImageList(Lines, can_focus=False):
    """A line a name; the keys that move in it are the screen's, which has an input line."""

    DEFAULT_CSS = """
    ImageList { overflow-y: scroll; }
    ImageList > .lines--blurred { background: $block-cursor-background; text-style: bold; }
    """

    def __init__(self, look: Display, now: datetime) -> None:
        super().__init__(id="local-images")
        self._look = look
        self._now = now
        self._nothing = ""
        self._several_engines = False
        self.images: Sequence[LocalImage] = ()

    @property
    def selected(self) -> LocalImage | None:
        """The image that the cursor is on."""
        return self.images[self.cursor] if self.images else None

    def show(self, images: Sequence[LocalImage], nothing: str, *, several_engines: bool) -> None:
        """Other images, what to say if there are none, and whether to say which engine has one."""
        self.images, self._nothing, self._several_engines = images, nothing, several_engines
        self.reload(0)
        self._show_titles()

    def count(self) -> int:
        """As `Lines` says."""
        return len(self.images)

    def nothing(self) -> str:
        """As `Lines` says."""
        return self._nothing

    def on_resize(self) -> None:
        """The titles stand over their columns."""
        super().on_resize()
        self._show_titles()

    def _show_titles(self) -> None:
        width = self.scrollable_content_region.width
        columns = self._columns(width)
        room = self._room(columns, width)
        titles = [f"{'image':<{room}}", *(f"{one.title:<{one.width}}" for one in columns)]
        self.border_title = "  ".join(titles).rstrip()

    def _columns(self, width: int) -> list[Column]:
        columns = [column for column in _COLUMNS if width >= column.least]
        return columns if self._several_engines else [one for one in columns if one.title != "engine"]

    def _room(self, columns: Sequence[Column], width: int) -> int:
        """Columns for the name."""
        return max(width - 3 - sum(column.width + 2 for column in columns), 1)

    def draw(self, number: int, width: int) -> Iterator[Piece]:
        """As `Lines` says."""
        image, look = self.images[number], self._look
        columns = self._columns(width)
        room = self._room(columns, width)
        yield f"{look.glyphs.pointer if number == self.cursor else ' '} ", ""
        name = look.cut(look.text(image.name or _NO_NAME), room, keep_end=True)
        yield name + " " * (room - cell_len(name)), "" if image.name else "dim"
        for column in columns:
            text, style = self._cell(image, column)
            yield f"  {text:<{column.width}}", style

    def _cell(self, image: LocalImage, column: Column) -> Piece:
        match column.title.strip():
            case "id":
                return self._look.text(image.id.removeprefix("sha256:")[:_SHORT_ID]), "dim"
            case "size":
                return f"{self._look.size(image.size) if image.size is not None else '':>{_SIZE}}", ""
            case "created":
                return self._age(image), ""
            case _:
                return image.engine, "dim"

    def _age(self, image: LocalImage) -> str:
        with suppress(OverflowError, ValueError, OSError):
            if image.created is not None:
                return dates.age(datetime.fromtimestamp(image.created, UTC), self._now)
        return ""

"""The steps of the history: what a list of them shows, each whole, with what its layer weighs."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from ..analysis import history
from ..analysis.model import HistoryStep
from . import dates
from .lines import Lines, Piece
from .session import Session
from .wrapping import wrap

MOST_STEPS = 5000
"""Steps that are listed."""
_LONGEST_COMMAND = 4000
_LONGEST_REMARK = 500
"""Characters of a command, and of an author or a comment, that are shown; a config may hold megabytes."""
_MOST_CHARACTERS = 1_000_000
"""Characters that all commands share, so that wrapping them is a matter of milliseconds."""
_BUILDKIT = "buildkit.dockerfile.v0"
"""The comment BuildKit puts on every step: it says nothing about one."""
_INDENT = "    "
_FIGURES = 35
_DATE = 18
"""Columns of the layer and its bytes, and of a date without an age."""


class Item(NamedTuple):
    """A step and its layer; one of them may be missing."""

    step: HistoryStep | None
    layer: int | None

    @property
    def command(self) -> str:
        """As Dockerfile text, not safe to show."""
        return "" if self.step is None else history.command(self.step)


class _Row(NamedTuple):
    item: int
    text: str | None
    """Safe to show; None for the line of figures that an item begins with."""
    style: str


class StepList(Lines):
    """Items of several lines. The cursor stands on the first line of one and goes from item to item.

    Where an item is taller than the screen, going down scrolls through it first.
    """

    def __init__(self, session: Session, now: datetime) -> None:
        super().__init__(id="steps")
        self._session = session
        self._now = now
        self.items = _items(session)
        """Those that are shown, in the order they are shown."""
        self.newest_first = False
        self._rows: list[_Row] = []
        self._starts: list[int] = []
        """By item: its first row; at the end the number of rows."""

    @property
    def item(self) -> int:
        """The item the cursor is on."""
        return self._rows[self.cursor].item if self._rows else 0

    def reverse(self) -> None:
        """The other way round; the cursor stays on its item."""
        keep = len(self.items) - 1 - self.item
        self.items.reverse()
        self.newest_first = not self.newest_first
        self._lay_out()
        if self.items:
            self.reload(self._starts[keep])
            self.move_to(self._starts[keep])

    def count(self) -> int:
        """As `Lines` says."""
        return len(self._rows)

    def on_resize(self) -> None:
        """Wrap to the new width."""
        keep = self.item
        self._lay_out()
        if self.items:
            self.reload(self._starts[keep])

    def move_to(self, number: int, *, center: bool = False) -> None:
        """Put the cursor on the item that a line belongs to, and bring all of it into sight that fits."""
        if not self._rows:
            return
        item = self._rows[max(0, min(number, len(self._rows) - 1))].item
        start, end = self._starts[item], self._starts[item + 1]
        super().move_to(start, center=center)
        hidden = end - self.scroll_offset.y - self._height
        if hidden > 0:
            self.scroll_to(y=min(self.scroll_offset.y + hidden, start), animate=False, immediate=True)
        self.refresh()

    def action_up(self) -> None:
        """The item before, or what is hidden of this one."""
        start = self._starts[self.item] if self._rows else 0
        if self.scroll_offset.y > start:
            self._scroll(max(start, self.scroll_offset.y - self._height // 2))
        else:
            self.move_to(start - 1)

    def action_down(self) -> None:
        """The next item, or what is hidden of this one."""
        self._go_down(self._height // 2)

    def action_page(self, direction: int) -> None:
        """A screen up or down, no line left out."""
        if direction > 0:
            self._go_down(self._height - 1)
        elif self._rows and self.scroll_offset.y > self._starts[self.item]:
            self.action_up()
        else:
            super().action_page(direction)

    def _go_down(self, lines: int) -> None:
        if not self._rows:
            return
        end = self._starts[self.item + 1]
        if end > self.scroll_offset.y + self._height:
            self._scroll(min(self.scroll_offset.y + max(lines, 1), end - self._height))
        elif end < len(self._rows):
            self.move_to(max(end, self.cursor + lines) if lines > self._height // 2 else end)

    def _scroll(self, top: int) -> None:
        self.scroll_to(y=top, animate=False, immediate=True)

    @property
    def _height(self) -> int:
        return max(self.scrollable_content_region.height, 1)

    # The lines.

    def _lay_out(self) -> None:
        self._rows, self._starts = [], []
        width = self.scrollable_content_region.width - len(_INDENT) - 1
        longest = min(_LONGEST_COMMAND, _MOST_CHARACTERS // max(len(self.items), 1))
        for number, item in enumerate(self.items):
            self._starts.append(len(self._rows))
            self._rows.append(_Row(number, None, ""))
            self._rows += (_Row(number, text, style) for text, style in self._text(item, longest, width))
        self._starts.append(len(self._rows))

    def _text(self, item: Item, longest: int, width: int) -> Iterator[tuple[str, str]]:
        display, command = self._session.display, item.command
        for line in (command[:longest].strip() or "(no history)").splitlines():
            for part in wrap(display.text(line.expandtabs(4)), width):
                yield part, ""
        if len(command) > longest:
            yield f"({len(command) - longest:,} more characters)", "dim"
        if item.step is not None:
            for name, remark in _remarks(item.step):
                for part in wrap(f"{name} {display.text(remark[:_LONGEST_REMARK])}", width):
                    yield part, "dim"
        yield "", ""

    def draw(self, number: int, width: int) -> Iterator[Piece]:
        """As `Lines` says."""
        row, glyphs = self._rows[number], self._session.display.glyphs
        if row.text is None:
            yield f"{glyphs.pointer if row.item == self.item else ' '} ", "bold"
            yield from self._figures(self.items[row.item], width - 2)
        elif row.text:
            yield f"{glyphs.gutter if row.item == self.item else ' '}{_INDENT[1:]}", "dim"
            yield row.text, row.style

    def _figures(self, item: Item, width: int) -> Iterator[Piece]:
        display = self._session.display
        if item.layer is None:
            yield f"{'empty' if item.step and item.step.empty_layer else 'no layer':<9} {'':>8}", "dim"
            yield " " * 17, ""
        else:
            figures = self._session.analysis.layers[item.layer].figures
            yield f"{f'layer {item.layer}':<9} {display.size(figures.stored):>8}", "bold"
            wasted = f"{display.size(figures.wasted)} wasted" if figures.wasted else ""
            yield f"  {wasted:<15}", "waste"
        room = width - _FIGURES
        if item.step is not None and item.step.created and room >= _DATE:
            yield display.cut(f"  {self._created(item.step.created)}", room), "dim"

    def _created(self, text: str) -> str:
        moment = dates.parse(text)
        if moment is None:
            return self._session.display.text(text[:_LONGEST_REMARK])
        return f"{dates.date(moment)}  {dates.age(moment, self._now)}".rstrip()


def _items(session: Session) -> list[Item]:
    """The steps, oldest first, and behind them the layers that have none."""
    analysis = session.analysis
    items = [Item(step.history, step.layer) for step in analysis.steps[:MOST_STEPS]]
    return items + [Item(None, layer) for layer in without_step(session)[:MOST_STEPS]]


def without_step(session: Session) -> list[int]:
    """The layers that the history tells nothing of."""
    analysis = session.analysis
    told = {step.layer for step in analysis.steps}
    return [layer.index for layer in analysis.layers if layer.index not in told]


def _remarks(step: HistoryStep) -> Iterator[tuple[str, str]]:
    if step.author:
        yield "author", step.author
    if step.comment and step.comment != _BUILDKIT and step.created_by:
        yield "comment", step.comment

"""Keys for the explorer, many to a second, and waits until it is done with what they began."""

import asyncio
import time
from typing import Any

from layerscope.tui.reading import ReadingLine
from textual import events
from textual.geometry import Size
from textual.keys import key_to_character
from textual.pilot import Pilot
from textual.widgets import Input

_TICK = 0.004
"""Seconds between two looks at whether anything is still going on; `Pilot.pause` takes five times as long."""


class Text(str):
    """Not a key, but what is typed at once, where one types."""


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """As `Pilot.press`."""
    for key in keys:
        if isinstance(key, Text):
            line = pilot.app.focused
            assert isinstance(line, Input)
            line.insert_text_at_cursor(key)
        else:
            pilot.app.post_message(events.Key(key, key_to_character(key)))
        await idle(pilot)


async def resize(pilot: Pilot[Any], width: int, height: int) -> None:
    """As `Pilot.resize_terminal`; the explorer has begun with another size."""
    size = Size(width, height)
    pilot.app.post_message(events.Resize(size, size))
    while pilot.app.screen.size != size:
        await pilot.pause(_TICK)
    await idle(pilot)


async def idle(pilot: Pilot[Any]) -> None:
    """As `Pilot.pause`: until all messages are dealt with, all is painted, and nothing more comes of it."""
    quiet = 0
    while quiet < 2:
        await pilot.pause(0)
        begun = time.process_time()
        await asyncio.sleep(_TICK)
        quiet = quiet + 1 if time.process_time() - begun < _TICK / 10 else 0


async def settle(pilot: Pilot[Any]) -> None:
    """Until nothing is counted, compared or read any more."""
    await pilot.app.workers.wait_for_complete()
    while any(line.is_busy for line in pilot.app.screen.query(ReadingLine)):
        await pilot.pause(0.01)
    await idle(pilot)

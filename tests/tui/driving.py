"""Keys for the explorer, several to a tenth of a second, and a wait until it is done with what they began."""

from typing import Any

from layerscope.tui.reading import ReadingLine
from textual import events
from textual.keys import key_to_character
from textual.pilot import Pilot
from textual.widgets import Input


class Text(str):
    """Not a key, but what is typed at once, where one types."""


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """As `Pilot.press`, which waits twice as often."""
    for key in keys:
        if isinstance(key, Text):
            line = pilot.app.focused
            assert isinstance(line, Input)
            line.insert_text_at_cursor(key)
        else:
            pilot.app.post_message(events.Key(key, key_to_character(key)))
        await pilot.pause()


async def settle(pilot: Pilot[Any]) -> None:
    """Until nothing is counted, compared or read any more."""
    await pilot.app.workers.wait_for_complete()
    while any(line.is_busy for line in pilot.app.screen.query(ReadingLine)):
        await pilot.pause(0.01)
    await pilot.pause()

"""What the cells of the HTML report hold: bytes, layers, names and commands as escaped elements."""

from html import escape

from ...formatting import printable, size
from ..steps import one_line
from ..wording import short

_HUES = 12
"""Colours that page.css has for layers; they begin anew after that."""
_LONGEST_LINE = 160
_LONGEST_COMMAND = 10_000
_LONGEST_NAME = 400


def text(raw: bytes | str, width: int = _LONGEST_NAME, *, keep_end: bool = False) -> str:
    """A text of the image in an element or an attribute, at most `width` columns of it."""
    return escape(short(raw, width, keep_end=keep_end))


def command_cell(command: str) -> str:
    """A command on one line, all of it folded behind if that is more."""
    line = one_line(command, _LONGEST_LINE)
    shown = f"<code>{escape(line)}</code>"
    bare = command[:_LONGEST_COMMAND].strip()
    if not bare or (line == " ".join(bare.split()) and "\n" not in bare):
        return shown
    # A line of its own in the page could be one that a CI runner obeys.
    full = "&#10;".join(escape(printable(part)) for part in bare.split("\n"))
    left = len(command) - _LONGEST_COMMAND
    more = f"<p class=note>and {left:,} characters more</p>" if left > 0 else ""
    return f"<details><summary>{shown}</summary><pre>{full}</pre>{more}</details>"


def chip(layer: int) -> str:
    """A layer's number in its colour, which leads to its row."""
    return f'<a class="chip l{layer % _HUES}" href="#layer-{layer}">{layer}</a>'


def exact(count: int) -> str:
    """Bytes as they are read, the exact number behind."""
    return f'<span title="{count:,} B">{size(count)}</span>'

"""Nothing but ASCII on the screen: the last look at every line before it is drawn.

What the explorer writes itself has an ASCII twin (`display.Glyphs`); borders, scroll bars, marks for what was
cut off and the names of keys are Textual's. Its filters see all of them.
"""

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_TWINS = {
    "-": "─╌┄┈╴╶╼╾–—‐‑−▔",
    "=": "═━╍┅┉╸╺",
    "|": "│╎┆┊╵╷┃║╏┇┋╹╻╽╿▏▎▍▌▋▊▉▕▐",
    "+": "┌┐└┘├┤┬┴┼╭╮╰╯┏┓┗┛┣┫┳┻╋╔╗╚╝╠╣╦╩╬",
    "#": "█▀■▖▗▘▙▚▛▜▝▞▟",
    "_": "▁",
    " ": "▂▃▄▅▆▇\xa0",  # the ends of a scroll bar: its own colours show where it ends
    ":": "░▒▓",
    "^": "▲△▴↑",
    "v": "▼▽▾↓",
    ">": "▶▷▸→›»",
    "<": "◀◁◂←‹«",
    "*": "•●○◉·∙",
    "~": "…",
    "x": "×✕✗✖⌫",
    "'": "‘’",
    '"': "“”",
}  # fmt: skip
_TABLE = str.maketrans({character: twin for twin, characters in _TWINS.items() for character in characters})


def plain(text: str) -> str:
    """The text in ASCII, as wide as it was; what has no twin is a question mark."""
    if text.isascii():
        return text
    return "".join(
        character if character.isascii() else "?" * cell_len(character)
        for character in text.translate(_TABLE)
    )


class Ascii(LineFilter):
    """Replaces what is not ASCII in a line, cell by cell."""

    def apply(self, segments: list[Segment], _background: Color) -> list[Segment]:
        """As `LineFilter` says."""
        return [Segment(plain(text), style, control) for text, style, control in segments]

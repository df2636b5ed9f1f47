"""What is copied to the terminal's clipboard, and a word about it."""

from typing import Any

from textual.screen import Screen

from .display import Display

_LONGEST = 100_000
"""Characters that go to the clipboard; terminals take no more."""
_SHOWN = 60
"""Columns of them that are shown."""


def copy(screen: Screen[Any], look: Display, text: bytes | str) -> None:
    """Copy a text of the image in the form that is safe to show, and so to paste, and say which it was."""
    _copy(screen, look, look.text(text[:_LONGEST]), len(text))


def copy_lines(screen: Screen[Any], look: Display, text: str) -> None:
    """The same with a text of several lines, which stay lines."""
    _copy(screen, look, "\n".join(map(look.text, text[:_LONGEST].split("\n"))), len(text))


def _copy(screen: Screen[Any], look: Display, safe: str, length: int) -> None:
    screen.app.copy_to_clipboard(safe)
    shown = safe.replace("\n", " ")
    first = f" the first {_LONGEST:,} characters" if length > _LONGEST else ""
    screen.notify(f"Copied{first}: {look.cut(shown, _SHOWN)}", markup=False)

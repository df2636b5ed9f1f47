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
    safe = look.text(text[:_LONGEST])
    screen.app.copy_to_clipboard(safe)
    first = f" the first {_LONGEST:,} characters" if len(text) > _LONGEST else ""
    screen.notify(f"Copied{first}: {look.cut(safe, _SHOWN)}", markup=False)

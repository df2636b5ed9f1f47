"""Screens as text files, to be read by people: `UPDATE_GOLDENS=1 pytest tests/tui` writes them anew."""

import os
from pathlib import Path

FOLDER = Path(__file__).with_name("goldens")


def check(name: str, text: str) -> None:
    """Compare a screen with the one that was looked at before."""
    path = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDENS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == path.read_text(encoding="utf-8")

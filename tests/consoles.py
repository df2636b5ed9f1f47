"""The commands shown in README.md and docs/, run again: `python -m tests.consoles` puts their output there.

In a block marked `console` every line that begins with `$ ` is a command, and what follows is its output
(standard error included). They are run in an empty folder that has `fixtures/`. `make …` is not run.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_PROMPT = "$ "


class Piece(NamedTuple):
    """A line of a page."""

    line: str
    language: str
    """Of the fenced block it is in; empty outside and for the fences themselves."""


def pieces(page: str) -> Iterator[Piece]:
    """Every line of a page with the language of its block."""
    language = ""
    fenced = False
    for line in page.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
            language = line.strip().removeprefix("```") if fenced else ""
            yield Piece(line, "")
        else:
            yield Piece(line, (language or "text") if fenced else "")


def commands(page: str) -> list[str]:
    """The commands of a page's consoles."""
    return [
        piece.line.removeprefix(_PROMPT)
        for piece in pieces(page)
        if piece.language == "console" and piece.line.startswith(_PROMPT)
    ]


def refreshed(page: str) -> str:
    """The page with what its commands print now."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "fixtures").symlink_to(ROOT / "fixtures")
        lines: list[str] = []
        for piece in pieces(page):
            if piece.language != "console":
                lines.append(piece.line)
            elif piece.line.startswith(_PROMPT):
                lines.append(piece.line)
                lines += output(piece.line.removeprefix(_PROMPT), folder)
    return "\n".join(lines) + "\n"


def output(command: str, folder: str) -> list[str]:
    """What a command prints, line by line."""
    if command.startswith("make "):
        return []
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    known = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "CI")}
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder, env={**known, "PATH": path, "PYTHONUTF8": "1"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    return [line.rstrip() for line in done.stdout.decode().splitlines()]


def main() -> None:
    """Put today's output into every page."""
    for path in PAGES:
        page = path.read_text(encoding="utf-8")
        new = refreshed(page)
        if new != page:
            path.write_text(new, encoding="utf-8", newline="\n")
            sys.stdout.write(f"{path.relative_to(ROOT)} has new output\n")


if __name__ == "__main__":
    main()

"""What may come to a terminal: the sequences that Textual writes, in the forms it writes them, and text."""

import base64
import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    r"\x1b\[(?P<csi>[^@-~]*[@-~])"
    r"|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|(?P<newline>\r?\n(?=\x1b\[|\Z))"  # the end of a piece of a frame: the cursor is moved at once
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_MODES = "7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048"
_FORMS = re.compile(rf"\?(?:{_MODES})[hl]|\?(?:2026|2048)\$p|>\d+u|<u")
"""Modes set and reset, the two that are asked for, kitty's keyboard protocol."""
_POINTER = re.compile(r"22;[a-z-]+")
_STYLES = frozenset(
    str(number)
    for numbers in (
        (0, 1, 2, 3, 4, 7, 9, 39, 49),
        range(30, 38),
        range(40, 48),
        range(90, 98),
        range(100, 108),
    )
    for number in numbers
)
"""No blinking (5, 6) and no hiding (8), which nothing of ours asks for."""
_CLIPBOARD = "52;c;"


class Stream(NamedTuple):
    """A stream that was read."""

    foreign: list[str]
    """What Textual does not write, with what stood before it."""
    copied: list[str]
    """What was put on the clipboard."""
    modes: list[str]
    """Modes set and reset, in order: `?1049h`."""


def read(data: bytes, columns: int, rows: int) -> Stream:
    """Take a stream apart, on a screen of that size."""
    stream = Stream([], [], [])
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        stream.foreign.append(f"not UTF-8: {data[max(error.start - 20, 0) : error.end + 20]!r}")
        text = data.decode("utf-8", "replace")
    for token in _TOKEN.finditer(text):
        for wrong in _problems(token, columns, rows, stream):
            before = text[max(token.start() - 30, 0) : token.start()]
            stream.foreign.append(f"{wrong} behind {before!r}")
    return stream


def _problems(token: "re.Match[str]", columns: int, rows: int, stream: Stream) -> Iterator[str]:
    if (csi := token["csi"]) is not None:
        if csi[0] == "?" and csi[-1] in "hl":
            stream.modes.append(csi)
        if not (_FORMS.fullmatch(csi) or _is_style(csi) or _is_move(csi, columns, rows)):
            yield f"CSI {csi!r}"
    elif (osc := token["osc"]) is not None:
        if osc.startswith(_CLIPBOARD):
            copied = base64.b64decode(osc.removeprefix(_CLIPBOARD), validate=True).decode()
            stream.copied.append(copied)
            if not copied.isprintable():
                yield f"clipboard {copied!r}"
        elif not _POINTER.fullmatch(osc):
            yield f"OSC {osc!r}"
    elif token["text"] is not None:
        # A space that does not break is Textual's own, in the footer.
        if wrong := sorted({char for char in token["text"] if not char.isprintable() and char != "\xa0"}):
            yield f"text {wrong!r}"
    elif token["other"] is not None:
        yield f"control {token['other']!r}"


def _is_style(csi: str) -> bool:
    if csi[-1] != "m":
        return False
    numbers = iter(csi[:-1].split(";"))
    for number in numbers:
        if number in ("38", "48"):
            left = {"5": 1, "2": 3}.get(next(numbers, ""), 0)
            if not left or not all(next(numbers, "").isdigit() for _ in range(left)):
                return False
        elif number not in _STYLES:
            return False
    return True


def _is_move(csi: str, columns: int, rows: int) -> bool:
    """To a place on the screen."""
    found = re.fullmatch(r"(\d+);(\d+)H", csi)
    return found is not None and 1 <= int(found[1]) <= rows and 1 <= int(found[2]) <= columns

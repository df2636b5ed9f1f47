"""A file's bytes as lines to look at: text, or a hex dump."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_ROW = 2000
"""Characters of a row; a longer line goes on in the next one."""
HEX_WIDTH = 16
"""Bytes on a line of a hex dump."""
BINARY = "binary"

_MOST_CONTROLS = 0.05
"""The share of control characters that a text may have."""
_FEW = 2
"""So many a short text may have all the same."""
_MOST_HIGH = 0.30
"""The share of characters beyond ASCII in a text of one byte a character."""
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROLS = re.compile("[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f]")
"""Not the white ones, nor those of a log with colours: backspace, escape."""
_UNDECODED = re.compile("[\udc80-\udcff]")
_BEYOND = re.compile("[^\x00-\x7f]")
_SAMPLE = 64 << 10


def encoding_of(data: bytes) -> str:
    """What a file that begins so is encoded in, as Python names it; `BINARY` if it is no text.

    A byte order mark tells; else it is UTF-8 if more of what is beyond ASCII is valid than is not, and
    latin-1 if it looks like text all the same.
    """
    sample = data[:_SAMPLE]
    for mark, name in _BOMS:
        if sample.startswith(mark):
            text = decode(sample, name)
            return name if _is_text(text) and (name != "utf-16" or _is_mostly_assigned(text)) else BINARY
    if b"\0" in sample:
        return BINARY
    text = decode(sample, "utf-8")
    wrong = len(_UNDECODED.findall(text))
    beyond = len(_BEYOND.findall(text))
    if beyond >= 2 * wrong:
        return "utf-8" if _is_text(text) else BINARY
    text = decode(sample, "latin-1")
    controls = len(re.findall("[\x80-\x9f]", text))
    high = len(_BEYOND.findall(text))
    if controls > _MOST_CONTROLS * len(text) or high > _MOST_HIGH * len(text):
        return BINARY
    return "latin-1" if _is_text(text) else BINARY


def _is_text(text: str) -> bool:
    return len(_CONTROLS.findall(text)) <= max(_MOST_CONTROLS * len(text), _FEW)


def _is_mostly_assigned(text: str) -> bool:
    """Whether a text of two bytes a character holds ones that exist: of random ones an eighth does not."""
    odd = sum(not char.isprintable() and not char.isspace() for char in text) + text.count("\ufffd")
    return odd <= _MOST_CONTROLS * len(text)


def decoder(encoding: str) -> codecs.IncrementalDecoder:
    """Makes text of pieces; bytes that are not UTF-8 are kept by surrogateescape, for `printable`."""
    errors = "replace" if encoding == "utf-16" else "surrogateescape"
    return codecs.getincrementaldecoder(encoding)(errors)


def decode(data: bytes, encoding: str) -> str:
    """Text; a character that the end of `data` cuts in two is left out."""
    return decoder(encoding).decode(data)


@dataclass(frozen=True, slots=True)
class Listing:
    """The lines of a text, in rows that a screen can carry."""

    rows: list[str]
    """As they are in the file: tabs, control characters and all."""
    numbers: list[int]
    """The line, from 1, that begins with the row; 0 where one goes on."""

    @property
    def has_long_lines(self) -> bool:
        """Whether there are more rows than lines."""
        return bool(self.numbers) and self.numbers[-1] != len(self.rows)


def listing(text: str) -> Listing:
    r"""Lines end with `\n` or `\r\n`, and with no other character."""
    rows, numbers = [], []
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    for number, line in enumerate(lines, 1):
        line = line.removesuffix("\r")
        if len(line) <= LONGEST_ROW:
            rows.append(line)
            numbers.append(number)
        else:
            starts = range(0, len(line), LONGEST_ROW)
            rows += [line[start : start + LONGEST_ROW] for start in starts]
            numbers += [number, *[0] * (len(starts) - 1)]
    return Listing(rows, numbers)


def hex_line(data: bytes, offset: int) -> str:
    """One line of a dump: `offset` in the file, 16 bytes of `data` or fewer, and those that are ASCII."""
    left, right = data[:8].hex(" "), data[8:].hex(" ")
    shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data)
    return f"{offset:08x}  {left:23}  {right:23}  |{shown}|"


def hex_lines(data: bytes, offset: int = 0) -> Iterator[str]:
    """A dump of `data`, which begins at `offset` in its file."""
    for start in range(0, len(data), HEX_WIDTH):
        yield hex_line(data[start : start + HEX_WIDTH], offset + start)

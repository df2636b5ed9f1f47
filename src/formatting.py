"""The one door from raw bytes and numbers to shown text."""

import re
import stat
import unicodedata

_COMMAND = re.compile(r"##((?:vso)?\[)")


def printable(raw: bytes | str, *, ascii_only: bool = False) -> str:
    r"""Text that is safe on a terminal, in a log and in a table, on one line.

    Control characters, line separators, bidirectional and other invisible format characters and bytes
    that are not UTF-8 become `\n`, `\x1b`, `\u202e` and the like; everything else stays. `ascii_only`
    escapes what is not ASCII too. A backslash stays one, so this is for reading and not for reading back.

    Nor is there a `##[name]` or `##vso[name]` in it, which the runners of GitHub (actions/runner,
    ActionCommand.cs) and of Azure Pipelines take for a command anywhere in a line: `#\x23[name]`.
    """
    text = raw.decode("utf-8", "surrogateescape") if isinstance(raw, bytes) else raw
    if "##" in text:
        text = _COMMAND.sub(r"#\\x23\1", text)
    if text.isprintable() and (not ascii_only or text.isascii()):
        return text
    return "".join(
        char if char.isprintable() and (not ascii_only or char.isascii()) else _escape(char) for char in text
    )


def _escape(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, kept by surrogateescape
        return f"\\x{code - 0xDC00:02x}"
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def inert(line: str) -> str:
    r"""A printable line that no CI runner takes for a command: a leading `::` becomes `:\x3a`.

    GitHub's looks for `::name::` where a line begins, behind blanks too (ActionCommand.cs).
    """
    bare = line.lstrip()
    return f"{line[: len(line) - len(bare)]}:\\x3a{bare[2:]}" if bare.startswith("::") else line


def columns(text: str) -> int:
    """Columns that a printable text takes in a terminal: two for wide characters, none for marks on others.

    Unicode Standard Annex 11; ambiguous characters count as narrow, as they are outside of East Asia.
    """
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def cut(text: str, width: int, *, keep_end: bool = False, ellipsis: str = "…") -> str:
    """At most `width` columns of a printable text, with an ellipsis for what is left out.

    That is the end of it, or, with `keep_end`, what follows its first third.
    """
    if columns(text) <= width:
        return text
    room = width - len(ellipsis)
    if room < 1:
        return ellipsis[: max(width, 0)]
    tail = _last(text, room - room // 3) if keep_end else ""
    return _first(text, room - columns(tail)) + ellipsis + tail


def _first(text: str, room: int) -> str:
    taken = 0
    for index, char in enumerate(text):
        taken += _columns(char)
        if taken > room:
            return text[:index]
    return text


def _last(text: str, room: int) -> str:
    taken, start = 0, len(text)
    for index in range(len(text) - 1, -1, -1):
        took = _columns(text[index])
        taken += took
        if taken > room:
            break
        if took:  # a mark stays with the character it stands on
            start = index
    return text[start:]


_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_BINARY_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_ENDLESS = 10**30
"""Beyond what any unit says; a float still holds it."""


def size(count: int, *, binary: bool = False) -> str:
    """Bytes with three significant digits: `6.41 kB`, `128 MB`, `0 B`, or `6.26 KiB` in `binary` units."""
    base, units = (1024, _BINARY_UNITS) if binary else (1000, _UNITS)
    value = float(min(count, _ENDLESS))
    for unit in units:
        if abs(value) < 999.5 or unit == units[-1]:
            break
        value /= base
    if unit == "B":
        return f"{count} B"
    return f"{value:.{2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0}f} {unit}"


def signed(count: int) -> str:
    """A difference in bytes: `+6.41 kB`, `-128 MB`, `0 B`."""
    return f"+{size(count)}" if count > 0 else f"-{size(-count)}" if count < 0 else "0 B"


def percent(fraction: float) -> str:
    """A fraction of one as a percentage that never rounds up to a perfect `100 %` nor down to `0 %`."""
    shown = 100 * fraction
    if 0 < fraction < 1:
        shown = min(max(shown, 0.01), 99.99)
    return f"{shown:.2f} %" if fraction not in (0, 1) else f"{shown:.0f} %"


def mode(bits: int, kind: str = "-") -> str:
    """Permission bits as `ls` shows them: `mode(0o4755)` is `-rwsr-xr-x`."""
    return kind + stat.filemode(bits & 0o7777)[1:]

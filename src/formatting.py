"""The one door from raw bytes and numbers to shown text."""

import stat


def printable(raw: bytes | str) -> str:
    r"""Text that is safe on a terminal, in a log and in a table, on one line.

    Control characters, line separators, bidirectional and other invisible format characters and bytes
    that are not UTF-8 become `\n`, `\x1b`, `\u202e` and the like; everything else stays.
    """
    text = raw.decode("utf-8", "surrogateescape") if isinstance(raw, bytes) else raw
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, kept by surrogateescape
        return f"\\x{code - 0xDC00:02x}"
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


def size(count: int) -> str:
    """Bytes in decimal units with three significant digits: `6.41 kB`, `128 MB`, `0 B`."""
    value = float(count)
    for unit in _UNITS:
        if abs(value) < 999.5 or unit == _UNITS[-1]:
            break
        value /= 1000
    if unit == "B":
        return f"{count} B"
    return f"{value:.{2 if value < 9.995 else 1 if value < 99.95 else 0}f} {unit}"


def percent(fraction: float) -> str:
    """A fraction of one as a percentage that never rounds up to a perfect `100 %` nor down to `0 %`."""
    shown = 100 * fraction
    if 0 < fraction < 1:
        shown = min(max(shown, 0.01), 99.99)
    return f"{shown:.2f} %" if fraction not in (0, 1) else f"{shown:.0f} %"


def mode(bits: int, kind: str = "-") -> str:
    """Permission bits as `ls` shows them: `mode(0o4755)` is `-rwsr-xr-x`."""
    return kind + stat.filemode(bits & 0o7777)[1:]

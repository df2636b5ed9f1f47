"""Names from an image as names of files here: plain ones, or refused with a reason."""

import os

WINDOWS = os.name == "nt"

_DEVICES = frozenset(("CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"))
_PORTS = ("COM", "LPT")
_PORT_NUMBERS = frozenset("0123456789¹²³")


class Refused(Exception):  # noqa: N818 - not the end: one name is left out
    """A name is not written; the text is the reason, and holds nothing from the image."""


def refuse_odd(part: bytes, *, windows: bool = WINDOWS) -> None:
    """Refused for a component that is no plain name of a file: it would lead elsewhere, or to a device."""
    if part in (b"", b".", b".."):
        raise Refused("its path is not a plain one")
    if b"\0" in part or b"/" in part:
        raise Refused("its name holds a character that no name can have")
    if windows:
        _refuse_on_windows(part)


def _refuse_on_windows(part: bytes) -> None:
    """Microsoft's "Naming Files, Paths, and Namespaces"."""
    try:
        name = part.decode()
    except UnicodeDecodeError:
        raise Refused("its name is not UTF-8, and Windows knows no other") from None
    if any(char < " " or char in '<>:"\\|?*' for char in name):
        raise Refused("its name holds a character that Windows does not allow")
    if name.endswith((".", " ")):
        raise Refused("its name ends with a dot or a space, which Windows drops")
    stem = name.partition(".")[0].rstrip(" ").upper()
    if stem in _DEVICES or (stem[:3] in _PORTS and len(stem) == 4 and stem[3] in _PORT_NUMBERS):
        raise Refused("its name is one of a device on Windows")

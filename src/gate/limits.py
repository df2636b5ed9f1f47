"""Limits as people write them: `95%`, `0.95`, `20MB`, `20MiB`, `disabled`."""

import re
from decimal import Decimal

from .catalogue import Shape
from .globs import Globs
from .setting import Allowed, Limit

_DISABLED = {"disabled", "off", "none"}
_FRACTION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(%?)\Z", re.ASCII)
_PERCENT = re.compile(r"(\d{1,9}(?:\.\d*)?|\.\d+)\s*%\Z", re.ASCII)
_SIZE = re.compile(
    r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*(?:(b?)|([kmgtpe])(i?)b?)\Z", re.ASCII | re.IGNORECASE
)
_POWERS = {"k": 1, "m": 2, "g": 3, "t": 4, "p": 5, "e": 6}
_LONGEST = 60
_MAX_BYTES = 2**63 - 1
"""The largest size that OCI descriptors and tar readers can say."""


def is_disabled(value: object) -> bool:
    """Whether a value says that there is no limit."""
    return isinstance(value, str) and value.strip().lower() in _DISABLED


def parse_limit(shape: Shape, value: object) -> Limit | None:
    """A limit of a shape, as a file or the command line has it; None if disabled.

    TypeError if it is no such thing at all, ValueError says what is wrong with it.
    """
    if is_disabled(value):
        return None
    if shape is Shape.PATHS:
        return _parse_paths(value)
    if shape is Shape.COUNT:
        return _parse_count(value)
    if type(value) not in (str, int, float):
        raise TypeError
    if type(value) is int and abs(value) > _MAX_BYTES:
        raise ValueError("no image has such a number of anything: it is below 9.2 EB")
    text = value if isinstance(value, str) else f"{Decimal(repr(value)):f}"
    if shape is Shape.FRACTION:
        return parse_fraction(text)
    return parse_growth(text) if shape is Shape.GROWTH else parse_bytes(text)


def _quoted(text: str) -> str:
    """A text as it is told: nobody reads the end of a long one."""
    return repr(text) if len(text) <= _LONGEST else f"{text[:_LONGEST]!r}…"


def _parse_paths(value: object) -> tuple[str, ...]:
    """Globs: a list of them, or a text with commas between them."""
    patterns = [one.strip() for one in value.split(",")] if isinstance(value, str) else value
    if not isinstance(patterns, list) or not patterns or not all(isinstance(one, str) for one in patterns):
        raise TypeError
    Globs(patterns)  # which says what is wrong with them
    return tuple(patterns)


def _parse_count(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if type(value) is not int or not 0 < value < 10**9:
        raise TypeError
    return value


def parse_fraction(text: str) -> float | None:
    """A fraction of one, written as `0.95` or `95%`; None if disabled. ValueError says what is allowed.

    Exactly rounded: `99.9%` is `0.999`, so that 999 live of 1000 stored bytes keep it.
    """
    stripped = text.strip()
    if is_disabled(stripped):
        return None
    match = _FRACTION.match(stripped)
    if match is None:
        raise ValueError(
            f"{_quoted(text)} is neither a fraction (0.95), nor a percentage (95%), nor 'disabled'"
        )
    number, sign = match.groups()
    value = Decimal(number) / (100 if sign else 1)
    if value > 1:
        hint = f"; did you mean {number}%?" if not sign and value <= 100 and len(number) < 10 else ""
        raise ValueError(
            f"{_quoted(text)} is more than the whole: 0 to 1, or 0% to 100%, or 'disabled'{hint}"
        )
    return float(value)


def parse_bytes(text: str) -> int | None:
    """Bytes, written as `20MB` (10^6), `20MiB` (2^20), `1.5 GB` or a bare number; None if disabled.

    ValueError says what is allowed; also for `1,5GB`, which might be 1.5 or 15.
    """
    stripped = text.strip()
    if is_disabled(stripped):
        return None
    match = _SIZE.match(stripped)
    if match is None:
        raise ValueError(f"{_quoted(text)} is neither a size (20MB, 20MiB, 1.5GB, 4096) nor 'disabled'")
    whole, part, _, unit, binary = match.groups()
    if part and not unit:
        raise ValueError(
            f"{_quoted(text)} is no whole number of bytes: write a size (20MB, 20MiB, 1.5GB, 4096)"
        )
    power = (1024 if binary else 1000) ** _POWERS[unit.lower()] if unit else 1
    value = Decimal(whole.replace(",", "") + (part or "")) * power
    if value > _MAX_BYTES:
        raise ValueError(f"{_quoted(text)} is more than any image can have: at most 9.2EB, or 'disabled'")
    return int(value)


def parse_growth(text: str) -> Allowed | None:
    """How much an image may grow: bytes, a percentage of the baseline, or both (`10MB, 5%`).

    None if disabled. ValueError says what is allowed. A percentage may be more than 100.
    """
    stripped = text.strip()
    if is_disabled(stripped):
        return None
    size: int | None = None
    fraction: float | None = None
    for part in re.split(r",\s+|,(?!\d{3})", stripped):
        match = _PERCENT.match(part.strip())
        if match and fraction is None:
            fraction = float(Decimal(match[1]) / 100)
        elif not match and size is None and not is_disabled(part):
            size = parse_bytes(part)
        else:
            raise ValueError(f"{_quoted(text)} says two things at once: a size, a percentage, or one of each")
    return Allowed(size or 0, fraction or 0.0)

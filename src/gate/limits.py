"""Limits as people write them: `95%`, `0.95`, `20MB`, `20MiB`, `disabled`."""

import re

_DISABLED = {"disabled", "off", "none"}
_FRACTION = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(%?)\s*\Z")
_SIZE = re.compile(r"\s*(\d[\d,]*(?:\.\d*)?|\.\d+)\s*([kmgtpe]?)(i?)(b?)\s*\Z", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5, "e": 6}


def parse_fraction(text: str) -> float | None:
    """A fraction of one, written as `0.95` or `95%`; None if disabled. ValueError says what is allowed."""
    if text.strip().lower() in _DISABLED:
        return None
    match = _FRACTION.match(text)
    if match is None:
        raise ValueError(f"{text!r} is neither a fraction (0.95), nor a percentage (95%), nor 'disabled'")
    value = float(match.group(1)) / (100 if match.group(2) else 1)
    if value > 1:
        hint = f"; did you mean {match.group(1)}%?" if not match.group(2) and value <= 100 else ""
        raise ValueError(f"{text!r} is more than the whole{hint}")
    return value


def parse_bytes(text: str) -> int | None:
    """Bytes, written as `20MB` (10^6), `20MiB` (2^20), `1.5 GB` or a bare number; None if disabled."""
    if text.strip().lower() in _DISABLED:
        return None
    match = _SIZE.match(text)
    if match is None or (match.group(3) and not match.group(2)):
        raise ValueError(f"{text!r} is neither a size (20MB, 20MiB, 1.5GB, 4096) nor 'disabled'")
    number, unit, binary, _ = match.groups()
    return int(float(number.replace(",", "")) * (1024 if binary else 1000) ** _POWERS[unit.lower()])

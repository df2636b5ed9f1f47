"""dive's three rules: their names, their limits by default, and how dive 0.13.1 reads a limit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

LOWEST_EFFICIENCY = "lowestEfficiency"
HIGHEST_WASTED_BYTES = "highestWastedBytes"
HIGHEST_USER_WASTED_PERCENT = "highestUserWastedPercent"

_DISABLED = "disabled"
"""In these letters only, as in dive."""
_DECIMAL = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
_FLOAT = re.compile(rf"[+-]?{_DECIMAL}(?:[eE][+-]?[0-9]+)?")
_BYTES = re.compile(r"([0-9.,]+)\s*(?:b|([kmgtpe])(i?)b?)?\s*", re.ASCII | re.IGNORECASE)
_PLAIN = re.compile(_DECIMAL)
_POWERS = {"k": 1, "m": 2, "g": 3, "t": 4, "p": 5, "e": 6}


@dataclass(frozen=True, slots=True)
class DiveLimits:
    """The limits of dive's rules, with dive's defaults; None disables a rule."""

    lowest_efficiency: float | None = 0.9
    """dive's `efficiency_score`, 0 to 1."""
    highest_wasted_bytes: int | None = None
    """dive's `inefficient_bytes`."""
    highest_user_wasted_percent: float | None = 0.1
    """dive's `user_wasted_percent`, 0 to 1: a fraction, whatever it is called."""


def limits_of(values: Mapping[str, str]) -> DiveLimits:
    """The limits written as `values`, by the names of the rules; ValueError as of `parse`."""
    standard = DiveLimits()
    efficiency, wasted, percent = (
        parse(rule, values[rule]) if rule in values else default
        for rule, default in (
            (LOWEST_EFFICIENCY, standard.lowest_efficiency),
            (HIGHEST_WASTED_BYTES, standard.highest_wasted_bytes),
            (HIGHEST_USER_WASTED_PERCENT, standard.highest_user_wasted_percent),
        )
    )
    return DiveLimits(efficiency, None if wasted is None else int(wasted), percent)


def parse(rule: str, text: str) -> float | None:
    """The limit of a rule as dive reads it, None if disabled. ValueError says what is allowed.

    Stricter than dive for `NaN`, which would let everything pass, and for hexadecimal fractions.
    """
    if text == _DISABLED:
        return None
    return _bytes(text) if rule == HIGHEST_WASTED_BYTES else _fraction(text)


def _fraction(text: str) -> float:
    value = float(text) if _FLOAT.fullmatch(text) else None
    if value is None or not 0 <= value <= 1:
        raise ValueError(f"{text!r} is neither a fraction from 0 to 1 (0.95) nor 'disabled'")
    return value


def _bytes(text: str) -> int:
    """Whole bytes; every comma is passed over, and what is left of a byte is cut off."""
    match = _BYTES.fullmatch(text)
    number = match[1].replace(",", "") if match else ""
    if match is None or not _PLAIN.fullmatch(number):
        raise ValueError(f"{text!r} is neither a size (20MB, 20MiB, 4096) nor 'disabled'")
    power = (1024 if match[3] else 1000) ** _POWERS[match[2].lower()] if match[2] else 1
    value = float(number) * power  # a float, as in dive: above 2^53 both are off by the same few bytes
    if value >= 2**64:
        raise ValueError(f"{text!r} is more than any image can have: less than 18.4EB, or 'disabled'")
    return int(value)

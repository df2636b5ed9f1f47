"""What is asked of a rule: a hard limit, a soft one, both or none."""

import enum
from dataclasses import dataclass
from typing import NamedTuple


class Scope(enum.StrEnum):
    """Which layers a rule is about."""

    IMAGE = "image"
    OWN = "own"
    """Those above the base image."""


class Allowed(NamedTuple):
    """How much an image may grow: the larger of the two."""

    size: int
    """Bytes."""
    fraction: float
    """Of the baseline, from 0."""


Limit = float | int | Allowed | tuple[str, ...]
"""As the shape of the rule says; of a switch `True`."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The limits of a rule; without any it is off."""

    fail: Limit | None = None
    warn: Limit | None = None
    """The soft one: stricter than the hard one, if there are both."""
    scope: Scope = Scope.IMAGE
    floor: int = 0
    """Wasted bytes from which on a percentage counts."""

    @property
    def is_off(self) -> bool:
        """Whether nothing is asked."""
        return self.fail is None and self.warn is None


OFF = Setting()

"""What a team accepts: paths that break no rule, each with a reason, most with a day on which that ends."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .globs import Globs


@dataclass(frozen=True, slots=True)
class Accept:
    """One entry of the list."""

    paths: tuple[str, ...]
    """Globs, as `globs.Globs` reads them."""
    reason: str
    rules: frozenset[str] = frozenset()
    """The names of the rules it is about; empty for all."""
    expires: datetime.date | None = None
    """The last day on which it holds; None if it holds for ever."""
    where: str = ""
    """Where it stands: `layerscope.toml: accept 2`."""

    def is_expired(self, today: datetime.date) -> bool:
        """Whether its last day is over."""
        return self.expires is not None and self.expires < today


@dataclass(frozen=True, slots=True)
class Accepts:
    """A list of entries, none of them expired; the first that fits counts. Notes which of them were used."""

    entries: Sequence[Accept]
    used: set[int] = field(default_factory=set)
    """Numbers of entries that something was accepted by."""
    _globs: Sequence[Globs] = field(init=False)
    _all: Globs = field(init=False)
    """Those of all entries: most paths fit none of them."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_globs", [Globs(entry.paths) for entry in self.entries])
        object.__setattr__(self, "_all", Globs([path for entry in self.entries for path in entry.paths]))

    def of(self, rules: Iterable[str], path: bytes) -> Accept | None:
        """The entry by which a path may break a rule, of one of these names; None if there is none."""
        if not self._all.match(path):
            return None
        for number, (entry, globs) in enumerate(zip(self.entries, self._globs, strict=True)):
            if (not entry.rules or not entry.rules.isdisjoint(rules)) and globs.match(path):
                self.used.add(number)
                return entry
        return None


NOTHING = Accepts(())

"""What a team accepts: paths that break no rule, and findings; why, and mostly until when."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..analysis.findings.finding import Finding
from .globs import Globs


@dataclass(frozen=True, slots=True)
class Accept:
    """One entry of the list."""

    paths: tuple[str, ...]
    """Globs, as `globs.Globs` reads them; empty for findings wherever they are."""
    reason: str
    rules: frozenset[str] = frozenset()
    """The names of the rules it is about; empty for all, or for none if there are `findings`."""
    expires: datetime.date | None = None
    """The last day on which it holds; None if it holds for ever."""
    where: str = ""
    """Where it stands: `layerscope.toml: accept 2`."""
    findings: frozenset[str] = frozenset()
    """The ids of the findings it is about; empty for all, or for none if there are `rules`."""

    def is_expired(self, today: datetime.date) -> bool:
        """Whether its last day is over."""
        return self.expires is not None and self.expires < today

    def is_about_rule(self, names: frozenset[str]) -> bool:
        """Whether it may let a path break a rule of one of these names."""
        return not self.rules.isdisjoint(names) if self.rules else not self.findings

    def is_about_finding(self, identity: str) -> bool:
        """Whether it may accept places of a finding."""
        return identity in self.findings if self.findings else not self.rules

    @property
    def because(self) -> str:
        """Why, and until when."""
        return f"{self.reason}, until {self.expires}" if self.expires is not None else self.reason

    @property
    def told(self) -> str:
        """What it accepts, as it stands in the file: its paths, or without any the ids of its findings."""
        return ", ".join(self.paths or sorted(self.findings))


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
        names = frozenset(rules)
        for number, (entry, globs) in enumerate(zip(self.entries, self._globs, strict=True)):
            if entry.is_about_rule(names) and globs.match(path):
                self.used.add(number)
                return entry
        return None

    def sort_out(self, findings: Iterable[Finding]) -> "SortedOut":
        """Which findings are accepted whole: by their id, or because all of their places are."""
        left: list[Finding] = []
        accepted: list[AcceptedFinding] = []
        for finding in findings:
            numbers = self._whole(finding)
            if numbers:
                self.used.update(numbers)
                accepted.append(AcceptedFinding(finding, self.entries[numbers[0]]))
            else:
                left.append(finding)
        return SortedOut(tuple(left), tuple(accepted))

    def _whole(self, finding: Finding) -> list[int]:
        """The entries that it takes, of its first place first; none if some place is not accepted or told."""
        about = [number for number, entry in enumerate(self.entries) if entry.is_about_finding(finding.id)]
        for number in about:
            if not self.entries[number].paths:
                return [number]
        if not about or finding.more or not finding.evidence:
            return []
        found: list[int] = []
        for one in finding.evidence:
            fits = (number for number in about if one.path and self._globs[number].match(one.path))
            first = next(fits, None)
            if first is None:
                return []
            found.append(first)
        return found


class AcceptedFinding(NamedTuple):
    """A finding that nobody needs to be told of."""

    finding: Finding
    entry: Accept
    """By which; of several that it takes, that of the largest place."""


class SortedOut(NamedTuple):
    """The findings of an image by whether they are accepted, in their order."""

    left: tuple[Finding, ...]
    accepted: tuple[AcceptedFinding, ...]


NOTHING = Accepts(())

"""What comes of judging: a rule, what was measured, the limit, whether it holds, and the evidence.

A figure equal to its limit passes.
"""

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from ..formatting import percent, size
from .accept import NOTHING, Accepts

Number = TypeVar("Number", int, float)

MOST_STEPS = 3
"""Steps that are told as evidence; the others are counted."""


class Outcome(enum.StrEnum):
    """What became of a rule."""

    PASS = "pass"  # noqa: S105 - no password
    WARN = "warn"
    """Its soft limit is not kept; the gate stays open."""
    FAIL = "fail"
    SKIP = "skip"
    """The rule is disabled."""


class Evidence(NamedTuple):
    """One thing that breaks a rule, or has most of what does."""

    path: bytes
    """Normalised, without a leading slash; empty where it is about no path."""
    size: int
    """Bytes."""
    layer: int | None
    """The index of the layer it is about, if it is about one."""
    what: str
    """Why it is here, in a few words; may hold text of the image or of a file of rules."""


class Verdict(NamedTuple):
    """One rule applied."""

    rule: str
    measured: str
    sign: str
    """`≥` or `≤`; empty if there is no limit, or none that is a number."""
    limit: str
    """As text; `disabled` if there is none."""
    outcome: Outcome
    ours: str = ""
    """Our figure beside one of dive's; empty for our own rules."""
    ours_fails: bool = False
    """Whether the rule holds by dive's figure alone."""
    evidence: Sequence[Evidence] = ()
    """The worst first; empty for a rule that holds."""
    more: int = 0
    """How many pieces of evidence there are beside."""

    def told_by(self, evidence: Iterable[Evidence], most: int) -> "Verdict":
        """The same with the first `most` pieces of evidence; the others are counted."""
        found = list(evidence)
        return self._replace(evidence=tuple(found[:most]), more=max(len(found) - most, 0))


class Shown(NamedTuple, Generic[Number]):
    """Two ways to show a figure."""

    short: Callable[[Number], str]
    exact: Callable[[Number], str]
    """Where the short way would show one text for two numbers."""


PERCENT = Shown[float](percent, lambda fraction: f"{(100 * Decimal(repr(fraction))).normalize():f} %")
BYTES = Shown[int](size, lambda count: f"{count:,} B")
COUNT = Shown[int](lambda count: f"{count:,}", lambda count: f"{count:,}")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the gate says of one image."""

    verdicts: tuple[Verdict, ...]
    origin: str = ""
    """Where the limits of dive's rules are from, in the order in which they count; empty without them."""
    file: str = ""
    """The file that our rules are from, as it was named; empty if there is none."""
    accepts: Accepts = NOTHING
    """What it accepted, and by which entries."""

    @property
    def is_closed(self) -> bool:
        """Whether a rule fails, and so the gate."""
        return any(verdict.outcome is Outcome.FAIL for verdict in self.verdicts)

    @property
    def word(self) -> str:
        """`FAIL`, `WARN` or `PASS`: the worst of them."""
        outcomes = {verdict.outcome for verdict in self.verdicts}
        return "FAIL" if self.is_closed else "WARN" if Outcome.WARN in outcomes else "PASS"

    def counted(self) -> str:
        """`FAIL: 1 passed, 1 failed, 1 skipped`; warnings are named where there are some."""
        passed, warned, failed, skipped = (
            sum(verdict.outcome is outcome for verdict in self.verdicts) for outcome in Outcome
        )
        warnings = f"{warned} {'warning' if warned == 1 else 'warnings'}, " if warned else ""
        closed = "FAIL" if self.is_closed else "PASS"
        return f"{closed}: {passed} passed, {warnings}{failed} failed, {skipped} skipped"


def skipped(rule: str, measured: str = "") -> Verdict:
    """The verdict of a rule that is disabled."""
    return Verdict(rule, measured, "", "disabled", Outcome.SKIP)


def at_least(rule: str, measured: Number, limit: Number | None, shown: Shown[Number]) -> Verdict:
    """The verdict of a rule that asks for so much."""
    return _verdict(rule, measured, "≥", limit, shown, holds=limit is None or measured >= limit)


def at_most(rule: str, measured: Number, limit: Number | None, shown: Shown[Number]) -> Verdict:
    """The verdict of a rule that allows so much; a NaN, which only dive has, is no more than that."""
    return _verdict(rule, measured, "≤", limit, shown, holds=limit is None or not measured > limit)


def _verdict(
    rule: str, measured: Number, sign: str, limit: Number | None, shown: Shown[Number], *, holds: bool
) -> Verdict:
    if limit is None:
        return skipped(rule, shown.short(measured))
    alike = shown.short(measured) == shown.short(limit) and measured != limit
    show = shown.exact if alike else shown.short
    return Verdict(rule, show(measured), sign, show(limit), Outcome.PASS if holds else Outcome.FAIL)

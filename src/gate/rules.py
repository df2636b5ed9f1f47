"""The gate: what is measured, the limit, and whether it holds. A figure equal to its limit passes."""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from ..analysis.analyze import Analysis
from ..formatting import percent, size

Number = TypeVar("Number", int, float)


class Outcome(enum.StrEnum):
    """What became of a rule."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    SKIP = "skip"
    """The rule is disabled."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a run; None disables a rule."""

    min_efficiency: float | None = 0.9
    """`efficiency`, 0 to 1."""
    max_wasted_bytes: int | None = None
    """`wasted_bytes`."""
    max_wasted_percent: float | None = None
    """`wasted_bytes / stored_bytes`, 0 to 1."""


class Verdict(NamedTuple):
    """One rule applied."""

    rule: str
    measured: str
    sign: str
    """`≥` or `≤`; empty if there is no limit."""
    limit: str
    """As text; `disabled` if there is none."""
    outcome: Outcome
    ours: str = ""
    """Our figure beside one of dive's; empty for our own rules."""
    ours_fails: bool = False
    """Whether the rule holds by dive's figure alone."""


class Shown(NamedTuple, Generic[Number]):
    """Two ways to show a figure."""

    short: Callable[[Number], str]
    exact: Callable[[Number], str]
    """Where the short way would show one text for two numbers."""


PERCENT = Shown[float](percent, lambda fraction: f"{(100 * Decimal(repr(fraction))).normalize():f} %")
BYTES = Shown[int](size, lambda count: f"{count:,} B")


def judge(analysis: Analysis, limits: Limits) -> tuple[Verdict, ...]:
    """All rules, applied to the figures of the whole image."""
    totals = analysis.totals
    return (
        at_least("min-efficiency", totals.efficiency, limits.min_efficiency, PERCENT),
        at_most("max-wasted-bytes", totals.wasted, limits.max_wasted_bytes, BYTES),
        at_most("max-wasted-percent", totals.wasted_fraction, limits.max_wasted_percent, PERCENT),
    )


def failed(verdicts: Sequence[Verdict]) -> bool:
    """Whether the gate is closed."""
    return any(verdict.outcome is Outcome.FAIL for verdict in verdicts)


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
        return Verdict(rule, shown.short(measured), "", "disabled", Outcome.SKIP)
    alike = shown.short(measured) == shown.short(limit) and measured != limit
    show = shown.exact if alike else shown.short
    return Verdict(rule, show(measured), sign, show(limit), Outcome.PASS if holds else Outcome.FAIL)

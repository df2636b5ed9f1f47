"""The gate: what is measured, the limit, and whether it holds. A figure equal to its limit passes."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

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
    limit: str
    outcome: Outcome


def judge(analysis: Analysis, limits: Limits) -> tuple[Verdict, ...]:
    """All rules, applied to the figures of the whole image."""
    totals = analysis.totals
    return (
        _verdict("min-efficiency", totals.efficiency, limits.min_efficiency, percent, at_least=True),
        _verdict("max-wasted-bytes", totals.wasted, limits.max_wasted_bytes, size, at_least=False),
        _verdict(
            "max-wasted-percent", totals.wasted_fraction, limits.max_wasted_percent, percent, at_least=False
        ),
    )


def failed(verdicts: tuple[Verdict, ...]) -> bool:
    """Whether the gate is closed."""
    return any(verdict.outcome is Outcome.FAIL for verdict in verdicts)


def _verdict(
    rule: str, measured: Number, limit: Number | None, show: Callable[[Number], str], *, at_least: bool
) -> Verdict:
    if limit is None:
        return Verdict(rule, show(measured), "disabled", Outcome.SKIP)
    holds = measured >= limit if at_least else measured <= limit
    sign = "≥" if at_least else "≤"
    return Verdict(rule, show(measured), f"{sign} {show(limit)}", Outcome.PASS if holds else Outcome.FAIL)

"""dive's gate: its three rules, judged by dive's own figures, with ours beside them.

As in dive 0.13.1 a figure equal to its limit passes, and so does its NaN: the percentage of an image that has
nothing above its first layer, and nothing wasted. With something wasted that is infinity, and fails.
"""

import math

from ..analysis.analyze import Analysis
from ..formatting import percent
from .dive_limits import HIGHEST_USER_WASTED_PERCENT, HIGHEST_WASTED_BYTES, LOWEST_EFFICIENCY, DiveLimits
from .verdicts import BYTES, PERCENT, Outcome, Shown, Verdict, at_least, at_most


def judge_as_dive(analysis: Analysis, limits: DiveLimits) -> tuple[Verdict, ...]:
    """The rules of dive, applied to the figures of the whole image."""
    dive, totals, user = analysis.dive_score, analysis.totals, analysis.user
    wasted_percent = dive.user_wasted_percent
    if wasted_percent is None:
        wasted_percent = math.inf if dive.inefficient_bytes else math.nan
    efficiency, wasted, user_percent = (
        limits.lowest_efficiency,
        limits.highest_wasted_bytes,
        limits.highest_user_wasted_percent,
    )
    return (
        _beside(
            at_least(LOWEST_EFFICIENCY, dive.efficiency_score, efficiency, PERCENT),
            at_least(LOWEST_EFFICIENCY, totals.efficiency, efficiency, PERCENT),
        ),
        _beside(
            at_most(HIGHEST_WASTED_BYTES, dive.inefficient_bytes, wasted, BYTES),
            at_most(HIGHEST_WASTED_BYTES, totals.wasted, wasted, BYTES),
        ),
        _beside(
            at_most(HIGHEST_USER_WASTED_PERCENT, wasted_percent, user_percent, _DIVE_PERCENT),
            at_most(HIGHEST_USER_WASTED_PERCENT, user.wasted_fraction, user_percent, PERCENT),
        ),
    )


def _beside(dive: Verdict, ours: Verdict) -> Verdict:
    fails = dive.outcome is Outcome.PASS and ours.outcome is Outcome.FAIL
    return dive._replace(ours=ours.measured, ours_fails=fails)


def _dive_percent(fraction: float) -> str:
    return percent(fraction) if math.isfinite(fraction) else "NaN %" if math.isnan(fraction) else "+Inf %"


_DIVE_PERCENT = Shown[float](_dive_percent, PERCENT.exact)

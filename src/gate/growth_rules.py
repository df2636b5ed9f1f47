"""The rules about growth: what an image has more than its baseline, and the steps that made it."""

from decimal import Decimal
from typing import cast

from ..errors import SettingsError, SourceError
from ..formatting import percent, signed
from .case import Case
from .catalogue import COMPRESSED_GROWTH, STORED_GROWTH, WASTED_GROWTH
from .setting import Allowed, Limit, Setting
from .verdicts import MOST_STEPS, Evidence, Outcome, Shown, Verdict, at_most, skipped

_COLUMNS = {STORED_GROWTH: "stored", WASTED_GROWTH: "wasted", COMPRESSED_GROWTH: "compressed"}
"""What each looks at, of the image and of its layers."""


def judge_growth(case: Case, name: str, _setting: Setting, limit: Limit | None) -> Verdict:
    """The verdict of one of them; SettingsError without a baseline, SourceError for what it does not tell."""
    if limit is None:
        return skipped(name)
    growth = case.growth
    if growth is None:
        raise SettingsError(
            f"{name} needs a baseline to hold {case.analysis.image.reference} against",
            'Name one: --baseline report.json, or baseline = "report.json" beside the rules.',
        )
    column = _COLUMNS[name]
    grown: int | None = getattr(growth, column)
    before = growth.before_compressed if name == COMPRESSED_GROWTH else getattr(growth.before, column)
    if before is None or grown is None:
        raise SourceError(
            f"{name} cannot be judged: the image or its baseline does not tell what is pulled",
            "Hold archives of one kind against each other (an OCI layout or its archive).",
        )
    allowed = cast("Allowed", limit)
    most = max(allowed.size, int(Decimal(repr(allowed.fraction)) * before))
    verdict = at_most(name, grown, most, _GROWTH)
    if before:
        verdict = verdict._replace(measured=f"{verdict.measured} ({_signed_percent(grown / before)})")
    if verdict.outcome is not Outcome.FAIL:
        return verdict
    steps = sorted(
        (
            Evidence(b"", getattr(one, column), one.after, "more than in the baseline")
            for one in growth.layers
            if one.after is not None and (getattr(one, column) or 0) > 0
        ),
        key=lambda one: -one.size,
    )
    return verdict.told_by(steps, MOST_STEPS)


def _signed_percent(fraction: float) -> str:
    return f"{'+' if fraction > 0 else '-' if fraction < 0 else ''}{percent(abs(fraction))}"


_GROWTH = Shown[int](signed, lambda count: f"{count:+,} B")

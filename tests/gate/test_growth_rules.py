"""The rules about growth, at their boundaries."""

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.growth import Growth, measure_growth
from layerscope.errors import SettingsError, SourceError
from layerscope.gate.case import Case
from layerscope.gate.rules import judge
from layerscope.gate.setting import OFF, Allowed, Setting
from layerscope.gate.verdicts import Evidence, Outcome, Verdict

from tests.models import image, layer

PASS, FAIL, SKIP = Outcome.PASS, Outcome.FAIL, Outcome.SKIP
THOUSAND = analyze(image(layer("kept:900", "gone:100"), layer(".wh.gone")))


def verdict(analysis: Analysis, rule: str, setting: Setting, growth: Growth | None = None) -> Verdict:
    (found,) = judge(Case(analysis, growth), {rule: setting})
    return found


def grown(before: int, after: int, limit: Allowed) -> Verdict:
    earlier, later = (analyze(image(*([layer(f"a:{size}")] if size else []))) for size in (before, after))
    return verdict(later, "max-stored-growth", Setting(limit), growth=measure_growth(earlier, later))


@pytest.mark.parametrize(
    ("before", "after", "allowed", "outcome"),
    [
        (100, 110, Allowed(10, 0.0), PASS),
        (100, 111, Allowed(10, 0.0), FAIL),
        (100, 129, Allowed(0, 0.29), PASS),
        (100, 130, Allowed(0, 0.29), FAIL),
        (100, 107, Allowed(0, 0.07), PASS),
        (100, 120, Allowed(20, 0.05), PASS),
        (1000, 1050, Allowed(20, 0.05), PASS),
        (1000, 1051, Allowed(20, 0.05), FAIL),
        (1000, 3000, Allowed(0, 2.0), PASS),
        (100, 100, Allowed(0, 0.0), PASS),
        (100, 101, Allowed(0, 0.0), FAIL),
        (100, 1, Allowed(0, 0.0), PASS),
        (0, 0, Allowed(0, 0.05), PASS),
        (0, 1, Allowed(0, 0.05), FAIL),
        (0, 1, Allowed(1, 0.05), PASS),
        (1, 0, Allowed(0, 0.0), PASS),
    ],
)
def test_growth_is_held_against_the_larger_of_size_and_percentage(
    before: int, after: int, allowed: Allowed, outcome: Outcome
) -> None:
    assert grown(before, after, allowed).outcome is outcome


def test_growth_is_told_in_bytes_and_percent_and_by_step() -> None:
    found = grown(100, 150, Allowed(10, 0.2))
    assert (found.measured, found.sign, found.limit) == ("+50 B (+50.00 %)", "≤", "+20 B")
    assert found.evidence == (Evidence(b"", 150, 0, "more than in the baseline"),)  # no such step before
    assert grown(0, 50, Allowed(10, 0.2)).measured == "+50 B"
    assert grown(50, 0, Allowed(10, 0.2)).measured == "-50 B (-100 %)"


def test_growth_needs_a_baseline() -> None:
    with pytest.raises(SettingsError, match="max-wasted-growth needs a baseline to hold test against"):
        verdict(THOUSAND, "max-wasted-growth", Setting(Allowed(1, 0.0)))
    assert verdict(THOUSAND, "max-wasted-growth", OFF).outcome is SKIP


def test_growth_of_what_is_not_known_is_not_judged() -> None:
    growth = measure_growth(THOUSAND, THOUSAND)
    with pytest.raises(SourceError, match="max-compressed-growth cannot be judged"):
        verdict(THOUSAND, "max-compressed-growth", Setting(Allowed(1, 0.0)), growth=growth)


@pytest.mark.parametrize(("before", "after", "outcome"), [(50, 60, PASS), (50, 61, FAIL), (50, 40, PASS)])
def test_growth_of_what_is_pulled(before: int, after: int, outcome: Outcome) -> None:
    earlier, later = (analyze(image(layer("a:1", compressed=size))) for size in (before, after))
    setting = Setting(Allowed(10, 0.0))
    growth = measure_growth(earlier, later)
    assert verdict(later, "max-compressed-growth", setting, growth=growth).outcome is outcome
    assert verdict(later, "max-wasted-growth", setting, growth=growth).outcome is PASS

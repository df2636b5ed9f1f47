"""Verdicts and what they add up to."""

import pytest
from layerscope.gate.verdicts import BYTES, COUNT, PERCENT, Judgement, Outcome, Verdict, at_least, at_most

PASS, WARN, FAIL, SKIP = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.SKIP


def judgement(*outcomes: Outcome) -> Judgement:
    return Judgement(tuple(Verdict("rule", "1", "", "1", outcome) for outcome in outcomes))


@pytest.mark.parametrize(
    ("outcomes", "is_closed", "word", "counted"),
    [
        ([], False, "PASS", "PASS: 0 passed, 0 failed, 0 skipped"),
        ([PASS, SKIP], False, "PASS", "PASS: 1 passed, 0 failed, 1 skipped"),
        ([PASS, WARN], False, "WARN", "PASS: 1 passed, 1 warning, 0 failed, 0 skipped"),
        ([WARN, WARN], False, "WARN", "PASS: 0 passed, 2 warnings, 0 failed, 0 skipped"),
        ([FAIL, WARN, PASS], True, "FAIL", "FAIL: 1 passed, 1 warning, 1 failed, 0 skipped"),
    ],
)
def test_one_failure_closes_the_gate_and_a_warning_does_not(
    outcomes: list[Outcome], is_closed: bool, word: str, counted: str
) -> None:
    found = judgement(*outcomes)
    assert (found.is_closed, found.word, found.counted()) == (is_closed, word, counted)


def test_figures_and_limits_are_shown_alike_or_exactly() -> None:
    assert at_most("r", 1_000_001, 1_000_000, BYTES) == Verdict("r", "1,000,001 B", "≤", "1,000,000 B", FAIL)
    assert at_most("r", 12, 12, COUNT) == Verdict("r", "12", "≤", "12", PASS)
    assert at_least("r", 0.95, None, PERCENT) == Verdict("r", "95.00 %", "", "disabled", SKIP)
    assert at_least("r", 0.94999999, 0.95, PERCENT) == Verdict("r", "94.999999 %", "≥", "95 %", FAIL)
    assert at_most("r", float("nan"), 0.1, PERCENT).outcome is PASS

"""Rules and verdicts: a figure equal to its limit passes."""

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.gate.verdicts import Evidence, Judgement, Outcome, Verdict

from tests.gates import verdicts
from tests.models import image, layer

PASS, FAIL, SKIP = Outcome.PASS, Outcome.FAIL, Outcome.SKIP


def stored_and_wasted(stored: int, wasted: int) -> Analysis:
    return analyze(image(layer(f"kept:{stored - wasted}", f"gone:{wasted}"), layer(".wh.gone")))


THOUSAND = stored_and_wasted(1000, 100)
BY_THE_SECOND = (Evidence(b"", 100, 1, "put out of reach"),)


def outcomes(analysis: Analysis, *limits: float | None) -> list[Outcome]:
    return [verdict.outcome for verdict in verdicts(analysis, *limits)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [(0.0, PASS), (0.899, PASS), (0.9, PASS), (0.9000000000000002, FAIL), (1.0, FAIL), (None, SKIP)],
)
def test_the_least_efficiency(limit: float | None, outcome: Outcome) -> None:
    assert outcomes(THOUSAND, limit) == [outcome, SKIP, SKIP]


@pytest.mark.parametrize("limit", [(0, FAIL), (99, FAIL), (100, PASS), (101, PASS), (None, SKIP)])
def test_the_most_wasted_bytes(limit: tuple[int | None, Outcome]) -> None:
    assert outcomes(THOUSAND, None, limit[0], None) == [SKIP, limit[1], SKIP]


@pytest.mark.parametrize(
    ("limit", "outcome"), [(0.0, FAIL), (0.0999, FAIL), (0.1, PASS), (1.0, PASS), (None, SKIP)]
)
def test_the_most_wasted_percent(limit: float | None, outcome: Outcome) -> None:
    assert outcomes(THOUSAND, None, None, limit) == [SKIP, SKIP, outcome]


def test_by_default_an_efficiency_of_90_percent_is_asked_for_and_nothing_else() -> None:
    assert outcomes(stored_and_wasted(1000, 101)) == [FAIL, SKIP, SKIP]


@pytest.mark.parametrize("wasted", [0, 1, 333, 999, 1000])
def test_a_figure_equal_to_its_limit_passes(wasted: int) -> None:
    one = stored_and_wasted(1000, wasted)
    assert outcomes(one, (1000 - wasted) / 1000, wasted, wasted / 1000) == [PASS, PASS, PASS]


@pytest.mark.parametrize("analysis", [analyze(image()), analyze(image(layer("a/", "b:0"), layer(".wh.b")))])
def test_an_image_that_stores_nothing_keeps_every_limit(analysis: Analysis) -> None:
    assert outcomes(analysis, 1.0, 0, 0.0) == [PASS, PASS, PASS]


def test_a_verdict_says_what_was_measured_and_what_was_asked() -> None:
    assert verdicts(THOUSAND, 0.95, 4000, None) == (
        Verdict("min-efficiency", "90.00 %", "≥", "95.00 %", FAIL, evidence=BY_THE_SECOND),
        Verdict("max-wasted-bytes", "100 B", "≤", "4.00 kB", PASS),
        Verdict("max-wasted-percent", "10.00 %", "", "disabled", SKIP),
    )


def test_figures_that_would_look_alike_are_shown_exactly() -> None:
    one = stored_and_wasted(1_000_000, 100_001)
    assert [one._replace(evidence=()) for one in verdicts(one, 0.9, 100_000, 0.1)] == [
        Verdict("min-efficiency", "89.9999 %", "≥", "90 %", FAIL),
        Verdict("max-wasted-bytes", "100,001 B", "≤", "100,000 B", FAIL),
        Verdict("max-wasted-percent", "10.0001 %", "≤", "10 %", FAIL),
    ]


def test_figures_that_are_equal_are_shown_as_always() -> None:
    assert verdicts(THOUSAND, 0.9, 100, 0.1) == (
        Verdict("min-efficiency", "90.00 %", "≥", "90.00 %", PASS),
        Verdict("max-wasted-bytes", "100 B", "≤", "100 B", PASS),
        Verdict("max-wasted-percent", "10.00 %", "≤", "10.00 %", PASS),
    )


def test_the_gate_is_closed_by_one_failure_and_open_without() -> None:
    assert Judgement(verdicts(THOUSAND, 0.9, 99, 0.1)).is_closed
    assert not Judgement(verdicts(THOUSAND, 0.9, 100, 0.1)).is_closed
    assert not Judgement(verdicts(THOUSAND, None)).is_closed

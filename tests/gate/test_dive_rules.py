"""dive's verdicts by dive's figures, ours beside them, and which rules a run has."""

import datetime
from collections.abc import Mapping
from pathlib import Path

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.errors import LayerscopeError
from layerscope.gate.dive_limits import DiveLimits
from layerscope.gate.dive_rules import judge_as_dive
from layerscope.gate.gate import Gate
from layerscope.gate.gate import choose as choose_on
from layerscope.gate.setting import Setting
from layerscope.gate.verdicts import Outcome, Verdict

from tests.models import image, layer

PASS, FAIL, SKIP = Outcome.PASS, Outcome.FAIL, Outcome.SKIP

REMOVED_FOLDER = analyze(image(layer("base:9000"), layer("a/", "a/one:1000"), layer(".wh.a")))
REMOVED_FILE = analyze(image(layer("keep:9000"), layer("a/", "a/one:1000"), layer("a/.wh.one")))
TWICE = analyze(image(layer("base:9000", "zdup:1000"), layer("zdup:1000")))
ONE_LAYER = analyze(image(layer("a:5")))
NOTHING_ABOVE = analyze(image(layer("base:9000"), layer(".wh.base")))


TODAY = datetime.date(2026, 1, 31)


def choose(settings: Mapping[str, Setting], path: str | None, flags: Mapping[str, str]) -> Gate:
    return choose_on(settings, None, path, flags, TODAY)


def rules(gate: Gate) -> list[tuple[str, Outcome]]:
    (judgement,) = gate.judge([(TWICE, None)])
    return [(verdict.rule, verdict.outcome) for verdict in judgement.verdicts]


def outcomes(analysis: Analysis, limits: DiveLimits) -> list[Outcome]:
    return [verdict.outcome for verdict in judge_as_dive(analysis, limits)]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (DiveLimits(), [PASS, SKIP, FAIL]),
        (DiveLimits(0.9, 1000, 1.0), [PASS, PASS, PASS]),
        (DiveLimits(0.9000000000000001, 999, 0.9999999999999999), [FAIL, FAIL, FAIL]),
        (DiveLimits(None, None, None), [SKIP, SKIP, SKIP]),
    ],
)
def test_a_figure_equal_to_its_limit_passes(limits: DiveLimits, expected: list[Outcome]) -> None:
    assert outcomes(REMOVED_FILE, limits) == expected


def test_where_dive_has_no_number_it_lets_pass_and_where_it_has_infinity_it_fails() -> None:
    verdicts = [judge_as_dive(one, DiveLimits(None, None, 0.1))[2] for one in (ONE_LAYER, NOTHING_ABOVE)]
    assert verdicts == [
        Verdict("highestUserWastedPercent", "NaN %", "≤", "10.00 %", PASS, "0 %"),
        Verdict("highestUserWastedPercent", "+Inf %", "≤", "10.00 %", FAIL, "0 %"),
    ]


def test_a_removed_folder_passes_by_dives_figures_and_not_by_ours() -> None:
    assert judge_as_dive(REMOVED_FOLDER, DiveLimits(0.95, 500, 0.1)) == (
        Verdict("lowestEfficiency", "100 %", "≥", "95.00 %", PASS, "90.00 %", ours_fails=True),
        Verdict("highestWastedBytes", "0 B", "≤", "500 B", PASS, "1.00 kB", ours_fails=True),
        Verdict("highestUserWastedPercent", "0 %", "≤", "10.00 %", PASS, "100 %", ours_fails=True),
    )


def test_a_copy_that_dive_counts_twice_fails_by_its_figures_alone() -> None:
    assert judge_as_dive(TWICE, DiveLimits(0.9, 1500, 0.5)) == (
        Verdict("lowestEfficiency", "90.91 %", "≥", "90.00 %", PASS, "90.91 %"),
        Verdict("highestWastedBytes", "2.00 kB", "≤", "1.50 kB", FAIL, "1.00 kB"),
        Verdict("highestUserWastedPercent", "200.00 %", "≤", "50.00 %", FAIL, "0 %"),
    )


def test_figures_that_differ_in_the_last_digit_do_not_look_alike() -> None:
    verdict = judge_as_dive(TWICE, DiveLimits(0.9090909090909092, None, None))[0]
    assert (verdict.measured, verdict.limit) == ("90.90909090909091 %", "90.90909090909092 %")


# Which rules a run has ----------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_limits_of_dive_the_rules_are_ours() -> None:
    gate = choose({}, None, {})
    assert gate.dive is None
    assert rules(gate) == [
        ("min-efficiency", PASS),
        ("max-wasted-bytes", SKIP),
        ("max-wasted-percent", SKIP),
    ]


def test_a_file_brings_dives_rules_and_its_defaults_for_what_it_does_not_say() -> None:
    Path(".dive-ci").write_text("rules:\n  highestWastedBytes: 5kB\n")
    gate = choose({}, None, {})
    assert gate.dive == DiveLimits(0.9, 5000, 0.1)
    assert gate.origin == ".dive-ci, then dive's defaults"
    assert rules(gate) == [
        ("lowestEfficiency", PASS),
        ("highestWastedBytes", PASS),
        ("highestUserWastedPercent", FAIL),
    ]


def test_an_empty_file_means_dives_defaults() -> None:
    Path(".dive-ci").touch()
    assert choose({}, None, {}).dive == DiveLimits(0.9, None, 0.1)


def test_a_flag_counts_more_than_the_file_and_that_more_than_the_default() -> None:
    Path("ci.yml").write_text("rules:\n  lowestEfficiency: 7\n  highestWastedBytes: 5kB\n  other: 1\n")
    gate = choose({}, "ci.yml", {"lowestEfficiency": "0.5"})
    assert gate.dive == DiveLimits(0.5, 5000, 0.1)
    assert gate.origin == "the command line, then ci.yml, then dive's defaults"
    assert (gate.file, gate.unread) == ("ci.yml", ("other",))


def test_of_our_rules_only_those_asked_for_stand_beside_dives() -> None:
    gate = choose({"max-wasted-bytes": Setting(fail=5000)}, None, {"highestWastedBytes": "1kB"})
    assert rules(gate) == [
        ("lowestEfficiency", PASS),
        ("highestWastedBytes", FAIL),
        ("highestUserWastedPercent", FAIL),
        ("max-wasted-bytes", PASS),
    ]


def test_a_wrong_value_is_an_error_before_anything_is_judged() -> None:
    Path(".dive-ci").write_text("rules:\n  lowestEfficiency: off\n")
    with pytest.raises(LayerscopeError, match=r"^\.dive-ci: rules\.lowestEfficiency: 'off' is neither"):
        choose({}, None, {})

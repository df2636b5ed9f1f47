"""Workflow commands of GitHub Actions: each a line, as the runner reads them, and the summary of a job."""

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.errors import OutputError
from layerscope.gate.dive_limits import DiveLimits
from layerscope.gate.dive_rules import judge_as_dive
from layerscope.gate.rules import Limits, Outcome, Verdict, judge
from layerscope.report import github

from tests.models import image, layer
from tests.report.sample import sample

NOTICE = (
    "::notice title=layerscope::image.tar: 49.89 %25 efficient, "
    "16.3 kB stored, 8.14 kB live, 8.18 kB wasted\n"
)


def written(analysis: Analysis, found: Sequence[Verdict] = ()) -> str:
    out = io.StringIO()
    github.write(analysis, out, found)
    return out.getvalue()


def test_without_a_gate_there_is_a_notice_of_the_figures() -> None:
    assert written(analyze(sample())) == NOTICE


def test_each_rule_that_fails_is_an_error() -> None:
    analysis = analyze(sample())
    assert written(analysis, judge(analysis, Limits(0.9, 100, None))) == (
        "::error title=layerscope%3A min-efficiency::image.tar: 49.89 %25, the limit is ≥ 90.00 %25\n"
        "::error title=layerscope%3A max-wasted-bytes::image.tar: 8.18 kB, the limit is ≤ 100 B\n" + NOTICE
    )


def test_where_dives_figure_passes_and_ours_would_not_is_a_warning() -> None:
    analysis = analyze(image(layer("base:9000"), layer("a/", "a/one:1000"), layer(".wh.a")))
    found = judge_as_dive(analysis, DiveLimits(0.95, None, None))
    assert written(analysis, found).splitlines()[:-1] == [
        "::warning title=layerscope%3A lowestEfficiency::test: 100 %25 by dive's figures, which passes; "
        "90.00 %25 by ours, which would fail ≥ 95.00 %25"
    ]


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        ("a\n::error::owned\r\n", r"a\n::error::owned\r\n: "),
        ("100%0A::error::x", "100%250A::error::x: "),
        ("a::b,c=d", "a::b,c=d: "),
        ("\x1b[2J\u202e\ud800", r"\x1b[2J\u202e\ud800: "),
    ],
)
def test_a_name_makes_no_command_of_its_own(reference: str, shown: str) -> None:
    lines = written(analyze(replace(sample(), reference=reference))).splitlines()
    assert [line.partition("49.89")[0] for line in lines] == [f"::notice title=layerscope::{shown}"]


def test_a_title_is_a_property_and_escaped_as_one() -> None:
    rule = Verdict("a:b,c%d\r\ne", "1 B\n%", "≤", "0 B", Outcome.FAIL)
    assert written(analyze(sample()), [rule]).splitlines()[0] == (
        "::error title=layerscope%3A a%3Ab%2Cc%25d%0D%0Ae::image.tar: 1 B%0A%25, the limit is ≤ 0 B"
    )


def test_the_summary_is_added_to_what_is_there(tmp_path: Path) -> None:
    target = tmp_path / "summary"
    target.write_bytes(b"before\n")
    analysis = analyze(sample())
    github.append_summary(str(target), analysis, judge(analysis, Limits(0.4)))
    assert target.read_text(encoding="utf-8").splitlines()[:3] == [
        "before",
        "<!-- layerscope -->",
        "### layerscope: PASS: 1 passed, 0 failed, 2 skipped",
    ]


def test_a_summary_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="which GITHUB_STEP_SUMMARY names, cannot be written: "):
        github.append_summary(str(tmp_path / "no" / "summary"), analyze(sample()))

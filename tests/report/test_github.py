"""Workflow commands of GitHub Actions: each a line, as the runner reads them, and the summary of a job."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.dockerfile import Lines
from layerscope.errors import OutputError
from layerscope.gate.accept import Accept, Accepts
from layerscope.gate.verdicts import Evidence, Judgement, Outcome, Verdict
from layerscope.report import github
from layerscope.report.subject import Failure, Run, Subject

from tests.models import image, layer
from tests.report.sample import sample


@pytest.fixture(autouse=True)
def _without_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those have tests of their own."""
    monkeypatch.setattr("layerscope.report.alerts.collect.of_findings", lambda _maker, _subject: ())


NOTICE = (
    "::notice title=layerscope::image.tar: 49.89 %25 efficient, "
    "16.3 kB stored, 8.14 kB live, 8.18 kB wasted\n"
)
LAYERS = Verdict("max-layers", "9", "≤", "5", Outcome.FAIL)


def written(*images: Subject | Failure) -> str:
    out = io.StringIO()
    github.write(Run(images), out)
    return out.getvalue()


def judged(*verdicts: Verdict) -> Subject:
    """The sample with these verdicts; without waste that is worth a notice."""
    return Subject(analyze(sample()), Judgement(verdicts))


def test_without_a_gate_there_is_a_notice_of_the_figures() -> None:
    assert written(Subject(analyze(sample()))) == NOTICE


def test_each_rule_that_fails_is_an_error_and_each_that_warns_a_warning() -> None:
    warns = LAYERS._replace(rule="max-stored-bytes", outcome=Outcome.WARN)
    dives = Verdict("lowestEfficiency", "100 %", "≥", "95 %", Outcome.PASS, ours="90 %", ours_fails=True)
    assert written(judged(warns, LAYERS, dives)) == (
        "::error file=Dockerfile,title=layerscope%3A max-layers::"
        "image.tar: max-layers: 9, the limit is ≤ 5\n"
        "::warning file=Dockerfile,title=layerscope%3A max-stored-bytes::"
        "image.tar: max-stored-bytes: 9, the soft limit is ≤ 5\n"
        "::warning file=Dockerfile,title=layerscope%3A lowestEfficiency::"
        "image.tar: lowestEfficiency: 100 %25 by dive's figures, which passes; "
        "90 %25 by ours, which would fail ≥ 95 %25\n" + NOTICE
    )


def test_it_points_at_the_step_in_the_dockerfile() -> None:
    gone = analyze(image(layer("a:5000"), layer(".wh.a")))
    assert written(Subject(gone, lines=Lines("docker/Dockerfile", {1: (7, 9)}))).splitlines()[1:] == [
        "::notice file=docker/Dockerfile,line=7,endLine=9,title=layerscope%3A waste-removed::"
        "test: layer 1 put /a (5.00 kB) out of reach (removed); it was written by layer 0"
    ]


def test_an_image_that_cannot_be_read_is_an_error_that_points_nowhere() -> None:
    assert written(Failure("gone.tar", "There is no such file.")) == (
        "::error title=layerscope%3A unreadable-image::gone.tar: There is no such file.\n"
    )


def test_what_is_accepted_is_left_out() -> None:
    gone = analyze(image(layer("a:5000"), layer(".wh.a")))
    accepts = Accepts((Accept(("a",), "needed"),))
    assert len(written(Subject(gone, accepts=accepts)).splitlines()) == 1


def test_of_a_kind_ten_are_shown_and_the_last_of_more_says_how_many() -> None:
    evidence = tuple(Evidence(b"%d" % number, number, None, "") for number in range(1, 12))
    few = written(judged(LAYERS._replace(evidence=evidence[:10]))).splitlines()
    assert len(few) == 10 + 1
    many = written(judged(LAYERS._replace(evidence=evidence))).splitlines()
    assert [line.partition("image.tar: ")[2].partition(";")[0] for line in many[:9]] == [
        f"/{number} ({number} B)" for number in range(11, 2, -1)
    ]
    assert many[9:] == ["::error title=layerscope::2 more in the summary", NOTICE[:-1]]


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        ("a\n::error::owned\r\n", r"a\n::error::owned\r\n: "),
        ("100%0A::error::x", "100%250A::error::x: "),
        ("a::b,c=d", "a::b,c=d: "),
        ("\x1b[2J\u202e\ud800", r"\x1b[2J\u202e\ud800: "),
        ("##[add-mask]a", r"#\x23[add-mask]a: "),
        ("###[endgroup]", r"##\x23[endgroup]: "),
        ("##vso[task.complete]", r"#\x23vso[task.complete]: "),
    ],
)
def test_a_name_makes_no_command_of_its_own(reference: str, shown: str) -> None:
    lines = written(Subject(analyze(replace(sample(), reference=reference)))).splitlines()
    assert [line.partition("49.89")[0] for line in lines] == [f"::notice title=layerscope::{shown}"]


def test_title_and_file_are_properties_and_escaped_as_such() -> None:
    rule = LAYERS._replace(rule="a:b,c%d\r\ne")
    subject = Subject(analyze(sample()), Judgement((rule,)), lines=Lines("a:b,c%d/##[x]", {}))
    assert written(subject).splitlines()[0] == (
        r"::error file=a%3Ab%2Cc%25d/#\x23[x],title=layerscope%3A a%3Ab%2Cc%25d\r\ne::"
        r"image.tar: a:b,c%25d\r\ne: 9, the limit is ≤ 5"
    )


def test_the_summary_is_added_to_what_is_there(tmp_path: Path) -> None:
    target = tmp_path / "summary"
    target.write_bytes(b"before\n")
    github.append_summary(str(target), Run((judged(LAYERS),)))
    assert target.read_text(encoding="utf-8").splitlines()[:2] == ["before", "<!-- layerscope -->"]


def test_a_summary_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="which GITHUB_STEP_SUMMARY names, cannot be written: "):
        github.append_summary(str(tmp_path / "no" / "summary"), Run((judged(),)))

"""GitLab's Code Quality report: a list of issues of its documented shape."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from layerscope.analysis.analyze import analyze
from layerscope.analysis.dockerfile import Lines
from layerscope.gate.accept import Accept, Accepts
from layerscope.gate.verdicts import Judgement, Outcome, Verdict
from layerscope.report import gitlab
from layerscope.report.output import write_to
from layerscope.report.subject import Failure, Run, Subject

from tests.models import image, layer
from tests.report.sample import sample


@pytest.fixture(autouse=True)
def _without_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those have tests of their own."""
    monkeypatch.setattr("layerscope.report.alerts.collect.of_findings", lambda _maker, _subject: ())


# "Code Quality report format" in GitLab's documentation, which has no schema.
VALIDATOR = Draft202012Validator(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "check_name": {"type": "string", "minLength": 1},
                "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "minLength": 1, "pattern": "^(?!/|\\./)"},
                        "lines": {
                            "type": "object",
                            "required": ["begin"],
                            "properties": {"begin": {"type": "integer", "minimum": 1}},
                        },
                    },
                },
            },
        },
    }
)

GONE = image(layer("a/one:5000", "b/two:6000"), layer("a/.wh.one"), layer("b/.wh.two"))


def written(*images: Subject | Failure) -> str:
    out = io.StringIO()
    gitlab.write(Run(images), out)
    return out.getvalue()


def issues(*images: Subject | Failure) -> Any:
    """The issues, which are of the documented shape, no two with one fingerprint."""
    found = json.loads(written(*images))
    VALIDATOR.validate(found)
    assert len({issue["fingerprint"] for issue in found}) == len(found)
    return found


def test_an_issue_says_what_it_is_how_bad_and_where() -> None:
    verdicts = (
        Verdict("max-layers", "9", "≤", "5", Outcome.FAIL),
        Verdict("max-stored-bytes", "20 MB", "≤", "10 MB", Outcome.WARN),
    )
    subject = Subject(analyze(GONE), Judgement(verdicts), lines=Lines("./Dockerfile", {1: (7, 9)}))
    found = issues(Failure("gone.tar", "There is no such file."), subject)
    assert [(one["check_name"], one["severity"], one["description"], one["location"]) for one in found] == [
        (
            "unreadable-image",
            "blocker",
            "gone.tar: There is no such file.",
            {"path": "Dockerfile", "lines": {"begin": 1}},
        ),
        (
            "max-layers",
            "major",
            "test: max-layers: 9, the limit is ≤ 5",
            {"path": "Dockerfile", "lines": {"begin": 1}},
        ),
        (
            "max-stored-bytes",
            "minor",
            "test: max-stored-bytes: 20 MB, the soft limit is ≤ 10 MB",
            {"path": "Dockerfile", "lines": {"begin": 1}},
        ),
        (
            "waste-removed",
            "info",
            "test: layer 2 put /b/two (6.00 kB) out of reach (removed); it was written by layer 0",
            {"path": "Dockerfile", "lines": {"begin": 1}},
        ),
        (
            "waste-removed",
            "info",
            "test: layer 1 put /a/one (5.00 kB) out of reach (removed); it was written by layer 0",
            {"path": "Dockerfile", "lines": {"begin": 7}},
        ),
    ]


def test_what_is_accepted_is_left_out() -> None:
    accepts = Accepts((Accept(("a",), "needed"),))
    (found,) = issues(Subject(analyze(GONE), accepts=accepts))
    assert "/b/two" in found["description"]


def test_one_image_twice_has_fingerprints_of_its_own() -> None:
    assert len(issues(Subject(analyze(GONE)), Subject(analyze(GONE)))) == 4


def test_nothing_to_say_is_an_empty_list() -> None:
    assert written(Subject(analyze(sample()))) == "[]\n"


def test_a_line_is_an_issue_and_no_byte_order_mark_is_before_it(tmp_path: Path) -> None:
    target = tmp_path / "gl-code-quality-report.json"
    write_to(str(target), lambda out: gitlab.write(Run((Subject(analyze(GONE)),)), out))
    lines = target.read_bytes().split(b"\n")
    assert [line[:18] for line in lines] == [b"[", b'  {"description": ', b'  {"description": ', b"]", b""]

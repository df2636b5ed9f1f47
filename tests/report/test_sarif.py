"""SARIF: valid by the standard's schema, and with what code scanning on GitHub asks for."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from layerscope import __version__
from layerscope.analysis.analyze import analyze
from layerscope.analysis.dockerfile import Lines
from layerscope.gate.accept import Accept, Accepts
from layerscope.gate.verdicts import Evidence, Judgement, Outcome, Verdict
from layerscope.report import sarif
from layerscope.report.alerts.rule_help import RULE_HELP, sentence
from layerscope.report.subject import Failure, Run, Subject

from tests.models import image, layer
from tests.report.sample import sample


@pytest.fixture(autouse=True)
def _without_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those have tests of their own."""
    monkeypatch.setattr("layerscope.report.alerts.collect.of_findings", lambda _maker, _subject: ())


SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
VALIDATOR = Draft4Validator(SCHEMA, format_checker=Draft4Validator.FORMAT_CHECKER)

BROKEN = Verdict(
    "forbidden-paths",
    "1 path",
    "≤",
    "0",
    Outcome.FAIL,
    evidence=(Evidence(b"etc/key", 48, 1, "matches key"),),
)


def written(run: Run) -> str:
    out = io.StringIO()
    sarif.write(run, out)
    return out.getvalue()


def log(*images: Subject | Failure) -> Any:
    """The run of the log, which is valid."""
    found = json.loads(written(Run(images)))
    VALIDATOR.validate(found)
    (run,) = found["runs"]
    return run


def test_a_result_says_what_breaks_the_rule_and_where_that_comes_from() -> None:
    subject = Subject(analyze(sample()), Judgement((BROKEN,)), lines=Lines("a b/Dockerfile", {1: (4, 6)}))
    results = log(subject)["results"]
    assert [result.pop("partialFingerprints").keys() for result in results] == [{"primaryLocationLineHash"}]
    assert results == [
        {
            "ruleId": "forbidden-paths",
            "ruleIndex": 0,
            "level": "error",
            "message": {
                "text": "/etc/key (48 B, layer 1): matches key; forbidden-paths: 1 path, the limit is ≤ 0"
            },
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "a%20b/Dockerfile"},
                        "region": {"startLine": 4, "endLine": 6},
                    },
                    "logicalLocations": [
                        {"name": "layer 1", "kind": "layer"},
                        {"name": "/etc/key", "kind": "path"},
                    ],
                }
            ],
        }
    ]


def test_without_a_line_it_is_the_first_one() -> None:
    (result,) = log(Subject(analyze(image(layer("a:5000"), layer(".wh.a")))))["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "Dockerfile"},
        "region": {"startLine": 1, "endLine": 1},
    }


def test_the_rules_are_those_that_are_used_with_their_help() -> None:
    unknown = Verdict("of-tomorrow", "1", "≤", "0", Outcome.WARN)
    found = log(Subject(analyze(image(layer("a:5000"), layer(".wh.a"))), Judgement((BROKEN, unknown))))
    driver = found["tool"]["driver"]
    assert {key: driver[key] for key in driver if key != "rules"} == {
        "name": "layerscope",
        "semanticVersion": __version__,
    }
    assert [(rule["id"], rule["defaultConfiguration"]["level"]) for rule in driver["rules"]] == [
        ("forbidden-paths", "error"),
        ("of-tomorrow", "error"),
        ("waste-removed", "note"),
    ]
    assert [rule["shortDescription"]["text"] for rule in driver["rules"]] == [
        "A container can see a path that must not be there.",
        "of-tomorrow",
        "A step removes files of an earlier one, which are shipped all the same.",
    ]
    assert driver["rules"][0]["help"]["markdown"] == RULE_HELP["forbidden-paths"]
    assert [(result["ruleId"], result["ruleIndex"], result["level"]) for result in found["results"]] == [
        ("forbidden-paths", 0, "error"),
        ("of-tomorrow", 1, "warning"),
        ("waste-removed", 2, "note"),
    ]


def test_of_several_images_each_result_names_its_own() -> None:
    both = [Subject(analyze(image(layer("a:5000"), layer(".wh.a")))), Subject(analyze(sample()))]
    (result,) = log(*both)["results"]
    assert result["message"]["text"].startswith("test: layer 1 put /a (5.00 kB) out of reach")


def test_an_image_that_cannot_be_read_is_no_result_but_a_failure_of_the_tool() -> None:
    found = log(Failure("gone.tar", "There is no such file."), Subject(analyze(sample())))
    assert found["results"] == []
    assert found["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [
                {"level": "error", "message": {"text": "gone.tar: There is no such file."}}
            ],
        }
    ]


def test_nothing_to_say_is_a_success() -> None:
    found = log(Subject(analyze(sample())))
    assert (found["results"], found["tool"]["driver"]["rules"]) == ([], [])
    assert found["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_what_is_accepted_is_suppressed_with_the_reason() -> None:
    gone = image(layer("a/one:5000", "b/two:6000"), layer("a/.wh.one", "b/.wh.two"))
    accepts = Accepts((Accept(("a",), "needed to boot"),))
    results = log(Subject(analyze(gone), accepts=accepts))["results"]
    assert [result["suppressions"] for result in results] == [
        [],
        [{"kind": "external", "justification": "needed to boot"}],
    ]
    assert all("suppressions" not in result for result in log(Subject(analyze(gone)))["results"])


def test_of_too_many_the_first_are_written_and_it_is_said_how_many_are_not() -> None:
    evidence = tuple(Evidence(b"%d" % number, number, None, "") for number in range(5003))
    verdict = BROKEN._replace(evidence=evidence)
    subject = Subject(analyze(image(layer("a:5000"), layer(".wh.a"))), Judgement((verdict,)))
    found = json.loads(written(Run((subject,))))["runs"][0]  # to hold it against the schema takes seconds
    assert len(found["results"]) == 5000
    assert {result["ruleId"] for result in found["results"]} == {"forbidden-paths"}
    assert found["invocations"] == [
        {
            "executionSuccessful": True,
            "toolExecutionNotifications": [
                {
                    "level": "note",
                    "message": {
                        "text": "4 more results are left out, the least of them: GitHub shows 5,000."
                    },
                }
            ],
        }
    ]


def test_it_is_a_line_for_each_result_and_ends_with_a_newline() -> None:
    assert written(Run((Subject(analyze(sample())),))) == (
        "{\n"
        '  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",\n'
        '  "version": "2.1.0",\n'
        '  "runs": [{\n'
        '    "tool": {"driver": {"name": "layerscope", "semanticVersion": '
        f'"{__version__}", "rules": []}}}},\n'
        '    "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": []}],\n'
        '    "results": []\n'
        "  }]\n"
        "}\n"
    )


# The texts of the rules.


@pytest.mark.parametrize("rule", RULE_HELP)
def test_the_help_of_a_rule_begins_with_one_plain_sentence_and_says_what_to_do(rule: str) -> None:
    first = sentence(rule)
    assert first.endswith(".")
    assert not {"\n", "`", "{", "*"} & set(first)
    assert len(first) <= 100
    rest = RULE_HELP[rule].removeprefix(f"{first}\n\n")
    assert len(rest) > 50
    assert "{" not in rest
    assert rest.count("```") % 2 == 0


def test_every_rule_that_can_be_broken_has_help() -> None:
    assert set(RULE_HELP) == {
        *("lowestEfficiency", "highestWastedBytes", "highestUserWastedPercent"),
        *("min-efficiency", "max-wasted-bytes", "max-wasted-percent"),
        *("max-removed-bytes", "max-overwritten-bytes", "max-metadata-only-bytes", "max-rewritten-bytes"),
        *("max-shadowed-in-layer-bytes", "max-stored-bytes", "max-compressed-bytes", "max-layer-bytes"),
        *("max-layers", "forbidden-paths", "forbidden-paths-ever", "no-setuid", "no-setgid", "no-root-user"),
        "no-secrets",
        *("max-stored-growth", "max-wasted-growth", "max-compressed-growth"),
        *("expired-accepts", "unused-accepts"),
        *("waste-removed", "waste-overwritten", "waste-metadata-only", "waste-rewritten"),
        "waste-shadowed-in-layer",
    }

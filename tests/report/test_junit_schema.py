"""JUnit XML is what the schema of Jenkins' xUnit plugin describes, which other readers follow."""

import io
from pathlib import Path

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.gate.verdicts import Evidence, Judgement, Outcome, Verdict
from layerscope.report import junit
from layerscope.report.subject import Failure, Run, Subject

from tests.report.sample import sample

xmlschema = pytest.importorskip("xmlschema")

SCHEMA = xmlschema.XMLSchema(str(Path(__file__).parent / "schemas" / "junit-10.xsd"))

VERDICTS = (
    Verdict("min-efficiency", "99 %", "≥", "90 %", Outcome.PASS),
    Verdict("max-layers", "9", "≤", "5", Outcome.WARN),
    Verdict("max-wasted-bytes", "9 B", "", "disabled", Outcome.SKIP),
    Verdict("forbidden-paths", "1", "≤", "0", Outcome.FAIL, evidence=(Evidence(b"a\x00<", 1, 0, "]]>"),)),
    Verdict("lowestEfficiency", "99 %", "≥", "95 %", Outcome.PASS, ours="90 %", ours_fails=True),
)


@pytest.mark.parametrize(
    "run",
    [
        Run((Subject(analyze(sample()), Judgement(VERDICTS, "<.dive-ci>", "layerscope.toml")),)),
        Run(
            (Failure("gone\x1b", "There is no such <file>."), Subject(analyze(sample()), Judgement(VERDICTS)))
        ),
        Run((Subject(analyze(sample()), Judgement(())),)),
    ],
    ids=["judged", "unreadable", "no rules"],
)
def test_it_is_valid(run: Run) -> None:
    out = io.StringIO()
    junit.write(run, out)
    assert [error.reason for error in SCHEMA.iter_errors(out.getvalue())] == []

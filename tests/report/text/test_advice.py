"""What to change as text: a table in the summary, and each finding whole."""

import datetime
import io

from layerscope.analysis.analyze import analyze
from layerscope.analysis.dockerfile import Lines
from layerscope.analysis.findings.finding import Saving, Severity
from layerscope.gate.accept import Accept, Accepts
from layerscope.report.subject import Run, Subject
from layerscope.report.text import advice as text_advice
from layerscope.report.text.style import Style

from tests.report.sample import ADVICE, advised, sample

TABLE = """\
What to change
     saves  what                    step
   4.00 kB  Copied to change owner    2 [7] (no history)
            and 1 smaller thing
  how: --report advice"""
WHOLE = """\
image.tar
4.00 kB of 16.3 kB can go, which leaves 12.3 kB

    #    stored      live     after  command
    0   4.18 kB       8 B   4.18 kB  COPY … /
    1   8.13 kB   4.13 kB   4.13 kB  RUN make all && make install
    2   4.00 kB   4.00 kB   4.00 kB  (no history)

Copied to change owner (medium, copied-for-metadata): saves 4.00 kB
  A layer holds whole files.
  The first copy stays.
  layer 2: (no history)
   4.00 kB  /srv/tool  layer 1
         -  chown -R app /srv
            and 3 other places
  instead:
    COPY --chown=app srv /srv
    without RUN chown

Runs as root (info, root-user): saves no bytes
  Nobody said.
  Root it is.
  instead:
    USER app
"""


def subject() -> Subject:
    return Subject(advised(analyze(sample()), *ADVICE))


def test_the_summary_has_a_line_for_each_that_is_worth_a_change() -> None:
    one = Subject(subject().analysis, lines=Lines("Dockerfile", {2: (7, 7)}))
    assert "\n".join(text_advice.table(one, Style(80), 10)) == TABLE


def test_the_smaller_ones_are_counted_and_so_is_what_does_not_fit() -> None:
    many = [ADVICE[0]._replace(title=f"thing {number}", severity=Severity.LOW) for number in range(5)]
    found = list(text_advice.table(Subject(advised(analyze(sample()), *many, ADVICE[1])), Style(80), 3))
    assert found[-2:] == ["            and 3 smaller things", "  how: --report advice"]
    assert len(found) == 7


def test_what_endangers_is_told_however_little_it_saves() -> None:
    many = [ADVICE[0]._replace(title=f"thing {number}") for number in range(5)]
    key = ADVICE[0]._replace(title="A key", severity=Severity.HIGH, saved=0)
    found = list(text_advice.table(Subject(advised(analyze(sample()), *many, key)), Style(80), 3))
    assert [line[12:19] for line in found[2:5]] == ["thing 0", "thing 1", "A key  "]
    assert found[5] == "            and 3 smaller things"


def test_a_finding_is_told_with_its_evidence_its_reason_and_its_fix() -> None:
    out = io.StringIO()
    text_advice.write(Run((subject(),)), out)
    assert out.getvalue() == WHOLE


def test_the_advice_of_some_findings_can_be_taken() -> None:
    other = ADVICE[0]._replace(id="documentation", title="Documentation", savings=(Saving(2, 4000, 4000),))
    one = Subject(advised(analyze(sample()), *ADVICE, other))
    out = io.StringIO()
    text_advice.write(Run((one,), frozenset({"documentation", "pip-cache"})), out)
    assert (
        out.getvalue().splitlines()[1] == "4.00 kB of 16.3 kB can go by 1 of 3 findings, which leaves 12.3 kB"
    )
    assert "Documentation (medium, documentation): saves 4.00 kB" in out.getvalue()
    assert "Copied to change owner" not in out.getvalue()
    out = io.StringIO()
    text_advice.write(Run((one,), frozenset({"pip-cache"})), out)
    assert out.getvalue() == "image.tar\nnone of these findings is there\n"


def test_without_findings_there_is_nothing_to_change() -> None:
    out = io.StringIO()
    text_advice.write(Run((Subject(advised(analyze(sample()))),)), out)
    assert out.getvalue() == "image.tar\nnothing to change\n"


def test_what_is_accepted_saves_nothing_and_is_told_at_the_end_with_the_reason() -> None:
    entry = Accept((), "the base's", expires=datetime.date(2027, 1, 31), findings=frozenset({ADVICE[0].id}))
    one = Subject(subject().analysis, accepts=Accepts((entry,)))
    assert list(text_advice.table(one, Style(80), 10)) == [
        "What to change",
        "            and 1 smaller thing",
        "            and 1 accepted one",
        "  how: --report advice",
    ]
    out = io.StringIO()
    text_advice.write(Run((one,)), out)
    assert out.getvalue().splitlines()[1] == "0 B of 16.3 kB can go, which leaves 16.3 kB"
    assert out.getvalue().splitlines()[-3:] == [
        "Accepted",
        "   4.00 kB  Copied to change owner (medium, copied-for-metadata)",
        "            the base's, until 2027-01-31",
    ]


def test_what_an_image_says_in_a_fix_begins_no_command_of_a_runner() -> None:
    hostile = ADVICE[0]._replace(fix="RUN x\n::error::owned\n\x1b[2J", title="##[group]", reason="::a::b. c")
    out = io.StringIO()
    text_advice.write(Run((Subject(advised(analyze(sample()), hostile)),)), out)
    lines = out.getvalue().splitlines()
    assert not [line for line in lines if line.lstrip().startswith("::") or "##[" in line or "\x1b" in line]

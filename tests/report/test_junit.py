"""JUnit XML: a suite, a case for each rule, and nothing that an XML parser refuses."""

import io
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.gate.dive_limits import DiveLimits
from layerscope.gate.verdicts import Judgement, Outcome, Verdict
from layerscope.report import junit
from layerscope.report.subject import Run, Subject

from tests.gates import by_dive, verdicts
from tests.models import image, layer
from tests.report.sample import sample

GATED = """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" errors="0" time="0">
  <testsuite name="image.tar" tests="3" failures="1" errors="0" time="0" skipped="1">
    <properties>
      <property name="tag" value="example:1"/>
      <property name="tag" value="example:latest"/>
      <property name="platform" value="linux/amd64"/>
      <property name="efficiency" value="0.4988659351437504"/>
      <property name="stored_bytes" value="16313"/>
      <property name="live_bytes" value="8138"/>
      <property name="wasted_bytes" value="8175"/>
    </properties>
    <testcase classname="image.rules" name="min-efficiency" time="0"/>
    <testcase classname="image.rules" name="max-wasted-bytes" time="0">
      <failure message="8.18 kB, the limit is ≤ 100 B" type="max-wasted-bytes">FIRST
layer 2, 4,000 B, put out of reach, (no history)
layer 0, 7 B, put out of reach, COPY … /</failure>
    </testcase>
    <testcase classname="image.rules" name="max-wasted-percent" time="0">
      <skipped message="disabled"/>
    </testcase>
  </testsuite>
</testsuites>
""".replace("FIRST", "layer 1, 4,168 B, put out of reach, RUN make all &amp;&amp; make install")


def written(analysis: Analysis, judgement: Judgement | None = None) -> str:
    out = io.StringIO()
    junit.write(Run((Subject(analysis, judgement),)), out)
    return out.getvalue()


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text.encode())


def test_a_small_image_that_fails_its_gate() -> None:
    analysis = analyze(sample())
    assert written(analysis, Judgement(verdicts(analysis, 0.4, 100))) == GATED


def test_its_elements_are_those_of_the_format_in_their_order() -> None:
    analysis = analyze(sample())
    root = parsed(written(analysis, Judgement(verdicts(analysis, 0.4, 100))))
    assert [(one.tag, [child.tag for child in one]) for one in root.iter() if len(one)] == [
        ("testsuites", ["testsuite"]),
        ("testsuite", ["properties", "testcase", "testcase", "testcase"]),
        ("properties", ["property"] * 7),
        ("testcase", ["failure"]),
        ("testcase", ["skipped"]),
    ]


def test_dives_rules_name_our_figure_and_where_their_limits_are_from() -> None:
    analysis = analyze(image(layer("base:9000"), layer("base:9000")))
    root = parsed(written(analysis, by_dive(analysis, DiveLimits(0.95), origin="<.dive-ci>")))
    failure = root.find("testsuite/testcase[@name='lowestEfficiency']/failure")
    assert failure is not None
    assert failure.attrib == {"message": "50.00 %, the limit is ≥ 95.00 %", "type": "lowestEfficiency"}
    assert failure.text == "50.00 % by our figures"
    limits = root.find("testsuite/properties/property[@name='limits']")
    assert limits is not None
    assert limits.get("value") == "<.dive-ci>"


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        ("\"a\" 'b' <c> & ]]>", "\"a\" 'b' <c> & ]]>"),
        ("&amp;&#10;<!-- -->", "&amp;&#10;<!-- -->"),
        ("new\r\n\tline", r"new\r\n\tline"),
        ("\x00\x01\x0b\x1b[2J\x7f\x85", r"\x00\x01\x0b\x1b[2J\x7f\x85"),
        ("\ufffe\uffff\ud800\U0001ffff\u202e", r"\ufffe\uffff\ud800\U0001ffff\u202e"),
        ("漢字 é 😀", "漢字 é 😀"),
    ],
)
def test_names_are_shown_and_never_markup(reference: str, shown: str) -> None:
    rule = Verdict("rule", "1 B", "≤", "0 B", Outcome.FAIL)
    one = replace(sample(), reference=reference, tags=(reference,), platform=reference)
    root = parsed(written(analyze(one), Judgement((rule,), reference)))
    suite = root[0]
    assert suite.get("name") == shown
    assert [one.get("value") for one in suite[0] if one.get("name") in ("tag", "platform", "limits")] == [
        shown
    ] * 3
    assert [child.tag for child in suite] == ["properties", "testcase"]


def test_a_name_is_cut() -> None:
    root = parsed(written(analyze(replace(sample(), reference="x" * 5000))))
    assert root[0].get("name") == "x" * 1000

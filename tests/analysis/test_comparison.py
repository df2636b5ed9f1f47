"""Two images side by side: steps, findings, and whether anything differs."""

from dataclasses import replace

from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.comparison import Comparison, FileSum, compare
from layerscope.analysis.comparison_files import Difference
from layerscope.analysis.findings.finding import Finding, Severity
from layerscope.analysis.model import Layer

from tests.analysis.test_growth import built, saved
from tests.models import layer

BASE = layer("bin/sh:100", "etc/os:10", diff_id="sha256:base", compressed=60)
APP = layer("app/a:40", "app/b:5", diff_id="sha256:app", compressed=20)
RELEASED = built(("ADD debian", BASE), ("RUN make", APP))


def found(name: str, saved: int, *layers: int, severity: Severity = Severity.LOW) -> Finding:
    return Finding(name, name.title(), severity, layers, (), 0, saved, "It is so. It costs.", "RUN better")


def with_findings(analysis: Analysis, *findings: Finding) -> Analysis:
    """The image, with these findings in place of its own."""
    vars(analysis)["findings"] = findings  # where a cached property keeps what it has computed
    return analysis


def steps(comparison: Comparison) -> list[tuple[str, str, int, int]]:
    return [
        (step.kind.value, step.command, step.growth.stored, step.growth.wasted) for step in comparison.steps
    ]


def findings(before: Analysis, after: Analysis) -> list[tuple[str, str, str, int, int]]:
    listed = compare(before, after).findings
    assert listed is not None
    return [(one.kind.value, one.id, one.command, one.before, one.after) for one in listed]


def app(*layers: tuple[str, Layer]) -> Analysis:
    """A rebuild: the base, and what is on it."""
    return built(("ADD debian", BASE), *layers)


# Whether anything differs


def test_an_image_does_not_differ_from_itself() -> None:
    same = compare(RELEASED, RELEASED)
    assert not same.differs
    assert (same.files, same.configuration, same.findings) == ((), (), ())
    assert steps(same) == [("same", "ADD debian", 0, 0), ("same", "RUN make", 0, 0)]


def test_another_name_is_no_difference() -> None:
    other = analyze(replace(RELEASED.image, reference="other.tar", tags=("b:2",), id="sha256:1"))
    assert not compare(RELEASED, other).differs


def test_another_compression_is_a_difference() -> None:
    packed = app(("RUN make", replace(APP, compressed_bytes=19)))
    found = compare(RELEASED, packed)
    assert found.differs
    assert found.growth.compressed == -1
    assert found.files == ()


def test_a_setting_alone_is_a_difference() -> None:
    assert compare(RELEASED, analyze(replace(RELEASED.image, config={"User": "app"}))).differs


# Steps


def test_steps_are_the_same_added_removed_grown_and_shrunk() -> None:
    before = app(("RUN make a", layer("a:10")), ("RUN test", layer("t:5")), ("COPY x", layer("x:9")))
    after = app(("RUN make b", layer("a:30")), ("COPY x", layer("x:4")), ("EXPOSE 1", layer("y:1")))
    assert steps(compare(before, after)) == [
        ("same", "ADD debian", 0, 0),
        ("grown", "RUN make b", 20, 0),
        ("removed", "RUN test", -5, 0),
        ("shrunk", "COPY x", -5, 0),
        ("added", "EXPOSE 1", 1, 0),
    ]


def test_a_step_of_as_many_bytes_in_another_tar_is_rewritten() -> None:
    assert steps(compare(RELEASED, app(("RUN make", layer("app/a:45", diff_id="sha256:new")))))[1] == (
        "rewritten",
        "RUN make",
        0,
        0,
    )


def test_one_tar_of_which_more_is_wasted_is_the_same_and_differs() -> None:
    found = compare(RELEASED, app(("RUN make", APP), ("RUN rm", layer("app/.wh.a"))))
    assert steps(found)[1] == ("same", "RUN make", 0, 40)
    assert [step.differs for step in found.steps] == [False, True, True]


def test_without_diff_ids_blobs_tell_what_is_the_same() -> None:
    before, other = replace(APP, diff_id="", digest="sha256:1"), replace(APP, diff_id="", digest="sha256:2")
    kinds = [
        compare(built(("RUN make", before)), built(("RUN make", after))).steps[0].kind
        for after in (before, other, replace(APP, diff_id=""))
    ]
    assert kinds == [Difference.SAME, Difference.REWRITTEN, Difference.REWRITTEN]


# Files


def test_files_are_summed_up_by_kind() -> None:
    found = compare(app(("RUN a", layer("x:5", "y:7"))), app(("RUN b", layer("x:9", "z:1", "z2:2"))))
    assert found.file_sums == {
        Difference.ADDED: FileSum(2, 0, 3),
        Difference.REMOVED: FileSum(1, 7, 0),
        Difference.GROWN: FileSum(1, 5, 9),
    }


def test_two_reports_tell_what_the_images_do() -> None:
    later = app(("RUN make", APP), ("RUN rm", layer("app/.wh.a", "new:7")))
    reports = compare(saved(RELEASED), saved(later))
    assert reports.is_whole
    assert reports.files == compare(RELEASED, later).files
    assert steps(reports) == steps(compare(RELEASED, later))


def test_of_a_report_without_entries_there_are_steps_and_no_files() -> None:
    later = app(("RUN make", APP), ("RUN rm", layer("app/.wh.a")))
    found = compare(saved(RELEASED, entries=False), later)
    assert (found.files, found.findings, found.file_sums, found.is_whole) == (None, None, {}, False)
    assert steps(found) == steps(compare(RELEASED, later))
    assert found.differs


def test_a_report_that_has_findings_tells_them_without_entries() -> None:
    report = saved(RELEASED, entries=False)
    report = replace(report, recorded=replace(report.recorded, findings=(found("cache", 4, 1),)))
    assert compare(report, report).findings == ()


# Findings


def test_findings_are_new_gone_and_of_other_bytes() -> None:
    before = with_findings(
        app(("RUN apt", APP)), found("apt", 30, 1), found("old", 9, 1), found("kept", 5, 1), found("root", 0)
    )
    after = with_findings(
        app(("RUN apt", APP)), found("apt", 34, 1), found("new", 8, 1), found("kept", 5, 1), found("root", 0)
    )
    assert findings(before, after) == [
        ("removed", "old", "RUN apt", 9, 0),
        ("added", "new", "RUN apt", 0, 8),
        ("grown", "apt", "RUN apt", 30, 34),
    ]


def test_of_two_that_have_no_bytes_the_more_severe_comes_first() -> None:
    before = with_findings(app(("RUN apt", APP)))
    after = with_findings(
        app(("RUN apt", APP)), found("a", 0), found("z", 0, severity=Severity.HIGH), found("b", 0)
    )
    assert [one[1] for one in findings(before, after)] == ["z", "a", "b"]


def test_a_finding_that_each_has_once_is_one_finding_in_whatever_step() -> None:
    before = with_findings(app(("RUN update", APP), ("RUN install", layer("i:1"))), found("apt", 30, 1))
    after = with_findings(app(("RUN update", APP), ("RUN install", layer("i:1"))), found("apt", 20, 2))
    assert findings(before, after) == [("shrunk", "apt", "RUN install", 30, 20)]


def test_of_several_of_one_kind_those_of_one_step_are_the_same_though_it_was_edited() -> None:
    before = with_findings(
        app(("RUN a 1", layer("a:1")), ("COPY b", layer("b:1"))), found("copy", 5, 1), found("copy", 7, 2)
    )
    after = with_findings(
        app(("RUN a 2", layer("a:2")), ("COPY b", layer("b:1")), ("ENV c", layer("c:1"))),
        found("copy", 6, 1),
        found("copy", 7, 2),
        found("copy", 1, 3),
    )
    assert findings(before, after) == [
        ("added", "copy", "ENV c", 0, 1),
        ("grown", "copy", "RUN a 2", 5, 6),
    ]


def test_of_steps_that_changed_places_the_command_tells_which_is_which() -> None:
    one, two = ("RUN a", layer("a:1")), ("COPY b", layer("b:2"))
    before = with_findings(app(one, two), found("copy", 5, 1), found("copy", 7, 2))
    after = with_findings(app(two, one), found("copy", 7, 1), found("copy", 4, 2))
    assert findings(before, after) == [("shrunk", "copy", "RUN a", 5, 4)]

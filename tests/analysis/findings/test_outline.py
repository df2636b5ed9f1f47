"""Findings set out for a reader."""

from layerscope.analysis.findings.finding import Finding, Severity
from layerscope.analysis.findings.outline import Outline, outline


def finding(name: str, severity: Severity, saved: int, *layers: int) -> Finding:
    return Finding(name, name, severity, layers, (), 0, saved, "So it is.", "RUN less")


LISTS = finding("lists", Severity.MEDIUM, 80, 2, 3)
OVER = finding("over", Severity.INFO, 9, 2)
KEYS = finding("keys", Severity.HIGH, 5, 2)
ROOT = finding("root", Severity.LOW, 0)
LOGS = finding("logs", Severity.INFO, 1, 4)


def test_info_is_smaller_and_the_order_stays() -> None:
    found = outline([LISTS, OVER, KEYS, LOGS, ROOT])
    assert (found.worth, found.smaller) == ((LISTS, KEYS, ROOT), (OVER, LOGS))


def test_what_can_be_saved_is_of_all_of_them() -> None:
    assert outline([LISTS, OVER, KEYS, LOGS, ROOT]).saved == 95


def test_a_layer_has_the_findings_that_name_it_first_those_worth_a_change_before_the_others() -> None:
    found = outline([LISTS, OVER, KEYS, LOGS, ROOT])
    assert found.by_layer == {2: (LISTS, KEYS, OVER), 4: (LOGS,)}


def test_a_layer_is_marked_for_what_is_worth_a_change() -> None:
    assert outline([LISTS, OVER, KEYS, LOGS, ROOT]).marked == {2}


def test_what_is_accepted_is_in_no_sum_and_marks_no_layer() -> None:
    found = outline([LOGS], {OVER: "known"})
    assert (found.left, found.saved, found.marked) == ((LOGS,), LOGS.saved, frozenset())
    assert found.accepted == {OVER: "known"}


def test_no_findings() -> None:
    assert outline([]) == Outline((), (), 0, {}, frozenset())

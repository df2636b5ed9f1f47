"""The accept list: which entry counts, for rules and for findings, which of them were used, when they end."""

import datetime

import pytest
from layerscope.analysis.findings.finding import Evidence, Finding, Severity
from layerscope.gate.accept import Accept, Accepts

DAY = datetime.date(2026, 12, 31)
ONE = datetime.timedelta(days=1)


@pytest.mark.parametrize(
    ("expires", "today", "is_expired"),
    [
        (None, DAY, False),
        (DAY, DAY - ONE, False),
        (DAY, DAY, False),
        (DAY, DAY + ONE, True),
        (datetime.date.min, DAY, True),
        (datetime.date.max, DAY, False),
    ],
)
def test_an_entry_holds_on_its_last_day(
    expires: datetime.date | None, today: datetime.date, is_expired: bool
) -> None:
    assert Accept(("a",), "r", expires=expires).is_expired(today) is is_expired


def test_the_first_entry_that_fits_counts_and_is_noted() -> None:
    one = Accept(("/var/**",), "one", frozenset({"no-setuid"}))
    two = Accept(("var", "etc"), "two")
    three = Accept(("/var/lib",), "three")
    accepts = Accepts((one, two, three))
    assert accepts.of(("max-removed-bytes",), b"usr/x") is None
    assert accepts.used == set()
    assert accepts.of(("max-removed-bytes",), b"var/lib/x") is two
    assert accepts.of(("no-setuid",), b"var/lib/x") is one
    assert accepts.of(("no-setgid", "no-setuid"), b"var/lib/x") is one
    assert accepts.used == {0, 1}


def test_a_list_of_its_own_notes_for_itself() -> None:
    entry = Accept(("a",), "r")
    one, other = Accepts((entry,)), Accepts((entry,))
    assert one.of(("no-setuid",), b"a") is entry
    assert (one.used, other.used) == ({0}, set())


# Findings.


def finding(identity: str, *paths: bytes, more: int = 0) -> Finding:
    evidence = tuple(Evidence(path, 1, 1, 0) for path in paths)
    return Finding(identity, identity, Severity.LOW, (0,), evidence, more, len(paths), "", "")


def accepted(found: Finding, *entries: Accept) -> str:
    """The reason why it is; empty if it is not."""
    left, sorted_out = Accepts(entries).sort_out([found])
    assert len(left) + len(sorted_out) == 1
    return sorted_out[0].entry.reason if sorted_out else ""


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (finding("root-user"), "by id"),
        (finding("apt-cache", b"var/cache/apt", b"var/lib/apt"), "by path"),
        (finding("apt-cache", b"var/cache/apt", b"usr/lib/apt"), ""),
        (finding("apt-cache", b"var/cache/apt", more=1), ""),
        (finding("apt-cache", b"var/cache/apt", b""), ""),
        (finding("apt-cache"), ""),
        (finding("documentation", b"usr/share/doc", b"var/doc"), "of one kind"),
        (finding("headers", b"usr/share/include"), ""),
        (finding("no-setuid", b"srv/tool"), ""),
    ],
)
def test_a_finding_is_accepted_by_its_id_or_if_all_of_its_places_are(found: Finding, reason: str) -> None:
    entries = (
        Accept((), "by id", findings=frozenset({"root-user"})),
        Accept(("/usr/share",), "of one kind", findings=frozenset({"documentation"})),
        Accept(("/srv",), "of a rule", frozenset({"no-setuid"})),
        Accept(("/var",), "by path"),
    )
    assert accepted(found, *entries) == reason


def test_entries_that_a_finding_takes_are_used_and_those_of_one_that_is_left_are_not() -> None:
    one, two, three = Accept(("a",), "one"), Accept(("b",), "two"), Accept(("c",), "three")
    accepts = Accepts((one, two, three))
    whole, part = finding("x", b"b", b"a"), finding("x", b"c", b"d")
    assert accepts.sort_out([whole, part]) == ((part,), ((whole, two),))
    assert accepts.used == {0, 1}


def test_an_entry_for_findings_lets_no_path_break_a_rule() -> None:
    accepts = Accepts((Accept(("a",), "r", findings=frozenset({"documentation"})),))
    assert accepts.of(("max-removed-bytes",), b"a") is None


def test_an_entry_is_told_by_its_paths_or_its_findings_and_until_when() -> None:
    one, two = Accept(("a", "b"), "r", expires=DAY), Accept((), "s", findings=frozenset({"y", "x"}))
    assert (one.told, one.because) == ("a, b", "r, until 2026-12-31")
    assert (two.told, two.because) == ("x, y", "s")

"""The accept list: which entry counts, which of them were used, and when they end."""

import datetime

import pytest
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

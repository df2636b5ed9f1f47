"""Dates as images tell them, the absurd ones too."""

from datetime import UTC, datetime

import pytest
from layerscope.tui.dates import age, date, parse

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2024-05-14T01:28:25.595123456Z", "2024-05-14 01:28"),
        ("2024-05-14T01:28:25+02:00", "2024-05-13 23:28"),
        ("2024-05-14T01:28:25", "2024-05-14 01:28"),
        ("0001-01-01T00:00:00Z", "0001-01-01 00:00"),
        ("9999-12-31T23:59:59Z", "9999-12-31 23:59"),
    ],
)
def test_a_date_is_shown_in_utc(text: str, shown: str) -> None:
    moment = parse(text)
    assert moment is not None
    assert date(moment) == shown


@pytest.mark.parametrize(
    "text", ["", "yesterday", "99999-01-01T00:00:00Z", "0001-01-01T00:00:00+23:00", "\0"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-21T08:59:30Z", "just now"),
        ("2026-11-21T09:00:30Z", "just now"),
        ("2026-11-21T08:58:00Z", "2 minutes ago"),
        ("2026-11-21T08:00:00Z", "1 hour ago"),
        ("2026-11-14T09:00:00Z", "1 week ago"),
        ("2026-08-01T09:00:00Z", "3 months ago"),
        ("2024-11-01T09:00:00Z", "2 years ago"),
        ("2036-01-01T00:00:00Z", "in the future"),
    ],
)
def test_an_age_is_told_in_the_largest_unit(text: str, shown: str) -> None:
    moment = parse(text)
    assert moment is not None
    assert age(moment, NOW) == shown


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1980-01-01T00:00:01Z"])
def test_a_date_that_builders_make_up_has_no_age(text: str) -> None:
    moment = parse(text)
    assert moment is not None
    assert age(moment, NOW) == ""

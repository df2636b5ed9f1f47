"""When something was made, as an image tells it: RFC 3339 if all is well, and anything if not."""

from datetime import UTC, datetime, timedelta

_FIRST = datetime(2013, 1, 1, tzinfo=UTC)
"""Docker came in March 2013: what is older is a date that a builder put there to be the same every time."""
_UNITS = (
    ("year", timedelta(days=365)),
    ("month", timedelta(days=30)),
    ("week", timedelta(days=7)),
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
)


def parse(text: str) -> datetime | None:
    """A moment in UTC, which is also what is meant where no zone is given; None for what is none."""
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def date(moment: datetime) -> str:
    """`2024-05-14 01:28`."""
    return moment.replace(tzinfo=None).isoformat(" ", "minutes")


def age(moment: datetime, now: datetime) -> str:
    """`3 months ago`, by the largest unit that fits; empty for the dates that builders make up."""
    if moment < _FIRST:
        return ""
    passed = now - moment
    if passed < -timedelta(days=1):
        return "in the future"
    for name, unit in _UNITS:
        if passed >= unit:
            count = passed // unit
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"

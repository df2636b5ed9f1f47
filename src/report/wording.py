"""What all reports say in one way: a text of the image in the room there is, sizes and numbers of things."""

from ..formatting import cut, printable, size

LOOKED_AT = 4000
"""Characters of a text that are looked at: more than any line holds, and a history may hold megabytes."""


def short(raw: bytes | str, width: int, *, keep_end: bool = False) -> str:
    """A name or a text of the image, printable, at most `width` columns of it."""
    return cut(printable(raw[:LOOKED_AT]), width, keep_end=keep_end)


def counted(number: int, one: str, many: str) -> str:
    """`1 layer`, `2 layers`."""
    return f"{number:,} {one if number == 1 else many}"


def or_dash(count: int) -> str:
    """A size, and a dash for nothing."""
    return size(count) if count else "-"

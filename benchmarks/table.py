"""Measurements as Markdown."""

from collections.abc import Iterator, Sequence


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A Markdown table, the first column to the left and the others to the right."""
    widths = [max(len(row[number]) for row in (columns, *rows)) for number in range(len(columns))]
    yield _row(columns, widths)
    yield (
        "|"
        + "|".join("-" * (width + 2) if not n else "-" * (width + 1) + ":" for n, width in enumerate(widths))
        + "|"
    )
    for row in rows:
        yield _row(row, widths)


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return (
        "| " + " | ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]) + " |"
    )


def seconds(value: float | None) -> str:
    """Seconds with three significant digits: `0.123 s`, `12.3 s`, `1,309 s`."""
    if value is None:
        return "-"
    digits = 3 if value < 1 else 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f} s"


def megabytes(value: int | None) -> str:
    """Bytes as decimal megabytes."""
    return "-" if value is None else f"{value / 1e6:,.0f} MB"


def ratio(one: float | None, other: float | None) -> str:
    """`one / other` to two decimals."""
    return "-" if one is None or not other else f"{one / other:.2f}"


def times(one: float | None, other: float | None, *, more_than: float | None = None) -> str:
    """How many times `one` the `other` is: `12.3 times`, `> 500 times` if it is only known to be more."""
    if one and more_than is not None:
        return f"> {more_than / one:,.0f} times"
    return "-" if not one or other is None else f"{other / one:,.1f} times"


def milliseconds(value: float) -> str:
    """Seconds as whole milliseconds."""
    return f"{value * 1e3:,.0f} ms"

"""What the reports of a comparison have in common: its figures, and which of its files are worth a line."""

from collections.abc import Iterator
from itertools import islice

from ...analysis.analyze import Analysis
from ...analysis.comparison import Comparison, FindingDifference
from ...analysis.comparison_files import Difference, FileDifference
from ...analysis.growth import LayerGrowth, PathGrowth
from ...formatting import percent, signed, size

LISTED = (Difference.ADDED, Difference.REMOVED, Difference.GROWN, Difference.SHRUNK, Difference.CHANGED)
"""Kinds of files that are listed one by one; of the others it is not known whether they differ."""
REWRITTEN = "as many bytes in another layer: contents are not compared"
NO_FILES = "files are not known: a report was saved without entries"
NO_FINDINGS = "findings are not known: a report was saved without entries"
_WORDS = {Difference.ADDED: "new", Difference.REMOVED: "gone"}


def figures(comparison: Comparison) -> Iterator[tuple[str, str, str, str]]:
    """Name, before, after and difference of each figure, as texts; `-` for what one does not tell."""
    before, after, growth = comparison.before, comparison.after, comparison.growth
    was, now = before.totals, after.totals
    points = 100 * (now.efficiency - was.efficiency)
    yield (
        "efficiency",
        percent(was.efficiency),
        percent(now.efficiency),
        f"{points:+.2f} pp" if points else "0",
    )
    yield "stored", size(was.stored), size(now.stored), signed(growth.stored)
    yield "live", size(was.live), size(now.live), signed(now.live - was.live)
    yield "wasted", size(was.wasted), size(now.wasted), signed(growth.wasted)
    if before.compressed_bytes is not None or after.compressed_bytes is not None:
        yield "compressed", _compressed(before), _compressed(after), _known(growth.compressed)
    more = len(after.layers) - len(before.layers)
    yield "layers", f"{len(before.layers):,}", f"{len(after.layers):,}", f"{more:+,}" if more else "0"


def _compressed(analysis: Analysis) -> str:
    return "-" if analysis.compressed_bytes is None else size(analysis.compressed_bytes)


def _known(difference: int | None) -> str:
    return "-" if difference is None else signed(difference)


def largest_directories(comparison: Comparison, count: int) -> list[PathGrowth]:
    """Those that grew or shrank most; none where they are not known."""
    found = sorted(comparison.growth.directories or (), key=lambda one: (-abs(one.growth), one.path))
    return found[:count]


def largest_files(comparison: Comparison, kind: Difference, count: int) -> list[FileDifference]:
    """The first of a kind; none where they are not known."""
    return list(islice((one for one in comparison.files or () if one.kind is kind), count))


def layers(growth: LayerGrowth, arrow: str) -> str:
    """`3 → 4`: the layer before and the layer after, `-` where there is none."""
    before = "-" if growth.before is None else str(growth.before)
    return f"{before} {arrow} {'-' if growth.after is None else growth.after}"


def word(finding: FindingDifference) -> str:
    """`new`, `gone`, `grown` or `shrunk`."""
    return _WORDS.get(finding.kind, finding.kind.value)

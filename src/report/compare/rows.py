"""What the views of a comparison have in common: its figures, and which of its files are worth a line."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from math import copysign

from ...analysis.comparison import Comparison, FindingDifference
from ...analysis.comparison_files import Difference, FileDifference
from ...analysis.comparison_packages import Installed, PackageComparison, PackageDifference
from ...analysis.growth import LayerGrowth, PathGrowth
from ...formatting import percent, signed, size

LISTED = (Difference.ADDED, Difference.REMOVED, Difference.GROWN, Difference.SHRUNK, Difference.CHANGED)
"""Kinds of files that are listed one by one; of the others it is not known whether they differ."""
REWRITTEN = "as many bytes in another layer: contents are not compared"
NO_FILES = "files are not known: a report was saved without entries"
NO_FINDINGS = "findings are not known: a report was saved without entries"
NO_PACKAGES = "packages are not known: a saved report, or what came through a pipe, has no databases to read"
_WORDS = {Difference.ADDED: "new", Difference.REMOVED: "gone"}


def figures(
    comparison: Comparison, size: Callable[[int], str] = size, signed: Callable[[int], str] = signed
) -> Iterator[tuple[str, str, str, str]]:
    """Name, before, after and difference of each figure, as texts; `-` for what one does not tell.

    `size` and `signed` write bytes and differences of them.
    """
    before, after, growth = comparison.before, comparison.after, comparison.growth
    was, now = before.totals, after.totals
    points = 100 * (now.efficiency - was.efficiency)
    yield (
        "efficiency",
        percent(was.efficiency),
        percent(now.efficiency),
        f"{copysign(max(abs(points), 0.01), points):+.2f} pp" if points else "0",
    )
    yield "stored", size(was.stored), size(now.stored), signed(growth.stored)
    yield "live", size(was.live), size(now.live), signed(now.live - was.live)
    yield "wasted", size(was.wasted), size(now.wasted), signed(growth.wasted)
    if before.compressed_bytes is not None or after.compressed_bytes is not None:
        sizes = (before.compressed_bytes, after.compressed_bytes)
        was_packed, now_packed = ("-" if one is None else size(one) for one in sizes)
        difference = "-" if growth.compressed is None else signed(growth.compressed)
        yield "compressed", was_packed, now_packed, difference
    more = len(after.layers) - len(before.layers)
    yield "layers", f"{len(before.layers):,}", f"{len(after.layers):,}", f"{more:+,}" if more else "0"


def largest_directories(comparison: Comparison, count: int) -> list[PathGrowth]:
    """Those that grew or shrank most; none where they are not known."""
    found = sorted(comparison.growth.directories or (), key=lambda one: (-abs(one.growth), one.path))
    return found[:count]


def package_counts(packages: PackageComparison) -> str:
    """`129 before, 131 after: 3 added, 1 removed, 8 changed`."""
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in packages.counts.items())
    return f"{packages.before.packages:,} before, {packages.after.packages:,} after: {kinds}"


def versions(package: PackageDifference, arrow: str) -> str:
    """`1.2 → 1.3`, `2.6.9, 4.1.1 → 4.1.1`; one side of it if there is but one, or both are the same.

    As the database has them, unescaped; empty where nothing tells.
    """
    sides = dict.fromkeys(_versions(side) for side in (package.before, package.after) if side)
    return arrow.join(side or "?" for side in sides) if len(sides) > 1 else "".join(sides)


def _versions(side: Sequence[Installed]) -> str:
    return ", ".join(one.version for one in side)


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

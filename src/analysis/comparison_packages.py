"""What the package managers of two images do not have in common: packages, their versions, their bytes."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from .analyze import Analysis
from .comparison_files import Difference
from .packages.holders import holders
from .packages.listing import packages_of
from .packages.package import Package, Packages
from .packages.reading import Known
from .saved import SavedAnalysis

_Name = tuple[str, str]
"""A manager, and what it calls a package."""


class Installed(NamedTuple):
    """One version of a package in one image."""

    version: str
    """As in `Package`: empty where nothing tells."""
    copies: int
    size: int
    """Live bytes of all copies."""


class PackageDifference(NamedTuple):
    """A package by its name, all versions of it together, that is not the same in both images."""

    manager: str
    name: str
    kind: Difference
    """ADDED, REMOVED; CHANGED: other versions, newer or older; GROWN, SHRUNK: the same versions."""
    before: tuple[Installed, ...]
    """In the first image, by version; empty for an added one."""
    after: tuple[Installed, ...]
    before_size: int
    """Live bytes in the first image."""
    after_size: int
    layer: int | None
    """The layer of the second image, or of the first for what is gone, that stores most of the largest of its
    versions; None if nothing does."""
    path: bytes
    """The largest file in the second image, normalised; empty if it has none there."""

    @property
    def growth(self) -> int:
        """`after_size - before_size`."""
        return self.after_size - self.before_size


class PackageSum(NamedTuple):
    """The packages of one image."""

    packages: int
    """How many names, each of one manager."""
    size: int
    """Live bytes that they brought."""
    unowned: int
    """Live bytes that belong to none."""


@dataclass(frozen=True, slots=True)
class PackageComparison:
    """Packages that differ; what they grew by and `unowned` did add up to the difference in live bytes."""

    rows: tuple[PackageDifference, ...]
    """The largest difference first, then by manager and name."""
    before: PackageSum
    after: PackageSum
    notes: tuple[str, ...]
    """What could not be read, of one or of both: as in `Packages`."""

    @property
    def counts(self) -> dict[Difference, int]:
        """The kinds of which there are packages, and how many, in the order of `Difference`."""
        found = Counter(one.kind for one in self.rows)
        return {kind: found[kind] for kind in Difference if found[kind]}


def can_tell(analysis: Analysis) -> bool:
    """Whether databases of an image can be read at all: a saved report does not hold what is in files."""
    return not isinstance(analysis, SavedAnalysis)


def compare_packages(before: Analysis, after: Analysis) -> PackageComparison | None:
    """What differs; None if one of the two cannot tell, as its contents cannot be read any more.

    Reads contents (`Analysis.packages`), once of a layer that both have: of an image that has been closed
    they must have been asked for before. Time is n·log n in the packages, and linear in the tree.
    """
    if not (can_tell(before) and can_tell(after)):
        return None
    known: Known = {}
    was, now = packages_of(before, known=known), packages_of(after, known=known)
    if was.unread or now.unread:
        return None
    earlier, later = _by_name(was), _by_name(now)
    differing = [
        name for name in {**earlier, **later} if _told(earlier.get(name, ())) != _told(later.get(name, ()))
    ]
    largest = _largest_files(after, now) if differing else {}
    rows = (
        _difference(name, earlier.get(name, ()), later.get(name, ()), largest.get(name, b""))
        for name in differing
    )
    return PackageComparison(
        tuple(sorted(rows, key=lambda one: (-abs(one.growth), one.manager, one.name))),
        PackageSum(len(earlier), was.owned(), was.unowned),
        PackageSum(len(later), now.owned(), now.unowned),
        tuple(dict.fromkeys((*was.notes, *now.notes))),
    )


_Versions = tuple[Package, ...]


def _by_name(packages: Packages) -> dict[_Name, _Versions]:
    """Versions in their order as texts: which of two is newer only its manager knows."""
    found: defaultdict[_Name, list[Package]] = defaultdict(list)
    for package in packages.packages:
        found[package.manager, package.name].append(package)
    return {name: tuple(sorted(versions, key=lambda one: one.version)) for name, versions in found.items()}


def _told(versions: _Versions) -> tuple[Installed, ...]:
    return tuple(Installed(one.version, one.copies, one.size) for one in versions)


def _largest_files(analysis: Analysis, packages: Packages) -> Mapping[_Name, bytes]:
    found: dict[_Name, tuple[int, bytes]] = {}
    for package, file in _files(analysis, packages):
        name = package.manager, package.name
        found[name] = min(found.get(name, (0, b"")), file)
    return {name: path for name, (_, path) in found.items()}


def _files(analysis: Analysis, packages: Packages) -> Iterator[tuple[Package, tuple[int, bytes]]]:
    """The largest file of each version, with its bytes less than nothing."""
    for holder in holders(analysis, packages):
        if holder.package is not None and holder.largest:
            yield holder.package, (-holder.largest[0].size, holder.largest[0].path)


def _difference(name: _Name, was: _Versions, now: _Versions, path: bytes) -> PackageDifference:
    before, after = sum(one.size for one in was), sum(one.size for one in now)
    if not was or not now:
        kind = Difference.REMOVED if was else Difference.ADDED
    elif [one.version for one in was] != [one.version for one in now] or before == after:
        kind = Difference.CHANGED
    else:
        kind = Difference.GROWN if after > before else Difference.SHRUNK
    layer = max(now or was, key=lambda one: one.size).layer
    return PackageDifference(*name, kind, _told(was), _told(now), before, after, layer, path)

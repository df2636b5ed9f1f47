"""The lines of the packages view: who holds the live bytes, by manager, by layer or one after another."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..grouped import Grouped
from .holders import Holder


class Grouping(enum.Enum):
    """What packages of one group have in common."""

    NONE = "none"
    MANAGER = "manager"
    LAYER = "layer"
    """The layer that stores their bytes; a package whose files are in several is in as many groups."""


class Held(NamedTuple):
    """A holder, or what of it a layer stores."""

    holder: Holder
    size: int
    """Live bytes."""
    files: int


class Amount(NamedTuple):
    """Some of the holders."""

    owned: int
    """Live bytes of the packages among them."""
    packages: int
    unowned: int
    """Live bytes of the directories among them."""


Key = str | int | None
"""A manager, the index of a layer, or None for what no package owns."""


@dataclass(frozen=True, slots=True)
class Group:
    """Holders with something in common."""

    key: Key
    rows: Sequence[Held]
    """The largest first; at least one."""
    size: int
    """Live bytes of all rows."""
    packages: int
    """How many of the rows are packages."""


class HolderList(Grouped[Held | None, Grouping]):
    """Groups, largest first, but what no package owns last; below each that is open its rows.

    Without groups the packages come first; then a line that is nothing stands before the directories of
    what no package owns. Grouped by layer these are among the packages: a layer's rows add up to its live
    bytes.
    """

    def __init__(self, holders: Sequence[Holder]) -> None:
        """The holders as `holders` gives them."""
        super().__init__()
        self.grouping = Grouping.NONE
        self.groups: Sequence[Group] = ()
        self.holders = holders
        self._labels = [label(holder).lower() for holder in holders]
        self._shown = holders
        self.whole = _amount(holders)
        """All of them."""
        self.shown = self.whole
        """Those that pass the filter."""
        self.group_by(self.grouping)

    def filter(self, text: str) -> None:
        """As `Grouped` says; the name is that with the version, or the directory."""
        wanted = text.lower()
        self._shown = [one for one, name in zip(self.holders, self._labels, strict=True) if wanted in name]
        self.shown = _amount(self._shown)
        self.group_by(self.grouping)

    def group_by(self, grouping: Grouping) -> None:
        """As `Grouped` says."""
        self.grouping = grouping
        self.groups = _groups(self._shown, grouping)
        keys = [(grouping, group.key) for group in self.groups]
        self._put(() if self.groups else _flat(self._shown), keys, [group.rows for group in self.groups])

    def share(self, group: Group) -> float:
        """The group's part of all live bytes, 0 to 1."""
        live = self.whole.owned + self.whole.unowned
        return group.size / live if live else 0.0


def label(holder: Holder) -> str:
    """Name and version of a package, or a directory with a leading slash; not safe to show."""
    if holder.package is not None:
        return f"{holder.package.name} {holder.package.version}".rstrip()
    assert holder.directory is not None
    return f"/{holder.directory.path.decode('utf-8', 'surrogateescape')}"


def _amount(holders: Iterable[Holder]) -> Amount:
    owned = packages = unowned = 0
    for holder in holders:
        if holder.package is None:
            unowned += holder.size
        else:
            owned += holder.size
            packages += 1
    return Amount(owned, packages, unowned)


def _whole(holder: Holder) -> Held:
    return Held(holder, holder.size, holder.files)


def _flat(holders: Iterable[Holder]) -> list[Held | None]:
    packages: list[Held | None] = []
    others: list[Held | None] = []
    for holder in holders:
        (others if holder.package is None else packages).append(_whole(holder))
    return [*packages, None, *others] if others else packages


def _groups(holders: Iterable[Holder], grouping: Grouping) -> list[Group]:
    found: dict[Key, list[Held]] = {}
    for holder in holders:
        if grouping is Grouping.LAYER:
            for part in holder.parts:
                found.setdefault(part.layer, []).append(Held(holder, part.size, part.files))
        elif grouping is Grouping.MANAGER:
            key = None if holder.package is None else holder.package.manager
            found.setdefault(key, []).append(_whole(holder))
    groups = [
        Group(
            key,
            sorted(rows, key=lambda row: -row.size),
            sum(row.size for row in rows),
            sum(row.holder.package is not None for row in rows),
        )
        for key, rows in found.items()
    ]
    return sorted(groups, key=lambda group: (group.key is None, -group.size))

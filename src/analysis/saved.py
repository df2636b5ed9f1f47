"""The analysis of a saved report: what it takes contents to tell is recorded, the rest is computed again.

What can be computed is held against what is recorded: a report either adds up, or is refused.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

from ..errors import DamagedError, SourceError
from .analyze import Analysis, analyze, sum_up
from .base import Base
from .findings.finding import Finding
from .model import (
    Change,
    ChangeCounts,
    DiveFigures,
    DiveScore,
    Image,
    LayerChanges,
    LayerFigures,
    Step,
    Tell,
    WasteKind,
    WasteRow,
    unheard,
)
from .paths import normalise
from .tree import Death, Union
from .waste import Contents, rank

_AGAIN = "Save it again: layerscope IMAGE --json FILE --entries"
# A content is not there to compare, and of the names of xattrs only what is UTF-8 is kept.
_COMPARED = bytes(flags & ~(Change.CONTENT | Change.XATTRS) for flags in range(256))


class SavedContents:
    """`Contents` of a layer in a report: there are none."""

    def digest(self, _number: int) -> bytes:
        """As `Contents` says."""
        self._refuse()

    def chunks(self, _number: int) -> Iterator[bytes] | None:
        """As `Contents` says."""
        self._refuse()

    def read(self, _numbers: Collection[int], _tell: Tell = unheard) -> Iterator[tuple[int, Iterator[bytes]]]:
        """As `Contents` says: always SourceError."""
        self._refuse()

    def cost(self, _numbers: Collection[int]) -> int:
        """As `Contents` says."""
        return 0

    def is_at_hand(self, _number: int) -> bool:
        """As `Contents` says."""
        return False

    def _refuse(self) -> NoReturn:
        raise SourceError("a saved report holds no contents of files", "Open the image itself.")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a report says of an image; lists with one item a layer are as long as `layers`."""

    layers: tuple[LayerFigures, ...]
    steps: tuple[Step, ...]
    counts: tuple[ChangeCounts, ...]
    killed: tuple[int, ...]
    flags: tuple[bytearray, ...] | None
    """As `LayerChanges.entries`, by layer; None if the report was saved without entries."""
    waste: tuple[WasteRow, ...]
    duplicate_bytes: int
    dive: DiveScore
    base: Base
    findings: tuple[Finding, ...] | None = None
    """None in reports before schema version 1.2."""


@dataclass(frozen=True)
class SavedAnalysis(Analysis):
    """An `Analysis` without the image; without entries too `union` and the layers' entries are empty."""

    recorded: Recorded

    @property
    def has_entries(self) -> bool:
        """As `Analysis` says."""
        return self.recorded.flags is not None

    @cached_property
    def waste(self) -> tuple[WasteRow, ...]:
        """As `Analysis` says."""
        return self.recorded.waste

    @property
    def copies(self) -> int:
        """As `Analysis` says."""
        return len(self.recorded.waste)

    def largest_waste(self, count: int) -> tuple[WasteRow, ...]:
        """As `Analysis` says."""
        return self.recorded.waste[:count]

    @cached_property
    def changes(self) -> tuple[LayerChanges, ...]:
        """As `Analysis` says; SourceError without entries."""
        if self.recorded.flags is None:
            raise SourceError("this report was saved without entries", _AGAIN)
        return tuple(
            LayerChanges(flags, tuple(sorted(changes.removed)))
            for flags, changes in zip(self.recorded.flags, self.union.changes, strict=True)
        )

    @cached_property
    def change_counts(self) -> tuple[ChangeCounts, ...]:
        """As `Analysis` says."""
        return self.recorded.counts

    @cached_property
    def killed_bytes(self) -> tuple[int, ...]:
        """As `Analysis` says."""
        return self.recorded.killed

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """As `Analysis` says; a report that does not have them is searched anew, but for contents."""
        if self.recorded.findings is not None:
            return self.recorded.findings
        from .findings import search

        return search.find_all(self, has_contents=False) if self.has_entries else ()

    @cached_property
    def dive(self) -> DiveFigures:
        """As `Analysis` says; SourceError where the report does not hold what dive's export takes."""
        if not self.has_entries:
            raise SourceError("this report was saved without entries, which dive's export takes", _AGAIN)
        if not all(layer.name for layer in self.image.layers):
            raise SourceError("this report does not name the blobs, which dive's export takes", _AGAIN)
        found = super().dive
        if found[:3] != self.recorded.dive:
            raise contradiction("its entries do not give the figures of dive that it has")
        return found

    @property
    def dive_score(self) -> DiveScore:
        """As `Analysis` says."""
        return self.recorded.dive

    @cached_property
    def duplicate_bytes(self) -> int:
        """As `Analysis` says."""
        return self.recorded.duplicate_bytes


def restore(image: Image, recorded: Recorded, *, keep_past: bool = False) -> SavedAnalysis:
    """The analysis of an image with or without entries; `keep_past` is as in `analyze`.

    DamagedError if the report contradicts itself.
    """
    _check_waste(recorded)
    union = Union(keep_past=keep_past)
    if recorded.flags is not None:
        measured = analyze(image, keep_past=keep_past)
        union = measured.union
        _check_layers(measured, recorded)
        _check_deaths(union, recorded)
        _check_changes(union, recorded, recorded.flags)
    layers = recorded.layers
    return SavedAnalysis(
        image,
        image,
        sum_up(layers),
        sum_up(layers[recorded.base.layers :]),
        recorded.base,
        layers,
        recorded.steps,
        union,
        Contents(image.layers),
        recorded,
    )


def contradiction(what: str) -> DamagedError:
    """The error for figures that do not fit together; `what` names them."""
    return DamagedError(
        f"the report contradicts itself: {what}", "Save it again: layerscope IMAGE --json FILE"
    )


def _check_waste(recorded: Recorded) -> None:
    wasted, killed = Counter[int](), Counter[int]()
    last: tuple[int, bytes, int] | None = None
    for row in recorded.waste:
        wasted[row.layer] += row.size
        killed[row.killed_by] += row.size
        at = (-row.size, row.path, row.layer)
        if last is not None and at < last:
            raise contradiction("its waste is not in order")
        if row.killed_by < row.layer or (row.kind is WasteKind.SHADOWED) != (row.killed_by == row.layer):
            raise contradiction("a layer has wasted what it cannot have wasted")
        last = at
    if sum(one.saved for one in recorded.findings or ()) > sum_up(recorded.layers).stored:
        raise contradiction("its findings save more than there is")
    for layer, gone in zip(recorded.layers, recorded.killed, strict=True):
        if wasted[layer.index] != layer.figures.wasted or killed[layer.index] != gone:
            raise contradiction(f"its waste does not add up to what layer {layer.index} wastes and kills")


def _check_layers(measured: Analysis, recorded: Recorded) -> None:
    for layer, said in zip(measured.layers, recorded.layers, strict=True):
        if layer.figures != said.figures:
            raise contradiction(f"the entries of layer {layer.index} do not add up to its figures")


def _check_deaths(union: Union, recorded: Recorded) -> None:
    deaths = sorted(union.deaths, key=rank)
    if len(deaths) != len(recorded.waste) or not all(map(_fits, recorded.waste, deaths)):
        raise contradiction("what its entries waste is not what its waste lists")


def _fits(row: WasteRow, death: Death) -> bool:
    inode = death.inode
    copy = (normalise(inode.entry.name), inode.entry.size, inode.layer, death.killed_by)
    if copy != (row.path, row.size, row.layer, row.killed_by):
        return False
    return row.kind is WasteKind.SHADOWED or (row.kind is WasteKind.REMOVED) != death.replaced


def _check_changes(union: Union, recorded: Recorded, flags: tuple[bytearray, ...]) -> None:
    for layer, (said, found, counts) in enumerate(zip(flags, union.changes, recorded.counts, strict=True)):
        changes = LayerChanges(said, found.removed)
        if said.translate(_COMPARED) != found.entries.translate(_COMPARED) or counts != (
            changes.added,
            changes.modified,
            len(changes.removed),
        ):
            raise contradiction(f"the entries of layer {layer} do not change what it says they change")

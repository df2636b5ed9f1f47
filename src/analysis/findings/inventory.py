"""Every stored file of an image, once, given to the one finding that it belongs to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..analyze import Analysis
from ..model import WasteKind, WasteRow
from ..stored import layers_of, stored, waste_by_entry
from .path_rule import PathRule, PathRules

Place = tuple[bytes, int]
"""A path and a layer."""


@dataclass(slots=True)
class Pile:
    """Files of one finding, by place: what they weigh and how many they are."""

    size: int = 0
    places: dict[Place, list[int]] = field(default_factory=dict)
    """[bytes, files] by the folder or file that is named, and the layer that stores them."""

    def add(self, path: bytes, layer: int, size: int) -> None:
        """One more file."""
        self.size += size
        found = self.places.setdefault((path, layer), [0, 0])
        found[0] += size
        found[1] += 1


@dataclass(frozen=True, slots=True)
class Inventory:
    """All stored files but those that nothing is wrong with."""

    by_rule: dict[str, Pile]
    """By the id of a `PathRule`."""
    deleted: dict[int, Pile]
    """By the layer that removed them: files that the final filesystem lacks, in all their versions."""
    copied: dict[tuple[WasteKind, int, int], Pile]
    """Other wasted copies: by kind, by the layer that wrote the path again, and by what changed."""
    claimed: set[tuple[int, int]]
    """Layer and number of the live files among `by_rule`."""


def take_inventory(analysis: Analysis, rules: Sequence[PathRule]) -> Inventory:
    """Go through all files once. SourceError for a report that was saved without entries.

    Reads contents to tell the kinds of waste apart, which the analysis keeps.
    """
    found = Inventory({}, {}, {}, set())
    compiled = PathRules(rules)
    killers = dict(_removed(analysis.waste))
    for layer, wasted in zip(layers_of(analysis), waste_by_entry(analysis), strict=True):
        index = layer.index
        for folder, name, number, entry in stored(layer.layer):
            size = entry.size
            if not size:
                continue
            row = wasted.get(number)
            match = compiled.folder(folder) or compiled.file(folder, name)
            if match is not None and (row is None or match.rule.shipped_too):
                found.by_rule.setdefault(match.rule.id, Pile()).add(match.top, index, size)
                if row is None:
                    found.claimed.add((index, number))
            elif row is not None:
                _add_copy(found, killers, row)
    return found


def _removed(rows: Sequence[WasteRow]) -> Iterator[tuple[bytes, int]]:
    """Paths that a layer removed, and that layer; of several the last."""
    return (
        (row.path, row.killed_by)
        for row in sorted(rows, key=lambda row: row.killed_by)
        if row.kind is WasteKind.REMOVED
    )


def _add_copy(found: Inventory, killers: dict[bytes, int], row: WasteRow) -> None:
    killer = killers.get(row.path)
    if killer is not None and killer >= row.killed_by:
        found.deleted.setdefault(killer, Pile()).add(row.path, row.layer, row.size)
    else:
        cause = row.kind, row.killed_by, int(row.changed)
        found.copied.setdefault(cause, Pile()).add(row.path, row.layer, row.size)

"""From an `Image` to an `Analysis`: the one computation behind every view."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..errors import LayerscopeError
from . import history
from .base import Base, base_of
from .masking import masked
from .model import (
    ChangeCounts,
    DiveFigures,
    DiveScore,
    Figures,
    Image,
    Layer,
    LayerChanges,
    LayerFigures,
    Step,
    WasteKind,
    WasteRow,
)
from .tree import Union
from .waste import Contents, list_largest, list_waste, settle

if TYPE_CHECKING:
    from .duplicates import Group
    from .findings.finding import Finding
    from .packages.package import Packages


@dataclass(frozen=True, repr=False)  # which would be hundreds of megabytes
class Analysis:
    """All that is known of an image.

    What takes reading contents, and what most runs never ask for, is computed when it is first asked
    for: as long as the image is open.
    """

    image: Image
    """Its settings and its history have `***` in place of secrets."""
    unmasked: Image
    """The image as it was read: for the search for secrets, and for no view."""
    totals: Figures
    """Stored and live bytes of all layers."""
    user: Figures
    """The same over the layers above the base image."""
    base: Base
    """Where that ends."""
    layers: tuple[LayerFigures, ...]
    steps: tuple[Step, ...]
    """The whole history, empty steps too."""
    union: Union
    """The final filesystem, and what became of the files on the way."""
    contents: Contents

    @cached_property
    def waste(self) -> tuple[WasteRow, ...]:
        """Every wasted copy, largest first; their sizes add up to `totals.wasted`."""
        return list_waste(self.union.deaths, self.contents)

    @property
    def copies(self) -> int:
        """How many copies are wasted: rows of `waste`."""
        return len(self.union.deaths)

    def largest_waste(self, count: int) -> tuple[WasteRow, ...]:
        """The first `count` rows of `waste`, without reading what the others hold."""
        return list_largest(self.union.deaths, count, self.contents)

    @cached_property
    def changes(self) -> tuple[LayerChanges, ...]:
        """What each layer does to the tree below it."""
        settle(self.union.comparisons, self.union.changes, self.contents)
        return tuple(
            LayerChanges(changes.entries, tuple(sorted(changes.removed))) for changes in self.union.changes
        )

    @cached_property
    def change_counts(self) -> tuple[ChangeCounts, ...]:
        """How many paths each layer adds, modifies and removes."""
        return tuple(
            ChangeCounts(changes.added, changes.modified, len(changes.removed)) for changes in self.changes
        )

    @property
    def has_entries(self) -> bool:
        """Whether there are files to show, and not only figures: not so in a report saved without entries."""
        return True

    @property
    def base_layers(self) -> int:
        """How many layers stand apart as the base image's: none of an image of one layer."""
        return self.base.layers if len(self.layers) > 1 else 0

    @property
    def compressed_bytes(self) -> int | None:
        """Size of all layer blobs as stored or pulled; None if the source does not tell for each."""
        return _compressed(self.image.layers)

    @property
    def user_compressed_bytes(self) -> int | None:
        """The same over the layers above the base image."""
        return _compressed(self.image.layers[self.base.layers :])

    @property
    def waste_by_kind(self) -> dict[WasteKind, int]:
        """Wasted bytes by kind, every kind named; they add up to `totals.wasted`."""
        found = Counter(dict.fromkeys(WasteKind, 0))
        for row in self.waste:
            found[row.kind] += row.size
        return dict(found)

    @cached_property
    def killed_bytes(self) -> tuple[int, ...]:
        """By layer: what it put out of reach, of lower layers and its own; adds up to `totals.wasted`."""
        found = Counter[int]()
        for death in self.union.deaths:
            found[death.killed_by] += death.inode.entry.size
        return tuple(found[layer.index] for layer in self.layers)

    @cached_property
    def findings(self) -> "tuple[Finding, ...]":
        """What to change, the most bytes first; none of a report that was saved without entries."""
        from .findings import search  # its catalogue takes longer to import than a small image to measure

        return search.find_all(self) if self.has_entries else ()

    @cached_property
    def packages(self) -> "Packages":
        """Which package brought which bytes; reads databases. SourceError without entries."""
        from .packages import listing

        return listing.list_packages(self)

    @cached_property
    def dive(self) -> DiveFigures:
        """The figures of dive 0.13.1."""
        from . import dive  # takes longer to import than a small image takes to measure

        return dive.measure(self.image)

    @property
    def dive_score(self) -> DiveScore:
        """Those of them that a report keeps."""
        return DiveScore(*self.dive[:3])

    @cached_property
    def duplicates(self) -> "tuple[Group, ...]":
        """Every content that live files hold more than once; may read many files."""
        from . import duplicates

        return tuple(duplicates.find_groups(self.union.root, self.contents))

    @property
    def duplicate_bytes(self) -> int:
        """Bytes of content that live files hold more than once; may read many files."""
        return sum(group.size * (len(group.files) - 1) for group in self.duplicates)


def analyze(image: Image, *, base: Base | None = None, keep_past: bool = False) -> Analysis:
    """Measure an image, in time linear in its entries.

    `base` says where the base image ends, if that is known better than by the history; `keep_past` is for a
    `timeline.Timeline` of it.
    """
    unmasked, image = image, masked(image)
    union = Union(keep_past=keep_past)
    for index, layer in enumerate(image.layers):
        try:
            union.stack(layer)
        except LayerscopeError as error:
            raise type(error)(
                f"layer {index} of {image.reference} cannot be stacked: {error.message}"
            ) from error
    wasted = Counter[int]()
    for death in union.deaths:
        wasted[death.inode.layer] += death.inode.entry.size
    steps = history.pair(image)
    made_by = {step.layer: step.history for step in steps if step.layer is not None}
    layers = tuple(
        LayerFigures(
            index=index,
            layer=layer,
            figures=Figures(union.stored[index], union.stored[index] - wasted[index]),
            command=history.command(made_by[index]) if index in made_by else "",
            created=made_by[index].created if index in made_by else "",
        )
        for index, layer in enumerate(image.layers)
    )
    base = base or base_of(image, steps)
    user = sum_up(layers[base.layers :])
    return Analysis(image, unmasked, sum_up(layers), user, base, layers, steps, union, Contents(image.layers))


def sum_up(layers: Iterable[LayerFigures]) -> Figures:
    """The figures of several layers together."""
    figures = [layer.figures for layer in layers]
    return Figures(sum(one.stored for one in figures), sum(one.live for one in figures))


def _compressed(layers: tuple[Layer, ...]) -> int | None:
    sizes = [layer.compressed_bytes for layer in layers]
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None

"""How much an image grew against an earlier one: which steps, which paths, which directories made it.

Of both only figures and entries are looked at, and no contents: either may be a saved report, and neither
need be open.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from .alignment import align
from .analyze import Analysis
from .model import Figures, LayerFigures
from .paths import ODD, WHITEOUT, normalise
from .waste_directories import Directory, by_directory


class LayerGrowth(NamedTuple):
    """One step of the two images; the bytes are those of its layer now less those before."""

    before: int | None
    """Index of the layer in the baseline; None for a new one."""
    after: int | None
    """Index of the layer in the image; None for one that is gone."""
    stored: int
    wasted: int
    compressed: int | None
    """None where one of the two does not tell; a layer that is not there has 0 bytes."""


class PathGrowth(NamedTuple):
    """A path that stores more or fewer bytes than before, or a directory of such paths."""

    path: bytes
    """Normalised, without a leading slash; of a directory it may be empty: the root."""
    before: int
    """Bytes stored under this name in all layers of the baseline together, live and wasted ones; of a
    directory those of the paths in it that are not as before, and of no others."""
    after: int
    """The same in the image."""
    layer: int | None
    """The layer of the image that stores most of `after`, of equals the highest; None if nothing does."""
    rest: bool = False
    """Of a directory: whether others that are listed lie in it, whose paths it does not count."""

    @property
    def growth(self) -> int:
        """`after - before`, in bytes; negative for what shrank, and never 0."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Growth:
    """What an image has more, or less, than its baseline; all in bytes, negative for what shrank."""

    reference: str
    """Of the baseline, as the user typed it."""
    before: Figures
    """Totals of the baseline."""
    after: Figures
    """Totals of the image."""
    stored: int
    wasted: int
    compressed: int | None
    """None if the size of one of the layers is unknown, in either."""
    before_compressed: int | None
    """Compressed bytes of the baseline."""
    layers: tuple[LayerGrowth, ...]
    """All layers of both, in the order of the image; their bytes add up to `stored` and `wasted`."""
    paths: tuple[PathGrowth, ...] | None
    """Those that do not store what they stored, largest growth first, of equals by path; they add up to
    `stored`. None if one of the two is a report that was saved without entries."""
    directories: tuple[PathGrowth, ...] | None
    """The few directories that most of the difference lies in (`waste_directories`, by what paths grew or
    shrank), in the same order. Each path counts in one of them, so they add up to `stored` too; those that
    shrank by what they grew are left out. None where `paths` is."""


def measure_growth(before: Analysis, after: Analysis) -> Growth:
    """Hold an image against its baseline, `before`; time is about linear in layers and entries."""
    paths = directories = None
    if before.has_entries and after.has_entries:
        paths, directories = _compare(before.layers, after.layers)
    return Growth(
        reference=before.image.reference,
        before=before.totals,
        after=after.totals,
        stored=after.totals.stored - before.totals.stored,
        wasted=after.totals.wasted - before.totals.wasted,
        compressed=_difference(before.compressed_bytes, after.compressed_bytes),
        before_compressed=before.compressed_bytes,
        layers=tuple(
            _layer_growth(
                None if earlier is None else before.layers[earlier],
                None if later is None else after.layers[later],
            )
            for earlier, later in align(before.layers, after.layers)
        ),
        paths=paths,
        directories=directories,
    )


def _difference(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else after - before


def _layer_growth(before: LayerFigures | None, after: LayerFigures | None) -> LayerGrowth:
    was = Figures(0, 0) if before is None else before.figures
    now = Figures(0, 0) if after is None else after.figures
    return LayerGrowth(
        None if before is None else before.index,
        None if after is None else after.index,
        now.stored - was.stored,
        now.wasted - was.wasted,
        _difference(
            0 if before is None else before.layer.compressed_bytes,
            0 if after is None else after.layer.compressed_bytes,
        ),
    )


# Paths, by numbers: each is put into a table once, however often it is stored.

Key = tuple[str, int]
"""What layers that store the same have in common: diff_id and stored bytes."""
Files = dict[int, int]
"""What a layer stores: bytes by the number of the path."""
Listed = tuple[PathGrowth, ...]


def _compare(before: Sequence[LayerFigures], after: Sequence[LayerFigures]) -> tuple[Listed, Listed]:
    """The paths and the directories of a `Growth`."""
    common = Counter(_keys(before)) & Counter(_keys(after))
    numbers: dict[bytes, int] = {}
    gone = [_numbered(layer, numbers) for layer in _without(before, common)]
    new = {layer.index: _numbered(layer, numbers) for layer in _without(after, common)}
    growth = [0] * len(numbers)
    for files in new.values():
        for number, size in files.items():
            growth[number] += size
    for files in gone:
        for number, size in files.items():
            growth[number] -= size
    if not any(growth):
        return (), ()
    # What both images have makes no difference, but a path that does may be stored there too.
    stored = (
        (layer.index, new[layer.index] if layer.index in new else _known(layer, numbers)) for layer in after
    )
    return _listed(list(numbers), growth, stored)


def _keys(layers: Sequence[LayerFigures]) -> Iterator[Key]:
    return ((layer.layer.diff_id, layer.figures.stored) for layer in layers if layer.layer.diff_id)


def _without(layers: Sequence[LayerFigures], common: Mapping[Key, int]) -> Iterator[LayerFigures]:
    """The layers but those that the other image has too, each as often as it has it."""
    left = dict(common)
    for layer in layers:
        key = layer.layer.diff_id, layer.figures.stored
        if left.get(key):
            left[key] -= 1
        else:
            yield layer


def _numbered(layer: LayerFigures, numbers: dict[bytes, int]) -> Files:
    """The files of a layer; new paths get numbers."""
    found: Files = {}
    for path, size in _stored(layer):
        number = numbers.setdefault(path, len(numbers))
        found[number] = found.get(number, 0) + size
    return found


def _known(layer: LayerFigures, numbers: Mapping[bytes, int]) -> Files:
    """The files of a layer whose paths have numbers."""
    found: Files = {}
    for path, size in _stored(layer):
        number = numbers.get(path)
        if number is not None:
            found[number] = found.get(number, 0) + size
    return found


def _stored(layer: LayerFigures) -> Iterator[tuple[bytes, int]]:
    """Path and bytes of every file that has some; they add up to what the layer stores.

    So what `Union.stack` does not count is left out: bytes of a whiteout, and of a file in place of the root.
    """
    normal: dict[bytes, bool] = {}  # a directory is looked at once, not again for each file in it
    for entry in layer.layer.entries:
        size = entry.size
        if not size:
            continue
        path = entry.name
        head, _, tail = path.rpartition(b"/")
        as_it_is = normal.get(head)
        if as_it_is is None:
            as_it_is = normal[head] = head == normalise(head)
        if not as_it_is or tail in ODD or path[:1] == b"/":
            path = normalise(path)
            tail = path.rpartition(b"/")[2]
        if tail and not tail.startswith(WHITEOUT):
            yield path, size


def _listed(
    names: Sequence[bytes], growth: Sequence[int], stored: Iterable[tuple[int, Files]]
) -> tuple[Listed, Listed]:
    """Paths and directories; `stored` is what each layer of the image stores of them, in order."""
    numbers = [number for number, grown in enumerate(growth) if grown]
    numbers.sort(key=names.__getitem__)
    directories = by_directory(
        list(map(names.__getitem__, numbers)), [abs(growth[number]) for number in numbers]
    )
    grown = [0] * len(directories)
    owners = [-1] * len(names)
    for owner, directory in enumerate(directories):
        for number in chain.from_iterable(numbers[start:stop] for start, stop in directory.runs):
            grown[owner] += growth[number]
            owners[number] = owner
    after, layers, held = _sum_up(stored, owners, len(directories))
    numbers.sort(key=growth.__getitem__, reverse=True)  # which leaves equals by path
    return tuple(
        PathGrowth(names[number], after[number] - growth[number], after[number], layers[number])
        for number in numbers
    ), tuple(
        sorted(
            (_directory(*one) for one in zip(directories, grown, held, strict=True) if one[1]),
            key=lambda directory: (-directory.growth, directory.path),
        )
    )


def _sum_up(
    stored: Iterable[tuple[int, Files]], owners: Sequence[int], directories: int
) -> tuple[list[int], list[int | None], list[dict[int, int]]]:
    """By path the bytes and the layer that stores most of them, by directory what each layer stores."""
    after, most = [0] * len(owners), [0] * len(owners)
    layers: list[int | None] = [None] * len(owners)
    held: list[dict[int, int]] = [{} for _ in range(directories)]
    for layer, files in stored:
        for number, size in files.items():
            if owners[number] < 0:
                continue
            after[number] += size
            if size >= most[number]:
                most[number], layers[number] = size, layer
            by_layer = held[owners[number]]
            by_layer[layer] = by_layer.get(layer, 0) + size
    return after, layers, held


def _directory(directory: Directory, growth: int, by_layer: Mapping[int, int]) -> PathGrowth:
    after = sum(by_layer.values())
    layer = max(by_layer, key=lambda layer: (by_layer[layer], layer), default=None)
    return PathGrowth(directory.path, after - growth, after, layer, directory.rest)

"""Every stored file of an image, once, given to the one finding that it belongs to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..analyze import Analysis
from ..model import FileType, Layer, WasteKind, WasteRow
from ..paths import OPAQUE, WHITEOUT, normalise
from ..stored import layers_of, stored, waste_by_entry
from .path_rule import Copies, Match, PathRule, PathRules

Place = tuple[bytes, int]
"""A path and a layer."""


@dataclass(slots=True)
class Pile:
    """Files of one finding, by place: what they weigh and how many they are."""

    size: int = 0
    places: dict[Place, list[int]] = field(default_factory=dict)
    """[bytes, files] by the folder or file that is named, and the layer that stores them."""
    changed: int = 0
    """Of copies for metadata: the `Change`s of all."""
    live: dict[int, int] = field(default_factory=dict)
    """Bytes of those that the final filesystem shows, by the layer that stores them."""

    def add(self, path: bytes, layer: int, size: int) -> None:
        """One more file."""
        self.size += size
        found = self.places.setdefault((path, layer), [0, 0])
        found[0] += size
        found[1] += 1

    @property
    def by_layer(self) -> dict[int, int]:
        """Bytes by the layer that stores them; the layer with most of them first."""
        sizes: dict[int, int] = {}
        for (_, layer), (size, _files) in self.places.items():
            sizes[layer] = sizes.get(layer, 0) + size
        return dict(sorted(sizes.items(), key=lambda one: (-one[1], one[0])))


@dataclass(frozen=True, slots=True)
class Inventory:
    """All stored files but those that nothing is wrong with."""

    by_rule: dict[str, Pile]
    """By the id of a `PathRule`; those that are not worth a word are left out."""
    deleted: dict[int, Pile]
    """By the layer that removed them: files that the final filesystem lacks, in all their versions.

    Their places are what the layer names as removed, which may be folders.
    """
    copied: dict[tuple[WasteKind, int], Pile]
    """Other wasted copies: by kind, and by the layer that wrote the path again."""
    claimed: set[tuple[int, int]]
    """Layer and number of the live files among `by_rule`."""


def take_inventory(analysis: Analysis, rules: Sequence[PathRule]) -> Inventory:
    """Go through all files once. SourceError for a report that was saved without entries.

    Reads contents to tell the kinds of waste apart, which the analysis keeps.
    """
    piles: dict[str, Pile] = {}
    claims: dict[str, list[tuple[int, int]]] = {}
    found = Inventory({}, {}, {}, set())
    compiled = PathRules(rules)
    removals = _Removals(analysis)
    for layer, wasted in zip(layers_of(analysis), waste_by_entry(analysis), strict=True):
        index = layer.index
        kept = _kept(layer.layer, compiled)
        last, of_folder = None, None
        for folder, name, number, entry in stored(layer.layer):
            size = entry.size
            if not size:
                continue
            if folder is not last:
                last, of_folder = folder, compiled.folder(folder)
            match = of_folder
            if match is None or name in match.but:
                match = compiled.file(folder, name)
            row = wasted.get(number)
            if match is not None and (row is None or match.rule.copies is not Copies.LIVE):
                if row is None:
                    if not _is_meant(analysis, match) or (kept and _join(folder, name) in kept):
                        continue
                    claims.setdefault(match.rule.id, []).append((index, number))
                pile = piles.setdefault(match.rule.id, Pile())
                pile.add(match.top, index, size)
                if row is None:
                    pile.live[index] = pile.live.get(index, 0) + size
            elif row is not None:
                _add_copy(found, removals, row)
    for rule in rules:
        if rule.id in piles and piles[rule.id].size >= rule.least:
            found.by_rule[rule.id] = piles[rule.id]
            found.claimed.update(claims.get(rule.id, ()))
    return found


def _kept(layer: Layer, rules: PathRules) -> set[bytes]:
    """Paths of files that have another name, a hard link, that the rule of the first is not about.

    conda, pnpm and uv link what they install to their caches: nothing is saved without the cache.
    """
    targets = {
        normalise(entry.name): normalise(entry.link)
        for entry in layer.entries
        if entry.type is FileType.HARDLINK
    }
    found = set()
    for path, target in targets.items():
        first, steps = target, len(targets)
        while first in targets and steps:  # a link to a link; in a damaged tar they may go round
            first, steps = targets[first], steps - 1
        (folder, _, name), (other, _, its_name) = path.rpartition(b"/"), first.rpartition(b"/")
        own, of_first = rules.match(folder, name), rules.match(other, its_name)
        if own is None or of_first is None or own.rule is not of_first.rule:
            found.add(first)
    return found


def _join(folder: bytes, name: bytes) -> bytes:
    return folder + b"/" + name if folder else name


def _is_meant(analysis: Analysis, match: Match) -> bool:
    """Whether a rule is about a live file that falls under it."""
    if match.rule.copies is Copies.WASTED:
        return False
    if match.rule.unpacked:
        stem = match.top.rpartition(b".")[0].removesuffix(b".tar")
        beside = analysis.union.find(stem)
        return beside is not None and beside.children is not None
    return True


class _Removals:
    """Which layer removed a path that the final filesystem lacks, and what it names as removed."""

    def __init__(self, analysis: Analysis) -> None:
        self._layers = analysis.image.layers
        self._removers = dict(_removed(analysis.waste))
        self._named: dict[int, set[bytes]] = {}
        self._tops: dict[tuple[int, bytes], bytes] = {}
        """By the remover and a folder: the highest that it removed with the folder in it; else empty."""

    def remover(self, row: WasteRow) -> int | None:
        """The layer that is to be blamed, also for a copy that was written again before."""
        found = self._removers.get(row.path)
        return found if found is not None and found >= row.killed_by else None

    def top(self, path: bytes, remover: int) -> bytes:
        """The highest folder with the path in it that the layer removed, or the path itself."""
        folder = path.rpartition(b"/")[0]
        top = self._tops.get((remover, folder))
        if top is None:
            top = self._tops[remover, folder] = self._find_top(folder, remover)
        return top or path

    def _find_top(self, folder: bytes, remover: int) -> bytes:
        named = self._named.get(remover)
        if named is None:
            named = self._named[remover] = set(_whiteouts(self._layers[remover]))
        top = b""
        while folder:
            if folder in named:
                top = folder
            folder = folder.rpartition(b"/")[0]
        return top


def _removed(rows: Sequence[WasteRow]) -> Iterator[tuple[bytes, int]]:
    """Paths that a layer removed, and that layer; of several the last."""
    return (
        (row.path, row.killed_by)
        for row in sorted(rows, key=lambda row: row.killed_by)
        if row.kind is WasteKind.REMOVED
    )


def _whiteouts(layer: Layer) -> Iterator[bytes]:
    for entry in layer.entries:
        if WHITEOUT in entry.name:
            folder, _, name = normalise(entry.name).rpartition(b"/")
            if name == OPAQUE:
                yield folder
            elif name.startswith(WHITEOUT):
                yield _join(folder, name.removeprefix(WHITEOUT))


def _add_copy(found: Inventory, removals: _Removals, row: WasteRow) -> None:
    remover = removals.remover(row)
    if remover is not None:
        top = removals.top(row.path, remover)
        found.deleted.setdefault(remover, Pile()).add(top, row.layer, row.size)
    else:
        pile = found.copied.setdefault((row.kind, row.killed_by), Pile())
        pile.add(row.path, row.layer, row.size)
        pile.changed |= row.changed

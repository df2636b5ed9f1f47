"""Every stored file of an image, once, given to the one finding that it belongs to."""

from collections.abc import Container, Hashable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from ..analyze import Analysis
from ..model import Entry, FileType, Layer, WasteKind, WasteRow
from ..paths import ODD, OPAQUE, WHITEOUT, normalise, split
from ..stored import layers_of, waste_by_entry
from .path_rule import Copies, Match, PathRule, PathRules

Place = tuple[bytes, int]
"""A path and a layer."""
_Key = TypeVar("_Key", bound=Hashable)


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
        found = self.places.get((path, layer))
        if found is None:
            self.places[path, layer] = [size, 1]
        else:
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
    claimed: dict[int, set[int]]
    """By layer: the places in it of the live files among `by_rule`, and of those that were taken before."""
    links: list[Sequence[Entry]]
    """By layer: its hard links."""


def take_inventory(
    analysis: Analysis, rules: Sequence[PathRule], taken: Mapping[int, Set[int]] = MappingProxyType({})
) -> Inventory:
    """Go through all files once, but for live ones that are `taken`: numbers by layer.

    SourceError for a report that was saved without entries.
    Reads contents to tell the kinds of waste apart, which the analysis keeps.
    """
    piles: dict[str, Pile] = {}
    claims: dict[tuple[str, int], list[int]] = {}
    found = Inventory({}, {}, {}, {index: set(numbers) for index, numbers in taken.items()}, [])
    compiled = PathRules(rules)
    removals = _Removals(analysis)
    for layer, wasted in zip(layers_of(analysis), waste_by_entry(analysis), strict=True):
        index = layer.index
        links = [entry for entry in layer.layer.entries if entry.type is FileType.HARDLINK]
        found.links.append(links)
        kept = _kept(links, compiled)
        last, is_meant, pile, numbers = None, False, Pile(), list[int]()
        for folder, name, number, size, match in _files(layer.layer, compiled, taken.get(index, ())):
            row = wasted.get(number)
            if match is None or (row is not None and match.rule.copies is Copies.LIVE):
                if row is not None:
                    _add_copy(found, removals, row)
                continue
            if match is not last:  # in a folder it mostly is the same
                last, is_meant = match, _is_meant(analysis, match)
                pile = _pile(piles, match.rule.id)
                numbers = claims.setdefault((match.rule.id, index), [])
            if row is None:
                if not is_meant or (kept and _join(folder, name) in kept):
                    continue
                numbers.append(number)
                pile.live[index] = pile.live.get(index, 0) + size
            pile.add(match.top, index, size)
    for rule in rules:
        if rule.id in piles and piles[rule.id].size >= max(rule.least, 1):
            found.by_rule[rule.id] = piles[rule.id]
    for (identity, index), numbers in claims.items():
        if identity in found.by_rule and numbers:
            found.claimed.setdefault(index, set()).update(numbers)
    return found


def _files(
    layer: Layer, rules: PathRules, others: Container[int]
) -> Iterator[tuple[bytes, bytes, int, int, Match | None]]:
    """(directory, name, place in the layer, bytes, rule) of what a layer stores, as `stored` has it.

    What holds nothing is left out, and so are the `others`.
    """
    known: dict[bytes, tuple[bytes, Match | None]] = {}
    last, folder, whole = b"/", b"", None
    for number, entry in enumerate(layer.entries):
        size = entry.size
        if not size or number in others:
            continue
        head, _, name = entry.name.rpartition(b"/")
        if name in ODD:
            head, name = split(entry.name)
            if not name:
                continue
        if name[:4] == WHITEOUT:
            continue
        if head != last:
            last = head
            if head not in known:
                folder = normalise(head)
                known[head] = folder, rules.folder(folder)
            folder, whole = known[head]
        if whole is not None and name not in whole.but:
            yield folder, name, number, size, whole
        else:
            yield folder, name, number, size, rules.file(folder, name)


def _kept(links: Sequence[Entry], rules: PathRules) -> set[bytes]:
    """Paths of files that have another name, a hard link, that the rule of the first is not about.

    conda, pnpm and uv link what they install to their caches: nothing is saved without the cache.
    """
    targets = {normalise(entry.name): normalise(entry.link) for entry in links}
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
        _pile(found.deleted, remover).add(removals.top(row.path, remover), row.layer, row.size)
    else:
        pile = _pile(found.copied, (row.kind, row.killed_by))
        pile.add(row.path, row.layer, row.size)
        pile.changed |= int(row.changed)


def _pile(piles: dict[_Key, Pile], key: _Key) -> Pile:
    if key not in piles:
        piles[key] = Pile()
    return piles[key]

"""Who owns which file, and what it comes to in bytes."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from ...errors import DamagedError, LimitError
from ..tree import Node
from ..waste_directories import by_directory
from .package import Claim, Package, Packages, UnownedDirectory

MAX_PACKAGES = 200_000
"""Packages that databases may list, copies too; what comes behind them owns nothing."""
MAX_NOTES = 20
"""What is told of each; of the others how many there are."""

Sizes = Counter[int]
"""Bytes by layer."""


@dataclass(slots=True)
class _Draft:
    """A package before its bytes are counted."""

    copies: int = 0
    installed_size: int | None = None


@dataclass(slots=True)
class Ownership:
    """The files that are taken so far: the first to claim one has it."""

    notes: list[str]
    owners: dict[Node, int] = field(default_factory=dict)
    """By file: the number of its package."""
    _numbers: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """Of each package, by manager, name and version."""
    _drafts: list[_Draft] = field(default_factory=list)
    _claims: int = 0

    def take(self, claims: Iterable[Claim]) -> None:
        """Let packages have what nobody has yet; what is wrong with their database becomes a note."""
        owners = self.owners
        try:
            for claim in claims:
                number = self._number(claim)
                for node in claim.nodes:
                    if node.children is None:
                        owners.setdefault(node, number)
        except (DamagedError, LimitError) as error:
            self.notes.append(error.message)

    def settle(self, root: Node) -> Packages:
        """Count the bytes, in time linear in the tree."""
        sizes, unowned = self._count(root)
        files = Counter(self.owners.values())
        packages = {}
        for (manager, name, version), number in self._numbers.items():
            draft = self._drafts[number]
            if files[number] or draft.installed_size is not None:
                by_layer = tuple(sorted(sizes[number].items()))
                most = max(by_layer, key=lambda held: held[::-1], default=None)
                packages[number] = Package(
                    manager=manager,
                    name=name,
                    version=version,
                    copies=draft.copies,
                    files=files[number],
                    size=sizes[number].total(),
                    layer=most[0] if most else None,
                    by_layer=by_layer,
                    installed_size=draft.installed_size,
                )
        order = sorted(packages, key=lambda number: (-packages[number].size, packages[number][:3]))
        rank = {number: at for at, number in enumerate(order)}
        return Packages(
            packages=tuple(packages[number] for number in order),
            unowned=sum(unowned.values()),
            unowned_by_directory=_by_directory(unowned),
            notes=_brief(self.notes),
            owners={node: rank[number] for node, number in self.owners.items()},
        )

    def _number(self, claim: Claim) -> int:
        self._claims += 1
        if self._claims > MAX_PACKAGES:
            raise LimitError(f"the databases of packages list more than {MAX_PACKAGES} packages")
        number = self._numbers.setdefault(claim[:3], len(self._drafts))
        if number == len(self._drafts):
            self._drafts.append(_Draft())
        draft = self._drafts[number]
        draft.copies += 1
        if claim.installed_size is not None:
            draft.installed_size = (draft.installed_size or 0) + claim.installed_size
        return number

    def _count(self, root: Node) -> tuple[dict[int, Sizes], dict[bytes, int]]:
        """Live bytes of each package, and of each file that nobody owns."""
        sizes: defaultdict[int, Sizes] = defaultdict(Counter)
        unowned: dict[bytes, int] = {}
        linked: dict[Node, tuple[int, bytes]] = {}
        owners, nobody = self.owners, len(self._drafts)
        waiting = [(root, b"")]
        while waiting:
            directory, base = waiting.pop()
            assert directory.children is not None
            for name, node in directory.children.items():
                if node.children is not None:
                    waiting.append((node, base + name + b"/"))
                    continue
                if node.links is None:
                    size, number = node.entry.size, owners.get(node)
                    if not size:
                        continue
                    if number is not None:
                        sizes[number][node.layer] += size
                    else:
                        unowned[base + name] = size
                elif node.inode.entry.size:
                    claimed = owners.get(node, nobody), base + name
                    linked[node.inode] = min(linked.get(node.inode, claimed), claimed)
        for inode, (number, path) in linked.items():
            if number < nobody:
                sizes[number][inode.layer] += inode.entry.size
            else:
                unowned[path] = inode.entry.size
        return sizes, unowned


def _brief(notes: Iterable[str]) -> tuple[str, ...]:
    different = tuple(dict.fromkeys(notes))
    more = len(different) - MAX_NOTES
    return (*different[:MAX_NOTES], f"{more} more databases were not read") if more > 0 else different


def _by_directory(unowned: dict[bytes, int]) -> tuple[UnownedDirectory, ...]:
    paths = sorted(unowned)
    held = [unowned[path] for path in paths]
    sums = [0, *accumulate(held)]

    def size(runs: Sequence[tuple[int, int]]) -> int:
        return sum(sums[stop] - sums[start] for start, stop in runs)

    found = (UnownedDirectory(path, size(runs), rest) for path, runs, rest in by_directory(paths, held))
    return tuple(sorted(found, key=lambda one: (-one.size, one.path)))

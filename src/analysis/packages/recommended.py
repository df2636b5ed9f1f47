"""Which packages APT installed only because others recommend them.

APT marks what it installed of its own accord (`extended_states`), and dpkg's `status` has what each package
depends on and recommends. What is not marked was wanted; what the wanted ones depend on is needed, whichever
of several alternatives it is; and of the rest what a needed package recommends is there for that alone,
together with what it depends on and recommends itself. What nothing leads to has been left by a package that
was removed, and is no matter of recommending.

Architectures and versions in relations are not looked at: more is taken for needed than is, rather than less.
"""

import re
from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ...errors import LimitError
from .dpkg import Label, is_there, label
from .stanzas import fields, stanzas

MAX_FIELD = 1 << 18
"""Bytes of the relations of a package in one field; those of the longest in Debian have a tenth."""
MAX_RELATIONS = 2_000_000
"""Names in all relations together; a full desktop has thirty thousand."""
_DEPENDS = (b"depends", b"pre-depends")
_FIELDS = frozenset(
    (
        *(b"package", b"status", b"architecture", b"multi-arch", b"essential", b"protected"),
        *(b"provides", b"recommends", *_DEPENDS),
    )
)
_MARKS = frozenset((b"package", b"architecture", b"auto-installed"))
_NAME = re.compile(rb"(?:^|[,|])\s*+([^\s,|(:\[<]++)")
"""A name of a relation: `a (>= 1) | b:any, c` has three."""


class Brought(NamedTuple):
    """A package that is only recommended, and what came with it."""

    package: Label
    by: Sequence[Label]
    """The needed packages that recommend it, or a name that it provides: those first that were wanted."""
    others: Sequence[Label]
    """What it depends on or recommends, at any distance, that is not needed either.

    What several lead to is with the nearest of them, and of equals with the first by name.
    """


class _Package(NamedTuple):
    label: Label
    is_wanted: bool
    names: tuple[bytes, ...]
    """Its own, and those it provides."""
    depends: tuple[bytes, ...]
    recommends: tuple[bytes, ...]


def find_recommended(
    status: bytes, states: bytes, is_new: Callable[[Label], bool] = lambda _: True
) -> list[Brought]:
    """The packages that only a recommendation brought, by name; time and memory are linear in both texts.

    `status` is dpkg's, `states` APT's `extended_states`. What was there before, so that APT did not install
    what it recommends, is blamed only for what nothing new leads to. LimitError for what no system has.
    """
    packages = list(_packages(status, _marked(states)))
    named: dict[bytes, list[int]] = {}
    for number, package in enumerate(packages):
        for name in package.names:
            named.setdefault(name, []).append(number)
    needed = _needed(packages, named)
    new = {number for number in needed if is_new(packages[number].label)}
    roots = _roots(packages, named, needed, new), _roots(packages, named, needed, needed.keys() - new)
    found = _spread(packages, named, needed, roots)
    return [
        Brought(
            packages[root].label,
            [packages[number].label for number in (roots[0].get(root) or roots[1][root])],
            [packages[number].label for number in others],
        )
        for root, others in sorted(found.items(), key=lambda one: packages[one[0]].label)
    ]


def _marked(states: bytes) -> set[tuple[bytes, bytes]]:
    """(name, architecture) of what APT installed of its own accord; and of each once without architecture.

    APT writes the system's own architecture for packages that are for all.
    """
    found = set()
    for stanza in stanzas(states):
        said = fields(stanza, _MARKS)
        if said.get(b"auto-installed") == b"1" and b"package" in said:
            found |= {(said[b"package"], said.get(b"architecture", b"")), (said[b"package"], b"")}
    return found


def _packages(status: bytes, marked: set[tuple[bytes, bytes]]) -> Iterator[_Package]:
    """What is installed; LimitError if it is related to more than anything can be."""
    left = MAX_RELATIONS
    for stanza in stanzas(status):
        said = fields(stanza, _FIELDS)
        if not said.get(b"package") or not is_there(said):
            continue
        one = label(said)
        provides, recommends = _names(said, b"provides"), _names(said, b"recommends")
        depends = tuple(name for field in _DEPENDS for name in _names(said, field))
        left -= len(provides) + len(recommends) + len(depends)
        if left < 0:
            raise LimitError(f"packages name more than {MAX_RELATIONS} others")
        every = one.architecture == b"all"
        is_auto = (one.name, b"" if every else one.architecture) in marked
        is_kept = b"yes" in (said.get(b"essential"), said.get(b"protected"))
        yield _Package(one, is_kept or not is_auto, (one.name, *provides), depends, recommends)


def _names(said: Mapping[bytes, bytes], field: bytes) -> tuple[bytes, ...]:
    value = said.get(field, b"")
    if len(value) > MAX_FIELD:
        raise LimitError(f"a package has a field of more than {MAX_FIELD} bytes")
    return tuple(_NAME.findall(value))


_Named = Mapping[bytes, Sequence[int]]
"""By name: the packages that have it."""


def _needed(packages: Sequence[_Package], named: _Named) -> dict[int, None]:
    """The wanted ones, and behind them what they need: each name is looked up once."""
    needed = dict.fromkeys(number for number, package in enumerate(packages) if package.is_wanted)
    waiting = deque(needed)
    seen: set[bytes] = set()
    while waiting:
        for name in _unseen(packages[waiting.popleft()].depends, seen):
            for number in named.get(name, ()):
                if number not in needed:
                    needed[number] = None
                    waiting.append(number)
    return needed


def _unseen(names: Iterable[bytes], seen: set[bytes]) -> Iterator[bytes]:
    for name in names:
        if name not in seen:
            seen.add(name)
            yield name


def _roots(
    packages: Sequence[_Package], named: _Named, needed: Mapping[int, None], among: Container[int]
) -> dict[int, list[int]]:
    """What some of the needed packages recommend and nothing needs, by name; and those packages."""
    by: dict[bytes, list[int]] = {}
    for number in needed:
        if number in among:
            for name in packages[number].recommends:
                by.setdefault(name, []).append(number)
    found: dict[int, list[int]] = {}
    for name, recommending in by.items():
        for number in named.get(name, ()):
            if number not in needed:
                found.setdefault(number, recommending)  # of several names of a package the first
    return dict(sorted(found.items(), key=lambda one: packages[one[0]].label))


def _spread(
    packages: Sequence[_Package], named: _Named, needed: Container[int], roots: Iterable[Iterable[int]]
) -> dict[int, list[int]]:
    """By root: what else it brought, the nearest first; roots that others lead to are none."""
    found: dict[int, list[int]] = {}
    root_of: dict[int, int] = {}
    seen: set[bytes] = set()
    for some in roots:
        waiting = deque(number for number in some if number not in root_of)
        root_of.update((number, number) for number in waiting)
        found.update((number, []) for number in waiting)
        while waiting:
            current = waiting.popleft()
            root = root_of[current]
            for name in _unseen((*packages[current].depends, *packages[current].recommends), seen):
                for number in named.get(name, ()):
                    if number not in needed and number not in root_of:
                        root_of[number] = root
                        found[root].append(number)
                        waiting.append(number)
    return found

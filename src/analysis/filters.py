"""What a user types to see fewer paths: `lib *.so !test >10M kind:removed owner:0 layer:3`."""

import fnmatch
import math
import re
import warnings
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import repeat
from operator import contains, ge, gt, is_not, le, lt
from typing import NamedTuple

from .model import Entry, FileType
from .timeline import Kind, Timeline
from .view import Scope, View

Flags = bytes | bytearray
"""One byte a path: 1 or 0."""

_WORD = re.compile(r'!?/(?:\\.|[^/\\])+/(?=\s|$)|!?"[^"]*"?|\S+')
_SIZE = re.compile(r"^([<>]=?)([0-9]*\.?[0-9]+)([kmgt]?)(i?)b?$", re.IGNORECASE)
_SIGNS: dict[str, tuple[Callable[[int, int], bool], Callable[[float], int]]] = {
    "<": (lt, math.ceil),
    "<=": (le, math.floor),
    ">": (gt, math.floor),
    ">=": (ge, math.ceil),
}
"""The comparison, and the whole number that says the same: whole numbers are compared twice as fast."""
_ENDLESS = 1e18
"""More bytes than any file has."""
_UNITS = " kmgt"
_ESCAPE = re.compile(r"\\.")
_CODE = re.compile(r"\\[xuUN0-9]")
"""What may be the code of a capital, in a regular expression."""
_OWNER = re.compile(r"([0-9]{1,20})(?::([0-9]{1,20}))?")
_NUMBER = re.compile(r"[0-9]{1,9}")
_NOTHING = frozenset(("!", '"', '""', '!"', '!""'))
"""Words that do not say what they look for yet."""
_KINDS = {
    "added": Kind.ADDED,
    "changed": Kind.CHANGED,
    "modified": Kind.CHANGED,
    "metadata": Kind.METADATA,
    "metadata-only": Kind.METADATA,
    "removed": Kind.REMOVED,
    "unchanged": Kind.SAME,
    "same": Kind.SAME,
}
_TYPES = {
    "file": (FileType.REGULAR, FileType.HARDLINK),
    "dir": (FileType.DIRECTORY,),
    "directory": (FileType.DIRECTORY,),
    "link": (FileType.SYMLINK,),
    "symlink": (FileType.SYMLINK,),
    "hardlink": (FileType.HARDLINK,),
    "device": (FileType.CHARACTER, FileType.BLOCK),
    "fifo": (FileType.FIFO,),
}


MAX_LENGTH = 4096
"""Characters in a filter: what a path may have."""


class FilterError(ValueError):
    """A term that cannot be understood, with what would be; shown beside the input line."""


Test = Callable[["Paths", View], Flags]


class Term(NamedTuple):
    """One word of a filter."""

    test: Test
    """Which paths satisfy it by themselves."""
    inherited: bool
    """Whether what lies below such a path satisfies it too: it is about names, and a path has all of them."""
    negated: bool


class Paths:
    """The names of a timeline, ready to be searched: made when first asked for, once for all searches."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline

    def prepare(self) -> None:
        """Make what nearly all searches take, which takes longer than one of them."""
        _ = self.lower

    @cached_property
    def names(self) -> list[str]:
        """The last components."""
        return [name.decode("utf-8", "surrogateescape") for name in self.timeline.names]

    @cached_property
    def lower(self) -> list[str]:
        """The same in small letters."""
        return [name.lower() for name in self.names]

    @cached_property
    def whole(self) -> list[str]:
        """All paths, with a leading slash."""
        whole = [""]
        for name, parent in zip(self.names[1:], self.timeline.parents[1:], strict=True):
            whole.append(f"{whole[parent]}/{name}")
        return whole

    @cached_property
    def whole_lower(self) -> list[str]:
        """The same in small letters."""
        return list(map(str.lower, self.whole))

    @cached_property
    def types(self) -> bytes:
        """The type of each version's entry."""
        return bytes(entry.type for entry in self._entries())

    @cached_property
    def owners(self) -> tuple[list[tuple[int, int]], "array[int]"]:
        """Users with their groups, and the place in that list of the owner of each version's entry."""
        known: dict[tuple[int, int], int] = {}
        places = array("i")
        for entry in self._entries():
            places.append(known.setdefault((entry.uid, entry.gid), len(known)))
        return list(known), places

    def _entries(self) -> Iterator[Entry]:
        return map(self.timeline.entry, range(len(self.timeline.path)))

    def spread(self, found: Flags) -> bytearray:
        """The same, with all that lies below a path that is set."""
        flags, ends, end = bytearray(found), self.timeline.ends, 0
        for path in self.timeline.directories:
            if path >= end and flags[path]:
                end = ends[path]
                flags[path:end] = b"\1" * (end - path)
        return flags


def parse(text: str) -> tuple[Term, ...]:
    """The terms of a filter; all of them must hold. FilterError for one that means nothing."""
    if len(text) > MAX_LENGTH:
        raise FilterError(f"a filter has at most {MAX_LENGTH} characters")
    return tuple(_term(word) for word in _WORD.findall(text) if word not in _NOTHING)


def passes(terms: Sequence[Term], paths: Paths, view: View) -> Flags:
    """Which paths satisfy all terms, whether they are in the view or not."""
    found: Flags | None = None
    for term in terms:
        flags = satisfied(term, term.test(paths, view), paths)
        found = flags if found is None else both(found, flags)
    return b"\1" * len(paths.timeline) if found is None else found


def satisfied(term: Term, own: Flags, paths: Paths) -> Flags:
    """Which paths satisfy a term, from those that do so by themselves (`Term.test`)."""
    flags = paths.spread(own) if term.inherited else own
    return flags.translate(_OPPOSITE) if term.negated else flags


def both(one: Flags, other: Flags) -> bytes:
    """Where two columns of flags are set: as one large number each, 300,000 of them in half a millisecond."""
    return (int.from_bytes(one, "little") & int.from_bytes(other, "little")).to_bytes(len(one), "little")


_OPPOSITE = bytes([1, 0]) + bytes(254)
_THERE = bytes(code > 0 for code in range(256))


def _term(word: str) -> Term:
    negated = word.startswith("!")
    if negated:
        word = word[1:]
    key, colon, value = word.partition(":")
    if colon and key in _KEYS:
        return Term(_KEYS[key](value), inherited=False, negated=negated)
    if len(word) > 2 and word.startswith("/") and word.endswith("/"):
        return Term(_regex(word[1:-1]), False, negated)
    if word[0] in "<>":
        return Term(_size(word), False, negated)
    if any(char in word for char in "*?[") and not word.startswith('"'):
        return Term(_glob(word), True, negated)
    return Term(_text(word.strip('"') if word.startswith('"') else word), True, negated)


def _text(text: str) -> Test:
    """The path holds the text; small letters stand for capitals too."""
    head, slash, tail = text.rpartition("/")
    exact = text != text.lower()

    def test(paths: Paths, _view: View) -> Flags:
        names = paths.names if exact else paths.lower
        if not slash:
            return bytearray(map(contains, names, repeat(text)))
        return _across(paths.timeline, names, head, tail)

    return test


def _across(timeline: Timeline, names: list[str], head: str, tail: str) -> bytearray:
    """The paths that hold `head/tail` and end within the `tail`."""
    flags = bytearray(len(names))
    wholes = {0: ""}
    for directory in timeline.directories:
        whole = wholes[directory] = (
            f"{wholes[timeline.parents[directory]]}/{names[directory]}" if directory else ""
        )
        if whole.endswith(head):
            for child in timeline.children(directory):
                if names[child].startswith(tail):
                    flags[child] = 1
    return flags


def _regex(pattern: str) -> Test:
    """The path, with its leading slash, matches somewhere; small letters stand for capitals too."""
    plain = _ESCAPE.sub("", pattern)  # the S of \S is no capital
    exact = plain != plain.lower()
    flags = re.IGNORECASE if not exact and _CODE.search(pattern) else re.NOFLAG
    try:
        with warnings.catch_warnings():  # of syntax that later versions of Python may change
            warnings.simplefilter("ignore")
            search = re.compile(pattern, flags).search
    except (re.error, RecursionError, OverflowError, ValueError) as error:
        raise FilterError(f"/{pattern}/ is no regular expression: {error}") from None
    return lambda paths, _view: _matching(search, paths.whole if exact else paths.whole_lower)


def _glob(pattern: str) -> Test:
    """The name matches, or the path if the pattern holds a slash."""
    if simple := _simple(pattern):
        return simple
    exact = pattern != pattern.lower()
    if "/" not in pattern:
        match = re.compile(fnmatch.translate(pattern)).match
        return lambda paths, _view: _matching(match, paths.names if exact else paths.lower)
    if pattern.startswith("/"):
        match = re.compile(fnmatch.translate(pattern)).match
    else:  # what stands in front of it is searched past, which takes a third of matching it
        rest = pattern.lstrip("*") if pattern.startswith("*") else f"/{pattern}"
        match = re.compile(fnmatch.translate(rest)).search
    return lambda paths, _view: _matching(match, paths.whole if exact else paths.whole_lower)


def _matching(match: Callable[[str], object], texts: list[str]) -> bytearray:
    return bytearray(map(is_not, map(match, texts), repeat(None)))


def _simple(pattern: str) -> Test | None:
    """Stars at the ends of a plain text, as in most patterns, take no regular expression."""
    text = pattern.strip("*")
    if any(char in text for char in "*?[/"):
        return None
    compare = _ENDS[pattern[:1] == "*", pattern[-1:] == "*"]
    exact = text != text.lower()

    def test(paths: Paths, _view: View) -> Flags:
        return bytearray(map(compare, paths.names if exact else paths.lower, repeat(text)))

    return test


_ENDS: dict[tuple[bool, bool], Callable[[str, str], bool]] = {
    (False, True): str.startswith,
    (True, False): str.endswith,
    (True, True): contains,
}
"""By whether a pattern begins and ends with a star."""


def _size(word: str) -> Test:
    """The file is that large, under each of its names; among the changes, what the layer stored of it is."""
    found = _SIZE.match(word)
    if found is None:
        raise FilterError(f"{word} is no size: >10M, <=4k, >=1.5GiB")
    sign, digits, unit, binary = found.groups()
    exact = min(float(digits) * (1024 if binary else 1000) ** _UNITS.index(unit.lower() or " "), _ENDLESS)
    holds, whole = _SIGNS[sign]
    limit = whole(exact)

    def test(paths: Paths, view: View) -> Flags:
        timeline = paths.timeline
        flags = bytearray(map(holds, view.sizes, repeat(limit)))
        if view.scope is not Scope.CHANGES:
            for version, inode in timeline.links.items():
                if view.current[timeline.path[version]] == version:
                    flags[timeline.path[version]] = holds(inode.entry.size, limit)
        for path in view.removed.paths:
            flags[path] = holds(timeline.size[view.current[path]], limit)
        return both(flags, view.kinds.translate(_THERE))

    return test


def _kind(value: str) -> Test:
    kind = _KINDS.get(value.lower())
    if kind is None:
        raise FilterError(f"kind:{value} means nothing: added, changed, metadata, removed, unchanged")
    table = bytes(code == kind for code in range(256))
    return lambda _paths, view: view.kinds.translate(table)


def _owner(value: str) -> Test:
    found = _OWNER.fullmatch(value)
    if found is None:
        raise FilterError(f"owner:{value} means nothing: owner:0, owner:1000:1000")
    uid, gid = found.groups()
    user, group = int(uid), None if gid is None else int(gid)

    def test(paths: Paths, view: View) -> Flags:
        owners, column = paths.owners
        wanted = [one[0] == user and group in (None, one[1]) for one in owners]
        return _shown(bytes(map(wanted.__getitem__, column)), view)

    return test


def _layer(value: str) -> Test:
    if _NUMBER.fullmatch(value) is None:
        raise FilterError(f"layer:{value} means nothing: layer:3")
    layer = int(value)

    def test(paths: Paths, view: View) -> Flags:
        flags = bytearray(len(paths.timeline.path))
        for begun in paths.timeline.begun[layer : layer + 1]:
            for version in begun:
                flags[version] = 1
        return _shown(flags, view)

    return test


def _type(value: str) -> Test:
    types = _TYPES.get(value.lower())
    if types is None:
        raise FilterError(f"type:{value} means nothing: file, dir, link, hardlink, device, fifo")

    table = bytes(code in types for code in range(256))
    return lambda paths, view: _shown(paths.types.translate(table), view)


def _shown(versions: Flags, view: View) -> Flags:
    """From flags of versions to those of the paths that show them."""
    return bytes(map((versions + b"\0").__getitem__, view.current))  # -1, not there, finds the last


def _is(value: str) -> Test:
    if value.lower() not in ("waste", "wasted"):
        raise FilterError(f"is:{value} means nothing: is:wasted")

    def test(paths: Paths, view: View) -> Flags:
        flags = bytearray(len(paths.timeline))
        for path in view.wasted.paths:
            flags[path] = 1
        return flags

    return test


_KEYS: dict[str, Callable[[str], Test]] = {
    "kind": _kind,
    "owner": _owner,
    "layer": _layer,
    "type": _type,
    "is": _is,
}

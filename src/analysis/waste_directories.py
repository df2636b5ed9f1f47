"""The few directories that most of the waste lies in: those a step was about."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

LEAST = 1 / 50
"""Of all bytes: what a directory of its own must hold. So there are at most 50, and the rest."""
_MOST = 4 / 5
"""Of a directory's bytes: what the parts it is split into must have, or one of them alone."""
_LARGE = 1 / 3
"""Of all bytes: what is too much for one directory, if there are parts worth naming."""

Run = tuple[int, int]
"""Start and stop in the list of paths."""


class Directory(NamedTuple):
    """A directory and what of the paths belongs to it."""

    path: bytes
    runs: Sequence[Run]
    """Ascending, none of them empty."""
    rest: bool
    """Whether it has been split, and this is what lies in none of its parts."""


class _Part(NamedTuple):
    path: bytes
    """With a slash at its end; empty: the root."""
    start: int
    stop: int
    above: bytes


def by_directory(paths: Sequence[bytes], sizes: Sequence[int]) -> list[Directory]:
    """Every path in one directory; the paths are in byte order, the sizes are those of what they name.

    A directory is *worth naming* if it holds a fiftieth of all bytes. It is split into the directories in
    it that are worth naming

    - if one of them has four fifths of its bytes (`/usr` says less than `/usr/lib/python3`), or
    - if it holds more than a third of all bytes, and they together have four fifths of its own;
    - and the root always is.

    What remains of a split directory is one more, if that is worth naming, and falls to the directory
    above if not; in the end to the root, which takes whatever comes.
    """
    sums = [0, *accumulate(sizes)]
    found: list[Directory] = []
    split: list[_Part] = []
    left: dict[bytes, list[Run]] = {}
    waiting = [_Part(b"", 0, len(paths), b"")]
    while waiting:
        part = waiting.pop()
        named = [one for one in _directories(paths, part) if _is_worth(_held(sums, one), sums)]
        if part.path and not _is_split(part, named, sums):
            found.append(Directory(part.path[:-1], [(part.start, part.stop)], False))
            continue
        split.append(part)
        waiting += named
        left[part.path] = _between(part, named)
    for part in reversed(split):  # what is below stands behind
        runs = sorted(left[part.path])
        if not part.path or _is_worth(sum(sums[stop] - sums[start] for start, stop in runs), sums):
            if runs:
                found.append(Directory(part.path[:-1], runs, bool(found)))
        else:
            left[part.above] += runs
    return found


def _directories(paths: Sequence[bytes], part: _Part) -> Iterator[_Part]:
    """The directories in one, in byte order; each is one run, as all its paths begin alike."""
    base, at = len(part.path), part.start
    while at < part.stop:
        slash = paths[at].find(b"/", base)
        if slash < 0:
            at += 1
            continue
        path = paths[at][: slash + 1]
        stop = bisect_left(paths, path[:-1] + b"0", at, part.stop)  # 0 is the byte behind the slash
        yield _Part(path, at, stop, part.path)
        at = stop


def _is_split(part: _Part, named: Sequence[_Part], sums: Sequence[int]) -> bool:
    held = _held(sums, part)
    parts = [_held(sums, one) for one in named]
    if not parts:
        return False
    return max(parts) >= _MOST * held or (held > _LARGE * sums[-1] and sum(parts) >= _MOST * held)


def _is_worth(held: int, sums: Sequence[int]) -> bool:
    return held > 0 and held >= LEAST * sums[-1]


def _held(sums: Sequence[int], part: _Part) -> int:
    return sums[part.stop] - sums[part.start]


def _between(part: _Part, named: Sequence[_Part]) -> list[Run]:
    """What of a part lies in none of those in it."""
    starts = [part.start, *(one.stop for one in named)]
    stops = [*(one.start for one in named), part.stop]
    return [(start, stop) for start, stop in zip(starts, stops, strict=True) if start < stop]

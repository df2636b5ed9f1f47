"""Globs over the paths of an image: `/var/cache`, `*.pem`, `**/tests/**`.

As in a .gitignore: without a slash inside, a pattern is about a name anywhere; with one, about a path from
the root. `*`, `?` and `[a-z]` stay within a component, `**` stands for any number of them. What matches a
directory covers all below it.
"""

import fnmatch
import re
from collections.abc import Sequence

_ANY = None
"""Of the parts of a pattern: any number of components."""

Part = re.Pattern[str] | None
States = frozenset[tuple[int, int]]
"""Patterns by number, and how many of their parts have been matched."""

MAX_PATTERN = 1000
"""Characters."""


class Globs:
    """Several patterns. Time for a path: its components times the patterns' parts, whatever it holds."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """ValueError says what is wrong with a pattern."""
        self._parts = [_parse(pattern) for pattern in patterns]
        self._start = self._closed({(number, 0) for number in range(len(patterns))})
        self._steps: dict[tuple[States, str], States | None] = {}
        self._folders: dict[bytes, States | int] = {b"": self._start}
        """By directory: what has been matched on the way to it, or how much of its path is covered."""

    def match(self, path: bytes) -> int:
        """How many bytes of a path, from its begin, the first part that is covered has; 0 if none is.

        The path is normalised, without a leading slash; of the root, which is empty, nothing is covered.
        """
        head, _, name = path.rpartition(b"/")
        states = self._folder(head)
        if isinstance(states, int):
            return states
        return len(path) if states and self._step(states, name) is None else 0

    def _folder(self, path: bytes) -> States | int:
        found = self._folders.get(path)
        if found is not None:
            return found
        begin = path  # the nearest directory above that has been here
        while begin not in self._folders:
            begin = begin.rpartition(b"/")[0]
        found = self._folders[begin]
        at = len(begin) + 1 if begin else 0
        while at <= len(path):
            slash = path.find(b"/", at)
            end = len(path) if slash < 0 else slash
            if not isinstance(found, int):
                after = self._step(found, path[at:end])
                found = end if after is None else after
            self._folders[path[:end]] = found
            at = end + 1
        return found

    def _step(self, states: States, name: bytes) -> States | None:
        """What has been matched behind one more component; None if that is all of a pattern."""
        text = name.decode("utf-8", "surrogateescape")
        key = states, text
        if key in self._steps:
            return self._steps[key]
        reached: set[tuple[int, int]] = set()
        found: States | None = None
        for number, index in states:
            parts = self._parts[number]
            part = parts[index]
            if part is _ANY:
                reached.add((number, index))
                if index + 1 == len(parts):
                    break
            elif part.match(text):
                if index + 1 == len(parts):
                    break
                reached.add((number, index + 1))
        else:
            found = self._closed(reached)
        self._steps[key] = found
        return found

    def _closed(self, states: set[tuple[int, int]]) -> States:
        """With the states that are reached because `**` may stand for nothing."""
        closed = set(states)
        for number, index in states:
            parts = self._parts[number]
            while parts[index] is _ANY and index + 1 < len(parts):
                index += 1
                closed.add((number, index))
        return frozenset(closed)


def _parse(pattern: str) -> tuple[Part, ...]:
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"a pattern has at most {MAX_PATTERN} characters")
    names = [name for name in pattern.split("/") if name not in ("", ".")]
    if not names or ".." in names:
        raise ValueError(f"{pattern!r} names no path of an image: '/var/cache', '*.pem' and '**/tests' do")
    if "/" not in pattern.rstrip("/"):
        names.insert(0, "**")
    parts: list[Part] = []
    for name in names:
        if name != "**":
            parts.append(re.compile(fnmatch.translate(name)))
        elif not parts or parts[-1] is not _ANY:
            parts.append(_ANY)
    if parts == [_ANY]:
        return (re.compile("(?s).*"),)
    return tuple(parts)

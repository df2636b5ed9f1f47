"""Globs over the paths of an image: `/var/cache`, `*.pem`, `**/tests/**`.

As in a .gitignore: without a slash at its begin or inside, a pattern is about a name anywhere; with one,
about a path from the root. `*`, `?` and `[a-z]` stay within a component, `**` stands for any number of them.
What matches a directory covers all below it. Other than there, a slash at the end changes nothing, and no `!`
takes anything back.
"""

from collections.abc import Sequence

from .names import Names

_ANY = None
"""Of the parts of a pattern: any number of components."""

Part = str | None
Position = tuple[int, int]
"""A pattern by its number, and how many of its parts have been matched."""

MAX_PATTERN = 1000
"""Characters."""

_MAX_KEPT = 1 << 25
"""About how many bytes of what was found are kept, to be found again."""
_OBJECT = 200
"""Bytes, about, of an entry in a dictionary, its key and its value."""


class _State:
    """How far patterns have been matched on the way to a directory."""

    __slots__ = ("after", "ends", "moving", "staying")

    def __init__(
        self, staying: frozenset[Position], moving: Sequence[tuple[Names, Position]], ends: Names
    ) -> None:
        self.staying = staying
        """Those at a `**`, which are there behind any further component too."""
        self.moving = moving
        """What fits on the way, and the position that is reached by it."""
        self.ends = ends
        """The names in the directory that are all of a pattern."""
        self.after: dict[bytes, _State | None] = {}
        """Behind one more component; None behind such a name."""


class Globs:
    """Several patterns. Time for a path: about its components times the patterns' parts, whatever it holds.

    Memory is bounded: directories are remembered, up to some megabytes of them.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        """ValueError says what is wrong with a pattern."""
        self._parts = [_parse(pattern) for pattern in patterns]
        self._names = {part: Names([part]) for parts in self._parts for part in parts if part is not _ANY}
        self._ends: dict[frozenset[str], Names] = {}
        self._start = self._made(frozenset((number, 0) for number in range(len(self._parts))))
        self._states: dict[frozenset[Position], _State] = {}
        """By the positions that were reached, without those that follow from them."""
        self._folders: dict[bytes, _State | int] = {b"": self._start}
        """By directory; or how much of its path is covered."""
        self._kept = 0

    def match(self, path: bytes) -> int:
        """How many bytes of a path, from its begin, the first part that is covered has; 0 if none is.

        The path is normalised, without a leading slash; of the root, which is empty, nothing is covered.
        """
        head, _, name = path.rpartition(b"/")
        inside = self.inside(head)
        if isinstance(inside, int):
            return inside
        return len(path) if name and inside.match(name) else 0

    def inside(self, directory: bytes) -> int | Names:
        """What of a directory is covered: all, by so many bytes of its path, or the names in it that fit."""
        found = self._folders.get(directory)
        if found is None:
            found = self._walk(directory)
        return found if isinstance(found, int) else found.ends

    def _walk(self, path: bytes) -> _State | int:
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
            self._keep(end)
            at = end + 1
        return found

    def _step(self, state: _State, name: bytes) -> _State | None:
        """How far the patterns are behind one more component; None if that is all of one."""
        if name in state.after:
            return state.after[name]
        found = None
        if not state.ends.match(name):
            moved = [position for names, position in state.moving if names.match(name)]
            found = self._state(state.staying.union(moved) if moved else state.staying)
        state.after[name] = found
        self._keep(len(name))
        return found

    def _state(self, reached: frozenset[Position]) -> _State:
        found = self._states.get(reached)
        if found is None:
            found = self._made(reached)
            self._keep(_OBJECT * (len(found.staying) + len(found.moving)))
            self._states[reached] = found
        return found

    def _made(self, reached: frozenset[Position]) -> _State:
        """With the positions that are reached because `**` may stand for nothing."""
        staying, moving, ends = set(), [], set()
        for number, index in reached:
            parts = self._parts[number]
            for at, part in enumerate(parts[index:], index):
                if at + 1 == len(parts):
                    ends.add(part or "*")
                elif part is _ANY:
                    staying.add((number, at))
                    continue
                else:
                    moving.append((self._names[part], (number, at + 1)))
                break
        return _State(frozenset(staying), moving, self._fitting(frozenset(ends)))

    def _fitting(self, parts: frozenset[str]) -> Names:
        found = self._ends.get(parts)
        if found is None:
            found = self._ends[parts] = Names(parts)
        return found

    def _keep(self, size: int) -> None:
        self._kept += size + _OBJECT
        if self._kept > _MAX_KEPT:
            self._forget()

    def _forget(self) -> None:
        """All but the state at the root."""
        self._kept = 0
        self._start.after.clear()
        self._ends.clear()
        self._states.clear()
        self._folders.clear()
        self._folders[b""] = self._start


def _parse(pattern: str) -> tuple[Part, ...]:
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"a pattern has at most {MAX_PATTERN:,} characters")
    names = [name for name in pattern.split("/") if name not in ("", ".")]
    if not names or ".." in names:
        raise ValueError(f"{pattern!r} names no path of an image: '/var/cache', '*.pem' and '**/tests' do")
    if pattern.startswith("!"):
        raise ValueError(f"{pattern!r} takes nothing back: write [!] for a name that begins so")
    parts: list[Part] = [] if "/" in pattern.rstrip("/") else [_ANY]
    for name in names:
        if name != "**":
            parts.append(name)
        elif not parts or parts[-1] is not _ANY:
            parts.append(_ANY)
    return tuple(parts)

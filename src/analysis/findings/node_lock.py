"""Which packages of a Node.js project a program does without, by the lock that npm keeps in `node_modules`.

npm (since 7) writes what it has installed to `node_modules/.package-lock.json`: for each package its path
below the project, what it depends on, and `dev` where nothing but a development dependency leads to it. Tools
that stand among `dependencies`, where `npm install webpack` puts them, have no such mark: of those, and of
what they lead to, all is meant that no other dependency of the project leads to. What that is depends on the
rules by which Node.js looks for a package: in the `node_modules` beside it, then in those above.

The lock has no entry of the project itself: its `package.json` says what it depends on.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .node_tools import is_tool

MAX_LOCK = 8 << 20
"""Bytes of a lock; one of two thousand packages has a tenth."""
MAX_MANIFEST = 256 << 10
"""Bytes of a `package.json`."""
MAX_LOOKUPS = 400_000
"""Paths at which packages are looked for; two thousand packages take thirty thousand."""
_MAX_PATH = 1024
_NEEDS = ("dependencies", "optionalDependencies", "peerDependencies")
"""What npm takes with a package."""
_NAME = re.compile(r"(?:@[a-z0-9][\w.-]{0,99}/)?[a-z0-9][\w.-]{0,99}", re.ASCII)
"""What npm lets a package be called, and is plain text everywhere."""
_PLAIN_VERSION = re.compile(r"[0-9][\w.+-]{0,99}", re.ASCII)
_FROM_ELSEWHERE = re.compile(r"[:/]")
"""Of what a manifest asks for: a repository, an archive or an alias, rather than a version."""

_Json = Mapping[str, object]


class Tool(NamedTuple):
    """A package for development that stands among `dependencies`."""

    name: str
    version: str
    """The installed one; empty if `npm install name@version` would not bring the same."""


class Unneeded(NamedTuple):
    """What could be left out of a project's `node_modules`."""

    paths: Mapping[str, str]
    """Folders of packages from the project, and for which of the `tools` it is; empty: marked in the lock."""
    locked: frozenset[str]
    """Folders of all packages in the lock: what lies in one of them is that package's."""
    tools: Sequence[Tool]
    """By name."""


class _TooMuchError(Exception):
    """A lock leads further than any real one."""


def read_lock(lock: bytes, manifest: bytes | None) -> Unneeded | None:
    """What the lock and the `package.json` say; without the second, only what is marked in the first.

    None where they cannot be read, or do not tell: then there are only names to go by. Time is linear in
    both, and what is not of the type that it should have is passed over.
    """
    said = _read(lock)
    packages = _mapping(said, "packages") if said is not None else {}
    entries = {
        path: entry
        for path, entry in packages.items()
        if path and len(path) <= _MAX_PATH and isinstance(entry, dict)
    }
    if not entries:
        return None
    marked = dict.fromkeys((path for path, entry in entries.items() if entry.get("dev") is True), "")
    project = _read(manifest) if manifest is not None else None
    if project is None:
        return Unneeded(marked, frozenset(entries), ()) if marked else None
    try:
        return _sort(entries, marked, project)
    except _TooMuchError:
        return None


def _sort(entries: Mapping[str, _Json], marked: dict[str, str], project: _Json) -> Unneeded:
    """What only tools lead to, and what is marked."""
    tree = _Tree(entries)
    wanted = _mapping(project, "dependencies")
    named = [name for name in wanted if is_tool(name) and _NAME.fullmatch(name)]
    tools = {name: path for name in named if (path := tree.find("", name)) is not None}
    others = [("", name, "") for key in _NEEDS for name in _mapping(project, key) if name not in tools]
    needed = tree.reach(others, (path for path in tree.linked if path not in marked))
    brought = tree.reach([("", name, name) for name in sorted(tools)])
    paths = {path: tool for path, tool in brought.items() if path not in needed} | marked
    moved = [
        _tool(name, wanted[name], entries[tools[name]]) for name in sorted(tools) if paths.get(tools[name])
    ]
    return Unneeded(paths, frozenset(entries), moved)


def _tool(name: str, wanted: object, entry: _Json) -> Tool:
    version = entry.get("version")
    is_plain = (
        isinstance(version, str)
        and _PLAIN_VERSION.fullmatch(version)
        and isinstance(wanted, str)
        and not _FROM_ELSEWHERE.search(wanted)
    )
    return Tool(name, str(version) if is_plain else "")


class _Tree:
    """The packages of a lock, and the way from one to another."""

    def __init__(self, entries: Mapping[str, _Json]) -> None:
        self._entries = entries
        self._lookups = 0
        self.linked = [
            target
            for entry in entries.values()
            if entry.get("link") is True and isinstance(target := entry.get("resolved"), str)
        ]
        """Folders of workspaces: all of them are part of the project."""

    def find(self, start: str, name: str) -> str | None:
        """Where a package, by its path, finds one of that name, as Node.js looks for it; the project: empty.

        _TooMuchError once that has been asked too often.
        """
        folder = start
        while True:
            self._lookups += 1
            if self._lookups > MAX_LOOKUPS:
                raise _TooMuchError
            found = f"{folder}/node_modules/{name}" if folder else f"node_modules/{name}"
            if found in self._entries:
                target = self._entries[found].get("resolved")
                is_link = self._entries[found].get("link") is True and isinstance(target, str)
                return str(target) if is_link and target in self._entries else found
            if not folder:
                return None
            folder = folder.rpartition("/")[0]

    def reach(self, wanted: Iterable[tuple[str, str, str]], members: Iterable[str] = ()) -> dict[str, str]:
        """All packages that some lead to: (who asks, for which name, for what) and that `what` by path.

        The nearest comes first, and has the `what` of who asked for it.
        """
        found: dict[str, str] = dict.fromkeys((path for path in members if path in self._entries), "")
        waiting = [(path, "") for path in found]
        for start, name, what in wanted:
            path = self.find(start, name)
            if path is not None and path not in found:
                found[path] = what
                waiting.append((path, what))
        for path, what in waiting:  # which grows
            for key in _NEEDS:
                for name in _mapping(self._entries[path], key):
                    target = self.find(path, name)
                    if target is not None and target not in found:
                        found[target] = what
                        waiting.append((target, what))
        return found


def _read(text: bytes) -> _Json | None:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _mapping(of: _Json, key: str) -> _Json:
    found = of.get(key)
    return found if isinstance(found, dict) else {}

"""Findings that a path gives away: folders and files by name, looked up and never searched for."""

from collections.abc import Sequence
from typing import NamedTuple

from .finding import Severity


class PathRule(NamedTuple):
    """Files that need not be in an image, and how they are kept out of it."""

    id: str
    title: str
    severity: Severity
    reason: str
    fix: str
    folders: tuple[str, ...] = ()
    """`/var/lib/apt/lists`: that one; `__pycache__` or `.cache/pip`: wherever it is. All below is meant."""
    files: tuple[str, ...] = ()
    """`/etc/x`: that one; `core`: wherever it stands; `*.pyc`: the ending of a name."""
    below: tuple[str, ...] = ()
    """If any are named: only within folders of these names, at any depth."""
    shipped_too: bool = False
    """Whether it is about copies that a later step removed or wrote again, too: one mends both."""
    least: int = 0
    """Bytes from which on it is worth a word."""


class Match(NamedTuple):
    """A rule, and the highest folder or the file that it is about."""

    rule: PathRule
    top: bytes


class PathRules:
    """Many rules, compiled to lookups: of a folder, and of a file, the first that fits counts.

    Time for a path: that of its parts, once for each folder.
    """

    def __init__(self, rules: Sequence[PathRule]) -> None:
        self._places: dict[bytes, PathRule] = {}
        """Folders from the root."""
        self._names: dict[bytes, PathRule] = {}
        """Folders anywhere, by their last component; `a/b` by both of them."""
        self._files: dict[bytes, PathRule] = {}
        """Files from the root, with their whole path."""
        self._file_names: dict[bytes, PathRule] = {}
        self._endings: dict[bytes, PathRule] = {}
        for rule in rules:
            for folder in rule.folders:
                where = self._places if folder.startswith("/") else self._names
                where.setdefault(folder.strip("/").encode(), rule)
            for file in rule.files:
                if file.startswith("*."):
                    self._endings.setdefault(file[2:].encode(), rule)
                else:
                    where = self._files if file.startswith("/") else self._file_names
                    where.setdefault(file.strip("/").encode(), rule)
        self._matches: dict[bytes, Match | None] = {b"": None}

    def folder(self, path: bytes) -> Match | None:
        """The rule that all of a folder falls under, if there is one."""
        waiting = []
        while path not in self._matches:
            waiting.append(path)
            path = path.rpartition(b"/")[0]
        found = self._matches[path]
        for folder in reversed(waiting):
            if found is None:
                found = self._own(folder)
            self._matches[folder] = found
        return found

    def file(self, folder: bytes, name: bytes) -> Match | None:
        """The rule of a file whose folder falls under none."""
        rule = self._file_names.get(name) or self._endings.get(name.rpartition(b".")[2])
        path = folder + b"/" + name if folder else name
        rule = rule or self._files.get(path)
        return Match(rule, path) if rule is not None and _is_below(rule, folder) else None

    def _own(self, path: bytes) -> Match | None:
        head, _, name = path.rpartition(b"/")
        rule = self._places.get(path) or self._names.get(name)
        if rule is None and head:
            rule = self._names.get(head.rpartition(b"/")[2] + b"/" + name)
        return Match(rule, path) if rule is not None and _is_below(rule, head) else None


def _is_below(rule: PathRule, folder: bytes) -> bool:
    if not rule.below:
        return True
    parts = set(folder.split(b"/"))
    return any(name.encode() in parts for name in rule.below)

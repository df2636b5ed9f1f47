"""Findings that a path gives away: folders and files by name, looked up and never searched for."""

import enum
from collections.abc import Sequence
from typing import NamedTuple

from .finding import Severity


class Copies(enum.Enum):
    """Which of the stored copies of a path a rule is about."""

    LIVE = "live"
    """Those that a container sees."""
    ALL = "all"
    """Those that a later step removed or wrote again, too: one fix mends both."""
    WASTED = "wasted"
    """Only those."""


class PathRule(NamedTuple):
    """Files that need not be in an image, and how they are kept out of it."""

    id: str
    title: str
    severity: Severity
    reason: str
    fix: str
    """Dockerfile text for an image whose steps are not known."""
    folders: tuple[str, ...] = ()
    """`/var/lib/apt/lists`: that one; `__pycache__` or `.cache/pip`: wherever it is. All below is meant.

    `llvm-#` stands for any version: digits and dots.
    """
    files: tuple[str, ...] = ()
    """`/etc/x`: that one; `core` or `core#`: wherever it stands; `*.pyc` and `*~`: the ending of a name."""
    below: tuple[str, ...] = ()
    """If any are named: only within folders of these names, at any depth."""
    but: tuple[str, ...] = ()
    """Names of files that belong there all the same."""
    copies: Copies = Copies.LIVE
    least: int = 0
    """Bytes from which on it is worth a word."""
    unpacked: bool = False
    """Whether it is about archives, and only those beside a folder of the same name."""
    in_step: bool = True
    """Whether the step that writes the files can be told to remove them."""
    clean: str = ""
    """What the step is to run in its end; empty: `rm -rf` of the folders that were found."""
    find: str = ""
    """What a `find` is told that begins at folders of a step: for all such steps, in place of `clean`."""
    roots: tuple[str, ...] = ()
    """Names of folders that such a `find` begins at, as high as may be; `python#` stands for any version."""
    first: str = ""
    """An instruction that such steps come after."""
    option: tuple[str, str] = ("", "")
    """A pattern of the words of a command, and the option behind them that leaves nothing to remove."""
    cached: bool = False
    """Whether the folders are a cache, that a build may keep outside of the image."""
    mounts: tuple[str, ...] = ()
    """Of a cache: the options of its mounts; empty: the folders that were found."""
    of_stage: bool = False
    """Whether it is of use to a stage that builds, and only there."""
    of_base: bool = False
    """Whether base images have it for reasons of their own, which the steps on top cannot change."""


class Match(NamedTuple):
    """A rule, and the highest folder or the file that it is about."""

    rule: PathRule
    top: bytes
    but: frozenset[bytes]
    """Names of files in the folder that it is not about; one of them may fall under another rule."""


class _Compiled(NamedTuple):
    rule: PathRule
    below: frozenset[bytes]
    but: frozenset[bytes]


_DIGITS = b"0123456789."
_DIGIT = frozenset(b"%d" % digit for digit in range(10))


class PathRules:
    """Many rules, compiled to lookups: of the folders of a file the highest that fits one counts.

    Time for a file: some lookups, and those of its folder only once.
    """

    def __init__(self, rules: Sequence[PathRule]) -> None:
        self._places: dict[bytes, _Compiled] = {}
        """Folders from the root."""
        self._names: dict[bytes, _Compiled] = {}
        """Folders anywhere, by their last component; `a/b` by both of them."""
        self._files: dict[bytes, dict[bytes, _Compiled]] = {}
        """Files from the root, by their folder."""
        self._file_names: dict[bytes, _Compiled] = {}
        self._endings: dict[bytes, _Compiled] = {}
        for rule in rules:
            self._compile(rule)
        self._matches: dict[bytes, Match | None] = {b"": None}

    def _compile(self, rule: PathRule) -> None:
        below, but = (frozenset(map(str.encode, names)) for names in (rule.below, rule.but))
        one = _Compiled(rule, below, but)
        for folder in rule.folders:
            where = self._places if folder.startswith("/") else self._names
            where.setdefault(folder.strip("/").encode(), one)
        for file in rule.files:
            head, _, name = file.strip("/").encode().rpartition(b"/")
            if file.startswith("*"):
                self._endings.setdefault(name.lstrip(b"*."), one)
            elif file.startswith("/"):
                self._files.setdefault(head, {}).setdefault(name, one)
            else:
                self._file_names.setdefault(name, one)

    def match(self, folder: bytes, name: bytes) -> Match | None:
        """The rule of a file, if there is one."""
        found = self.folder(folder)
        return self.file(folder, name) if found is None or name in found.but else found

    def folder(self, path: bytes) -> Match | None:
        """The rule that all of a folder falls under, if there is one."""
        if path in self._matches:
            return self._matches[path]
        waiting = []
        while path not in self._matches:
            waiting.append(path)
            path = path.rpartition(b"/")[0]
        found = self._matches[path]
        for folder in reversed(waiting):
            if found is None:
                found = self._own(folder)
            self._matches[folder] = found
            if found is not None and folder in self._files:
                self._matches[folder] = found._replace(but=found.but | self._files[folder].keys())
        return self._matches[folder]

    def file(self, folder: bytes, name: bytes) -> Match | None:
        """The rule of a file whose folder falls under none, or that its folder's rule is not about."""
        one = None
        if name in self._file_names:
            one = self._file_names[name]
        elif folder in self._files and name in self._files[folder]:
            one = self._files[folder][name]
        else:
            last = name[-1:]
            ending = name.rpartition(b".")[2]  # of a name without a dot the name
            if ending in self._endings and ending != name:
                one = self._endings[ending]
            elif last in _DIGIT:
                one = self._file_names.get(versioned(name))
            elif last == b"~":
                one = self._endings.get(b"~")
        if one is None or name in one.but or not _is_below(one, folder):
            return None
        return Match(one.rule, folder + b"/" + name if folder else name, one.but)

    def _own(self, path: bytes) -> Match | None:
        head, _, name = path.rpartition(b"/")
        one = self._places.get(path) or self._names.get(name)
        if one is None and name[-1:] in _DIGIT:
            one = self._places.get(versioned(path))
        if one is None and head:
            one = self._names.get(head.rpartition(b"/")[2] + b"/" + name)
        return Match(one.rule, path, one.but) if one is not None and _is_below(one, head) else None


def versioned(name: bytes) -> bytes:
    """`llvm-14` as `llvm-#`, and `core.123` as `core#`: as rules have it."""
    return name.rstrip(_DIGITS) + b"#"


def _is_below(one: _Compiled, folder: bytes) -> bool:
    return not one.below or not one.below.isdisjoint(folder.split(b"/"))

"""Where the `find` of a step begins, so that it takes what the step wrote, and nothing from before it."""

import posixpath
from collections.abc import Collection, Iterable

from ..analyze import Analysis
from .inventory import Pile
from .path_rule import PathRule, versioned
from .steps_text import is_metadata_only, names, run_of

_MOST = 8
"""Folders that a command names."""
_GROUND = 2
"""Components of a path, at least, that a search begins at where no folder of a known name is on it."""


def writers(pile: Pile, analysis: Analysis) -> dict[int, list[bytes]]:
    """Places of a pile by the layer whose step wrote them, base first.

    What a step only gave another owner or mode is stored in its layer, and an earlier step wrote it.
    """
    found: dict[int, list[bytes]] = {}
    for path, layer in pile.places:
        found.setdefault(layer, []).append(path)
    for layer in reversed(range(len(analysis.layers))):
        if layer in found and is_metadata_only(run_of(analysis, layer)):
            origins = _origins(analysis, layer)
            for path in found.pop(layer):
                if path in origins:
                    found.setdefault(origins[path], []).append(path)
    return {layer: list(dict.fromkeys(found[layer])) for layer in sorted(found)}


def _origins(analysis: Analysis, layer: int) -> dict[bytes, int]:
    """The layer of what another one put out of reach: by its path, and by all folders above it."""
    found: dict[bytes, int] = {}
    for row in analysis.waste:
        if row.killed_by == layer:
            path = row.path
            while path not in found:
                found[path] = row.layer
                path = path.rpartition(b"/")[0]  # in the end the root, which is above itself
    return found


def removal(rule: PathRule, own: Iterable[bytes], *kept: Iterable[bytes]) -> str:
    """What a step that wrote `own` is to run in its end, without a look at what is `kept`.

    If that takes too many names, the next of `kept` is tried; empty after the last. A folder with some of
    both goes as a whole.
    """
    own = list(own)
    for others in kept:
        folders, tops = _roots(rule, own, _with_parents(others))
        if len(folders) + len(tops) <= _MOST:
            begins, single = names(folders, most=_MOST), names(tops, most=_MOST)
            if bool(begins) == bool(folders) and bool(single) == bool(tops):
                searched = [f"find {begins} -xdev {rule.find}"] if begins else []
                return " && ".join([*searched, *[f"rm -rf {single}"] * bool(single)])
    return ""


def _with_parents(paths: Iterable[bytes]) -> set[bytes]:
    found: set[bytes] = set()
    for path in paths:
        while path not in found:
            found.add(path)
            path = path.rpartition(b"/")[0]
    return found


def _roots(rule: PathRule, own: Iterable[bytes], kept: Collection[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Folders to search, and of `own` what has to be named for itself: all else beside it is kept."""
    grounds: dict[bytes, set[bytes]] = {}
    tops = []
    for path in own:
        folder = path.rpartition(b"/")[0]
        if folder in kept:
            tops.append(path)
        else:
            grounds.setdefault(_ground(rule, folder, kept), set()).add(folder)
    folders: list[bytes] = []
    for ground in sorted(_narrowed(rule, *one) for one in grounds.items()):
        if not any(_is_within(ground, folder) for folder in folders):
            folders.append(ground)
    return folders, tops


def _ground(rule: PathRule, folder: bytes, kept: Collection[bytes]) -> bytes:
    """The highest of the known names above a folder, or in its place the highest but for the root's own."""
    parts = folder.split(b"/")
    lowest = len(parts)
    for depth in reversed(range(1, len(parts) + 1)):
        if b"/".join(parts[:depth]) in kept:
            break
        lowest = depth
    for depth in range(lowest, len(parts) + 1):
        if _is_known(rule, parts[depth - 1]):
            return b"/".join(parts[:depth])
    return b"/".join(parts[: max(lowest, _GROUND)])


def _narrowed(rule: PathRule, ground: bytes, folders: Collection[bytes]) -> bytes:
    """A ground of no known name as deep as all that is to be found there."""
    if _is_known(rule, ground.rpartition(b"/")[2]):
        return ground
    return posixpath.commonpath(folders)


def _is_known(rule: PathRule, name: bytes) -> bool:
    return any(one.decode("utf-8", "replace") in rule.roots for one in (name, versioned(name)))


def _is_within(path: bytes, folder: bytes) -> bool:
    return path == folder or path.startswith(folder + b"/")

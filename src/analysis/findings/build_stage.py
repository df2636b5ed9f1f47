"""The steps of an image that need what only a build needs, in a stage of their own."""

from collections.abc import Collection, Iterable, Iterator

from ..analyze import Analysis
from ..paths import normalise
from .inventory import Pile
from .steps_text import is_metadata_only, names, run, run_of

_SYSTEM = frozenset(
    b"bin boot dev etc lib lib32 lib64 libx32 media mnt proc root run sbin sys tmp usr var".split()
)
"""Folders of the root that are the system's: what was built lies there among much that was not."""
_LOCAL = b"usr/local"
"""The one below them that is not."""
_REST = "# here the other steps of this Dockerfile that build"
_FINAL = "# and then, with the packages that the program needs to run and no others:"


class Stages:
    """The stages of an image's fixes; what its steps wrote to is looked for once."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._results: dict[int, set[bytes]] = {}
        """By the first layer that is looked at."""

    def text(self, pile: Pile, layers: Iterable[int]) -> str:
        """The steps of `layers` in a stage, and out of it the folders that they and later steps wrote to.

        Empty if one of them is not known, or none is above the base image.
        """
        analysis = self._analysis
        own = sorted(layer for layer in layers if layer >= analysis.base_layers)
        bodies = [body for layer in own if (body := run_of(analysis, layer))]
        if not own or len(bodies) < len(own):
            return ""
        if own[0] not in self._results:
            self._results[own[0]] = _results(analysis, own[0])
        base = names([analysis.base.name.encode("utf-8", "replace")], root="") or "BASE"
        found = [path for path, layer in pile.places if layer in own]
        copies = _copies(self._results[own[0]], found)
        stage = [f"FROM {base} AS build", *map(run, bodies), _REST]
        return "\n".join([*stage, _FINAL, f"FROM {base}", *copies])


def _copies(results: set[bytes], found: Collection[bytes]) -> Iterator[str]:
    """An instruction for each folder of results; a comment for those with some of what is to stay behind."""
    mixed = {result for result in results if any(path.startswith(result + b"/") for path in found)}
    wholly = names(results - mixed).split()
    yield from (f"COPY --from=build {where} {where}" for where in wholly)
    if mixed or not wholly:
        among = f", of {where}" if (where := names(mixed)) else ""
        yield f"# COPY --from=build what the program needs{among}"


def _results(analysis: Analysis, first: int) -> set[bytes]:
    """Folders, but for the system's, that commands wrote files to from a layer on, and that are there yet."""
    left = _places(analysis)
    starts = _starts(left)
    found: set[bytes] = set()
    for layer in analysis.layers[first:]:
        if not layer.command.startswith("RUN ") or is_metadata_only(run_of(analysis, layer.index)):
            continue
        for entry in layer.layer.entries:
            if entry.name.startswith(starts) and entry.size:
                there = {path for path in left if _is_in(entry.name, path)}
                found |= there
                left -= there
                starts = _starts(left)
    return found


def _starts(places: Iterable[bytes]) -> tuple[bytes, ...]:
    """What names of files below them begin with, as tars write them."""
    return tuple(before + path + b"/" for path in places for before in (b"", b"./", b"/"))


def _places(analysis: Analysis) -> set[bytes]:
    """Folders where programs are put, of the final filesystem."""
    workdir = analysis.image.config.get("WorkingDir")
    within = normalise(workdir.encode("utf-8", "replace")) if isinstance(workdir, str) else b""
    places = {_LOCAL, *((analysis.union.root.children or {}).keys() - _SYSTEM)}
    if b"/" in within and within.partition(b"/")[0] in _SYSTEM and not _is_in(within, _LOCAL):
        places.add(within)
    return {path for path in places if (node := analysis.union.find(path)) and node.children is not None}


def _is_in(name: bytes, folder: bytes) -> bool:
    return name.removeprefix(b"./").lstrip(b"/").startswith(folder + b"/")

"""Findings about the same content at several live paths, and about hard links that a step has broken."""

import heapq
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..analyze import Analysis
from ..duplicates import File
from ..model import Entry
from ..paths import normalise
from .finding import Evidence, Finding, Saving, Severity
from .inventory import Inventory
from .making import MOST, severity_by_size
from .steps_text import is_copy, names, run, run_of
from .subject import Subject

DUPLICATES = Subject(
    "duplicates",
    "The same content at several paths",
    Severity.LOW,
    "Each of the files is stored and pulled for itself. "
    "One of them, and links to it in place of the others, take the bytes of one.",
    "# in the step that writes the copy, in its place:\nRUN ln -s ORIGINAL COPY",
)
BROKEN_LINKS = Subject(
    "broken-hard-links",
    "Hard links that became files of their own",
    Severity.MEDIUM,
    "What are several names of one file in a lower layer was changed by a later step, and storage drivers "
    "copy every name for itself. The layer holds the content once for each of them.",
    "# in the step that writes the files, where they are linked still:\nRUN COMMAND && CHANGE\n"
    "# or for files of the base image, behind the change:\nRUN CHANGE && ln -f ORIGINAL COPY",
)
_NO_LINK = (
    "# none is a whole folder with a plain name: the steps that write the copies can link to the originals"
)
_MOST_TRIED = 1000
"""Pieces, the largest, of which one may become a link."""
SUBJECTS = (DUPLICATES, BROKEN_LINKS)

_LinkSet = tuple[int, bytes]
"""The names of one file in one layer: the layer, and the path that holds the content there."""


class _Copy(NamedTuple):
    """A file too many."""

    path: bytes
    original: bytes
    """The one that stays."""
    size: int
    layer: int


class _Piece(NamedTuple):
    """Copies that lie below one folder as their originals do below another: `cp -r original copy`."""

    copy: bytes
    """A folder; of a single file the file itself."""
    original: bytes
    size: int
    files: int
    layer: int


def find_duplicates(analysis: Analysis, inventory: Inventory) -> Iterator[Finding]:
    """One finding about duplicates, and one about broken hard links for each step that broke some.

    Counts what there is above one copy of each content, as far as the user's layers hold it. What other
    findings have (`inventory.claimed`) goes by their advice. Reads what `Analysis.duplicate_bytes` reads,
    together with it only once. SourceError for a saved report.
    """
    linked, claimed = _link_sets(inventory.links), inventory.claimed
    copies: list[_Copy] = []
    broken: dict[tuple[int, int], list[_Copy]] = {}
    for group in analysis.duplicates:
        files = [one for one in group.files if one.inode.number not in claimed.get(one.inode.layer, ())]
        if len(files) < 2:
            continue
        files.sort(key=_age)
        known: dict[_LinkSet, bytes] = {}
        for number, file in enumerate(files):
            layer = file.inode.layer
            mine = linked.get(file.path, ())
            if layer >= analysis.base_layers:
                once = next((one for one in mine if one[0] < layer and one in known), None)
                if once is not None:
                    steps = layer, once[0]
                    broken.setdefault(steps, []).append(_Copy(file.path, known[once], group.size, layer))
                elif number:
                    copies.append(_Copy(file.path, files[0].path, group.size, layer))
            for one in mine:
                known.setdefault(one, file.path)
    if copies:
        pieces = _pieces(copies)
        yield _finding(analysis, DUPLICATES, pieces, _link_fix(analysis, pieces))
    for steps, apart in sorted(broken.items()):
        yield _finding(analysis, BROKEN_LINKS, _pieces(apart), _change_fix(analysis, *steps))


def _age(file: File) -> tuple[int, int, bytes]:
    """The lowest layer first, then the shortest path: what was there before it was copied."""
    return file.inode.layer, len(file.path), file.path


def _link_sets(links: Sequence[Sequence[Entry]]) -> dict[bytes, list[_LinkSet]]:
    """By path: the sets of hard links that it was in, in any layer."""
    found: dict[bytes, list[_LinkSet]] = {}
    for layer, entries in enumerate(links):
        firsts: dict[bytes, bytes] = {}
        for entry in entries:
            name, target = normalise(entry.name), normalise(entry.link)
            first = firsts[name] = firsts.get(target, target)
            for path in (name, first):
                sets = found.setdefault(path, [])
                if (layer, first) not in sets[-1:]:
                    sets.append((layer, first))
    return found


def _pieces(copies: Sequence[_Copy]) -> list[_Piece]:
    """The copies by the pair of folders that they and their originals lie in."""
    pairs: dict[tuple[bytes, bytes, int], list[_Copy]] = {}
    for copy in copies:
        pairs.setdefault((*_parted(copy.path, copy.original), copy.layer), []).append(copy)
    pieces = []
    for (path, original, layer), within in pairs.items():
        if len(within) == 1:
            path, original = within[0].path, within[0].original
        pieces.append(_Piece(path, original, sum(copy.size for copy in within), len(within), layer))
    return pieces


def _parted(copy: bytes, original: bytes) -> tuple[bytes, bytes]:
    """Two paths without the components that they end with alike; of each one is left at least."""
    while True:
        head, _, name = copy.rpartition(b"/")
        other, _, same = original.rpartition(b"/")
        if name != same or not head or not other:
            return copy, original
        copy, original = head, other


def _rank(piece: _Piece) -> tuple[int, bytes, bytes, int]:
    return -piece.size, piece.copy, piece.original, piece.layer


def _finding(analysis: Analysis, subject: Subject, pieces: Sequence[_Piece], fix: str) -> Finding:
    largest = heapq.nsmallest(MOST, pieces, key=_rank)
    sizes: dict[int, int] = {}
    for piece in pieces:
        sizes[piece.layer] = sizes.get(piece.layer, 0) + piece.size
    saved = sum(sizes.values())
    by_size = sorted(sizes, key=lambda layer: (-sizes[layer], layer))
    return Finding(
        subject.id,
        subject.title,
        severity_by_size(saved, analysis, subject.severity),
        tuple(by_size),
        tuple(
            Evidence(piece.copy, piece.size, piece.files, piece.layer, f"as /{_text(piece.original)}")
            for piece in largest
        ),
        len(pieces) - len(largest),
        saved,
        subject.reason,
        fix,
        tuple(Saving(layer, sizes[layer], sizes[layer]) for layer in by_size),
    )


def _text(path: bytes) -> str:
    return path.decode("utf-8", "replace")


def _link_fix(analysis: Analysis, pieces: Sequence[_Piece]) -> str:
    """A link in place of the largest piece that can be one: a folder that holds anything else can not."""
    for piece in sorted(pieces, key=_rank)[:_MOST_TRIED]:
        copy, original = names([piece.copy]), names([piece.original])
        if copy and original and _is_whole(analysis, piece):
            break
    else:
        return _NO_LINK
    writer = _writer(analysis, piece)
    if is_copy(analysis, writer):
        return f"# and in .dockerignore what is copied to {copy}:\nRUN ln -s {original} {copy}"
    command = run_of(analysis, writer) if writer >= analysis.base_layers else ""
    if command:
        return run(command, f"rm -r {copy}", f"ln -s {original} {copy}")
    return f"# in the step that writes {copy}, in its place:\nRUN ln -s {original} {copy}"


def _writer(analysis: Analysis, piece: _Piece) -> int:
    """The first layer that stored any of it: the piece itself may be of a step that changed its metadata."""
    folder = piece.copy + b"/"
    rows = (row for row in analysis.waste if row.path == piece.copy or row.path.startswith(folder))
    return min((row.layer for row in rows), default=piece.layer)


def _is_whole(analysis: Analysis, piece: _Piece) -> bool:
    """Whether nothing else lies in the folder of a piece, nor the original, and it not in the original."""
    copy, original = piece.copy + b"/", piece.original + b"/"
    if copy.startswith(original) or original.startswith(copy):
        return False
    node = analysis.union.find(piece.copy)
    left = piece.files
    waiting = [node] if node is not None else []
    while waiting:
        children = waiting.pop().children
        if children is not None:
            waiting += children.values()
        elif not left:
            return False  # before all of a large folder is looked at
        else:
            left -= 1
    return not left


def _change_fix(analysis: Analysis, layer: int, writer: int) -> str:
    """The change in the step that writes the linked files, if that is not the base image's."""
    change, writing = run_of(analysis, layer), run_of(analysis, writer)
    if not change or not writing or writer < analysis.base_layers:
        return BROKEN_LINKS.fix
    return run(writing, change)

"""The waste as alerts: not one for each copy, but one for each way in which copies were lost.

An image may waste a hundred thousand copies; what a step did to those of another is one thing to change.
"""

import heapq
import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from ...analysis.model import WasteKind, WasteRow
from ...formatting import size
from ..json_report import change_names
from ..subject import Subject
from .maker import Alert, Level, Maker, shown_name, shown_text

LEAST = 4096
"""Bytes that a group of copies has at least."""
MOST = 500
"""Groups that are told of, the largest."""


def of_waste(maker: Maker, subject: Subject) -> Iterator[Alert]:
    """Notes, in one pass over `Analysis.waste`. What is accepted is in groups of its own."""
    groups = ((cause, group) for cause, group in _groups(subject) if group.size >= LEAST)
    largest = heapq.nlargest(MOST, groups, key=lambda pair: pair[1].size)
    # Some may have one fingerprint and are told apart by their order: sizes change more often than layers.
    for cause, group in sorted(largest, key=lambda pair: pair[0]):
        layers = (cause.killed_by,) if cause.killed_by == cause.layer else (cause.killed_by, cause.layer)
        yield maker.alert(
            f"waste-{cause.kind}",
            Level.NOTE,
            _sentence(maker, group),
            *layers,
            path=group.path,
            size=group.size,
            accepted=cause.accepted,
        )


class _Cause(NamedTuple):
    """What became of copies, and why that is accepted; empty if it is not."""

    kind: WasteKind
    layer: int
    killed_by: int
    accepted: str


class _Group:
    """Copies with one cause."""

    __slots__ = ("changed", "copies", "first", "largest", "last", "size")

    def __init__(self, row: WasteRow) -> None:
        self.largest = row
        self.first = self.last = row.path
        """In byte order."""
        self.size = self.copies = self.changed = 0

    @property
    def path(self) -> bytes:
        """The file, or the directory they all lie in: the one that the first and the last have in common."""
        return posixpath.commonpath([self.first, self.last])


def _groups(subject: Subject) -> Iterator[tuple[_Cause, _Group]]:
    accepts = subject.accepts if subject.accepts.entries else None
    rules = {kind: ("max-wasted-bytes", f"max-{kind}-bytes") for kind in WasteKind}
    groups: dict[tuple[WasteKind, int, int, str], _Group] = {}
    reason = ""
    for row in subject.analysis.waste:
        path, length, kind, layer, killed_by, changed = row
        if accepts is not None:
            entry = accepts.of(rules[kind], path)
            reason = "" if entry is None else entry.reason or "accepted"
        key = kind, layer, killed_by, reason
        group = groups.get(key)
        if group is None:
            group = groups[key] = _Group(row)
        group.size += length
        group.copies += 1
        if changed:
            group.changed |= changed
        if path < group.first:
            group.first = path
        elif path > group.last:
            group.last = path
    for (kind, layer, killed_by, reason), group in groups.items():
        yield _Cause(kind, layer, killed_by, shown_text(reason)), group


def _sentence(maker: Maker, group: _Group) -> str:
    row, is_one = group.largest, group.copies == 1
    changed = ", ".join(change_names(group.changed))
    kind = f"{row.kind}: {changed}" if changed else str(row.kind)
    largest = f"/{shown_name(row.path)} ({size(row.size)})"
    what = largest if is_one else f"{size(group.size)} in {group.copies:,} files"
    rest = "" if is_one else f", the largest {largest}"
    step = maker.step(row.killed_by)
    if row.killed_by == row.layer:
        return f"{step} wrote {what} more than once ({kind}){rest}"
    writer = f"{'it was' if is_one else 'they were'} written by {maker.step(row.layer)}"
    return f"{step} put {what} out of reach ({kind}){rest}; {writer}"

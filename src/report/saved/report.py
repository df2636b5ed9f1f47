"""A report that `json_report` wrote, read back: every member is checked, nothing in it is trusted."""

import codecs
import io
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from ...analysis.base import Base
from ...analysis.findings.finding import Finding
from ...analysis.model import Entry, Image, Reading, WasteRow
from ...analysis.saved import Recorded, SavedAnalysis, contradiction, restore
from ...errors import DamagedError, LimitError, NotAnImageError, SourceError, UnsupportedError
from .. import json_report
from ..fields import FieldError, Fields
from ..json_stream import JsonError, JsonStream
from . import rows as saved_rows

Row = TypeVar("Row")
Progress = Callable[[Reading], None]
"""Told how far the reading is; what it raises ends it."""

MAX_BYTES = 1 << 30
"""Of a report: one with some four million entries."""
MAX_ROW = 8 << 20
"""Characters of one entry or one wasted copy: long names and extended attributes, in base64."""
MAX_REST = 64 << 20
"""Characters of all but entries and waste: the config and its commands, which come from at most 16 MiB."""
_HEAD = 512

_HINT = "A report is what `layerscope IMAGE --json FILE` saves."
_FIRST = Base(1, "taken to be the first layer")
"""Of reports before schema version 1.2."""
_FOREIGN = {
    "comparison_version": "a comparison",
    "layer": "what `dive --json` writes",
    "schemaVersion": "a manifest or an index",
    "manifests": "an index",
    "rootfs": "the config of an image",
}
"""Keys of what else there is in JSON around images."""


def is_report(reference: str, *, stdin: BinaryIO | None = None) -> bool:
    """Whether what the user typed is a regular file, or standard input, that begins as JSON does.

    No image does: there are NULs in the first header of every tar.
    """
    head = b""
    with suppress(OSError, ValueError):  # whoever opens it will say what is wrong
        if reference == "-":
            head = _peek(stdin or (sys.stdin.buffer if sys.stdin else None))
        elif Path(reference).is_file():
            with Path(reference).open("rb", buffering=0) as file:
                head = file.read(_HEAD)
    return head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"[") and b"\0" not in head


def _peek(stream: BinaryIO | None) -> bytes:
    """The first bytes of standard input, which stay there; none of a terminal's, or where it is closed."""
    if not isinstance(stream, io.BufferedReader) or stream.isatty():
        return b""
    return stream.peek(_HEAD)[:_HEAD]


def read(
    reference: str,
    *,
    progress: Progress = lambda _reading: None,
    keep_past: bool = False,
    stdin: BinaryIO | None = None,
) -> SavedAnalysis:
    """The analysis in a report, as of the image itself; of file contents there are none.

    Every failure is a LayerscopeError. `keep_past` is as in `analyze`.
    """
    label = "standard input" if reference == "-" else reference
    found = _Members(label)
    with _opened(reference, label, stdin) as stream:
        try:
            found.take(JsonStream(_Text(stream, label, progress).read))
            image, recorded = found.image_and_record()
        except (JsonError, FieldError) as error:
            if not found.is_report:
                raise NotAnImageError(f"{label} is neither an image nor a report: {error}", _HINT) from None
            raise DamagedError(f"the report {label} is damaged: {error}", "Save it again.") from None
    analysis = restore(image, recorded, keep_past=keep_past)
    _check_totals(found.members["totals"], json_report.totals(analysis))
    return analysis


@contextmanager
def _opened(reference: str, label: str, stdin: BinaryIO | None) -> Iterator[BinaryIO]:
    try:
        if reference == "-":
            yield stdin or sys.stdin.buffer
        else:
            with Path(reference).open("rb") as file:
                yield file
    except OSError as error:
        raise SourceError(f"{label} cannot be read: {error.strerror}") from error


def _size(stream: BinaryIO) -> int | None:
    """Of a regular file; None for what only flows."""
    with suppress(OSError, ValueError):  # a stream that is no file at all, as in a test
        status = os.fstat(stream.fileno())
        return status.st_size if stat.S_ISREG(status.st_mode) else None
    return None


class _Text:
    """The text of a report, piece by piece."""

    def __init__(self, stream: BinaryIO, label: str, progress: Progress) -> None:
        self._stream = stream
        self._label = label
        self._progress = progress
        self._total = _size(stream)
        self._done = 0
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._require_bearable(self._total or 0)

    def read(self, count: int) -> str:
        """As `JsonStream` wants it."""
        try:
            while raw := self._stream.read(count):
                self._done += len(raw)
                self._require_bearable(self._done)
                self._progress(Reading(self._done, self._total, None, None))
                if text := self._decoder.decode(raw):
                    return text
            return self._decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise JsonError("it is not all UTF-8") from None

    def _require_bearable(self, size: int) -> None:
        if size > MAX_BYTES:
            raise LimitError(f"the report {self._label} has more than {MAX_BYTES >> 20} MiB",
                             "Open the image itself.")  # fmt: skip


class _Members:
    """The members of a report, its long lists made into rows as they come."""

    def __init__(self, label: str) -> None:
        self.is_report = False
        """Whether it has been seen to be one."""
        self.members: dict[str, Any] = {}
        """All but the long lists, as JSON has them."""
        self._label = label
        self._waste: list[WasteRow] | None = None
        self._entries: dict[int, tuple[list[Entry], bytearray]] | None = None
        """By layer: its entries and their changes."""

    def take(self, stream: JsonStream) -> None:
        """Read the whole report; raises FieldError, JsonError and LayerscopeErrors."""
        left = MAX_REST
        begin = 0
        for key in stream.members():
            if key == "waste":
                self._waste = list(_rows(key, saved_rows.waste_row, stream.rows(MAX_ROW)))
            elif key == "entries":
                self._take_entries(stream)
            else:
                if key in _FOREIGN and not self.is_report:
                    raise NotAnImageError(
                        f"{self._label} is {_FOREIGN[key]}, and neither an image nor a report", _HINT
                    )
                self.members[key] = stream.value(left)
                left -= stream.position - begin
                if left < 0:
                    raise LimitError(f"the report {self._label} has more than {MAX_REST} characters of texts")
                if key == "schema_version":
                    self._check_version(Fields(self.members).text(key))
            begin = stream.position

    def _check_version(self, version: str) -> None:
        match = re.fullmatch(r"([0-9]{1,6})\.[0-9]{1,6}", version, re.ASCII)
        if match is None:
            raise FieldError("schema_version is no version")
        if match[1] != "1":
            raise UnsupportedError(
                f"the report {self._label} is of schema version {version}; this program reads 1.x",
                "Open it with the version of layerscope that saved it.",
            )
        self.is_report = True

    def _take_entries(self, stream: JsonStream) -> None:
        found = self._entries = {}
        for layer, entry, change in _rows("entries", saved_rows.entry, stream.rows(MAX_ROW)):
            known = found.get(layer)
            if known is None:
                known = found[layer] = ([], bytearray())
            known[0].append(entry)
            known[1].append(change)

    def image_and_record(self) -> tuple[Image, Recorded]:
        """What it all says."""
        members = Fields(self.members)
        members.text("schema_version")
        if members.inner("generator").text("name") != "layerscope":
            self.is_report = False
            raise FieldError("its generator is not layerscope")
        members.inner("totals")
        rows = members.rows("layers")
        entries = [(self._entries or {}).get(index, ([], bytearray())) for index in range(len(rows))]
        listed = [
            *_rows(
                "layers", lambda pair: saved_rows.layer(pair[0], pair[1][0]), zip(rows, entries, strict=True)
            )
        ]
        layers = tuple(layer for layer, _, _ in listed)
        steps = tuple(_rows("history", saved_rows.step, members.rows("history")))
        self._check_indexes([layer.index for layer in layers], [step.layer for step in steps])
        totals = members.inner("totals")
        return saved_rows.image(members.inner("image"), steps, layers), Recorded(
            layers=layers,
            steps=steps,
            counts=tuple(counts for _, _, counts in listed),
            killed=tuple(killed for _, killed, _ in listed),
            flags=None if self._entries is None else tuple(flags for _, flags in entries),
            waste=tuple(self._waste or ()),
            duplicate_bytes=totals.count("duplicate_bytes"),
            dive=saved_rows.dive_score(members.inner("dive")),
            findings=self._findings(members, len(layers)) if "findings" in members else None,
            base=saved_rows.base(members.inner("base"), len(layers)) if "base" in members else _FIRST,
        )

    def _findings(self, members: Fields, layers: int) -> tuple[Finding, ...]:
        return tuple(_rows("findings", lambda row: saved_rows.finding(row, layers), members.rows("findings")))

    def _check_indexes(self, layers: list[int], steps: list[int | None]) -> None:
        if self._waste is None:
            raise FieldError("waste is missing")
        count = len(layers)
        if layers != list(range(count)):
            raise FieldError("layers: they are not in order")
        if any(layer is not None and layer >= count for layer in steps):
            raise FieldError("history: there is no such layer")
        if any(row.layer >= count or row.killed_by >= count for row in self._waste):
            raise FieldError("waste: there is no such layer")
        if any(layer >= count for layer in self._entries or ()):
            raise FieldError("entries: there is no such layer")


def _rows(key: str, make: Callable[[Any], Row], rows: Iterable[Any]) -> Iterator[Row]:
    """The rows of a list, made into something; a FieldError says which one it is about."""
    for number, row in enumerate(rows):
        try:
            made = make(row)
        except FieldError as error:
            raise FieldError(f"{key}[{number}]: {error}") from None
        yield made


def _check_totals(said: dict[str, Any], found: dict[str, Any]) -> None:
    for key, value in found.items():
        if key not in said or isinstance(said[key], bool) or said[key] != value:
            raise contradiction(f"totals.{key} is not what the layers and the waste add up to")
    if found["duplicate_bytes"] > found["live_bytes"]:
        raise contradiction("totals.duplicate_bytes is more than what is live")

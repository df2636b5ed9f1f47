"""A table of every file of every layer as CSV (RFC 4180), for spreadsheets and databases.

Lines end with a line feed alone: readers of CSV take both ends, and tools that work on lines only this one.
"""

import functools
import re
from collections.abc import Iterator
from typing import TextIO

from ..analysis.model import Layer, LayerChanges, WasteRow
from ..analysis.stored import layers_of, stored, waste_by_entry
from ..formatting import printable
from .json_report import change_names
from .subject import Run

COLUMNS = (
    "image",
    "layer",
    "path",
    "type",
    "mode",
    "uid",
    "gid",
    "bytes",
    "change",
    "waste",
    "killed_by",
)

_FORMULA = re.compile(r"(^|;)(?=[=+@-])")
"""Where a spreadsheet begins to calculate: at the start of a cell, for some of them after a semicolon too."""


def write(run: Run, out: TextIO) -> None:
    """Write the names of the columns, and a row for each file, directory and link of each layer.

    Rows stand in the order of the tars. Whiteouts are left out, so that `bytes` adds up to `stored_bytes`,
    and to `wasted_bytes` over the rows that have a kind of waste. SourceError if an analysis has no entries.
    """
    # All that can fail has been computed before the first byte is out.
    tables = [
        (
            analysis.image.reference,
            zip(layers_of(analysis), analysis.changes, waste_by_entry(analysis), strict=True),
        )
        for analysis in (subject.analysis for subject in run.subjects)
    ]
    out.write(",".join(COLUMNS) + "\n")
    for reference, layers in tables:
        image = _cell(printable(reference))
        for layer, changes, waste in layers:
            out.writelines(_rows(f"{image},{layer.index},", layer.layer, changes, waste))


def _rows(begin: str, layer: Layer, changes: LayerChanges, waste: dict[int, WasteRow]) -> Iterator[str]:
    flags = changes.entries
    directories: dict[bytes, str] = {}
    kinds: dict[tuple[object, ...], str] = {}
    for directory, name, number, entry in stored(layer):
        above = directories.get(directory)
        if above is None:
            above = directories[directory] = f"/{printable(directory)}/" if directory else "/"
        path = above + printable(name)
        if "," in path or '"' in path or ";" in path:
            path = _cell(path)
        key = entry[1:5]
        kind = kinds.get(key)
        if kind is None:
            kind = kinds[key] = f"{entry.type.name.lower()},{entry.mode:04o},{entry.uid},{entry.gid}"
        if number in waste:
            copy = waste[number]
            wasted = f"{copy.kind},{copy.killed_by}"
        else:
            wasted = ","
        yield f"{begin}{path},{kind},{entry.size},{_change(flags[number])},{wasted}\n"


@functools.cache
def _change(flags: int) -> str:
    return "+".join(change_names(flags))


def _cell(text: str) -> str:
    """A printable text as a cell that is no formula, by an apostrophe before it (OWASP, "CSV Injection")."""
    text = _FORMULA.sub(r"\1'", text)
    if "," in text or '"' in text or ";" in text:
        return '"' + text.replace('"', '""') + '"'
    return text

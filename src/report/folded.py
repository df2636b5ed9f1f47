"""Folded stacks, which flamegraph.pl, inferno and speedscope draw: what is stored, by layer and path.

    3 RUN make;usr;lib;libm.so 9000
    3 RUN make;tmp;object.o;(wasted: removed) 500

A line for each file. A wasted copy has one more frame on top: so its path stays what it is, a search for
`wasted` marks the share of all that is waste, and a table by frame is one by kind of waste.
"""

import re
from collections.abc import Iterator
from typing import TextIO

from ..analysis.model import LayerFigures, WasteRow
from ..analysis.stored import layers_of, stored, waste_by_entry
from ..formatting import printable
from .steps import step
from .subject import Subject

_AT_THE_ENDS = re.compile(r"^ +| +$| (?=[0-9.]+$)")
"""What readers trim, and the blank before what they would take for a number of samples."""


def write(subject: Subject, out: TextIO) -> None:
    """Write a line for each file that stores something; they add up to `stored_bytes`.

    SourceError if the analysis has no entries.
    """
    layers = layers_of(subject.analysis)
    waste = waste_by_entry(subject.analysis)
    for layer in layers:
        out.writelines(_lines(layer, waste[layer.index]))


def _lines(layer: LayerFigures, waste: dict[int, WasteRow]) -> Iterator[str]:
    first = f"{layer.index} {step(layer)}".replace(";", "\\x3b")
    stacks: dict[bytes, str] = {}
    for directory, name, number, entry in stored(layer.layer):
        if not entry.size:
            continue
        stack = stacks.get(directory)
        if stack is None:
            parts = directory.split(b"/") if directory else ()
            stack = stacks[directory] = ";".join([first, *map(_frame, parts), ""])
        if number in waste:
            yield f"{stack}{_frame(name)};(wasted: {waste[number].kind}) {entry.size}\n"
        else:
            yield f"{stack}{_frame(name)} {entry.size}\n"


def _frame(name: bytes) -> str:
    """A component of a path, as one frame."""
    shown = printable(name)
    if ";" in shown or " " in shown:
        shown = shown.replace(";", "\\x3b")
        shown = _AT_THE_ENDS.sub(lambda blanks: "\\x20" * len(blanks[0]), shown)
    return shown

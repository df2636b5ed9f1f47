"""The HTML report: one page that holds all it needs, asks nobody for anything, and works from a file.

What it says stands in its text; a script makes the table of waste sortable and draws the treemap. The script
gets what comes from the image as JSON, and puts it on the page as text and nothing else. Only the style and
the script of this package may run: the policy in the page has their digests.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, TextIO

from ... import __version__
from ...analysis.analyze import Analysis
from ..json_report import change_names
from ..steps import step
from ..subject import Subject
from ..wording import short
from . import sections
from .findings import findings
from .tree import prune

MOST_WASTE = 2000
"""Rows of waste in the page; all others are in the JSON report."""
_LONGEST_COMMAND = 160
_LONGEST_PATH = 400

_PAGE = Path(__file__).with_name("page")
_PLACE = re.compile(r"\{\{(\w+)\}\}")
_ESCAPED = {ord(char): f"\\u{ord(char):04x}" for char in "<>&"}


def write(subject: Subject, out: TextIO) -> None:
    """Write the page; its size is bounded by the layers and steps, however many files there are.

    May read contents, to tell the kinds of waste apart and to find duplicates.
    """
    style, script = (_read(name) for name in ("page.css", "page.js"))
    analysis = subject.analysis
    _measure(analysis)
    parts = {
        "policy": [_policy(style, script)],
        "version": [escape(__version__)],
        "title": [f"{escape(short(analysis.image.reference, 100))} · layerscope"],
        "style": [style],
        "script": [script],
        "data": [_script_safe(_data(analysis))],
        "links": sections.links(subject),
        "heading": sections.heading(subject),
        "gate": sections.gate(subject),
        "figures": sections.figures(analysis),
        "growth": sections.growth(subject),
        "findings": findings(subject),
        "layers": sections.layers(subject),
        "map": sections.treemap(analysis),
        "waste": sections.waste(analysis, MOST_WASTE),
        "history": sections.history(analysis),
    }
    for number, piece in enumerate(_PLACE.split(_read("page.html"))):
        if number % 2:
            out.writelines(parts[piece])
        else:
            out.write(piece)


def _measure(analysis: Analysis) -> None:
    """What reads contents, and so may fail: before anything is written."""
    _ = analysis.waste_by_kind, analysis.duplicate_bytes, analysis.findings


def _read(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Nothing is loaded but the icon, which stands in the page itself."""
    return (
        f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _script_safe(data: Any) -> str:
    """JSON that ends no element and begins none, in ASCII."""
    return json.dumps(data, separators=(",", ":")).translate(_ESCAPED)


# What the script works on.


def _data(analysis: Analysis) -> dict[str, Any]:
    return {
        "commands": [step(layer, _LONGEST_COMMAND) for layer in analysis.layers],
        "kinds": [str(kind) for kind in analysis.waste_by_kind],
        "waste": list(_waste(analysis)),
        "boxes": list(_boxes(analysis)) if analysis.has_entries else [],
    }


def _waste(analysis: Analysis) -> Iterator[list[Any]]:
    """Bytes, kind by number, what changed, path, layer, killer."""
    kinds = {kind: number for number, kind in enumerate(analysis.waste_by_kind)}
    for row in analysis.waste[:MOST_WASTE]:
        changed = ", ".join(change_names(row.changed))
        path = short(b"/" + row.path, _LONGEST_PATH, keep_end=True)
        yield [row.size, kinds[row.kind], changed, path, row.layer, row.killed_by]


def _boxes(analysis: Analysis) -> Iterator[list[Any]]:
    """Directory above, name, whether it is one, bytes, layer; of those too small: how many, bytes, layer."""
    pruned = prune(analysis.union.root)
    for box, rest in zip(pruned.boxes, pruned.rests, strict=True):
        name = short(box.name, _LONGEST_PATH, keep_end=True)
        yield [box.above, name, int(box.is_directory), box.live, box.layer, *(rest if rest.paths else ())]

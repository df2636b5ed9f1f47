"""How two images differ, as JSON in printable ASCII: docs/compare.md, docs/compare.schema.json."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from .. import __version__
from ..analysis.analyze import Analysis
from ..analysis.comparison import Comparison, FindingDifference, StepDifference
from ..analysis.comparison_config import ConfigDifference
from ..analysis.comparison_files import FileDifference
from ..analysis.growth import PathGrowth
from .json_line import json_line
from .json_report import bytes_as_text, change_names

VERSION = "1.0"
"""MAJOR.MINOR: a new key is a new minor version, one that goes or means something else a major one."""

_HALF_PAIR = re.compile("[\ud800-\udfff]")


def write(comparison: Comparison, out: TextIO) -> None:
    """Write all of a comparison, the rows of its lists one a line."""
    single: dict[str, Any] = {
        "comparison_version": VERSION,
        "generator": {"name": "layerscope", "version": __version__},
        "differs": comparison.differs,
        "before": _image(comparison.before),
        "after": _image(comparison.after),
        "difference": _difference(comparison),
    }
    growth, findings = comparison.growth, comparison.findings
    lists: dict[str, Iterable[dict[str, Any]] | None] = {
        "steps": map(_step, comparison.steps),
        "directories": None if growth.directories is None else map(_directory, growth.directories),
        "files": None if comparison.files is None else map(_file, comparison.files),
        "configuration": map(_setting, comparison.configuration),
        "findings": None if findings is None else map(_finding, findings),
    }
    begin = "{\n"
    for key, value in single.items():
        out.write(f'{begin}  "{key}": {json_line(value)}')
        begin = ",\n"
    for key, rows in lists.items():
        out.write(f',\n  "{key}": ')
        out.writelines(["null"] if rows is None else _array(rows))
    out.write("\n}\n")


def _array(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    begin = "[\n"
    for row in rows:
        yield f"{begin}    {json_line(row)}"
        begin = ",\n"
    yield "[]" if begin == "[\n" else "\n  ]"


def _image(analysis: Analysis) -> dict[str, Any]:
    image, totals = analysis.image, analysis.totals
    return {
        "reference": _sound(image.reference),
        "id": _sound(image.id) or None,
        "tags": [_sound(tag) for tag in image.tags],
        "platform": _sound(image.platform) or None,
        "layers": len(analysis.layers),
        "stored_bytes": totals.stored,
        "live_bytes": totals.live,
        "wasted_bytes": totals.wasted,
        "efficiency": totals.efficiency,
        "compressed_bytes": analysis.compressed_bytes,
    }


def _difference(comparison: Comparison) -> dict[str, Any]:
    before, after, growth = comparison.before, comparison.after, comparison.growth
    return {
        "layers": len(after.layers) - len(before.layers),
        "stored_bytes": growth.stored,
        "live_bytes": after.totals.live - before.totals.live,
        "wasted_bytes": growth.wasted,
        "efficiency": after.totals.efficiency - before.totals.efficiency,
        "compressed_bytes": growth.compressed,
    }


def _step(step: StepDifference) -> dict[str, Any]:
    growth = step.growth
    return {
        "kind": step.kind.value,
        "before": growth.before,
        "after": growth.after,
        "stored_bytes": growth.stored,
        "wasted_bytes": growth.wasted,
        "compressed_bytes": growth.compressed,
        "command": _sound(step.command) or None,
    }


def _directory(one: PathGrowth) -> dict[str, Any]:
    return {
        **bytes_as_text("path", b"/" + one.path),
        "before_bytes": one.before,
        "after_bytes": one.after,
        "rest": one.rest,
    }


def _file(one: FileDifference) -> dict[str, Any]:
    return {
        **bytes_as_text("path", b"/" + one.path),
        "kind": one.kind.value,
        "before_bytes": one.before,
        "after_bytes": one.after,
        "changed": change_names(one.changed),
        "layer": one.layer if one.layer >= 0 else None,
    }


def _setting(one: ConfigDifference) -> dict[str, Any]:
    return {
        "key": one.key,
        "name": _sound(one.name) or None,
        "kind": one.kind.value,
        "before": _sound(one.before) or None,
        "after": _sound(one.after) or None,
    }


def _finding(one: FindingDifference) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "id": _sound(one.id),
        "title": _sound(one.title),
        "severity": one.severity.name.lower(),
        "command": _sound(one.command) or None,
        "before_bytes": one.before,
        "after_bytes": one.after,
    }


def _sound(text: str) -> str:
    """A text of an image without half surrogate pairs, which strict readers of JSON refuse."""
    return _HALF_PAIR.sub("\ufffd", text)

"""How two images differ, as JSON in printable ASCII: docs/compare.md, docs/compare.schema.json."""

from collections.abc import Iterable
from typing import Any, TextIO

from ... import __version__
from ...analysis.analyze import Analysis
from ...analysis.comparison import Comparison, FindingDifference, StepDifference
from ...analysis.comparison_config import ConfigDifference
from ...analysis.comparison_files import FileDifference
from ...analysis.comparison_packages import Installed, PackageDifference, PackageSum
from ...analysis.growth import PathGrowth
from ..json_line import without_half_pairs, write_members
from ..json_report import bytes_as_text, change_names, figures

VERSION = "1.1"
"""MAJOR.MINOR: a new key is a new minor version, one that goes or means something else a major one."""


def write(comparison: Comparison, out: TextIO) -> None:
    """Write all of a comparison, the rows of its lists one a line."""
    packages = comparison.packages
    single: dict[str, Any] = {
        "comparison_version": VERSION,
        "generator": {"name": "layerscope", "version": __version__},
        "differs": comparison.differs,
        "before": {**_image(comparison.before), "packages": packages and _sum(packages.before)},
        "after": {**_image(comparison.after), "packages": packages and _sum(packages.after)},
        "difference": _difference(comparison),
    }
    growth, findings = comparison.growth, comparison.findings
    lists: dict[str, Iterable[dict[str, Any]] | None] = {
        "steps": map(_step, comparison.steps),
        "directories": None if growth.directories is None else map(_directory, growth.directories),
        "packages": None if packages is None else map(_package, packages.rows),
        "files": None if comparison.files is None else map(_file, comparison.files),
        "configuration": map(_setting, comparison.configuration),
        "findings": None if findings is None else map(_finding, findings),
    }
    write_members(out, single, lists)


def _image(analysis: Analysis) -> dict[str, Any]:
    image, totals = analysis.image, analysis.totals
    return {
        "reference": without_half_pairs(image.reference),
        "id": without_half_pairs(image.id) or None,
        "tags": [without_half_pairs(tag) for tag in image.tags],
        "platform": without_half_pairs(image.platform) or None,
        "layers": len(analysis.layers),
        **figures(totals),
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
        "command": without_half_pairs(step.command) or None,
    }


def _directory(one: PathGrowth) -> dict[str, Any]:
    return {
        **bytes_as_text("path", b"/" + one.path),
        "before_bytes": one.before,
        "after_bytes": one.after,
        "rest": one.rest,
    }


def _sum(one: PackageSum) -> dict[str, Any]:
    return {"count": one.packages, "bytes": one.size, "unowned_bytes": one.unowned}


def _package(one: PackageDifference) -> dict[str, Any]:
    return {
        "manager": one.manager,
        "name": without_half_pairs(one.name),
        "kind": one.kind.value,
        "before_bytes": one.before_size,
        "after_bytes": one.after_size,
        "before": list(map(_installed, one.before)),
        "after": list(map(_installed, one.after)),
        "layer": one.layer,
    }


def _installed(one: Installed) -> dict[str, Any]:
    return {"version": without_half_pairs(one.version) or None, "copies": one.copies, "bytes": one.size}


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
        "name": without_half_pairs(one.name) or None,
        "kind": one.kind.value,
        "before": without_half_pairs(one.before) or None,
        "after": without_half_pairs(one.after) or None,
    }


def _finding(one: FindingDifference) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "id": without_half_pairs(one.id),
        "title": without_half_pairs(one.title),
        "severity": one.severity.name.lower(),
        "command": without_half_pairs(one.command) or None,
        "before_bytes": one.before,
        "after_bytes": one.after,
    }

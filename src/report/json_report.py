"""The JSON report: every figure, one definition each (docs/figures.md), described by a published schema.

`saved_report` reads it back. History of `schema_version`:

- 1.0 the first;
- 1.1 `blob_name` of layers; of entries `name` and `device`, and `link` of all that have one, so that a report
  with entries has all it takes to stack the layers again and to write dive's export;
- 1.2 `base`, where the base image ends (before, that was behind the first layer), and `findings`.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, TextIO

from .. import __version__
from ..analysis.analyze import Analysis
from ..analysis.findings.finding import Finding
from ..analysis.model import (
    Change,
    ChangeCounts,
    Entry,
    Figures,
    FileType,
    LayerChanges,
    LayerFigures,
    Step,
    WasteRow,
)
from ..analysis.paths import normalise
from ..errors import LimitError
from .json_line import without_half_pairs, write_members

SCHEMA_VERSION = "1.2"


def write(analysis: Analysis, out: TextIO, *, entries: bool = False) -> None:
    """Write the report as JSON text, rows one a line; with `entries`, every entry of every layer too.

    All of it is printable ASCII. LimitError if the image's config is nested deeper than any real one,
    SourceError if entries are asked for that the analysis does not have.
    """
    single = {
        "schema_version": SCHEMA_VERSION,
        "generator": {"name": "layerscope", "version": __version__},
        "image": _sound(_image(analysis)),
        "base": _sound(_base(analysis)),
        "totals": totals(analysis),
        "dive": _dive(analysis),
    }
    layers = zip(analysis.layers, analysis.change_counts, analysis.killed_bytes, strict=True)
    lists: dict[str, Iterable[dict[str, Any]]] = {
        "layers": (_sound(_layer(*layer)) for layer in layers),
        "history": (_sound(_step(step)) for step in analysis.steps),
        "findings": (_sound(_finding(one)) for one in analysis.findings),
        "waste": map(_waste, analysis.waste),
    }
    if entries:
        lists["entries"] = _entries(analysis.layers, analysis.changes)
    # All that can fail has been computed before the first byte is out.
    write_members(out, single, lists)


def totals(analysis: Analysis) -> dict[str, Any]:
    """The figures of the whole image; bytes are integers, efficiency and fractions go from 0 to 1."""
    user = analysis.user
    return {
        **figures(analysis.totals),
        "efficiency": analysis.totals.efficiency,
        "compressed_bytes": analysis.compressed_bytes,
        "duplicate_bytes": analysis.duplicate_bytes,
        "user_stored_bytes": user.stored,
        "user_live_bytes": user.live,
        "user_wasted_bytes": user.wasted,
        "user_efficiency": user.efficiency,
        "user_compressed_bytes": analysis.user_compressed_bytes,
        "waste_by_kind": {kind.value: count for kind, count in analysis.waste_by_kind.items()},
    }


def figures(of: Figures) -> dict[str, int]:
    """What is stored, live and wasted of something, in bytes."""
    return {"stored_bytes": of.stored, "live_bytes": of.live, "wasted_bytes": of.wasted}


def _image(analysis: Analysis) -> dict[str, Any]:
    image = analysis.image
    return {
        "reference": image.reference,
        "id": image.id,
        "tags": list(image.tags),
        "platform": image.platform or None,
        "created": image.created or None,
        "config": dict(image.config),
    }


def _base(analysis: Analysis) -> dict[str, Any]:
    base = analysis.base
    return {"layers": base.layers, "how": base.how, "name": base.name or None}


def _dive(analysis: Analysis) -> dict[str, Any]:
    score = analysis.dive_score
    return {
        "efficiency_score": score.efficiency_score,
        "inefficient_bytes": score.inefficient_bytes,
        "user_wasted_percent": score.user_wasted_percent,
    }


def _layer(layer: LayerFigures, counts: ChangeCounts, killed: int) -> dict[str, Any]:
    source = layer.layer
    return {
        "index": layer.index,
        "diff_id": source.diff_id or None,
        "blob_name": source.name or None,
        "blob_digest": source.digest or None,
        "media_type": source.media_type or None,
        "command": layer.command,
        "created": layer.created or None,
        **figures(layer.figures),
        "killed_bytes": killed,
        "compressed_bytes": source.compressed_bytes,
        "added": counts.added,
        "modified": counts.modified,
        "removed": counts.removed,
    }


def _step(step: Step) -> dict[str, Any]:
    history = step.history
    return {
        "layer": step.layer,
        "created": history.created or None,
        "created_by": history.created_by,
        "author": history.author or None,
        "comment": history.comment or None,
        "empty_layer": history.empty_layer,
    }


def _waste(row: WasteRow) -> dict[str, Any]:
    return {
        **_path("path", row.path),
        "bytes": row.size,
        "kind": row.kind.value,
        "layer": row.layer,
        "killed_by": row.killed_by,
        **({"changed": change_names(row.changed)} if row.changed else {}),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "title": finding.title,
        "severity": finding.severity.name.lower(),
        "saved_bytes": finding.saved,
        "savings": [
            {"layer": one.layer, "bytes": one.size, "live_bytes": one.live} for one in finding.savings
        ],
        "layers": list(finding.layers),
        "reason": finding.reason,
        "fix": finding.fix,
        "evidence": [
            {
                **_path("path", one.path),
                "bytes": one.size,
                "files": one.files,
                "layer": one.layer,
                "what": one.what or None,
            }
            for one in finding.evidence
        ],
        "more": finding.more,
    }


@cache  # there are 256
def change_names(change: int) -> tuple[str, ...]:
    """`mode`, `owner` and so on of a `Change`, in a fixed order."""
    return tuple(flag.name.lower() for flag in Change if flag & change and flag.name)


def _entries(layers: Iterable[LayerFigures], changes: Iterable[LayerChanges]) -> Iterator[dict[str, Any]]:
    for layer, change in zip(layers, changes, strict=True):
        for entry, flags in zip(layer.layer.entries, change.entries, strict=True):
            yield _entry(layer.index, entry, flags)


def _entry(index: int, entry: Entry, change: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "layer": index,
        **_path("path", normalise(entry.name)),
        **(bytes_as_text("name", entry.name) if _needs_name(entry.name) else {}),
        "type": entry.type.name.lower(),
        "mode": f"{entry.mode:04o}",
        "uid": entry.uid,
        "gid": entry.gid,
        "size": entry.size,
        "mtime_ns": entry.mtime_ns,
        "change": change_names(change),
    }
    if entry.link:
        found |= bytes_as_text("link", entry.link)
    if entry.type in (FileType.CHARACTER, FileType.BLOCK):
        found["device"] = list(entry.extras.device)
    if entry.extras.xattrs:
        found["xattrs"] = {
            name.decode("utf-8", "backslashreplace"): base64.b64encode(value).decode()
            for name, value in entry.extras.xattrs
        }
    return found


def _needs_name(name: bytes) -> bool:
    """Whether a path does not tell all that the name in the tar does: dive's trees know `/` and `..`."""
    return name.startswith(b"/") or (b".." in name and b".." in name.split(b"/"))


def _path(key: str, path: bytes) -> dict[str, str]:
    return bytes_as_text(key, b"/" + path)


def bytes_as_text(key: str, raw: bytes) -> dict[str, str]:
    r"""Bytes as text; what is not UTF-8 shows as `\xNN`, with the very bytes beside it in base64."""
    try:
        return {key: raw.decode()}
    except UnicodeDecodeError:
        return {
            key: raw.decode("utf-8", "backslashreplace"),
            f"{key}_base64": base64.b64encode(raw).decode("ascii"),
        }


def _sound(value: Any) -> Any:
    """What stood in the image's own JSON, without what strict readers refuse.

    Half a surrogate pair becomes U+FFFD, as Go reads it; NaN and infinities, which are no JSON at all,
    become null.
    """
    try:
        text = json.dumps(value, ensure_ascii=False)
        return json.loads(without_half_pairs(text), parse_constant=lambda _: None)
    except RecursionError:
        raise LimitError("the config of the image is nested deeper than any real one") from None

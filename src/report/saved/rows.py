"""The rows of a saved report, made into what the analysis knows: see `docs/report.md` for what they hold."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from ...analysis.base import Base
from ...analysis.findings.finding import Evidence, Finding, Saving, Severity
from ...analysis.model import (
    NO_EXTRAS,
    Change,
    ChangeCounts,
    DiveScore,
    Entry,
    Extras,
    Figures,
    FileType,
    HistoryStep,
    Image,
    Layer,
    LayerFigures,
    Step,
    WasteKind,
    WasteRow,
)
from ...analysis.paths import normalise
from ...analysis.saved import SavedContents
from ..fields import FieldError, Fields, decoded

_MAX_PATH = 4096
_SIGNED = 1 << 63
_NANOSECONDS = _SIGNED * 1_000_000_000
_MAX_LAYERS = 1 << 20
_MAX_SHARE = 1e30
_TYPES = {kind.name.lower(): kind for kind in FileType}
_CHANGES = {change.name.lower(): int(change) for change in Change if change.name}
_CONTENTS = SavedContents()


def image(fields: Fields, history: Sequence[Step], layers: Sequence[LayerFigures]) -> Image:
    """The image, its steps and layers put in."""
    config = fields.raw("config")
    if not isinstance(config, dict):
        raise FieldError("image: config is no object")
    tags = fields.rows("tags")
    if not all(isinstance(tag, str) for tag in tags):
        raise FieldError("image: tags hold what is no text")
    return Image(
        reference=fields.text("reference"),
        id=fields.text("id"),
        tags=tuple(tags),
        platform=fields.optional_text("platform"),
        created=fields.optional_text("created"),
        config=config,
        history=tuple(step.history for step in history),
        layers=tuple(layer.layer for layer in layers),
    )


def base(fields: Fields, layers: int) -> Base:
    """Where the base image of an image with so many layers ends."""
    return Base(fields.count("layers", layers + 1), fields.text("how"), fields.optional_text("name"))


def finding(row: Any, layers: int) -> Finding:
    """What to change in an image with so many layers."""
    fields = Fields(row)
    numbers = fields.rows("layers")
    if not all(type(number) is int and 0 <= number < layers for number in numbers):
        raise FieldError("layers are not all there")
    return Finding(
        id=fields.text("id"),
        title=fields.text("title"),
        severity=fields.one_of("severity", lambda name: Severity[name.upper()]),
        layers=tuple(numbers),
        evidence=tuple(_evidence(Fields(one), layers) for one in fields.rows("evidence")),
        more=fields.count("more"),
        saved=fields.count("saved_bytes"),
        reason=fields.text("reason"),
        fix=fields.text("fix"),
        savings=tuple(_saving(Fields(one), layers) for one in fields.rows("savings")),
    )


def _saving(fields: Fields, layers: int) -> Saving:
    size = fields.count("bytes")
    return Saving(fields.count("layer", layers), size, fields.count("live_bytes", size + 1))


def _evidence(fields: Fields, layers: int) -> Evidence:
    return Evidence(
        path=normalise(fields.bytes("path")),
        size=fields.count("bytes"),
        files=fields.count("files"),
        layer=fields.optional_count("layer", layers),
        what=fields.optional_text("what"),
    )


def dive_score(fields: Fields) -> DiveScore:
    """The figures of dive."""
    user = fields.raw("user_wasted_percent")
    return DiveScore(
        fields.number("efficiency_score", -_MAX_SHARE, 1.0),
        fields.count("inefficient_bytes"),
        None if user is None else fields.number("user_wasted_percent", 0.0, _MAX_SHARE),
    )


def layer(row: object, entries: Sequence[Entry]) -> tuple[LayerFigures, int, ChangeCounts]:
    """One layer with these entries, the bytes it killed and the paths it touched."""
    fields = Fields(row)
    stored, live, wasted = (fields.count(f"{kind}_bytes") for kind in ("stored", "live", "wasted"))
    if live + wasted != stored:
        raise FieldError("what is live and what is wasted is not what is stored")
    figures = LayerFigures(
        index=fields.count("index", _MAX_LAYERS),
        layer=Layer(
            name=fields.optional_text("blob_name") if "blob_name" in fields else "",  # not in 1.0
            diff_id=fields.optional_text("diff_id"),
            digest=fields.optional_text("blob_digest"),
            media_type=fields.optional_text("media_type"),
            compressed_bytes=fields.optional_count("compressed_bytes"),
            entries=entries,
            contents=_CONTENTS,
        ),
        figures=Figures(stored, live),
        command=fields.text("command"),
        created=fields.optional_text("created"),
    )
    counts = ChangeCounts(fields.count("added"), fields.count("modified"), fields.count("removed"))
    return figures, fields.count("killed_bytes"), counts


def step(row: object) -> Step:
    """One step of the history."""
    fields = Fields(row)
    return Step(
        HistoryStep(
            created=fields.optional_text("created"),
            created_by=fields.text("created_by"),
            author=fields.optional_text("author"),
            comment=fields.optional_text("comment"),
            empty_layer=fields.boolean("empty_layer"),
        ),
        fields.optional_count("layer", _MAX_LAYERS),
    )


def waste_row(row: object) -> WasteRow:
    """One wasted copy."""
    fields = Fields(row)
    kind: WasteKind = fields.one_of("kind", WasteKind)
    changed = _flags(fields.rows("changed")) if "changed" in fields else 0
    if bool(changed) != (kind is WasteKind.METADATA_ONLY):
        raise FieldError(f"changed does not go with {kind}")
    return WasteRow(
        path=_path(fields),
        size=fields.count("bytes", _SIGNED),
        kind=kind,
        layer=fields.count("layer", _MAX_LAYERS),
        killed_by=fields.count("killed_by", _MAX_LAYERS),
        changed=Change(changed),
    )


def entry(row: object) -> tuple[int, Entry, int]:
    """One entry, its layer before it and its `Change` behind it."""
    fields = Fields(row)
    kind: FileType = fields.one_of("type", _TYPES.__getitem__)
    size = fields.count("size", _SIGNED)
    if size and kind is not FileType.REGULAR:
        raise FieldError("size is not 0, and it is no regular file")
    path = name = _path(fields)
    if "name" in fields:
        name = fields.bytes("name")
        if normalise(name) != path:
            raise FieldError("name leads to another path")
    link = fields.bytes("link") if "link" in fields else b""
    if max(len(name), len(link)) > _MAX_PATH:
        raise FieldError(f"it has a path of more than {_MAX_PATH} bytes")
    found = Entry(
        name=name,
        type=kind,
        mode=fields.one_of("mode", _mode),
        uid=fields.integer("uid", -_SIGNED, _SIGNED),
        gid=fields.integer("gid", -_SIGNED, _SIGNED),
        size=size,
        mtime_ns=fields.integer("mtime_ns", -_NANOSECONDS, _NANOSECONDS),
        link=link,
        extras=_extras(fields),
    )
    return fields.count("layer", _MAX_LAYERS), found, _flags(fields.rows("change"))


def _path(fields: Fields) -> bytes:
    path = fields.bytes("path")
    if path[:1] != b"/" or normalise(path) != path[1:]:
        raise FieldError("path is not one from the root")
    return path[1:]


def _extras(fields: Fields) -> Extras:
    if "xattrs" not in fields and "device" not in fields:
        return NO_EXTRAS
    device = fields.rows("device") if "device" in fields else [0, 0]
    if len(device) != 2 or not all(type(number) is int and abs(number) < _SIGNED for number in device):
        raise FieldError("device is no pair of whole numbers")
    attributes: Mapping[str, Any] = {}
    if "xattrs" in fields and not isinstance(attributes := fields.raw("xattrs"), dict):
        raise FieldError("xattrs is no object")
    try:
        xattrs = tuple((name.encode(), decoded(value)) for name, value in attributes.items())
    except UnicodeEncodeError:
        raise FieldError("xattrs has a name that is no text") from None
    return Extras(xattrs=xattrs, device=(device[0], device[1]))


def _flags(names: list[Any]) -> int:
    found = 0
    for name in names:
        if not isinstance(name, str) or name not in _CHANGES:
            raise FieldError("it has a change that this version does not know")
        found |= _CHANGES[name]
    return found


@lru_cache(maxsize=0o10000)
def _mode(text: str) -> int:
    if not re.fullmatch("[0-7]{4}", text):
        raise ValueError(text)
    return int(text, 8)

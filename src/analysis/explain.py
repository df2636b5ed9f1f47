"""Where a figure comes from: the parts it is the sum of."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from .analyze import Analysis
from .model import WasteKind, WasteRow
from .rows import Rows

KIND_REASONS = {
    WasteKind.REMOVED: "deleted later, shipped all the same",
    WasteKind.OVERWRITTEN: "replaced later by something else",
    WasteKind.METADATA_ONLY: "copied for a mode, owner, time or xattr",
    WasteKind.REWRITTEN: "written again, nothing new in it",
    WasteKind.SHADOWED: "twice in the tar of one layer",
}
"""Every kind of waste in a few words."""


class Part(NamedTuple):
    """One summand."""

    what: str
    bytes: int
    layer: int | None = None
    """The layer whose command says more."""


class Sum(NamedTuple):
    """A figure and its parts, which add up to it."""

    figure: str
    total: int
    definition: str
    parts: tuple[Part, ...]


def of_image(analysis: Analysis) -> tuple[Sum, ...]:
    """Stored, live and wasted bytes of the whole image; reads contents to tell the kinds of waste apart."""
    layers = analysis.layers
    return (
        Sum(
            "stored",
            analysis.totals.stored,
            "bytes of regular files in all layers, unpacked; hard links store nothing",
            tuple(
                Part(f"layer {one.index}", one.figures.stored, one.index)
                for one in layers
                if one.figures.stored
            ),
        ),
        Sum(
            "live",
            analysis.totals.live,
            "those of them that the final filesystem still reaches",
            tuple(
                Part(f"layer {one.index}", one.figures.live, one.index) for one in layers if one.figures.live
            ),
        ),
        Sum(
            "wasted",
            analysis.totals.wasted,
            "stored less live: what a perfect rebuild would not ship",
            _by_kind(analysis.waste),
        ),
        Sum(
            "wasted",
            analysis.totals.wasted,
            "the same, by the layer that buried it",
            _by_killer(analysis.waste),
        ),
    )


def of_layer(analysis: Analysis, index: int) -> tuple[Sum, ...]:
    """The figures of one layer; reads contents to tell the kinds of waste apart."""
    figures = analysis.layers[index].figures
    written = [row for row in analysis.waste if row.layer == index]
    return (
        Sum(
            f"stored in layer {index}",
            figures.stored,
            "bytes of regular files in its tar",
            (Part("live in the final image", figures.live), Part("wasted", figures.wasted)),
        ),
        Sum(f"wasted of layer {index}", figures.wasted, "by what became of it", _by_kind(written)),
        Sum(f"wasted of layer {index}", figures.wasted, "by the layer that buried it", _by_killer(written)),
        Sum(
            f"buried by layer {index}",
            analysis.killed_bytes[index],
            "what this layer put out of reach, by the layer that had stored it",
            _by_writer(row for row in analysis.waste if row.killed_by == index),
        ),
    )


def of_path(rows: Rows, path: int) -> Sum:
    """What a directory holds in the view, by what lies in it; of a file, what it holds itself."""
    parts = []
    for child in rows.timeline.children(path):
        if rows.is_visible(child) and (held := rows.weight(child).held):
            name = rows.timeline.names[child].decode("utf-8", "surrogateescape")
            parts.append(Part(name, held))
    weight = rows.weight(path)
    own = weight.held - sum(part.bytes for part in parts)
    if own or not parts:
        parts.append(Part("the file itself", own))
    told = f"held in {rows.view.scope.value}" + (
        ", as far as the filter lets it through" if rows.terms else ""
    )
    if weight.wasted:
        told += f"; {weight.wasted:,} bytes of it are wasted"
    return Sum("size", weight.held, told, tuple(sorted(parts, key=lambda part: -part.bytes)))


def _by_kind(rows: Iterable[WasteRow]) -> tuple[Part, ...]:
    found = Counter[WasteKind]()
    for row in rows:
        found[row.kind] += row.size
    return tuple(Part(f"{kind.value}: {KIND_REASONS[kind]}", size) for kind, size in found.most_common())


def _by_killer(rows: Iterable[WasteRow]) -> tuple[Part, ...]:
    found = Counter[int]()
    for row in rows:
        found[row.killed_by] += row.size
    return _layers(found)


def _by_writer(rows: Iterable[WasteRow]) -> tuple[Part, ...]:
    found = Counter[int]()
    for row in rows:
        found[row.layer] += row.size
    return _layers(found)


def _layers(found: "Counter[int]") -> tuple[Part, ...]:
    return tuple(Part(f"layer {layer}", size, layer) for layer, size in found.most_common())

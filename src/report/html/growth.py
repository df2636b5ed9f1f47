"""The section of the HTML report that tells how much an image grew against an earlier one."""

from collections.abc import Iterator

from ...analysis.analyze import Analysis
from ...analysis.growth import Growth, LayerGrowth, PathGrowth
from ...formatting import signed
from ..wording import counted
from .cells import chip, command_cell, exact, text

_MOST = 50
"""Directories and paths that are shown."""


def growth_rows(growth: Growth, analysis: Analysis) -> Iterator[str]:
    """The figures of both images, and the layers, directories and paths that make the difference."""
    yield f"<p class=note>Against <code>{text(growth.reference, keep_end=True)}</code>.</p>\n"
    yield "<table><thead><tr><th><th class=n>before<th class=n>now<th class=n>growth<th class=w></thead>"
    yield "<tbody>\n"
    for name, before, after in (
        ("stored", growth.before.stored, growth.after.stored),
        ("live", growth.before.live, growth.after.live),
        ("wasted", growth.before.wasted, growth.after.wasted),
        ("compressed", growth.before_compressed, analysis.compressed_bytes),
    ):
        if before is not None and after is not None:
            yield f"<tr><td>{name}<td class=n>{exact(before)}<td class=n>{exact(after)}"
            yield f"<td class=n>{_more(after - before)}<td>\n"
    yield "</tbody></table>\n"
    changed = [layer for layer in growth.layers if layer.stored or layer.wasted]
    if changed:
        yield "<h3>Layers that differ</h3>\n<table class=rows><thead><tr><th class=n>layer<th class=n>stored"
        yield "<th class=n>wasted<th>command</thead><tbody>\n"
        yield from (_layer(layer, analysis) for layer in changed)
        yield "</tbody></table>\n"
    if growth.paths is None or growth.directories is None:
        yield "<p class=note>One of the two is a saved report without entries: paths cannot be compared.</p>"
        return
    yield from _paths(counted(len(growth.directories), "directory", "directories"), growth.directories)
    yield from _paths(counted(len(growth.paths), "path", "paths"), growth.paths)


def _more(count: int) -> str:
    """Bytes more or less, `+1.20 kB` or `−5 B`, the exact number behind."""
    return f'<span title="{count:+,} B">{signed(count).replace("-", "−")}</span>'


def _layer(layer: LayerGrowth, analysis: Analysis) -> str:
    if layer.after is None:
        shown, command = f"gone ({layer.before})", ""
    else:
        shown = chip(layer.after) + (" new" if layer.before is None else "")
        command = command_cell(analysis.layers[layer.after].command)
    return (
        f"<tr><td class=n>{shown}<td class=n data-name=stored>{_more(layer.stored)}"
        f"<td class=n data-name=wasted>{_more(layer.wasted)}<td class=w>{command}\n"
    )


def _paths(title: str, paths: tuple[PathGrowth, ...]) -> Iterator[str]:
    """A table that is folded."""
    if not paths:
        return
    largest = f": the {_MOST} that grew most" if len(paths) > _MOST else ""
    yield f"<details><summary>{title}{largest}</summary>\n<table class=rows><thead><tr><th class=n>growth"
    yield "<th class=n>before<th class=n>now<th>mostly by<th>path</thead><tbody>\n"
    for path in paths[:_MOST]:
        yield f"<tr><td class=n>{_more(path.growth)}<td class=n data-name=before>{exact(path.before)}"
        yield f"<td class=n data-name=now>{exact(path.after)}"
        yield f"<td>{'' if path.layer is None else chip(path.layer)}"
        other = " <small>(what else is in it)</small>" if path.rest else ""
        yield f'<td class="w path">{text(b"/" + path.path, keep_end=True)}{other}\n'
    yield "</tbody></table></details>\n"

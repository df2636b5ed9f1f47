"""Findings about files that are put below a VOLUME."""

import re
from collections.abc import Iterator

from .. import history
from ..analyze import Analysis
from ..paths import normalise
from ..tree import walk
from .finding import Evidence, Finding
from .own_steps import LOOKED_AT, finding_of
from .step_subjects import AFTER_VOLUME
from .steps_text import names

_MOST_VOLUMES = 20


def after_volume(analysis: Analysis) -> Iterator[Finding]:
    for path, since in list(_volumes(analysis).items())[:_MOST_VOLUMES]:
        node = analysis.union.find(path)
        if not path or node is None or node.children is None:
            continue
        found: dict[int, list[int]] = {}
        for _, below in walk(node):
            layer, size = below.inode.layer, below.inode.entry.size
            if below.children is None and layer >= since:
                sums = found.setdefault(layer, [0, 0])
                sums[0] += size
                sums[1] += 1
        if found:
            evidence = [
                Evidence(path, size, files, layer, analysis.layers[layer].command[:LOOKED_AT])
                for layer, (size, files) in sorted(found.items())
            ]
            name = names([path])
            fix = f"# behind the steps that write there:\nVOLUME {name}" if name else ""
            yield finding_of(AFTER_VOLUME, [], fix, evidence=evidence)


def _volumes(analysis: Analysis) -> dict[bytes, int]:
    """The volumes, and the first layer of the user's that is above the step that names them."""
    found: dict[bytes, int] = {}
    above = 0
    for step in analysis.steps:
        if step.layer is not None:
            above = step.layer + 1
            continue
        text = history.command(step.history)[:LOOKED_AT]
        if text.startswith("VOLUME "):
            for word in re.split(r"[\s,\"'\[\]]+", text[7:]):
                if word.startswith("/"):
                    path = normalise(word.encode("utf-8", "replace"))
                    found.setdefault(path, max(above, analysis.base_layers))
    return found

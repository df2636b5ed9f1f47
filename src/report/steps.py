"""The step that made a layer, as one short line."""

from ..analysis.model import LayerFigures
from ..formatting import cut, printable

NO_HISTORY = "(no history)"
_LOOKED_AT = 4000
"""Characters of a command that are looked at: a history may hold megabytes."""


def step(layer: LayerFigures, width: int = 80) -> str:
    """`RUN make install`, printable, at most `width` columns of it; `(no history)` if that does not tell."""
    return cut(printable(" ".join(layer.command[:_LOOKED_AT].split())), width) or NO_HISTORY

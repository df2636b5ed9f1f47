"""The step that made a layer, as one short line."""

from ..analysis.model import LayerFigures
from .wording import LOOKED_AT, short

NO_HISTORY = "(no history)"


def one_line(command: str, width: int = 80) -> str:
    """`RUN make install`, printable, at most `width` columns of it; `(no history)` if that does not tell."""
    return short(" ".join(command[:LOOKED_AT].split()), width) or NO_HISTORY


def step(layer: LayerFigures, width: int = 80) -> str:
    """The same of the command that made a layer."""
    return one_line(layer.command, width)

"""What it would cost to unpack layers once more, held against what reading the image has cost."""

from collections.abc import Iterable

from ..model import LayerFigures


def passed(layers: Iterable[LayerFigures]) -> int:
    """Bytes that were read when the image was opened: of packed layers as they are, if that is known."""
    return sum(layer.layer.compressed_bytes or layer.figures.stored for layer in layers)

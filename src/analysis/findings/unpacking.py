"""What it would cost to unpack layers once more, held against what reading the image has cost."""

from collections.abc import Iterable

from ..model import LayerFigures

FREE = 32 << 20
"""Bytes of packed layers that are unpacked once more whatever the size of the image."""


def allowed(layers: Iterable[LayerFigures]) -> int:
    """Packed bytes that may be passed once more: a third of those that were read in opening the image."""
    passed = sum(layer.layer.compressed_bytes or layer.figures.stored for layer in layers)
    return max(FREE, passed // 3)

"""What several images have in common: layers that an engine stores once."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .analyze import Analysis


class Sharing(NamedTuple):
    """The bytes of several images together."""

    stored: int
    """Bytes of all layers, each counted once: what an engine that has all of the images stores."""
    shared: tuple[int, ...]
    """By image: stored bytes of layers that another of the images has too."""


def share(analyses: Sequence[Analysis]) -> Sharing:
    """Hold images against each other, layer by layer.

    A layer is the same if it and all below it are, by their diff_ids: what the OCI image spec calls a chain
    (config.md, "Layer ChainID"), and engines store once. A layer without a diff_id is like no other.
    """
    chains = [list(_chains(number, analysis)) for number, analysis in enumerate(analyses)]
    owners = Counter(chain for image in chains for chain, _ in image)
    return Sharing(
        sum({chain: stored for image in chains for chain, stored in image}.values()),
        tuple(sum(stored for chain, stored in image if owners[chain] > 1) for image in chains),
    )


def _chains(image: int, analysis: Analysis) -> Iterator[tuple[bytes, int]]:
    """A digest of each layer and all below it, and the layer's stored bytes."""
    chain = hashlib.sha256()
    for layer in analysis.layers:
        identity = layer.layer.diff_id or f"image {image}, layer {layer.index}"
        chain.update(hashlib.sha256(identity.encode("utf-8", "surrogatepass")).digest())
        yield chain.digest(), layer.figures.stored

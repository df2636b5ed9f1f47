"""What a finding is: plain data for every view."""

import enum
from typing import NamedTuple


class Severity(enum.IntEnum):
    """How much it matters."""

    INFO = 0
    """Worth knowing; a well-made image may have it."""
    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Evidence(NamedTuple):
    """One place in the image that a finding is about."""

    path: bytes
    """A file, or a directory with all of it below; normalised, without a leading slash. Empty for a step."""
    size: int
    """Bytes that are stored there and counted in the finding."""
    files: int
    layer: int | None
    """Index of the layer that stores them; None for what is in no layer, such as the user."""
    what: str = ""
    """What is to be seen there, in words of ours; empty where the path says it."""


class Saving(NamedTuple):
    """What a finding saves in one layer."""

    layer: int
    """Index of the layer that gets smaller: of a file copied for its metadata, that of the copying step."""
    size: int
    """Stored bytes."""
    live: int
    """How many of them the final filesystem shows; at most `size`."""


class Finding(NamedTuple):
    """One thing to change."""

    id: str
    """Stable: what it is, as in the catalogue (docs/findings.md)."""
    title: str
    severity: Severity
    layers: tuple[int, ...]
    """Indices of the layers concerned; the first is the one whose step is to be changed. Empty for none."""
    evidence: tuple[Evidence, ...]
    """The largest first."""
    more: int
    """How many pieces of evidence there are beside."""
    saved: int
    """Stored bytes that go away if it is mended; no byte is in two findings of an image."""
    reason: str
    """Why that is so, in two sentences."""
    fix: str
    """What to write instead, as Dockerfile text; may be several lines."""
    savings: tuple[Saving, ...] = ()
    """`saved` by layer, the most first; empty if nothing is saved."""

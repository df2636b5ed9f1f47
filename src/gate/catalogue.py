"""Our rules: their names, what each asks for, and the shape of its limit."""

import enum
from typing import NamedTuple

from ..analysis.model import WasteKind


class Shape(enum.Enum):
    """What a limit is."""

    FRACTION = 'a fraction (0.95) or a percentage ("95%")'
    SIZE = 'a size ("20MB", "20MiB", 4096)'
    COUNT = "a whole number from 1"
    GROWTH = 'a size, a percentage or both ("10MB", "5%", "10MB, 5%": the larger is allowed)'
    PATHS = 'a list of globs (["*.pem", "/var/cache/**"])'
    SWITCH = '"fail", "warn" or "off"'
    """There is none: the rule asks for nothing at all of something."""


class Rule(NamedTuple):
    """A rule of ours."""

    name: str
    about: str
    """What it asks for, in a sentence without its full stop."""
    shape: Shape
    has_scope: bool = False
    """Whether it can be about the layers above the base image alone."""
    has_floor: bool = False
    """Whether so few wasted bytes can be named that it does not count."""


EFFICIENCY = "min-efficiency"
WASTED_BYTES = "max-wasted-bytes"
WASTED_PERCENT = "max-wasted-percent"
STORED_BYTES = "max-stored-bytes"
COMPRESSED_BYTES = "max-compressed-bytes"
LAYER_BYTES = "max-layer-bytes"
LAYERS = "max-layers"
FORBIDDEN_PATHS = "forbidden-paths"
FORBIDDEN_PATHS_EVER = "forbidden-paths-ever"
SETUID = "no-setuid"
SETGID = "no-setgid"
ROOT_USER = "no-root-user"
SECRETS = "no-secrets"
STORED_GROWTH = "max-stored-growth"
WASTED_GROWTH = "max-wasted-growth"
COMPRESSED_GROWTH = "max-compressed-growth"
EXPIRED_ACCEPTS = "expired-accepts"
UNUSED_ACCEPTS = "unused-accepts"

KIND_RULES = {f"max-{kind.value}-bytes": kind for kind in WasteKind}
"""The kind of waste that a rule limits."""

_KIND_ABOUT = {
    WasteKind.REMOVED: "the most bytes that are deleted later and shipped all the same",
    WasteKind.OVERWRITTEN: "the most bytes that are replaced later by something else",
    WasteKind.METADATA_ONLY: "the most bytes that are copied for a mode, an owner, a time or an xattr",
    WasteKind.REWRITTEN: "the most bytes that are written again with nothing new in them",
    WasteKind.SHADOWED: "the most bytes that stand twice in the tar of one layer",
}

_RULES = (
    Rule(EFFICIENCY, "the least part of the stored bytes that is live", Shape.FRACTION, True, True),
    Rule(WASTED_BYTES, "the most bytes that are stored and that no container can see", Shape.SIZE, True),
    Rule(WASTED_PERCENT, "the most of them per stored byte", Shape.FRACTION, True, True),
    *(Rule(name, _KIND_ABOUT[kind], Shape.SIZE, True) for name, kind in KIND_RULES.items()),
    Rule(STORED_BYTES, "the largest image: bytes of files in all layers, unpacked", Shape.SIZE, True),
    Rule(COMPRESSED_BYTES, "the largest download: the layers as stored or pulled", Shape.SIZE, True),
    Rule(LAYER_BYTES, "the largest layer, unpacked", Shape.SIZE, True),
    Rule(LAYERS, "the most layers", Shape.COUNT, True),
    Rule(FORBIDDEN_PATHS, "paths that the final image must not have", Shape.PATHS),
    Rule(FORBIDDEN_PATHS_EVER, "paths that no layer must have, deleted later or not", Shape.PATHS, True),
    Rule(SETUID, "no setuid files in the final image", Shape.SWITCH),
    Rule(SETGID, "no setgid files in the final image", Shape.SWITCH),
    Rule(ROOT_USER, "a user that is not root", Shape.SWITCH),
    Rule(SECRETS, "no keys, tokens or passwords, deleted later or not", Shape.SWITCH),
    Rule(STORED_GROWTH, "the most stored bytes more than in the baseline", Shape.GROWTH),
    Rule(WASTED_GROWTH, "the most wasted bytes more than in the baseline", Shape.GROWTH),
    Rule(COMPRESSED_GROWTH, "the most compressed bytes more than in the baseline", Shape.GROWTH),
    Rule(EXPIRED_ACCEPTS, "no entry of the accept list whose day is over (by itself: warn)", Shape.SWITCH),
    Rule(UNUSED_ACCEPTS, "no entry of the accept list that accepts nothing (by itself: warn)", Shape.SWITCH),
)

RULES = {rule.name: rule for rule in _RULES}
"""By name, in the order in which they are judged."""

_OF_WASTE = (EFFICIENCY, WASTED_BYTES, WASTED_PERCENT, *KIND_RULES)
OF_PATHS = (*_OF_WASTE, FORBIDDEN_PATHS, FORBIDDEN_PATHS_EVER, SETUID, SETGID, SECRETS)
"""What looks at paths, of which some can be accepted."""

"""The file of rules that `layerscope init` writes: every rule, with today's figures as limits."""

import json
import math
from collections.abc import Iterator, Sequence
from decimal import ROUND_FLOOR, Decimal

from ..analysis.analyze import Analysis
from ..formatting import printable, size
from . import contents
from .case import Case
from .catalogue import (
    COMPRESSED_BYTES,
    EFFICIENCY,
    KIND_RULES,
    LAYER_BYTES,
    LAYERS,
    ROOT_USER,
    RULES,
    SECRETS,
    STORED_BYTES,
    WASTED_BYTES,
)

_HEAD = """\
# The rules of layerscope --ci. Every limit below is what the image has today, or a little more: what is
# already there passes, and what makes it worse fails. docs/gate.md tells of every rule.
#
#   max-layers = 20                            fail above it
#   max-layers = { fail = 20, warn = 15 }      warn first
#   max-layers = { warn = 15 }                 warn only
#   max-layers = "off"
#
# { scope = "own" } is about the layers above the base image alone, { floor = "1MB" } lets a percentage
# count only from so many wasted bytes on.
"""
_PATHS = """
# Nothing of this may be in the final image; of the second list not in any layer, deleted later or not:
# whoever has the image has those too. As in a .gitignore, a pattern without a slash is a name anywhere.
"""
_KEYS = '["id_rsa", "id_ed25519", "*.pem", ".npmrc", ".netrc", ".git-credentials"]'
_GROWTH = """
# Against a baseline: layerscope IMAGE --json baseline.json --entries saves one, --baseline names it, or here
# before [rules]: baseline = "baseline.json". The larger of the two is allowed.
"""
_TAIL = """
# What is accepted all the same: paths, why, and for how long. An entry that is over, or that nothing
# needs any more, is told of.
# [[accept]]
# paths = ["/var/lib/dpkg/**"]
# reason = "the base image rewrites it"
# expires = {year}-12-31
# rules = ["max-overwritten-bytes"]      # of all rules if it is left out; or findings = ["documentation"]

# What holds for some images alone, beside or instead of the above.
# [[image]]
# match = "app:*"
# rules = {{ max-layers = 30 }}
"""


def starter(analyses: Sequence[Analysis], year: int) -> str:
    """The text of a file whose rules these images keep, the loosest of them setting the limit."""
    lines = [
        _HEAD,
        f"# Measured: {', '.join(printable(analysis.image.reference) for analysis in analyses)}",
        "[rules]",
        *_rules(analyses),
        _PATHS.rstrip(),
        '# forbidden-paths = [".git", "node_modules/.cache", "/var/lib/apt/lists/**", "*.pyc"]',
        f"# forbidden-paths-ever = {_KEYS}",
        _GROWTH.rstrip(),
        '# max-stored-growth = "10MB, 5%"',
        '# max-wasted-growth = "1MB"',
        '# max-compressed-growth = "5MB, 5%"',
    ]
    return "\n".join(lines) + "\n" + _TAIL.format(year=year)


def _rules(analyses: Sequence[Analysis]) -> Iterator[str]:
    for name, value in _figures(analyses):
        yield f"{f'{name} = {value}':40}  # {RULES[name].about}"


def _figures(analyses: Sequence[Analysis]) -> Iterator[tuple[str, str]]:
    yield EFFICIENCY, json.dumps(_percent(min(analysis.totals.efficiency for analysis in analyses)))
    yield WASTED_BYTES, _size(max(analysis.totals.wasted for analysis in analyses))
    for name, kind in KIND_RULES.items():
        yield name, _size(max(analysis.waste_by_kind[kind] for analysis in analyses))
    yield STORED_BYTES, _size(max(analysis.totals.stored for analysis in analyses))
    compressed = [analysis.compressed_bytes for analysis in analyses]
    known = [count for count in compressed if count is not None]
    if known and len(known) == len(compressed):
        yield COMPRESSED_BYTES, _size(max(known))
    layers = [layer.figures.stored for analysis in analyses for layer in analysis.layers]
    yield LAYER_BYTES, _size(max(layers, default=0))
    yield LAYERS, str(max(1, *(len(analysis.layers) for analysis in analyses)))
    if all(analysis.has_entries for analysis in analyses):
        cases = [Case(analysis) for analysis in analyses]
        for name in contents.BITS:
            yield name, _switch(any(contents.files_with(case, name) for case in cases))
        yield SECRETS, _switch(any(contents.secrets(case, SECRETS) for case in cases))
    yield ROOT_USER, _switch(any(contents.is_root(one.image.config.get("User")) for one in analyses))


def _percent(fraction: float) -> str:
    """Rounded down to a tenth of a percent, so that the figure keeps it."""
    return f"{(Decimal(repr(fraction)) * 100).quantize(Decimal('0.1'), ROUND_FLOOR):f}%"


def _size(count: int) -> str:
    """Rounded up to two digits of its unit, or the very bytes where that is no size."""
    if count < 1000:
        return f'"{count}B"'
    step = 10 ** (int(math.log10(count)) - 1)
    shown = size(-(-count // step) * step).replace(" ", "")
    return f'"{shown}"'


def _switch(is_broken: bool) -> str:
    return '"off"' if is_broken else '"fail"'

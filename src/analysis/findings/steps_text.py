"""Steps of an image written into the Dockerfile text of a fix."""

import re
from collections.abc import Iterable

from ..analyze import Analysis

IGNORED = "# in .dockerignore, beside the Dockerfile:"
_LONGEST = 600
"""Characters of a command that a fix repeats."""
_MOST_NAMES = 6
_METADATA_ONLY = re.compile(r"(?:chown|chmod|chgrp|touch|setcap)\s[^|;&]*$")
_SEVERAL = re.compile(r";|\|\|")
_BROKEN = re.compile(r"\s*&&\s{2,}|\s{2,}&&\s*")
"""Where the Dockerfile had the end of a line, of which the history keeps the blanks."""
_PLAIN = re.compile(r"[\w.,/@+:=-]+", re.ASCII)
"""Paths that a shell takes as they are; what else there is in an image is not put into a command."""
_COPY = re.compile(r"(?:COPY|ADD)\s")


def run_of(analysis: Analysis, layer: int) -> str:
    """What the step of a layer runs, if it is a RUN that can be written with more behind it; else empty."""
    command = analysis.layers[layer].command
    if not command.startswith("RUN ") or len(command) > _LONGEST:
        return ""
    body = command[4:].replace("\t", " ").strip().rstrip("; ")
    if not body.isprintable() or "<<" in body or body.startswith(("--", "[")) or body.endswith(("&", "\\")):
        return ""
    return body


def is_metadata_only(command: str) -> bool:
    """Whether a command only changes files that others wrote."""
    return _METADATA_ONLY.match(command) is not None


def is_copy(analysis: Analysis, layer: int) -> bool:
    """Whether COPY or ADD above the base image made the layer."""
    return layer >= analysis.base_layers and _COPY.match(analysis.layers[layer].command) is not None


def run(*commands: str) -> str:
    """One RUN of some commands, each on a line; it fails if one of them does."""
    first, *others = (_BROKEN.sub(" \\\n && ", command) for command in commands)
    grouped = (f"{{ {one}; }}" if _SEVERAL.search(one) else one for one in others)
    return "RUN " + " \\\n && ".join([first, *grouped])


def told(own: Iterable[str], of_base: Iterable[str]) -> str:
    """Texts of the image's own steps, and then those of steps that the base image is made of; each once."""
    theirs = list(dict.fromkeys(of_base))
    if theirs:
        theirs.insert(0, "# in the Dockerfile of the base image:")
    return "\n".join([*dict.fromkeys(own), *theirs])


def names(paths: Iterable[bytes], *, root: str = "/", most: int = _MOST_NAMES) -> str:
    """Paths as words of a shell command; empty where they are too many, or one is none for a shell."""
    words = sorted({path.decode("utf-8", "replace") for path in paths})
    if not 0 < len(words) <= most or not all(_PLAIN.fullmatch(word) for word in words):
        return ""
    return " ".join(root + word for word in words)


def ignored(paths: Iterable[bytes]) -> str:
    """What keeps paths, by their last component, out of a COPY; empty as `names` is."""
    patterns = names((path.rpartition(b"/")[2] for path in paths), root="**/").split()
    return "\n".join([IGNORED, *patterns]) if patterns else ""

"""What the user typed, taken apart: where the bytes of an image are."""

import enum
import re
from pathlib import Path
from typing import NamedTuple

from ..errors import SourceError, UnsupportedError


class Origin(enum.Enum):
    """Kinds of places."""

    STDIN = "standard input"
    PATH = "a file or directory"


class Reference(NamedTuple):
    """A place, and the tag that a skopeo-like reference carries behind it."""

    origin: Origin
    path: Path
    tag: str = ""


_MAX_COLONS = 20
_SCHEME = re.compile(r"(docker-archive|docker-tar|oci-archive|oci|docker|podman):(?://)?(.*)\Z", re.DOTALL)


def parse(text: str) -> Reference:
    """Take a reference apart: an existing path, `-`, or `scheme:rest`.

    dive's spellings (`docker-archive://PATH`, `docker-tar://PATH`) and skopeo's (`oci:PATH[:TAG]`) both
    work. The scheme only says that a path follows: what the bytes are, they tell themselves.
    """
    if text == "-":
        return Reference(Origin.STDIN, Path("-"))
    if _exists(text):
        return Reference(Origin.PATH, Path(text))
    match = _SCHEME.match(text)
    if not text:
        raise SourceError("the name of the image is empty", "Is a variable not set?")
    if match is None:
        raise SourceError(f"there is no file or directory {text}", _name_hint(text))
    scheme, rest = match.groups()
    if scheme in ("docker", "podman"):
        raise UnsupportedError(
            f"{text} names an image in an engine, which is not supported yet", _name_hint(rest)
        )
    if rest == "-":
        return Reference(Origin.STDIN, Path("-"))
    if not rest:
        raise SourceError(f"{text} names no file", f"Put a path behind it: {scheme}:PATH")
    if _exists(rest):
        return Reference(Origin.PATH, Path(rest))
    for colon in reversed([at for at, char in enumerate(rest) if char == ":"][:_MAX_COLONS]):
        if _exists(rest[:colon]):  # a tag may have a colon too: oci:PATH:registry.example:5000/app:1
            return Reference(Origin.PATH, Path(rest[:colon]), rest[colon + 1 :])
    raise SourceError(f"there is no file or directory {rest}", "Is the path right, and readable from here?")


def _exists(text: str) -> bool:
    try:
        return bool(text) and Path(text).exists()
    except (OSError, ValueError):  # a name too long, one with a NUL
        return False


def _name_hint(name: str) -> str:
    shown = name if re.fullmatch(r"[\w.:/@-]{1,200}", name, re.ASCII) else "IMAGE"
    return f"To measure an image of an engine: docker save {shown} | layerscope -"

"""What the user typed, taken apart: where the bytes of an image are."""

import enum
import re
from pathlib import Path
from typing import NamedTuple

from ..errors import SourceError
from .names import is_file_name, is_image_name


class Origin(enum.Enum):
    """Kinds of places."""

    STDIN = "standard input"
    PATH = "a file or directory"
    DOCKER = "a Docker engine"
    PODMAN = "Podman"
    ENGINE = "whichever engine knows the image"


class Reference(NamedTuple):
    """A place, and the tag that a skopeo-like reference carries behind it."""

    origin: Origin
    path: Path
    tag: str = ""
    name: str = ""
    """Of the image, if its place is an engine."""


_MAX_COLONS = 20
_ENGINES = {"docker": Origin.DOCKER, "podman": Origin.PODMAN}
_SCHEME = re.compile(r"(docker-archive|docker-tar|oci-archive|oci|docker|podman):(?://)?(.*)\Z", re.DOTALL)


def parse(text: str) -> Reference:
    """Take a reference apart: an existing path, `-`, `scheme:rest`, or the name of an image in an engine.

    dive's spellings (`docker-archive://PATH`, `docker-tar://PATH`) and skopeo's (`oci:PATH[:TAG]`) both
    work. The scheme only says that a path follows: what the bytes are, they tell themselves; but
    `docker://` and `podman://` name an engine. A name is checked, and never looked up here.
    """
    if text == "-":
        return Reference(Origin.STDIN, Path("-"))
    if _exists(text):
        return Reference(Origin.PATH, Path(text))
    match = _SCHEME.match(text)
    if not text:
        raise SourceError("the name of the image is empty", "Is a variable not set?")
    if match is None:
        return _in_an_engine(text)
    scheme, rest = match.groups()
    if scheme in _ENGINES:
        if not text.startswith(f"{scheme}://"):
            return _in_an_engine(text)  # docker:28 is an image too, and no tool leaves out the slashes
        if not is_image_name(rest):
            raise SourceError(f"{text} names no image", f"Put a name behind it: {scheme}://NAME:TAG")
        return Reference(_ENGINES[scheme], Path(), name=rest)
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


def _in_an_engine(text: str) -> Reference:
    if is_image_name(text) and not is_file_name(text):
        return Reference(Origin.ENGINE, Path(), name=text)
    raise SourceError(
        f"there is no file or directory {text}",
        "Is the path right, and readable from here? An image of an engine has a name like app:1.",
    )


def _exists(text: str) -> bool:
    try:
        return bool(text) and Path(text).exists()
    except (OSError, ValueError):  # a name too long, one with a NUL
        return False

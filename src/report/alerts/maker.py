"""One thing to look at in a review, and how it is made of what is known of an image."""

import enum
import hashlib
import os
from pathlib import Path
from typing import AnyStr, NamedTuple

from ...analysis.model import Image
from ...formatting import cut, printable
from ..steps import NO_HISTORY, step
from ..subject import Failure, Subject
from ..wording import LOOKED_AT, short

DOCKERFILE = "Dockerfile"
"""Where an alert points if nothing says where: most repositories have one."""
UNREADABLE = "unreadable-image"
"""The rule of a `Failure`."""

_LONGEST_TEXT = 200
_LONGEST_COMMAND = 120


class Level(enum.StrEnum):
    """How bad it is, the worst first; the values are those of SARIF."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Alert(NamedTuple):
    """One thing to look at. Texts are printable and on one line."""

    rule: str
    """Name of a rule, or `waste-` and a kind of waste."""
    level: Level
    message: str
    """One sentence."""
    image: str
    """What the user typed, cut."""
    path: bytes
    """Of the image, without a leading slash: a file, or the directory all of it lies in; may be empty."""
    size: int
    """Bytes it is about; 0 if it is about none."""
    layer: int | None
    """The index of the layer that is to blame, if one is."""
    line: tuple[int, int] | None
    """First and last line of that layer's step in `file`, from 1."""
    file: str
    """Where it points, as a repository knows it: relative, with forward slashes."""
    fingerprint: str
    """Hexadecimal. Equal in the next build if this is still there: no layer's index and no size is in it."""
    accepted: str
    """Why it is accepted; empty if it is not."""


class Maker:
    """Makes the alerts of one image: knows its steps, and where in the repository they stand."""

    def __init__(self, subject: Subject) -> None:
        image, judgement = subject.analysis.image, subject.judgement
        self._image = shown_name(image.reference)
        self._identity = _identity(image)
        self._layers = subject.analysis.layers
        self._lines = subject.lines.by_layer if subject.lines is not None else {}
        named = subject.lines.path if subject.lines else judgement.file if judgement else ""
        self._file = _in_repository(named)

    def step(self, layer: int) -> str:
        """The command of a layer, or which layer it is."""
        command = step(self._layers[layer], _LONGEST_COMMAND)
        return f"layer {layer}" if command == NO_HISTORY else command

    def alert(
        self,
        rule: str,
        level: Level,
        message: str,
        *layers: int,
        path: bytes = b"",
        size: int = 0,
        is_about: bytes = b"",
        accepted: str = "",
    ) -> Alert:
        """The first layer is to blame; where its line is not known, that of the next will do.

        `is_about` is what tells it from others of its rule and its layers' commands, in every build.
        """
        commands = (self._layers[layer].command for layer in layers)
        return Alert(
            rule=rule,
            level=level,
            message=message,
            image=self._image,
            path=path,
            size=size,
            layer=layers[0] if layers else None,
            line=next((self._lines[layer] for layer in layers if layer in self._lines), None),
            file=self._file,
            fingerprint=digest(self._identity, rule, is_about, *commands),
            accepted=accepted,
        )


def of_failure(failure: Failure) -> Alert:
    """An image that could not be read, as an error."""
    return Alert(
        rule=UNREADABLE,
        level=Level.ERROR,
        message=shown_text(failure.message, LOOKED_AT),
        image=shown_name(failure.reference),
        path=b"",
        size=0,
        layer=None,
        line=None,
        file=DOCKERFILE,
        fingerprint=digest(UNREADABLE, _without_tag(failure.reference)),
        accepted="",
    )


def digest(*parts: str | bytes) -> str:
    """A fingerprint of these texts."""
    raw = (part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass") for part in parts)
    return hashlib.sha256(b"\0".join(raw)).hexdigest()


def shown_text(text: str, width: int = _LONGEST_TEXT) -> str:
    """What a message has room for, printable."""
    return short(text, width)


def shown_name(name: AnyStr) -> str:
    """The same of a name or a path, whose end says more than its middle."""
    if len(name) > LOOKED_AT:  # the middle is cut anyway
        half = LOOKED_AT // 2
        name = name[:half] + name[-half:]
    return cut(printable(name), _LONGEST_TEXT, keep_end=True)


def _identity(image: Image) -> str:
    """What an image is called in every build: without tag and digest, which change with each.

    A tag that an archive holds says more than the name of its file.
    """
    typed = _without_tag(image.reference)
    names = {_without_tag(tag) for tag in image.tags}
    return typed if typed in names else min(names, default=typed)


def _without_tag(reference: str) -> str:
    text = (reference.partition("://")[2] or reference).partition("@")[0]
    folder, slash, name = text.rpartition("/")
    return folder + slash + name.partition(":")[0]


def _in_repository(name: str) -> str:
    """A file as seen from the current folder; of one that lies elsewhere only its name is told."""
    if name in ("", "-"):
        return DOCKERFILE
    path = Path(name)
    try:
        if path.is_absolute():  # either may be reached through a link
            path = (path.parent.resolve() / path.name).relative_to(Path.cwd().resolve())
        path = Path(os.path.normpath(path))
    except (OSError, RuntimeError, ValueError):
        path = Path(path.name)
    return printable(path.name if ".." in path.parts else path.as_posix())

"""What an image says of the image it was built on, and how many of its layers are that one's."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress

from ..analysis.model import BaseImage
from ..errors import LayerscopeError
from .documents import mapping, text

_NAME = "org.opencontainers.image.base.name"
_DIGEST = "org.opencontainers.image.base.digest"
"""Of its manifest (OCI image spec, annotations.md)."""
_SOUND_NAME = re.compile(r"[a-z0-9][\w.-]*(?:[/:][\w.-]+)*(?:@sha256:[0-9a-f]{64})?", re.ASCII)
_SOUND_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_LONGEST = 500
"""Characters of a name that is looked up."""

DiffIds = Sequence[str]


def said_of_base(*sources: object) -> BaseImage:
    """What annotations and labels say; the first of the sources that says something counts."""
    found = [mapping(source) for source in sources]
    name, digest = (
        next((said for one in found if (said := text(one.get(key)))), "") for key in (_NAME, _DIGEST)
    )
    return BaseImage(name, digest if _SOUND_DIGEST.fullmatch(digest) else "")


def names_to_ask_for(base: BaseImage) -> list[str]:
    """The names under which an engine may have it, the most exact first; none that means something else."""
    name = base.name if len(base.name) <= _LONGEST and _SOUND_NAME.fullmatch(base.name) else ""
    if not name:
        return []
    bare = name.partition("@")[0]
    folder, slash, last = bare.rpartition("/")
    exact = f"{folder}{slash}{last.partition(':')[0]}@{base.digest}"
    return [exact, bare] if base.digest else [name]


def with_layers(base: BaseImage, own: DiffIds, ask: Callable[[], DiffIds | None]) -> BaseImage:
    """With the number of its layers, if what `ask` finds are the lowest of the image's own, and not all.

    Whoever cannot be asked knows nothing.
    """
    theirs: DiffIds | None = None
    with suppress(LayerscopeError):
        theirs = ask()
    if theirs and len(theirs) < len(own) and tuple(own[: len(theirs)]) == tuple(theirs):
        return base._replace(layers=len(theirs))
    return base

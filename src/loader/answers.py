"""What an engine answers, read without trust: described images, lists, the lines of a pull."""

import json
import re
from collections.abc import Iterator
from typing import Any

from ..analysis.model import LocalImage
from ..errors import DamagedError, SourceError
from . import limits
from .documents import Document, array, count, mapping, strings, text
from .engine import Described
from .manifest import platform_name
from .names import is_id, is_image_name
from .streams import Chunks

_MAX_LINE = 1 << 20
_MAX_TEXT = 500


def document(raw: bytes, engine: str) -> Any:
    """The JSON of an answer; SourceError if it is none."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise SourceError(
            f"{engine} answers with something that is no JSON", "Is it an engine at all?"
        ) from None


def described(raw: bytes, engine: str) -> Described:
    """An image as Docker's API and `podman image inspect` have it."""
    answer = document(raw, engine)
    image = mapping(answer[0] if isinstance(answer, list) and answer else answer)
    identity = _whole_id(text(image.get("Id")))
    if not is_id(identity):
        raise SourceError(f"{engine} gives the image an id that is none")
    platform = platform_name({key.lower(): image.get(key) for key in ("Os", "Architecture", "Variant")})
    layers = strings(mapping(image.get("RootFS")).get("Layers"))
    return Described(identity, strings(image.get("RepoTags")), platform, count(image.get("Size")), layers)


def images(raw: bytes, engine: str) -> list[LocalImage]:
    """A list of images, as Docker's API and `podman image list` have it; one for each name of an image."""
    found = []
    for answer in array(document(raw, engine)):
        image = mapping(answer)
        identity = _whole_id(text(image.get("Id")))
        names = dict.fromkeys((*strings(image.get("RepoTags")), *strings(image.get("Names"))))
        size, created = count(image.get("Size")), count(image.get("Created"))
        for name in [name for name in names if name != "<none>:<none>"] or [""]:
            opens = name if is_image_name(name) else identity
            if is_image_name(opens):
                reference = f"{engine.lower()}://{opens}"
                found.append(LocalImage(reference, name, identity, size, created, engine))
    return found


def _whole_id(said: str) -> str:
    """An id with its algorithm, which Podman's command leaves out."""
    return f"sha256:{said}" if re.fullmatch("[0-9a-f]{64}", said) else said


def message(raw: bytes) -> str:
    """What an answer that is an error says, on one line."""
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        said = raw.decode("utf-8", "replace")
    found = said if isinstance(said, str) else _complaint(mapping(said))
    return brief_line(found) or "it does not say why"


def _complaint(said: Document) -> str:
    detail = text(mapping(said.get("errorDetail")).get("message"))
    return detail or text(said.get("message")) or text(said.get("error")) or text(said.get("cause"))


def brief_line(said: str) -> str:
    """A text on one line, and not a long one."""
    line = " ".join(said.split())
    return line if len(line) <= _MAX_TEXT else line[:_MAX_TEXT] + "…"


def complaint_in(tail: bytes) -> str:
    """What Docker writes into an archive that it cannot finish; empty if it wrote nothing."""
    at = tail.rfind(b'{"errorDetail"')
    return message(tail[at:].strip()) if at >= 0 else ""


class PullFailed(Exception):  # noqa: N818 - it is what happened
    """The engine could not pull, and says why."""


def pulled(chunks: Chunks) -> Iterator[tuple[int, int | None]]:
    """From the lines that come with a pull: bytes that have come, and how many there will be.

    Raises PullFailed with what the engine says.
    """
    layers: dict[str, tuple[int, int]] = {}
    for line in _lines(chunks):
        try:
            said = mapping(json.loads(line))
        except (ValueError, RecursionError):
            continue
        if "error" in said or "errorDetail" in said:
            raise PullFailed(brief_line(_complaint(said)) or "it does not say why")
        layer, detail = text(said.get("id")), mapping(said.get("progressDetail"))
        done, total = count(detail.get("current")), count(detail.get("total"))
        status = text(said.get("status"))
        if status == "Downloading" and done is not None and total and len(layers) < limits.MAX_MANIFESTS:
            layers[layer] = (min(done, total), total)
        elif status in ("Download complete", "Pull complete") and layer in layers:
            layers[layer] = (layers[layer][1],) * 2
        yield sum(one for one, _ in layers.values()), sum(all_ for _, all_ in layers.values()) or None


def _lines(chunks: Chunks) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > _MAX_LINE:
            raise DamagedError("the engine sends a line that does not end")
        yield from filter(None, lines)
    if rest:
        yield rest

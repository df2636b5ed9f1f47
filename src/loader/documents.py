"""JSON out of an archive: parsed, checked against its digest, and read field by field without trust."""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any

from ..errors import DamagedError, LimitError
from . import limits
from .store import Store, brief

Document = Mapping[str, Any]

_SHA256_NAME = re.compile(r"(?:^|/)(?:sha256[:/])?([0-9a-f]{64})(?:\.json)?\Z")


def load(store: Store, name: str, role: str) -> Any:
    """The JSON behind a name; DamagedError if it is missing, is no JSON or is not what its name says.

    `role` names the document in errors ("the config", "the image manifest"). Archives name their
    documents by SHA-256, which is held against the bytes.
    """
    raw = store.document(name)
    named = f"{role} ({brief(name)})"
    if raw is None:
        raise DamagedError(f"{named} is missing from {store.label}", "Is the archive complete?")
    match = _SHA256_NAME.search(name)
    if match and hashlib.sha256(raw).hexdigest() != match.group(1):
        raise DamagedError(f"{named} in {store.label} does not match its digest")
    try:
        document = json.loads(raw, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError):
        raise DamagedError(f"{named} in {store.label} is no valid JSON") from None
    if _is_deeper(document, limits.MAX_JSON_DEPTH):
        raise LimitError(f"{named} in {store.label} nests more than {limits.MAX_JSON_DEPTH} deep")
    return document


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON")  # NaN and infinity: Python reads and writes them, nobody else


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text} is too large")
    return value


def _is_deeper(document: object, depth: int) -> bool:
    """Whether arrays and objects stand more than `depth` deep in each other."""
    level = [document]
    for _ in range(depth):
        level = [
            child
            for value in level
            if isinstance(value, dict | list)
            for child in (value.values() if isinstance(value, dict) else value)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def digest_of(raw: bytes) -> str:
    """A digest as OCI writes it."""
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def mapping(value: object) -> Document:
    """The value if it is an object, and an empty one if it is anything else."""
    return value if isinstance(value, dict) else {}


def array(value: object) -> list[Any]:
    """The value if it is an array, and an empty one if it is anything else."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """The value if it is a string, and an empty one if it is anything else."""
    return value if isinstance(value, str) else ""


def strings(value: object) -> tuple[str, ...]:
    """The strings of an array."""
    return tuple(item for item in array(value) if isinstance(item, str))


def count(value: object) -> int | None:
    """The value if it is a whole number of zero or more."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

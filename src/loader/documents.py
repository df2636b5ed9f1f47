"""JSON out of an archive: parsed, checked against its digest, and read field by field without trust."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from ..errors import DamagedError
from .store import Store

Document = Mapping[str, Any]

_SHA256_NAME = re.compile(r"(?:^|/)(?:sha256[:/])?([0-9a-f]{64})(?:\.json)?\Z")


def load(store: Store, name: str, role: str) -> Any:
    """The JSON behind a name; DamagedError if it is missing, is no JSON or is not what its name says.

    `role` names the document in errors ("the config", "the image manifest"). Archives name their
    documents by SHA-256, which is held against the bytes.
    """
    raw = store.document(name)
    if raw is None:
        raise DamagedError(f"{role} {name} is missing from {store.label}", "Is the archive complete?")
    match = _SHA256_NAME.search(name)
    if match and hashlib.sha256(raw).hexdigest() != match.group(1):
        raise DamagedError(f"{role} {name} in {store.label} does not match its digest")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise DamagedError(f"{role} {name} in {store.label} is no valid JSON") from None


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

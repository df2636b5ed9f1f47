"""What was kept of an archive that went by, as bytes to keep longer: all but what its layers hold.

JSON packed with zstd. A layer is told by the digest of its tar, under which there is a record of its own.
Bytes that are no record, or not all of one, are None and never an error.
"""

import json
import re
import sys
from typing import Any, NamedTuple

from .compression import MAGIC_BYTES, Codec
from .passing import Kept

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_BYTES = 16 << 20
"""Of a record before it is packed. Documents have some 100 KB; more of them are cheaper read again."""
_DIGEST = re.compile("sha256:[0-9a-f]{64}")
_DAMAGE = (ValueError, TypeError, LookupError, RecursionError, zstd.ZstdError)


class TarFacts(NamedTuple):
    """A member that is a tar: where it was, and what is known of its bytes."""

    start: int
    length: int
    codec: Codec
    blob_digest: str
    tar_digest: str


class ArchiveRecord(NamedTuple):
    """An archive that went by, but for its tars, and what tells those."""

    kept: Kept
    """Without tars: they are put there as they are needed."""
    tars: dict[str, TarFacts]


def pack(kept: Kept) -> bytes | None:
    """The record as bytes; None for an archive with members that are broken or large, which nobody has."""
    if kept.broken or kept.refused or sum(map(len, kept.documents.values())) > MAX_BYTES:
        return None
    tars = {
        name: TarFacts(start, length, scanned.codec, scanned.blob_digest, scanned.tar_digest)
        for name, (start, length, scanned) in kept.tars.items()
    }
    # Names with bytes that are no UTF-8 hold lone surrogates, which JSON keeps as escapes.
    text = json.dumps([_texts(kept.documents), _texts(kept.heads), kept.links, tars], separators=(",", ":"))
    return zstd.compress(text.encode()) if len(text) <= MAX_BYTES else None


def unpack(data: bytes) -> ArchiveRecord | None:
    """The record in bytes that `pack` made; None for any others."""
    try:
        unpacker = zstd.ZstdDecompressor()
        text = unpacker.decompress(data, MAX_BYTES)
        if not unpacker.eof or unpacker.unused_data:
            return None
        documents, heads, links, tars = map(_members, json.loads(text))
        kept = Kept(_bytes(documents), _bytes(heads), {name: _text(link) for name, link in links.items()})
        if any(len(head) > MAGIC_BYTES for head in kept.heads.values()):
            return None
        return ArchiveRecord(kept, {name: _facts(*facts) for name, facts in tars.items()})
    except _DAMAGE:
        return None


def _texts(members: dict[str, bytes]) -> dict[str, str]:
    return {name: content.decode("latin-1") for name, content in members.items()}


def _bytes(members: dict[str, Any]) -> dict[str, bytes]:
    return {name: _text(content).encode("latin-1") for name, content in members.items()}


def _members(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _facts(start: int, length: int, codec: str, blob_digest: str, tar_digest: str) -> TarFacts:
    sound = type(start) is int and type(length) is int and start >= 0 and length >= 0
    if not sound or not _DIGEST.fullmatch(blob_digest) or not _DIGEST.fullmatch(tar_digest):
        raise ValueError
    return TarFacts(start, length, Codec(codec), blob_digest, tar_digest)

"""Digests by which the contents of files are compared.

XXH3-128 with a secret seed: ten times as fast as the machine can decompress, and nobody can prepare two
contents that collide. Blobs and layers are checked by SHA-256, never by these.

Only digests of one seed can be compared. It is handed down from `open_image`: a cache has one of its own,
because it keeps digests from run to run; without a cache it is `RUN_SEED`.
"""

import secrets

from xxhash import xxh3_128, xxh3_128_digest

DIGEST_SIZE = 16
"""Bytes of a digest."""

Seed = int
"""64 bits."""

RUN_SEED: Seed = secrets.randbits(64)
"""Of this run alone."""


def digest_of(content: bytes | memoryview, seed: Seed) -> bytes:
    """The digest of a content held in memory."""
    return xxh3_128_digest(content, seed)


class Hasher:
    """The same digest of a content that comes in pieces."""

    def __init__(self, seed: Seed) -> None:
        self._state = xxh3_128(seed=seed)

    def update(self, piece: bytes | memoryview) -> None:
        """Take the next piece."""
        self._state.update(piece)

    def digest(self) -> bytes:
        """The digest of all pieces so far."""
        return self._state.digest()

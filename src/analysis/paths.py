"""Names from a tar, normalised at this one door: `./a//b/`, `/a/b` and `a/b` are one path."""

WHITEOUT = b".wh."
OPAQUE = b".wh..wh..opq"
RESERVED = b".wh..wh."
"""AUFS' own bookkeeping (`.wh..wh.plnk` and the like): neither files nor whiteouts."""

ODD = frozenset((b"", b".", b".."))
"""Components that a normalised path does not have."""


def parts(name: bytes) -> list[bytes]:
    """The components of a path inside the root; `..` goes up as far as the root and no further."""
    found = name.split(b"/")
    if ODD.isdisjoint(found):
        return found
    cleaned: list[bytes] = []
    for part in found:
        if part == b"..":
            if cleaned:
                cleaned.pop()
        elif part and part != b".":
            cleaned.append(part)
    return cleaned


def normalise(name: bytes) -> bytes:
    """The path without leading, trailing and double slashes, `.` and `..`; empty for the root."""
    return b"/".join(parts(name))


def split(name: bytes) -> tuple[bytes, bytes]:
    """Directory and last component of a name, for names that need no more than their slashes trimmed.

    The directory may still hold odd components; the last one never does (empty: the root itself).
    """
    head, _, tail = name.rpartition(b"/")
    if not tail:  # most directories: their name ends with a slash
        head, _, tail = head.rpartition(b"/")
    if tail in ODD:
        head, _, tail = normalise(name).rpartition(b"/")
    return head, tail

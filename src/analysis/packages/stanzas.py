"""Text in stanzas with an empty line between them, as dpkg and apk keep it. Nothing is split all at once."""

import re
from collections.abc import Collection, Iterator
from io import BytesIO

from ...errors import LimitError

MAX_STANZAS = 500_000
_STANZA = re.compile(rb"[^\n]++(?:\n[^\n]++)*+")  # nothing to go back to: no memory for it


def stanzas(data: bytes) -> Iterator[bytes]:
    """The stanzas, none of them empty; LimitError once there are too many."""
    for number, match in enumerate(_STANZA.finditer(data)):
        if number == MAX_STANZAS:
            raise LimitError(f"a database of packages has more than {MAX_STANZAS} stanzas")
        yield match[0]


def lines(data: bytes) -> Iterator[bytes]:
    """The lines without their ends."""
    return (line.rstrip(b"\r\n") for line in BytesIO(data))


def fields(stanza: bytes, wanted: Collection[bytes]) -> dict[bytes, bytes]:
    """The wanted fields (lower case) of `Name: value` lines; of a value of several lines the first.

    The first of several fields of one name counts.
    """
    found: dict[bytes, bytes] = {}
    for line in BytesIO(stanza):
        if line[0] in b" \t":  # of a value of several lines: most of the text
            continue
        name, colon, value = line.partition(b":")
        if colon and len(name) < 40 and (key := name.lower()) in wanted:
            found.setdefault(key, value.strip())
    return found

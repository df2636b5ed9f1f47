"""Java: an archive is a package of its own, and its name and version are in the name of the file."""

from collections.abc import Iterable, Iterator

from .package import Claim, text
from .survey import File

MANAGER = "java"


def claims(archives: Iterable[File]) -> Iterator[Claim]:
    """A package for each archive."""
    for file in archives:
        name, version = _name_and_version(file.name.rpartition(b".")[0])
        yield Claim(MANAGER, text(name or file.name), text(version), None, (file.node,))


def _name_and_version(stem: bytes) -> tuple[bytes, bytes]:
    """Maven's way, `artifact-version`: the version begins behind the first hyphen before a digit."""
    at = stem.find(b"-", 1)
    while at >= 0:
        if stem[at + 1 : at + 2].isdigit():
            return stem[:at], stem[at + 1 :]
        at = stem.find(b"-", at + 1)
    return stem, b""

"""Which small files the findings read: to be kept as they pass, where reading them later takes its time.

All that is read to find what is installed and whether secrets lie open, up to some size.
"""

from functools import cache

from ..paths import normalise
from .secret_lookup import SecretFiles
from .secret_search import MOST_OF_A_FILE

_LARGEST = 8 << 20
"""Bytes of a database of packages; the status of a full desktop has half of it."""
_OF_DPKG = b"var/lib/dpkg"
_DATABASES = frozenset(
    (
        _OF_DPKG + b"/status",
        _OF_DPKG + b"/diversions",
        b"var/lib/apt/extended_states",
        b"lib/apk/db/installed",
    )
)
_NAMES = frozenset(path.rpartition(b"/")[2] for path in _DATABASES)
_LISTS = _OF_DPKG + b"/info"


def is_kept(name: bytes, size: int) -> bool:
    """Whether to keep the content of a file, as `model.Keeps` says; in half a microsecond for most."""
    head, _, last = name.rpartition(b"/")
    if last[-5:] == b".list":
        return size <= _LARGEST and normalise(head) == _LISTS
    files = _secret_files()
    if size <= MOST_OF_A_FILE and (
        last in files.names
        or last[-4:] in files.endings
        or last[:4] in files.beginnings
        or head.rpartition(b"/")[2] in files.folders
    ):
        return files.of(normalise(head), last) is not None
    return last in _NAMES and size <= _LARGEST and normalise(name) in _DATABASES


@cache
def _secret_files() -> SecretFiles:
    return SecretFiles()

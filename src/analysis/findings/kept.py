"""Which small files the findings read: to be kept as they pass, where reading them later takes its time.

All that is read to find what is installed, for what, and whether secrets lie open, up to some size.
"""

from functools import cache

from ..paths import normalise
from .node_lock import MAX_LOCK, MAX_MANIFEST
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
_LOCK, _MANIFEST = b".package-lock.json", b"package.json"
_MODULES = b"node_modules"
_OF_DEBIAN = b"usr/share/nodejs/"
"""Where Debian has packages of Node.js, each with a manifest and in no `node_modules`."""
_LISTS = _OF_DPKG + b"/info"


def is_kept(name: bytes, size: int) -> bool:
    """Whether to keep the content of a file, as `model.Keeps` says; in half a microsecond for most."""
    head, _, last = name.rpartition(b"/")
    if last[-5:] == b".list":
        return size <= _LARGEST and normalise(head) == _LISTS
    if last in (_LOCK, _MANIFEST):
        return size <= (MAX_LOCK if last == _LOCK else MAX_MANIFEST) and _is_of_project(normalise(head), last)
    files = _secret_files()
    if size <= MOST_OF_A_FILE and (
        last in files.names
        or last[-4:] in files.endings
        or last[:4] in files.beginnings
        or head.rpartition(b"/")[2] in files.folders
    ):
        return files.of(normalise(head), last) is not None
    return last in _NAMES and size <= _LARGEST and normalise(name) in _DATABASES


def _is_of_project(folder: bytes, name: bytes) -> bool:
    """Whether npm's lock or a manifest is a project's: of the thousands of packages none is read."""
    if name == _LOCK:
        folder, _, last = folder.rpartition(b"/")
        if last != _MODULES:
            return False
    return _MODULES not in folder.split(b"/") and not folder.startswith(_OF_DEBIAN)


@cache
def _secret_files() -> SecretFiles:
    return SecretFiles()

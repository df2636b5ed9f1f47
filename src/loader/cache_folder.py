"""Bytes kept under keys in a folder, by many processes at once: never a reason to fail.

Whatever the system refuses, whatever is not what was put there, is as if nothing had been there. Below the
given folder is one of this version, and in it:

    seed              eight secret bytes that the folder was born with, and their checksum
    <64 digits>       what was put under the key that has this SHA-256
    new-…             a file that is being written; it gets its name when it is whole

An entry is `MAGIC`, the length of its body, a checksum over its name and its body, and the body. The
checksum is seeded with the folder's secret: what was put there before it was cleared counts no more, even
if a process writes it later.
"""

import functools
import hashlib
import os
import re
import secrets
import stat
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from xxhash import xxh3_64, xxh3_64_intdigest

VERSION = 1
"""Of everything in the folder; a change to what any record means makes a new one."""
LIMIT = 1 << 30
"""Bytes that entries may have together."""
MAX_ENTRIES = 10_000
"""So many take 30 ms to be looked through."""

MAGIC = b"layerscope cache"
_HEADER = struct.Struct(f"<{len(MAGIC)}sQQ")
_SEED = struct.Struct("<8sQ")
_SEED_NAME = "seed"
_NEW = "new-"
_ENTRY_NAME = re.compile("[0-9a-f]{64}")
_ABANDONED = 3600
"""Seconds after which nobody can still be writing a file."""


class CacheInfo(NamedTuple):
    """What is in a cache, or was."""

    path: Path
    entries: int
    size: int
    """Bytes of all of them."""
    limit: int


class CacheFolder:
    """A folder of bytes under keys; when there are too many, those go that were not used for longest."""

    def __init__(self, path: Path, limit: int = LIMIT) -> None:
        self.path = path
        self.limit = limit
        self._folder = path / f"v{VERSION}"

    @functools.cached_property
    def seed(self) -> int | None:
        """The folder's secret, the same for all until it is cleared; None where nothing can be kept."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.mkdir(mode=0o700, exist_ok=True)
            if not _is_ours(self._folder):
                return None
            return self._read_seed() or self._make_seed()
        except OSError:
            return None

    def get(self, key: str) -> bytes | None:
        """What was put under the key; None if it is not there, or not as it was put."""
        if self.seed is None:
            return None
        path = self._entry(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        body = data[_HEADER.size :]
        if data[: _HEADER.size] != self._header(path.name, body):
            _remove(path)
            return None
        with suppress(OSError):
            os.utime(path)
        return body

    def holds(self, key: str) -> bool:
        """Whether something was put under the key, which counts as used; it may still turn out damaged."""
        if self.seed is None:
            return False
        try:
            os.utime(self._entry(key))
        except OSError:
            return False
        return True

    def put(self, key: str, body: bytes) -> None:
        """Keep the bytes under the key, if they can be kept; `trim` is to be called when all are put."""
        if self.seed is None or len(body) > self.limit:
            return
        path = self._entry(key)
        with suppress(OSError):
            new = self._written(self._header(path.name, body), body)
            try:
                new.replace(path)
            except OSError:  # another process has it open (Windows)
                _remove(new)

    def drop(self, key: str) -> None:
        """Remove what was put under the key."""
        _remove(self._entry(key))

    def trim(self) -> None:
        """Remove what is beyond the limit, oldest first, and what older versions and ended processes left."""
        room, places = self.limit, MAX_ENTRIES
        for _, size, path in sorted(self._entries(), reverse=True):
            room -= size
            places -= 1
            if room < 0 or places < 0:
                _remove(path)
        for path, status in _files(self._folder):
            if path.name.startswith(_NEW) and time.time() - status.st_mtime > _ABANDONED:
                _remove(path)
        for folder in self._older():
            _remove_folder(folder)

    def info(self) -> CacheInfo:
        """What is in it."""
        sizes = [size for _, size, _ in self._entries()]
        return CacheInfo(self.path, len(sizes), sum(sizes), self.limit)

    def clear(self) -> CacheInfo:
        """Remove everything, the secret included; what was in it.

        This object keeps nothing from now on: who uses it may have digests taken with that secret.
        """
        before = self.info()
        for folder in (*self._older(), self._folder):
            _remove_folder(folder)
        after = self.info()
        self.seed = None
        return before._replace(entries=before.entries - after.entries, size=before.size - after.size)

    def _entry(self, key: str) -> Path:
        return self._folder / hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()

    def _entries(self) -> Iterator[tuple[int, int, Path]]:
        """When each was used last, its bytes, and where it is."""
        for path, status in _files(self._folder):
            if _ENTRY_NAME.fullmatch(path.name):
                yield status.st_mtime_ns, status.st_size, path

    def _older(self) -> list[Path]:
        """The folders that versions before this one may have left."""
        return [self.path / f"v{version}" for version in range(VERSION)]

    def _header(self, name: str, body: bytes) -> bytes:
        checksum = xxh3_64(name.encode(), seed=self.seed or 0)
        checksum.update(body)
        return _HEADER.pack(MAGIC, len(body), checksum.intdigest())

    def _written(self, *parts: bytes) -> Path:
        """A new file with these bytes, readable to nobody else."""
        number, name = tempfile.mkstemp(prefix=_NEW, dir=self._folder)
        try:
            with open(number, "wb") as file:  # noqa: PTH123 - a descriptor
                file.writelines(parts)
        except BaseException:
            _remove(Path(name))
            raise
        return Path(name)

    def _read_seed(self) -> int | None:
        with suppress(OSError, struct.error):
            secret, checksum = _SEED.unpack((self._folder / _SEED_NAME).read_bytes())
            if checksum == xxh3_64_intdigest(secret):
                return int.from_bytes(secret, "little")
        return None

    def _make_seed(self) -> int | None:
        """A secret that everybody agrees on: a link is made by one only, and to a file that is whole."""
        path = self._folder / _SEED_NAME
        secret = secrets.token_bytes(8)
        new = self._written(_SEED.pack(secret, xxh3_64_intdigest(secret)))
        with suppress(OSError):  # somebody was faster, or the file system has no links
            os.link(new, path)
        found = self._read_seed()
        if found is None:  # damaged, or none: of several processes here, all but one lose what they put
            new.replace(path)
            found = self._read_seed()
        _remove(new)
        return found


def _is_ours(folder: Path) -> bool:
    """Whether nobody else can have written what is in a folder."""
    if hasattr(os, "getuid"):
        status = folder.stat()
        return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return True  # Windows gives each user folders of their own


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    with suppress(OSError), os.scandir(folder) as found:
        for one in found:
            with suppress(OSError):  # removed meanwhile
                yield Path(one.path), one.stat(follow_symlinks=False)


def _remove(path: Path) -> None:
    with suppress(OSError):  # gone already, or open in another process (Windows)
        path.unlink()


def _remove_folder(folder: Path) -> None:
    """Remove what we put there, and the folder if that was all: the user may have chosen one in use."""
    for path, _ in _files(folder):
        if path.name == _SEED_NAME or path.name.startswith(_NEW) or _ENTRY_NAME.fullmatch(path.name):
            _remove(path)
    with suppress(OSError):
        folder.rmdir()

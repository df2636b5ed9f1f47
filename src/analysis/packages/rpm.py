"""rpm: a table of headers in an SQLite file. The older formats, Berkeley DB and ndb, are noted and not read.

The file is looked at in memory, so that nothing is written and no other file is opened, and by an
authorizer that lets a plain read of the one table through: a schema can hold whole programs.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from time import monotonic

from ...errors import DamagedError
from ..tree import Node
from .package import Claim, text
from .places import Places
from .rpm_header import Header

MANAGER = "rpm"
MAX_SIZE = 256 << 20
"""Bytes of the database; Fedora with a desktop has 80 MiB."""
MAX_SECONDS = 20.0
"""What reading the table may take."""
_MAX_HEADER = 64 << 20
_HOMES = (b"var/lib/rpm", b"usr/lib/sysimage/rpm", b"usr/share/rpm")
_NAME = b"rpmdb.sqlite"
_OLDER = {b"Packages": "Berkeley DB", b"Packages.db": "ndb"}


def databases(places: Places) -> list[Node]:
    """The files to read; the places may be one."""
    found: dict[Node, None] = {}
    for home in _HOMES:
        node = places.find(home + b"/" + _NAME)
        if node is not None and node.children is None:
            found[node.inode] = None
    return list(found)


def notes(places: Places) -> list[str]:
    """What is there and is not read."""
    found = []
    for home in _HOMES:
        directory = places.directory(home)
        children = (directory.children or {}) if directory is not None else {}
        for name, kind in _OLDER.items():
            if name in children and _NAME not in children:
                found.append(
                    f"{(home + b'/' + name).decode()} was not read: rpm's format {kind} is not known here, "
                    "and files of its packages count as nobody's"
                )
        log = children.get(_NAME + b"-wal")
        if log is not None and log.inode.entry.size:
            where = (home + b"/" + _NAME).decode()
            found.append(f"{where} has changes in a log beside it that were not read")
    return list(dict.fromkeys(found))


def claims(places: Places, contents: Mapping[Node, bytes]) -> Iterator[Claim]:
    """The packages in the order of the table. Raises DamagedError where it is not what rpm writes."""
    for database in databases(places):
        if database in contents:
            for header in _headers(contents[database]):
                version = b"-".join(filter(None, (header.version, header.release)))
                name, size = text(header.name), header.size
                yield Claim(MANAGER, name, text(version), size, _nodes(places, header))


def _nodes(places: Places, header: Header) -> Iterator[Node]:
    for path in header.paths():
        node = places.find(path)
        if node is not None:
            yield node


def _headers(data: bytes) -> Iterator[Header]:
    if not hasattr(sqlite3.Connection, "deserialize"):
        raise DamagedError("rpmdb.sqlite was not read: SQLite was built without deserialize")
    deadline = monotonic() + MAX_SECONDS
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_HEADER)
            connection.deserialize(_without_log(data))
            connection.set_authorizer(_allowed)
            connection.set_progress_handler(lambda: monotonic() > deadline, 10_000)
            for (blob,) in connection.execute("SELECT blob FROM Packages"):
                if not isinstance(blob, bytes):
                    raise DamagedError("rpmdb.sqlite was not read: it holds something else than headers")
                yield Header(blob)
        except (sqlite3.Error, OverflowError, MemoryError) as error:
            raise DamagedError(f"rpmdb.sqlite was not read to its end: {error}") from error


def _without_log(data: bytes) -> bytes:
    """The database as one that needs no log beside it (file format, 1.3 "read and write version")."""
    return data[:18] + b"\x01\x01" + data[20:] if len(data) > 100 else data


def _allowed(action: int, one: str | None, _two: str | None, _database: str | None, inner: str | None) -> int:
    """Plain reads of the table, by nobody but the statement itself: no view, function or recursion."""
    if action == sqlite3.SQLITE_SELECT or (action == sqlite3.SQLITE_READ and one == "Packages" and not inner):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY

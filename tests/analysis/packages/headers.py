"""Databases of rpm, made by hand."""

import sqlite3
import struct
from contextlib import closing
from itertools import groupby

STRING, STRINGS, I18N, INT32, INT64, BINARY = 6, 8, 9, 4, 5, 7
Tag = tuple[int, int, bytes | list[bytes] | list[int]]


def header(*tags: Tag) -> bytes:
    """A header: counts, index, data aligned to the width of numbers."""
    index, data = b"", b""
    for tag, kind, value in tags:
        if kind in (INT32, INT64):
            width = 4 if kind == INT32 else 8
            data += bytes(-len(data) % width)
            packed = b"".join(int(one).to_bytes(width, "big") for one in value)
            count = len(value)
        elif isinstance(value, bytes):
            packed, count = (value, len(value)) if kind == BINARY else (value + b"\0", 1)
        else:
            packed, count = b"".join(bytes(one) + b"\0" for one in value), len(value)
        index += struct.pack(">IIII", tag, kind, len(data), count)
        data += packed
    return struct.pack(">II", len(tags), len(data)) + index + data


def package(name: bytes, paths: list[bytes], *more: Tag, version: bytes = b"1.0") -> bytes:
    """As rpm lays it out: a region tag first, paths as directories and names."""
    split = [path.rpartition(b"/") for path in paths]
    folders = [folder for folder, _ in groupby(folder + b"/" for folder, _, _ in split)]
    return header(
        (63, BINARY, bytes(16)),
        (1000, STRING, name),
        (1001, STRING, version),
        (1002, STRING, b"2.el9"),
        (1009, INT32, [4096]),
        (1028, INT32, [1] * len(paths)),
        (1116, INT32, [folders.index(folder + b"/") for folder, _, _ in split]),
        (1117, STRINGS, [name for _, _, name in split]),
        (1118, STRINGS, folders),
        *more,
    )


def database(*headers: bytes | str | None, schema: str = "", log: bool = True) -> bytes:
    """The file, as rpm leaves it: made for a log beside it."""
    table = "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)"
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema or table)
        if headers:
            connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(one,) for one in headers])
        connection.commit()
        data = connection.serialize()
    return data[:18] + (b"\2\2" if log else b"\1\1") + data[20:]

"""A Docker archive of any number of entries, the same bytes on every run: what the scale series measures.

Packages of one directory and 19 files. Of ten layers, the first has 46 of 100 entries; each one above it has
new packages, writes files of the first layer again, removes others, and removes or empties directories.
For each 10,000 entries (4,600 and 600 for each layer above the first) that makes, a layer above the first:

    480 new files and directories, 100 files again, 18 file whiteouts, 1 directory whiteout, 1 opaque marker
"""

import hashlib
import json
import random
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

LAYERS = 10
MOST_LAYERS = 20
"""Each layer writes another file of the first layer's packages again."""
_FILES = 19
_BASE = 4600
"""Entries of the first layer, times the scale."""
_ABOVE = 600
"""Entries of a layer above it, times the scale."""
STEP = _BASE + _ABOVE * (LAYERS - 1)
"""Entries of ten layers come in multiples of this."""
_BASE_PACKAGES = 230
_PACKAGES = 24
_AGAIN = 100
_REMOVED = 18
_MAX_SIZE = 1000
_NOISE = random.Random(10).randbytes(1 << 16)
_BLOCK = 512
_HEADER = struct.Struct("100s8s8s8s12s12s8s1s100s8s32s32s8s8s155s12x")
_PLACES = (
    "usr/lib/python3/dist-packages/package{:06}",
    "usr/share/doc/package{:06}",
    "opt/app/node_modules/package{:06}",
    "usr/lib/x86_64-linux-gnu/package{:06}",
)


class Made(NamedTuple):
    """What an exact tool must find in a generated archive."""

    entries: int
    stored: int
    live: int


class _Member(NamedTuple):
    """An entry of a layer."""

    name: str
    content: bytes = b""
    kind: bytes = b"0"


def generate(path: Path, entries: int, layers: int = LAYERS) -> Made:
    """Write an archive of `entries` entries, in memory that does not grow with it.

    ValueError unless they are a multiple of what so many layers have: with ten, of `STEP`.
    """
    if not 1 <= layers <= MOST_LAYERS:
        raise ValueError(f"{layers} layers are not between 1 and {MOST_LAYERS}")
    step = _BASE + _ABOVE * (layers - 1)
    scale, rest = divmod(entries, step)
    if rest or not scale:
        raise ValueError(f"{entries} is no multiple of {step}")
    count = stored = dead = 0
    names, diff_ids = [], []
    with path.open("wb") as out:
        for number in range(layers):
            name = f"{number:064x}/layer.tar"
            start = out.tell()
            out.write(bytes(_BLOCK))
            digest = hashlib.sha256()
            for member in members(number, scale):
                digest.update(_written(out, member))
                count += 1
                stored += len(member.content)
            digest.update(_written_end(out))
            end = out.tell()
            out.seek(start)
            out.write(_header(name, end - start - _BLOCK))
            out.seek(end)
            names.append(name)
            diff_ids.append(f"sha256:{digest.hexdigest()}")
            dead += sum(_dead_sizes(number, scale))
        _write_documents(out, names, diff_ids)
    return Made(count, stored, stored - dead)


def members(layer: int, scale: int) -> Iterator[_Member]:
    """The entries of a layer."""
    first, count = _packages(layer, scale)
    for package in range(first, first + count):
        yield _Member(_folder(package) + "/", kind=b"5")
        for number in range(_FILES):
            yield _Member(_file(package, number), _content(layer, package, number))
    if not layer:
        return
    for package in range(_AGAIN * scale):
        yield _Member(_file(package, _own(layer)), _content(layer, package, _own(layer)))
    for package in _removed(scale):
        yield _Member(f"{_folder(package)}/.wh.{_base_name(_own(layer))}")
    for package in _folders(layer, scale):
        parent, _, name = _folder(package).rpartition("/")
        yield _Member(f"{parent}/.wh.{name}" if package % 2 else f"{_folder(package)}/.wh..wh..opq")


def _dead_sizes(layer: int, scale: int) -> Iterator[int]:
    """The sizes of what a layer puts out of reach: always of the first layer, and no file twice."""
    if layer:
        yield from (_size(0, package, _own(layer)) for package in range(_AGAIN * scale))
        yield from (_size(0, package, _own(layer)) for package in _removed(scale))
        yield from (_size(0, package, file) for package in _folders(layer, scale) for file in range(_FILES))


def _packages(layer: int, scale: int) -> tuple[int, int]:
    """The first new package of a layer, and how many there are."""
    if not layer:
        return 0, _BASE_PACKAGES * scale
    return (_BASE_PACKAGES + (layer - 1) * _PACKAGES) * scale, _PACKAGES * scale


def _removed(scale: int) -> range:
    """Packages of which every layer above the first removes one file, another one each."""
    return range(_AGAIN * scale, (_AGAIN + _REMOVED) * scale)


def _folders(layer: int, scale: int) -> range:
    """Packages a layer removes (odd numbers) or empties (even ones)."""
    first = (_AGAIN + _REMOVED + 2 * (layer - 1)) * scale
    return range(first, first + 2 * scale)


def _own(layer: int) -> int:
    """The number of the file that a layer writes again in some packages and removes from others."""
    return layer % _FILES


def _folder(package: int) -> str:
    return _PLACES[package % len(_PLACES)].format(package)


def _base_name(number: int) -> str:
    return f"module_{number:02}.py"


def _file(package: int, number: int) -> str:
    return f"{_folder(package)}/{_base_name(number)}"


def _size(layer: int, package: int, number: int) -> int:
    return (package * 31 + number * 57 + layer * 7) % _MAX_SIZE


def _content(layer: int, package: int, number: int) -> bytes:
    start = (package * 7919 + number * 104729 + layer * 1299709) % (len(_NOISE) - _MAX_SIZE)
    return _NOISE[start : start + _size(layer, package, number)]


def _written(out: BinaryIO, member: _Member) -> bytes:
    data = _header(member.name, len(member.content), member.kind) + member.content
    data += bytes(-len(data) % _BLOCK)
    out.write(data)
    return data


def _written_end(out: BinaryIO) -> bytes:
    data = bytes(2 * _BLOCK)
    out.write(data)
    return data


def _header(name: str, size: int, kind: bytes = b"0") -> bytes:
    mode = b"0000755" if kind == b"5" else b"0000644"
    fields = [
        name.encode(), mode, b"0000000", b"0000000", b"%011o" % size, b"14000000000", b" " * 8, kind, b"",
        b"ustar\x0000", b"root", b"root", b"0000000", b"0000000", b"",
    ]  # fmt: skip
    fields[6] = b"%06o\0 " % sum(_HEADER.pack(*fields))
    return _HEADER.pack(*fields)


def _write_documents(out: BinaryIO, names: list[str], diff_ids: list[str]) -> None:
    steps = [{"created_by": f"RUN step {number} # buildkit"} for number in range(len(names))]
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
            "history": steps,
        }
    ).encode()
    config_name = hashlib.sha256(config).hexdigest() + ".json"
    manifest = json.dumps([{"Config": config_name, "RepoTags": ["scale:latest"], "Layers": names}]).encode()
    _written(out, _Member(config_name, config))
    _written(out, _Member("manifest.json", manifest))
    _written_end(out)

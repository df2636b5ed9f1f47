"""The tar reader beside the standard library's `tarfile`: the same entries and contents, however they come.

Where `tarfile` and Go's archive/tar differ the reader follows Go; those differences have tests of their own.
"""

import bz2
import gzip
import hashlib
import io
import lzma
import random
import sys
import tarfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from layerscope.analysis.model import Entry, FileType
from layerscope.errors import LayerscopeError
from layerscope.loader.compression import Codec
from layerscope.loader.digests import RUN_SEED
from layerscope.loader.layers import scan_chunks, scan_slice

from tests.loader.windows import random_pieces, read, slice_of
from tests.tars import (
    END,
    Dialect,
    Fields,
    Name,
    SparseFormat,
    device,
    directory,
    fifo,
    file,
    hardlink,
    layer,
    member,
    pax_global_header,
    sparse,
    symlink,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ARCHIVES = Path(__file__).parents[2] / "fixtures" / "archives"
TYPES = {bytes([code]): code for code in FileType} | {
    tarfile.AREGTYPE: FileType.REGULAR,
    tarfile.CONTTYPE: FileType.REGULAR,
    tarfile.GNUTYPE_SPARSE: FileType.REGULAR,
}


class Found(NamedTuple):
    """An entry as both readers can tell it."""

    name: bytes
    type: FileType
    mode: int
    uid: int
    gid: int
    size: int
    mtime_ns: int
    link: bytes
    device: tuple[int, int]
    xattrs: tuple[tuple[bytes, bytes], ...]
    content: bytes


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def by_tarfile(data: bytes) -> list[Found]:
    """What `tarfile` finds, entries of unknown types left out; raises TarError."""
    found = []
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:", encoding="utf-8", errors="surrogateescape") as tar:
        for info in tar:
            if info.type not in TYPES:
                continue
            kind = TYPES[info.type]
            content = tar.extractfile(info) if kind is FileType.REGULAR and not info.isdir() else None
            if info.isdir():
                kind = FileType.DIRECTORY
            xattrs = [
                (raw(key.removeprefix("SCHILY.xattr.")), raw(value))
                for key, value in info.pax_headers.items()
                if key.startswith("SCHILY.xattr.")
            ]
            found.append(
                Found(
                    raw(info.name).rstrip(b"/") if kind is FileType.DIRECTORY else raw(info.name),
                    kind,
                    info.mode & 0o7777,
                    info.uid,
                    info.gid,
                    info.size if kind is FileType.REGULAR else 0,  # links and directories may claim one
                    int(Decimal(info.pax_headers.get("mtime", info.mtime)) * 1_000_000_000),
                    raw(info.linkname) if kind in (FileType.SYMLINK, FileType.HARDLINK) else b"",
                    (info.devmajor, info.devminor)
                    if kind in (FileType.CHARACTER, FileType.BLOCK)
                    else (0, 0),
                    tuple(sorted(xattrs)) if kind is not FileType.HARDLINK else (),
                    content.read() if content else b"",
                )
            )  # fmt: skip
    return found


def by_ours(entries: list[Entry], data: bytes) -> list[Found]:
    return [
        Found(
            entry.name.rstrip(b"/") if entry.type is FileType.DIRECTORY else entry.name,
            entry.type,
            entry.mode,
            entry.uid,
            entry.gid,
            entry.size,
            entry.mtime_ns,
            entry.link,
            entry.extras.device,
            entry.extras.xattrs,
            content_of(entry, data) if entry.type is FileType.REGULAR else b"",
        )
        for entry in entries
    ]


def content_of(entry: Entry, data: bytes) -> bytes:
    """A file's bytes, its holes filled with zeros."""
    if entry.extras.extents is None:
        return data[entry.offset : entry.offset + entry.size]
    content, at = bytearray(entry.size), entry.offset
    for start, length in entry.extras.extents:
        content[start : start + length] = data[at : at + length]
        at += length
    return bytes(content)


def check(data: bytes, seed: int) -> None:
    """Both readers agree on a tar in a file, and a tar that goes by gives the very same."""
    with slice_of(data) as whole:
        scanned = scan_slice(whole, "test.tar", RUN_SEED)
        digests = [
            scanned.contents.digest(number) if entry.type is FileType.REGULAR else b""
            for number, entry in enumerate(scanned.entries)
        ]
    streamed = scan_chunks(
        random_pieces(data, seed),
        Codec.PLAIN,
        "test.tar",
        ahead=seed % 2 == 0,
        hash_blob=True,
        hash_tar=True,
        seed=RUN_SEED,
    )
    found = by_ours(scanned.entries, data)
    assert found == by_tarfile(data)
    assert streamed.entries == scanned.entries
    assert streamed.terminated == scanned.terminated
    assert streamed.tar_digest == streamed.blob_digest == f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert streamed.blob_size == len(data)
    by_stream = [
        streamed.contents.digest(number) if entry.type is FileType.REGULAR else b""
        for number, entry in enumerate(streamed.entries)
    ]
    assert by_stream == digests
    plain = [
        (entry.content, digest)
        for entry, digest, one in zip(found, digests, scanned.entries, strict=True)
        if entry.type is FileType.REGULAR and one.extras.extents is None
    ]
    assert len(set(plain)) == len({content for content, _ in plain}) == len({digest for _, digest in plain})


# The fixtures ---------------------------------------------------------------------------------------------


def unpacked(data: bytes) -> bytes:
    for magic, unpack in UNPACK.items():
        if data.startswith(magic):
            return unpack(data)
    return data


UNPACK: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"\x28\xb5\x2f\xfd": zstd.decompress,
    b"\xfd7zXZ\x00": lzma.decompress,
    b"BZh": bz2.decompress,
}


def tars_in(path: Path) -> Iterator[tuple[str, bytes]]:
    """An archive and every tar in it, unpacked, that `tarfile` reads."""
    data = unpacked(path.read_bytes())
    yield path.name, data
    for entry in by_tarfile(data):
        try:
            inner = unpacked(entry.content)
            by_tarfile(inner)
        except (tarfile.TarError, EOFError, OSError):
            continue
        yield f"{path.name}: {entry.name[-20:].decode()}", inner


REFUSED_BY_US_ALONE = {
    "hostile-bad-checksum.tar.gz",  # tarfile ends there in silence, as it does for the next five
    "hostile-negative-size.tar.gz",
    "hostile-pax-garbage.tar.gz",
    "hostile-pax-length.tar.gz",
    "hostile-pax-size.tar.gz",
    "hostile-outer-size-1pb.tar",
    "hostile-sparse-map.tar.gz",
    "hostile-deep.tar.gz",  # longer than any path may be, as is the next
    "hostile-long-name.tar.gz",
}


@pytest.mark.parametrize(
    "path",
    sorted(path for path in ARCHIVES.iterdir() if path.name != "tar-pax-global.tar.gz"),
    ids=lambda path: path.name,
)
def test_every_tar_of_the_fixtures_is_read_as_tarfile_does(path: Path) -> None:
    try:
        tars = list(tars_in(path))
    except tarfile.TarError:
        assert path.name.startswith("hostile-")
        return
    for number, (name, data) in enumerate(tars):
        try:
            check(data, number)
        except LayerscopeError:
            assert path.name in REFUSED_BY_US_ALONE, name


# Generated tars -------------------------------------------------------------------------------------------

DIALECTS: list[Dialect] = ["pax", "gnu", "ustar", "v7"]
SPARSE: list[SparseFormat] = ["gnu", "0.0", "0.1", "1.0"]
ALPHABET = [
    b"a",
    b"b",
    b"/",
    b"\xff",
    b"\n",
    "ü".encode(),
    "日".encode(),
    b" ",
    b".",
    b"=",
    b"\x1b",
    b"x" * 40,
]


def a_name(dice: random.Random, dialect: Dialect, longest: int = 600) -> bytes:
    """Any bytes but NUL; no slash at the end, and no more than the dialect has room for."""
    length = dice.choice([1, 5, 20, 99, 100, 101, 150, 255, 256, longest])
    name = b""
    while len(name) < length:
        name += dice.choice(ALPHABET)
    if dialect == "v7" or (dialect == "ustar" and b"/" not in name[-100:-1]) or len(name) > 250:
        name = name[:100] if dialect in ("v7", "ustar") else name
    return name.strip(b"/") or b"n"


def a_member(dice: random.Random, dialect: Dialect) -> bytes:
    room = dialect in ("pax", "gnu")
    fields: Fields = {
        "mode": dice.choice([0, 0o644, 0o4755, 0o7777]),
        "uid": dice.choice([0, 1000, 0o7777777, *([3_000_000_000] if room else [])]),
        "gid": dice.choice([0, 1000, *([2**40] if room else [])]),
        "mtime": dice.choice([0, 1_700_000_000, *([-86400, 1 << 34] if room else [])]),
        "uname": dice.choice(["", "root"]),
        "dialect": dialect,
        "base256": dialect == "gnu" and dice.random() < 0.2,
    }
    if dialect == "pax" and dice.random() < 0.3:
        fields["xattrs"] = {"user.a": b"=\n\0\xff", "security.capability": dice.randbytes(20)}
    if dialect == "pax" and dice.random() < 0.3:
        fields["records"] = {
            "mtime": dice.choice(["1.5", "1700000000.123456789", "-3.25", "0.1"]),
            "comment": "ü",
        }
    try:
        return _a_member(dice, dialect, fields, a_name(dice, dialect))
    except ValueError:  # no room for it in this dialect
        return _a_member(dice, dialect, fields, b"short")


def _a_member(dice: random.Random, dialect: Dialect, fields: Fields, name: Name) -> bytes:
    content = dice.choice([b"", b"abc", dice.randbytes(dice.randrange(2000)), bytes(512), b"x" * 70_000])
    match dice.randrange(12):
        case 0:
            return directory(name, **fields)
        case 1:
            return symlink(name, a_name(dice, "v7"), **fields)
        case 2:
            return hardlink(name, a_name(dice, "v7"), **fields)
        case 3:
            return device(name, dice.randrange(300), dice.randrange(300), block=dice.random() < 0.5, **fields)
        case 4:
            return fifo(name, **fields)
        case 5:
            pieces = [(at * 1024, dice.randbytes(512)) for at in range(dice.choice([0, 1, 4, 5, 30]))]
            return sparse(
                a_name(dice, "v7")[:60], 40_000, pieces, dice.choice(SPARSE), mode=fields["mode"], mtime=5
            )
        case 6:
            return pax_global_header({"comment": "0123456789"}) + file(name, content, **fields)
        case 7:
            return member(dice.choice([b"Z", b"V"]), "unknown", content)
        case 8:
            return member(b"\0", a_name(dice, "v7"), content, **fields)
        case 9:
            return hardlink(name, "target", size=3, dialect=dialect) if dialect != "v7" else fifo(b"x")
        case _:
            if len(name) <= 20:  # with more such bytes the sum may be negative, which no writer wrote
                fields["checksum"] = "signed"
            return file(name, content, **fields)


@pytest.mark.parametrize("seed", range(120))
def test_a_tar_of_any_members_is_read_as_tarfile_does(seed: int) -> None:
    dice = random.Random(seed)
    dialects = DIALECTS if seed % 5 == 4 else [DIALECTS[seed % 5]]
    members = [a_member(dice, dice.choice(dialects)) for _ in range(dice.randrange(1, 30))]
    check(layer(*members, end=dice.choice([END, END, bytes(10_240), b""])), seed)


@pytest.mark.parametrize("tar_format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("seed", range(10))
def test_a_tar_that_tarfile_wrote_is_read_as_tarfile_does(tar_format: int, seed: int) -> None:
    dice = random.Random(seed)
    buffer = io.BytesIO()
    with tarfile.open(
        fileobj=buffer, mode="w", format=tar_format, encoding="utf-8", errors="surrogateescape"
    ) as tar:
        for _ in range(20):
            ustar = tar_format == tarfile.USTAR_FORMAT
            info = tarfile.TarInfo(a_name(dice, "v7" if ustar else "pax").decode("utf-8", "surrogateescape"))
            info.type = dice.choice(
                [tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE]
            )
            info.mtime = dice.choice([0, 1_700_000_000] if ustar else [0, 1.5, -5, 1 << 34])
            info.uid = dice.choice([0, 1000] if ustar else [0, 1 << 30])
            content = dice.randbytes(dice.randrange(3000)) if info.type == tarfile.REGTYPE else b""
            info.size = len(content)
            info.linkname = "ziel-ü" if info.type in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            tar.addfile(info, io.BytesIO(content))
    check(buffer.getvalue(), seed)


# Where Go's archive/tar, and so every engine, differs from tarfile -----------------------------------------


def test_tarfile_takes_an_unknown_type_for_a_file_and_we_pass_over_it() -> None:
    data = layer(member(b"Z", "z", b"abc"), file("a"))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert tar.getnames() == ["z", "a"]
    assert [entry.name for entry in read(data)] == [b"a"]


def test_tarfile_gives_a_hard_link_the_size_it_claims_and_we_give_it_none() -> None:
    data = layer(file("a", b"abc"), hardlink("b", "a", size=3))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert [info.size for info in tar] == [3, 3]
    assert [entry.size for entry in read(data)] == [3, 0]


def test_tarfile_applies_global_records_and_we_do_not() -> None:
    data = layer(pax_global_header({"uid": "7"}), file("a"))
    assert [entry.uid for entry in by_tarfile(data)] == [7]
    assert [entry.uid for entry in read(data)] == [0]


def test_tarfile_stops_at_a_block_of_zeros_and_we_say_that_it_is_damage() -> None:
    data = layer(file("a"), bytes(512), file("b"))
    assert [entry.name for entry in by_tarfile(data)] == [b"a"]
    with pytest.raises(LayerscopeError, match="zeros instead of a header"):
        read(data)

"""What was read of a layer, as bytes and back: the very same, and damaged bytes are no record."""

import struct
import time

import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st
from layerscope.analysis.model import NO_EXTRAS, Entry, Extras, FileType
from layerscope.loader import layer_record
from layerscope.loader.layer_record import LayerRecord, pack, unpack

SHA = "sha256:" + "ab" * 32
NAMES = st.binary(max_size=40)
INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
SIZES = st.integers(0, (1 << 63) - 1)
EXTRAS = st.builds(
    Extras,
    st.lists(st.tuples(NAMES, st.binary(max_size=300)), max_size=3).map(tuple),
    st.tuples(INT64, INT64),
    st.none() | st.lists(st.tuples(SIZES, SIZES), max_size=4).map(tuple),
)
ENTRIES = st.builds(
    Entry,
    NAMES,
    st.sampled_from(FileType),
    st.integers(0, 0o7777),
    INT64,
    INT64,
    SIZES,
    st.integers(-(10**27), 10**27),  # whole seconds of 64 bits, in nanoseconds
    NAMES,
    SIZES,
    st.just(NO_EXTRAS) | EXTRAS,
)
BUSY = [
    Entry(b"d/", FileType.DIRECTORY, 0o755, 0, 0, 0, 1_700_000_000 * 10**9),
    Entry(b"d/\0\xff\n", FileType.REGULAR, 0o4644, 1 << 40, -1, 1 << 62, -(10**27), b"", 512),
    Entry(b"d/l", FileType.SYMLINK, 0o777, 0, 0, 0, 5, b"\xe9 \0 target", 1536),
    Entry(b"d/n", FileType.CHARACTER, 0o600, 0, 0, 0, 5, b"", 2048, Extras(device=(1, 3))),
    Entry(b"d/x", FileType.REGULAR, 0, 0, 0, 9, 5, b"", 2560, Extras(((b"user.a", b"\xff\0"), (b"b", b"")))),
    Entry(b"", FileType.REGULAR, 0, 0, 0, 9000, 5, b"", 3584, Extras(extents=((0, 512), (4096, 0)))),
    Entry(b"", FileType.REGULAR, 0, 0, 0, 9000, 5, b"", 3585, Extras(extents=())),
]


def record(entries: list[Entry]) -> LayerRecord:
    return LayerRecord(entries, bytes(range(16)) * len(entries), True, SHA, "")


def unpacked(data: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(data)


def packed(entries: list[Entry]) -> bytes:
    data = pack(record(entries))
    assert data is not None
    return data


@settings(max_examples=100, deadline=None)
@given(st.lists(ENTRIES, max_size=8), st.booleans(), st.sampled_from(["", SHA]))
@example(BUSY, False, SHA)
def test_a_record_read_back_is_the_same(entries: list[Entry], terminated: bool, digest: str) -> None:
    before = LayerRecord(entries, b"\x01" * (16 * len(entries)), terminated, digest, SHA)
    data = pack(before)
    assert data is not None
    after = unpack(data)
    assert after == before
    assert all(type(one) is Entry and type(one.type) is FileType for one in after.entries)
    assert all(one.extras is NO_EXTRAS for one in after.entries if one.extras == NO_EXTRAS)


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 65_535, 65_537])
def test_columns_with_as_many_values_as_there_are_entries(count: int) -> None:
    entries = [Entry(b"%d" % one, FileType.REGULAR, 0o644, one, 0, one, one * 10**9) for one in range(count)]
    after = unpack(packed(entries))
    assert after is not None
    assert after.entries == entries


def test_values_that_repeat_are_one_object() -> None:
    entries = [Entry(b"a", FileType.REGULAR, 0o644, 1000, 1000, 0, 10**18 + n % 2) for n in range(100)]
    after = unpack(packed(entries))
    assert after is not None
    assert len({id(one.mtime_ns) for one in after.entries}) == 2
    assert len({id(one.mode) for one in after.entries}) == 1


def test_damaged_anywhere_it_is_no_record_or_one_of_entries() -> None:
    """Who keeps records holds them against a checksum; this is about never failing."""
    whole = packed(BUSY)
    for end in range(len(whole)):
        assert unpack(whole[:end]) is None
    for at in range(len(whole)):
        for bit in range(8):
            check_harmless(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
    assert unpack(whole + b"\0") is None


def test_damaged_before_it_was_packed_it_is_no_record_or_one_of_entries() -> None:
    body = unpacked(packed(BUSY))
    for end in range(len(body)):
        assert unpack(zstandard.compress(body[:end])) is None
    assert unpack(zstandard.compress(body + b"\0")) is None
    for at in range(len(body)):
        for value in {0, 0x20, 0x30, 0x5B, 0x7F, 0xFF, body[at] ^ 1} - {body[at]}:
            check_harmless(zstandard.compress(body[:at] + bytes([value]) + body[at + 1 :]))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_no_record(data: bytes) -> None:
    assert unpack(data) is None
    assert unpack(zstandard.compress(data)) is None


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"[]",
        b"null",
        b'[[true,"","",0],[]]',
        b'[[true,"","",0],[[],[],[],[],[],[]]]',
        b'[[1,"","",0],[[],[],[],[],[],[],[]]]',
        b'[[true,null,"",0],[[],[],[],[],[],[],[]]]',
        b'[[true,"","",16],[[],[],[],[],[],[],[]]]',
        b'[[true,"","",0],[["0"],[],[],[],[],[],[]]]',
        b'[[true,"","",0],[[],["x"],[],[],[],[],[]]]',
        b'[[true,"","",0],[[],[1.5],[],[],[],[],[]]]',
        b'[[true,"","",0],[[],[],[],[],[' + b"9" * 5000 + b"],[],[]]]",
        b'[[true,"","",0],[[],[],[],[],[],["\\u1234"],[]]]',
        b'[[true,"","",0],[[],[],[],[],[],[5],[]]]',
        b'[[true,"","",0],[[],[],[],[],[],[],[5]]]',
        b'[[true,"","",0],[[],[],[],[],[],[],[[[],[1],null]]]]',
        b'[[true,"","",0],[[],[],[],[],[],[],[[[],"ab",null]]]]',
        b'[[true,"","",0],[[],[],[],[],[],[],[[[["a"]],[1,1],null]]]]',
        b'[[true,"","",0],[[],[],[],[],[],[],[[[],[1,1],[[1]]]]]]',
        b"[" * 100_000,
    ],
)
def test_a_head_that_is_none(head: bytes) -> None:
    assert unpack(zstandard.compress(struct.pack("<II", 0, len(head)) + head)) is None


def test_counts_are_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    body = unpacked(packed(BUSY))
    for count in (0, 6, 8, 10_000_000, 10_000_001, (1 << 32) - 1):
        assert unpack(zstandard.compress(struct.pack("<I", count) + body[4:])) is None
    for size in (0, 10, (1 << 32) - 1):
        assert unpack(zstandard.compress(body[:4] + struct.pack("<I", size) + body[8:])) is None


def test_a_record_larger_than_any_is_neither_written_nor_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed(BUSY)
    monkeypatch.setattr(layer_record, "MAX_BYTES", 400)
    assert pack(record(BUSY)) is None
    assert unpack(data) is None


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_record, "MAX_BYTES", 1 << 20)
    bomb = zstandard.compress(bytes(1 << 30))
    begun = time.perf_counter()
    assert unpack(bomb) is None
    assert time.perf_counter() - begun < 0.5


def check_harmless(data: bytes) -> None:
    """What is read all the same has the types that everybody relies on."""
    found = unpack(data)
    if found is None:
        return
    assert isinstance(found.tar_digest, str)
    assert isinstance(found.blob_digest, str)
    assert len(found.digests) == 16 * len(found.entries)
    for one in found.entries:
        assert isinstance(one.name, bytes)
        assert isinstance(one.link, bytes)
        assert type(one.type) is FileType
        assert all(type(n) is int for n in (one.mode, one.uid, one.gid, one.size, one.mtime_ns, one.offset))
        assert isinstance(one.extras, Extras)

"""Packed bytes unpacked: by what they are, whole or not at all, and never more of them than is bearable."""

import bz2
import gzip
import itertools
import lzma
import random
import struct
import sys
import time
import zlib
from collections.abc import Callable, Iterable

import pytest
from layerscope.errors import DamagedError, LayerscopeError, LimitError
from layerscope.loader import limits
from layerscope.loader.compression import Codec, decompressed, sniff

from tests.images import compress
from tests.loader.windows import pieces, random_pieces
from tests.tars import file, layer

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACK: dict[Codec, Callable[[bytes], bytes]] = {
    Codec.GZIP: gzip.compress,
    Codec.ZSTD: lambda data: zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1}),
    Codec.XZ: lzma.compress,
    Codec.BZIP2: bz2.compress,
}
CODECS = list(PACK)
DATA = random.Random(0).randbytes(3000) + bytes(70_000) + b"text " * 2000
SKIPPABLE = b"\x5a\x2a\x4d\x18\5\0\0\0hello"


def unpack(packed: bytes | Iterable[bytes], codec: Codec) -> bytes:
    chunks = iter([packed]) if isinstance(packed, bytes) else iter(packed)
    return b"".join(decompressed(chunks, codec, "the blob"))


def refusal(packed: bytes, codec: Codec) -> LayerscopeError:
    with pytest.raises(LayerscopeError) as caught:
        unpack(packed, codec)
    assert caught.value.message.startswith("the blob ")
    return caught.value


# What bytes are -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", CODECS)
def test_packed_bytes_are_known_by_how_they_begin(codec: Codec) -> None:
    assert sniff(PACK[codec](DATA)) is codec
    assert sniff(PACK[codec](b"")) is codec


def test_our_own_packers_are_known_too() -> None:
    assert sniff(compress(DATA, "gzip")) is Codec.GZIP
    assert sniff(compress(DATA, "zstd")) is Codec.ZSTD


@pytest.mark.parametrize("low", range(0x50, 0x60))
def test_a_skippable_frame_is_zstd(low: int) -> None:
    assert sniff(bytes([low]) + b"\x2a\x4d\x18\0\0\0\0") is Codec.ZSTD


@pytest.mark.parametrize(
    "head", [b"", b"\x1f", b"\x1f\x8b", b"{}", layer(file("a")), layer(), b"\x28\xb5", b"hsqs", b"\xfd7zXZ"]
)
def test_anything_else_is_plain(head: bytes) -> None:
    assert sniff(head) is Codec.PLAIN


@pytest.mark.parametrize("name", [b"BZh1", b"BZh9.txt", b"\x1f\x8bname"])
def test_a_tar_whose_first_name_begins_as_packed_bytes_do_is_plain(name: bytes) -> None:
    assert sniff(layer(file(name))) is Codec.PLAIN


# Unpacking ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 100, 65_536, 1 << 30])
@pytest.mark.parametrize("codec", CODECS)
def test_the_same_comes_out_however_the_bytes_are_cut(codec: Codec, size: int) -> None:
    assert unpack(pieces(PACK[codec](DATA), size), codec) == DATA


def test_plain_bytes_pass() -> None:
    assert unpack([b"a", b"bc"], Codec.PLAIN) == b"abc"


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("codec", CODECS)
def test_several_members_are_one_stream(codec: Codec, seed: int) -> None:
    dice = random.Random(seed)
    parts = [dice.randbytes(dice.choice([0, 1, 500, 70_000])) for _ in range(20)]
    packed = b"".join(map(PACK[codec], parts))
    assert unpack(random_pieces(packed, seed), codec) == b"".join(parts)


@pytest.mark.parametrize("codec", CODECS)
def test_zeros_between_and_after_members_are_padding(codec: Codec) -> None:
    packed = PACK[codec](b"one") + bytes(4) + PACK[codec](b"two") + bytes(4096)
    assert unpack(packed, codec) == b"onetwo"
    assert unpack(pieces(packed, 3), codec) == b"onetwo"


@pytest.mark.parametrize("codec", CODECS)
def test_other_bytes_after_a_member_are_damage(codec: Codec) -> None:
    assert isinstance(
        refusal(PACK[codec](DATA) + b"more, and long enough for any header", codec), DamagedError
    )
    assert isinstance(refusal(PACK[codec](DATA) + b"m", codec), DamagedError)


def test_skippable_frames_hold_nothing() -> None:
    frame = PACK[Codec.ZSTD]
    packed = SKIPPABLE + frame(b"one") + SKIPPABLE + SKIPPABLE + frame(b"two") + SKIPPABLE
    assert unpack(packed, Codec.ZSTD) == b"onetwo"
    assert unpack(pieces(packed, 1), Codec.ZSTD) == b"onetwo"


def gzip_member(fields: tuple[int, ...]) -> bytes:
    """A member with any of the optional header fields (RFC 1952): extra, name, comment, header checksum."""
    extra, name, comment, checksum = fields
    head = b"\x1f\x8b\x08" + bytes([4 * extra + 8 * name + 16 * comment + 2 * checksum]) + bytes(5) + b"\xff"
    head += b"\x06\0SG\2\0\1\1" * extra + b"name\0" * name + b"comment\0" * comment
    head += struct.pack("<H", zlib.crc32(head) & 0xFFFF) * checksum
    packer = zlib.compressobj(wbits=-15)
    body = packer.compress(b"hello " * 9) + packer.flush()
    return head + body + struct.pack("<II", zlib.crc32(b"hello " * 9), 54)


@pytest.mark.parametrize("fields", list(itertools.product((0, 1), repeat=4)), ids=str)
def test_a_gzip_header_may_be_cut_anywhere(fields: tuple[int, ...]) -> None:
    """isal 1.9 by itself takes the rest of a header with two fields for data."""
    member = gzip_member(fields)
    assert zlib.decompress(member, 31) == b"hello " * 9
    for cut in range(1, len(member)):
        assert unpack([member[:cut], member[cut:]], Codec.GZIP) == b"hello " * 9
        assert unpack([member, member[:cut], member[cut:], member], Codec.GZIP) == b"hello " * 27


def test_a_gzip_header_may_hold_long_texts() -> None:
    head = (
        b"\x1f\x8b\x08\x1c"
        + bytes(6)
        + b"\xff\xff"
        + b"e" * 65535
        + b"n" * 70_000
        + b"\0"
        + b"c" * 9000
        + b"\0"
    )
    member = head + gzip_member((0, 0, 0, 0))[10:]
    assert unpack(member, Codec.GZIP) == b"hello " * 9
    assert unpack(pieces(member, 500), Codec.GZIP) == b"hello " * 9


# Damage ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", CODECS)
def test_packed_bytes_that_are_cut_off_are_damage_wherever_it_is(codec: Codec) -> None:
    packed = PACK[codec](random.Random(1).randbytes(300) + bytes(500))
    for length in range(1, len(packed)):
        error = refusal(packed[:length], codec)
        assert error.message == f"the blob is cut off: its {codec} data ends too early"


@pytest.mark.parametrize("codec", CODECS)
def test_the_second_member_must_be_whole_too(codec: Codec) -> None:
    packed = PACK[codec](b"one")
    for length in range(1, len(packed)):
        assert isinstance(refusal(packed + packed[:length], codec), DamagedError)


@pytest.mark.parametrize("codec", CODECS)
def test_a_flipped_byte_never_gives_other_bytes(codec: Codec) -> None:
    data = b"some text that repeats, repeats, repeats and 0123456789 " * 8
    packed = PACK[codec](data)
    outcomes = {"same": 0, "refused": 0}
    for at, flip in itertools.product(range(len(packed)), (0x01, 0x80)):
        damaged = bytearray(packed)
        damaged[at] ^= flip
        try:
            assert unpack(bytes(damaged), codec) == data
            outcomes["same"] += 1  # a byte that says nothing, such as gzip's time
        except (DamagedError, LimitError):
            outcomes["refused"] += 1
    assert outcomes["refused"] > 1.5 * len(packed)


def test_bytes_that_are_not_what_they_begin_as_are_damage() -> None:
    error = refusal(b"\x1f\x8b\x08\0" + b"no gzip at all" * 10, Codec.GZIP)
    assert error.message.startswith("the blob is damaged: its gzip data cannot be unpacked (")


# Bounds ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", CODECS)
def test_no_piece_is_larger_than_a_mebibyte(codec: Codec) -> None:
    packed = PACK[codec](bytes(4 << 20))
    sizes = [len(piece) for piece in decompressed(iter([packed]), codec, "the blob")]
    assert sum(sizes) == 4 << 20
    assert max(sizes) <= 1 << 20
    assert min(sizes) > 0


@pytest.mark.parametrize("codec", CODECS)
def test_a_bomb_is_refused_before_it_is_all_unpacked(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BOMB_BYTES", 2 << 20)
    monkeypatch.setattr(limits, "BOMB_RATIO", 50)
    unpacked = decompressed(iter([PACK[codec](bytes(10 << 20))]), codec, "the blob")
    given = [next(unpacked), next(unpacked)]
    with pytest.raises(
        LimitError, match=r"^the blob unpacks to more than 50 times its size.*: a decompression bomb"
    ):
        given.extend(unpacked)
    assert sum(map(len, given)) <= 3 << 20


def test_much_that_came_from_much_is_no_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BOMB_BYTES", 1000)
    assert unpack(PACK[Codec.GZIP](DATA), Codec.GZIP) == DATA


def with_dictionary(bits: int) -> bytes:
    """`abc` as xz that asks for a dictionary of 2 << (bits / 2 + 11) bytes."""
    packed = bytearray(lzma.compress(b"abc"))
    end = 12 + 4 * (packed[12] + 1)  # of the block header, which ends with its checksum
    packed[packed.index(b"\x21\x01", 12) + 2] = bits
    packed[end - 4 : end] = struct.pack("<I", zlib.crc32(packed[12 : end - 4]))
    return bytes(packed)


def test_a_window_or_dictionary_beyond_what_is_bearable_is_refused() -> None:
    huge_window = b"\x28\xb5\x2f\xfd\0" + bytes([20 << 3]) + b"\x19\0\0abc"  # RFC 8878: 2^30 bytes
    for packed, codec in ((huge_window, Codec.ZSTD), (with_dictionary(36), Codec.XZ)):
        error = refusal(packed, codec)
        assert isinstance(error, LimitError)
        assert error.message == f"the blob cannot be unpacked: its {codec} data asks for too much memory"


def test_what_zstd_ultra_and_xz_extreme_pack_is_unpacked() -> None:
    window = b"\x28\xb5\x2f\xfd\0" + bytes([17 << 3]) + b"\x19\0\0abc"  # 2^27 bytes
    assert unpack(window, Codec.ZSTD) == b"abc"
    assert unpack(with_dictionary(28), Codec.XZ) == b"abc"  # 64 MiB


@pytest.mark.parametrize("codec", CODECS)
def test_many_small_members_take_time_in_proportion(codec: Codec) -> None:
    """No member copies what follows it more often than a chunk is large: 20,000 in a second or so."""
    packed = PACK[codec](b"") * 20_000
    started = time.perf_counter()
    assert unpack(pieces(packed, 1 << 18), codec) == b""
    assert time.perf_counter() - started < 20

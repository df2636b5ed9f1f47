"""Packed bytes, told by their first bytes and never by a name: gzip, zstd, xz and bzip2."""

import bz2
import enum
import lzma
import sys
from typing import Protocol, cast

from isal import igzip_lib

from ..errors import DamagedError, LayerscopeError, LimitError
from . import limits
from .streams import Chunks

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_OUTPUT = 1 << 19
_XZ_MEMORY = 256 << 20
_ZSTD_WINDOW_LOG = 27  # 128 MiB, what zstd itself accepts without being asked
_ERRORS = (
    cast(type[Exception], igzip_lib.error),
    zstd.ZstdError,
    lzma.LZMAError,
    OSError,
    EOFError,
    ValueError,
)
MAGIC_BYTES = 10
_MAX_HEADER = 1 << 18


class Codec(enum.StrEnum):
    """How bytes are packed."""

    PLAIN = "plain"
    GZIP = "gzip"
    ZSTD = "zstd"
    XZ = "xz"
    BZIP2 = "bzip2"


class _Decompressor(Protocol):
    """What gzip, zstd, xz and bzip2 have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def sniff(head: bytes) -> Codec:
    """The codec of bytes that begin with `head` (at least `MAGIC_BYTES` of them, if there are).

    A tar begins with a name of anybody's choosing, such as `BZh1`: what a name can be is not enough.
    """
    if head[:3] == b"\x1f\x8b\x08":
        return Codec.GZIP
    if head[:4] == b"\x28\xb5\x2f\xfd":
        return Codec.ZSTD
    if head[:4] in _SKIPPABLE:
        return Codec.ZSTD  # a zstd skippable frame, which estargz-like writers put first
    if head[:6] == b"\xfd7zXZ\x00":
        return Codec.XZ
    if head[:3] == b"BZh" and head[3:4].isdigit() and head[4:10] in _BZIP2_BLOCKS:
        return Codec.BZIP2
    return Codec.PLAIN


_BZIP2_BLOCKS = {bytes.fromhex("314159265359"), bytes.fromhex("177245385090")}  # a block; none: the end
_SKIPPABLE = {bytes([low, 0x2A, 0x4D, 0x18]) for low in range(0x50, 0x60)}


def decompressed(chunks: Chunks, codec: Codec, what: str) -> Chunks:
    """The unpacked bytes, in pieces of at most 512 KiB; several members or frames count as one stream.

    Raises DamagedError where the packed bytes are cut off or wrong (checksums are verified), and
    LimitError for a decompression bomb. `what` names the bytes in errors.
    """
    if codec is Codec.PLAIN:
        yield from chunks
        return
    decompressor = _start(codec)
    held = b""
    taken = given = members = 0
    fresh = True  # at the start of a member: only here may the bytes end
    for chunk in chunks:
        taken += len(chunk)
        data = held + chunk if held else chunk
        held = b""
        while True:
            if fresh and members:
                data = data.lstrip(b"\0")  # padding between and after members, which gzip ignores too
                if not data:
                    break
            if fresh and codec is Codec.GZIP and not _has_whole_header(data):
                held = data
                break
            try:
                piece = decompressor.decompress(data, _OUTPUT)
            except _ERRORS as error:
                raise _damaged(what, codec, error) from None
            fresh = False
            given += len(piece)
            if given > limits.BOMB_BYTES and given > limits.BOMB_RATIO * taken:
                raise LimitError(
                    f"{what} unpacks to more than {limits.BOMB_RATIO} times its size, "
                    f"{given >> 30} GiB so far: a decompression bomb"
                )
            if piece:
                yield piece
            if decompressor.eof:
                data = decompressor.unused_data
                decompressor = _start(codec)
                fresh = True
                members += 1
                if not data:
                    break
            elif decompressor.needs_input:
                break
            else:
                data = b""
    if held or not fresh:
        raise DamagedError(f"{what} is cut off: its {codec} data ends too early")


def _start(codec: Codec) -> _Decompressor:
    started: _Decompressor
    if codec is Codec.GZIP:
        started = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    elif codec is Codec.ZSTD:
        options = {int(zstd.DecompressionParameter.window_log_max): _ZSTD_WINDOW_LOG}
        started = zstd.ZstdDecompressor(options=options)
    elif codec is Codec.XZ:
        started = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
    else:
        started = bz2.BZ2Decompressor()
    return started


def _has_whole_header(data: bytes) -> bool:
    """Whether a gzip member's header (RFC 1952) is all there: isal loses its place in one cut in two."""
    if len(data) < 10:
        return False
    flags, end = data[3], 10
    if flags & 4:
        end += 2 + int.from_bytes(data[10:12], "little")
    for name in (8, 16):
        if flags & name:
            end = data.find(b"\0", end) + 1
            if not end:
                return len(data) > _MAX_HEADER
    return len(data) >= end + (flags & 2)


def _damaged(what: str, codec: Codec, error: Exception) -> LayerscopeError:
    detail = str(error).strip().rstrip(".")
    if "memory" in detail.lower():  # so say liblzma and libzstd of a window beyond the bound set above
        return LimitError(f"{what} cannot be unpacked: its {codec} data asks for too much memory")
    return DamagedError(f"{what} is damaged: its {codec} data cannot be unpacked ({detail or 'wrong bytes'})")

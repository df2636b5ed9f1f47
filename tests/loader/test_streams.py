"""Bytes that pass by once: windows over them, digests of them, threads beside them."""

import hashlib
import random
import threading
import time
from collections.abc import Iterator

import pytest
from layerscope.errors import DamagedError
from layerscope.loader import limits
from layerscope.loader.digests import RUN_SEED, digest_of
from layerscope.loader.streams import Sha256, StreamWindow, counted, prefetched

from tests.loader.windows import pieces, random_pieces

DATA = random.Random(0).randbytes(20_000)


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


# The window -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 3, 511, 512, 513, 5000, 50_000])
def test_a_window_gives_the_block_at_any_position_ahead(size: int) -> None:
    window = StreamWindow(pieces(DATA, size))
    for position in (0, 0, 512, 1000, 1001, 9000, 19_400):
        buffer, start = window.at(position)
        assert buffer[position - start :][:512] == DATA[position : position + 512]


def test_a_window_says_where_the_bytes_end() -> None:
    for size in (1, 700, 5000):
        window = StreamWindow(pieces(DATA, size))
        buffer, start = window.at(19_900)
        assert buffer[19_900 - start :] == DATA[19_900:]
        assert window.at(20_000) == (b"", 20_000)
        assert window.at(10**15) == (b"", 20_000)


@pytest.mark.parametrize("seed", range(5))
def test_what_was_read_can_be_read_again_until_it_is_passed(seed: int) -> None:
    window = StreamWindow(random_pieces(DATA, seed))
    assert window.read(100, 5000) == DATA[100:5100]
    assert window.read(100, 5000) == DATA[100:5100]
    assert window.read(4000, 10) == DATA[4000:4010]
    assert b"".join(window.pieces(4000, 9000)) == DATA[4000:13_000]
    assert window.read(19_999, 10) == DATA[19_999:]


@pytest.mark.parametrize("seed", range(5))
def test_contents_are_digested_as_they_pass(seed: int) -> None:
    window = StreamWindow(random_pieces(DATA, seed))
    for position, size in ((0, 0), (0, 10), (10, 5000), (6000, 1), (7000, 12_000)):
        expected = digest_of(DATA[position : position + size], RUN_SEED)
        assert window.digest(position, size, RUN_SEED) == expected


def test_a_stream_in_single_bytes_takes_time_in_proportion() -> None:
    def seconds(count: int) -> float:
        window = StreamWindow(pieces(bytes(count), 1))
        started = time.perf_counter()
        assert len(window.read(0, count // 2)) == count // 2
        for position in range(0, count - 512, 512):
            window.at(position)
        return time.perf_counter() - started

    assert seconds(400_000) < 40 * seconds(40_000) + 1


def test_what_follows_the_end_is_let_pass_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PADDING", 1000)
    window = StreamWindow(pieces(bytes(5900), 100))
    window.at(5000)  # however much came before
    window.drain("test.tar")
    assert window.at(5900) == (b"", 5900)
    window = StreamWindow(pieces(bytes(7000), 100))
    window.at(5000)
    with pytest.raises(DamagedError, match=r"^test\.tar goes on for more than 0 MiB after its end marker"):
        window.drain("test.tar")


# Digests and counts ---------------------------------------------------------------------------------------


def test_what_passes_is_hashed_and_counted() -> None:
    expected = f"sha256:{hashlib.sha256(DATA).hexdigest()}"
    over, beside = Sha256(), Sha256()
    assert b"".join(over.over(pieces(DATA, 700))) == DATA
    assert b"".join(beside.beside(pieces(DATA, 700))) == DATA
    assert (over.digest, over.size) == (beside.digest, beside.size) == (expected, len(DATA))
    assert "sha256" not in threads()


def test_hashing_beside_ends_when_the_reader_does() -> None:
    chunks = Sha256().beside(pieces(DATA, 1))
    assert next(chunks) == DATA[:1]
    assert "sha256" in threads()
    chunks.close()
    assert "sha256" not in threads()


def test_progress_hears_of_every_chunk() -> None:
    told: list[int] = []
    assert b"".join(counted(pieces(b"x" * 250, 100), told.append)) == b"x" * 250
    assert told == [100, 100, 50]


# Ahead in a thread ----------------------------------------------------------------------------------------


def test_chunks_made_ahead_are_the_same() -> None:
    assert list(prefetched(pieces(DATA, 700))) == list(pieces(DATA, 700))
    assert list(prefetched(iter(()))) == []
    assert "prefetch" not in threads()


def test_an_error_arrives_where_its_chunk_would_have() -> None:
    def failing() -> Iterator[bytes]:
        yield b"one"
        yield b"two"
        raise DamagedError("cut off")

    chunks = prefetched(failing())
    assert [next(chunks), next(chunks)] == [b"one", b"two"]
    with pytest.raises(DamagedError, match=r"^cut off$"):
        next(chunks)
    assert "prefetch" not in threads()


def test_a_reader_that_leaves_early_ends_the_thread() -> None:
    asked = 0

    def endless() -> Iterator[bytes]:
        nonlocal asked
        while True:
            asked += 1
            yield b"more"

    chunks = prefetched(endless())
    assert next(chunks) == b"more"
    chunks.close()
    assert "prefetch" not in threads()
    assert asked < 20


def test_a_reader_does_not_wait_for_ever_for_a_source_that_gives_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("layerscope.loader.streams._PATIENCE", 0.1)
    stuck = threading.Event()

    def waiting() -> Iterator[bytes]:
        yield b"one"
        stuck.wait(20)
        yield b"two"

    chunks = prefetched(waiting())
    assert next(chunks) == b"one"
    started = time.perf_counter()
    chunks.close()
    assert time.perf_counter() - started < 5
    stuck.set()

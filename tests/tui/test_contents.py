"""What is read of the image's files, and how often."""

import pytest
from layerscope.errors import SourceError
from layerscope.tui.contents import ContentCache

from tests.tui.files import held, layer, session


class EnoughError(Exception):
    pass


def test_a_file_is_read_once() -> None:
    opened = session(layer(("a", b"text")))
    cache = ContentCache.of(opened.timeline)
    assert [cache.head((0, 0)), cache.head((0, 0))] == [b"text", b"text"]
    assert held(opened, 0).reads == 1


def test_all_screens_over_an_image_share_what_was_read() -> None:
    opened = session(layer(("a", b"text")))
    assert ContentCache.of(opened.timeline) is ContentCache.of(opened.timeline)
    assert ContentCache.of(opened.timeline) is not ContentCache.of(session(layer()).timeline)


def test_no_more_is_read_than_the_limit() -> None:
    opened = session(layer(("a", b"0123456789"), piece=2))
    heard: list[int] = []
    cache = ContentCache(opened.timeline.layers)
    assert cache.head((0, 0), 3, heard.append) == b"012"
    assert heard == [2, 2]


def test_a_shorter_beginning_is_cut_from_what_is_kept_and_a_longer_one_is_read() -> None:
    opened = session(layer(("a", b"0123456789")))
    cache = ContentCache(opened.timeline.layers)
    assert [cache.head((0, 0), limit) for limit in (4, 2, 8, 100, 9)] == [
        b"0123", b"01", b"01234567", b"0123456789", b"012345678",
    ]  # fmt: skip
    assert held(opened, 0).reads == 3


def test_an_empty_file_is_not_read() -> None:
    opened = session(layer(("a", b"")))
    assert ContentCache(opened.timeline.layers).head((0, 0)) == b""
    assert held(opened, 0).reads == 0


def test_the_file_that_was_not_asked_for_longest_is_given_up() -> None:
    opened = session(layer(("a", b"aaaa"), ("b", b"bbbb"), ("c", b"cccc")))
    cache = ContentCache(opened.timeline.layers, capacity=8)
    for number in (0, 1, 0, 2):
        cache.head((0, number))
    assert held(opened, 0).reads == 3
    cache.head((0, 0))
    assert held(opened, 0).reads == 3
    cache.head((0, 1))
    assert held(opened, 0).reads == 4


def test_a_file_larger_than_the_cache_is_given_but_not_kept() -> None:
    opened = session(layer(("a", b"aaaa")))
    cache = ContentCache(opened.timeline.layers, capacity=3)
    assert [cache.head((0, 0)), cache.head((0, 0))] == [b"aaaa", b"aaaa"]
    assert held(opened, 0).reads == 2


def test_who_does_not_want_to_wait_is_heard_and_nothing_is_kept() -> None:
    opened = session(layer(("a", b"text"), piece=1))
    cache = ContentCache(opened.timeline.layers)

    def tell(_count: int) -> None:
        raise EnoughError

    with pytest.raises(EnoughError):
        cache.head((0, 0), tell=tell)
    assert cache.head((0, 0)) == b"text"


def test_bytes_that_have_gone_by_are_an_error_each_time() -> None:
    opened = session(layer(("a", b"text"), error=SourceError("gone by")))
    cache = ContentCache(opened.timeline.layers)
    for _ in range(2):
        with pytest.raises(SourceError, match="gone by"):
            cache.head((0, 0))


def test_a_whole_file_comes_in_pieces() -> None:
    opened = session(layer("d/", ("d/a", b"0123456"), piece=3))
    cache = ContentCache(opened.timeline.layers)
    assert list(cache.pieces((0, 1))) == [b"012", b"345", b"6"]
    assert (cache.size((0, 1)), cache.cost((0, 1))) == (7, 7)

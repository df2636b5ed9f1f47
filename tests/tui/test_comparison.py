"""Two versions of a file, told apart."""

import random
from collections.abc import Iterator

import pytest
from layerscope.analysis.model import Entry, FileType
from layerscope.tui.comparison import (
    Fact,
    Row,
    TooDifferent,
    compare,
    facts,
    first_difference,
    line_difference,
    stream_difference,
)
from layerscope.tui.contents import ContentCache
from layerscope.tui.display import moment

from tests import models
from tests.tui.files import Item, layer, session, version


def rows_of(old: bytes, new: bytes, *, limit: int = 1000, piece: int = 100) -> list[Row]:
    """How the contents differ."""
    opened = session(layer(("a", old), piece=piece), layer(("a", new), piece=piece))
    before, after = (opened.timeline.version(version(opened, b"a", number)[1]) for number in (0, 1))
    return compare(ContentCache(opened.timeline.layers), before, after, lambda _count: None, limit=limit)


def told(old: bytes, new: bytes, *, limit: int = 1000) -> list[str]:
    """The same, as lines."""
    return [row.sign + row.text for row in rows_of(old, new, limit=limit)]


def facts_of(old: Item, new: Item) -> list[Fact]:
    """What else differs."""
    opened = session(layer(old), layer(new))
    return list(facts(*(opened.timeline.version(version(opened, b"a", number)[1]) for number in (0, 1))))


def test_texts_are_compared_line_by_line() -> None:
    old = "".join(f"{number}\n" for number in range(20))
    new = old.replace("5\n", "five\n", 1).replace("18\n", "")
    assert told(old.encode(), new.encode()) == [
        "@-3,7 +3,7", " 2", " 3", " 4", "-5", "+five", " 6", " 7", " 8",
        "@-16,5 +16,4", " 15", " 16", " 17", "-18", " 19",
    ]  # fmt: skip


def test_lines_are_counted_from_the_beginning_of_the_file() -> None:
    lines = [str(number) for number in range(500)]
    found = list(line_difference(lines, [*lines[:400], "new", *lines[400:]], lambda _count: None))
    assert found == [
        Row("@", "-398,6 +398,7"), Row(" ", "397"), Row(" ", "398"), Row(" ", "399"), Row("+", "new"),
        Row(" ", "400"), Row(" ", "401"), Row(" ", "402"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([], ["a"], ["@-0,0 +1", "+a"]),
        (["a"], [], ["@-1 +0,0", "-a"]),
        (["a"], ["b"], ["@-1 +1", "-a", "+b"]),
        (["a", "a"], ["a"], ["@-1,2 +1", " a", "-a"]),
        (["a"], ["a", "a", "a"], ["@-1 +1,3", " a", "+a", "+a"]),
        (["a"], ["a"], []),
        ([], [], []),
    ],
)
def test_short_texts(old: list[str], new: list[str], expected: list[str]) -> None:
    assert [row.sign + row.text for row in line_difference(old, new, lambda _count: None)] == expected


def test_it_is_what_makes_the_one_of_the_other() -> None:
    choice = random.Random(7)
    for _ in range(200):
        old, new = ([choice.choice("abc") for _ in range(choice.randrange(30))] for _ in range(2))
        assert _applied(old, list(line_difference(old, new, lambda _count: None))) == new


def _applied(old: list[str], rows: list[Row]) -> list[str]:
    new, at = [], 0
    for row in rows:
        if row.sign == "@":
            start, _, length = row.text.split()[0][1:].partition(",")
            begin = int(start) - (length != "0")
            new += old[at:begin]
            at = begin
        elif row.sign == "+":
            new.append(row.text)
        else:
            assert old[at] == row.text
            new += [row.text] if row.sign == " " else []
            at += 1
    return new + old[at:]


def test_a_line_break_at_the_end_and_carriage_returns_count() -> None:
    assert told(b"a\n", b"a") == ["+(no line break at the end)"]
    assert told(b"a\n", b"b") == ["@-1 +1", "-a", "+b", "+(no line break at the end)"]
    assert told(b"a\n", b"a\r\n") == ["@-1 +1", "-a", "+a\r"]


def test_an_encoding_that_changed_is_told() -> None:
    assert told("grün".encode(), "\ufeffgrün".encode()) == [
        "!encoding: utf-8 before, utf-8-sig after", "!the text is the same",
    ]  # fmt: skip


def test_binary_files_are_told_apart_by_their_first_difference() -> None:
    old, new = bytes(100), bytes(37) + b"x" + bytes(9)
    assert told(old, new) == [
        "!content differs from byte 37 (0x25) on",
        "-00000020  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|",
        "+00000020  00 00 00 00 00 78 00 00  00 00 00 00 00 00 00     |.....x.........|",
        "-00000030  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|",
        "-00000040  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|",
        "-00000050  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|",
        "-00000060  00 00 00 00                                       |....|",
    ]


def test_no_more_than_256_bytes_are_shown() -> None:
    found = rows_of(b"\0" * 5000, b"\1" * 5000, limit=10_000)
    assert len(found) == 1 + 2 * 16


def test_the_same_is_said_only_of_what_was_compared_to_its_end() -> None:
    same = bytes(5000)
    assert told(same, same, limit=10_000) == ["!content is the same: 5,000 bytes compared"]
    assert told(same, same, limit=100) == ["!content is the same: 5,000 bytes compared"]
    assert told(same, same + b"\1", limit=100)[0] == "!content differs from byte 5,000 (0x1388) on"
    assert told(b"x" * 5000, b"x" * 4999 + b"y", limit=100)[:2] == [
        "!content differs from byte 4,999 (0x1387) on",
        "-00001380  78 78 78 78 78 78 78 78                           |xxxxxxxx|",
    ]


def test_of_long_texts_the_beginnings_are_compared_up_to_the_last_whole_line() -> None:
    old, new = b"one\ntwo\nthree\n" * 500, b"one\ntoo\nthree\n" * 400
    assert told(old, new, limit=10) == [
        "!only the first 10 bytes are compared", "@-1,2 +1,2", " one", "-two", "+too",
    ]  # fmt: skip


def test_a_hard_link_to_the_same_stored_file_is_not_read() -> None:
    opened = session(layer(("a", b"text"), "b => a"))
    one = opened.timeline.version(version(opened, b"a")[1])
    other = opened.timeline.version(version(opened, b"b")[1])
    cache = ContentCache(opened.timeline.layers)
    assert compare(cache, one, other, lambda _count: None) == [
        Row("!", "content: one and the same stored file")
    ]


def test_texts_that_take_too_long_are_given_up() -> None:
    old, new = ([f"{number * 7919 % 5000 + shift}" for number in range(5000)] for shift in (0, 1))
    with pytest.raises(TooDifferent):
        list(line_difference(old, new, lambda _count: None, patience=0.0))


def test_who_does_not_want_to_wait_is_heard_while_texts_are_compared() -> None:
    def tell(_count: int) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        list(line_difference(["a"], ["b"], tell))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [(b"", b"", 0), (b"a", b"a", 1), (b"ab", b"ac", 1), (b"ab", b"xb", 0), (b"abc", b"ab", 2)],
)
def test_the_first_difference(old: bytes, new: bytes, expected: int) -> None:
    assert first_difference(old, new) == expected


def test_streams_are_compared_wherever_they_are_cut() -> None:
    choice = random.Random(3)
    data = choice.randbytes(1000)
    for place in (0, 15, 16, 17, 499, 999):
        other = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        for sizes in ((1000, 1000), (7, 100), (300, 16)):
            found = stream_difference(
                *(_cut(one, size) for one, size in zip((data, other), sizes, strict=True))
            )
            start = place - place % 16
            assert found == (place, start, data[start : start + 256], other[start : start + 256])
    assert stream_difference(_cut(data, 7), _cut(data, 300)) is None
    assert stream_difference(_cut(data, 7), _cut(data[:990], 300)) == (990, 976, data[976:], data[976:990])
    assert stream_difference(iter([]), iter([b"a"])) == (0, 0, b"", b"a")


def _cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def test_mode_owner_and_time() -> None:
    old = models.entry("a", 0o644, 0, 0, 0)
    new = models.entry("a", 0o4755, 1000, 50, 1_700_000_000 * 10**9)
    assert facts_of(old, new) == [
        ("mode", "0644 -rw-r--r--", "4755 -rwsr-xr-x"),
        ("owner", "0:0", "1000:50"),
        ("modified", "1970-01-01 00:00:00 UTC", "2023-11-14 22:13:20 UTC"),
    ]
    assert facts_of(old, old) == []


def test_a_part_of_a_second() -> None:
    old, new = models.entry("a", mtime_ns=1), models.entry("a", mtime_ns=20_000)
    assert facts_of(old, new) == [
        ("modified", "1970-01-01 00:00:00 UTC and 1 ns", "1970-01-01 00:00:00 UTC and 20,000 ns")
    ]


def test_type_size_and_target() -> None:
    assert facts_of(("a", b"text"), "a -> b") == [
        ("type", "file", "symbolic link"),
        ("link to", b"", b"b"),
        ("size", "4 bytes", ""),
        ("mode", "0644 -rw-r--r--", "0777 -rwxrwxrwx"),
    ]


def test_devices() -> None:
    null = Entry(b"a", FileType.CHARACTER, 0o666, 0, 0, 0, 0)
    zero = null._replace(extras=null.extras._replace(device=(1, 5)))
    assert facts_of(null, zero) == [("device", "0, 0", "1, 5")]


def test_xattrs_that_came_went_and_changed() -> None:
    old, new = (
        (models.entry("a")._replace(extras=models.entry("a").extras._replace(xattrs=pairs)), b"")
        for pairs in (((b"user.a", b"1"), (b"user.b", b"2")), ((b"user.b", b"3"), (b"user.c\xff", b"4")))
    )
    assert facts_of(old, new) == [
        ("xattr user.a", b"1", b""),
        ("xattr user.b", b"2", b"3"),
        ("xattr user.c\udcff", b"", b"4"),
    ]


def test_a_time_that_no_calendar_has() -> None:
    assert moment(10**30) == "1000000000000000000000 s after 1970"

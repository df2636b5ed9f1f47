"""Bytes as lines: what counts as text, and how lines are told apart."""

import random

import pytest
from layerscope.tui.listing import BINARY, Listing, decode, encoding_of, hex_lines, listing

NOISE = random.Random(1).randbytes(4000)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "utf-8"),
        (b"plain\n", "utf-8"),
        ("grün 漢字\n".encode(), "utf-8"),
        ("\ufeffwith a mark".encode(), "utf-8-sig"),
        ("\ufeffwide".encode("utf-16-le"), "utf-16"),
        ("\ufeffwide".encode("utf-16-be"), "utf-16"),
        ("Straße und Weg\n".encode("latin-1"), "latin-1"),
        (("好" * 100).encode() + b"\xff", "utf-8"),
        (b"\x1b[31mred\x1b[0m log\n" * 10, "utf-8"),
        (b"nul\0", BINARY),
        (b"\x01\x02\x03\x04 few letters", BINARY),
        (NOISE.replace(b"\0", b"\1"), BINARY),
        (b"\xff\xfe" + NOISE, BINARY),
        (b"\x7fELF\x02\x01\x01\x00", BINARY),
    ],
)
def test_text_is_told_from_binary(data: bytes, expected: str) -> None:
    assert encoding_of(data) == expected


def test_a_character_that_the_end_cuts_in_two_is_left_out() -> None:
    data = "grün".encode()[:3]
    assert (encoding_of(data), decode(data, "utf-8")) == ("utf-8", "gr")


def test_a_byte_that_is_not_utf_8_is_kept() -> None:
    assert decode("好".encode() + b"\xff", "utf-8") == "好\udcff"


def test_lines_end_with_a_line_feed_only() -> None:
    assert listing("a\r\nb\x0bc\x85d\u2028e\rf\n\ng").rows == ["a", "b\x0bc\x85d\u2028e\rf", "", "g"]
    assert listing("") == Listing([], [])
    assert listing("\n") == Listing([""], [1])


def test_a_very_long_line_goes_on_in_further_rows() -> None:
    found = listing("a\n" + "b" * 4500 + "\nc")
    assert [len(row) for row in found.rows] == [1, 2000, 2000, 500, 1]
    assert found.numbers == [1, 2, 0, 0, 3]
    assert found.has_long_lines
    assert not listing("a\nb\n").has_long_lines


def test_a_dump_has_the_offset_the_bytes_and_the_ascii_characters() -> None:
    assert list(hex_lines(b"0123456789\n\x1b\xff|[/a", 16)) == [
        "00000010  30 31 32 33 34 35 36 37  38 39 0a 1b ff 7c 5b 2f  |0123456789...|[/|",
        "00000020  61                                                |a|",
    ]

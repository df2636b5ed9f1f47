"""What is shown of raw bytes and numbers."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layerscope.formatting import columns, cut, inert, mode, percent, printable, size


@pytest.mark.parametrize(
    "text", ["", "plain", "with blank", "café", "漢字", "e\u0301", "😀", "back\\slash", "a\\nb", "'\"<>&`|"]
)
def test_what_can_be_shown_stays_as_it_is(text: str) -> None:
    assert printable(text) == printable(text.encode()) == text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\nb", r"a\nb"),
        ("a\r\tb", r"a\r\tb"),
        ("\0\a\b\v\f", r"\x00\x07\x08\x0b\x0c"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\x7f", r"\x7f"),
        ("\x85\x9b", r"\x85\x9b"),  # C1: next line, control sequence introducer
        ("\xa0", r"\xa0"),  # a blank that looks like another
        ("\u3000", r"\u3000"),
        ("\xad", r"\xad"),  # soft hyphen
        ("\u200b\u200d\ufeff", r"\u200b\u200d\ufeff"),  # zero width
        ("\u202e\u2066\u061c", r"\u202e\u2066\u061c"),  # bidirectional
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\ue000\U000f0000", r"\ue000\U000f0000"),  # private use
        ("\u0378\ufdd0\U0010ffff", r"\u0378\ufdd0\U0010ffff"),  # unassigned
        ("\U000e0041", r"\U000e0041"),  # a tag
        ("\ud800", r"\ud800"),
        ("\udcff", r"\xff"),  # an argument of the command line that is not UTF-8
    ],
)
def test_what_is_invisible_or_acts_on_a_terminal_is_escaped(raw: str, shown: str) -> None:
    assert printable(raw) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"\xff\xfe", r"\xff\xfe"),
        (b"latin-\xe9", r"latin-\xe9"),
        (b"\xed\xa0\x80", r"\xed\xa0\x80"),  # half a surrogate pair
        (b"\xc0\xaf", r"\xc0\xaf"),  # an overlong slash
        (b"\xe6\xbc", r"\xe6\xbc"),  # cut within a character
        (b"caf\xc3\xa9\xff", r"café\xff"),
    ],
)
def test_bytes_that_are_not_utf_8_are_escaped(raw: bytes, shown: str) -> None:
    assert printable(raw) == shown


def test_no_character_at_all_gets_through_that_is_not_printable() -> None:
    for code in range(0x110000):
        char = chr(code)
        shown = printable(char)
        assert shown.isprintable()
        assert (shown == char) == char.isprintable()


def test_what_is_printable_holds_no_control_and_no_format_character() -> None:
    kinds = {unicodedata.category(chr(code)) for code in range(0x110000) if chr(code).isprintable()}
    assert kinds.isdisjoint({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


@given(st.binary())
def test_any_bytes_become_printable_and_then_stay(raw: bytes) -> None:
    shown = printable(raw)
    assert shown.isprintable()
    assert printable(shown) == shown
    plain = printable(raw, ascii_only=True)
    assert plain.isprintable()
    assert plain.isascii()


def test_ascii_only() -> None:
    assert printable("café 漢\n", ascii_only=True) == r"caf\xe9 \u6f22\n"
    assert printable("plain", ascii_only=True) == "plain"


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("é", 1),
        ("漢字", 4),
        ("ｆ", 2),
        ("한", 2),
        ("😀", 2),
        ("e\u0301", 1),
        ("a\u20dd", 1),
        ("…", 1),
    ],
)
def test_columns_of_a_terminal(text: str, width: int) -> None:
    assert columns(text) == width


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("abcdef", 2, "a…"),
        ("abcdef", 1, "…"),
        ("abcdef", 0, ""),
        ("漢字漢字", 8, "漢字漢字"),
        ("漢字漢字", 7, "漢字漢…"),
        ("漢字漢字", 6, "漢字…"),
        ("e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
    ],
)
def test_the_end_is_cut_off(text: str, width: int, shown: str) -> None:
    assert cut(text, width) == shown


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("0123456789", 10, "0123456789"),
        ("0123456789", 7, "01…6789"),
        ("0123456789", 4, "0…89"),
        ("0123456789", 1, "…"),
        ("漢字漢字漢字", 8, "漢…漢字"),
        ("ae\u0301e\u0301e\u0301e\u0301", 4, "a…e\u0301e\u0301"),
    ],
)
def test_the_middle_is_cut_out(text: str, width: int, shown: str) -> None:
    assert cut(text, width, keep_end=True) == shown


def test_another_ellipsis() -> None:
    assert cut("abcdefgh", 6, ellipsis="...") == "abc..."
    assert cut("abcdefgh", 2, ellipsis="...") == ".."


@given(st.text(st.characters(exclude_categories=["Cs"])).map(printable), st.integers(0, 40), st.booleans())
def test_what_is_cut_fits(text: str, width: int, keep_end: bool) -> None:
    shown = cut(text, width, keep_end=keep_end)
    assert columns(shown) <= width
    assert shown == text or (columns(text) > width and columns(shown) >= width - 2)


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (1004, "1.00 kB"),
        (1006, "1.01 kB"),
        (9994, "9.99 kB"),
        (9995, "10.0 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.00 MB"),
        (999_999, "1.00 MB"),
        (10**6, "1.00 MB"),
        (128_000_000, "128 MB"),
        (999_499_999, "999 MB"),
        (999_500_000, "1.00 GB"),
        (2_070_000_000, "2.07 GB"),
        (10**12, "1.00 TB"),
        (10**15, "1.00 PB"),
        (10**18, "1.00 EB"),
        (10**21, "1000 EB"),
        (-5, "-5 B"),
        (-128_000_000, "-128 MB"),
    ],
)
def test_sizes_have_three_digits(count: int, shown: str) -> None:
    assert size(count) == shown


def test_a_size_beyond_every_unit_is_no_error() -> None:
    assert size(10**4000).endswith(" EB")


@given(st.integers(0, 10**20))
def test_a_size_is_short_and_right_to_half_a_percent(count: int) -> None:
    number, unit = size(count).split()
    value = float(number) * 1000 ** ["B", "kB", "MB", "GB", "TB", "PB", "EB"].index(unit)
    assert len(number) <= 4
    assert abs(value - count) <= 0.005 * count


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [
        (0, "0 %"),
        (0.0, "0 %"),
        (1e-9, "0.01 %"),
        (0.00004, "0.01 %"),
        (0.0001, "0.01 %"),
        (0.5, "50.00 %"),
        (0.12345, "12.35 %"),
        (0.9999, "99.99 %"),
        (0.99994, "99.99 %"),
        (0.99999999, "99.99 %"),
        (1, "100 %"),
        (1.0, "100 %"),
        (1.34361, "134.36 %"),
    ],
)
def test_percentages_never_round_to_nothing_or_to_all(fraction: float, shown: str) -> None:
    assert percent(fraction) == shown


@pytest.mark.parametrize(
    ("bits", "kind", "shown"),
    [
        (0o644, "-", "-rw-r--r--"),
        (0o755, "d", "drwxr-xr-x"),
        (0o777, "l", "lrwxrwxrwx"),
        (0o4755, "-", "-rwsr-xr-x"),
        (0o4644, "-", "-rwSr--r--"),
        (0o2755, "-", "-rwxr-sr-x"),
        (0o1777, "d", "drwxrwxrwt"),
        (0, "-", "----------"),
        (0o100644, "-", "-rw-r--r--"),
    ],
)
def test_modes_as_ls_shows_them(bits: int, kind: str, shown: str) -> None:
    assert mode(bits, kind) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a ##[group]b", r"a #\x23[group]b"),
        (b"##vso[task.x]", r"#\x23vso[task.x]"),
        ("###[x]", r"##\x23[x]"),
        ("## [x] #[y] ##", "## [x] #[y] ##"),
    ],
)
def test_nothing_printable_is_a_command_of_a_ci_runner(raw: bytes | str, shown: str) -> None:
    assert printable(raw) == shown


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("::error::x", r":\x3aerror::x"),
        ("  ::stop-commands::x", r"  :\x3astop-commands::x"),
        ("a ::error::x", "a ::error::x"),
        ("", ""),
    ],
)
def test_a_line_does_not_begin_as_a_command_of_a_ci_runner(line: str, expected: str) -> None:
    assert inert(line) == expected

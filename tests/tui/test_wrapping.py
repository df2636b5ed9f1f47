"""Long text is broken into lines of a width, whatever is in it."""

from hypothesis import given
from hypothesis import strategies as st
from layerscope.tui.wrapping import wrap
from rich.cells import cell_len


def test_a_text_that_fits_is_one_line() -> None:
    assert wrap("RUN make", 8) == ["RUN make"]
    assert wrap("", 8) == [""]


def test_lines_are_broken_at_blanks() -> None:
    assert wrap("RUN make all && make install", 10) == ["RUN make", "all &&", "make", "install"]


def test_a_word_that_is_too_long_is_broken() -> None:
    assert wrap("COPY /a/very/long/path", 8) == ["COPY", "/a/very/", "long/pat", "h"]


def test_blanks_within_a_line_stay() -> None:
    assert wrap("a   b", 10) == ["a   b"]


def test_wide_characters_take_two_columns() -> None:
    assert wrap("字字字字", 5) == ["字字", "字字"]
    assert wrap("a字字", 4) == ["a字", "字"]


def test_marks_stay_with_their_characters() -> None:
    assert wrap("e\u0301" * 4, 2) == ["e\u0301e\u0301", "e\u0301e\u0301"]


def test_no_width_is_too_small() -> None:
    assert wrap("ab字", 1) == ["a", "b", "字"]
    assert wrap("ab", -5) == ["a", "b"]


@given(st.text(st.sampled_from("ab 字\u0301"), max_size=60), st.integers(2, 12))
def test_nothing_is_lost_and_no_line_is_too_long(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")

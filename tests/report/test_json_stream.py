"""JSON in pieces of any size: the same values as `json.loads`, and bounds that hold."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layerscope.errors import LimitError
from layerscope.report import json_stream
from layerscope.report.json_stream import JsonError, JsonStream

ROOM = 1 << 20
WHOLE = '{"a": [1, {"b": "\\u00e9"}], "rows": [-15, true, null]}'
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def stream(text: str, piece: int = 3) -> JsonStream:
    """The text, which comes in pieces far smaller than asked for."""
    source = io.StringIO(text)
    return JsonStream(lambda _count: source.read(piece))


def everything(text: str, piece: int = 3, rows: tuple[str, ...] = ("rows",)) -> dict[str, Any]:
    found = {}
    reader = stream(text, piece)
    for key in reader.members():
        found[key] = list(reader.rows(ROOM)) if key in rows else reader.value(ROOM)
    return found


@given(st.dictionaries(st.text(), VALUES), st.integers(1, 40), st.sampled_from([None, 1]), st.booleans())
def test_any_object_is_read_as_json_loads_reads_it(
    document: dict[str, Any], piece: int, indent: int | None, is_ascii: bool
) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=is_ascii)
    assert everything(text, piece, ()) == document


@given(st.lists(VALUES), st.integers(1, 40))
def test_rows_are_the_items_of_a_list(rows: list[Any], piece: int) -> None:
    text = json.dumps({"rows": rows, "more": 1})
    assert everything(text, piece) == {"rows": rows, "more": 1}


def test_a_number_is_not_over_before_something_else_follows() -> None:
    assert everything('{"a": 12345678901, "rows": [1234567, -8901234]}') == {
        "a": 12345678901,
        "rows": [1234567, -8901234],
    }


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_a_text_that_is_cut_off_is_called_so(length: int) -> None:
    with pytest.raises(JsonError, match="cut off"):
        everything(WHOLE[:length])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "it has [ where { belongs"),
        ("{} {}", "it goes on behind its end"),
        ('{"a": 1 "b": 2}', 'it has " where } belongs'),
        ('{"a" 1}', "it has 1 where : belongs"),
        ("{1: 1}", "it has a key that is no text"),
        ('{"a": 1, "b": 2, "a": 3}', "it has the key a twice"),
        ('{"a": {"b": 1, "b": 1}}', "it has an object with a key twice"),
        ('{"a": NaN}', "it holds NaN, which is no JSON"),
        ('{"a": [-Infinity]}', "it holds -Infinity, which is no JSON"),
        ('{"a": 1e999}', "it holds a number that is too large"),
        ('{"rows": {}}', "it has { where [ belongs"),
        ('{"rows": [1 2]}', "it has 2 where ] belongs"),
        ('{"a": [1 2, 3, 4, 5, 6, 7, 8, 9, 10]}', "it is no JSON (Expecting ',' delimiter)"),
    ],
)
def test_what_is_no_json_is_told(text: str, message: str) -> None:
    with pytest.raises(JsonError) as caught:
        everything(text, 100)
    assert str(caught.value) == message


def test_a_whole_number_of_too_many_digits_is_refused() -> None:
    with pytest.raises(JsonError, match="too large"):
        everything('{"a": %s}' % ("1" * 5000))


def test_nesting_without_an_end_is_refused() -> None:
    with pytest.raises(LimitError, match="nested"):
        everything('{"a": %s' % ("[" * 200_000), 1 << 18)


@pytest.mark.parametrize("text", ['{"a": "%s"}', '{"a": [%s1]}'])
def test_a_value_longer_than_its_limit_is_refused_unread(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_READ", 64)
    source = io.StringIO(text % ("1," * 100_000))
    reader = JsonStream(source.read)
    next(reader.members())
    with pytest.raises(LimitError, match="more than 1000 characters"):
        reader.value(1000)
    assert source.tell() < 5000


def test_the_position_counts_what_was_taken() -> None:
    reader = stream('  {"a": 1, "b": 22}')
    seen = []
    for _ in reader.members():
        reader.value(ROOM)
        seen.append(reader.position)
    assert seen == [9, 18]

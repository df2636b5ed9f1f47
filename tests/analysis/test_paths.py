"""The one door through which names come."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layerscope.analysis.paths import normalise, parts, split

NAMES = st.lists(st.sampled_from([b"", b".", b"..", b"a", b"b.", b"..c", b"\xff"]), max_size=8).map(b"/".join)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (b"a/b", b"a/b"),
        (b"a/b/", b"a/b"),
        (b"./a/b", b"a/b"),
        (b"/a/b", b"a/b"),
        (b"//a//b//", b"a/b"),
        (b"a/./b/.", b"a/b"),
        (b"a/c/../b", b"a/b"),
        (b"../../a/b", b"a/b"),
        (b"a/../../../b", b"b"),
        (b"a/..", b""),
        (b"", b""),
        (b".", b""),
        (b"..", b""),
        (b"/", b""),
        (b"./", b""),
        (b"...", b"..."),
        (b"a/..b/c.", b"a/..b/c."),
        (b"a b/\n", b"a b/\n"),
        (b"\xff/\x00", b"\xff/\x00"),
        (b"a\\b", b"a\\b"),
    ],
)
def test_every_spelling_has_one_path(name: bytes, path: bytes) -> None:
    assert normalise(name) == path
    assert parts(name) == (path.split(b"/") if path else [])


@pytest.mark.parametrize(
    ("name", "head", "tail"),
    [
        (b"a", b"", b"a"),
        (b"a/b/c", b"a/b", b"c"),
        (b"./a/b", b"./a", b"b"),
        (b"a/../b", b"a/..", b"b"),
        (b"a/b/", b"a", b"b"),
        (b"a/b//", b"a", b"b"),
        (b"a/b/.", b"a", b"b"),
        (b"a/b/..", b"", b"a"),
        (b"/", b"", b""),
        (b"", b"", b""),
        (b"..", b"", b""),
    ],
)
def test_a_name_is_split_into_its_directory_and_a_last_component_that_is_never_odd(
    name: bytes, head: bytes, tail: bytes
) -> None:
    assert split(name) == (head, tail)


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(NAMES)
def test_splitting_and_normalising_agree(name: bytes) -> None:
    head, tail = split(name)
    assert parts(head) + ([tail] if tail else []) == parts(name)
    assert normalise(normalise(name)) == normalise(name)
    assert not {b"", b".", b".."} & set(parts(name))

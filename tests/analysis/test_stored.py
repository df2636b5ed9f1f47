"""What the layers store, file by file."""

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.model import Layer
from layerscope.analysis.stored import Links, hard_links, layers_of, stored, waste_by_entry
from layerscope.errors import SourceError

from tests.analysis.test_saved import saved
from tests.models import entry, image, layer
from tests.report.sample import sample


def names(one: Layer) -> list[tuple[bytes, bytes, int]]:
    return [(directory, name, number) for directory, name, number, _ in stored(one)]


def test_names_are_split_and_normalised_in_the_order_of_the_tar() -> None:
    assert names(layer("b:1", "./a//c/", "/a/c/d:1", "a/../e/./f:1", "a/c/../g/")) == [
        (b"", b"b", 0),
        (b"a", b"c", 1),
        (b"a/c", b"d", 2),
        (b"e", b"f", 3),
        (b"a", b"g", 4),
    ]


def test_whiteouts_and_the_root_are_left_out() -> None:
    assert names(layer("./", "/", "a/.wh.b:7", "a/.wh..wh..opq", ".wh..wh.plnk/", "a/..:3", "a.wh.b:1")) == [
        (b"", b"a.wh.b", 6)
    ]


def test_sizes_add_up_to_what_each_layer_stores() -> None:
    for one in (sample(), image(layer("../a:5", "..:7", "b/.wh.c:9", "b/.wh.d/e:11", ".:13"))):
        analysis = analyze(one)
        assert [sum(entry.size for *_, entry in stored(layer.layer)) for layer in layers_of(analysis)] == [
            layer.figures.stored for layer in analysis.layers
        ]


def test_every_wasted_copy_is_found_by_its_entry() -> None:
    analysis = analyze(sample())
    assert [
        [(number, row.path, row.kind.value) for number, row in sorted(rows.items())]
        for rows in waste_by_entry(analysis)
    ] == [
        [
            (1, b"bin/tool", "rewritten"),
            (2, b"etc/key", "removed"),
            (3, b"etc/conf", "overwritten"),
            (4, b"twice", "shadowed-in-layer"),
        ],
        [(1, b"srv/tool", "metadata-only")],
        [],
    ]


def test_so_are_those_of_a_saved_report() -> None:
    assert [sorted(rows) for rows in waste_by_entry(saved())] == [[1, 2, 3], [2], []]


def test_a_report_without_entries_is_refused() -> None:
    with pytest.raises(SourceError, match="saved without entries") as caught:
        layers_of(saved(entries=False))
    assert "--entries" in caught.value.hint


def test_the_names_of_one_file_know_of_each_other() -> None:
    found = hard_links(layer("a:10", "b:10", "d/c => ./a", "d/e => /d/c", "f => b"))
    one, other = Links(0, 3, 10), Links(1, 2, 10)
    assert found == {0: one, 1: other, 2: one, 3: one, 4: other}


def test_a_link_names_what_was_last_stored_under_its_target() -> None:
    found = hard_links(layer("a:10", "b => a", "a:20", "c => a"))
    assert found == {0: Links(0, 2, 10), 1: Links(0, 2, 10), 2: Links(2, 2, 20), 3: Links(2, 2, 20)}


@pytest.mark.parametrize(
    "items",
    [
        ("a:10",),
        ("a => below",),
        ("a => b", "b:10"),
        ("a => a",),
        ("a", "b => a"),
        ("a -> b", "c => a"),
        ("a/", "b => a"),
        ("a:10", "a/", "b => a"),
    ],
)
def test_a_link_to_nothing_of_the_layer_has_no_file(items: tuple[str, ...]) -> None:
    assert hard_links(layer(*items)) == {}


def test_whiteouts_between_them_change_nothing() -> None:
    found = hard_links(layer("a:10", ".wh.a", entry("b => a")))
    assert found == {0: Links(0, 2, 10), 2: Links(0, 2, 10)}

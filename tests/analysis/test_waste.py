"""Every wasted copy is one row, and the rows add up."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.model import Change, Entry, Extras, Layer, WasteKind

from tests.models import Unread, entry, image, layer

Row = tuple[str, int, str, int, int]


def waste(*layers: Layer) -> list[Row]:
    """(path, bytes, kind, written by, killed by) of every row, as they stand."""
    analysis = analyze(image(*layers))
    assert sum(row.size for row in analysis.waste) == analysis.totals.wasted
    return [(row.path.decode(), row.size, str(row.kind), row.layer, row.killed_by) for row in analysis.waste]


# Removed


def test_a_file_that_a_whiteout_takes_is_removed() -> None:
    assert waste(layer("d/a:30"), layer("d/.wh.a")) == [("d/a", 30, "removed", 0, 1)]


def test_files_whose_directory_a_whiteout_takes_are_removed() -> None:
    assert waste(layer("d/a:30", "d/e/b:20"), layer(".wh.d")) == [
        ("d/a", 30, "removed", 0, 1),
        ("d/e/b", 20, "removed", 0, 1),
    ]


def test_files_that_an_opaque_marker_hides_are_removed() -> None:
    assert waste(layer("d/a:30"), layer("d/.wh..wh..opq", "d/b:9")) == [("d/a", 30, "removed", 0, 1)]


@pytest.mark.parametrize("item", ["d:1", "d -> x", "d => x"])
def test_files_whose_parent_is_replaced_are_removed(item: str) -> None:
    assert waste(layer("d/e/a:30"), layer(item)) == [("d/e/a", 30, "removed", 0, 1)]


def test_a_file_that_is_removed_and_written_again_is_removed() -> None:
    assert waste(layer("a:30"), layer(".wh.a", "a:30")) == [("a", 30, "removed", 0, 1)]


def test_the_layer_that_removes_is_to_blame_and_not_the_one_that_writes_again() -> None:
    assert waste(layer("a:30"), layer(".wh.a"), layer("a:30")) == [("a", 30, "removed", 0, 1)]


# Overwritten


@pytest.mark.parametrize("item", ["a:5", "a:30#other", "a", "a -> b", "a => none", "a/", "a/b:5"])
def test_a_file_that_another_content_or_type_replaces_is_overwritten(item: str) -> None:
    assert waste(layer("a:30"), layer(item)) == [("a", 30, "overwritten", 0, 1)]


def test_a_file_that_a_link_to_another_content_replaces_is_overwritten() -> None:
    assert waste(layer("a:30", "b:7"), layer("a => b")) == [("a", 30, "overwritten", 0, 1)]


def test_a_file_that_becomes_a_directory_for_a_whiteouts_sake_is_overwritten() -> None:
    assert waste(layer("a:30"), layer("a/.wh.x")) == [("a", 30, "overwritten", 0, 1)]


# Only metadata, or nothing at all


@pytest.mark.parametrize(
    ("again", "changed"),
    [
        (entry("a:30", 0o755), Change.MODE),
        (entry("a:30", uid=1), Change.OWNER),
        (entry("a:30", gid=1), Change.OWNER),
        (entry("a:30", mtime_ns=1), Change.TIME),
        (entry("a:30")._replace(extras=Extras(((b"user.a", b""),))), Change.XATTRS),
        (entry("a:30", 0o755, 1, 1, 1), Change.MODE | Change.OWNER | Change.TIME),
    ],
)
def test_a_file_written_again_with_other_metadata_is_metadata_only_and_says_which(
    again: Entry, changed: Change
) -> None:
    (row,) = analyze(image(layer("a:30"), layer(again))).waste
    assert row == (b"a", 30, WasteKind.METADATA_ONLY, 0, 1, changed)


def test_other_kinds_say_nothing_of_metadata() -> None:
    rows = analyze(
        image(layer("a:30", "b:20", "c:10"), layer(entry("a:31", 0o755), ".wh.b", entry("c -> x", 0o755)))
    ).waste
    assert [row.changed for row in rows] == [0, 0, 0]


def test_a_file_written_again_as_it_was_is_rewritten() -> None:
    assert waste(layer("a:30"), layer("a:30")) == [("a", 30, "rewritten", 0, 1)]


def test_a_link_to_the_same_content_is_the_file_written_again() -> None:
    assert waste(layer("a:30", "b:30"), layer("a => b")) == [("a", 30, "rewritten", 0, 1)]


# Shadowed


def test_all_copies_but_the_last_in_one_tar_are_shadowed() -> None:
    assert waste(layer("a:30", "a:20", "a:10")) == [
        ("a", 30, "shadowed-in-layer", 0, 0),
        ("a", 20, "shadowed-in-layer", 0, 0),
    ]


def test_the_same_content_twice_in_one_tar_is_shadowed_too() -> None:
    assert waste(layer("a:30", "a:30")) == [("a", 30, "shadowed-in-layer", 0, 0)]


@pytest.mark.parametrize("items", [("d/a:30", "d:1"), ("d/a:30", "d -> x"), ("a:30", "a/")])
def test_whatever_replaces_a_file_in_its_own_tar_shadows_it(items: tuple[str, ...]) -> None:
    (row,) = waste(layer(*items))
    assert row[1:] == (30, "shadowed-in-layer", 0, 0)


def test_a_lower_copy_is_judged_by_the_first_of_two_that_replace_it() -> None:
    assert waste(layer("a:30"), layer("a:30", "a:20")) == [
        ("a", 30, "rewritten", 0, 1),
        ("a", 30, "shadowed-in-layer", 1, 1),
    ]


# Hard links


def test_a_file_is_waste_when_its_last_name_goes() -> None:
    lower = layer("a:30", "b => a", "c => a")
    assert waste(lower, layer(".wh.a"), layer(".wh.c")) == []
    assert waste(lower, layer(".wh.a"), layer(".wh.c"), layer(), layer(".wh.b")) == [
        ("a", 30, "removed", 0, 4)
    ]


def test_a_file_is_called_by_the_name_it_was_stored_under() -> None:
    assert waste(layer("./d//a:30", "b => d/a"), layer("d/.wh.a"), layer("b:1")) == [
        ("d/a", 30, "overwritten", 0, 2)
    ]


def test_the_name_that_goes_last_decides_the_kind() -> None:
    lower = layer("a:30", "b => a")
    assert waste(lower, layer("a:9"), layer(".wh.b")) == [("a", 30, "removed", 0, 2)]
    assert waste(lower, layer(".wh.a"), layer("b:30")) == [("a", 30, "rewritten", 0, 2)]
    assert waste(lower, layer(".wh.b", "a:9")) == [("a", 30, "overwritten", 0, 1)]


def test_a_file_whose_names_all_go_at_once_is_one_row() -> None:
    assert waste(layer("d/a:30", "d/b => d/a", "c => d/a"), layer(".wh.d", ".wh.c")) == [
        ("d/a", 30, "removed", 0, 1)
    ]


def test_a_link_made_by_a_later_layer_keeps_the_file() -> None:
    assert waste(layer("a:30"), layer("b => a"), layer(".wh.a")) == []


def test_a_link_written_and_overwritten_in_one_tar_wastes_nothing() -> None:
    assert waste(layer("a:30", "b => a", "b => a", "b -> a")) == []


# The rows


def test_files_without_bytes_are_no_rows() -> None:
    assert waste(layer("a", "l -> a", "h => a", "d/"), layer(".wh.a", ".wh.l", ".wh.h", ".wh.d")) == []


def test_a_live_file_is_no_row() -> None:
    assert waste(layer("a:30"), layer("b:30")) == []


def test_rows_stand_largest_first_then_by_path_then_by_layer() -> None:
    layers = (
        layer("b:5", "a:5", "c:9", "\xff:5"),
        layer("b:5#1", "a:5#1", "c:1"),
        layer(".wh.b", ".wh.a", ".wh.\xff"),
    )
    assert [(path, size, at) for path, size, _, at, _ in waste(*layers)] == [
        ("c", 9, 0),
        ("a", 5, 0),
        ("a", 5, 1),
        ("b", 5, 0),
        ("b", 5, 1),
        ("\xff", 5, 0),
    ]


def test_every_copy_is_a_row() -> None:
    assert waste(layer("a:1"), layer("a:2"), layer("a:3"), layer("a:4")) == [
        ("a", 3, "overwritten", 2, 3),
        ("a", 2, "overwritten", 1, 2),
        ("a", 1, "overwritten", 0, 1),
    ]


def test_the_kinds_add_up_to_the_waste() -> None:
    analysis = analyze(
        image(
            layer("removed:10", "overwritten:20", "chmod:40", "again:80", "twice:320", "twice:325"),
            layer(".wh.removed", "overwritten:25", entry("chmod:40", 0o755), "again:80"),
        )
    )
    assert analysis.waste_by_kind == {
        "removed": 10,
        "overwritten": 20,
        "metadata-only": 40,
        "rewritten": 80,
        "shadowed-in-layer": 320,
    }
    assert analysis.totals.wasted == 10 + 20 + 40 + 80 + 320


def test_every_kind_is_named_even_if_there_is_no_waste() -> None:
    assert analyze(image(layer("a:3"))).waste_by_kind == dict.fromkeys(WasteKind, 0)


def test_contents_are_read_only_where_sizes_are_the_same() -> None:
    stack = [
        replace(one, contents=Unread())
        for one in (layer("a:3", "b:4", "c:5", "d", "e:6"), layer("a:4", ".wh.b", "c -> x", "d", "f:6"))
    ]
    analysis = analyze(image(*stack))
    assert len(analysis.waste) == 3
    assert len(analysis.changes) == 2


def test_contents_that_can_be_read_again_are_compared_up_to_the_first_difference() -> None:
    class Pieces(Unread):
        def __init__(self, *pieces: bytes) -> None:
            self.pieces = pieces
            self.taken = 0

        def chunks(self, number: int) -> Iterator[bytes]:
            for piece in self.pieces:
                self.taken += 1
                yield piece

    one, other, same = Pieces(b"ab", b"cd", b"ef"), Pieces(b"ab", b"xx", b"ef"), Pieces(b"ab", b"xx", b"ef")
    layers = [replace(layer("f:6"), contents=contents) for contents in (one, other, same)]
    found = analyze(image(*layers)).waste
    assert [(row.layer, row.kind) for row in found] == [
        (0, WasteKind.OVERWRITTEN),
        (1, WasteKind.REWRITTEN),
    ]
    assert (one.taken, other.taken, same.taken) == (2, 2 + 3, 3)


def test_the_largest_rows_are_the_first_of_all_rows() -> None:
    made = analyze(
        image(layer("a:1", "b:3", "c:2", "d:3", "e:2"), layer(".wh.a", "b:3", "c:9", ".wh.d", "e:2"))
    )
    assert [made.largest_waste(count) for count in range(7)] == [made.waste[:count] for count in range(7)]
    assert made.copies == len(made.waste) == 5

"""Rectangles from weights, and the boxes of a directory."""

import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layerscope.analysis.analyze import analyze
from layerscope.analysis.filters import Paths
from layerscope.analysis.model import Image, Layer
from layerscope.analysis.rows import Rows
from layerscope.analysis.timeline import Timeline
from layerscope.analysis.treemap import Box, Rect, below, box_at, lay_out, tile
from layerscope.analysis.view import Scope, Views
from layerscope.errors import DamagedError

from tests.analysis.test_union_properties import stacks
from tests.models import image, layer


def rows_of(*layers: Layer, scope: Scope = Scope.FINAL, index: int = 0) -> Rows:
    timeline = Timeline(analyze(image(*layers), keep_past=True))
    return Rows(Paths(timeline), Views(timeline).view(scope, index))


def shown(rows: Rows, boxes: list[Box]) -> dict[str, tuple[int, int]]:
    """Path, with a `*` for what is gathered in it, to level and bytes."""
    return {
        rows.timeline.name(box.path).decode() + ("*" if box.gathered else ""): (box.level, box.held)
        for box in boxes
    }


def cover(rects: list[Rect], width: int, height: int) -> bool:
    """Whether every cell lies in exactly one."""
    cells = [
        (x, y)
        for rect in rects
        for y in range(rect.y, rect.y + rect.height)
        for x in range(rect.x, rect.x + rect.width)
    ]
    return sorted(cells) == [(x, y) for x in range(width) for y in range(height)]


# Rectangles

weights = st.lists(st.integers(1, 10**12) | st.integers(1, 100), min_size=1, max_size=60)


def test_a_single_weight_has_all_cells() -> None:
    assert tile([7], 10, 4) == [Rect(0, 0, 10, 4)]


def test_nothing_needs_no_cells() -> None:
    assert tile([], 0, 0) == []


def test_four_equal_weights_quarter_the_grid() -> None:
    assert tile([5, 5, 5, 5], 12, 4) == [
        Rect(0, 0, 6, 2), Rect(0, 2, 6, 2), Rect(6, 0, 6, 2), Rect(6, 2, 6, 2),
    ]  # fmt: skip


def test_the_example_of_the_paper_has_its_strips() -> None:
    # Bruls, Huizing, van Wijk, figure 4: 6, 6 | 4, 3 | 2 | 1 | 2 of a rectangle of 6 by 4; here each of its
    # columns is thrice as wide, which is the shape a cell is taken for.
    places = tile([6, 6, 4, 3, 2, 2, 1], 6 * 3 * 5, 4 * 5)
    assert [(rect.x, rect.y) for rect in places[:5]] == [(0, 0), (0, 10), (45, 0), (71, 0), (45, 12)]
    assert [rect.width * rect.height for rect in places[:2]] == [45 * 10, 45 * 10]


def test_more_weights_than_cells_are_refused() -> None:
    with pytest.raises(ValueError, match="7 rectangles in 3 by 2 cells"):
        tile([1] * 7, 3, 2)


def test_as_many_weights_as_cells_have_one_each() -> None:
    assert {rect[2:] for rect in tile([10**6, *[1] * 19], 5, 4)} == {(1, 1)}


@settings(deadline=None)
@given(weights, st.integers(1, 60), st.integers(1, 40), st.booleans())
def test_rectangles_fill_the_grid_without_gap_or_overlap(
    sizes: list[int], width: int, height: int, descending: bool
) -> None:
    sizes = sorted(sizes, reverse=True)[: width * height] if descending else sizes[: width * height]
    places = tile(sizes, width, height)
    assert len(places) == len(sizes)
    assert all(rect.width > 0 and rect.height > 0 for rect in places)
    assert cover(places, width, height)


@given(weights)
def test_rectangles_are_in_proportion_on_a_grid_that_is_fine_enough(sizes: list[int]) -> None:
    side, total, sizes = 4000, sum(sizes), sorted(sizes, reverse=True)
    for size, rect in zip(sizes, tile(sizes, side, side), strict=True):
        assert abs(rect.width * rect.height - side * side * size / total) <= 2 * side


@given(st.lists(st.integers(50, 100), min_size=4, max_size=40))
def test_most_boxes_of_like_weight_are_neither_slivers_nor_towers(sizes: list[int]) -> None:
    shapes = [rect.width / (3 * rect.height) for rect in tile(sorted(sizes, reverse=True), 300, 100)]
    assert statistics.median(max(shape, 1 / shape) for shape in shapes) <= 2.5


# Boxes


def test_the_largest_comes_first_and_what_holds_nothing_is_left_out() -> None:
    rows = rows_of(layer("a:10", "b:30", "c:20", "empty", "link -> a", "d/"))
    assert shown(rows, lay_out(rows, 0, 15, 4)) == {"b": (0, 30), "c": (0, 20), "a": (0, 10)}


def test_what_is_too_small_is_gathered() -> None:
    rows = rows_of(layer("a:1000", "b:1000", "c:1", "d:2", "e:3"))
    boxes = lay_out(rows, 0, 20, 4)
    assert shown(rows, boxes) == {"a": (0, 1000), "b": (0, 1000), "*": (0, 6)}
    assert [box.gathered for box in boxes] == [0, 0, 3]


def test_a_single_small_path_keeps_its_name() -> None:
    rows = rows_of(layer("a:1000", "b:1000", "c:1"))
    assert [box.gathered for box in lay_out(rows, 0, 20, 4)] == [0, 0, 0]


def test_what_is_too_small_has_a_row_if_it_would_be_a_sliver() -> None:
    for small in (("c:1",), ("c:1", "d:1")):
        rows = rows_of(layer("a:1000", "b:1000", *small))
        assert lay_out(rows, 0, 20, 5)[-1].rect == Rect(0, 4, 20, 1)


def test_ten_thousand_equal_files_are_one_box() -> None:
    rows = rows_of(layer(*(f"f{number}:5" for number in range(10_000))))
    boxes = lay_out(rows, 0, 79, 18)
    assert [(box.gathered, box.held, box.rect) for box in boxes] == [(10_000, 50_000, Rect(0, 0, 79, 18))]


def test_a_roomy_directory_shows_what_is_in_it_below_its_name() -> None:
    rows = rows_of(layer("usr/lib/a:60", "usr/lib/b:40", "etc/c:10"))
    boxes = {rows.timeline.name(box.path): box for box in lay_out(rows, 0, 60, 12)}
    usr, lib, etc = boxes[b"usr"], boxes[b"usr/lib"], boxes[b"etc"]
    assert (usr.opened, lib.opened, etc.opened) == (True, True, False)
    assert usr.spot == usr.rect._replace(height=1)
    assert lib.rect == usr.rect._replace(y=1, height=usr.rect.height - 1)
    assert boxes[b"usr/lib/a"].level == 2
    assert etc.spot == etc.rect


def test_boxes_are_not_nested_deeper_than_three() -> None:
    rows = rows_of(layer("a/b/c/d/e/f:100"))
    assert list(shown(rows, lay_out(rows, 0, 100, 40))) == ["a", "a/b", "a/b/c"]


def test_a_path_of_as_many_directories_as_there_can_be_is_laid_out() -> None:
    rows = rows_of(layer("/".join("d" * 2000) + "/f:1"))
    assert len(lay_out(rows, 0, 100, 40)) == 3


def test_a_directory_whose_paths_are_all_too_small_is_not_opened() -> None:
    rows = rows_of(layer(*(f"d/f{number}:5" for number in range(1000))))
    assert [(box.opened, box.gathered) for box in lay_out(rows, 0, 60, 12)] == [(False, 0)]


def test_waste_is_what_the_view_says() -> None:
    rows = rows_of(layer("a:30", "b/c:10", "b/d:10"), layer("a:31", "b/.wh.c"), scope=Scope.CHANGES, index=0)
    boxes = {rows.timeline.name(box.path): box for box in lay_out(rows, 0, 40, 10)}
    assert {name: box.wasted_fraction for name, box in boxes.items()} == {
        b"a": 1.0, b"b": 0.5, b"b/c": 1.0, b"b/d": 0.0,
    }  # fmt: skip


def test_nothing_is_drawn_where_nothing_is_held() -> None:
    rows = rows_of(layer("d/", "e"))
    assert lay_out(rows, 0, 40, 10) == []
    assert below(rows, 0) == 0


def test_a_file_in_the_place_of_a_directory_has_nothing_below_it() -> None:
    rows = rows_of(layer("a/b:10"), layer("a:7"), scope=Scope.UP_TO, index=1)
    path = rows.timeline.find(b"a")
    assert path is not None
    assert (rows.weight(path).held, below(rows, path), lay_out(rows, path, 40, 10)) == (7, 0, [])


def test_a_cell_belongs_to_the_innermost_box() -> None:
    rows = rows_of(layer("usr/lib/a:60"))
    boxes = lay_out(rows, 0, 60, 12)
    assert [box_at(boxes, 5, y) for y in (0, 1, 2, 11)] == [0, 1, 2, 2]
    assert box_at(boxes, 60, 0) is None


@settings(deadline=None, max_examples=60)
@given(stacks(), st.integers(1, 80), st.integers(1, 30))
def test_the_spots_of_boxes_fill_the_grid_and_their_bytes_add_up(
    stack: Image, width: int, height: int
) -> None:
    try:
        rows = rows_of(*stack.layers, scope=Scope.UP_TO, index=len(stack.layers) - 1)
    except DamagedError:  # a loop of symbolic links
        return
    boxes = lay_out(rows, 0, width, height)
    assert cover([box.spot for box in boxes], width, height) or (boxes, below(rows, 0)) == ([], 0)
    assert sum(box.held for box in boxes if box.level == 0) == below(rows, 0)
    assert all(box.held > 0 for box in boxes)

"""Stored, live and wasted bytes, by layer and in all; and beside them what dive says of the same images."""

from dataclasses import replace

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.model import Figures, HistoryStep, Layer

from tests.analysis.test_dive import MEASURED, Case
from tests.models import Unread, image, layer


def by_layer(*layers: Layer) -> list[tuple[int, int, int]]:
    """(stored, live, wasted) of each."""
    figures = [one.figures for one in analyze(image(*layers)).layers]
    return [(one.stored, one.live, one.wasted) for one in figures]


def test_the_formulas() -> None:
    figures = Figures(stored=200, live=150)
    assert figures.wasted == 50
    assert figures.efficiency == 0.75
    assert figures.wasted_fraction == 0.25


def test_what_stores_nothing_is_efficient() -> None:
    assert Figures(0, 0).wasted == 0
    assert Figures(0, 0).efficiency == 1.0
    assert Figures(0, 0).wasted_fraction == 0.0


def test_each_layer_has_what_it_stores_and_what_lives_of_it() -> None:
    assert by_layer(layer("a:10", "b:20"), layer("a:5"), layer(".wh.b", "c:1", "c:2")) == [
        (30, 0, 30),
        (5, 5, 0),
        (3, 2, 1),
    ]


def test_waste_counts_where_it_was_stored_and_where_it_was_made() -> None:
    analysis = analyze(image(layer("a:10", "b:20"), layer("a:5"), layer(".wh.b", "c:1", "c:2")))
    assert [one.figures.wasted for one in analysis.layers] == [30, 0, 1]
    assert analysis.killed_bytes == (0, 10, 21)


def test_the_totals_are_the_sums_of_the_layers() -> None:
    analysis = analyze(image(layer("a:10", "b:20"), layer("a:5"), layer(".wh.b", "c:1", "c:2")))
    assert analysis.totals == Figures(38, 7)
    assert analysis.totals.efficiency == 7 / 38


def test_only_regular_files_store_bytes_and_each_once() -> None:
    assert by_layer(layer("d/", "d/a:10", "h => d/a", "l -> d/a", "d/.wh.x:99", ".wh..wh.plnk:9")) == [
        (10, 10, 0)
    ]


def test_the_user_figures_leave_out_the_first_layer() -> None:
    analysis = analyze(image(layer("a:100", "b:50"), layer("a:10", "c:20"), layer(".wh.c", ".wh.b")))
    assert analysis.user == Figures(30, 10)
    assert analysis.user.wasted_fraction == 20 / 30


@pytest.mark.parametrize("layers", [(), (layer("a:10"),), (layer("a:10", "a:5"),)])
def test_the_user_figures_of_at_most_one_layer_are_nothing_and_never_nan(layers: tuple[Layer, ...]) -> None:
    user = analyze(image(*layers)).user
    assert (user, user.wasted, user.efficiency, user.wasted_fraction) == (Figures(0, 0), 0, 1.0, 0.0)


def test_an_image_without_layers_has_no_figures_to_speak_of() -> None:
    analysis = analyze(image())
    assert analysis.totals == Figures(0, 0)
    assert analysis.totals.efficiency == 1.0
    assert (analysis.layers, analysis.waste, analysis.changes, analysis.killed_bytes) == ((), (), (), ())


def test_one_layer_twice_in_an_image_is_two_layers() -> None:
    twice = layer("a:10")
    assert by_layer(twice, twice) == [(10, 0, 10), (10, 10, 0)]


def test_no_float_stands_between_large_sizes_and_their_sum() -> None:
    large = 2**53 + 1
    assert analyze(image(layer(f"a:{large}", "b:1"), layer("c:1"))).totals == Figures(large + 2, large + 2)


# Compressed sizes


@pytest.mark.parametrize(
    ("sizes", "image_size", "user_size"),
    [
        ((10, 20, 30), 60, 50),
        ((10, 20, None), None, None),
        ((None, 20, 30), None, 50),
        ((None, None), None, None),
        ((None,), None, 0),
        ((0, 0), 0, 0),
        ((), 0, 0),
    ],
)
def test_a_compressed_size_is_told_only_if_each_layers_is_known(
    sizes: tuple[int | None, ...], image_size: int | None, user_size: int | None
) -> None:
    analysis = analyze(image(*(layer("a:1", compressed=size) for size in sizes)))
    assert analysis.compressed_bytes == image_size
    assert analysis.user_compressed_bytes == user_size


def test_compressed_bytes_are_never_mixed_with_stored_ones() -> None:
    assert analyze(image(layer("a:100", compressed=7))).totals == Figures(100, 100)


# Duplicates


def duplicates(*layers: Layer) -> int:
    return analyze(image(*layers)).duplicate_bytes


def test_the_same_content_at_two_live_paths_is_duplicate_and_no_waste() -> None:
    layers = layer("a:10", "b:10"), layer("c:10", "d:10#other")
    assert duplicates(*layers) == 20
    assert analyze(image(*layers)).totals.wasted == 0


def test_one_path_is_no_duplicate_however_often_it_was_written() -> None:
    assert duplicates(layer("a:10"), layer("a:10"), layer("a:10")) == 0


def test_wasted_copies_are_no_duplicates() -> None:
    assert duplicates(layer("a:10", "b:10"), layer(".wh.a")) == 0


def test_hard_links_are_one_file() -> None:
    assert duplicates(layer("a:10", "b => a", "c => a")) == 0
    assert duplicates(layer("a:10", "b => a", "c:10", "d => c")) == 10


def test_files_of_one_size_and_other_content_are_no_duplicates() -> None:
    assert duplicates(layer("a:10", "b:10#x", "c:10#y")) == 0


def test_empty_files_are_no_duplicates() -> None:
    assert duplicates(layer("a", "b")) == 0


def test_only_files_that_share_a_size_are_read() -> None:
    class Counting(Unread):
        def __init__(self) -> None:
            self.digested: list[int] = []

        def digest(self, number: int) -> bytes:
            self.digested.append(number)
            return b"same"

        def chunks(self, number: int) -> None:
            return None

    contents = Counting()
    assert duplicates(replace(layer("a:1", "b:2", "c:2", "d:3", "e", "f"), contents=contents)) == 2
    assert sorted(contents.digested) == [1, 2]


# Layers and their steps


def test_each_layer_has_the_command_and_time_of_its_step() -> None:
    steps = (
        HistoryStep(created="2024-01-01", created_by="/bin/sh -c #(nop) ADD file:0 in /"),
        HistoryStep(created_by="ENV A=1", empty_layer=True),
        HistoryStep(created="2024-01-02", created_by="RUN /bin/sh -c make # buildkit"),
    )
    layers = analyze(image(layer("a"), layer("b"), layer("c"), history=steps)).layers
    assert [(one.index, one.command, one.created) for one in layers] == [
        (0, "ADD … /", "2024-01-01"),
        (1, "RUN make", "2024-01-02"),
        (2, "", ""),
    ]


# Beside dive

OURS = {
    "a file removed later is lost": (10000, 9000),
    "a directory removed later costs nothing": (15000, 9000),
    "an opaque marker costs nothing": (12010, 9010),
    "a whiteout of an unknown path ends the layer and leaves -1": (11000, 10000),
    "a file written twice is wasted twice": (11000, 10000),
    "a change of mode is a second copy": (18000, 9000),
    "nothing stored above the first layer makes the percentage infinite": (9000, 0),
    "removed and written again in one layer is met three times": (11000, 10000),
    "the same path twice in one layer is one file": (18000, 13000),
    "a link is a file of no bytes": (0, 0),
}
"""(stored, live) of the images in `test_dive.MEASURED`, whose titles say what dive makes of them."""


@pytest.mark.parametrize("case", MEASURED, ids=lambda case: case.title)
def test_our_figures_stand_beside_dives(case: Case) -> None:
    totals = analyze(image(*(layer(*items) for items in case.layers))).totals
    assert totals == OURS[case.title]

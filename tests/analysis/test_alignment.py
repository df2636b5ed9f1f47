"""Which layer of an image is which of an earlier one."""

import time
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layerscope.analysis.alignment import align
from layerscope.analysis.model import Figures, LayerFigures

from tests.models import layer

EMPTY = layer()


def layers(*steps: str) -> list[LayerFigures]:
    """Layers as `diff_id|command`; what has no bar is a command."""
    return [
        LayerFigures(
            index=index,
            layer=replace(EMPTY, diff_id=step.rpartition("|")[0]),
            figures=Figures(0, 0),
            command=step.rpartition("|")[2],
            created="",
        )
        for index, step in enumerate(steps)
    ]


def aligned(before: list[str], after: list[str]) -> str:
    """`0=0 1-`: the layers of the two; `-` stands behind one that is gone, `+` before one that is new."""
    return " ".join(
        f"{earlier}-" if later is None else f"+{later}" if earlier is None else f"{earlier}={later}"
        for earlier, later in align(layers(*before), layers(*after))
    )


def test_layers_of_one_diff_id_are_one_whatever_made_them() -> None:
    assert aligned(["a|RUN x", "b|RUN y"], ["a|COPY x y", "b|"]) == "0=0 1=1"


def test_a_layer_with_another_diff_id_is_known_by_its_command() -> None:
    assert aligned(["a|ADD x", "b|RUN y", "c|RUN z"], ["d|ADD x", "e|RUN y", "f|RUN z"]) == "0=0 1=1 2=2"


def test_an_edited_line_is_one_step() -> None:
    before = ["a|ADD base", "b|RUN make", "c|COPY x y"]
    assert aligned(before, ["a|ADD base", "d|RUN make -j", "c|COPY x y"]) == "0=0 1=1 2=2"
    assert aligned(before, ["a|ADD base", "d|COPY make", "c|COPY x y"]) == "0=0 1- +1 2=2"


def test_a_line_that_runs_the_same_program_is_sooner_the_edited_one_than_another() -> None:
    before = ["RUN apt-get update", "RUN pip install django"]
    after = ["RUN apt-get update", "RUN npm install", "RUN pip install django flask", "RUN npm test"]
    assert aligned(before, after) == "0=0 +1 1=2 +3"


def test_another_base_leaves_the_steps_above_it_as_they_are() -> None:
    before = ["a|ADD debian-12.1", "b|RUN make", "c|COPY x y"]
    assert aligned(before, ["d|ADD debian-12.2", "e|RUN make", "c|COPY x y"]) == "0=0 1=1 2=2"
    assert aligned(before, ["d|", "e|", "f|RUN make", "c|COPY x y"]) == "0- +0 +1 1=2 2=3"


def test_a_layer_put_in_is_new_and_the_others_are_as_before() -> None:
    assert aligned(["a|RUN x", "b|RUN y"], ["a|RUN x", "c|RUN new", "b|RUN y"]) == "0=0 +1 1=2"
    assert aligned(["RUN x", "RUN y"], ["RUN x", "RUN new", "RUN y"]) == "0=0 +1 1=2"


def test_a_layer_split_in_two_is_the_first_of_them() -> None:
    before = ["a|ADD base", "b|RUN x && y", "c|COPY z /"]
    assert aligned(before, ["a|ADD base", "d|RUN x", "e|RUN y", "c|COPY z /"]) == "0=0 1=1 +2 2=3"


def test_a_layer_that_is_gone_stands_where_it_stood_before_what_is_new_there() -> None:
    assert aligned(["a|", "b|", "c|"], ["a|", "c|"]) == "0=0 1- 2=1"
    assert aligned(["a|", "b|", "c|"], ["b|", "c|"]) == "0- 1=0 2=1"
    assert aligned(["a|", "b|", "c|"], ["a|", "d|", "e|"]) == "0=0 1- 2- +1 +2"


def test_layers_that_changed_places_are_not_both_known() -> None:
    assert aligned(["a|", "b|", "c|"], ["c|", "a|", "b|"]) == "+0 0=1 1=2 2-"
    assert aligned(["RUN a", "COPY b c"], ["COPY b c", "RUN a"]) == "+0 0=1 1-"


def test_a_command_counts_only_between_layers_known_by_their_diff_ids() -> None:
    assert aligned(["a|RUN x", "m|", "b|"], ["c|", "m|", "d|RUN x"]) == "0- +0 1=1 2- +2"


def test_of_equal_ones_the_first_is_the_first() -> None:
    assert aligned(["RUN x", "RUN x"], ["RUN x", "RUN x", "RUN x"]) == "0=0 1=1 +2"
    assert aligned(["COPY a b", "RUN x", "WORKDIR /", "RUN x"], ["RUN x", "ADD a", "RUN x", "CMD x"]) == (
        "0- 1=0 2- +1 3=2 +3"
    )


def test_what_has_neither_diff_id_nor_command_is_like_nothing() -> None:
    assert aligned(["|", "|"], ["|", "|"]) == "0- 1- +0 +1"
    assert aligned([" ", "  "], [" "]) == "0=0 1-"  # a command all the same, if one of blanks


@pytest.mark.parametrize(("before", "after", "found"), [([], [], ""), (["a"], [], "0-"), ([], ["a"], "+0")])
def test_an_image_without_layers(before: list[str], after: list[str], found: str) -> None:
    assert aligned(before, after) == found


SIGNS = [
    f"{diff_id}|{command}" for diff_id, command in product(("", "a", "b"), ("", "RUN x", "RUN y", "CP x"))
]


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(st.lists(st.sampled_from(SIGNS), max_size=12), st.lists(st.sampled_from(SIGNS), max_size=12))
def test_every_layer_is_there_once_and_in_order_and_no_pairs_cross(
    before: list[str], after: list[str]
) -> None:
    found = list(align(layers(*before), layers(*after)))
    assert [earlier for earlier, _ in found if earlier is not None] == list(range(len(before)))
    assert [later for _, later in found if later is not None] == list(range(len(after)))
    assert (None, None) not in found


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(st.lists(st.integers(), max_size=12, unique=True), st.lists(st.integers(), max_size=12, unique=True))
def test_as_many_of_different_ones_are_known_as_can_be(before: list[int], after: list[int]) -> None:
    found = align(layers(*(f"{one}|" for one in before)), layers(*(f"{one}|" for one in after)))
    assert sum(None not in pair for pair in found) == longest(before, after)


def longest(before: list[int], after: list[int]) -> int:
    """Length of the longest common subsequence, by the textbook."""
    last = [0] * (len(after) + 1)
    for one in before:
        line = [0]
        for at, other in enumerate(after):
            line.append(last[at] + 1 if one == other else max(last[at + 1], line[at]))
        last = line
    return last[-1]


MANY = 10_000


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["RUN x"] * MANY, ["RUN x"] * MANY),
        (["RUN x"] * MANY, ["CMD", *["RUN x"] * (MANY - 2), "CMD y"]),
        (["RUN x", "RUN y"] * (MANY // 2), ["RUN y y", "RUN x x", "CMD"] * (MANY // 3)),
        ([f"{number}|RUN" for number in range(MANY)], [f"{number}|RUN" for number in range(MANY, 0, -1)]),
        ([f"{number}|" for number in range(MANY)], [f"{number * 7919 % MANY}|" for number in range(MANY)]),
    ],
    ids=["equal", "shifted", "alternating", "reversed", "shuffled"],
)
def test_ten_thousand_layers_take_no_time_whatever_they_have_in_common(
    before: list[str], after: list[str]
) -> None:
    earlier, later = layers(*before), layers(*after)
    begun = time.perf_counter()
    found = list(align(earlier, later))
    assert time.perf_counter() - begun < 1  # at most 0.1 s measured; on a machine with other work to do
    assert len(found) >= MANY

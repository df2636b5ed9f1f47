"""The order in which Go leaves equal elements; the literal is what dive 0.13.1 made of such rows."""

import random

from layerscope.analysis.go_sort import sort_as_go

SIZES = [1, 2, 1, 2, 1, 1, 2, 2, 1, 1, 1, 2, 2, 2, 2, 1, 1, 2, 2, 2]
AS_DIVE = [10, 8, 2, 16, 4, 5, 15, 0, 9, 1, 12, 11, 7, 13, 14, 6, 3, 17, 18, 19]


def test_ties_among_more_than_twelve_elements_fall_as_in_dive() -> None:
    assert sort_as_go(range(20), key=SIZES.__getitem__) == AS_DIVE


def test_up_to_twelve_elements_keep_the_order_of_ties() -> None:
    assert sort_as_go("bacbacbacbac", key=ord) == sorted("bacbacbacbac")
    assert sort_as_go([(2, 0), (1, 1), (2, 2), (1, 3)], key=lambda item: item[0]) == [
        (1, 1),
        (1, 3),
        (2, 0),
        (2, 2),
    ]


def test_whatever_the_pattern_the_keys_come_out_sorted() -> None:
    source = random.Random(1)
    patterns = [
        list(range(1000)),
        list(range(1000, 0, -1)),
        [7] * 1000,
        [source.randint(0, 9) for _ in range(1000)],
        [source.randint(0, 10**9) for _ in range(1000)],
        [min(number, 1000 - number) for number in range(1000)],
        [number % 50 for number in range(1000)],
        [],
    ]
    for keys in patterns:
        assert sort_as_go(keys, key=int) == sorted(keys)

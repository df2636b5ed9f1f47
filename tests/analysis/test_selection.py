"""What is taken out of a view: a path and all below it."""

from collections.abc import Collection
from dataclasses import replace
from typing import cast

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.model import Contents
from layerscope.analysis.selection import Amount, amount, below, names_in
from layerscope.analysis.timeline import Timeline
from layerscope.analysis.view import Scope, Views

from tests.models import image, layer

IMAGE = image(
    layer("a/", "a/kept:10", "a/gone:20", "a/d/", "a/d/deep:30", "other:1"),
    layer("a/.wh.gone", "a/.wh.d", "a/new:40", "a/link => a/kept"),
)


def chosen(scope: Scope, number: int, path: bytes) -> list[tuple[str, int, int]]:
    """Paths with the layer and the number of what holds their content."""
    timeline = Timeline(analyze(IMAGE, keep_past=True))
    found = timeline.find(path)
    assert found is not None
    view = Views(timeline).view(scope, number)
    return [(one.path.decode(), one.layer, one.number) for one in below(timeline, view, found)]


@pytest.mark.parametrize(
    ("scope", "number", "path", "expected"),
    [
        (Scope.CHANGES, 0, b"a/kept", [("a/kept", 0, 1)]),
        (Scope.CHANGES, 0, b"a/d", [("a/d", -1, -1), ("a/d/deep", 0, 4)]),
        # what a layer removed is left out of what it holds …
        (Scope.CHANGES, 1, b"a", [("a", -1, -1), ("a/link", 0, 1), ("a/new", 1, 2)]),
        (Scope.UP_TO, 1, b"a", [("a", -1, -1), ("a/kept", 0, 1), ("a/link", 0, 1), ("a/new", 1, 2)]),
        (Scope.FINAL, 0, b"a", [("a", -1, -1), ("a/kept", 0, 1), ("a/link", 0, 1), ("a/new", 1, 2)]),
        # … and given back when it is asked for itself
        (Scope.CHANGES, 1, b"a/gone", [("a/gone", 0, 2)]),
        (Scope.UP_TO, 1, b"a/d", [("a/d", -1, -1), ("a/d/deep", 0, 4)]),
        (
            Scope.FINAL, 0, b"",
            [("a", -1, -1), ("a/kept", 0, 1), ("a/link", 0, 1), ("a/new", 1, 2), ("other", 0, 5)],
        ),
    ],
)  # fmt: skip
def test_a_path_and_all_below_it(
    scope: Scope, number: int, path: bytes, expected: list[tuple[str, int, int]]
) -> None:
    assert chosen(scope, number, path) == expected


class Costly:
    """Contents of which reading one file passes a hundred bytes."""

    def cost(self, numbers: Collection[int]) -> int:
        return 100 * len(numbers)


def test_the_amount_counts_paths_and_every_stored_file_once() -> None:
    timeline = Timeline(analyze(IMAGE, keep_past=True))
    layers = [replace(one, contents=cast("Contents", Costly())) for one in timeline.layers]
    found = list(below(timeline, Views(timeline).view(Scope.FINAL, 1), 0))
    # a, and of content a/kept with its other name a/link, a/new and other
    assert amount(found, layers) == Amount(paths=5, bytes=51, cost=300)
    assert amount([], layers) == Amount(0, 0, 0)


def test_names_in_a_directory_are_those_a_layer_left() -> None:
    timeline = Timeline(analyze(IMAGE, keep_past=True))
    whole, inner = timeline.find(b"a"), timeline.find(b"a/d")
    assert whole is not None
    assert inner is not None
    assert [names_in(timeline, whole, layer) for layer in (0, 1)] == [3, 3]
    assert [names_in(timeline, inner, layer) for layer in (0, 1)] == [1, 0]

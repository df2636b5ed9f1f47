"""Which layer most of a directory comes from."""

from layerscope.analysis.analyze import analyze
from layerscope.analysis.model import Layer
from layerscope.analysis.origins import largest_layers
from layerscope.analysis.timeline import Timeline
from layerscope.analysis.view import Scope, Views

from tests.models import image, layer


def origins(scope: Scope, index: int, *layers: Layer) -> dict[str, int | None]:
    timeline = Timeline(analyze(image(*layers), keep_past=True))
    paths = range(len(timeline))
    found = largest_layers(timeline, Views(timeline).view(scope, index), paths)
    return {timeline.name(path).decode(): layer for path, layer in zip(paths, found, strict=True)}


STACK = (layer("d/a:10", "d/b:10", "k:1"), layer("d/a:5", "e/f:12"), layer("d/.wh.b", "k"))


def test_a_directory_comes_from_the_layer_that_stored_most_of_it() -> None:
    assert origins(Scope.UP_TO, 1, *STACK) == {
        "": 1, "d": 0, "d/a": 1, "d/b": 0, "e": 1, "e/f": 1, "k": 0,
    }  # fmt: skip


def test_what_holds_nothing_comes_from_no_layer() -> None:
    assert origins(Scope.FINAL, 2, *STACK) == {
        "": 1, "d": 1, "d/a": 1, "d/b": None, "e": 1, "e/f": 1, "k": None,
    }  # fmt: skip


def test_what_a_layer_stored_comes_from_it() -> None:
    assert origins(Scope.CHANGES, 1, *STACK) == {
        "": 1, "d": 1, "d/a": 1, "d/b": None, "e": 1, "e/f": 1, "k": None,
    }  # fmt: skip


def test_of_equals_it_is_the_lowest_layer() -> None:
    assert origins(Scope.FINAL, 1, layer("a:10"), layer("b:10"))[""] == 0


def test_a_hard_link_comes_from_the_layer_of_the_file_it_names() -> None:
    assert origins(Scope.FINAL, 2, layer("b:10"), layer("c/a => b"), layer(".wh.b")) == {
        "": 0, "b": None, "c": 0, "c/a": 0,
    }  # fmt: skip


def test_no_paths_come_from_nowhere() -> None:
    timeline = Timeline(analyze(image(layer("a:1")), keep_past=True))
    assert largest_layers(timeline, Views(timeline).view(Scope.FINAL, 0), []) == []

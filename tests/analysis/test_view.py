"""One filesystem out of a timeline: sizes, kinds and waste of every path in it."""

import itertools
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import FileType, Image, Layer, WasteKind
from layerscope.analysis.timeline import Kind, Timeline
from layerscope.analysis.view import Scope, Sums, View, Views
from layerscope.errors import DamagedError

from tests.analysis.test_union_properties import stacks
from tests.models import entry, image, layer

CHANGES, UP_TO, FINAL = Scope.CHANGES, Scope.UP_TO, Scope.FINAL

STACK = (
    layer("d/", "d/a:10", "d/b:20", "k:5", "e/f:3"),
    layer("d/", entry("d/b:20", 0o600), "d/.wh.a", "n:7"),
    layer("k:6", "d/.wh.b", "e:9"),
)


def timeline(*layers: Layer) -> Timeline:
    return Timeline(analyze(image(*layers), keep_past=True))


def look(scope: Scope, index: int, *layers: Layer) -> tuple[Timeline, View]:
    made = timeline(*layers)
    return made, Views(made).view(scope, index)


def shown(scope: Scope, index: int, *layers: Layer) -> dict[str, tuple[str, int]]:
    """Kind and bytes of every path in a view."""
    made, view = look(scope, index, *layers)
    return {
        made.name(path).decode(): (Kind(kind).name.lower(), size)
        for path, (kind, size) in enumerate(zip(view.kinds, view.sizes, strict=True))
        if kind
    }


def wasted(scope: Scope, index: int, *layers: Layer) -> dict[str, int]:
    made, view = look(scope, index, *layers)
    return by_path(made, view.wasted)


def removed(scope: Scope, index: int, *layers: Layer) -> dict[str, int]:
    made, view = look(scope, index, *layers)
    return by_path(made, view.removed)


def by_path(made: Timeline, sums: Sums) -> dict[str, int]:
    assert list(sums.paths) == sorted(set(sums.paths))
    return {made.name(path).decode(): sums.between(path, path + 1) for path in sums.paths}


# Kinds and sizes


def test_the_changes_of_a_layer_are_what_it_wrote_and_removed() -> None:
    assert shown(CHANGES, 1, *STACK) == {"d/a": ("removed", 0), "d/b": ("metadata", 20), "n": ("added", 7)}
    assert shown(CHANGES, 2, *STACK) == {
        "d/b": ("removed", 0),
        "e": ("changed", 9),
        "e/f": ("removed", 0),
        "k": ("changed", 6),
    }


def test_a_file_written_again_as_it_was_is_among_the_changes_and_a_directory_is_not() -> None:
    assert shown(CHANGES, 1, layer("d/", "d/a:5"), layer("d/", "d/a:5")) == {"d/a": ("same", 5)}


def test_the_image_up_to_a_layer_has_what_it_removed_marked() -> None:
    assert shown(UP_TO, 1, *STACK) == {
        "d": ("same", 0),
        "d/a": ("removed", 0),
        "d/b": ("metadata", 20),
        "e": ("same", 0),
        "e/f": ("same", 3),
        "k": ("same", 5),
        "n": ("added", 7),
    }


def test_the_final_image_has_what_is_left_of_one_layer_marked() -> None:
    final = {"d": ("same", 0), "e": ("same", 9), "k": ("same", 6), "n": ("same", 7)}
    assert shown(FINAL, 0, *STACK) == final
    assert shown(FINAL, 1, *STACK) == final | {"n": ("added", 7)}
    assert shown(FINAL, 2, *STACK) == final | {"e": ("changed", 9), "k": ("changed", 6)}


def test_a_removed_path_shows_the_version_that_was_removed() -> None:
    for scope in CHANGES, UP_TO:
        made, view = look(scope, 2, layer("a:1"), layer("a:2"), layer(".wh.a"))
        assert [made.version(view.current[1]).entry.size, view.kinds[1]] == [2, Kind.REMOVED]


def test_a_path_that_is_not_there_has_no_version() -> None:
    _, view = look(UP_TO, 0, layer("a:1"), layer("b:1"))
    assert list(view.current) == [-1, 0, -1]
    _, view = look(CHANGES, 1, layer("a/b:1"), layer("a/c:1"))
    assert list(view.current) == [-1, -1, -1, 2]


def test_paths_are_counted_by_kind() -> None:
    _, view = look(UP_TO, 1, *STACK)
    counts = {Kind.SAME: 4, Kind.METADATA: 1, Kind.REMOVED: 1, Kind.CHANGED: 0, Kind.ADDED: 1}
    assert view.counts() == counts


def test_an_image_without_layers_shows_nothing_in_any_view() -> None:
    for scope in Scope:
        assert shown(scope, 0) == {}


def test_a_path_that_is_removed_and_comes_back_is_not_there_in_between() -> None:
    layers = layer("a:1", "b:1", "c:1"), layer(".wh.a"), layer("b:2"), layer("a:2")
    assert shown(UP_TO, 2, *layers) == {"b": ("changed", 2), "c": ("same", 1)}
    assert shown(UP_TO, 1, *layers)["a"] == ("removed", 0)


# Hard links


def test_a_file_of_several_names_counts_once_under_the_first_that_is_there() -> None:
    layers = layer("m:8", "z => m"), layer("a => m"), layer(".wh.a", ".wh.m")
    assert shown(UP_TO, 0, *layers) == {"m": ("added", 8), "z": ("added", 0)}
    assert shown(UP_TO, 1, *layers) == {"a": ("added", 8), "m": ("same", 0), "z": ("same", 0)}
    assert shown(FINAL, 1, *layers) == {"z": ("same", 8)}


def test_a_layer_stores_a_file_under_the_name_that_has_it() -> None:
    layers = layer("m:8", "a => m"), layer("b => m")
    assert shown(CHANGES, 0, *layers) == {"a": ("added", 0), "m": ("added", 8)}
    assert shown(CHANGES, 1, *layers) == {"b": ("added", 0)}


def test_a_layer_stores_a_file_under_a_link_if_its_first_name_is_written_over() -> None:
    assert shown(CHANGES, 0, layer("m:8", "a => m", "m:5")) == {"a": ("added", 8), "m": ("added", 5)}


def test_waste_of_a_file_of_several_names_lies_where_its_bytes_are_counted() -> None:
    layers = layer("m:8", "a => m"), layer(".wh.a", ".wh.m")
    assert wasted(UP_TO, 0, *layers) == {"a": 8}
    assert wasted(CHANGES, 0, *layers) == {"m": 8}
    layers = layer("b:3", "m:8", "a => m"), layer(".wh.a", ".wh.b", ".wh.m")
    assert wasted(UP_TO, 0, *layers) == {"a": 8, "b": 3}


# Waste and what is removed


def test_wasted_is_what_a_later_layer_puts_out_of_reach() -> None:
    assert wasted(CHANGES, 0, *STACK) == {"d/a": 10, "d/b": 20, "e/f": 3, "k": 5}
    assert wasted(CHANGES, 1, *STACK) == {"d/b": 20}
    assert wasted(UP_TO, 1, *STACK) == {"d/b": 20, "e/f": 3, "k": 5}
    assert wasted(FINAL, 0, *STACK) == {}


def test_what_is_removed_has_the_bytes_it_held() -> None:
    for scope in CHANGES, UP_TO:
        assert removed(scope, 1, *STACK) == {"d/a": 10}
        assert removed(scope, 2, *STACK) == {"d/b": 20, "e/f": 3}
    assert removed(FINAL, 1, *STACK) == {}


def test_sums_are_over_any_run_of_paths() -> None:
    sums = Sums([(7, 100), (2, 10), (3, 1)])
    runs = (0, 9), (2, 3), (2, 4), (3, 7), (3, 8), (8, 9), (4, 4)
    assert [sums.between(*run) for run in runs] == [111, 10, 11, 1, 101, 0, 0]
    assert len(sums) == 3
    kept = sums.kept(bytes([0, 0, 0, 1, 0, 0, 0, 1]))
    assert (list(kept.paths), kept.between(0, 9)) == ([3, 7], 101)
    assert Sums(()).between(0, 5) == 0


# All of it, for any stack of layers


def analysed(stack: Image) -> Analysis | None:
    try:
        return analyze(stack, keep_past=True)
    except DamagedError:  # a loop of symbolic links
        return None


def check_view(made: Timeline, view: View) -> None:
    """What must be so in any view."""
    assert len(view.current) == len(view.kinds) == len(view.sizes) == len(made)
    for path, version in enumerate(view.current):
        assert (version < 0) == (view.kinds[path] == 0)
        assert version < 0 or made.path[version] == path
    gone = [path for path, kind in enumerate(view.kinds) if kind == Kind.REMOVED]
    assert gone == list(view.removed.paths)
    assert not any(view.sizes[path] for path in gone)
    for path in view.wasted.paths:
        assert view.wasted.between(path, path + 1) == view.sizes[path] > 0


def naively(made: Timeline, scope: Scope, index: int) -> list[tuple[int, int]]:
    """Version and kind of every path in a view."""
    found = []
    for path in range(len(made)):
        version = made.at(path, len(made.layers) - 1 if scope is FINAL else index)
        kind = 0
        if version is not None:
            kind = made.kinds[version] if made.layer[version] == index else Kind.SAME
            listed = kind == Kind.SAME and made.entry(version).type is FileType.DIRECTORY
            if scope is CHANGES and (listed or made.layer[version] != index):
                version, kind = None, 0
        if scope is not FINAL:
            for gone in set(made.versions(path)) & set(made.removed[index]):
                version, kind = gone, Kind.REMOVED
        found.append((-1 if version is None else version, int(kind)))
    return found


@settings(max_examples=80, derandomize=True, deadline=None, database=None)
@given(stacks())
def test_sizes_and_waste_of_a_view_add_up_to_the_figures(stack: Image) -> None:
    analysis = analysed(stack)
    if analysis is None:
        return
    made = Timeline(analysis)
    views = Views(made)
    for layer_figures in analysis.layers:
        index = layer_figures.index
        figures = layer_figures.figures
        shadowed = sum(
            row.size for row in analysis.waste if row.kind is WasteKind.SHADOWED and row.layer == index
        )
        cut = analyze(replace(stack, layers=stack.layers[: index + 1])).totals
        changes, up_to, final = (views.view(scope, index) for scope in Scope)
        for view in changes, up_to, final:
            check_view(made, view)
            assert [*zip(view.current, view.kinds, strict=True)] == naively(made, view.scope, index)
        assert sum(changes.sizes) == figures.stored - shadowed
        assert changes.wasted.between(0, len(made)) == figures.wasted - shadowed
        assert sum(up_to.sizes) == cut.live
        below = sum(one.figures.live for one in analysis.layers[: index + 1])
        assert up_to.wasted.between(0, len(made)) == cut.live - below
        assert sum(final.sizes) == analysis.totals.live
        assert not final.wasted.paths


MOVES = st.lists(st.tuples(st.sampled_from(Scope), st.integers(0, 3)), min_size=2, max_size=8)


def columns(view: View) -> list[object]:
    sums = [
        [list(one.paths), [one.between(path, path + 1) for path in one.paths]]
        for one in (view.removed, view.wasted)
    ]
    return [view.scope, view.layer, list(view.current), bytes(view.kinds), view.sizes, sums]


@settings(max_examples=80, derandomize=True, deadline=None, database=None)
@given(stacks(), MOVES)
def test_a_view_does_not_depend_on_what_was_looked_at_before(
    stack: Image, moves: list[tuple[Scope, int]]
) -> None:
    analysis = analysed(stack)
    if analysis is None:
        return
    made = Timeline(analysis)
    views = Views(made)
    for scope, number in moves:
        index = number % len(stack.layers)
        assert columns(views.view(scope, index)) == columns(Views(made).view(scope, index))


def test_a_view_stays_as_it_is_when_the_next_is_made() -> None:
    views = Views(timeline(*STACK))
    order = list(itertools.product(Scope, range(3)))
    kept = [views.view(*one) for one in order]
    before = [columns(view) for view in kept]
    for one in reversed(order):
        views.view(*one)
    assert [columns(view) for view in kept] == before

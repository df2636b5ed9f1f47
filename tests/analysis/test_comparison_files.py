"""Which paths of two final filesystems differ, and by how many bytes."""

from dataclasses import replace

from hypothesis import given, reject, settings
from hypothesis import strategies as st
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.comparison_files import compare_files
from layerscope.analysis.model import Change, Image, Layer
from layerscope.errors import DamagedError

from tests.analysis.test_union_properties import stacks
from tests.models import entry, image, layer

Row = tuple[str, str, int, int]


def files(before: tuple[Layer, ...], after: tuple[Layer, ...]) -> list[Row]:
    """Path, kind, bytes before and after."""
    found = compare_files(analyze(image(*before)), analyze(image(*after)))
    return [(one.path.decode(), one.kind.value, one.before, one.after) for one in found]


def changed(before: Layer, after: Layer) -> dict[str, Change]:
    found = compare_files(analyze(image(before)), analyze(image(after)))
    return {one.path.decode(): one.changed for one in found}


BASE = layer("bin/sh:100", "etc/os:10", diff_id="sha256:base")


def test_an_image_and_itself_differ_in_no_path() -> None:
    assert files((BASE,), (BASE,)) == []


def test_paths_are_added_removed_grown_and_shrunk_the_largest_difference_first() -> None:
    before = layer("gone:50", "less:9", "more:1", "kept/")
    after = layer("new:70", "less:4", "more:30", "kept/")
    assert files((BASE, before), (BASE, after)) == [
        ("new", "added", 0, 70),
        ("gone", "removed", 50, 0),
        ("more", "grown", 1, 30),
        ("less", "shrunk", 9, 4),
    ]


def test_what_a_later_layer_removes_is_gone_however_much_is_stored() -> None:
    assert files((BASE,), (BASE, layer("bin/.wh.sh"))) == [("bin/sh", "removed", 100, 0)]


def test_with_a_directory_all_in_it_is_gone() -> None:
    assert files((BASE,), (BASE, layer(".wh.etc"))) == [
        ("etc/os", "removed", 10, 0),
        ("etc", "removed", 0, 0),
    ]


def test_a_file_in_place_of_a_directory_has_another_type() -> None:
    assert files((layer("a/b:5"),), (layer("a:3"),)) == [("a/b", "removed", 5, 0), ("a", "changed", 0, 3)]
    assert changed(layer("a/b:5"), layer("a:3"))["a"] == Change.TYPE


def test_the_same_file_of_the_same_tar_is_the_same() -> None:
    app = layer("app:40", diff_id="sha256:app")
    other = layer("x:1", diff_id="sha256:x")
    assert files((BASE, app), (BASE, other, app)) == [("x", "added", 0, 1)]


def test_as_many_bytes_of_another_tar_are_rewritten_and_nobody_looks_whether_they_are_the_same() -> None:
    app = layer("app:40", diff_id="sha256:app")
    rebuilt = layer("app:40", diff_id="sha256:rebuilt")
    assert files((app,), (rebuilt,)) == [("app", "rewritten", 40, 40)]
    assert changed(app, rebuilt) == {"app": Change(0)}


def test_without_diff_ids_no_tar_is_known_to_be_the_same() -> None:
    assert files((layer("app:40"),), (layer("app:40"),)) == [("app", "rewritten", 40, 40)]


def test_an_empty_file_is_the_same_wherever_it_is_from() -> None:
    assert files((layer("empty"),), (layer("empty"),)) == []


def test_a_later_time_alone_is_no_change() -> None:
    touched = layer(entry("app:40", mtime_ns=1), entry("empty", mtime_ns=1), entry("d/", mtime_ns=1))
    before = layer("app:40", "empty", "d/")
    assert files((before,), (touched,)) == [("app", "rewritten", 40, 40), ("empty", "rewritten", 0, 0)]
    assert changed(before, touched) == {"app": Change.TIME, "empty": Change.TIME}


def test_mode_owner_and_target_of_a_link_are_changes() -> None:
    before = layer("tool:40", "own:1", "link -> a", "d/")
    after = layer(entry("tool:40", mode=0o4755), entry("own:1", uid=7), "link -> b", entry("d/", mode=0o700))
    assert changed(before, after) == {
        "tool": Change.MODE,
        "own": Change.OWNER,
        "link": Change.LINK,
        "d": Change.MODE,
    }
    assert {kind for _, kind, _, _ in files((before,), (after,))} == {"changed"}


def test_the_root_is_a_path_too() -> None:
    assert files((layer("./", "a:1"),), (layer(entry("./", mode=0o700), "a:1"),)) == [
        ("", "changed", 0, 0),
        ("a", "rewritten", 1, 1),
    ]


def test_a_file_with_two_names_counts_once() -> None:
    linked = layer("a:40", "b => a", diff_id="sha256:linked")
    assert files((BASE,), (BASE, linked)) == [("a", "added", 0, 40), ("b", "added", 0, 0)]


def test_a_name_less_of_a_file_frees_nothing() -> None:
    linked = layer("a:40", "b => a", diff_id="sha256:linked")
    assert files((linked,), (linked, layer(".wh.a"))) == [("a", "removed", 0, 0)]
    assert files((linked,), (linked, layer(".wh.b"))) == [("b", "removed", 0, 0)]


def test_a_link_that_became_a_copy_takes_room() -> None:
    linked = layer("a:40", "b => a", diff_id="sha256:linked")
    assert files((linked,), (linked, layer("b:40"))) == [("b", "grown", 0, 40)]


def test_each_tells_the_layer_that_wrote_it() -> None:
    found = compare_files(
        analyze(image(BASE, layer("gone:5"))), analyze(image(BASE, layer("x:1"), layer("new:7")))
    )
    assert [(one.path, one.layer) for one in found] == [(b"new", 2), (b"gone", 1), (b"x", 1)]


def stacked(one: Image) -> Analysis:
    try:
        return analyze(one)
    except DamagedError:
        reject()


@settings(max_examples=40, deadline=None)
@given(st.tuples(stacks(), stacks()))
def test_growths_add_up_to_that_of_the_live_bytes(pair: tuple[Image, Image]) -> None:
    before, after = map(stacked, pair)
    found = compare_files(before, after)
    assert sum(one.growth for one in found) == after.totals.live - before.totals.live
    paths = [one.path for one in found]
    assert len(paths) == len(set(paths))
    back = {one.path: (one.after, one.before) for one in compare_files(after, before)}
    assert back.keys() == set(paths)


@settings(max_examples=50, deadline=None)
@given(stacks())
def test_no_image_differs_from_itself(one: Image) -> None:
    one = replace(one, layers=tuple(replace(of, diff_id=f"sha256:{n}") for n, of in enumerate(one.layers)))
    analysis = stacked(one)
    assert compare_files(analysis, analysis) == ()

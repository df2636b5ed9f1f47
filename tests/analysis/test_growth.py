"""How much an image grew, and what made it."""

import time
from collections import Counter
from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.growth import Growth, LayerGrowth, PathGrowth, measure_growth
from layerscope.analysis.model import Entry, Figures, FileType, HistoryStep, Image, Layer
from layerscope.analysis.paths import normalise
from layerscope.analysis.saved import Recorded, SavedAnalysis, SavedContents, restore
from layerscope.errors import DamagedError

from tests.analysis.test_union_properties import stacks
from tests.models import image, layer


def built(*steps: tuple[str, Layer]) -> Analysis:
    """An image of commands and their layers."""
    history = tuple(HistoryStep(created_by=command) for command, _ in steps)
    return analyze(image(*(one for _, one in steps), history=history))


def growth(before: tuple[Layer, ...], after: tuple[Layer, ...]) -> Growth:
    """Between images without a history."""
    return measure_growth(analyze(image(*before)), analyze(image(*after)))


def saved(analysis: Analysis, *, entries: bool = True) -> SavedAnalysis:
    """The same as a report of it has it."""
    layers = tuple(
        replace(
            figures,
            layer=replace(
                figures.layer, contents=SavedContents(), entries=figures.layer.entries if entries else ()
            ),
        )
        for figures in analysis.layers
    )
    record = Recorded(
        layers=layers,
        steps=analysis.steps,
        counts=analysis.change_counts,
        killed=analysis.killed_bytes,
        flags=tuple(changes.entries for changes in analysis.changes) if entries else None,
        waste=analysis.waste,
        duplicate_bytes=analysis.duplicate_bytes,
        dive=analysis.dive_score,
        base=analysis.base,
    )
    return restore(replace(analysis.image, layers=tuple(one.layer for one in layers)), record)


Rows = dict[str, tuple[int, int, int | None]]
"""Path to what it stored, what it stores, and in which layer most of that."""


def rows(listed: tuple[PathGrowth, ...] | None) -> Rows:
    assert listed is not None
    return {
        one.path.decode() + ("/…" if one.rest else ""): (one.before, one.after, one.layer) for one in listed
    }


def paths(before: tuple[Layer, ...], after: tuple[Layer, ...]) -> Rows:
    return rows(growth(before, after).paths)


def directories(before: tuple[Layer, ...], after: tuple[Layer, ...]) -> Rows:
    return rows(growth(before, after).directories)


BASE = layer("bin/sh:100", "etc/os:10", diff_id="sha256:base", compressed=60)
APP = layer("app/a:40", "app/b:5", diff_id="sha256:app", compressed=20)
RELEASED = built(("ADD debian", BASE), ("RUN make", APP))


# The whole


def test_all_of_a_step_that_grew() -> None:
    again = layer("app/a:70", "app/c:2", "app/.wh.b", "etc/os:10", diff_id="sha256:2", compressed=35)
    assert measure_growth(RELEASED, built(("ADD debian", BASE), ("RUN make -j", again))) == Growth(
        reference="test",
        before=Figures(155, 155),
        after=Figures(192, 182),
        stored=37,
        wasted=10,
        compressed=15,
        before_compressed=80,
        layers=(LayerGrowth(0, 0, 0, 10, 0), LayerGrowth(1, 1, 37, 0, 15)),
        paths=(
            PathGrowth(b"app/a", 40, 70, 1),
            PathGrowth(b"etc/os", 10, 20, 1),
            PathGrowth(b"app/c", 0, 2, 1),
            PathGrowth(b"app/b", 5, 0, None),
        ),
        directories=(PathGrowth(b"app", 45, 72, 1), PathGrowth(b"etc", 10, 20, 1)),
    )


def nothing(of: Analysis) -> Growth:
    return Growth(
        reference="test",
        before=of.totals,
        after=of.totals,
        stored=0,
        wasted=0,
        compressed=0,
        before_compressed=80,
        layers=(LayerGrowth(0, 0, 0, 0, 0), LayerGrowth(1, 1, 0, 0, 0)),
        paths=(),
        directories=(),
    )


def test_an_image_has_not_grown_against_itself_and_all_its_layers_are_listed() -> None:
    assert measure_growth(RELEASED, RELEASED) == nothing(RELEASED)


def test_nor_without_diff_ids() -> None:
    bare = built(("ADD debian", replace(BASE, diff_id="")), ("RUN make", replace(APP, diff_id="")))
    assert measure_growth(bare, bare) == nothing(bare)
    assert measure_growth(RELEASED, bare) == nothing(bare)


def test_a_saved_report_is_as_good_as_the_image() -> None:
    report = saved(RELEASED)
    assert measure_growth(report, report) == nothing(RELEASED)
    assert measure_growth(report, RELEASED) == measure_growth(RELEASED, report) == nothing(RELEASED)


def test_without_entries_there_are_figures_and_layers_and_no_paths() -> None:
    report = saved(RELEASED, entries=False)
    unknown = replace(nothing(RELEASED), paths=None, directories=None)
    assert measure_growth(report, report) == unknown
    assert measure_growth(report, RELEASED) == measure_growth(RELEASED, report) == unknown


def test_the_baseline_is_named_as_it_was_typed() -> None:
    before = analyze(replace(image(BASE), reference="main.json"))
    assert measure_growth(before, RELEASED).reference == "main.json"


def test_images_without_layers() -> None:
    assert growth((), ()) == Growth("test", Figures(0, 0), Figures(0, 0), 0, 0, 0, 0, (), (), ())
    assert growth((BASE,), ()).layers == (LayerGrowth(0, None, -110, 0, -60),)
    assert growth((), (BASE,)).layers == (LayerGrowth(None, 0, 110, 0, 60),)


# Layers


def test_another_base_under_the_same_steps() -> None:
    other = layer("bin/sh:130", "etc/os:10", diff_id="sha256:other", compressed=61)
    found = measure_growth(RELEASED, built(("ADD debian-13", other), ("RUN make", APP)))
    assert found.layers == (LayerGrowth(0, 0, 30, 0, 1), LayerGrowth(1, 1, 0, 0, 0))
    assert rows(found.paths) == {"bin/sh": (100, 130, 0)}


def test_a_layer_put_in() -> None:
    tools = layer("bin/cc:300", diff_id="sha256:tools", compressed=90)
    found = measure_growth(RELEASED, built(("ADD debian", BASE), ("RUN apt", tools), ("RUN make", APP)))
    assert found.layers == (
        LayerGrowth(0, 0, 0, 0, 0),
        LayerGrowth(None, 1, 300, 0, 90),
        LayerGrowth(1, 2, 0, 0, 0),
    )
    assert rows(found.paths) == {"bin/cc": (0, 300, 1)}


def test_a_layer_split_in_two_stores_what_it_stored() -> None:
    split = built(
        ("ADD debian", BASE),
        ("RUN make a", layer("app/a:40", diff_id="sha256:a", compressed=18)),
        ("RUN make b", layer("app/b:5", diff_id="sha256:b", compressed=9)),
    )
    found = measure_growth(RELEASED, split)
    assert found.layers == (
        LayerGrowth(0, 0, 0, 0, 0),
        LayerGrowth(1, 1, -5, 0, -2),
        LayerGrowth(None, 2, 5, 0, 9),
    )
    assert (found.stored, found.compressed, found.paths, found.directories) == (0, 7, (), ())


def test_without_a_history_layers_are_known_by_their_diff_ids() -> None:
    assert growth((BASE, APP), (BASE, layer("x:1"), APP)).layers == (
        LayerGrowth(0, 0, 0, 0, 0),
        LayerGrowth(None, 1, 1, 0, None),
        LayerGrowth(1, 2, 0, 0, 0),
    )


def test_without_either_layers_are_gone_and_new_and_paths_are_what_they_are() -> None:
    found = growth((layer("a:10"), layer("b:5")), (layer("a:10"), layer("b:7")))
    assert found.layers == (
        LayerGrowth(0, None, -10, 0, None),
        LayerGrowth(1, None, -5, 0, None),
        LayerGrowth(None, 0, 10, 0, None),
        LayerGrowth(None, 1, 7, 0, None),
    )
    assert rows(found.paths) == {"b": (5, 7, 1)}


def test_a_layer_that_stores_what_it_stored_may_have_lost_more_of_it() -> None:
    found = growth((BASE, APP), (BASE, APP, layer("app/.wh.a")))
    assert [(one.stored, one.wasted) for one in found.layers] == [(0, 0), (0, 40), (0, 0)]
    assert (found.stored, found.wasted, found.paths) == (0, 40, ())


def test_the_compressed_growth_is_known_where_both_tell() -> None:
    silent = layer("app/a:41", diff_id="sha256:app")
    found = growth((BASE, APP), (BASE, silent))
    assert (found.before_compressed, found.compressed) == (80, None)
    assert [one.compressed for one in found.layers] == [0, None]
    found = growth((BASE, silent), (BASE, APP))
    assert (found.before_compressed, found.compressed) == (None, None)
    assert [one.compressed for one in found.layers] == [0, None]


# Paths


def test_the_largest_growth_comes_first_and_what_shrank_last_and_equals_go_by_path() -> None:
    before = layer("shrunk:90", "gone:50", "same:7", "b:1", "a:1")
    after = layer("shrunk:10", "same:7", "b:5", "a:5", "new:30", "0:4")
    assert list(paths((before,), (after,)).items()) == [
        ("new", (0, 30, 0)),
        ("0", (0, 4, 0)),
        ("a", (1, 5, 0)),
        ("b", (1, 5, 0)),
        ("gone", (50, 0, None)),
        ("shrunk", (90, 10, 0)),
    ]


def test_a_path_has_what_all_layers_store_of_it_those_of_both_images_too() -> None:
    assert paths((BASE, APP), (BASE, layer("etc/os:1"), APP, layer("bin/sh:100", "etc/os:12"))) == {
        "bin/sh": (100, 200, 3),
        "etc/os": (10, 23, 3),
    }


def test_the_layer_is_the_one_with_most_and_of_equals_the_highest() -> None:
    assert paths((), (layer("a:3", "b:2", "c:1", "c:1"), layer("a:2", "b:2", "c:1"), layer("a:1"))) == {
        "a": (0, 6, 0),
        "b": (0, 4, 1),
        "c": (0, 3, 0),
    }


def test_what_is_removed_is_stored_all_the_same() -> None:
    assert paths((layer("a:5"),), (layer("a:5"), layer(".wh.a"))) == {}


def test_a_file_in_another_layer_than_before_is_no_growth() -> None:
    assert paths((layer("a:5"), layer("b:6")), (layer("b:6"), layer("a:5"))) == {}


def test_a_name_spelled_in_another_way_is_the_same_path() -> None:
    names = ("d/a:5", "./d/a:5", "/d/a:5", "d//a:5", "d/x/../a:5", "../d/./a:5")
    assert [paths((layer("d/a:5"),), (layer(name),)) for name in names] == [{}] * 6
    assert paths((), (layer("/a:1", "./b:2", "//c:3"),)) == {"c": (0, 3, 0), "b": (0, 2, 0), "a": (0, 1, 0)}


def test_only_what_is_stored_counts() -> None:
    new = layer("d/", "l -> d", "h => d/a", "empty", "d/.wh.x:9", ".wh..wh.plnk:9", ".wh.x/./:9", "d/a:1")
    assert paths((), (new,)) == {"d/a": (0, 1, 0)}
    with_root = layer(Entry(b"./", FileType.REGULAR, 0o644, 0, 0, 9, 0), "a.wh.b:2")
    assert paths((), (with_root,)) == {"a.wh.b": (0, 2, 0)}


def test_a_layer_that_does_not_store_what_its_diff_id_had_is_looked_into() -> None:
    assert paths((layer("a:5", diff_id="x"),), (layer("a:6", diff_id="x"),)) == {"a": (5, 6, 0)}


def test_a_layer_that_is_there_once_more_is_growth() -> None:
    assert paths((BASE,), (BASE, BASE)) == {"bin/sh": (100, 200, 1), "etc/os": (10, 20, 1)}


# Directories


def test_a_directory_counts_the_paths_that_are_not_as_before_and_no_others() -> None:
    assert directories((layer("a/same:100", "a/b:2"),), (layer("a/same:100", "a/b:5"),)) == {"a": (2, 5, 0)}


def test_the_directories_are_those_most_of_the_difference_lies_in() -> None:
    modules = [f"app/node_modules/{number}/index.js:10" for number in range(60)]
    before = layer("usr/lib/python3.11/a:280", "usr/lib/python3.11/b:20", "usr/lib/os:1", "etc/a:1")
    after = layer("usr/lib/python3.12/a:310", "usr/lib/os:30", "etc/a:4", *modules)
    assert list(directories((before,), (after,)).items()) == [
        ("app/node_modules", (0, 600, 0)),
        ("usr/lib/python3.12", (0, 310, 0)),
        ("usr/lib/…", (1, 30, 0)),
        ("/…", (1, 4, 0)),
        ("usr/lib/python3.11", (300, 0, None)),
    ]


def test_a_directory_that_shrank_by_what_it_grew_is_left_out() -> None:
    assert directories((layer("app/main.1.js:50", "a/b:1"),), (layer("app/main.2.js:50", "a/b:9"),)) == {
        "a": (1, 9, 0)
    }


def test_the_layer_of_a_directory_is_the_one_with_most_of_what_is_not_as_before() -> None:
    before = layer("a/base:100", diff_id="x")
    assert directories((before,), (before, layer("a/b:3", "a/c:3"), layer("a/d:5"))) == {"a": (0, 11, 1)}
    assert directories((before,), (before, layer("a/b:3", "a/c:2"), layer("a/d:5"))) == {"a": (0, 10, 2)}


# Whatever the images are


@st.composite
def images(draw: st.DrawFn) -> tuple[Image, Image]:
    """Two images, with and without layers, diff_ids and commands in common."""
    pool = [
        (
            HistoryStep(created_by=command),
            replace(one, diff_id=draw(st.sampled_from(["", f"sha256:{number}"]))),
        )
        for number, one in enumerate((*draw(stacks()).layers, *draw(stacks()).layers))
        for command in draw(st.sampled_from([("",), ("RUN a",), ("RUN b",), ("COPY a b",)]))
    ]

    def one() -> Image:
        steps = draw(st.lists(st.sampled_from(pool), max_size=5))
        return image(*(layer for _, layer in steps), history=tuple(step for step, _ in steps))

    return one(), one()


def stored(of: Image) -> Counter[bytes]:
    """By path, in all layers together."""
    found = Counter[bytes]()
    for one in of.layers:
        for entry in one.entries:
            path = normalise(entry.name)
            if path and not path.split(b"/")[-1].startswith(b".wh."):
                found[path] += entry.size
    return found


@settings(max_examples=80, derandomize=True, deadline=None, database=None)
@given(images())
def test_layers_paths_and_directories_add_up_to_the_growth(both: tuple[Image, Image]) -> None:
    try:
        before, after = map(analyze, both)
    except DamagedError:
        assume(False)
    found = measure_growth(before, after)
    assert found.paths is not None
    assert found.directories is not None
    sums = stored(both[0]), stored(both[1])
    assert {one.path: (one.before, one.after) for one in found.paths} == {
        path: (sums[0][path], sums[1][path])
        for path in sums[0].keys() | sums[1].keys()
        if sums[0][path] != sums[1][path]
    }
    assert list(found.paths) == sorted(found.paths, key=lambda one: (-one.growth, one.path))
    assert found.stored == sum(sums[1].values()) - sum(sums[0].values())
    assert found.stored == sum(one.growth for one in found.paths)
    assert found.stored == sum(one.growth for one in found.directories)
    assert found.stored == sum(one.stored for one in found.layers)
    assert found.wasted == sum(one.wasted for one in found.layers)
    assert all((one.layer is None) == (one.after == 0) for one in (*found.paths, *found.directories))
    backwards = measure_growth(after, before)
    assert backwards.paths is not None
    assert {one.path: -one.growth for one in backwards.paths} == {one.path: one.growth for one in found.paths}


def many(name: str, count: int) -> Analysis:
    entries = (
        Entry(b"%b/lib/%d/%d.py" % (name.encode(), n // 300, n), FileType.REGULAR, 0o644, 0, 0, 1 + n % 99, 0)
        for n in range(count)
    )
    return analyze(image(layer(*entries)))


def test_fifteen_thousand_files_in_each_are_compared_at_once() -> None:
    before, after = many("a", 15_000), many("b", 15_000)
    best = 1.0
    for _ in range(3):
        begun = time.perf_counter()
        found = measure_growth(before, after)
        best = min(best, time.perf_counter() - begun)
    assert found.paths is not None
    assert len(found.paths) == 30_000
    assert best < 0.4  # 0.08 s measured; on a machine with other work to do

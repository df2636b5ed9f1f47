"""Dive's figures on images small enough to check by hand; the numbers are what dive 0.13.1 printed."""

from dataclasses import dataclass

import pytest
from layerscope.analysis.dive import file_list, measure, size_of
from layerscope.analysis.dive_tree import clean
from layerscope.analysis.model import Entry, FileType, Layer

from tests.models import entry, image, layer

Row = tuple[bytes, int, int]


@dataclass(frozen=True)
class Case:
    """One image and what dive says of it."""

    title: str
    layers: tuple[tuple[str, ...], ...]
    score: float
    wasted: int
    user_percent: float | None
    rows: tuple[Row, ...] = ()


MEASURED = (
    Case(
        "a file removed later is lost",
        (("keep:9000",), ("a/one:1000",), ("a/.wh.one",)),
        0.9,
        1000,
        1.0,
        ((b"/a/one", 2, 1000),),
    ),
    Case(
        "a directory removed later costs nothing",
        (("base:9000",), ("a/", "a/x:1000", "a/y:2000", "a/z:3000"), (".wh.a",)),
        1.0,
        0,
        0.0,
    ),
    Case(
        "an opaque marker costs nothing",
        (("base:9000",), ("a/", "a/x:1000", "a/y:2000"), ("a/", "a/.wh..wh..opq", "a/new:10")),
        1.0,
        0,
        0.0,
    ),
    Case(
        "a whiteout of an unknown path ends the layer and leaves -1",
        (("base:9000", "zdup:1000"), (".wh.nonexist", "zdup:1000")),
        0.9999,
        0,
        0.0,
    ),
    Case(
        "a file written twice is wasted twice",
        (("base:9000", "zdup:1000"), ("zdup:1000",)),
        10000 / 11000,
        2000,
        2.0,
        ((b"/zdup", 2, 2000),),
    ),
    Case(
        "a change of mode is a second copy",
        (("base:9000",), ("base:9000",)),
        0.5,
        18000,
        2.0,
        ((b"/base", 2, 18000),),
    ),
    Case(
        "nothing stored above the first layer makes the percentage infinite",
        (("base:9000",), (".wh.base",)),
        0.0,
        9000,
        None,
        ((b"/base", 2, 9000),),
    ),
    Case(
        "removed and written again in one layer is met three times",
        (("x:1000", "base:9000"), (".wh.x", "x:1000")),
        9000 / 11000,
        2000,
        2.0,
        ((b"/x", 3, 2000),),
    ),
    Case(
        "the same path twice in one layer is one file",
        (("a:5000", "a:4000", "base:9000"),),
        1.0,
        0,
        None,
    ),
    Case(
        "a link is a file of no bytes",
        (("lnk -> /one",), ("lnk -> /two",)),
        1.0,
        0,
        None,
        ((b"/lnk", 2, 0),),
    ),
)


@pytest.mark.parametrize("case", MEASURED, ids=lambda case: case.title)
def test_the_figures_are_those_dive_printed(case: Case) -> None:
    figures = measure(image(*(layer(*items) for items in case.layers)))

    assert figures.efficiency_score == pytest.approx(case.score, abs=1e-15)
    assert figures.inefficient_bytes == case.wasted
    assert figures.user_wasted_percent == case.user_percent
    assert figures.rows == case.rows


def rows(*layers: Layer) -> tuple[Row, ...]:
    return measure(image(*layers)).rows


def score(*layers: Layer) -> float:
    return measure(image(*layers)).efficiency_score


def test_the_archive_dives_own_tests_use_comes_out_as_in_them() -> None:
    """`.data/test-docker-image.tar` by its layer sizes, the 1 154 361 bytes of its base as one file."""
    text = ":6405"
    figures = measure(
        image(
            layer("base:1154361", "root/"),
            layer("somefile.txt" + text),
            layer("root/", "root/example/", "root/example/really/", "root/example/really/nested/"),
            layer("root/", "root/example/", "root/example/somefile1.txt" + text),
            layer("root/", "root/example/", "root/example/somefile1.txt" + text),
            layer("root/", "root/example/", "root/example/somefile2.txt" + text),
            layer("root/", "root/example/", "root/example/somefile3.txt" + text),
            layer("root/", "root/example/", "root/example/.wh.somefile3.txt", "root/saved.txt" + text),
            layer("root/", "root/saved.txt" + text),
            layer("root/", "root/.wh.example"),
            layer("root/", "root/.data/", "root/.data/tag.sh:917", "root/.data/test.sh:1270"),
            layer("root/", "root/.data/", "root/.data/saved.again2.txt" + text),
            layer("tmp/", "tmp/saved.again1.txt" + text),
            layer("root/", "root/.saved.txt" + text),
        )
    )

    assert figures.size_bytes == 1220598
    assert figures.inefficient_bytes == 32025
    assert figures.user_wasted_percent == 0.4834911001404049
    assert figures.efficiency_score == 1214193 / 1233408 == 0.9844212134184309
    assert figures.rows == (
        (b"/root/saved.txt", 2, 12810),
        (b"/root/example/somefile1.txt", 2, 12810),
        (b"/root/example/somefile3.txt", 2, 6405),
    )


def test_an_image_without_layers_is_efficient() -> None:
    assert measure(image()) == (1.0, 0, None, 0, ())


def test_rows_of_equal_size_stand_with_the_last_repeated_first() -> None:
    twice = layer("a:5", "b:7", "c:5", "d:5")
    assert rows(twice, twice) == ((b"/b", 2, 14), (b"/d", 2, 10), (b"/c", 2, 10), (b"/a", 2, 10))


def test_siblings_are_taken_in_byte_order_and_contents_before_their_directory() -> None:
    twice = layer("a/", "a/z", "a/b/", "a.b", "a-b", "a/b/c", b_entry(b"\xff"))
    assert rows(twice, twice) == tuple(
        (path, 2, 0) for path in reversed((b"/a/b/c", b"/a/z", b"/a-b", b"/a.b", b"/\xff"))
    )


def b_entry(name: bytes) -> Entry:
    return entry("x")._replace(name=name)


def test_only_directories_without_contents_are_counted() -> None:
    assert rows(layer("empty/", "full/", "full/x"), layer("empty/", "full/")) == ((b"/empty", 2, 0),)


def test_a_path_that_became_a_directory_is_counted_once() -> None:
    assert score(layer("a:100"), layer("a/", "a/b:100")) == 1.0


def test_a_removed_directory_is_counted_with_all_the_layers_put_into_it() -> None:
    layers = layer("a/", "a/b/", "a/b/x:100"), layer("a/", "a/y:10"), layer(".wh.a")
    assert score(*layers, layer("a:1")) == (100 + 10 + 1) / (110 + 110 + 1)


def test_a_removed_directory_counts_nothing_if_the_last_layer_in_it_only_implies_it() -> None:
    assert score(layer("a/", "a/x:100"), layer("a/y:10"), layer(".wh.a")) == 1.0
    assert score(layer("a/", "a/x:100"), layer("a/y:10"), layer(".wh.a"), layer("a:5")) == 110 / 115


def test_nested_removals_count_the_inner_bytes_again() -> None:
    lower = layer("a/", "a/b/", "a/b/c/", "a/b/c/x:100")
    upper = layer(".wh.a", "a/", "a/.wh.b", "a/b/", "a/b/.wh.c")
    assert measure(image(lower, upper, layer("a:0"))).efficiency_score == 300 / 400


def test_a_directory_replaced_by_a_file_keeps_its_contents_below_the_next_layer() -> None:
    assert score(layer("a/", "a/x:100"), layer("a:7"), layer("a/.wh.x")) == 7 / 107


def test_whiteouts_of_the_first_layer_look_into_it() -> None:
    assert rows(layer("a:100", ".wh.a")) == ((b"/a", 2, 100),)


def test_whiteouts_of_the_first_layer_are_files_below_the_others() -> None:
    assert rows(layer(".wh.x", "x:1"), layer(".wh..wh.x", "y"), layer("y")) == ((b"/x", 2, 1), (b"/y", 2, 0))


def test_a_removal_acts_in_byte_order_with_what_its_layer_writes() -> None:
    below = layer("x:1", "!x:1")
    again = layer("x:1", ".wh.x", "!x:1", ".wh.!x")
    assert (b"/x", 4, 2) in rows(below, again, layer(".wh.x"))
    assert measure(image(below, again, layer(".wh.!x"))).rows[0] == (b"/x", 3, 2)


def test_a_whiteout_without_a_name_is_one_of_its_directory() -> None:
    upper = layer("a/", "a/.wh.", "a/new:1")
    assert rows(layer("a/", "a/x:100"), upper, layer("a/", "a/.wh.")) == ((b"/a/", 2, 101),)


def test_what_climbs_above_the_root_falls_back_into_it_under_the_next_layer() -> None:
    assert score(layer("../x:10"), layer("y"), layer(".wh.x")) == 1.0
    assert score(layer("../x:10"), layer("y"), layer(".wh.z")) == 9 / 10


def test_names_that_are_one_path_are_one_path() -> None:
    assert rows(layer("./a//b:1"), layer("/a/./b:1"), layer("a/c/../b:1")) == ((b"/a/b", 3, 3),)


def test_a_layers_size_leaves_out_the_root_alone() -> None:
    dot, slash = b_entry(b"./")._replace(size=1), b_entry(b"/")._replace(size=10)
    assert size_of(layer(dot, slash, "a:100", "a:1000", ".wh..wh..x:10000")) == 11110


def test_the_file_list_has_contents_before_their_directory_and_none_for_an_implied_one() -> None:
    listed = list(file_list(layer("b", "d/.wh..wh..opq", "a/", "a/c:1", "a/.wh.x", "e/f/", ".")))
    assert [one and one.name for one in listed] == [b"a/.wh.x", b"a/c", b"a/", b"b", None, b"e/f/", None]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (b"a/b", b"a/b"),
        (b"a/b/", b"a/b"),
        (b"./a", b"a"),
        (b".//a", b"a"),
        (b"/a", b"/a"),
        (b"//a//b//", b"/a/b"),
        (b"/../a", b"/a"),
        (b"../../a", b"../../a"),
        (b"a/../../b", b"../b"),
        (b"a/./.b/..c", b"a/.b/..c"),
        (b"a/..", b"."),
        (b"./", b"."),
        (b"", b"."),
        (b"/", b"/"),
        (b"/.", b"/"),
    ],
)
def test_names_are_cleaned_as_go_does(name: bytes, path: bytes) -> None:
    assert clean(name) == path


def test_paths_may_be_as_deep_as_a_name_can_be_long() -> None:
    deep = "/".join("d" * 2048)
    lower = layer(*(deep[: 2 * depth + 1] + "/" for depth in range(2048)), deep + "/x:100")
    upper = layer(*(("d/" * depth) + ".wh.d" for depth in range(2048)), deep + "/y:1")

    assert measure(image(lower, upper, layer(".wh.d"))).size_bytes == 101
    assert len(list(file_list(upper))) == 2048 + 2048 + 1


def test_many_whiteouts_over_many_files_are_no_more_work_than_many_files() -> None:
    """dive copies the tree below for each of them: 20,000 here would take it minutes."""
    count = 20_000
    names = [f"d{number % 100}/f{number}" for number in range(count)]
    figures = measure(
        image(
            layer(*(f"{name}:2" for name in names)), layer(*(name.replace("/f", "/.wh.f") for name in names))
        )
    )

    assert figures.inefficient_bytes == 2 * count
    assert len(figures.rows) == count
    assert figures.efficiency_score == 0.0


def test_types_other_than_files_count_as_no_bytes() -> None:
    pipe = Entry(b"p", FileType.FIFO, 0o644, 0, 0, 0, 0)
    assert rows(layer(pipe, "h => a", "a:1"), layer(pipe, "h => a")) == ((b"/p", 2, 0), (b"/h", 2, 0))

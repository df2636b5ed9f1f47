"""A name looked for in all layers at once."""

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.filters import Paths, parse
from layerscope.analysis.find import Order, Search
from layerscope.analysis.model import Layer
from layerscope.analysis.timeline import Timeline

from tests.models import image, layer

STACK = (
    layer("etc/", "etc/key:10", "lib/", "lib/a.so:700", "lib/b.py:20", "lib/lib/", "lib/lib/c.so:5"),
    layer("etc/.wh.key", "lib/a.so:300", "app/Lib.so:50"),
    layer("lib/b.py:40", "lib/.wh.lib", "etc/key.pub:1"),
)


def search(*layers: Layer) -> Search:
    return Search(Paths(Timeline(analyze(image(*(layers or STACK)), keep_past=True))))


def found(text: str, *layers: Layer, order: Order = Order.PATH) -> list[str]:
    """The paths a search lists, in its order."""
    made = search(*layers)
    answer = made.find(parse(text), order)
    assert answer.total == len(answer.paths)
    return [made.timeline.name(path).decode() for path in answer.paths]


def became(name: str, *layers: Layer) -> dict[str, int | bool | None]:
    made = search(*layers)
    path = made.timeline.find(name.encode())
    assert path is not None
    return {key: value for key, value in made.found(path)._asdict().items() if key != "path"}


# What is found


def test_a_name_is_found_in_every_layer_whether_it_is_still_there_or_not() -> None:
    assert found("key") == ["etc/key", "etc/key.pub"]
    assert found("c.so") == ["lib/lib/c.so"]


def test_a_directory_that_matches_is_found_without_what_is_in_it() -> None:
    assert found("etc") == ["etc"]


def test_what_lies_in_a_directory_that_matches_is_found_if_it_matches_itself() -> None:
    assert found("lib") == ["app/Lib.so", "lib", "lib/lib"]


def test_small_letters_stand_for_capitals_and_capitals_for_themselves() -> None:
    assert found("Lib") == ["app/Lib.so"]


def test_a_pattern_is_of_the_name_or_with_a_slash_of_the_path() -> None:
    assert found("*.so") == ["app/Lib.so", "lib/a.so", "lib/lib/c.so"]
    assert found("/lib/*.so") == ["lib/a.so", "lib/lib/c.so"]


def test_a_regular_expression_is_of_the_path() -> None:
    assert found("/^/etc/.*y$/") == ["etc/key"]


def test_a_text_with_a_slash_is_of_the_path_up_to_the_name() -> None:
    assert found("b/li") == ["lib/lib"]


def test_of_several_terms_some_may_hold_for_directories_above() -> None:
    assert found("lib *.so") == ["app/Lib.so", "lib/a.so", "lib/lib/c.so"]
    assert found("lib/ *.so") == ["lib/a.so", "lib/lib/c.so"]
    assert found("etc lib") == []


def test_a_negated_term_holds_for_all_that_lies_below() -> None:
    assert found("*.so !lib/lib") == ["app/Lib.so", "lib/a.so"]
    assert found("!lib !etc") == ["app"]


def test_the_root_is_never_found() -> None:
    assert "" not in found("/^/")
    assert "" not in found("!nothing")


def test_sizes_are_those_of_the_largest_versions() -> None:
    assert found(">500") == ["lib/a.so"]
    assert found("lib >30") == ["app/Lib.so", "lib/a.so", "lib/b.py"]


def test_kinds_and_layers_are_those_of_the_last_versions() -> None:
    assert found("kind:removed") == ["etc/key", "lib/lib", "lib/lib/c.so"]
    assert found("layer:1 type:file") == ["app/Lib.so", "lib/a.so"]
    assert found("is:wasted") == ["etc/key", "lib/a.so", "lib/b.py", "lib/lib/c.so"]


# The order and the number


def test_the_largest_comes_first_and_of_equal_ones_the_first_path() -> None:
    layers = layer("b:5", "a:5", "c:9"), layer("d:7", "c:1")
    assert found("/./", *layers, order=Order.SIZE) == ["c", "d", "a", "b"]
    assert found("/./", *layers, order=Order.PATH) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(("order", "first"), [(Order.SIZE, [b"2", b"1"]), (Order.PATH, [b"0", b"1"])])
def test_of_too_many_the_first_are_listed_and_all_are_counted(order: Order, first: list[bytes]) -> None:
    made = search(layer("0:1", "1:2", "2:3"))
    answer = made.find(parse("!x"), order, most=2)
    assert (answer.total, [made.timeline.name(path) for path in answer.paths]) == (3, first)


def test_an_image_without_layers_has_nothing_to_find() -> None:
    assert Search(Paths(Timeline(analyze(image(), keep_past=True)))).find(parse("a")) == (0, ())


# What became of it


def test_a_path_written_once_and_still_there() -> None:
    assert became("app/Lib.so") == {
        "size": 50,
        "first": 1,
        "last": 1,
        "versions": 1,
        "removed_by": None,
        "overwritten_by": None,
        "is_directory": False,
    }


def test_a_path_that_is_gone_was_removed_by_a_layer() -> None:
    gone = became("etc/key")
    assert (gone["last"], gone["removed_by"], gone["overwritten_by"]) == (0, 1, None)
    assert became("lib/lib/c.so")["removed_by"] == 2


def test_a_larger_version_was_overwritten_by_the_next_one() -> None:
    shrunk, grown = became("lib/a.so"), became("lib/b.py")
    assert (shrunk["size"], shrunk["last"], shrunk["versions"], shrunk["overwritten_by"]) == (700, 1, 2, 1)
    assert (grown["size"], grown["last"], grown["versions"], grown["overwritten_by"]) == (40, 2, 2, None)


def test_the_last_of_equally_large_versions_counts() -> None:
    assert became("a", layer("a:5"), layer("a:5#new"))["overwritten_by"] is None


def test_a_path_that_came_back_was_overwritten_where_it_did() -> None:
    back = became("a", layer("a:5"), layer(".wh.a"), layer("a:1"))
    assert (back["removed_by"], back["overwritten_by"], back["versions"]) == (None, 2, 2)


def test_every_name_of_a_file_is_as_large_as_the_file() -> None:
    assert became("b", layer("a:5", "b => a"))["size"] == 5
    assert found(">4", layer("a:5", "b => a")) == ["a", "b"]


def test_what_is_a_directory_in_the_end_is_one() -> None:
    layers = layer("a:5", "b/"), layer("a/", "b:3")
    assert (became("a", *layers)["is_directory"], became("b", *layers)["is_directory"]) == (True, False)

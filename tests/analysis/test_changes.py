"""What a layer does to the tree below it: a change for every entry, and the paths that are gone."""

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.model import Entry, Extras, FileType, Layer

from tests.analysis.views import changes
from tests.models import entry, image, layer

LATER = 10**9
LOWER = layer("d/", "d/a:3", "d/b:1", "f:3", "l -> f")


def counts(*layers: Layer) -> tuple[int, int, int]:
    """(added, modified, removed) of the last layer."""
    last = analyze(image(*layers)).changes[-1]
    return last.added, last.modified, len(last.removed)


def device(major: int, minor: int) -> Entry:
    return Entry(b"dev", FileType.CHARACTER, 0o600, 0, 0, 0, 0, extras=Extras(device=(major, minor)))


def test_all_that_the_first_layer_holds_is_added() -> None:
    assert changes(LOWER) == {
        "d/": "added",
        "d/a": "added",
        "d/b": "added",
        "f": "added",
        "l": "added",
    }


def test_a_new_path_is_added() -> None:
    assert changes(LOWER, layer("g:1", "d/e/", "m -> f", "h => f")) == {
        "g": "added",
        "d/e/": "added",
        "m": "added",
        "h": "added",
    }


def test_a_file_with_other_content_is_changed() -> None:
    assert changes(LOWER, layer("f:5")) == {"f": "content"}
    assert changes(LOWER, layer("f:3#other")) == {"f": "content"}


def test_a_file_written_again_as_it_was_is_no_change() -> None:
    assert changes(LOWER, layer("f:3", "d/b:1", "l -> f")) == {}


def test_an_empty_file_written_again_is_no_change() -> None:
    assert changes(layer("e"), layer("e")) == {}


@pytest.mark.parametrize(
    ("again", "what"),
    [
        (entry("f:3", 0o600), "mode"),
        (entry("f:3", uid=1), "owner"),
        (entry("f:3", gid=1), "owner"),
        (entry("f:3", mtime_ns=LATER), "time"),
        (entry("f:3")._replace(extras=Extras(((b"user.a", b"1"),))), "xattrs"),
        (entry("f:3", 0o600, 1, 1, LATER), "mode owner time"),
        (entry("f:5", 0o600, mtime_ns=LATER), "content mode time"),
    ],
)
def test_what_changed_of_a_file_is_told(again: Entry, what: str) -> None:
    assert changes(LOWER, layer(again)) == {"f": what}


@pytest.mark.parametrize(
    ("again", "what"),
    [
        (entry("d/", 0o700), "mode"),
        (entry("d/", uid=1), "owner"),
        (entry("d/")._replace(extras=Extras(((b"user.a", b"1"),))), "xattrs"),
    ],
)
def test_what_changed_of_a_directory_is_told(again: Entry, what: str) -> None:
    assert changes(LOWER, layer(again)) == {"d/": what}


def test_a_directory_that_is_listed_again_is_no_change() -> None:
    assert changes(LOWER, layer("d/", "d/new:1")) == {"d/new": "added"}


def test_a_directorys_time_is_no_change() -> None:
    """It moves with every file in it."""
    assert changes(LOWER, layer(entry("d/", mtime_ns=LATER))) == {}


def test_a_symlink_to_something_else_is_changed() -> None:
    assert changes(LOWER, layer("l -> d/a")) == {"l": "link"}


def test_a_device_with_other_numbers_is_changed() -> None:
    assert changes(layer(device(1, 3)), layer(device(1, 5))) == {"dev": "content"}
    assert changes(layer(device(1, 3)), layer(device(1, 3))) == {}


@pytest.mark.parametrize(
    "item", ["f/", "f -> a", "f => nothing", Entry(b"f", FileType.FIFO, 0o644, 0, 0, 0, 0)]
)
def test_another_type_is_one_change_whatever_else_differs(item: str | Entry) -> None:
    (what,) = changes(LOWER, layer(item)).values()
    assert what == "type"


def test_a_file_over_a_directory_changes_it_and_removes_what_was_below() -> None:
    assert changes(layer("d/", "d/e/", "d/e/a:3"), layer("d:1")) == {
        "d": "type",
        "d/e": "removed",
        "d/e/a": "removed",
    }


def test_a_directory_over_a_file_changes_it() -> None:
    assert changes(LOWER, layer("f/", "f/x:1")) == {"f/": "type", "f/x": "added"}


def test_a_whiteout_removes_a_path_and_changes_none() -> None:
    assert changes(LOWER, layer(".wh.f")) == {"f": "removed"}


def test_a_whiteout_of_a_directory_removes_each_path_of_it() -> None:
    assert changes(LOWER, layer(".wh.d")) == {"d": "removed", "d/a": "removed", "d/b": "removed"}


def test_an_opaque_marker_removes_what_is_in_the_directory_and_not_the_directory() -> None:
    assert changes(LOWER, layer("d/", "d/.wh..wh..opq", "d/new:1")) == {
        "d/new": "added",
        "d/a": "removed",
        "d/b": "removed",
    }


def test_a_whiteout_of_nothing_changes_nothing() -> None:
    assert changes(LOWER, layer(".wh.nothing", "d/.wh.nothing")) == {}


def test_removed_paths_stand_in_byte_order() -> None:
    lower = layer("b/", "b/x", "b/a", "b-", "a", "c")
    last = analyze(image(lower, layer(".wh.c", ".wh.b", ".wh.b-", ".wh.a"))).changes[-1]
    assert last.removed == (b"a", b"b", b"b-", b"b/a", b"b/x", b"c")


@pytest.mark.parametrize("items", [(".wh.f", "f:5"), ("f:5", ".wh.f")])
def test_removed_and_written_again_in_one_layer_is_a_change(items: tuple[str, str]) -> None:
    assert changes(LOWER, layer(*items)) == {"f": "content"}


def test_removed_and_written_again_as_it_was_is_no_change() -> None:
    assert changes(LOWER, layer(".wh.d", "d/", "d/a:3")) == {"d/b": "removed"}
    assert changes(LOWER, layer("d/.wh..wh..opq", "d/a:3")) == {"d/b": "removed"}


def test_removed_and_made_again_as_another_type_is_a_change_of_type() -> None:
    assert changes(LOWER, layer(".wh.d", "d:1")) == {"d": "type", "d/a": "removed", "d/b": "removed"}


def test_removed_and_implied_again_is_neither() -> None:
    assert changes(LOWER, layer(".wh.d", "d/new:1")) == {
        "d/new": "added",
        "d/a": "removed",
        "d/b": "removed",
    }


def test_of_a_path_written_twice_in_one_layer_only_the_last_entry_counts() -> None:
    assert changes(LOWER, layer("f:1", "f:5")) == {"f'": "content"}
    assert changes(LOWER, layer("f:1", "f:3")) == {}
    assert changes(LOWER, layer("new:1", "new:5")) == {"new'": "added"}
    assert changes(LOWER, layer(entry("d/", 0o700), entry("d/", 0o711))) == {"d/'": "mode"}


def test_entries_below_what_the_layer_itself_replaces_do_not_count() -> None:
    assert changes(LOWER, layer("new/", "new/a:1", "new:5")) == {"new": "added"}
    assert changes(LOWER, layer("d/a:5", "d/", "d:1")) == {"d": "type", "d/a": "removed", "d/b": "removed"}


def test_every_spelling_is_the_same_path() -> None:
    assert changes(LOWER, layer("./f:3", "//d/./a:5")) == {"//d/./a": "content"}


def test_a_path_reached_through_a_symlink_is_the_path_it_leads_to() -> None:
    assert changes(LOWER, layer("s -> d", "s/a:5", "s/new:1")) == {
        "s": "added",
        "s/a": "content",
        "s/new": "added",
    }


def test_a_hard_link_to_the_file_that_is_there_is_no_change() -> None:
    assert changes(layer("a:3", "b => a"), layer("b => a")) == {}


def test_a_file_is_not_compared_with_itself() -> None:
    union = analyze(image(layer("a:3"), layer("a => a"))).union
    assert (list(union.changes[1].entries), union.comparisons) == ([0], [])


def test_a_hard_link_is_compared_as_the_file_it_is() -> None:
    assert changes(layer("a:3", "b:3", "c:3#x"), layer("b => a", "c => a")) == {"c": "content"}
    assert changes(layer("a:3", "b => a"), layer("a:5", "b => a")) == {"a": "content", "b": "content"}


def test_a_name_whose_link_is_broken_is_no_change_of_the_other() -> None:
    assert changes(layer("a:3", "b => a"), layer("a:5")) == {"a": "content"}


def test_a_directory_that_is_implied_again_behind_a_link_is_not_removed() -> None:
    assert changes(layer("other/", "other/a"), layer(".wh.other", "l -> new/../other", "l/x")) == {
        "l": "added",
        "l/x": "added",
        "other/a": "removed",
    }


def test_implied_directories_are_no_entries() -> None:
    assert changes(layer("a/b/c:1")) == {"a/b/c": "added"}
    assert changes(layer("a/b/c:1"), layer(".wh.a")) == {"a": "removed", "a/b": "removed", "a/b/c": "removed"}


def test_an_entry_for_a_directory_that_was_implied_changes_it_unless_it_is_as_engines_make_them() -> None:
    assert changes(layer("a/b:1"), layer("a/")) == {}
    assert changes(layer("a/b:1"), layer(entry("a/", 0o700, 5))) == {"a/": "mode owner"}


def test_an_entry_for_the_root_is_added_once() -> None:
    root = entry("d/")._replace(name=b"./")
    assert changes(layer(root)) == {"./": "added"}
    assert changes(layer(root), layer(root)) == {}
    assert changes(layer(root), layer(root._replace(mode=0o700))) == {"./": "mode"}


def test_the_counts_are_those_of_the_entries() -> None:
    upper = layer("d/", "f:5", "new:1", entry("d/a:3", 0o600), "d/.wh.b", "new2/", "new2/x:1")
    assert counts(LOWER, upper) == (3, 2, 1)
    assert counts(LOWER, layer()) == (0, 0, 0)
    assert counts(LOWER) == (5, 0, 0)


def test_each_layer_is_compared_with_all_below_it() -> None:
    found = analyze(image(layer("f:3"), layer(".wh.f"), layer("f:3"), layer("f:5"))).changes
    assert [(one.added, one.modified, one.removed) for one in found] == [
        (1, 0, ()),
        (0, 0, (b"f",)),
        (1, 0, ()),
        (0, 1, ()),
    ]


def test_whether_contents_differ_is_left_open_until_it_is_asked() -> None:
    """The gate never asks, and so reads no file for it."""
    analysis = analyze(image(layer("f:3"), layer("f:3")))
    assert list(analysis.union.changes[1].entries) != [0]
    assert list(analysis.changes[1].entries) == [0]

"""The union rules: what a container sees of a stack of layers. The sizes tell which copy is seen."""

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.model import Entry, FileType
from layerscope.analysis.tree import MAX_IMPLIED
from layerscope.errors import DamagedError, LimitError

from tests.analysis.views import figures, links, tree
from tests.models import entry, image, layer

# Layers over layers


def test_an_image_without_layers_is_an_empty_directory() -> None:
    assert tree() == set()


def test_a_layer_shows_what_is_in_it() -> None:
    special = Entry(b"p", FileType.FIFO, 0o644, 0, 0, 0, 0)
    device = Entry(b"null", FileType.CHARACTER, 0o666, 0, 0, 0, 0)
    assert tree(layer("d/", "d/a:3", "l -> d/a", special, device)) == {
        "d/",
        "d/a:3",
        "l -> d/a",
        "p (fifo)",
        "null (character)",
    }


def test_a_layer_without_entries_changes_nothing() -> None:
    assert tree(layer("a:3"), layer()) == {"a:3"}


def test_a_file_over_a_file_replaces_it() -> None:
    assert tree(layer("a:3", "b:1"), layer("a:5")) == {"a:5", "b:1"}


def test_a_directory_over_a_directory_merges() -> None:
    assert tree(layer("d/", "d/a:3", "d/b:1"), layer("d/", "d/b:5", "d/c:2")) == {
        "d/",
        "d/a:3",
        "d/b:5",
        "d/c:2",
    }


def test_of_merged_directories_the_later_entry_counts() -> None:
    root = analyze(image(layer(entry("d/", 0o700), "d/a"), layer(entry("d/", 0o711, 5, 6)))).union.root
    assert root.children is not None
    assert root.children[b"d"].entry == entry("d/", 0o711, 5, 6)


def test_a_directory_that_is_only_implied_leaves_the_lower_entry_in_place() -> None:
    root = analyze(image(layer(entry("d/", 0o700)), layer("d/a"))).union.root
    assert root.children is not None
    assert root.children[b"d"].entry == entry("d/", 0o700)


def test_a_file_over_a_directory_replaces_it_with_all_below_it() -> None:
    assert tree(layer("d/", "d/e/", "d/e/a:3"), layer("d:5")) == {"d:5"}


@pytest.mark.parametrize("item", ["d -> elsewhere", "d => elsewhere"])
def test_a_link_over_a_directory_replaces_it_with_all_below_it(item: str) -> None:
    assert tree(layer("d/", "d/e/", "d/e/a:3"), layer(item)) == {item}


def test_a_symlink_to_a_directory_over_that_directory_does_not_merge() -> None:
    assert tree(layer("real/", "d/", "d/a:3"), layer("d -> real")) == {"real/", "d -> real"}


@pytest.mark.parametrize("item", ["d:3", "d -> e", "d => e"])
def test_a_directory_over_anything_else_replaces_it(item: str) -> None:
    assert tree(layer(item), layer("d/", "d/a:5")) == {"d/", "d/a:5"}


def test_a_directory_over_a_symlink_to_a_directory_replaces_the_link() -> None:
    assert tree(layer("real/", "real/a:3", "d -> real"), layer("d/", "d/b:5")) == {
        "real/",
        "real/a:3",
        "d/",
        "d/b:5",
    }


def test_what_was_below_a_replaced_directory_does_not_come_back_with_a_new_one() -> None:
    assert tree(layer("d/", "d/a:3"), layer("d:1"), layer("d/", "d/b:5")) == {"d/", "d/b:5"}


def test_a_directory_that_a_file_replaced_and_that_is_made_again_in_one_layer_is_empty() -> None:
    assert tree(layer("d/", "d/a:3"), layer("d:1", "d/", "d/b:5")) == {"d/", "d/b:5"}


# One tar


@pytest.mark.parametrize(
    ("items", "seen"),
    [
        (("a:3", "a:5"), {"a:5"}),
        (("a:3", "a -> b"), {"a -> b"}),
        (("a -> b", "a:3"), {"a:3"}),
        (("a:3", "a/"), {"a/"}),
        (("a/", "a/b:3", "a:5"), {"a:5"}),
        (("a/", "a/b:3", "a/"), {"a/", "a/b:3"}),
        (("a:3", "a/b:5"), {"a/", "a/b:5"}),
        (("a:3", "a/b:5", "a:1"), {"a:1"}),
        (("a:3", "b:1", "a => b"), {"a:1", "b:1"}),
    ],
)
def test_a_later_entry_of_one_tar_wins_over_an_earlier_one(items: tuple[str, ...], seen: set[str]) -> None:
    assert tree(layer(*items)) == seen


def test_an_entry_for_a_directory_may_follow_its_contents() -> None:
    assert tree(layer("d/a:3", "d/")) == {"d/", "d/a:3"}


def test_missing_parents_are_implied() -> None:
    assert tree(layer("a/b/c:3")) == {"a/", "a/b/", "a/b/c:3"}


def test_an_implied_parent_replaces_a_file_below_it() -> None:
    assert tree(layer("a/b:3"), layer("a/b/c/d:5")) == {"a/", "a/b/", "a/b/c/", "a/b/c/d:5"}


# Names


@pytest.mark.parametrize(
    "name", ["d/x", "./d/x", "/d/x", "//d//x", "d/./x", ".//d/.//x", "d/e/../x", "../d/x", "/../../d/x"]
)
def test_every_spelling_of_a_path_is_one_path(name: str) -> None:
    assert tree(layer("d/", "d/x:3"), layer(f"{name}:5")) == {"d/", "d/x:5"}


@pytest.mark.parametrize("name", ["d", "d/", "./d", "/d/", "d//", "d/.", "d/./", "d/e/..", "../d"])
def test_every_spelling_of_a_directory_is_one_path(name: str) -> None:
    listed = entry("d/", 0o700)._replace(name=name.encode())
    assert tree(layer("d/", "d/x:3"), layer(listed)) == {"d/", "d/x:3"}


@pytest.mark.parametrize("name", ["d/.wh.x", "./d/.wh.x", "/d/.wh.x", "d//.wh.x", "d/e/../.wh.x", "d/.wh.x/"])
def test_every_spelling_of_a_whiteout_is_one_path(name: str) -> None:
    assert tree(layer("d/", "d/x:3"), layer(name)) == {"d/"}


def test_a_name_cannot_climb_above_the_root() -> None:
    assert tree(layer("../../a:3", "b/../../../c:5")) == {"a:3", "c:5"}


def test_a_component_that_a_name_leaves_again_is_not_implied() -> None:
    assert tree(layer("gone/../a:3")) == {"a:3"}


def test_names_are_bytes() -> None:
    lower = layer(entry("x:3")._replace(name=b"\xff\xfe"), entry("x:5")._replace(name=b"\xc3\xa9"))
    upper = layer(entry("x")._replace(name=b".wh.\xff\xfe"))
    assert tree(lower, upper) == {"é:5"}


@pytest.mark.parametrize("name", [".", "./", "/", "//", "", "..", "../..", "d/.."])
def test_an_entry_for_the_root_is_its_metadata(name: str) -> None:
    root = entry("d/", 0o700)._replace(name=name.encode())
    union = analyze(image(layer("a:3", root, "b:5"))).union
    assert union.root.entry == root
    assert set(union.root.children or ()) == {b"a", b"b"}


@pytest.mark.parametrize("item", ["x -> /etc", "x => a", "x"])
def test_the_root_stays_a_directory_whatever_its_entry_says(item: str) -> None:
    assert tree(layer("a:3", entry(item)._replace(name=b"./")), layer("b:5")) == {"a:3", "b:5"}


# Whiteouts


def test_a_whiteout_removes_a_file_of_the_layer_below() -> None:
    assert tree(layer("d/", "d/a:3", "d/b:1"), layer("d/.wh.a")) == {"d/", "d/b:1"}


def test_a_whiteout_removes_a_file_of_any_layer_below() -> None:
    assert tree(layer("a:3"), layer("b:1"), layer(".wh.a")) == {"b:1"}


def test_a_whiteout_removes_a_directory_with_all_below_it() -> None:
    assert tree(layer("d/", "d/e/", "d/e/a:3", "da:1"), layer("d/f:2"), layer(".wh.d")) == {"da:1"}


@pytest.mark.parametrize("item", ["a -> b", "a => b", "a/", "a"])
def test_a_whiteout_removes_whatever_has_the_name(item: str) -> None:
    assert tree(layer(item), layer(".wh.a")) == set()


def test_a_whiteout_removes_a_symlink_and_not_what_it_names() -> None:
    assert tree(layer("a:3", "l -> a"), layer(".wh.l")) == {"a:3"}


@pytest.mark.parametrize("items", [(".wh.a", "a:5"), ("a:5", ".wh.a")])
def test_a_whiteout_leaves_the_file_of_its_own_layer_wherever_it_stands_in_the_tar(
    items: tuple[str, ...],
) -> None:
    assert tree(layer("a:3"), layer(*items)) == {"a:5"}


@pytest.mark.parametrize("items", [(".wh.d", "d/", "d/b:5"), ("d/", ".wh.d", "d/b:5"), ("d/b:5", ".wh.d")])
def test_a_whiteout_of_a_directory_that_is_made_anew_hides_the_lower_contents_only(
    items: tuple[str, ...],
) -> None:
    assert tree(layer("d/", "d/a:3"), layer(*items)) == {"d/", "d/b:5"}


def test_a_whiteout_in_the_first_layer_removes_nothing() -> None:
    assert tree(layer("a:3", ".wh.a", ".wh.b")) == {"a:3"}


def test_a_whiteout_removes_nothing_from_the_layers_above() -> None:
    assert tree(layer("a:3"), layer(".wh.a"), layer("a:5")) == {"a:5"}


@pytest.mark.parametrize("name", [".wh.nothing", "d/.wh.nothing"])
def test_a_whiteout_of_a_path_that_is_not_there_is_passed_over(name: str) -> None:
    assert tree(layer("d/", "d/a:3"), layer(name)) == {"d/", "d/a:3"}


def test_a_whiteout_implies_the_directory_it_lies_in() -> None:
    assert tree(layer("a:3"), layer("d/e/.wh.x")) == {"a:3", "d/", "d/e/"}


@pytest.mark.parametrize("name", ["a/.wh.x", "a/.wh..wh..opq", "a/.wh..wh.aufs"])
def test_a_marker_below_a_file_makes_it_a_directory(name: str) -> None:
    """Docker with overlay2 makes the marker's parents, too."""
    assert tree(layer("a:3"), layer(name)) == {"a/"}


def test_a_whiteout_within_a_whited_out_directory_implies_it_anew() -> None:
    assert tree(layer("d/", "d/a:3", "d/b:1"), layer(".wh.d", "d/.wh.a")) == {"d/"}
    assert tree(layer("d/", "d/a:3", "d/b:1"), layer("d/.wh.a", ".wh.d")) == {"d/"}


def test_a_whiteout_with_content_is_no_file() -> None:
    lower, upper = layer("a:3"), layer(".wh.a:500")
    assert tree(lower, upper) == set()
    assert figures(lower, upper) == (3, 0)


@pytest.mark.parametrize("item", [".wh.a/", ".wh.a -> x", ".wh.a => b"])
def test_a_whiteout_may_be_an_entry_of_any_type(item: str) -> None:
    assert tree(layer("a:3", "b:1"), layer(item)) == {"b:1"}


def test_a_name_below_something_like_a_whiteout_is_a_path_like_any_other() -> None:
    """So in a Docker engine: only the last component is looked at."""
    assert tree(layer("x:3"), layer(".wh.x/y:5")) == {"x:3", ".wh.x/", ".wh.x/y:5"}


@pytest.mark.parametrize("name", ["d/.wh.", "d/.wh..", "d/.wh...", ".wh...", ".wh.."])
def test_a_whiteout_of_a_name_that_is_none_removes_nothing(name: str) -> None:
    assert tree(layer("d/", "d/a:3"), layer(name)) == {"d/", "d/a:3"}


def test_a_whiteout_of_a_name_with_the_prefix_removes_that_name() -> None:
    assert tree(layer("wh.x:3", ".x:1"), layer(".wh.wh.x", ".wh..x")) == set()


def test_a_whiteout_whose_parent_is_a_symlink_below_removes_nothing_behind_the_link() -> None:
    assert tree(layer("real/", "real/a:3", "link -> real"), layer("link/.wh.a")) == {
        "real/",
        "real/a:3",
        "link/",
    }


# Opaque markers


@pytest.mark.parametrize(
    "items",
    [
        ("d/", "d/.wh..wh..opq", "d/b:5"),
        ("d/", "d/b:5", "d/.wh..wh..opq"),
        ("d/b:5", "d/.wh..wh..opq", "d/"),
        ("d/.wh..wh..opq", "d/b:5"),
    ],
)
def test_an_opaque_marker_hides_the_lower_directory_wherever_it_stands_in_the_tar(
    items: tuple[str, ...],
) -> None:
    assert tree(layer("d/", "d/a:3", "d/e/", "d/e/x:1"), layer(*items)) == {"d/", "d/b:5"}


def test_an_opaque_marker_alone_empties_the_directory() -> None:
    assert tree(layer("d/", "d/a:3", "c:1"), layer("d/.wh..wh..opq")) == {"d/", "c:1"}


def test_an_opaque_marker_hides_all_layers_below() -> None:
    assert tree(layer("d/", "d/a:3"), layer("d/b:2"), layer("d/.wh..wh..opq")) == {"d/"}


def test_an_opaque_root_hides_all_there_is() -> None:
    assert tree(layer("d/", "d/a:3", "x:1"), layer(".wh..wh..opq", "b:5")) == {"b:5"}


def test_an_opaque_marker_in_the_first_layer_hides_nothing() -> None:
    assert tree(layer("d/", "d/a:3", "d/.wh..wh..opq", ".wh..wh..opq")) == {"d/", "d/a:3"}


def test_an_opaque_marker_lets_the_layers_above_show() -> None:
    assert tree(layer("d/a:3"), layer("d/.wh..wh..opq"), layer("d/a:5")) == {"d/", "d/a:5"}


def test_an_opaque_marker_in_a_directory_that_is_not_there_makes_it() -> None:
    assert tree(layer("a:3"), layer("d/.wh..wh..opq")) == {"a:3", "d/"}


@pytest.mark.parametrize("name", [".wh..wh.plnk", ".wh..wh.aufs", ".wh..wh.orph", ".wh..wh..opq2"])
def test_other_reserved_names_are_neither_files_nor_whiteouts(name: str) -> None:
    assert tree(layer("d/", "d/a:3"), layer(f"d/{name}", f"{name}/")) == {"d/", "d/a:3"}


def test_a_reserved_name_removes_nothing_that_begins_like_a_whiteout() -> None:
    assert tree(layer(".wh.x/y:3"), layer(".wh..wh.x")) == {".wh.x/", ".wh.x/y:3"}


# Parents that are symbolic links


def test_a_parent_that_is_a_symlink_below_becomes_a_directory() -> None:
    assert tree(layer("real/", "real/a:3", "link -> real"), layer("link/b:5")) == {
        "real/",
        "real/a:3",
        "link/",
        "link/b:5",
    }


@pytest.mark.parametrize(
    "target", ["real", "/real", "./real", "../../real", "x/../real", "real/", "//real/."]
)
def test_a_parent_that_is_a_symlink_of_the_same_layer_is_followed_inside_the_root(target: str) -> None:
    assert tree(layer("x/", "real/", f"link -> {target}", "link/a:3")) == {
        "x/",
        "real/",
        f"link -> {target}",
        "real/a:3",
    }


@pytest.mark.parametrize("target", ["../e", "/d/e", "../../../d/e", "../../d/./e"])
def test_a_relative_link_is_followed_from_where_it_lies(target: str) -> None:
    assert tree(layer("d/e/", "d/f/", f"d/f/l -> {target}", "d/f/l/a:3")) >= {"d/e/a:3"}


def test_links_to_links_are_followed() -> None:
    assert "real/sub/a:3" in tree(
        layer("one -> two", "two -> /three", "three -> real", "real/", "one/sub/a:3")
    )


def test_two_dots_after_a_link_leave_what_it_leads_to() -> None:
    """In a link's target, that is; in a name they are taken off before anything is looked up."""
    assert "d/a:3" in tree(layer("d/e/", "l -> d/e", "m -> l/..", "m/a:3"))
    assert "a:3" in tree(layer("d/e/", "l -> d/e", "l/../a:3"))


def test_a_link_to_what_is_not_there_yet_implies_it() -> None:
    assert tree(layer("l -> new/place", "l/a:3")) == {"l -> new/place", "new/", "new/place/", "new/place/a:3"}


def test_a_link_to_the_root_leads_to_the_root() -> None:
    assert tree(layer("l -> /", "l/a:3")) == {"l -> /", "a:3"}


def test_a_link_of_the_same_layer_may_lead_to_a_directory_below() -> None:
    assert tree(layer("real/", "real/a:3"), layer("l -> real", "l/a:5")) == {"real/", "l -> real", "real/a:5"}


def test_a_link_that_comes_after_the_entry_is_not_followed_by_it() -> None:
    assert tree(layer("real/", "link/a:3", "link -> real")) == {"real/", "link -> real"}


def test_a_link_that_is_written_again_in_one_tar_is_followed_as_it_is_then() -> None:
    assert tree(layer("one/", "two/", "l -> one", "l/a:3", "l -> two", "l/b:5")) == {
        "one/",
        "one/a:3",
        "two/",
        "two/b:5",
        "l -> two",
    }
    assert tree(layer("one/", "l -> one", "l/a:3", "l/", "l/b:5")) == {"one/", "one/a:3", "l/", "l/b:5"}


def test_a_hard_link_to_a_symlink_is_followed_like_the_symlink() -> None:
    assert tree(layer("real/", "l -> real", "m => l", "m/a:3")) == {
        "real/",
        "l -> real",
        "m -> real",
        "real/a:3",
    }


def test_a_link_to_a_file_makes_it_a_directory() -> None:
    assert tree(layer("a:3", "l -> a", "l/b:5")) == {"l -> a", "a/", "a/b:5"}


@pytest.mark.parametrize(
    "items",
    [
        ("a -> a", "a/x:3"),
        ("a -> b", "b -> a", "a/x:3"),
        ("a -> b/c", "b -> a", "b/x:3"),
        ("d/", "d/a -> ../d/a/b", "d/a/x:3"),
    ],
)
def test_a_loop_of_links_in_one_layer_is_damage(items: tuple[str, ...]) -> None:
    with pytest.raises(DamagedError, match="without an end"):
        tree(layer(*items))


def test_a_loop_of_links_harms_nobody_who_does_not_go_there() -> None:
    assert tree(layer("a -> b", "b -> a", "c:3")) == {"a -> b", "b -> a", "c:3"}


def test_a_loop_of_links_below_becomes_a_directory() -> None:
    assert tree(layer("a -> b", "b -> a"), layer("a/x:3")) == {"a/", "a/x:3", "b -> a"}


def test_forty_links_are_followed_and_no_more_as_in_linux() -> None:
    chain = [f"l{number} -> l{number + 1}" for number in range(40)]
    assert "l40/a:3" in tree(layer(*chain, "l40/", "l0/a:3"))
    with pytest.raises(DamagedError):
        tree(layer("k -> l0", *chain, "l40/", "k/a:3"))


# Hard links


def test_hard_links_are_names_of_one_file() -> None:
    stack = layer("a:3", "b => a", "d/c => b")
    assert tree(stack) == {"a:3", "b:3", "d/", "d/c:3"}
    assert links(stack) == [{"a", "b", "d/c"}]
    assert figures(stack) == (3, 3)


def test_a_hard_link_may_name_a_file_of_a_layer_below() -> None:
    stack = layer("d/a:3"), layer("b => d/a")
    assert links(*stack) == [{"b", "d/a"}]
    assert figures(*stack) == (3, 3)


@pytest.mark.parametrize("target", ["d/a", "./d/a", "/d/a", "../d//a", "d/x/../a"])
def test_every_spelling_of_a_hard_links_target_is_one_path(target: str) -> None:
    assert links(layer("d/a:3", f"b => {target}")) == [{"b", "d/a"}]


def test_a_file_lives_as_long_as_one_of_its_names() -> None:
    lower = layer("a:3", "b => a")
    assert (tree(lower, layer(".wh.a")), figures(lower, layer(".wh.a"))) == ({"b:3"}, (3, 3))
    assert (tree(lower, layer(".wh.b")), figures(lower, layer(".wh.b"))) == ({"a:3"}, (3, 3))
    assert figures(lower, layer(".wh.a"), layer(".wh.b")) == (3, 0)
    assert figures(lower, layer(".wh.a", ".wh.b")) == (3, 0)


def test_writing_to_one_name_breaks_the_link() -> None:
    stack = layer("a:3", "b => a", "c => a"), layer("a:5")
    assert tree(*stack) == {"a:5", "b:3", "c:3"}
    assert links(*stack) == [{"b", "c"}]
    assert figures(*stack) == (8, 8)


def test_a_hard_link_names_what_its_target_was_when_it_was_made() -> None:
    assert tree(layer("a:3", "b => a", "a:5")) == {"a:5", "b:3"}
    assert tree(layer("a:3"), layer("a:5", "b => a")) == {"a:5", "b:5"}


def test_a_hard_link_over_a_file_replaces_it() -> None:
    stack = layer("a:3", "b:5"), layer("a => b")
    assert tree(*stack) == {"a:5", "b:5"}
    assert figures(*stack) == (8, 5)


def test_a_hard_link_over_a_directory_replaces_it_and_may_keep_a_file_of_it() -> None:
    assert tree(layer("d/", "d/a:3", "d/b:1"), layer("d => d/a")) == {"d:3"}


def test_a_hard_link_to_itself_leaves_the_file() -> None:
    assert (tree(layer("a:3", "a => a")), figures(layer("a:3", "a => a"))) == ({"a:3"}, (3, 3))
    assert tree(layer("a:3"), layer("a => a")) == {"a:3"}
    assert links(layer("a:3", "a => a")) == []


@pytest.mark.parametrize("item", ["b => nothing", "b => b", "b => d", "b => d/nothing", "b => c/d", "b => /"])
def test_a_hard_link_to_what_is_no_file_is_a_file_of_no_bytes(item: str) -> None:
    assert tree(layer("c:3", "d/", item)) == {"c:3", "d/", item}
    assert figures(layer("c:3", "d/", item)) == (3, 3)


def test_a_hard_link_to_a_file_that_its_layer_removes_is_one_to_nothing() -> None:
    assert tree(layer("a:3"), layer("b => a", ".wh.a")) == {"b => a"}


def test_a_hard_link_before_its_file_is_one_to_nothing() -> None:
    assert tree(layer("b => a", "a:3")) == {"b => a", "a:3"}


def test_a_hard_link_to_a_symlink_is_the_symlink() -> None:
    stack = layer("a:3", "l -> a", "b => l")
    assert tree(stack) == {"a:3", "l -> a", "b -> a"}
    assert links(stack) == [{"b", "l"}]


def test_a_hard_links_target_goes_through_symlinks_of_its_own_layer() -> None:
    """So in a Docker engine. The last component is not followed."""
    stack = layer("real/", "real/a:3", "l -> real", "b => l/a"), layer("real/.wh.a")
    assert tree(*stack) == {"real/", "l -> real", "b:3"}


def test_looking_for_a_hard_links_target_makes_no_directories() -> None:
    assert tree(layer("l -> new", "a:3", "b => l/x", "c => a/x")) == {
        "l -> new",
        "a:3",
        "b => l/x",
        "c => a/x",
    }


# Bounds


def test_paths_may_be_as_deep_as_a_name_can_be_long() -> None:
    deep = "d/" * 2047
    assert len(tree(layer(deep + "a:3"), layer(deep + ".wh.a"))) == 2047
    assert tree(layer(deep + "a:3"), layer(".wh.d")) == set()


def test_names_that_imply_more_than_a_million_directories_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert MAX_IMPLIED == 1_000_000
    monkeypatch.setattr("layerscope.analysis.tree.MAX_IMPLIED", 10)
    assert len(tree(layer("a/" * 10 + "x"))) == 11
    with pytest.raises(LimitError, match="imply more than 10 directories"):
        tree(layer("a/" * 6 + "x", "b/" * 5 + "x"))


def test_links_that_lead_around_without_measure_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each entry would cost forty targets of 4,096 bytes otherwise."""
    monkeypatch.setattr("layerscope.analysis.tree.MAX_FOLLOWED", 1000)
    around = layer("d/", "l -> " + "d/../" * 50, *(f"l/d{number}/a:1" for number in range(100)))
    with pytest.raises(LimitError, match="more than 1000 components"):
        tree(around)


def test_links_that_lead_to_paths_longer_than_linux_allows_are_refused() -> None:
    deep = "d/" * 1500
    assert len(tree(layer(f"l -> {deep}", "l/a:3"))) == 1502
    with pytest.raises(LimitError, match="a path of more than 4096 bytes"):
        tree(layer(f"l -> {deep}", f"m -> l/{deep}", "m/a:3"))


def test_removed_paths_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of 2,047 directories in each other has a path of its own: 4 MB for a name of 4 KB."""
    monkeypatch.setattr("layerscope.analysis.tree.MAX_REMOVED", 2000)
    assert tree(layer("d/" * 40 + "a"), layer(".wh.d")) == set()
    with pytest.raises(LimitError, match="remove paths"):
        tree(layer("d/" * 100 + "a"), layer(".wh.d"))
    with pytest.raises(LimitError, match="remove paths"):
        tree(layer("d/" * 40 + "a"), layer(".wh.d"), layer("d/" * 40 + "a"), layer(".wh.d"))


def test_paths_that_are_written_again_count_only_while_their_layer_is_stacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("layerscope.analysis.tree.MAX_REMOVED", 100)
    long = layer("d/", "d/" + "f" * 60)
    assert len(tree(long, long, long, layer("d/.wh.x"), long)) == 2

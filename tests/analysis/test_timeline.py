"""Every path an image ever had stands in the timeline, with what each layer made of it."""

import pytest
from hypothesis import Phase, given, settings
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import Entry, Image, Layer, WasteKind
from layerscope.analysis.timeline import Kind, Timeline
from layerscope.analysis.tree import IMPLIED, Node, Union, walk
from layerscope.errors import DamagedError

from tests.analysis.test_union_properties import MANY, stacks
from tests.models import entry, image, layer

Written = list[tuple[int, int, str]]


def timeline(*layers: Layer) -> Timeline:
    return Timeline(analyze(image(*layers), keep_past=True))


def paths(*layers: Layer) -> list[str]:
    """All paths, in the order they stand in."""
    made = timeline(*layers)
    return [made.name(path).decode() for path in range(1, len(made))]


def versions(name: str, *layers: Layer) -> Written:
    """(layer, until, kind) of every version of a path."""
    made = timeline(*layers)
    path = made.find(name.encode())
    assert path is not None
    found = map(made.version, made.versions(path))
    return [(version.layer, version.until, version.kind.name.lower()) for version in found]


# Paths


def test_paths_stand_in_preorder_and_siblings_in_byte_order() -> None:
    assert paths(layer("b:1", "a/z:1", "a-b:1", "a/c/", "é:1", "Z:1")) == [
        "Z",
        "a",
        "a/c",
        "a/z",
        "a-b",
        "b",
        "é",
    ]


def test_paths_that_are_gone_stand_in_their_places() -> None:
    assert paths(layer("a/b/c:1", "a/d:1", "e:1"), layer("a/.wh.b", ".wh.e", "f:1")) == [
        "a",
        "a/b",
        "a/b/c",
        "a/d",
        "e",
        "f",
    ]


def test_what_lay_below_a_directory_stands_below_the_file_that_replaced_it() -> None:
    assert paths(layer("d/e/f:1"), layer("d:2")) == ["d", "d/e", "d/e/f"]


def test_an_empty_image_has_only_its_root() -> None:
    made = timeline(layer())
    assert (len(made), made.name(0), list(made.versions(0)), list(made.children(0))) == (1, b"", [], [])


def test_the_root_has_versions_if_layers_list_it() -> None:
    layers = layer("./"), layer("a:1"), layer(entry("/", 0o700))
    assert versions("", *layers) == [(0, 2, "added"), (2, 3, "metadata")]
    assert paths(*layers) == ["a"]


def test_directories_are_the_paths_that_ever_had_others_below_them() -> None:
    made = timeline(layer("a/b:1", "c/", "d:1"), layer(".wh.a"))
    assert [made.name(path) for path in made.directories] == [b"", b"a"]


def test_a_path_is_found_however_it_is_spelled() -> None:
    made = timeline(layer("usr/lib/x:1"))
    assert made.find(b"/usr//lib/./y/../x") == made.find(b"usr/lib/x") == 3
    assert made.find(b"") == made.find(b"/") == 0
    assert made.find(b"usr/x") is made.find(b"usr/lib/x/y") is None


# Versions


def test_a_version_lasts_until_a_layer_writes_its_path_again_or_removes_it() -> None:
    layers = layer("a:1"), layer("b:1"), layer("a:2"), layer(".wh.a"), layer(), layer("a:3")
    assert versions("a", *layers) == [(0, 2, "added"), (2, 3, "changed"), (5, 6, "added")]


def test_a_version_is_removed_if_nothing_took_its_place() -> None:
    made = timeline(layer("a:1", "b:1"), layer(".wh.a", "b:2"), layer("a:3"))
    ends = {
        (made.name(made.path[one]), made.layer[one]): made.is_removed(one) for one in range(len(made.path))
    }
    assert ends == {
        (b"a", 0): True,
        (b"a", 2): False,
        (b"b", 0): False,
        (b"b", 1): False,
    }


def test_a_path_is_there_in_the_layers_its_versions_last() -> None:
    made = timeline(layer(), layer("a:1"), layer(), layer("a:2"), layer(".wh.a"))
    first, second = made.versions(1)
    assert [made.at(1, layer) for layer in range(5)] == [None, first, first, second, None]


def test_a_file_with_new_content_type_or_target_is_changed() -> None:
    assert versions("a", layer("a:1"), layer("a:2"), layer("a -> b"), layer("a -> c"), layer("a/")) == [
        (0, 1, "added"),
        (1, 2, "changed"),
        (2, 3, "changed"),
        (3, 4, "changed"),
        (4, 5, "changed"),
    ]


def test_a_file_with_the_same_content_is_changed_in_its_metadata_or_not_at_all() -> None:
    layers = layer("a:5"), layer(entry("a:5", 0o600)), layer(entry("a:5", 0o600)), layer("a:5#new")
    assert versions("a", *layers[:3]) == [(0, 1, "added"), (1, 2, "metadata"), (2, 3, "same")]
    assert versions("a", *layers)[-1] == (3, 4, "changed")


def test_a_file_that_a_layer_removes_and_writes_again_is_not_added() -> None:
    assert versions("a", layer("a:1"), layer(".wh.a", "a:2")) == [(0, 1, "added"), (1, 2, "changed")]


def test_only_the_last_of_two_entries_of_one_layer_is_a_version() -> None:
    made = timeline(layer("a:1", "a:2", "a:3"))
    assert [made.version(0).source, made.version(0).entry.size, len(made.path)] == [(0, 2), 3, 1]


def test_a_directory_that_no_layer_lists_is_added_with_what_lies_in_it() -> None:
    made = timeline(layer(), layer("d/a:1"))
    assert made.version(0) == (1, 2, Kind.ADDED, IMPLIED, (1, -1), IMPLIED, False)
    assert versions("d", layer("d/a:1"), layer("d/")) == [(0, 1, "added"), (1, 2, "same")]


def test_an_unlisted_directory_in_place_of_something_else_is_changed() -> None:
    assert versions("d", layer("d:1"), layer("d/a:1"))[1] == (1, 2, "changed")
    assert versions("d", layer("d -> e"), layer("d/a:1"))[1] == (1, 2, "changed")


def test_an_unlisted_directory_in_place_of_a_removed_one_has_at_most_other_metadata() -> None:
    again = layer(".wh.d", "d/a:1")
    assert versions("d", layer("d/"), again)[1] == (1, 2, "same")
    assert versions("d", layer("d/b:1"), again)[1] == (1, 2, "same")
    assert versions("d", layer(entry("d/", 0o700)), again)[1] == (1, 2, "metadata")
    assert versions("d", layer(entry("d/", mtime_ns=5)), again)[1] == (1, 2, "same")


def test_an_unlisted_directory_in_place_of_one_that_a_layer_before_removed_is_added() -> None:
    layers = layer("d/"), layer(".wh.d"), layer("d/a:1")
    assert versions("d", *layers) == [(0, 1, "added"), (2, 3, "added")]


def test_a_directory_that_becomes_a_file_and_one_again_keeps_its_history() -> None:
    layers = layer("d/a:1"), layer("d:2"), layer("d/b:3")
    assert versions("d", *layers) == [(0, 1, "added"), (1, 2, "changed"), (2, 3, "changed")]
    assert versions("d/a", *layers) == [(0, 1, "added")]
    assert versions("d/b", *layers) == [(2, 3, "added")]


def test_a_removed_directory_takes_all_below_it() -> None:
    made = timeline(layer("a/b/c:1"), layer(".wh.a"), layer("a/d:1"))
    removed = [[made.name(made.path[version]).decode() for version in gone] for gone in made.removed]
    assert removed == [[], ["a", "a/b", "a/b/c"], []]


def test_an_opaque_marker_removes_what_its_layer_does_not_write_again() -> None:
    made = timeline(layer("d/a:1", "d/b:1"), layer("d/.wh..wh..opq", "d/a:2"))
    assert [made.name(made.path[version]) for version in made.removed[1]] == [b"d/b"]


# Hard links and waste


def test_a_hard_link_is_a_version_of_its_own_with_the_file_it_links_to() -> None:
    made = timeline(layer("a:7"), layer("b => a"))
    version = made.version(made.versions(2)[0])
    assert (version.layer, version.entry.link, version.source, version.file.size) == (1, b"a", (0, 0), 7)
    assert list(made.size) == [7, 0]


def test_a_hard_link_to_nothing_is_its_own_file() -> None:
    made = timeline(layer("b => a"))
    assert (made.version(0).source, made.version(0).file.link) == ((0, 0), b"a")


def test_what_a_later_layer_removes_or_writes_again_is_wasted() -> None:
    made = timeline(layer("a:1", "b:2", "c:3", "d:4"), layer(".wh.a", "b:2"))
    assert [(made.names[path], dead) for path, dead in zip(made.path, made.dead, strict=True)] == [
        (b"a", 1),
        (b"b", 1),
        (b"b", 0),
        (b"c", 0),
        (b"d", 0),
    ]


def test_a_file_is_not_wasted_while_a_hard_link_to_it_is_left() -> None:
    assert sum(timeline(layer("a:9"), layer("b => a"), layer(".wh.a")).dead) == 0
    assert sum(timeline(layer("a:9"), layer("b => a"), layer(".wh.a"), layer(".wh.b")).dead) == 1


def test_a_hard_link_has_the_bytes_of_a_file_whose_first_name_its_layer_writes_over() -> None:
    made = timeline(layer("a:9", "b => a", "c => a", "a:5"), layer(".wh.b", ".wh.c"))
    assert (list(made.size), list(made.dead)) == ([5, 9, 0], [0, 1, 0])


def test_a_hard_link_of_a_later_layer_stores_nothing_whatever_became_of_the_first_name() -> None:
    assert list(timeline(layer("m:9", "z => m", "m:5"), layer("a => z")).size) == [0, 5, 9]


# All of it, for any stack of layers


def filesystem(layers: tuple[Layer, ...]) -> dict[bytes, tuple[int, int, Entry]]:
    """Path to layer, number and entry of the file, as the union of these layers has them."""
    union = Union()
    for one in layers:
        union.stack(one)
    nodes: list[tuple[bytes, Node]] = [*walk(union.root)]
    if union.root.layer >= 0:
        nodes.append((b"", union.root))
    return {
        path: (node.layer, node.number, node.entry if node.children is not None else node.inode.entry)
        for path, node in nodes
    }


def check_shape(made: Timeline) -> None:
    names = [made.name(path) for path in range(len(made))]
    split = [tuple(name.split(b"/")) if name else () for name in names]
    assert split == sorted(set(split))
    for path, parts in enumerate(split):
        below = [other for other in range(path, len(made)) if split[other][: len(parts)] == parts]
        assert below == list(range(path, made.ends[path]))
        assert [*made.children(path)] == [other for other in below if len(split[other]) == len(parts) + 1]
        assert made.parents[path] == (split.index(parts[:-1]) if parts else -1)
        assert made.find(names[path]) == path
    assert [*made.directories] == [path for path, end in enumerate(made.ends) if end > path + 1]


def check_versions(made: Timeline) -> None:
    count = len(made.layers)
    seen = [version for path in range(len(made)) for version in made.versions(path)]
    assert seen == list(range(len(made.path)))
    removed: list[list[int]] = [[] for _ in range(count)]
    for path in range(len(made)):
        own = made.versions(path)
        assert path == 0 or own
        for version in own:
            assert made.path[version] == path
            assert made.layer[version] < made.until[version] <= count
            following = made.layer[version + 1] if version + 1 in own else count
            assert made.until[version] <= following
            if made.until[version] < following or (version + 1 not in own and following < count):
                removed[made.until[version]].append(version)
    assert [*map(list, made.removed)] == removed
    assert [*map(list, made.begun)] == [
        [version for version, written in enumerate(made.layer) if written == index] for index in range(count)
    ]


def check_against(analysis: Analysis, made: Timeline) -> None:
    for index, changes in enumerate(analysis.changes):
        assert tuple(made.name(made.path[version]) for version in made.removed[index]) == tuple(
            sorted(changes.removed, key=lambda path: path.split(b"/"))
        )
        there = {path: made.at(path, index) for path in range(len(made))}
        assert {
            made.name(path): (made.layer[version], made.number[version], made.version(version).file)
            for path, version in there.items()
            if version is not None
        } == filesystem(analysis.image.layers[: index + 1])
    rows = analysis.waste
    shadowed = [0] * len(made.layers)
    for row in rows:
        shadowed[row.layer] += row.size if row.kind is WasteKind.SHADOWED else 0
    dead = sum(size for size, wasted in zip(made.size, made.dead, strict=True) if wasted)
    assert dead + sum(shadowed) == analysis.totals.wasted
    assert [sum(made.size[version] for version in begun) for begun in made.begun] == [
        layer.figures.stored - shadowed[layer.index] for layer in analysis.layers
    ]


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(stacks())
def test_a_timeline_holds_the_filesystem_after_every_layer(stack: Image) -> None:
    check(stack)


@pytest.mark.slow
@settings(max_examples=MANY // 10, phases=[Phase.generate, Phase.shrink], deadline=None, database=None)
@given(stacks())
def test_many_timelines_hold_the_filesystem_after_every_layer(stack: Image) -> None:
    check(stack)


def check(stack: Image) -> None:
    try:
        analysis = analyze(stack, keep_past=True)
    except DamagedError:  # a loop of symbolic links
        return
    made = Timeline(analysis)
    check_shape(made)
    check_versions(made)
    check_against(analysis, made)

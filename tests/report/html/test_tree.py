"""The tree of the HTML report: its largest paths, and what is left of each directory."""

from layerscope.analysis.analyze import analyze
from layerscope.report.html.tree import Box, Pruned, Rest, prune

from tests.models import image, layer
from tests.report.sample import sample

NOTHING = Rest(0, 0, -1)


def pruned(*layers: tuple[str, ...], most: int = 2000) -> Pruned:
    return prune(analyze(image(*(layer(*items) for items in layers))).union.root, most)


def test_the_largest_come_first_and_each_knows_the_directory_it_lies_in() -> None:
    assert pruned(("usr/a:10", "usr/b:30", "etc/c:20")) == Pruned(
        [
            Box(-1, b"", True, 60, 0),
            Box(0, b"usr", True, 40, 0),
            Box(1, b"b", False, 30, 0),
            Box(0, b"etc", True, 20, 0),
            Box(3, b"c", False, 20, 0),
            Box(1, b"a", False, 10, 0),
        ],
        [NOTHING] * 6,
    )


def test_of_what_is_not_shown_every_directory_has_the_sum() -> None:
    assert pruned(("a/one:50", "a/two:3", "b:2"), ("a/three:4",), most=2) == Pruned(
        [Box(-1, b"", True, 59, 0), Box(0, b"a", True, 57, 0), Box(1, b"one", False, 50, 0)],
        [Rest(1, 2, 0), Rest(2, 7, 1), NOTHING],
    )


def test_a_directory_has_the_layer_that_stored_most_of_it_and_of_equals_the_highest() -> None:
    found = pruned(("a/x:10", "b/x:7"), ("a/y:3", "b/y:7"))
    assert [(box.name, box.layer) for box in found.boxes if box.is_directory] == [
        (b"", 0),
        (b"b", 1),
        (b"a", 0),
    ]


def test_a_file_with_several_names_counts_where_it_was_stored() -> None:
    found = pruned(("z/file:100", "a/link => z/file", "b/link => z/file"))
    assert [(box.name, box.live) for box in found.boxes] == [(b"", 100), (b"z", 100), (b"file", 100)]


def test_a_file_whose_first_name_is_gone_counts_once_at_another() -> None:
    found = pruned(("z/file:100", "a/link => z/file", "b/link => z/file"), ("z/.wh.file",))
    assert [(box.name, box.live, box.layer) for box in found.boxes] == [
        (b"", 100, 0),
        (b"a", 100, 0),
        (b"link", 100, 0),
    ]


def test_what_holds_no_bytes_is_not_there() -> None:
    assert pruned(("a/", "b/empty", "c -> b")) == Pruned([Box(-1, b"", True, 0, -1)], [NOTHING])


def test_it_adds_up_to_the_live_bytes_however_much_is_cut_off() -> None:
    analysis = analyze(sample())
    for most in range(10):
        boxes, rests = prune(analysis.union.root, most)
        files = sum(box.live for box in boxes if not box.is_directory)
        assert boxes[0].live == analysis.totals.live
        assert files + sum(rest.live for rest in rests) == analysis.totals.live
        assert all(box.live <= boxes[box.above].live for box in boxes[1:])


def test_a_tree_of_any_depth_is_walked() -> None:
    found = pruned(("/".join(["d"] * 2000) + "/file:1",), most=5000)
    assert (len(found.boxes), found.boxes[-1]) == (2002, Box(2000, b"file", False, 1, 0))

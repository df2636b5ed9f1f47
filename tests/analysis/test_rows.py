"""The rows of the file tree, held against a list of rows that is made anew after every operation."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from layerscope.analysis.analyze import analyze
from layerscope.analysis.filters import Paths, parse, passes
from layerscope.analysis.model import Image, Layer
from layerscope.analysis.rows import Row, Rows, Sort, Weight
from layerscope.analysis.timeline import Kind, Timeline
from layerscope.analysis.view import Scope, View, Views
from layerscope.errors import DamagedError

from tests.analysis.test_union_properties import MANY, stacks
from tests.models import entry, image, layer

STACK = (
    layer("a/b/c:10", "a/b/d:20", "a/e:5", "f:50", "g/h:1", "i/"),
    layer(entry("a/b/c:10", 0o600), "a/.wh.e", "a/n/m:7", "f:51"),
)


class Tree:
    """Rows of an image, by name."""

    def __init__(self, *layers: Layer, scope: Scope = Scope.UP_TO, index: int = 0) -> None:
        self.timeline = Timeline(analyze(image(*layers), keep_past=True))
        self.views = Views(self.timeline)
        self.rows = Rows(Paths(self.timeline), self.views.view(scope, index))

    def show(self, scope: Scope, index: int) -> None:
        self.rows.show(self.views.view(scope, index))

    def path(self, name: str) -> int:
        found = self.timeline.find(name.encode())
        assert found is not None
        return found

    def name(self, path: int) -> str:
        return self.timeline.name(path).decode()

    def open(self, *names: str) -> None:
        for name in names:
            self.rows.set_open(self.path(name), True)

    def open_all(self) -> None:
        self.rows.set_open_below(0, True)

    @property
    def lines(self) -> list[str]:
        """The rows: the last component of each, two spaces before it for every directory above."""
        return ["  " * depth + self.timeline.names[path].decode() for path, depth in self.rows.walk()]

    def weight(self, name: str) -> Weight:
        return self.rows.weight(self.path(name))


# What is open


def test_at_first_only_what_lies_in_the_root_is_shown() -> None:
    assert Tree(*STACK).lines == ["f", "a", "g", "i"]


def test_an_open_directory_shows_what_lies_in_it() -> None:
    tree = Tree(*STACK)
    tree.open("a")
    assert tree.lines == ["f", "a", "  b", "  e", "g", "i"]
    tree.open("a/b", "g")
    assert tree.lines == ["f", "a", "  b", "    d", "    c", "  e", "g", "  h", "i"]


def test_what_is_open_in_a_closed_directory_is_open_when_it_is_opened_again() -> None:
    tree = Tree(*STACK)
    tree.open("a", "a/b")
    tree.rows.set_open(tree.path("a"), False)
    assert tree.lines == ["f", "a", "g", "i"]
    tree.open("a")
    assert tree.lines == ["f", "a", "  b", "    d", "    c", "  e", "g", "i"]


def test_a_directory_is_opened_and_closed_with_all_below_it() -> None:
    tree = Tree(*STACK)
    tree.rows.set_open_below(tree.path("a"), True)
    assert tree.lines == ["f", "a", "  b", "    d", "    c", "  e", "g", "i"]
    tree.rows.set_open_below(tree.path("a"), False)
    tree.open("a")
    assert tree.lines == ["f", "a", "  b", "  e", "g", "i"]


def test_the_root_is_always_open() -> None:
    tree = Tree(*STACK)
    tree.rows.set_open(0, False)
    tree.rows.set_open_below(0, False)
    assert tree.lines == ["f", "a", "g", "i"]


def test_revealing_a_path_opens_the_directories_above_it_and_not_itself() -> None:
    tree = Tree(*STACK)
    tree.rows.reveal(tree.path("a/b"))
    assert tree.lines == ["f", "a", "  b", "  e", "g", "i"]


def test_what_is_open_stays_open_in_another_view() -> None:
    tree = Tree(*STACK)
    tree.open("a", "a/n", "g")
    tree.show(Scope.UP_TO, 1)
    assert tree.lines == ["f", "a", "  b", "  n", "    m", "  e", "g", "  h", "i"]
    tree.show(Scope.CHANGES, 1)
    assert tree.lines == ["f", "a", "  b", "  n", "    m", "  e"]
    tree.show(Scope.UP_TO, 0)
    assert tree.lines == ["f", "a", "  b", "  e", "g", "  h", "i"]


def test_a_row_that_is_not_there_is_an_error() -> None:
    tree = Tree(*STACK)
    for number in -1, 4, 400:
        with pytest.raises(IndexError):
            tree.rows.row(number)


def test_an_image_without_files_has_no_rows() -> None:
    for layers in (layer(),), ():
        rows = Tree(*layers).rows
        assert (len(rows), rows.next_change(0), rows.nearest(0)) == (0, None, None)


# Order


def test_siblings_are_sorted_by_size_the_largest_first_and_then_by_name() -> None:
    assert Tree(layer("b:1", "a:1", "c:2", "d/e:3", "f")).lines == ["d", "c", "a", "b", "f"]


def test_what_is_removed_counts_when_sorted_by_size() -> None:
    layers = layer("a:5", "b:9", "c:7"), layer(".wh.b")
    assert Tree(*layers, index=1).lines == ["b", "c", "a"]


def test_siblings_are_sorted_by_name_in_byte_order() -> None:
    tree = Tree(layer("b:1", "a:1", "é:1", "C:2", "b-:9"))
    tree.rows.order(Sort.NAME, reverse=False)
    assert tree.lines == ["C", "a", "b", "b-", "é"]
    tree.rows.order(Sort.NAME, reverse=True)
    assert tree.lines == ["é", "b-", "b", "a", "C"]


def test_siblings_are_sorted_by_what_became_of_them() -> None:
    tree = Tree(
        layer("same:9", "meta:1", "gone:2", "new:3"),
        layer(entry("meta:1", 0o600), ".wh.gone", "new:4", "added:0", "more:5"),
        index=1,
    )
    tree.rows.order(Sort.CHANGE, reverse=False)
    assert tree.lines == ["more", "added", "new", "gone", "meta", "same"]


def test_siblings_are_sorted_by_time_the_newest_first() -> None:
    tree = Tree(layer(entry("a:1", mtime_ns=5), entry("b:1", mtime_ns=7), entry("c:1", mtime_ns=5)))
    tree.rows.order(Sort.TIME, reverse=False)
    assert tree.lines == ["b", "a", "c"]
    tree.rows.order(Sort.TIME, reverse=True)
    assert tree.lines == ["c", "a", "b"]


# Filters


def test_a_filter_opens_what_leads_to_what_it_finds_and_closes_it_when_it_is_gone() -> None:
    tree = Tree(*STACK)
    tree.open("g")
    tree.rows.filter(parse("d"))
    assert tree.lines == ["a", "  b", "    d"]
    tree.rows.filter(())
    assert tree.lines == ["f", "a", "g", "  h", "i"]


def test_a_directory_that_a_filter_finds_stays_closed_and_shows_all_when_it_is_opened() -> None:
    tree = Tree(*STACK)
    tree.rows.filter(parse("b"))
    assert tree.lines == ["a", "  b"]
    tree.open("a/b")
    assert tree.lines == ["a", "  b", "    d", "    c"]


def test_a_filter_opens_a_directory_that_it_finds_if_not_all_below_it_is_wanted() -> None:
    tree = Tree(layer("d/", "d/a", "d/b", "e/", "e/c"), layer("d/", "d/b:2", ".wh.e"), index=1)
    tree.rows.filter(parse("layer:1"))
    assert tree.lines == ["d", "  b"]
    tree.rows.filter(parse("kind:removed"))
    assert tree.lines == ["e"]
    tree.rows.filter(parse("d !a"))
    assert tree.lines == ["d"]


def test_what_is_opened_and_closed_under_a_filter_stays_so_in_another_view() -> None:
    tree = Tree(*STACK)
    tree.rows.filter(parse("b"))
    tree.open("a/b")
    tree.show(Scope.UP_TO, 1)
    assert tree.lines == ["a", "  b", "    d", "    c"]
    tree.rows.set_open(tree.path("a"), False)
    tree.show(Scope.UP_TO, 0)
    assert tree.lines == ["a"]
    tree.rows.filter(parse("b d"))
    assert tree.lines == ["a", "  b", "    d"]


def test_a_filter_opens_what_leads_to_what_it_finds_in_another_view_too() -> None:
    tree = Tree(*STACK)
    tree.rows.filter(parse("m"))
    assert tree.lines == []
    tree.show(Scope.CHANGES, 1)
    assert tree.lines == ["a", "  n", "    m"]


def test_directories_only_on_the_way_are_visible_and_not_counted() -> None:
    tree = Tree(*STACK)
    tree.rows.filter(parse("d"))
    states = [
        (tree.rows.is_visible(tree.path(name)), tree.rows.weight(tree.path(name)).paths)
        for name in ("a", "a/b/d", "f")
    ]
    assert states == [(True, 1), (True, 1), (False, 0)]


def test_a_directory_has_children_if_any_are_let_through() -> None:
    tree = Tree(*STACK)
    assert [tree.rows.has_children(tree.path(name)) for name in ("a", "a/n", "f", "i")] == [
        True,
        False,
        False,
        False,
    ]
    tree.rows.filter(parse("g"))
    assert [tree.rows.has_children(tree.path(name)) for name in ("a", "g")] == [False, True]


def test_kinds_are_left_out() -> None:
    tree = Tree(*STACK, index=1)
    tree.open_all()
    tree.rows.hide(frozenset({Kind.SAME, Kind.REMOVED}))
    assert tree.lines == ["f", "a", "  b", "    c", "  n", "    m"]
    tree.rows.hide(frozenset())
    assert len(tree.lines) == 11


# Weights and counts


def test_a_directory_weighs_what_lies_in_it() -> None:
    tree = Tree(*STACK, index=1)
    assert tree.weight("") == Weight(held=89, wasted=0, removed=5, paths=11)
    assert tree.weight("a") == Weight(held=37, wasted=0, removed=5, paths=7)
    tree.show(Scope.UP_TO, 0)
    assert tree.weight("a") == Weight(held=35, wasted=15, removed=0, paths=5)


def test_what_a_filter_leaves_out_weighs_nothing() -> None:
    tree = Tree(*STACK, index=0)
    tree.rows.filter(parse("!d"))
    assert tree.weight("a") == Weight(held=15, wasted=15, removed=0, paths=4)
    tree.rows.filter(parse("e"))
    assert tree.weight("") == Weight(held=5, wasted=5, removed=0, paths=1)


def test_counts_are_of_what_the_filter_lets_through_hidden_or_not() -> None:
    tree = Tree(*STACK, index=1)
    everything = {Kind.SAME: 6, Kind.METADATA: 1, Kind.REMOVED: 1, Kind.CHANGED: 1, Kind.ADDED: 2}
    assert tree.rows.counts() == everything
    tree.rows.hide(frozenset({Kind.ADDED}))
    assert tree.rows.counts() == everything
    tree.rows.filter(parse("a !b"))
    assert tree.rows.counts() == {
        Kind.SAME: 1,
        Kind.METADATA: 0,
        Kind.REMOVED: 1,
        Kind.CHANGED: 0,
        Kind.ADDED: 2,
    }


# Going from change to change


def test_changes_are_visited_in_the_order_of_rows_whatever_is_open() -> None:
    tree = Tree(*STACK, index=1)
    path, visited = 0, []
    while (found := tree.rows.next_change(path)) is not None:
        path = found
        visited.append(tree.name(path))
    assert visited == ["f", "a/b/c", "a/n", "a/n/m", "a/e"]
    assert tree.rows.next_change(tree.path("a"), backwards=True) == tree.path("f")
    assert tree.rows.next_change(tree.path("f"), backwards=True) is None


def test_from_a_path_that_is_not_there_the_next_change_is_in_the_directory_above_it() -> None:
    tree = Tree(*STACK, scope=Scope.CHANGES, index=1)
    assert tree.rows.next_change(tree.path("a/b/d")) == tree.path("a/b/c")
    assert tree.rows.next_change(tree.path("g/h")) == tree.path("f")


def test_the_nearest_row_is_that_of_the_path_or_of_what_it_lies_in() -> None:
    tree = Tree(*STACK)
    assert [tree.rows.nearest(tree.path(name)) for name in ("f", "a/b/c", "g/h", "")] == [0, 1, 2, None]
    tree.rows.filter(parse("g"))
    assert [tree.rows.nearest(tree.path(name)) for name in ("f", "a/b/c", "g/h")] == [None, None, 0]


# Any operations, one after the other


@dataclass
class Naive:
    """Rows as they would be written down: a set of open directories and lists."""

    timeline: Timeline
    paths: Paths
    view: View
    opened: set[int] = field(default_factory=set)
    filtered: set[int] | None = None
    """What is open while there is a filter."""
    led: set[int] = field(default_factory=set)
    text: str = ""
    hidden: frozenset[Kind] = frozenset()
    sort: Sort = Sort.SIZE
    reverse: bool = False

    @property
    def open(self) -> set[int]:
        return self.opened if self.filtered is None else self.filtered

    def below(self, path: int) -> list[int]:
        name = self.timeline.name(path)
        return [
            other
            for other in range(1, len(self.timeline))
            if not path or self.timeline.name(other).startswith(name + b"/")
        ]

    def wanted(self) -> set[int]:
        flags = passes(parse(self.text), self.paths, self.view)
        return {path for path in range(len(self.timeline)) if flags[path] and self.view.kinds[path]}

    def passing(self) -> set[int]:
        return {path for path in self.wanted() if self.view.kinds[path] not in self.hidden}

    def visible(self) -> set[int]:
        found = self.passing()
        for path in tuple(found):
            while (path := self.timeline.parents[path]) > 0:
                found.add(path)
        return found - {0}

    def refilter(self) -> None:
        if self.filtered is not None:
            ways = self.visible() - self.passing() | self.mixed()
            self.filtered |= ways - self.led
            self.led |= ways

    def mixed(self) -> set[int]:
        """Directories that pass with something below them, but not with all that is below them."""
        terms = tuple(term for term in parse(self.text) if not term.negated)
        flags = passes(terms, self.paths, self.view)
        kinds, visible = self.view.kinds, self.visible()
        left_out = {
            path
            for path in range(len(self.timeline))
            if kinds[path] and kinds[path] not in self.hidden and not flags[path]
        }
        return {
            path
            for path in self.passing() - {0}
            if visible & {*self.below(path)} and left_out & {*self.below(path)}
        }

    def filter(self, text: str) -> None:
        self.text = text
        self.filtered = set(self.opened) if parse(text) else None
        self.led = set()
        self.refilter()

    def weight(self, path: int) -> Weight:
        passing, view = self.passing(), self.view
        own = [other for other in {path, *self.below(path)} if other in passing]
        return Weight(
            sum(view.sizes[other] for other in own),
            sum(view.wasted.between(other, other + 1) for other in own),
            sum(view.removed.between(other, other + 1) for other in own),
            len(own),
        )

    def children(self, path: int) -> list[int]:
        visible = self.visible()
        found = [other for other in self.below(path) if self.timeline.parents[other] == path]
        found = [other for other in found if other in visible]
        found.sort(key=lambda other: self.timeline.names[other])
        found.sort(key=self.key())
        return found[::-1] if self.reverse else found

    def key(self) -> Callable[[int], tuple[int, ...]]:
        def size(path: int) -> int:
            weight = self.weight(path)
            return -weight.held - weight.removed

        def time(path: int) -> int:
            version = self.view.current[path]
            return -self.timeline.version(version).entry.mtime_ns if version >= 0 else 0

        match self.sort:
            case Sort.NAME:
                return lambda _path: ()
            case Sort.TIME:
                return lambda path: (time(path),)
            case Sort.CHANGE:
                return lambda path: (-self.view.kinds[path], size(path))
            case Sort.SIZE:
                return lambda path: (size(path),)

    def rows(self, path: int = 0, depth: int = 0, *, everything: bool = False) -> list[Row]:
        found = []
        for child in self.children(path):
            found.append(Row(child, depth))
            if everything or child in self.open:
                found += self.rows(child, depth + 1, everything=everything)
        return found


class Pair:
    """Rows, and what they should be; every operation is done to both."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.views = Views(timeline)
        paths = Paths(timeline)
        view = self.views.view(Scope.UP_TO, 0)
        self.rows = Rows(paths, view)
        self.naive = Naive(timeline, paths, view)

    def show(self, scope: Scope, number: int) -> None:
        view = self.views.view(scope, number % len(self.timeline.layers))
        self.rows.show(view)
        self.naive.view = view
        self.naive.refilter()

    def set_open(self, number: int, opened: bool) -> None:
        path = number % len(self.timeline)
        self.rows.set_open(path, opened)
        (self.naive.open.add if opened else self.naive.open.discard)(path)

    def set_open_below(self, number: int, opened: bool) -> None:
        path = number % len(self.timeline)
        self.rows.set_open_below(path, opened)
        own = {path, *self.naive.below(path)}
        (self.naive.open.update if opened else self.naive.open.difference_update)(own)

    def reveal(self, number: int) -> None:
        path = number % len(self.timeline)
        self.rows.reveal(path)
        while (path := self.timeline.parents[path]) > 0:
            self.naive.open.add(path)

    def filter(self, text: str) -> None:
        self.rows.filter(parse(text))
        self.naive.filter(text)

    def hide(self, kinds: frozenset[Kind]) -> None:
        self.rows.hide(kinds)
        self.naive.hidden = kinds
        self.naive.refilter()

    def order(self, sort: Sort, reverse: bool) -> None:
        self.rows.order(sort, reverse=reverse)
        self.naive.sort, self.naive.reverse = sort, reverse

    def check(self) -> None:
        rows, naive = self.rows, self.naive
        expected = naive.rows()
        assert len(rows) == len(expected)
        assert list(rows.walk()) == expected
        numbers = {path: number for number, (path, _) in enumerate(expected)}
        visible = naive.visible()
        for path in range(1, len(self.timeline)):
            assert rows.number(path) == numbers.get(path)
            assert rows.is_visible(path) == (path in visible)
            assert rows.has_children(path) == bool(visible & {*naive.below(path)})
            assert rows.weight(path) == naive.weight(path)
            assert rows.is_open(path) == (path in naive.open)
            above = path
            while above > 0 and above not in numbers:
                above = self.timeline.parents[above]
            assert rows.nearest(path) == numbers.get(above)
        assert rows.weight(0) == naive.weight(0)
        kinds = [naive.view.kinds[path] for path in naive.wanted()]
        assert rows.counts() == {kind: kinds.count(kind) for kind in Kind}
        self.check_changes()

    def check_changes(self) -> None:
        rows, naive = self.rows, self.naive
        passing = naive.passing()
        order = [row.path for row in naive.rows(everything=True)]
        changed = [path for path in order if path in passing and naive.view.kinds[path] > Kind.SAME]
        for at, path in enumerate([0, *order]):
            later = [other for other in order[at:] if other in changed]
            earlier = [other for other in order[: max(at - 1, 0)] if other in changed]
            assert rows.next_change(path) == next(iter(later), None)
            assert rows.next_change(path, backwards=True) == next(reversed(earlier), None)


NUMBERS = st.integers(0, 40)
TEXTS = st.sampled_from(
    [
        "",
        "a",
        "b",
        "!c",
        "a/b",
        "*",
        "?",
        ">2",
        "kind:added",
        "kind:removed",
        "layer:1",
        "is:wasted",
        "/c$/",
        "type:dir",
    ]
)
OPERATIONS = st.one_of(
    st.tuples(st.just("set_open"), NUMBERS, st.booleans()),
    st.tuples(st.just("set_open_below"), NUMBERS, st.booleans()),
    st.tuples(st.just("reveal"), NUMBERS),
    st.tuples(st.just("filter"), TEXTS),
    st.tuples(st.just("hide"), st.frozensets(st.sampled_from(Kind), max_size=3)),
    st.tuples(st.just("order"), st.sampled_from(Sort), st.booleans()),
    st.tuples(st.just("show"), st.sampled_from(Scope), NUMBERS),
)


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(stacks(), st.lists(OPERATIONS, max_size=8))
def test_rows_are_those_of_a_list_made_anew(stack: Image, operations: list[tuple[object, ...]]) -> None:
    check(stack, operations)


@pytest.mark.slow
@settings(max_examples=MANY // 10, phases=[Phase.generate, Phase.shrink], deadline=None, database=None)
@given(stacks(), st.lists(OPERATIONS, max_size=8))
def test_many_rows_are_those_of_a_list_made_anew(stack: Image, operations: list[tuple[object, ...]]) -> None:
    check(stack, operations)


def check(stack: Image, operations: list[tuple[object, ...]]) -> None:
    try:
        analysis = analyze(stack, keep_past=True)
    except DamagedError:  # a loop of symbolic links
        return
    pair = Pair(Timeline(analysis))
    pair.check()
    for name, *arguments in operations:
        getattr(pair, str(name))(*arguments)
        pair.check()

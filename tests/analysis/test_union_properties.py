"""Random stacks of layers, nasty ones preferred, measured as the naive model measures them.

$UNION_EXAMPLES sets how many stacks the slow run tries.
"""

import os
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import Change, Entry, Extras, FileType, Image, Layer, WasteKind
from layerscope.analysis.tree import walk
from layerscope.errors import DamagedError
from layerscope.loader import open_image

from tests import images, tars
from tests.analysis import naive
from tests.models import Digests, image, layer

METADATA = Change.MODE | Change.OWNER | Change.TIME | Change.XATTRS

MANY = int(os.environ.get("UNION_EXAMPLES", "20000"))

PARTS = st.sampled_from([b"a", b"b", b"c"])
SPELLINGS = st.sampled_from([b"%b"] * 6 + [b"./%b", b"/%b", b"//%b", b"%b/.", b"x/../%b", b"../%b", b"%b//"])
MARKERS = st.sampled_from(
    [b".wh.a", b".wh.b", b".wh.c"] * 3
    + [b".wh..wh..opq"] * 3
    + [b".wh..wh.plnk", b".wh.", b".wh..", b".wh...", b".wh.none"]
)
KINDS = st.sampled_from(
    [FileType.REGULAR] * 6
    + [FileType.DIRECTORY] * 4
    + [FileType.SYMLINK, FileType.HARDLINK] * 2
    + [FileType.FIFO, FileType.CHARACTER]
)
TARGETS = st.sampled_from([b"a", b"/b", b"./c", b"..", b"../b", b"a/b", b"/", b"b/../c", b"../../a", b"."])
METADATAS = st.tuples(
    st.sampled_from([0o644, 0o644, 0o755]),
    st.sampled_from([0, 0, 7]),
    st.sampled_from([0, 0, 10**9]),
    st.sampled_from([(), (), ((b"user.x", b"1"),)]),
)


@st.composite
def paths(draw: st.DrawFn) -> bytes:
    """A path of one to three parts, often spelled in another way; now and then the root."""
    parts = draw(st.lists(PARTS, min_size=1, max_size=3))
    if draw(st.integers(0, 40)) == 40:
        parts = []
    return b"/".join(parts)


@st.composite
def entries(draw: st.DrawFn) -> tuple[Entry, bytes]:
    """An entry and its content."""
    path = draw(paths())
    kind = draw(KINDS)
    mode, uid, mtime, xattrs = draw(METADATAS)
    size, label, link, device = 0, b"", b"", (0, 0)
    if draw(st.integers(0, 4)) == 4:
        path = b"/".join((*path.split(b"/")[:-1], draw(MARKERS)))
        kind = FileType.REGULAR
    elif kind is FileType.REGULAR:
        size, label = draw(st.sampled_from([(0, b""), (1, b"x"), (3, b"x"), (3, b"y"), (700, b"z")]))
    elif kind is FileType.SYMLINK:
        link = draw(TARGETS)
    elif kind is FileType.HARDLINK:
        link = draw(SPELLINGS) % draw(paths())
        xattrs = ()  # the loader passes them over: a hard link has those of its file
    elif kind is FileType.CHARACTER:
        device = draw(st.sampled_from([(1, 3), (1, 5)]))
    name = draw(SPELLINGS) % path
    if kind is FileType.DIRECTORY and not name.endswith(b"/"):
        name += b"/"
    one = Entry(name, kind, mode, uid, 0, size, mtime, link, 0, Extras(xattrs, device))
    return one, label


@st.composite
def stacks(draw: st.DrawFn) -> Image:
    made = draw(st.lists(st.lists(entries(), max_size=9), min_size=1, max_size=4))
    return image(*(_layer(items) for items in made))


def _layer(items: list[tuple[Entry, bytes]]) -> Layer:
    contents = Digests(tuple(label * one.size or label for one, label in items))
    return replace(layer(*(one for one, _ in items)), contents=contents)


Shown = dict[bytes, tuple[Entry, int, int, tuple[int, int]]]
"""Path to: its entry, the layer that wrote it, how many names the file has, which file it is."""


def shown(analysis: Analysis) -> Shown:
    root = analysis.union.root
    found: Shown = {b"": (root.entry, root.layer, 0, (root.layer, root.number))}
    for path, node in walk(root):
        one = node if node.children is not None else node.inode
        names = 0 if node.children is not None else node.names
        found[path] = one.entry, node.layer, names, (one.layer, one.number)
    return found


def naively_shown(result: naive.Result) -> Shown:
    last = result.filesystems[-1]
    counts = Counter(place.thing for place in last.values() if not place.thing.is_directory)
    return {
        b"/".join(path): (
            place.thing.entry,
            place.layer,
            counts[place.thing],
            (place.thing.layer, place.thing.number),
        )
        for path, place in last.items()
    }


def check(made: Image) -> None:
    """All that is said of the image, held against the naive model."""
    try:
        result = naive.stack(made.layers)
    except naive.Endless:
        with pytest.raises(DamagedError):
            analyze(made)
        return
    analysis = analyze(made)
    count = len(made.layers)
    assert shown(analysis) == naively_shown(result)
    assert [layer.figures for layer in analysis.layers] == [
        (naive.stored(result, index), naive.live(result, index)) for index in range(count)
    ]
    assert [(row.path, row.size, row.kind, row.layer, row.killed_by) for row in sorted(analysis.waste)] == (
        naive.waste(result)
    )
    assert analysis.duplicate_bytes == naive.duplicates(result)
    for index, changes in enumerate(analysis.changes):
        assert list(changes.entries) == naive.flags(result, index, len(made.layers[index].entries))
        assert set(changes.removed) == naive.removed(result, index)
    check_sums(analysis)


def check_sums(analysis: Analysis) -> None:
    """What must be so whatever the image is."""
    totals = analysis.totals
    assert 0 <= totals.live <= totals.stored
    assert sum(layer.figures.stored for layer in analysis.layers) == totals.stored
    assert sum(layer.figures.live for layer in analysis.layers) == totals.live
    assert sum(analysis.waste_by_kind.values()) == sum(row.size for row in analysis.waste) == totals.wasted
    assert sum(analysis.killed_bytes) == totals.wasted
    assert analysis.duplicate_bytes <= totals.live
    for row in analysis.waste:
        assert row.size > 0
        assert 0 <= row.layer <= row.killed_by < len(analysis.layers)
        assert (row.kind is WasteKind.SHADOWED) == (row.layer == row.killed_by)
        assert bool(row.changed) == (row.kind is WasteKind.METADATA_ONLY)
        assert not row.changed & ~METADATA
    for index, changes in enumerate(analysis.changes):
        assert list(changes.removed) == sorted(set(changes.removed))
        assert changes.added + changes.modified <= len(analysis.layers[index].layer.entries)


@settings(max_examples=800, derandomize=True, deadline=None, database=None)
@given(stacks())
def test_a_random_stack_is_measured_as_the_naive_model_measures_it(made: Image) -> None:
    check(made)


@pytest.mark.slow
@settings(max_examples=MANY, phases=[Phase.generate, Phase.shrink], deadline=None, database=None)
@given(stacks())
def test_many_random_stacks_are_measured_as_the_naive_model_measures_them(made: Image) -> None:
    check(made)


def packed(made: Image) -> bytes:
    """The image as a Docker archive."""
    tars_of_layers = [tars.layer(*map(_member, layer.entries, _texts(layer))) for layer in made.layers]
    return images.docker_archive(images.Image(tars_of_layers), style="plain")


def _texts(layer: Layer) -> list[bytes]:
    return [layer.contents.digest(number) for number in range(len(layer.entries))]


def _member(one: Entry, content: bytes) -> bytes:
    xattrs = {key.decode(): value for key, value in one.extras.xattrs}
    return tars.member(
        b"%c" % one.type,
        one.name,
        content,
        link=one.link,
        numbers=one.extras.device,
        mode=one.mode,
        uid=one.uid,
        gid=one.gid,
        mtime=one.mtime_ns // 10**9,
        xattrs=xattrs,
    )


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(made=stacks())
def test_a_random_stack_has_the_same_figures_when_it_is_read_from_an_archive(
    tmp_path_factory: pytest.TempPathFactory, made: Image
) -> None:
    try:
        result = naive.stack(made.layers)
    except naive.Endless:
        return
    path = tmp_path_factory.mktemp("stack") / "image.tar"
    path.write_bytes(packed(made))
    with open_image(str(path)) as read:
        analysis = analyze(read)
        rows = [(row.path, row.size, row.kind, row.layer, row.killed_by) for row in sorted(analysis.waste)]
        flags = [list(changes.entries) for changes in analysis.changes]
        assert analysis.duplicate_bytes == naive.duplicates(result)
    assert [layer.figures for layer in analysis.layers] == [
        (naive.stored(result, index), naive.live(result, index)) for index in range(len(made.layers))
    ]
    assert rows == naive.waste(result)
    assert flags == [
        naive.flags(result, index, len(layer.entries)) for index, layer in enumerate(made.layers)
    ]

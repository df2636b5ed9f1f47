"""The sums behind the figures: their parts add up to them."""

from layerscope.analysis.analyze import analyze
from layerscope.analysis.explain import Part, of_image, of_layer, of_path
from layerscope.analysis.filters import Paths, parse
from layerscope.analysis.rows import Rows
from layerscope.analysis.timeline import Timeline
from layerscope.analysis.view import Scope, Views

from tests.models import entry, image, layer

IMAGE = image(
    layer("d/", "d/a:100", "d/b:50", "c:7"),
    layer("d/.wh.b", entry("d/a:100", mode=0o600)),
    layer("c:9"),
)


def test_the_image() -> None:
    stored, live, by_kind, by_killer = of_image(analyze(IMAGE))
    assert (stored.total, stored.parts) == (
        266,
        (Part("layer 0", 157, 0), Part("layer 1", 100, 1), Part("layer 2", 9, 2)),
    )
    assert (live.total, live.parts) == (109, (Part("layer 1", 100, 1), Part("layer 2", 9, 2)))
    assert [(part.what.partition(":")[0], part.bytes) for part in by_kind.parts] == [
        ("metadata-only", 100),
        ("removed", 50),
        ("overwritten", 7),
    ]
    assert by_killer.parts == (Part("layer 1", 150, 1), Part("layer 2", 7, 2))


def test_a_layer() -> None:
    analysis = analyze(IMAGE)
    sums = of_layer(analysis, 0)
    assert [(one.figure, one.total) for one in sums] == [
        ("stored in layer 0", 157),
        ("wasted of layer 0", 157),
        ("wasted of layer 0", 157),
        ("buried by layer 0", 0),
    ]
    assert sums[2].parts == (Part("layer 1", 150, 1), Part("layer 2", 7, 2))
    assert of_layer(analysis, 1)[3].parts == (Part("layer 0", 150, 0),)


def test_every_sum_is_the_sum_of_its_parts() -> None:
    analysis = analyze(IMAGE)
    for one in (*of_image(analysis), *of_layer(analysis, 0), *of_layer(analysis, 1)):
        assert sum(part.bytes for part in one.parts) == one.total


def test_a_directory_and_a_file() -> None:
    timeline = Timeline(analyze(IMAGE, keep_past=True))
    rows = Rows(Paths(timeline), Views(timeline).view(Scope.CHANGES, 0))
    directory, single = timeline.find(b"d"), timeline.find(b"c")
    assert directory is not None
    assert single is not None
    found = of_path(rows, directory)
    assert (found.total, found.parts) == (150, (Part("a", 100), Part("b", 50)))
    assert found.definition == "held in this layer; 150 bytes of it are wasted"
    assert of_path(rows, single).parts == (Part("the file itself", 7),)
    rows.filter(parse("b"))
    assert of_path(rows, directory).parts == (Part("b", 50),)

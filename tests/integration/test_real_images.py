"""One image in many formats has one set of figures.

$LAYERSCOPE_REAL_IMAGES names a folder with NAME.tar (docker save), NAME-oci (a layout), NAME-oci.tar and
NAME-zstd.tar (OCI archives), and NAME-deleted.tar: the same with one more layer, which deletes files.
"""

import os
import subprocess
from pathlib import Path

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import Figures
from layerscope.loader import open_image

REAL = os.environ.get("LAYERSCOPE_REAL_IMAGES", "")
NAMES = ("small", "large")

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not REAL, reason="$LAYERSCOPE_REAL_IMAGES names no folder with images"),
]


def given(name: str) -> Path:
    path = Path(REAL) / name
    if not path.exists():
        pytest.skip(f"{name} is not in $LAYERSCOPE_REAL_IMAGES")
    return path


def measured(path: Path) -> Analysis:
    """The analysis, with its waste and changes looked at while the image is open."""
    with open_image(str(path)) as image:
        return seen(analyze(image))


def seen(analysis: Analysis) -> Analysis:
    assert sum(row.size for row in analysis.waste) == analysis.totals.wasted
    assert len(analysis.changes) == len(analysis.layers)
    return analysis


def by_layer(analysis: Analysis) -> list[tuple[Figures, int, int, int]]:
    """Figures and counts of changes of every layer."""
    return [
        (layer.figures, changes.added, changes.modified, len(changes.removed))
        for layer, changes in zip(analysis.layers, analysis.changes, strict=True)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_format_of_an_image_has_the_same_figures(name: str) -> None:
    saved = measured(given(f"{name}.tar"))
    assert saved.totals.stored > 0
    for other in (f"{name}-oci", f"{name}-oci.tar", f"{name}-zstd.tar"):
        found = measured(given(other))
        assert by_layer(found) == by_layer(saved)
        assert found.waste == saved.waste
        assert found.dive == saved.dive


@pytest.mark.parametrize("name", NAMES)
def test_standard_input_has_the_same_figures(name: str) -> None:
    path = given(f"{name}.tar")
    with (
        subprocess.Popen(["cat", str(path)], stdout=subprocess.PIPE) as cat,
        open_image("-", stdin=cat.stdout) as image,  # type: ignore[arg-type]
    ):
        found = seen(analyze(image))
    assert by_layer(found) == by_layer(measured(path))


@pytest.mark.parametrize("name", NAMES)
def test_a_layer_that_deletes_wastes_what_it_deletes_and_stores_none_of_it(name: str) -> None:
    before, after = measured(given(f"{name}.tar")), measured(given(f"{name}-deleted.tar"))
    *lower, top = after.layers
    assert [layer.figures.stored for layer in lower] == [layer.figures.stored for layer in before.layers]
    assert after.changes[-1].removed
    assert after.killed_bytes[-1] > 0
    assert after.totals.wasted == before.totals.wasted + after.killed_bytes[-1]
    assert after.totals.stored == before.totals.stored + top.figures.stored

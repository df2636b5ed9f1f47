"""The table of docs/figures.md: small images, dive's figures and ours."""

from dataclasses import dataclass

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.model import Entry

from tests.consoles import ROOT
from tests.models import entry, image, layer


@dataclass(frozen=True)
class Vector:
    """A row: how the page writes the layers, and the layers."""

    shown: str
    layers: tuple[tuple[str | Entry, ...], ...]
    dive: tuple[str, str, str]
    """Score, wasted bytes and user percentage, as the dive 0.13.1 binary printed them."""


VECTORS = (
    Vector(
        "`keep:9000` \\| `a/one:1000` \\| `a/.wh.one`",
        (("keep:9000",), ("a/", "a/one:1000"), ("a/.wh.one",)),
        ("90.0000 %", "1000", "100.0000 %"),
    ),
    Vector(
        "`base:9000` \\| `a/x:1000 a/y:2000 a/z:3000` \\| `.wh.a`",
        (("base:9000",), ("a/", "a/x:1000", "a/y:2000", "a/z:3000"), (".wh.a",)),
        ("100.0000 %", "0", "0.0000 %"),
    ),
    Vector(
        "`base:9000` \\| `a/x:1000 a/y:2000` \\| `a/.wh..wh..opq a/new:10`",
        (("base:9000",), ("a/", "a/x:1000", "a/y:2000"), ("a/", "a/.wh..wh..opq", "a/new:10")),
        ("100.0000 %", "0", "0.0000 %"),
    ),
    Vector(
        "`base:9000 zdup:1000` \\| `.wh.nonexist zdup:1000`",
        (("base:9000", "zdup:1000"), (".wh.nonexist", "zdup:1000")),
        ("99.9900 %", "0", "0.0000 %"),
    ),
    Vector(
        "`base:9000 zdup:1000` \\| `zdup:1000`",
        (("base:9000", "zdup:1000"), ("zdup:1000",)),
        ("90.9091 %", "2000", "200.0000 %"),
    ),
    Vector(
        "`base:9000` \\| `base:9000` after `chmod`",
        (("base:9000",), (entry("base:9000", mode=0o755),)),
        ("50.0000 %", "18000", "200.0000 %"),
    ),
    Vector(
        "`base:9000` \\| `.wh.base`",
        (("base:9000",), (".wh.base",)),
        ("0.0000 %", "9000", "+Inf %"),
    ),
    Vector(
        "`x:1000 base:9000` \\| `.wh.x x:1000`",
        (("x:1000", "base:9000"), (".wh.x", "x:1000")),
        ("81.8182 %", "2000", "200.0000 %"),
    ),
    Vector(
        "`base:9000 a:5000 a:4000`",
        (("base:9000", "a:5000", "a:4000"),),
        ("100.0000 %", "0", "NaN %"),
    ),
    Vector(
        "symlink `l -> one` \\| `l -> two`",
        (("l -> one",), ("l -> two",)),
        ("100.0000 %", "0", "NaN %"),
    ),
)


def row(vector: Vector) -> str:
    totals = analyze(image(*(layer(*items) for items in vector.layers))).totals
    ours = (str(totals.stored), str(totals.live), str(totals.wasted), f"{100 * totals.efficiency:.4f} %")
    return "| " + " | ".join((vector.shown, *vector.dive, *ours)) + " |"


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.shown.replace("\\", ""))
def test_the_page_shows_our_figures_beside_dives(vector: Vector) -> None:
    assert row(vector) in (ROOT / "docs" / "figures.md").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.shown.replace("\\", ""))
def test_our_dive_figures_are_dives(vector: Vector) -> None:
    dive = analyze(image(*(layer(*items) for items in vector.layers))).dive
    score, wasted, user = vector.dive
    assert (f"{100 * dive.efficiency_score:.4f} %", str(dive.inefficient_bytes)) == (score, wasted)
    if dive.user_wasted_percent is None:
        assert user in ("NaN %", "+Inf %")
    else:
        assert f"{100 * dive.user_wasted_percent:.4f} %" == user

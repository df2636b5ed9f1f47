"""The image with the advice of some findings taken."""

from hypothesis import given
from hypothesis import strategies as st
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.findings.finding import Finding, Saving, Severity
from layerscope.analysis.findings.what_if import WhatIf, what_if

from tests.models import image, layer

IMAGE = analyze(image(layer("a:100", "b:50"), layer("a:100#new", "c:30"), layer(".wh.c")))


def saving(*savings: Saving) -> Finding:
    """A finding that saves this."""
    saved = sum(one.size for one in savings)
    return Finding("id", "", Severity.LOW, (), (), 0, saved, "", "", savings)


def test_nothing_taken() -> None:
    assert what_if(IMAGE, []) == WhatIf(stored=280, saved=0, after=(150, 130, 0), minimum=150)


def test_some_taken() -> None:
    savings = [saving(Saving(0, 100, 0), Saving(1, 30, 0)), saving(Saving(0, 50, 50))]
    assert what_if(IMAGE, savings) == WhatIf(stored=280, saved=180, after=(0, 100, 0), minimum=100)


def test_more_than_a_layer_stores_is_taken_from_those_below() -> None:
    assert what_if(IMAGE, [saving(Saving(1, 140, 0))]).after == (140, 0, 0)


def test_and_then_from_those_above() -> None:
    assert what_if(IMAGE, [saving(Saving(0, 160, 0))]).after == (0, 120, 0)


def test_an_image_without_layers() -> None:
    assert what_if(analyze(image()), []) == WhatIf(0, 0, (), 0)


@st.composite
def advised(draw: st.DrawFn) -> tuple[Analysis, list[Saving]]:
    """An image, and savings that have no byte of it twice."""
    sizes = draw(st.lists(st.lists(st.integers(1, 1000), max_size=4), min_size=1, max_size=5))
    layers = [
        layer(*(f"f{n}:{size}#{index}" for n, size in enumerate(row))) for index, row in enumerate(sizes)
    ]
    analysis = analyze(image(*layers))
    wasted = {(death.inode.layer, death.inode.number) for death in analysis.union.deaths}
    savings = []
    for index, row in enumerate(sizes):
        for number, size in enumerate(row):
            taken = draw(st.integers(0, size))
            blamed = draw(st.integers(0, len(sizes) - 1))
            savings.append(Saving(blamed, taken, 0 if (index, number) in wasted else taken))
    return analysis, savings


@given(advised())
def test_the_sums_agree_and_nothing_is_below_zero(case: tuple[Analysis, list[Saving]]) -> None:
    analysis, savings = case
    found = what_if(analysis, [saving(*savings)])
    assert found.saved == sum(one.size for one in savings)
    assert found.stored == analysis.totals.stored == found.saved + sum(found.after)
    assert found.left == sum(found.after)
    assert min(found.after) >= 0
    assert all(left <= one.figures.stored for left, one in zip(found.after, analysis.layers, strict=True))
    assert 0 <= found.minimum <= analysis.totals.live

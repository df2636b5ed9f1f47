"""What a rule measures of an image, with what is accepted and without."""

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.model import Figures, WasteKind
from layerscope.gate.accept import Accept, Accepts
from layerscope.gate.case import Case
from layerscope.gate.setting import Scope

from tests.models import image, layer

ANALYSIS = analyze(image(layer("a:10", "b:20"), layer(".wh.a", "c:5", "d:40"), layer(".wh.b", "c:7")))
ONE_LAYER = analyze(image(layer("a:10", "a:30")))
RULE = "max-wasted-bytes"


def case(*paths: str, rules: tuple[str, ...] = ()) -> Case:
    return Case(ANALYSIS, accepts=Accepts((Accept(paths, "r", frozenset(rules)),)))


def test_the_whole_image_and_its_own_layers() -> None:
    one = Case(ANALYSIS)
    assert [one.first_layer(scope) for scope in Scope] == [0, 1]
    assert [one.figures(RULE, scope) for scope in Scope] == [Figures(82, 47), Figures(52, 47)]
    assert [one.totals(scope).stored for scope in Scope] == [82, 52]
    assert [one.wasted(RULE, scope) for scope in Scope] == [35, 5]
    assert [+one.killed(RULE, scope) for scope in Scope] == [{1: 10, 2: 25}, {2: 5}]


def test_an_image_of_one_layer_has_no_base() -> None:
    one = Case(ONE_LAYER, accepts=Accepts((Accept(("b",), "r"),)))
    assert [one.figures(RULE, scope) for scope in Scope] == [Figures(40, 30)] * 2
    assert [one.killed(RULE, scope) for scope in Scope] == [{0: 10}] * 2
    assert Case(analyze(image())).first_layer(Scope.OWN) == 0


def test_waste_of_one_kind() -> None:
    one = Case(ANALYSIS)
    assert {kind: wasted for kind in WasteKind if (wasted := one.wasted(RULE, Scope.IMAGE, kind))} == {
        WasteKind.REMOVED: 30, WasteKind.OVERWRITTEN: 5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("paths", "wasted"), [(("a",), 25), (("c",), 30), (("a", "b", "c"), 0), (("d",), 35), (("**",), 0)]
)
def test_accepted_copies_are_live(paths: tuple[str, ...], wasted: int) -> None:
    one = case(*paths)
    assert one.wasted(RULE, Scope.IMAGE) == wasted
    assert one.figures(RULE, Scope.IMAGE) == Figures(82, 82 - wasted)
    assert sum(one.killed(RULE, Scope.IMAGE).values()) == wasted


def test_an_entry_about_some_rules_is_about_no_others() -> None:
    one = case("a", rules=("max-removed-bytes",))
    assert one.wasted(RULE, Scope.IMAGE) == 35
    assert one.accepts.used == set()
    assert one.wasted("max-removed-bytes", Scope.IMAGE, WasteKind.REMOVED) == 20
    assert one.accepts.used == {0}

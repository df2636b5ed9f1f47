"""What a file or the command line says of one rule."""

import pytest
from layerscope.errors import SettingsError
from layerscope.gate.catalogue import OF_PATHS, RULES, Shape
from layerscope.gate.place import Place
from layerscope.gate.rule_setting import check_together, parse_setting, read_setting
from layerscope.gate.setting import OFF, Scope, Setting

PLACE = Place("rules.toml", "rules.")

A_LIMIT: dict[Shape, object] = {
    Shape.FRACTION: 0.5,
    Shape.SIZE: "1MB",
    Shape.COUNT: 5,
    Shape.GROWTH: "5%",
    Shape.PATHS: ["a"],
    Shape.SWITCH: "fail",
}


@pytest.mark.parametrize("name", list(RULES))
def test_every_rule_takes_a_limit_of_its_shape_and_can_be_turned_off(name: str) -> None:
    rule = RULES[name]
    assert not read_setting(PLACE, rule, A_LIMIT[rule.shape]).is_off
    for word in ("off", "disabled", "none", " OFF "):
        assert read_setting(PLACE, rule, word).is_off


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.shape is not Shape.SWITCH])
def test_every_limit_can_be_hard_or_soft_and_scope_and_floor_are_for_some(name: str) -> None:
    rule = RULES[name]
    limit = A_LIMIT[rule.shape]
    both = read_setting(PLACE, rule, {"fail": limit, "warn": limit})
    assert both.fail == both.warn is not None
    soft = read_setting(PLACE, rule, {"warn": limit, "fail": "off"})
    assert (soft.fail, soft.warn) == (None, both.warn)
    for key, value, allowed in (("scope", "own", rule.has_scope), ("floor", "1MB", rule.has_floor)):
        table = {"fail": limit, key: value}
        if allowed:
            found = read_setting(PLACE, rule, table)
            assert (found.scope, found.floor) != (Scope.IMAGE, 0)
        else:
            with pytest.raises(SettingsError, match=f"there is no key '{key}'"):
                read_setting(PLACE, rule, table)


def test_a_floor_can_be_turned_off() -> None:
    assert read_setting(PLACE, RULES["min-efficiency"], {"fail": 0.5, "floor": "off"}) == Setting(0.5)


@pytest.mark.parametrize(
    ("value", "setting"), [("fail", Setting(fail=True)), ("warn", Setting(warn=True)), ("off", OFF)]
)
def test_a_switch(value: str, setting: Setting) -> None:
    assert parse_setting(RULES["no-setuid"], value) == setting


@pytest.mark.parametrize(
    ("efficiency", "wasted"),
    [
        (Setting(0.95), Setting(0.05)),
        (Setting(0.7), Setting(0.3)),
        (Setting(0.999), Setting(0.001)),
        (Setting(0.95, 0.99), Setting(None, 0.01)),
        (Setting(0.95), Setting(warn=0.01)),
        (Setting(0.95), Setting(0.5, scope=Scope.OWN)),
        (Setting(0.95), Setting(0.5, floor=1)),
        (OFF, Setting(0.5)),
    ],
)
def test_two_words_for_one_figure_may_say_the_same(efficiency: Setting, wasted: Setting) -> None:
    check_together(PLACE, {"min-efficiency": efficiency, "max-wasted-percent": wasted})


@pytest.mark.parametrize(
    ("efficiency", "wasted"),
    [(Setting(0.95), Setting(0.06)), (Setting(0.5, 0.9), Setting(0.5, 0.2)), (Setting(1.0), Setting(1.0))],
)
def test_two_words_for_one_figure_may_not_contradict_each_other(efficiency: Setting, wasted: Setting) -> None:
    with pytest.raises(
        SettingsError, match=r"rules\.toml: rules\.max-wasted-percent: it contradicts min-efficiency"
    ):
        check_together(PLACE, {"min-efficiency": efficiency, "max-wasted-percent": wasted})


def test_what_looks_at_paths_are_rules() -> None:
    assert set(OF_PATHS) <= set(RULES)

"""Which rules hold for an image, and the rules about the accept list itself."""

import datetime
from dataclasses import replace
from pathlib import Path

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.errors import SettingsError
from layerscope.gate.accept import Accept
from layerscope.gate.config import Config, Section
from layerscope.gate.gate import Gate, choose
from layerscope.gate.setting import OFF, Setting
from layerscope.gate.verdicts import Evidence, Outcome, Verdict

from tests.models import image, layer

TODAY = datetime.date(2026, 6, 30)
YESTERDAY = TODAY - datetime.timedelta(days=1)
DEFAULT = Setting(fail=0.9)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def named(name: str) -> Analysis:
    return analyze(replace(image(layer("a:10", "b:90"), layer(".wh.a")), reference=name))


def chosen(settings: dict[str, Setting] | None = None, dive: dict[str, str] | None = None) -> Gate:
    return choose(settings or {}, None, None, dive or {}, TODAY)


# Defaults.


@pytest.mark.parametrize(
    ("files", "settings", "dive", "found"),
    [
        ({}, {}, {}, {"min-efficiency": DEFAULT, "max-wasted-bytes": OFF, "max-wasted-percent": OFF}),
        (
            {},
            {"max-wasted-bytes": Setting(5)},
            {},
            {"min-efficiency": DEFAULT, "max-wasted-bytes": Setting(5), "max-wasted-percent": OFF},
        ),
        ({}, {}, {"lowestEfficiency": "0.9"}, {}),
        ({".dive-ci": ""}, {}, {}, {}),
        ({".dive-ci": ""}, {"max-layers": Setting(5)}, {}, {"max-layers": Setting(5)}),
        ({"layerscope.toml": ""}, {}, {}, {"min-efficiency": DEFAULT}),
        ({"layerscope.toml": "rules.min-efficiency = 'off'"}, {}, {}, {"min-efficiency": OFF}),
        (
            {"layerscope.toml": "rules.max-layers = 5"},
            {},
            {},
            {"min-efficiency": DEFAULT, "max-layers": Setting(5)},
        ),
        (
            {"layerscope.toml": "rules.max-wasted-percent = '20%'"},
            {},
            {},
            {"max-wasted-percent": Setting(0.2)},
        ),
        (
            {"layerscope.toml": "rules.max-layers = 5", ".dive-ci": ""},
            {},
            {},
            {"max-layers": Setting(5)},
        ),
        (
            {"layerscope.toml": "rules.max-layers = 5"},
            {"max-layers": Setting(6)},
            {},
            {"min-efficiency": DEFAULT, "max-layers": Setting(6)},
        ),
    ],
)
def test_which_of_our_rules_hold(
    files: dict[str, str], settings: dict[str, Setting], dive: dict[str, str], found: dict[str, Setting]
) -> None:
    for name, text in files.items():
        Path(name).write_text(text)
    assert chosen(settings, dive).section(("image",)).settings == found


def test_dives_rules_come_first_and_ours_beside_them() -> None:
    Path(".dive-ci").write_text("rules:\n  lowestEfficiency: 0.5\n")
    Path("layerscope.toml").write_text("rules.max-layers = 5")
    (judgement,) = chosen().judge([(named("image"), None)])
    assert [verdict.rule for verdict in judgement.verdicts] == [
        "lowestEfficiency", "highestWastedBytes", "highestUserWastedPercent", "max-layers",
    ]  # fmt: skip
    assert (judgement.origin, judgement.file) == (".dive-ci, then dive's defaults", "layerscope.toml")


def test_a_wrong_file_is_told_before_there_is_an_image() -> None:
    Path("layerscope.toml").write_text("oops")
    with pytest.raises(SettingsError):
        chosen()


# The accept list itself.


def about_the_list(
    *images: str, top: tuple[Accept, ...] = (), app: tuple[Accept, ...] = (), **settings: Setting
) -> list[list[Verdict]]:
    """The last verdicts of each image, those about the list; `app*` has a section of its own."""
    rules = {name.replace("_", "-"): setting for name, setting in settings.items()}
    section = Section({"max-wasted-bytes": Setting(50), **rules}, top)
    gate = Gate(TODAY, Config("layerscope.toml", section, ((("app*",), Section(accept=app)),)))
    return [
        [one for one in judgement.verdicts if one.rule.endswith("-accepts")]
        for judgement in gate.judge([(named(name), None) for name in images])
    ]


def accept(path: str, number: int = 1, expires: datetime.date | None = None, where: str = "accept") -> Accept:
    return Accept((path, "z"), "because", expires=expires, where=f"layerscope.toml: {where} {number}")


NONE_EXPIRED = Verdict("expired-accepts", "none", "", "none", Outcome.PASS)
NONE_UNUSED = Verdict("unused-accepts", "none", "", "none", Outcome.PASS)


def test_without_a_list_nothing_is_said_of_it() -> None:
    assert about_the_list("image") == [[]]


def test_an_entry_that_is_used_is_fine() -> None:
    assert about_the_list("image", top=(accept("a", expires=TODAY),)) == [[NONE_EXPIRED, NONE_UNUSED]]


def test_an_entry_that_is_over_is_told_with_its_place_its_paths_and_its_last_day() -> None:
    evidence = Evidence(b"", 0, None, "layerscope.toml: accept 2 (a, z): it held until 2026-06-29")
    assert about_the_list("image", top=(accept("a"), accept("a", 2, YESTERDAY))) == [
        [Verdict("expired-accepts", "1 entry", "", "none", Outcome.WARN, evidence=(evidence,)), NONE_UNUSED]
    ]


def test_an_entry_that_is_over_accepts_nothing() -> None:
    section = Section({"max-wasted-bytes": Setting(5)}, (accept("a", expires=YESTERDAY),))
    (judgement,) = Gate(TODAY, Config("layerscope.toml", section)).judge([(named("image"), None)])
    assert {one.rule: one.outcome for one in judgement.verdicts}["max-wasted-bytes"] is Outcome.FAIL


def test_an_entry_that_accepts_nothing_is_told() -> None:
    evidence = Evidence(b"", 0, None, "layerscope.toml: accept 1 (b, z): it accepts nothing")
    assert about_the_list("image", top=(accept("b"),)) == [
        [NONE_EXPIRED, Verdict("unused-accepts", "1 entry", "", "none", Outcome.WARN, evidence=(evidence,))]
    ]


@pytest.mark.parametrize(
    ("setting", "outcome"),
    [(Setting(fail=True), Outcome.FAIL), (Setting(warn=True), Outcome.WARN), (OFF, Outcome.SKIP)],
)
def test_how_hard_these_rules_are_can_be_said(setting: Setting, outcome: Outcome) -> None:
    entries = accept("a", 1, YESTERDAY), accept("b", 2)
    ((expired, unused),) = about_the_list(
        "image", top=entries, expired_accepts=setting, unused_accepts=setting
    )
    assert (expired.outcome, unused.outcome) == (outcome, outcome)


def test_an_entry_that_any_of_several_images_uses_is_used() -> None:
    app = accept("b", 1, where="image 1.accept")
    found = about_the_list("image", "app:1", top=(accept("a"),), app=(app,))
    assert found[0] == [NONE_EXPIRED, NONE_UNUSED]
    (told,) = found[1][1].evidence
    assert told.what == "layerscope.toml: image 1.accept 1 (b, z): it accepts nothing"

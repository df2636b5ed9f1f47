"""The file that `layerscope init` writes."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import Figures
from layerscope.gate import starter as module
from layerscope.gate.case import Case
from layerscope.gate.catalogue import RULES
from layerscope.gate.config import Config, find
from layerscope.gate.limits import parse_bytes, parse_fraction
from layerscope.gate.rules import judge
from layerscope.gate.starter import starter
from layerscope.gate.verdicts import Outcome

from tests.models import entry, image, layer

SMALL = analyze(image(layer("a:1000", compressed=5000)))
LARGE = analyze(image(layer("a:1234567", "b:10", compressed=99_999), layer(".wh.b", "c:7", compressed=1)))


def read(text: str, folder: Path) -> Config:
    file = folder / "rules.toml"
    file.write_text(text, encoding="utf-8")
    return find(str(file))


def values(*analyses: Analysis) -> dict[str, object]:
    rules: dict[str, object] = tomllib.loads(starter(analyses, 2026))["rules"]
    return rules


def test_todays_figures_are_the_limits() -> None:
    assert values(LARGE) == {
        "min-efficiency": "99.9%",
        "max-wasted-bytes": "10B",
        "max-removed-bytes": "10B",
        "max-overwritten-bytes": "0B",
        "max-metadata-only-bytes": "0B",
        "max-rewritten-bytes": "0B",
        "max-shadowed-in-layer-bytes": "0B",
        "max-stored-bytes": "1.30MB",
        "max-compressed-bytes": "100kB",
        "max-layer-bytes": "1.30MB",
        "max-layers": 2,
        "no-setuid": "fail",
        "no-setgid": "fail",
        "no-secrets": "fail",
        "no-root-user": "off",
    }


def test_of_several_images_the_loosest_sets_the_limit() -> None:
    setuid = analyze(image(layer(entry("su:1", mode=0o6755))))
    app = analyze(replace(image(layer("a:1", compressed=1)), config={"User": "app"}))
    assert {name: value for name, value in values(SMALL, LARGE).items() if value != values(LARGE)[name]} == {}
    found = values(setuid, app)
    assert [found[name] for name in ("no-setuid", "no-setgid", "no-root-user")] == ["off", "off", "off"]
    assert "max-compressed-bytes" not in found
    assert values(app)["no-root-user"] == "fail"


@pytest.mark.parametrize("analysis", [SMALL, LARGE, analyze(image()), analyze(image(layer("a/")))])
def test_the_image_keeps_the_rules_and_they_are_all_hard_or_off(analysis: Analysis, tmp_path: Path) -> None:
    settings = read(starter([analysis], 2026), tmp_path).top.settings
    outcomes = {verdict.outcome for verdict in judge(Case(analysis), settings)}
    assert outcomes <= {Outcome.PASS, Outcome.SKIP}


def test_what_makes_it_worse_fails(tmp_path: Path) -> None:
    settings = read(starter([SMALL], 2026), tmp_path).top.settings
    worse = analyze(image(layer("a:1000", "b:1", compressed=5101), layer(".wh.b", compressed=1)))
    failed = [one.rule for one in judge(Case(worse), settings) if one.outcome is Outcome.FAIL]
    assert failed == [
        "min-efficiency", "max-wasted-bytes", "max-removed-bytes", "max-stored-bytes", "max-compressed-bytes",
        "max-layer-bytes", "max-layers",
    ]  # fmt: skip


@given(count=st.integers(0, 9 * 10**18))
def test_a_size_is_rounded_up_by_less_than_a_tenth(count: int) -> None:
    limit = parse_bytes(module._size(count).strip('"'))
    assert limit is not None
    assert count <= limit <= max(count * 1.1, count)


@given(live=st.integers(0, 10**12), wasted=st.integers(0, 10**12))
def test_an_efficiency_is_rounded_down_by_less_than_a_tenth_of_a_percent(live: int, wasted: int) -> None:
    efficiency = Figures(live + wasted, live).efficiency
    limit = parse_fraction(module._percent(efficiency))
    assert limit is not None
    assert limit <= efficiency < limit + 0.001 + 1e-9


def test_every_rule_is_in_the_file_with_what_it_asks_for() -> None:
    text = starter([LARGE], 2026)
    own = {"max-wasted-percent", "expired-accepts", "unused-accepts"}  # the first is another word for one
    assert [name for name in RULES if not re.search(rf"(?m)^(# )?{name} = ", text)] == sorted(
        own, key=list(RULES).index
    )
    for name in values(LARGE):
        assert f"# {RULES[name].about}\n" in text


def test_the_examples_in_comments_are_right(tmp_path: Path) -> None:
    text = starter([LARGE], 2026)
    assert read(text, tmp_path).top.accept == ()
    lines = [re.sub(r"^# (?=\[\[|[a-z-]+ = )", "", line) for line in text.splitlines()]
    config = read("\n".join(lines), tmp_path)
    assert {"forbidden-paths", "forbidden-paths-ever", "max-stored-growth"} <= set(config.top.settings)
    assert [entry.paths for entry in config.top.accept] == [("/var/lib/dpkg/**",)]
    assert [str(entry.expires) for entry in config.top.accept] == ["2026-12-31"]
    assert [globs for globs, _ in config.images] == [("app:*",)]


def test_the_examples_of_limits_are_right(tmp_path: Path) -> None:
    examples = re.findall(r"(?m)^#   (max-layers = .*?)(?:  |$)", starter([LARGE], 2026))
    assert len(examples) == 4
    for example in examples:
        assert read(f"[rules]\n{example}", tmp_path).top.settings.keys() == {"max-layers"}
    scope, floor = re.findall(r"\{ ((?:scope|floor) = [^}]*) \}", starter([LARGE], 2026))
    read(f"[rules]\nmin-efficiency = {{ fail = 0.9, {scope}, {floor} }}", tmp_path)


def test_a_reference_says_nothing_but_its_name(tmp_path: Path) -> None:
    hostile = analyze(replace(image(layer("a:1")), reference='x\n[rules]\nmax-layers = 0\x1b\x00\x85\u2028"'))
    assert read(starter([hostile], 2026), tmp_path).top.settings["max-layers"].fail == 1

"""docs/gate.md says of every rule what the catalogue says, and its file of rules is one."""

import re
from pathlib import Path

import pytest
from layerscope.gate import config
from layerscope.gate.catalogue import RULES, Shape
from layerscope.gate.setting import Scope, Setting

from tests.consoles import ROOT

PAGE = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
LIMITS = {
    Shape.FRACTION: "fraction",
    Shape.SIZE: "size",
    Shape.COUNT: "count",
    Shape.GROWTH: "growth",
    Shape.PATHS: "globs",
    Shape.SWITCH: "switch",
}


def table(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its two head rows."""
    section = PAGE.split(f"\n{heading}\n", 1)[1].split("\n#", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_every_rule_has_a_row_in_the_order_of_the_catalogue() -> None:
    assert [row[0].strip("`") for row in table("## Rules")] == list(RULES)


@pytest.mark.parametrize("row", table("## Rules"), ids=lambda row: row[0].strip("`"))
def test_a_row_tells_the_shape_of_the_limit_and_whether_there_are_scope_and_floor(row: list[str]) -> None:
    rule = RULES[row[0].strip("`")]
    yes = {True: "yes", False: ""}
    assert row[1] != ""
    assert row[2:] == [LIMITS[rule.shape], yes[rule.has_scope], yes[rule.has_floor]]


def test_every_shape_of_a_limit_is_explained() -> None:
    assert {row[0] for row in table("### Limits")} - {"", "none"} == set(LIMITS.values())


def test_the_files_shown_are_files_of_rules(tmp_path: Path) -> None:
    file = tmp_path / "layerscope.toml"
    sections = []
    for text in re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        file.write_text(text, encoding="utf-8")
        sections.append(config.find(str(file)))
    found, excerpt = sections
    assert [entry.findings for entry in excerpt.top.accept] == [{"documentation", "root-user"}]
    assert found.top.settings["max-layers"] == Setting(fail=20, warn=15)
    assert found.top.settings["max-wasted-percent"] == Setting(fail=0.08, scope=Scope.OWN, floor=1_000_000)
    assert found.of(["docker://app:1"]).settings["max-layers"] == Setting(fail=30)
    assert [entry.paths for entry in found.top.accept] == [("/var/lib/dpkg/**",)]

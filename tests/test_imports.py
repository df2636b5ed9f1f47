"""What a run imports: a gate must not wait for the explorer, nor `--version` for the loader."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from layerscope.report.formats import REPORTS

ARCHIVE = Path(__file__).parents[1] / "fixtures" / "archives" / "docker-25.tar"
NEVER = {"textual", "rich", "docker", "requests", "urllib3", "yaml"}
HEAVY = NEVER | {"isal", "backports", "compression", "zstandard", "xxhash", "hashlib", "tarfile", "humanize"}
OURS_BUT_LIGHT = {
    "layerscope",
    "layerscope.cli",
    "layerscope.ending",
    "layerscope.errors",
    "layerscope.formatting",
    "layerscope.options",
    "layerscope.results",
    "layerscope.terminal",
}
"""What `layerscope.cli` imports at once."""


def modules_after(code: str) -> set[str]:
    script = f"{code}\nimport sys, json; print(); print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def modules_of(*arguments: str) -> set[str]:
    return modules_after(f"from layerscope import cli; assert cli.run({list(arguments)!r}) in (0, 1)")


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize(
    "options",
    [
        ["--ci"],
        ["--json", "-"],
        ["--json", "-", "--ci"],
        ["--dive-json", "-"],
        [],
        *(["--ci", "--report", name] for name in REPORTS),
    ],
)
def test_an_archive_is_measured_without_explorer_and_engine(options: list[str]) -> None:
    found = modules_of(str(ARCHIVE), *options)
    assert "layerscope.analysis.analyze" in found
    assert not packages(found) & NEVER
    assert not {name for name in found if name.startswith("layerscope.tui")}


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_need_no_loader_no_analysis_no_report(option: str) -> None:
    found = modules_of(option)
    assert {name for name in found if name.startswith("layerscope")} == OURS_BUT_LIGHT
    assert not packages(found) & HEAVY


def test_the_command_line_costs_hardly_more_than_click() -> None:
    more = modules_after("import layerscope.cli") - modules_after("import click")
    assert more >= OURS_BUT_LIGHT
    assert packages(more - OURS_BUT_LIGHT) <= {
        "signal",
        "_signal",
        "unicodedata",
        "locale",
        "_locale",
        "stat",
    }


@pytest.mark.parametrize("command", ["build", "cache", "compare", "init"])
def test_the_help_of_the_other_commands_needs_no_loader_either(command: str) -> None:
    found = modules_of(command, "--help")
    assert {name for name in found if name.startswith("layerscope")} == OURS_BUT_LIGHT | {
        "layerscope.commands",
        f"layerscope.commands.{command}",
    }
    assert not packages(found) & HEAVY


def test_an_empty_gate_limit_needs_no_loader() -> None:
    found = modules_after(
        "from layerscope import cli; assert cli.run(['x', '--ci', '--min-efficiency', '']) == 2"
    )
    assert "layerscope.gate.limits" in found
    assert not {name for name in found if name.startswith(("layerscope.loader", "layerscope.analysis.a"))}

"""The wiring for pipelines (action, GitLab's template, hooks, container), and docs/pipelines.md about it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from layerscope.cli import command
from layerscope.gate import config
from layerscope.gate.catalogue import RULES
from layerscope.report.formats import REPORTS

from tests.consoles import PAGES, ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
TEMPLATE = yaml.safe_load((ROOT / "templates" / "gitlab.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
PIPELINES = (ROOT / "docs" / "pipelines.md").read_text(encoding="utf-8")
WIRING = ("action.yml", "templates/gitlab.yml", ".pre-commit-hooks.yaml", "docs/pipelines.md")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
FOREIGN = {
    *("--quiet", "--no-cache-dir", "--disable-pip-version-check"),  # pip
    *("--build-arg", "--output", "--rm", "--tag"),  # docker
}
HOSTILE = "$(touch owned)`touch owned`;touch owned"
INPUTS = dict.fromkeys(("IMAGE", "CONFIG", "BASELINE", "DOCKERFILE", "REPORTS", "ARGS"), "")
"""What the script of the gate reads, with nothing said."""


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def example(key: str) -> dict[str, Any]:
    """The example of docs/pipelines.md that has a key."""
    found = [read for block in blocks(PIPELINES, "yaml") if key in (read := yaml.safe_load(block))]
    assert len(found) == 1
    chosen: dict[str, Any] = found[0]
    return chosen


def steps() -> dict[str, dict[str, Any]]:
    return {step["id"]: step for step in ACTION["runs"]["steps"]}


@pytest.mark.parametrize("name", WIRING)
def test_every_option_named_is_there(name: str) -> None:
    known = set(OPTION.findall(CliRunner().invoke(command, ["--help"]).output))
    assert set(OPTION.findall((ROOT / name).read_text(encoding="utf-8"))) - known - FOREIGN == set()


@pytest.mark.parametrize("name", WIRING)
def test_every_format_and_rule_named_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    formats = re.findall(r"--report[ =][\"']?([a-z-]+)", text) + re.findall(
        r"^ *reports: ([a-z-]+)=", text, re.M
    )
    assert set(formats) - set(REPORTS) == set()
    assert set(re.findall(r"--rule[ =][\"']?([a-z-]+)", text)) - set(RULES) == set()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_yaml_in_the_pages_is_yaml(path: Path) -> None:
    for block in blocks(path.read_text(encoding="utf-8"), "yaml"):
        assert yaml.safe_load(block)


def test_the_page_of_reports_has_a_row_for_every_format() -> None:
    page = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8").split("\n## ")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \|.*\| ([^|]+) \|$", page, re.MULTILINE)
    assert [name for name, _ in rows] == list(REPORTS)
    assert {name for name, several in rows if several == "one file for each"} == {
        name for name, one in REPORTS.items() if not one.holds_many
    }


# The action.


def test_nothing_is_interpolated_into_a_script_of_the_action() -> None:
    scripts = {name: step["run"] for name, step in steps().items() if "run" in step}
    assert list(scripts) == ["install", "gate"]
    assert [script for script in scripts.values() if "${{" in script] == []
    assert [step["shell"] for step in steps().values() if "run" in step] == ["bash", "bash"]


def test_every_input_of_the_action_is_used_and_every_one_used_is_there() -> None:
    used = re.findall(r"\$\{\{ *inputs\.([a-z-]+) *\}\}", (ROOT / "action.yml").read_text(encoding="utf-8"))
    assert sorted(used) == sorted(ACTION["inputs"])
    assert set(steps()["gate"]["env"]) == set(INPUTS)


def test_the_page_has_every_input_and_every_output_of_the_action() -> None:
    section = PIPELINES.split("## GitHub Actions")[1].split("\n## ")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE) == list(ACTION["inputs"])
    assert all(f"`{output}`" in section for output in ACTION["outputs"])
    job = example("jobs")["jobs"]["layers"]
    asked = next(step for step in job["steps"] if step.get("id") == "layers")
    assert set(asked["with"]) <= set(ACTION["inputs"])


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Path]:
    """A folder as a runner has it, with a layerscope that was installed."""
    binaries = tmp_path / "temp" / "layerscope" / "bin"
    binaries.mkdir(parents=True)
    script = binaries / "layerscope"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m layerscope "$@"\n')
    script.chmod(0o755)
    (tmp_path / "work").mkdir()
    yield tmp_path
    assert [path for path in tmp_path.rglob("*owned*") if path.name == "owned"] == []


def gate(runner: Path, **inputs: str) -> tuple[int, str, dict[str, str]]:
    """The exit code of the action's gate, what it printed, and its outputs."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash")
    output = runner / "output"
    known = {key: value for key, value in os.environ.items() if key not in ("GITHUB_STEP_SUMMARY", "CI")}
    done = subprocess.run(
        [bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", steps()["gate"]["run"]],
        cwd=runner / "work",
        env={**known, **INPUTS, **inputs, "RUNNER_TEMP": str(runner / "temp"), "GITHUB_OUTPUT": str(output)},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, dict(line.split("=", 1) for line in output.read_text().splitlines())


def test_the_action_judges_an_image_and_tells_where_the_reports_are(runner: Path) -> None:
    archive = str(ROOT / "fixtures" / "archives" / "docker-25.tar")
    code, printed, outputs = gate(
        runner, IMAGE=archive, ARGS="--min-efficiency=95%\n\n", REPORTS="csv=a file.csv\n  junit=rules.xml\n"
    )
    assert code == 1
    assert "::error " in printed
    assert '"version": "2.1.0"' in Path(outputs["sarif"]).read_text(encoding="utf-8")
    assert Path(outputs["markdown"]).read_text(encoding="utf-8").startswith("<!-- layerscope -->")
    assert sorted(path.name for path in (runner / "work").iterdir()) == ["a file.csv", "rules.xml"]


def test_the_action_takes_several_images_a_file_of_rules_a_baseline_and_a_dockerfile(runner: Path) -> None:
    archive = str(ROOT / "fixtures" / "archives" / "docker-25.tar")
    rules = runner / "work" / "my rules.toml"
    rules.write_text('[rules]\nmin-efficiency = "50%"\n')
    assert gate(runner, IMAGE=f"{archive}\n{archive}\n", CONFIG="my rules.toml")[0] == 0
    dockerfile = str(ROOT / "fixtures" / "demo" / "Dockerfile")
    assert (
        gate(runner, IMAGE=archive, CONFIG="my rules.toml", BASELINE=archive, DOCKERFILE=dockerfile)[0] == 0
    )


@pytest.mark.parametrize("name", INPUTS)
def test_the_action_reads_no_input_as_shell(runner: Path, name: str) -> None:
    archive = str(ROOT / "fixtures" / "archives" / "docker-25.tar")
    code, printed, _ = gate(runner, **{"IMAGE": archive, name: HOSTILE})
    assert (code, "touch owned" in printed) == (2, True)


@pytest.mark.parametrize("image", ["--json=owned", "-"])
def test_the_action_takes_no_image_for_an_option(runner: Path, image: str) -> None:
    assert gate(runner, IMAGE=image)[0] == 2


# GitLab, pre-commit, the container.


def test_gitlab_gets_the_reports_that_the_job_writes() -> None:
    job = TEMPLATE[".layerscope"]
    written = dict(re.findall(r"--report ([a-z]+)=(\S+)", job["script"][0]))
    assert job["artifacts"]["reports"] == {
        "junit": written["junit"],
        "codequality": written["gitlab"],
        "metrics": written["openmetrics"],
    }
    assert job["artifacts"]["paths"] == [written["html"]]


def test_the_example_of_gitlab_extends_the_template() -> None:
    shown = example("include")
    assert (ROOT / shown["include"][0]["file"]).is_file()
    assert shown["layers"]["extends"] in TEMPLATE
    assert set(shown["layers"]["variables"]) <= set(TEMPLATE[".layerscope"]["variables"])
    section = PIPELINES.split("## GitLab CI")[1].split("\n## ")[0]
    named = dict(re.findall(r"^\| `(LAYERSCOPE_[A-Z]+)` \| `([^`]+)` \|", section, re.MULTILINE))
    assert named == TEMPLATE[".layerscope"]["variables"]


def test_hooks_run_the_gate_and_the_example_names_them() -> None:
    assert {hook["entry"] for hook in HOOKS} == {"layerscope --ci"}
    shown = example("repos")["repos"][0]["hooks"]
    assert (
        [hook["id"] for hook in shown]
        == [hook["id"] for hook in HOOKS]
        == ["layerscope", "layerscope-archives"]
    )


@pytest.mark.parametrize(
    ("name", "is_archive"),
    [
        ("a.tar", True),
        ("a.tar.gz", True),
        ("a.tar.zst", True),
        ("a.tgz", True),
        ("a.oci", True),
        ("a.target", False),
    ],
)
def test_the_hook_for_archives_knows_them_by_name(name: str, is_archive: bool) -> None:
    hook = next(hook for hook in HOOKS if hook["id"] == "layerscope-archives")
    assert bool(re.search(hook["files"], name)) == is_archive
    assert hook["args"] == ["--"]


def test_the_rules_of_our_own_image_are_rules() -> None:
    found = config.find(str(ROOT / "ci" / "own-image.toml"))
    assert (found.top.baseline, Path(found.top.dockerfile).resolve()) == (
        "python:3.12-slim",
        ROOT / "Dockerfile",
    )
    assert found.top.settings["max-wasted-growth"].fail is not None
    assert found.top.settings["no-root-user"].fail is True


def test_the_container_has_what_the_package_is_made_of_and_no_more() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.M)
    assert sorted(line[1:] for line in ignored if line.startswith("!")) == sorted(" ".join(copied).split())
    assert "*" in ignored

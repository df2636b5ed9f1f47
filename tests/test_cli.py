"""The command line: what it prints where, and its exit codes."""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from layerscope import __version__, cli, terminal
from layerscope.report.formats import REPORTS

from tests.images import Image, docker_archive, file, layer, oci_files, step, whiteout, write_layout
from tests.loader.fake_engine import FakeEngine, Saved, serving
from tests.running import Done, Run
from tests.signals import usual_signals

FIXTURES = Path(__file__).parents[1] / "fixtures"
ARCHIVES = FIXTURES / "archives"
SMALL = str(ARCHIVES / "docker-25.tar")  # 17 of 24 bytes live
SEVERAL = str(ARCHIVES / "docker-several-images.tar")
DEMO = str(FIXTURES / "demo.tar.gz")
COMMAND = (sys.executable, "-m", "layerscope")

needs_unix = pytest.mark.skipif(os.name == "nt", reason="needs Unix")


def spawn(
    *arguments: str, environment: Mapping[str, str] | None = None, stdin: bytes = b"", cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Runs the command in a process of its own."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env={**os.environ, "CI": "", **(environment or {})},
        input=stdin,
        cwd=cwd,
        capture_output=True,
        check=False,
        timeout=60,
    )


def has_no_control_characters(text: str) -> bool:
    return all(char.isprintable() or char == "\n" for char in text)


# What is printed where ----------------------------------------------------------------------------------


def test_without_a_terminal_the_summary_is_printed(run: Run) -> None:
    done = run(SMALL)
    assert done.code == 0
    assert done.out.splitlines()[0] == f"{SMALL}  example:latest  linux/amd64"
    assert "  efficiency            70.83 %  live of stored bytes\n" in done.out
    assert done.err == ""


def test_an_archive_on_standard_input() -> None:
    done = spawn("-", stdin=Path(SMALL).read_bytes())
    assert done.returncode == 0
    assert done.stdout.decode().splitlines()[0] == "-  example:latest  linux/amd64"
    assert done.stderr == b""


def test_the_report_goes_to_a_file_and_nothing_is_printed(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    assert run(SMALL, "--json", str(target)) == Done(0, "", "")
    found = json.loads(target.read_text())
    assert found["totals"]["live_bytes"] == 17
    assert "entries" not in found


def test_the_report_goes_to_standard_output(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    run(SMALL, "--json", str(target))
    assert run(SMALL, "--json", "-") == Done(0, target.read_text(), "")


def test_entries_are_in_the_report_if_asked_for(run: Run) -> None:
    done = run(SMALL, "--json", "-", "--entries")
    assert {entry["layer"] for entry in json.loads(done.out)["entries"]} == {0, 1}


def test_the_report_and_dives_at_once(run: Run, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.json", tmp_path / "theirs.json"
    assert run(SMALL, "--json", str(ours), "--dive-json", str(theirs)) == Done(0, "", "")
    assert "totals" in json.loads(ours.read_text())
    assert "fileReference" in json.loads(theirs.read_text())["image"]


def test_one_of_them_on_standard_output(run: Run, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.json"
    done = run(SMALL, "--json", "-", "--dive-json", str(theirs))
    assert "totals" in json.loads(done.out)
    again = run(SMALL, "--json", str(tmp_path / "ours.json"), "--dive-json", "-")
    assert again.out == theirs.read_text()


@pytest.mark.parametrize("name", [name for name in REPORTS if name != "junit"])
def test_a_report_by_its_format_and_nothing_else_is_printed(run: Run, tmp_path: Path, name: str) -> None:
    target = tmp_path / "report=1"
    assert run(SMALL, "--report", f"{name}={target}") == Done(0, "", "")
    printed = run(SMALL, "--report", name)
    assert printed == run(SMALL, "--report", f"{name}=-") == Done(0, target.read_text(), "")
    assert printed.out != ""


def test_formats_that_have_options_of_their_own_are_the_same(run: Run) -> None:
    assert run(SMALL, "--report", "json") == run(SMALL, "--json", "-")
    assert run(SMALL, "--report", "dive-json") == run(SMALL, "--dive-json", "-")
    assert run(SMALL, "--report", "text") == run(SMALL)


def test_every_format_at_once_beside_the_gate(run: Run, tmp_path: Path) -> None:
    options = [word for name in REPORTS for word in ("--report", f"{name}={tmp_path / name}")]
    alone = run(SMALL, "--ci")
    assert run(SMALL, "--ci", *options) == alone
    found = {name: (tmp_path / name).read_text() for name in REPORTS}
    assert found["text"] == alone.out
    assert "### layerscope: FAIL: 0 passed, 1 failed, 2 skipped\n" in found["markdown"]
    assert "::error file=Dockerfile,title=layerscope%3A min-efficiency::" in found["github"]
    assert '<failure message="70.83 %, the limit is ≥ 90.00 %"' in found["junit"]
    assert json.loads(found["json"])["totals"]["wasted_bytes"] == 7
    assert json.loads(found["dive-json"])["layer"][0]["index"] == 0


def test_the_gates_table_makes_room_for_a_report_on_standard_output(run: Run) -> None:
    alone = run(SMALL, "--ci")
    done = run(SMALL, "--ci", "--report", "junit")
    assert (done.code, done.err) == (1, alone.out)
    assert done.out.startswith("<?xml")


def test_a_saved_report_has_all_that_others_are_written_from(run: Run, tmp_path: Path) -> None:
    saved = str(tmp_path / "saved.json")
    run(SMALL, "--json", saved)
    for name in ("markdown", "text"):
        of_image, of_report = (run(one, "--report", name, "--ci").out for one in (SMALL, saved))
        assert of_report == of_image
    assert run(saved, "--ci", "--report", f"junit={saved}").code == 2
    assert json.loads(Path(saved).read_text())["totals"]["wasted_bytes"] == 7


def test_github_gets_the_summary_of_a_job_where_it_says_so(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    run(SMALL, "--ci", "--report", "markdown")
    assert summary.read_text() == "before\n"
    done = run(SMALL, "--ci", "--report", "github")
    assert {line.partition(" ")[0] for line in done.out.splitlines()} == {"::error", "::notice"}
    assert summary.read_text() == "before\n" + run(SMALL, "--ci", "--report", "markdown").out
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no" / "summary.md"))
    assert run(SMALL, "--report", "github").code == 2


# The gate -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ([], 1),
        (["--min-efficiency", "70%"], 0),
        (["--min-efficiency", "71%"], 1),
        (["--min-efficiency", "disabled"], 0),
        (["--min-efficiency", "0.7", "--max-wasted-bytes", "7"], 0),
        (["--min-efficiency", "0.7", "--max-wasted-bytes", "6"], 1),
        (["--min-efficiency", "0.7", "--max-wasted-percent", "30%"], 0),
        (["--min-efficiency", "0.7", "--max-wasted-percent", "29%"], 1),
        (["--min-efficiency", "1", "--min-efficiency", "0"], 0),  # the last one counts
        (["--min-efficiency=0.7", "--ci"], 0),
    ],
)
def test_the_gate(run: Run, limits: list[str], code: int) -> None:
    done = run(SMALL, "--ci", *limits)
    assert (done.code, done.err) == (code, "")
    assert f"\n{'FAIL' if code else 'PASS'}: " in done.out


def test_the_gate_and_a_report_in_a_file(run: Run, tmp_path: Path) -> None:
    alone = run(SMALL, "--ci")
    done = run(SMALL, "--ci", "--json", str(tmp_path / "report.json"))
    assert done == alone
    assert json.loads((tmp_path / "report.json").read_text())["totals"]["wasted_bytes"] == 7


@pytest.mark.parametrize("option", ["--json", "--dive-json"])
def test_the_gate_and_a_report_on_standard_output(run: Run, option: str) -> None:
    alone = run(SMALL, "--ci")
    done = run(SMALL, "--ci", option, "-")
    assert (done.code, done.err) == (1, alone.out)
    assert done.out == run(SMALL, option, "-").out
    json.loads(done.out)


def test_a_report_that_cannot_be_written_is_no_failed_gate(run: Run, tmp_path: Path) -> None:
    done = run(SMALL, "--ci", "--json", str(tmp_path / "no" / "report.json"))
    assert (done.code, done.out) == (2, "")


# dive's gate --------------------------------------------------------------------------------------------


DIVES_TABLE = """\
dive's rules, judged by dive's figures; limits: .dive-ci, then dive's defaults

      rule                            dive        ours  limit
PASS  lowestEfficiency             70.83 %     70.83 %  ≥ 70.00 %
PASS  highestWastedBytes               7 B         7 B  ≤ 7 B
PASS  highestUserWastedPercent       100 %         0 %  ≤ 100 %

PASS: 3 passed, 0 failed, 0 skipped
"""
THREE_RULES = "rules:\n  lowestEfficiency: 0.7\n  highestWastedBytes: 7\n  highestUserWastedPercent: 1\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_dive_ci_in_the_current_folder_is_judged_as_dive_does(run: Run, here: Path) -> None:
    (here / ".dive-ci").write_text(THREE_RULES)
    done = run(SMALL, "--ci")
    assert (done.code, done.err) == (0, "")
    assert done.out.partition("\n\n")[2] == DIVES_TABLE


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--lowestEfficiency", "0.8"], 1),
        (["--highestWastedBytes", "6"], 1),
        (["--highestUserWastedPercent=disabled"], 0),
        (["--max-wasted-bytes", "6"], 1),
        (["--min-efficiency", "0.7"], 0),
    ],
)
def test_flags_beside_a_dive_ci(run: Run, here: Path, options: list[str], code: int) -> None:
    (here / ".dive-ci").write_text(THREE_RULES)
    assert run(SMALL, "--ci", *options).code == code


def test_one_flag_of_dive_brings_its_other_rules_with_their_defaults(run: Run, here: Path) -> None:
    assert run(SMALL, "--ci", "--lowestEfficiency", "0.7").code == 1
    assert run(SMALL, "--ci", "--lowestEfficiency", "0.7", "--highestUserWastedPercent", "1").code == 0


def test_limits_in_a_file_of_another_name(run: Run, here: Path) -> None:
    (here / "limits.yml").write_text(THREE_RULES)
    assert run(SMALL, "--ci", "--ci-config", "limits.yml").code == 0
    assert run(SMALL, "--ci").code == 1


def test_a_saved_report_is_judged_by_the_figures_it_has(run: Run, here: Path) -> None:
    assert run(SMALL, "--json", "report.json").code == 0
    (here / ".dive-ci").write_text(THREE_RULES)
    assert run("report.json", "--ci").out.partition("\n\n")[2] == DIVES_TABLE


def test_where_ours_would_fail_and_dives_passes_the_table_says_so(run: Run, here: Path) -> None:
    (here / ".dive-ci").touch()
    Path("image.tar").write_bytes(
        docker_archive(
            Image([layer(file("base", b"b" * 90)), layer(file("a/b", b"a" * 60)), layer(whiteout("a"))])
        )
    )
    done = run("image.tar", "--ci")
    assert done.code == 0
    assert done.out.endswith("""
PASS  lowestEfficiency               100 %     60.00 %  ≥ 90.00 %
SKIP  highestWastedBytes               0 B        60 B  disabled
PASS  highestUserWastedPercent         0 %       100 %  ≤ 10.00 %

By ours these would fail: lowestEfficiency, highestUserWastedPercent
  dive counts less: nothing, for one, of a directory that is removed later

PASS: 2 passed, 0 failed, 1 skipped
""")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules: [", ".dive-ci, line 1: this is no YAML: "),
        ("rules:\n  lowestEfficiency: 95%", ".dive-ci: rules.lowestEfficiency: '95%' is neither a fraction"),
        (
            "rules:\n  highestWastedBytes: -1BB",
            ".dive-ci: rules.highestWastedBytes: '-1BB' is neither a size",
        ),
        ('rules:\n  highestWastedBytes: "\\e[31m"', r".dive-ci: rules.highestWastedBytes: '\x1b[31m' is"),
    ],
)
def test_limits_that_mean_nothing_are_said_before_the_image_is_read(
    run: Run, here: Path, text: str, message: str
) -> None:
    (here / ".dive-ci").write_text(text)
    done = run("no-such-image.tar", "--ci")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"layerscope: {message}")


def test_a_flag_of_dive_that_means_nothing(run: Run) -> None:
    done = run(SMALL, "--ci", "--lowestEfficiency", "95%")
    message = "'95%' is neither a fraction from 0 to 1 (0.95) nor 'disabled'"
    lines = (
        f"layerscope: Invalid value for '--lowestEfficiency': {message}\n  layerscope --help tells more.\n"
    )
    assert done == Done(2, "", lines)


def test_what_is_no_rule_of_dive_is_passed_over_and_said(run: Run, here: Path) -> None:
    (here / ".dive-ci").write_text(THREE_RULES + '  lowest-efficiency: 1\n  "a\\nb": 2\n')
    done = run(SMALL, "--ci")
    assert done.code == 0
    assert done.err == "layerscope: .dive-ci: dive has no such rules: lowest-efficiency, a\\nb\n"


@pytest.mark.parametrize(
    "option", ["--ci-config", "--lowestEfficiency", "--highestWastedBytes", "--highestUserWastedPercent"]
)
def test_limits_of_dive_need_a_gate(run: Run, option: str) -> None:
    assert run(SMALL, option, "1").err.startswith(f"layerscope: {option} needs --ci\n")


@pytest.mark.parametrize("value", ["1", "t", "T", "true", "TRUE", "True"])
def test_an_environment_that_says_ci_makes_a_gate(
    run: Run, here: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("CI", value)
    assert run(SMALL).code == 1
    assert run(SMALL, "--min-efficiency", "0.7").code == 0


@pytest.mark.parametrize("value", ["", "0", "false", "yes", "TrUe", "woodpecker"])
def test_another_word_for_ci_makes_none(run: Run, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CI", value)
    assert run(SMALL).out.splitlines()[2].startswith("  efficiency")


def test_behind_a_browser_the_environment_makes_no_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("TEXTUAL_DRIVER", "a.driver:Driver")
    assert not terminal.is_pipeline()


def test_a_report_that_was_asked_for_is_no_gate_because_of_the_environment(
    run: Run, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with dive: where `--json` is asked for, CI=true judges nothing."""
    monkeypatch.setenv("CI", "true")
    assert [run(SMALL, *options).code for options in (["--json", "r"], ["--dive-json", "d"], ["--text"])] == [
        0
    ] * 3
    assert run(SMALL, "--json", "r", "--ci").code == 1
    assert run(SMALL, "--json", "r", "--min-efficiency", "0.7").code == 2


# Which image --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "live"),
    [(["--image", "example:latest"], 17), (["--image", "0"], 17), (["--image", "1"], 22)],
)
def test_one_of_several_images(run: Run, options: list[str], live: int) -> None:
    assert json.loads(run(SEVERAL, *options, "--json", "-").out)["totals"]["live_bytes"] == live


def test_several_images_and_none_was_named(run: Run) -> None:
    assert run(SEVERAL) == Done(
        2,
        "",
        f"layerscope: {SEVERAL} holds 2 images\n"
        "  Choose one with --image TAG or --image NUMBER:\n"
        "    0  example:latest\n"
        "    1  other:1.0, other:latest\n",
    )


def test_an_image_that_is_not_there(run: Run) -> None:
    done = run(SEVERAL, "--image", "2")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"layerscope: {SEVERAL} holds no image 2\n  --image takes one of these")


@pytest.mark.parametrize("name", ["example:latest", "example", "0"])
def test_the_only_image_may_be_named(run: Run, name: str) -> None:
    assert run(SMALL, "--image", name).code == 0


def test_the_only_image_may_not_be_misnamed(run: Run) -> None:
    assert run(SMALL, "--image", "other:1.0").code == 2


def test_a_platform(run: Run) -> None:
    several = str(ARCHIVES / "oci-platforms.tar")
    assert (
        json.loads(run(several, "--platform", "linux/arm64", "--json", "-").out)["totals"]["live_bytes"] == 3
    )
    assert run(SMALL, "--platform", "linux/amd64").code == 0


@pytest.mark.parametrize("archive", ["oci-platforms.tar", "docker-25.tar", "oci-gzip.tar"])
def test_a_platform_that_is_not_there(run: Run, archive: str) -> None:
    done = run(str(ARCHIVES / archive), "--platform", "plan9/mips")
    assert (done.code, done.out) == (2, "")
    assert re.match(r"layerscope: \S+ holds no image for plan9/mips\n  .*linux/amd64", done.err, re.DOTALL)


# What cannot be done ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "IMAGE is missing"),
        (["--ci"], "IMAGE is missing"),
        (["--serve", "0"], "IMAGE is missing"),
        ([""], "Invalid value for '[IMAGE]...': it is empty"),
        ([SMALL, "--json", ""], "Invalid value for '--json': it is empty"),
        ([SMALL, "--dive-json", ""], "Invalid value for '--dive-json': it is empty"),
        ([SMALL, "--image", ""], "Invalid value for '--image': it is empty"),
        ([SMALL, "--platform", ""], "Invalid value for '--platform': it is empty"),
        ([SMALL, "--ci", "--min-efficiency", ""], "Invalid value for '--min-efficiency': '' is neither"),
        (
            [SMALL, "--ci", "--min-efficiency", "95"],
            "Invalid value for '--min-efficiency': '95' is more than",
        ),
        (
            [SMALL, "--ci", "--max-wasted-bytes", "5%"],
            "Invalid value for '--max-wasted-bytes': '5%' is neither",
        ),
        (
            [SMALL, "--ci", "--max-wasted-percent", "5"],
            "Invalid value for '--max-wasted-percent': '5' is more",
        ),
        ([SMALL, "--min-efficiency", "0.5"], "--min-efficiency needs --ci"),
        ([SMALL, "--max-wasted-bytes", "5"], "--max-wasted-bytes needs --ci"),
        ([SMALL, "--max-wasted-percent", "5%", "--json", "-"], "--max-wasted-percent needs --ci"),
        ([SMALL, "--entries"], "--entries needs --json"),
        ([SMALL, "--json", "-", "--dive-json", "-"], "cannot both write to standard output"),
        ([SMALL, "--json", "x.json", "--dive-json", "./x.json"], "cannot both write to x.json"),
        (
            [SMALL, "--report", "pdf"],
            "'pdf' is no format: text, advice, packages, json, dive-json, markdown, html, sarif, junit, "
            "gitlab, github, openmetrics, ncdu, folded, csv",
        ),
        ([SMALL, "--report", ""], "Invalid value for '--report': '' is no format"),
        ([SMALL, "--report", "text="], "Invalid value for '--report': the file of text is empty"),
        ([SMALL, "--report", "junit"], "--report junit needs --ci"),
        ([SMALL, "--report", "text", "--entries"], "--entries needs --json"),
        (
            [SMALL, "--report", "text", "--report", "markdown=-"],
            "--report text and --report markdown cannot both write to standard output",
        ),
        (
            [SMALL, "--json", "-", "--report", "json"],
            "--json and --report json cannot both write to standard output",
        ),
        (
            [SMALL, "--dive-json", "x", "--report", "json=./x"],
            "--dive-json and --report json cannot both write to x",
        ),
        ([SMALL, "--serve", "--report", "text"], "it goes with no report and no gate"),
        ([SMALL, "--report", f"text={SMALL}"], "is what is to be read: a report would take its place"),
        ([SMALL, "--json", SMALL], "is what is to be read: a report would take its place"),
        ([SMALL, SMALL, "--json", "-"], "--json holds one image: put {} into the name of its file"),
        ([SMALL, SMALL, "--report", "html=x"], "--report html holds one image: put {} into the name"),
        ([SMALL, SMALL, "--baseline", "x"], "--baseline is of one image: name it in layerscope.toml"),
        ([SMALL, SMALL, "--image", "0"], "--image picks one of an archive's images"),
        ([SMALL, SMALL, "--serve"], "--serve shows one image"),
        (["-", "-"], "standard input holds one image"),
        ([SMALL, "--config", "x"], "--config needs --ci"),
        ([SMALL, "--take", "apt-cache", "--text"], "--take needs --report advice"),
        ([SMALL, "--take", "apt-cach", "--report", "advice"], "there is no finding 'apt-cach'"),
        ([SMALL, "--rule", "max-layers=5"], "--rule needs --ci"),
        ([SMALL, "--ci", "--rule", "max-layers"], "'max-layers' is no NAME=LIMIT"),
        ([SMALL, "--ci", "--rule", "max-lairs=5"], "there is no rule 'max-lairs'; there are min-efficiency,"),
        ([SMALL, "--ci", "--rule", "max-layers=0"], "'0' is no limit of max-layers, which is a whole number"),
        ([SMALL, "--ci", "--rule", "no-setuid=yes"], 'which is "fail", "warn" or "off"'),
        ([SMALL, "--ci", "--rule", "max-stored-growth=5%, 6%"], "says two things at once"),
        ([SMALL, "--jsn", "x"], "No such option"),
        ([SMALL, "--image"], "Option '--image' requires an argument"),
        ([SMALL, "--ci=yes"], "'--ci' does not take a value"),
        ([SMALL, "--pull", "often"], "Invalid value for '--pull': 'often' is not one of"),
    ],
)
def test_wrong_usage_is_one_sentence_and_a_hint(run: Run, arguments: list[str], message: str) -> None:
    done = run(*arguments)
    first, *hints = done.err.splitlines()
    assert (done.code, done.out) == (2, "")
    assert first.startswith("layerscope: ")
    assert message in first
    assert hints == ["  layerscope --help tells more."]


def test_what_a_limit_may_be_is_said(run: Run) -> None:
    assert (
        "a fraction (0.95), nor a percentage (95%), nor 'disabled'" in run(SMALL, "--min-efficiency", "x").err
    )
    assert "a size (20MB, 20MiB, 1.5GB, 4096) nor 'disabled'" in run(SMALL, "--max-wasted-bytes", "x").err
    assert "did you mean 5%?" in run(SMALL, "--max-wasted-percent", "5").err


def test_an_image_in_the_place_of_its_report_stays(run: Run, tmp_path: Path) -> None:
    copied = tmp_path / "image.tar"
    shutil.copyfile(SMALL, copied)
    (tmp_path / "link.json").symlink_to(copied)
    for target in (copied, tmp_path / "." / "image.tar", tmp_path / "link.json"):
        assert run(str(copied), "--json", str(target)).code == 2
    assert copied.read_bytes() == Path(SMALL).read_bytes()


@pytest.mark.parametrize(
    ("archive", "message"),
    [
        ("no-such-file", "there is no file or directory no-such-file"),
        (str(ARCHIVES / "hostile-text.tar"), "is no image archive"),
        (str(ARCHIVES / "hostile-truncated.tar"), "cut off"),
        (str(ARCHIVES / "hostile-squashfs.tar"), "squashfs"),
    ],
)
def test_an_image_that_cannot_be_read_is_one_sentence_and_no_figures(
    run: Run, archive: str, message: str
) -> None:
    for options in ([], ["--ci"], ["--json", "-"], ["--dive-json", "-"]):
        done = run(archive, *options)
        first, *hints = done.err.splitlines()
        assert (done.code, done.out) == (2, "")
        assert first.startswith("layerscope: ")
        assert message in first
        assert all(hint.startswith("  ") for hint in hints)


def test_debug_shows_the_traceback_too(run: Run) -> None:
    brief, long = run("no-such-file"), run("no-such-file", "--debug")
    assert "Traceback" not in brief.err
    assert long.err.startswith("Traceback (most recent call last):\n  File ")
    assert "layerscope.errors.SourceError: there is no file" in long.err
    assert long.err.endswith(brief.err)
    assert long.code == brief.code == 2


def test_what_should_not_happen_is_said_in_one_sentence_too(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a\nb\x1b[31m")

    monkeypatch.setattr("layerscope.analysis.analyze.analyze", fail)
    assert run(SMALL, "--ci") == Done(
        2,
        "",
        r"layerscope: this should not have happened (ZeroDivisionError: a\nb\x1b[31m)"
        "\n  Run it again with --debug.\n",
    )
    traceback = run(SMALL, "--ci", "--debug").err
    assert "\nZeroDivisionError: a\\nb\\x1b[31m\n" in traceback
    assert has_no_control_characters(traceback)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (MemoryError(), 2, "layerscope: this image takes more memory than there is\n"),
        (
            OSError(5, "Input/output error"),
            2,
            "layerscope: the system refused: [Errno 5] Input/output error\n",
        ),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 2, ""),
    ],
)
def test_what_the_system_does_to_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, message: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("layerscope.analysis.analyze.analyze", fail)
    assert run(SMALL, "--ci") == Done(code, "", message)


HOSTILE = "\x1b[31mevil\u202e\n::error::owned"


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_names_from_an_image_are_harmless_in_every_report(run: Run, tmp_path: Path, name: str) -> None:
    hostile = HOSTILE + "]]></details><script>`@x`|y\x0b"
    archive = tmp_path / "image.tar"
    one = Image(
        [layer(file(hostile, b"x")), layer(file(hostile, b"yy"))], tags=[hostile], history=[step(hostile)]
    )
    archive.write_bytes(docker_archive(one, style="plain"))
    shown = run(str(archive), "--ci", "--report", name).out
    assert has_no_control_characters(shown) or name == "dive-json"  # whose bytes are those of dive
    assert not any(re.match(r"\s*::[^:]*::", line) for line in shown.split("\n")) or name == "github"
    assert "##[" not in shown or name == "dive-json"
    assert not any(line.startswith("::error::") for line in shown.split("\n"))
    if name in ("markdown", "junit"):
        assert "<script>" not in shown
        assert "]]>" not in shown


@pytest.mark.parametrize("options", [[], ["--debug"], ["--image", "0"], ["--image", "0", "--ci"]])
def test_names_from_an_image_reach_the_terminal_escaped(run: Run, tmp_path: Path, options: list[str]) -> None:
    archive = tmp_path / "image.tar"
    one = Image(
        [layer(file(HOSTILE, b"x")), layer(file(HOSTILE, b"yy"))], tags=[HOSTILE], history=[step(HOSTILE)]
    )
    archive.write_bytes(docker_archive(one, Image([layer()], tags=["b"]), style="plain"))
    done = run(str(archive), *options)
    shown = done.out + done.err
    assert r"\x1b[31mevil\u202e\n::error::owned" in shown
    assert has_no_control_characters(shown)
    assert not any(line.lstrip().startswith("::") for line in shown.splitlines())


# Pipes and terminals ------------------------------------------------------------------------------------


def test_a_pipe_gets_no_control_characters() -> None:
    lively = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "CI": ""}
    for options in ([], ["--ci"], ["--json", "-"], ["--dive-json", "-"]):
        done = spawn(SMALL, *options, environment=lively)
        assert has_no_control_characters(done.stdout.decode())
        assert done.stderr == b""


@needs_unix
@pytest.mark.parametrize("options", ["", "--ci", "--json - --entries", "--dive-json -", "--help"])
def test_a_reader_that_leaves_is_no_error(options: str) -> None:
    command = f"{shlex.join(COMMAND)} {shlex.quote(DEMO)} {options}"
    script = f"({command}; echo $? >&2) | head -c 1 > /dev/null; sleep 0.01"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr in ("0\n", "1\n", "2\n")


@needs_unix
@pytest.mark.parametrize(
    "options", [[], ["--ci", "--min-efficiency", "0"], ["--json", "-"], ["--dive-json", "-"]]
)
def test_a_reader_that_has_left_before_means_that_it_could_not_run(options: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as out:
        done = subprocess.run(
            [*COMMAND, DEMO, *options], stdout=out, stderr=subprocess.PIPE, check=False, timeout=60
        )
    assert (done.returncode, done.stderr) == (2, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("options", [[], ["--ci"], ["--json", "-"], ["--dive-json", "-"]])
def test_a_full_disk_behind_standard_output(options: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, DEMO, *options], stdout=full, stderr=subprocess.PIPE, check=False, timeout=60
        )
    assert done.returncode == 2
    assert re.fullmatch(rb"layerscope: .*No space left on device\n", done.stderr)


@needs_unix
@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ("--ci", 1, ""),
        ("--ci 2>&-", 1, ""),
        ("--image x 2>&-", 2, ""),
        ("--json report.json", 0, ""),
        ("--json -", 2, "layerscope: standard output cannot be written: Bad file descriptor\n"),
    ],
)
def test_standard_output_closed_before(tmp_path: Path, options: str, code: int, message: str) -> None:
    script = f"{shlex.join(COMMAND)} {shlex.quote(DEMO)} {options} >&-"
    done = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (code, message)


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ],
    ids=str,
)
def test_an_output_without_unicode(environment: Mapping[str, str]) -> None:
    archive = str(ARCHIVES / "tar-pax-unicode.tar.gz")
    summary = spawn(archive, "--image", "0", environment=environment)
    assert (summary.returncode, summary.stderr) == (0, b"")
    assert summary.stdout.isascii()
    wrong = spawn(archive, "--image", "x漢", environment=environment)
    assert wrong.returncode == 2
    assert b"holds no image x" in wrong.stderr
    gate = spawn(archive, "--ci", "--dive-json", "-", environment=environment)
    assert b">= 90.00 %" in gate.stderr
    assert "ünï/日本語" in gate.stdout.decode("utf-8")  # a report is UTF-8 whatever the terminal speaks


def test_the_width_is_that_of_columns_or_100_in_a_pipe() -> None:
    def widest(environment: Mapping[str, str]) -> int:
        return max(map(len, spawn(DEMO, environment=environment).stdout.decode().splitlines()))

    assert widest({"COLUMNS": ""}) == 100
    assert widest({"COLUMNS": "64"}) == 64
    assert widest({"COLUMNS": "7"}) == 40
    assert widest({"COLUMNS": "wide"}) == 100


if os.name != "nt":
    import pty
    import struct
    import termios
    from fcntl import ioctl

SLOWLY = "from layerscope import cli, progress; progress._PATIENCE = {patience}; cli.main()"


def in_terminal(*arguments: str, patience: float, environment: Mapping[str, str], columns: int = 80) -> str:
    """What a terminal on standard error shows while an archive trickles in on standard input."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-c", SLOWLY.format(patience=patience), *arguments],
        env={**os.environ, "TERM": "xterm", "CI": "", "COLUMNS": "", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        os.set_blocking(ours, False)
        assert process.stdin is not None
        shown = b""
        archive = Path(SMALL).read_bytes()
        for at in range(0, len(archive), 512):
            process.stdin.write(archive[at : at + 512])
            process.stdin.flush()
            until = time.monotonic() + 0.15
            while patience and b"reading" not in shown and time.monotonic() < until:
                with contextlib.suppress(BlockingIOError):
                    shown += os.read(ours, 65536)
                time.sleep(0.01)
        process.stdin.close()
        process.wait(30)
        with contextlib.suppress(OSError):
            while chunk := os.read(ours, 65536):
                shown += chunk
        os.close(ours)
    assert process.returncode == 0
    return shown.decode()


@needs_unix
def test_a_terminal_shows_the_progress_after_a_second_and_keeps_nothing_of_it() -> None:
    begin = time.monotonic()
    shown = in_terminal("-", "--json", os.devnull, patience=1.0, environment={})
    assert time.monotonic() - begin > 1
    assert re.match(r"\rreading  [\d.]+ k?B  [\d.]+ k?B/s\x1b\[K", shown)
    assert shown.endswith("\r\x1b[K")


@needs_unix
@pytest.mark.parametrize(
    ("environment", "is_shown"),
    [
        ({"NO_COLOR": "1"}, True),  # it has no colour
        ({"CI": "false"}, True),
        ({"CI": "true"}, False),
        ({"CI": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
    ids=str,
)
def test_where_progress_is_shown(environment: Mapping[str, str], is_shown: bool) -> None:
    shown = in_terminal("-", "--json", os.devnull, patience=0, environment=environment)
    assert ("reading" in shown) is is_shown
    assert is_shown or shown == ""
    assert "\x1b[3" not in shown


@needs_unix
def test_a_fast_run_shows_no_progress_in_a_terminal() -> None:
    ours, theirs = pty.openpty()
    subprocess.run(
        [*COMMAND, SMALL, "--json", os.devnull],
        env={**os.environ, "TERM": "xterm", "CI": ""},
        stderr=theirs,
        check=True,
        timeout=60,
    )
    os.close(theirs)
    os.set_blocking(ours, False)
    with contextlib.suppress(OSError):
        assert os.read(ours, 100) == b""
    os.close(ours)


# Signals ------------------------------------------------------------------------------------------------

BEGINNING = Path(DEMO).read_bytes()[:1_000_000]
"""More than a pipe holds: once it is written, the command is reading."""


@needs_unix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_run_that_waits_for_its_input(tmp_path: Path, number: signal.Signals) -> None:
    target = tmp_path / "report.json"
    with subprocess.Popen(
        [*COMMAND, "-", "--ci", "--json", str(target)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=usual_signals,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(BEGINNING)
        process.stdin.flush()
        process.send_signal(number)
        process.wait(30)  # though standard input stays open
        out, errors = process.communicate()
    assert process.returncode == 128 + number
    assert (out, errors) == (b"", b"")
    assert list(tmp_path.iterdir()) == []


@needs_unix
def test_nohup_is_honoured(tmp_path: Path) -> None:
    script = """if True:
        import os, signal, sys
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.execv(sys.executable, sys.argv[1:])
    """
    with subprocess.Popen(
        [sys.executable, "-c", script, *COMMAND, "-", "--json", str(tmp_path / "report.json")],
        stdin=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(BEGINNING)
        process.stdin.flush()
        process.send_signal(signal.SIGHUP)
        process.stdin.write(Path(DEMO).read_bytes()[len(BEGINNING) :])
        process.stdin.close()
        assert process.wait(30) == 0
    assert (tmp_path / "report.json").exists()


# Engines ------------------------------------------------------------------------------------------------


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    """An engine with one image, app:1, that would pull any other."""
    one = Image([layer(file("a", b"abc"))], tags=["app:1"])
    with serving(Saved.of(one, docker_archive(one))) as fake:
        monkeypatch.setenv("DOCKER_HOST", fake.url)
        fake.registry = {"new:1": Saved.of(one, docker_archive(one), ["new:1"])}
        yield fake


def test_an_image_by_name(run: Run, engine: FakeEngine) -> None:
    done = run("docker://app:1")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("docker://app:1  app:1  linux/amd64\n")
    assert run("docker://app:1", "--spool").out == done.out


@pytest.mark.parametrize(
    ("options", "terminal", "pulls"),
    [
        ([], False, 0),
        ([], True, 1),
        (["--ci"], True, 0),
        (["--pull", "missing"], False, 1),
        (["--ci", "--pull", "missing"], False, 1),
        (["--pull", "never"], True, 0),
    ],
)
def test_an_image_that_is_missing_is_pulled_where_somebody_looks_or_asks_for_it(
    run: Run,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    terminal: bool,
    pulls: int,
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    assert run("docker://new:1", *options).code == (0 if pulls else 2)
    assert engine.requests.count("POST /v1.41/images/create") == pulls


# Help ---------------------------------------------------------------------------------------------------


@pytest.fixture
def help_text(run: Run) -> str:
    done = run("--help")
    assert (done.code, done.err) == (0, "")
    return done.out


def test_help_mentions_every_option_and_what_it_is_for(help_text: str) -> None:
    options = [option for option in cli.command.params if option.name != "references"]
    assert len(options) >= 20
    for option in options:
        name = max(option.opts, key=len)
        assert re.search(rf"^  (?:-\w, )?{name}\b.*(?:\n +)?.*  [A-Z]\w+", help_text, re.MULTILINE), name


def test_help_fits_100_columns(help_text: str) -> None:
    assert max(map(len, help_text.splitlines())) <= 100


def test_help_is_had_in_two_ways(run: Run, help_text: str) -> None:
    assert run("-h") == run("--help", "no-such-file") == Done(0, help_text, "")


@needs_unix
def test_the_examples_of_help_run(help_text: str, tmp_path: Path) -> None:
    examples = re.findall(r"^  (.*\blayerscope .+)$", help_text.partition("Examples:")[2], re.MULTILINE)
    examples = [example for example in examples if "COMPLETE" not in example]
    assert len(examples) == 19
    tools = tmp_path / "bin"
    tools.mkdir()
    one = Image([layer(file("a", b"x"))], tags=["myapp:1"], platform="linux/arm64")
    saved = Saved.of(one, docker_archive(one), ["myapp:1"])
    for name, script in (
        ("docker", f'[ "$1" = save ] && exec cat {shlex.quote(DEMO)}; echo {saved.id} > "$3"'),
        ("layerscope", f'{shlex.join(COMMAND)} "$@"'),
    ):
        (tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (tools / name).chmod(0o755)
    shutil.copyfile(SMALL, tmp_path / "image.tar")
    write_layout(tmp_path / "oci-layout", oci_files(one))
    for name in ("app.tar", "worker.tar"):
        shutil.copyfile(SMALL, tmp_path / name)
    assert cli.run([SMALL, "--json", str(tmp_path / "main.json"), "--entries"]) == 0
    (tmp_path / "archive.tar").write_bytes(docker_archive(one, Image([layer()], tags=["other:1"])))
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    with serving(saved) as engine:
        environment["DOCKER_HOST"] = engine.url
        for example in examples:
            done = subprocess.run(
                example,
                shell=True,
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                check=False,
                timeout=60,
            )
            fails = "--ci" in example and "build" not in example
            assert done.returncode == (1 if fails else 0), example
            assert done.stderr == b"" or "init" in example, example
    assert (tmp_path / "report.json").exists()


def test_help_tells_the_exit_codes(help_text: str) -> None:
    assert "Exit codes: 0 fine or gate passed, 1 the gate failed, 2 it could not run." in help_text


def test_the_version(run: Run) -> None:
    assert run("--version") == Done(0, f"layerscope {__version__}\n", "")


@pytest.mark.parametrize(
    ("words", "completed"),
    [("--js", "plain,--json"), ("--max-wasted-p", "plain,--max-wasted-percent"), ("image", "file,image")],
)
def test_completion(words: str, completed: str) -> None:
    asked = {
        "_LAYERSCOPE_COMPLETE": "bash_complete",
        "COMP_WORDS": f"layerscope {words}",
        "COMP_CWORD": "1",
    }
    assert completed in spawn(environment=asked).stdout.decode().splitlines()


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_completion_script_of_help_is_one() -> None:
    script = spawn(environment={"_LAYERSCOPE_COMPLETE": "bash_source"}).stdout
    assert b"complete -o nosort -F _layerscope_completion layerscope" in script
    subprocess.run(["bash", "-n"], input=script, check=True, timeout=60)


# The explorer's options --------------------------------------------------------------------------------


def test_the_settings_file_is_printed_and_can_be_read(run: Run) -> None:
    done = run("--settings")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("# ")
    assert tomllib.loads(done.out) == {"keys": {}}
    assert '# collapse_all = ["C", "ctrl+space"]' in done.out


@pytest.mark.parametrize("options", [["--ci"], ["--text"], ["--json", "report.json"]])
def test_a_served_explorer_goes_with_no_report_and_no_gate(run: Run, options: list[str]) -> None:
    done = run("image.tar", "--serve", "0", *options)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("layerscope: --serve shows the explorer: it goes with no report and no gate\n")


def test_standard_input_cannot_be_served(run: Run) -> None:
    done = run("-", "--serve", "0")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("layerscope: standard input cannot be served")


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("0", "24 B  all layers, 7 B of it wasted"),
        ("1", "7 B  above the first layer, 0 B of it wasted"),
        ("2", "0 B  above the first 2 layers, 0 B of it wasted"),
        (SMALL, "0 B  above the first 2 layers, 0 B of it wasted"),
    ],
)
def test_where_the_base_image_ends_can_be_told(run: Run, base: str, told: str) -> None:
    assert told in run(SMALL, "--base", base).out


def test_a_base_that_the_image_was_not_built_on_is_an_error(run: Run) -> None:
    assert run(SMALL, "--base", "3").err.startswith(f"layerscope: {SMALL} has 2 layers, of which 3 cannot")
    assert run(SMALL, "--base", DEMO).err.startswith(f"layerscope: {DEMO} is not what {SMALL} was built on")
    assert run(SMALL, "--base", "").code == 2

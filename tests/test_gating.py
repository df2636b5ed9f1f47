"""The gate on the command line: rules, files, baselines and several images at once."""

import datetime
import json
import re
from pathlib import Path

import pytest

from tests.images import Image, docker_archive, file, layer, oci_archive, step, whiteout
from tests.running import Run

CLEAN = Image([layer(file("a", b"x" * 1000))], tags=["clean:1"], config={"User": "app"})
WASTEFUL = Image(
    [layer(file("a", b"x" * 1000), file("k/id_rsa", b"y" * 500)), layer(whiteout("k/id_rsa"))],
    tags=["wasteful:1"],
    history=[step("COPY . /"), step("RUN rm /k/id_rsa")],
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder of every test here, with two images."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clean.tar").write_bytes(oci_archive(CLEAN))
    (tmp_path / "wasteful.tar").write_bytes(oci_archive(WASTEFUL))
    return tmp_path


def rows(out: str) -> dict[str, str]:
    """What the table of one image says of each rule."""
    return {rule: outcome for outcome, rule in re.findall(r"(?m)^(PASS|WARN|FAIL|SKIP)  ([a-zA-Z-]+)", out)}


# Rules on the command line and in files.


@pytest.mark.parametrize(
    ("rules", "code", "outcomes"),
    [
        (["max-layers=2"], 1, {"max-layers": "PASS"}),
        (["max-layers=1"], 1, {"max-layers": "FAIL"}),
        (["min-efficiency=off"], 0, {"min-efficiency": "SKIP"}),
        (["min-efficiency=60%", "no-root-user=warn"], 0, {"no-root-user": "WARN"}),
        (["min-efficiency=60%", "no-root-user=fail"], 1, {"no-root-user": "FAIL"}),
        (["min-efficiency=60%", "forbidden-paths=*.pem,id_rsa"], 0, {"forbidden-paths": "PASS"}),
        (["min-efficiency=60%", "forbidden-paths-ever=*.pem, id_rsa"], 1, {"forbidden-paths-ever": "FAIL"}),
    ],
)
def test_rules_on_the_command_line(run: Run, rules: list[str], code: int, outcomes: dict[str, str]) -> None:
    done = run("wasteful.tar", "--ci", *(word for rule in rules for word in ("--rule", rule)))
    assert (done.code, done.err) == (code, "")
    assert rows(done.out).items() >= outcomes.items()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--ci", "--rule", "max-layers"], "Invalid value for '--rule': 'max-layers' is no NAME=LIMIT"),
        (
            ["--ci", "--rule", "max-layer=2"],
            "Invalid value for '--rule': there is no rule 'max-layer'; there are",
        ),
        (
            ["--ci", "--rule", "max-layers=0"],
            "Invalid value for '--rule': '0' is no limit of max-layers, which is",
        ),
        (["--ci", "--rule", "no-setuid=maybe"], "'maybe' is no limit of no-setuid, which is \"fail\""),
        (["--ci", "--rule", "min-efficiency=95"], "'95' is more than the whole"),
        (["--ci", "--rule", "forbidden-paths="], "'' names no path of an image"),
        (["--ci", "--rule", "max-layers=2", "--rule", "max-layers=3"], "max-layers is named twice"),
        (
            ["--ci", "--min-efficiency", "0.9", "--rule", "min-efficiency=0.8"],
            "--min-efficiency and --rule min-efficiency are one rule: give one of them",
        ),
        (["--rule", "max-layers=2"], "--rule needs --ci"),
        (["--config", "layerscope.toml"], "--config needs --ci"),
        (["--ci", "--config", "none.toml"], "there is no file none.toml with rules"),
        (["--ci", "--config", ""], "it is empty"),
        (
            ["--ci", "--rule", "max-stored-growth=1MB"],
            "max-stored-growth needs a baseline to hold clean.tar against",
        ),
        (["--ci", "--baseline", "none.json"], "none.json"),
        (["--ci", "--dockerfile", "none"], "the Dockerfile none cannot be read: No such file or directory"),
    ],
)
def test_wrong_usage_is_an_error_and_no_failed_gate(run: Run, arguments: list[str], message: str) -> None:
    done = run("clean.tar", *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


@pytest.mark.parametrize(
    ("files", "arguments", "code", "rules"),
    [
        ({"layerscope.toml": "rules.max-layers = 1"}, [], 1, ["min-efficiency", "max-layers"]),
        (
            {"layerscope.toml": "rules.max-layers = 1"},
            ["--rule", "max-layers=2", "--rule", "min-efficiency=0.5"],
            0,
            ["min-efficiency", "max-layers"],
        ),
        (
            {"pyproject.toml": "[tool.layerscope.rules]\nmax-layers = 2\nmin-efficiency = 'off'"},
            [],
            0,
            ["min-efficiency", "max-layers"],
        ),
        (
            {"layerscope.toml": "oops", "other.toml": "rules.max-wasted-percent = '50%'"},
            ["--config", "other.toml"],
            0,
            ["max-wasted-percent"],
        ),
        (
            {"layerscope.toml": "rules.max-layers = 2", ".dive-ci": "rules:\n  lowestEfficiency: 0.1\n"},
            ["--highestUserWastedPercent", "disabled"],
            0,
            ["lowestEfficiency", "highestWastedBytes", "highestUserWastedPercent", "max-layers"],
        ),
    ],
)
def test_files_of_rules(
    run: Run, here: Path, files: dict[str, str], arguments: list[str], code: int, rules: list[str]
) -> None:
    for name, text in files.items():
        (here / name).write_text(text)
    done = run("wasteful.tar", "--ci", *arguments)
    assert (done.code, list(rows(done.out))) == (code, rules)


def test_rules_in_both_files_are_an_error(run: Run, here: Path) -> None:
    (here / "layerscope.toml").write_text("")
    (here / "pyproject.toml").write_text("[tool.layerscope]")
    done = run("clean.tar", "--ci")
    assert (done.code, done.out) == (2, "")
    assert "both have rules" in done.err


def test_a_pipeline_is_a_gate_with_the_rules_of_the_folder(
    run: Run, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "layerscope.toml").write_text("rules.max-layers = 1")
    assert run("wasteful.tar").code == 0
    monkeypatch.setenv("CI", "true")
    assert run("wasteful.tar").code == 1
    assert run("wasteful.tar", "--rule", "max-layers=2", "--rule", "min-efficiency=off").code == 0


def test_the_accept_list(run: Run, here: Path) -> None:
    today = datetime.datetime.now().astimezone().date()
    yesterday = today - datetime.timedelta(days=1)
    (here / "layerscope.toml").write_text(
        "[rules]\nforbidden-paths-ever = ['id_rsa']\n"
        f"[[accept]]\npaths = '/k/**'\nreason = 'test'\nexpires = {today}\n"
        f"[[accept]]\npaths = ['*.pem', 'b']\nreason = 'test'\nexpires = '{yesterday}'\n"
        "[[accept]]\npaths = 'none'\nreason = 'test'\n"
    )
    done = run("wasteful.tar", "--ci")
    assert (done.code, rows(done.out)) == (
        0,
        {
            "min-efficiency": "PASS",
            "forbidden-paths-ever": "PASS",
            "expired-accepts": "WARN",
            "unused-accepts": "WARN",
        },
    )
    assert f"layerscope.toml: accept 2 (*.pem, b): it held until {yesterday}\n" in done.out
    assert "layerscope.toml: accept 3 (none): it accepts nothing\n" in done.out


def test_what_is_accepted_is_no_advice_with_a_gate_and_without(run: Run, here: Path) -> None:
    (here / "layerscope.toml").write_text(
        "[rules]\nmin-efficiency = 'off'\n"
        "[[accept]]\nfindings = ['root-user']\nreason = 'it needs to'\n"
        "[[accept]]\nfindings = ['apt-cache']\nreason = 'there is none'\n"
    )
    for options in ((), ("--ci",)):
        advice = run("wasteful.tar", *options, "--report", "advice=-").out
        assert "Accepted\n" in advice
        assert "it needs to\n" in advice
    done = run("wasteful.tar", "--ci")
    assert "layerscope.toml: accept 2 (apt-cache): it accepts nothing\n" in done.out
    assert "accept 1" not in done.out
    (here / "layerscope.toml").write_text("[rule]\n")
    assert "there is no key 'rule'" in run("wasteful.tar", "--text").err


def test_a_baseline_of_the_rules_can_be_saved_where_they_look_for_it(run: Run, here: Path) -> None:
    (here / "layerscope.toml").write_text("baseline = 'main.json'\n")
    assert run("wasteful.tar", "--json", "main.json", "--entries").code == 0
    assert run("wasteful.tar", "--json", "main.json", "--entries").code == 0
    assert run("wasteful.tar", "--json", "layerscope.toml").code == 2


# Baselines.


@pytest.mark.parametrize("baseline", ["clean.tar", "bare.json", "full.json"])
def test_an_image_is_held_against_a_report_or_an_image(run: Run, baseline: str) -> None:
    assert run("clean.tar", "--json", "bare.json").code == 0
    assert run("clean.tar", "--json", "full.json", "--entries").code == 0
    grown = run("wasteful.tar", "--ci", "--baseline", baseline, "--rule", "max-stored-growth=499")
    assert grown.code == 1
    assert rows(grown.out)["max-stored-growth"] == "FAIL"
    assert "Growth against " in grown.out
    allowed = ["--rule", "max-stored-growth=500", "--rule", "min-efficiency=0.5"]
    assert run("wasteful.tar", "--ci", "--baseline", baseline, *allowed).code == 0
    assert run("clean.tar", "--ci", "--baseline", baseline, "--rule", "max-stored-growth=0").code == 0


def test_a_baseline_of_the_file_is_looked_for_beside_it(run: Run, here: Path) -> None:
    (here / "ci").mkdir()
    assert run("clean.tar", "--json", "ci/main.json").code == 0
    (here / "ci" / "rules.toml").write_text('baseline = "main.json"\nrules.max-stored-growth = "40%"')
    done = run("wasteful.tar", "--ci", "--config", "ci/rules.toml", "--rule", "min-efficiency=0.5")
    assert (done.code, rows(done.out)["max-stored-growth"]) == (1, "FAIL")
    (here / "ci" / "main.json").unlink()
    assert run("clean.tar", "--ci", "--config", "ci/rules.toml").code == 2


def test_what_is_held_against_is_not_written_over(run: Run, here: Path) -> None:
    assert run("clean.tar", "--json", "main.json").code == 0
    (here / "layerscope.toml").write_text('baseline = "main.json"')
    before = (here / "main.json").read_bytes()
    for target in ("main.json", "layerscope.toml"):
        done = run("clean.tar", "--ci", "--json", target)
        assert (done.code, f"{target} is what is to be read" in done.err) == (2, True)
    assert (here / "main.json").read_bytes() == before
    done = run("wasteful.tar", "--base", "clean.tar", "--json", "clean.tar")
    assert (done.code, "clean.tar is what is to be read" in done.err) == (2, True)


def test_standard_input_holds_one_image(run: Run) -> None:
    assert "standard input holds one image" in run("-", "-", "--ci").err
    assert "standard input holds one image" in run("-", "--ci", "--baseline", "-").err
    assert "standard input holds one image" in run("-", "--base", "-").err


# Several images.


@pytest.mark.parametrize(
    ("images", "code", "words"),
    [
        (["clean.tar", "clean.tar"], 0, ["PASS", "PASS", "PASS"]),
        (["clean.tar", "wasteful.tar"], 1, ["PASS", "FAIL", "FAIL"]),
        (["wasteful.tar", "none.tar", "clean.tar"], 2, ["FAIL", "ERROR", "PASS", "FAIL"]),
        (["none.tar", "clean.tar"], 2, ["ERROR", "PASS", "FAIL"]),
        (["none.tar", "other.tar"], 2, ["ERROR", "ERROR"]),
    ],
)
def test_one_table_and_the_worst_exit_code(run: Run, images: list[str], code: int, words: list[str]) -> None:
    done = run("--ci", *images)
    assert done.code == code
    assert re.findall(r"(?m)^(PASS|WARN|FAIL|ERROR)(?= +\w+\.tar |:)", done.out)[: len(words)] == words
    assert ("layerscope: " in done.err) == ("none.tar" in images)


def test_an_image_that_cannot_be_judged_does_not_keep_the_others_from_it(run: Run, here: Path) -> None:
    (here / "old.tar").write_bytes(docker_archive(CLEAN))
    done = run("--ci", "old.tar", "clean.tar", "--rule", "max-compressed-bytes=1MB")
    assert done.code == 2
    assert re.search(r"(?m)^ERROR  old\.tar +max-compressed-bytes cannot be judged", done.out)
    assert re.search(r"(?m)^PASS   clean\.tar ", done.out)
    assert "max-compressed-bytes cannot be judged: old.tar does not tell what is pulled" in done.err
    alone = run("--ci", "old.tar", "--rule", "max-compressed-bytes=1MB")
    assert (alone.code, alone.out) == (2, "")


def test_without_entries_in_a_report_paths_are_not_judged(run: Run) -> None:
    assert run("clean.tar", "--json", "bare.json").code == 0
    done = run("--ci", "bare.json", "--rule", "forbidden-paths=*.pem")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "layerscope: forbidden-paths cannot be judged: this report was saved without entries\n"
        "  Save it again: layerscope IMAGE --json FILE --entries\n"
    )
    assert run("--ci", "bare.json", "--rule", "max-layers=1").code == 0


def test_sections_of_the_file_by_name_of_the_image(run: Run, here: Path) -> None:
    assert run("clean.tar", "--json", "main.json").code == 0
    (here / "Dockerfile").write_text("FROM scratch\nCOPY . /\nRUN rm /k/id_rsa\n")
    (here / "layerscope.toml").write_text("""
        rules = { max-layers = 1, min-efficiency = 0.5 }
        [[image]]
        match = "wasteful:*"
        rules = { max-layers = 2, max-stored-growth = "10%" }
        baseline = "main.json"
        dockerfile = "Dockerfile"
        [[image.accept]]
        paths = "other"
        reason = "test"
        """)
    done = run("--ci", "clean.tar", "wasteful.tar")
    assert done.code == 1
    assert rows(done.out) == {
        "min-efficiency": "PASS",
        "max-layers": "PASS",
        "max-stored-growth": "FAIL",
        "expired-accepts": "PASS",
        "unused-accepts": "WARN",
    }
    assert "[2] COPY . /" in done.out
    assert "layerscope.toml: image 1.accept 1 (other): it accepts nothing" in done.out


@pytest.mark.parametrize("option", ["--baseline", "--dockerfile"])
def test_what_is_of_one_image_stands_in_the_file_if_there_are_several(run: Run, option: str) -> None:
    done = run("--ci", "clean.tar", "wasteful.tar", option, "clean.tar")
    assert (done.code, f"{option} is of one image: name it in layerscope.toml" in done.err) == (2, True)


def test_reports_of_one_image_are_numbered(run: Run, here: Path) -> None:
    assert run("clean.tar", "none.tar", "wasteful.tar", "--ci", "--json", "r-{}.json").code == 2
    assert sorted(path.name for path in here.glob("r-*")) == ["r-1.json", "r-3.json"]
    stored = [
        json.loads((here / name).read_text())["totals"]["stored_bytes"] for name in ("r-1.json", "r-3.json")
    ]
    assert stored == [1000, 1500]
    done = run("clean.tar", "wasteful.tar", "--ci", "--json", "r.json")
    assert (done.code, "--json holds one image: put {} into the name" in done.err) == (2, True)
    assert run("clean.tar", "wasteful.tar", "--ci", "--report", "markdown=all.md").code == 1
    assert (here / "all.md").exists()


def test_a_numbered_report_takes_the_place_of_no_image(run: Run, here: Path) -> None:
    (here / "2.tar").write_bytes((here / "clean.tar").read_bytes())
    done = run("clean.tar", "2.tar", "--json", "{}.tar")
    assert (done.code, "2.tar is what is to be read" in done.err) == (2, True)

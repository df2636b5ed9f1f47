"""`layerscope build`: what the builder gets, what is opened, what is said where it goes wrong."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from layerscope.commands.building import dockerfile_of, values_of

from tests.images import Image, docker_archive, file, layer
from tests.loader.fake_engine import FakeEngine, Saved, made_up_id, serving
from tests.signals import usual_signals
from tests.terminals import terminal

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the builder is a script, the engine a Unix socket")

ONE = Image([layer(file("a", b"abc")), layer(file("a", b"xyz"))], tags=["app:1"])  # 3 of 6 bytes live
BUILT = Saved.of(ONE, docker_archive(ONE))
OTHER_IMAGE = Image([layer(file("b", b"b"))], tags=["app:1"])
OTHER = Saved.of(OTHER_IMAGE, docker_archive(OTHER_IMAGE))
COMMAND = (sys.executable, "-m", "layerscope")
BUILDER = """#!{python}
import json, os, signal, sys, time
from pathlib import Path
folder = Path({folder!r})
arguments = sys.argv[1:]
(folder / "asked").write_text(json.dumps([os.path.basename(sys.argv[0]), *arguments]))
idfile = Path(arguments[arguments.index("--iidfile") + 1])
print("Step 1/1", flush=True)
print("building", file=sys.stderr, flush=True)
{does}
"""
WRITES_ID = f"idfile.write_text({BUILT.id!r})"


class Bench(NamedTuple):
    """A place to build in."""

    folder: Path
    engine: FakeEngine
    environment: dict[str, str]

    def install(self, does: str = WRITES_ID, name: str = "docker") -> None:
        """Put a builder on PATH."""
        path = self.folder / "bin" / name
        path.write_text(BUILDER.format(python=sys.executable, folder=str(self.folder), does=does))
        path.chmod(0o755)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """`layerscope build …`; nothing may be left in the temporary folder."""
        done = subprocess.run(
            [*COMMAND, "build", *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert self.left() == []
        return done

    def asked(self) -> list[str]:
        """The words of the builder's command line, the file for the id left out."""
        words: list[str] = json.loads((self.folder / "asked").read_text())
        at = words.index("--iidfile")
        return words[:at] + words[at + 2 :]

    def left(self) -> list[Path]:
        return list((self.folder / "scratch").iterdir())


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Without a builder, and with an engine that has what the usual one builds."""
    for name in ("bin", "scratch"):
        (tmp_path / name).mkdir()
    with serving(BUILT) as engine:
        yield Bench(
            tmp_path,
            engine,
            {
                **{name: value for name, value in os.environ.items() if name != "CI"},
                "PATH": str(tmp_path / "bin"),
                "TMPDIR": str(tmp_path / "scratch"),
                "DOCKER_HOST": engine.url,
                "CONTAINER_HOST": "unix:///nowhere",
                "COLUMNS": "100",
            },
        )


# What the builder gets ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "builders"),
    [
        (["."], ["."]),
        (["-t", "app:1", "-f", "x", "."], ["-t", "app:1", "-f", "x", "."]),
        (
            ["--no-cache", "--pull", "--platform", "a/b", "."],
            ["--no-cache", "--pull", "--platform", "a/b", "."],
        ),
        (["--", "."], ["."]),
        (["--text", "--verify", "--no-cache", "--", "--no-cache", "."], ["--no-cache", "."]),
        (["--text", "--", "--build-arg", "--ci", "--", "."], ["--build-arg", "--ci", "--", "."]),
    ],
)
def test_the_builder_gets_what_is_its_own(bench: Bench, given: list[str], builders: list[str]) -> None:
    bench.install()
    done = bench.run(*given)
    assert bench.asked() == ["docker", "build", *builders]
    assert (done.returncode, done.stderr) == (0, "building\n")
    assert done.stdout.startswith("Step 1/1\ndocker://")


@pytest.mark.parametrize(
    "option", ["--ci", "--min-efficiency=95%", "--json", "--dive-json", "--text", "--verify", "--engine"]
)
def test_an_option_of_ours_among_the_builders_is_said_before_anything_is_built(
    bench: Bench, option: str
) -> None:
    bench.install()
    done = bench.run("-t", "app", option, "x", ".")
    name = option.partition("=")[0]
    assert done.returncode == 2
    assert done.stderr == (
        f"layerscope: {name} is layerscope's: put -- between layerscope's options and the build's\n"
        "  layerscope build --help tells more.\n"
    )
    assert not (bench.folder / "asked").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "Missing argument 'ARGS...'"),
        (["--ci", "--"], "Missing argument 'ARGS...'"),
        (["--min-efficiency", "1", "--", "."], "--min-efficiency needs --ci"),
        (["--image", "x", "--", "."], "No such option"),
        (["--serve", "0", "--ci", "--", "."], "--serve shows the explorer"),
        (["--engine", "kaniko", "--", "."], "Invalid value for '--engine'"),
    ],
)
def test_wrong_usage_builds_nothing(bench: Bench, given: list[str], message: str) -> None:
    bench.install()
    done = bench.run(*given)
    assert done.returncode == 2
    assert done.stderr.startswith(f"layerscope: {message}")
    assert done.stderr.endswith("  layerscope build --help tells more.\n")
    assert not (bench.folder / "asked").exists()


def test_docker_builds_if_it_is_there_else_podman_or_the_one_that_is_named(bench: Bench) -> None:
    bench.install(name="podman")
    assert bench.run(".").returncode == 2  # this Podman does not answer
    assert bench.asked()[0] == "podman"
    bench.install(name="docker")
    assert bench.run(".").returncode == 0
    assert bench.asked()[0] == "docker"
    bench.run("--engine", "podman", "--", ".")
    assert bench.asked()[0] == "podman"


def test_without_a_builder(bench: Bench) -> None:
    hint = "  Build elsewhere, and open the archive: layerscope FILE\n"
    for given, said in (
        (["."], "there is neither a command docker nor podman to build with"),
        (["--engine", "podman", "--", "."], "there is no command podman to build with"),
    ):
        done = bench.run(*given)
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"layerscope: {said}\n{hint}")


# What is opened -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "reference"),
    [
        ([], f"docker://{BUILT.id}"),
        (["-t", "app:1"], "docker://app:1"),
        (["--tag=app:1"], "docker://app:1"),
        (["-t", "gone:1", "-t", "app:1"], "docker://app:1"),
        (["-t", "moved:1"], f"docker://{BUILT.id}"),  # means another image by now
        (["-t", "no\x1b[31m name"], f"docker://{BUILT.id}"),
    ],
)
def test_the_image_is_opened_by_a_name_it_was_given_or_else_by_its_id(
    bench: Bench, names: list[str], reference: str
) -> None:
    bench.install()
    bench.engine.images.append(replace(OTHER, tags=["moved:1"]))
    done = bench.run(*names, ".")
    assert (done.returncode, done.stderr) == (0, "building\n")
    assert done.stdout.splitlines()[1] == f"{reference}  app:1  linux/amd64"


@pytest.mark.parametrize(("limit", "code"), [("50%", 0), ("51%", 1)])
def test_the_gate(bench: Bench, limit: str, code: int) -> None:
    bench.install()
    done = bench.run("--ci", "--min-efficiency", limit, "--", "-t", "app:1", ".")
    assert (done.returncode, done.stderr) == (code, "building\n")
    assert f"\n{'FAIL' if code else 'PASS'}: " in done.stdout


def test_wrong_limits_are_said_before_anything_is_built(bench: Bench) -> None:
    bench.install()
    limits = bench.folder / "limits"
    limits.write_text("rules: {lowestEfficiency: much}")
    done = bench.run("--ci", "--ci-config", str(limits), "--", ".")
    assert done.returncode == 2
    assert "much" in done.stderr
    assert "building" not in done.stderr


@pytest.mark.parametrize("option", ["--json", "--dive-json"])
def test_a_report_on_standard_output_has_it_for_itself(bench: Bench, option: str) -> None:
    bench.install()
    done = bench.run(option, "-", "--", ".")
    assert (done.returncode, done.stderr) == (0, "Step 1/1\nbuilding\n")
    json.loads(done.stdout)


def test_a_report_in_a_file(bench: Bench) -> None:
    bench.install()
    done = bench.run("--json", "report.json", "--", ".")
    assert (done.returncode, done.stdout) == (0, "Step 1/1\n")
    assert json.loads((bench.folder / "report.json").read_text())["totals"]["live_bytes"] == 3


def test_reports_by_their_formats(bench: Bench) -> None:
    bench.install()
    done = bench.run("--ci", "--report", "junit", "--report", "markdown=comment.md", "--", ".")
    assert done.returncode == 1
    assert done.stdout.startswith("<?xml")
    assert done.stderr.startswith("Step 1/1\nbuilding\ndocker://")
    assert (bench.folder / "comment.md").read_text().startswith("<!-- layerscope -->\n### layerscope: FAIL: ")


@pytest.mark.parametrize(
    ("files", "arguments", "named"),
    [
        (["Dockerfile"], ["."], "./Dockerfile"),
        (["app/Dockerfile"], ["-t", "a", "app"], "app/Dockerfile"),
        (["app/Containerfile"], ["app"], "app/Containerfile"),
        (["ci/app.docker", "Dockerfile"], ["-f", "ci/app.docker", "."], "ci/app.docker"),
        (["Dockerfile"], ["-f", "missing", "."], None),
        (["Dockerfile"], ["-f", "-", "."], None),
        (["Dockerfile"], ["https://example.org/app.git"], None),
        ([], ["."], None),
    ],
)
def test_the_dockerfile_of_a_build(
    files: list[str], arguments: list[str], named: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("FROM scratch\n")
    found = dockerfile_of(arguments)
    assert (found and Path(found)) == (named and Path(named))


def test_an_idfile_of_the_users_own_is_read_and_stays(bench: Bench) -> None:
    bench.install()
    for given in (["--iidfile", "mine"], ["--iidfile", "old", "--iidfile", "mine"]):
        (bench.folder / "mine").write_text("sha256:" + "0" * 64)  # of an earlier build
        done = bench.run(*given, ".")
        # The script looks at the first one only.
        expected = (0, BUILT.id) if len(given) == 2 else (2, "sha256:" + "0" * 64)
        assert (done.returncode, (bench.folder / "mine").read_text()) == expected


def test_the_explorer_opens_in_a_terminal(bench: Bench) -> None:
    bench.install()
    with terminal("build", "-t", "app:1", ".", environment={**bench.environment, "COLUMNS": ""}) as one:
        one.read_until("RUN step 1")
        assert "app:1  6 B  eff 50.00 %" in one.screen.text
        one.press("q")
        assert one.end() == 0
        assert b"Step 1/1" in one.written
    assert bench.left() == []


def test_containerds_store_knows_an_image_by_its_name_only(bench: Bench) -> None:
    """Its ids are digests of manifests, and what the builder writes is the digest of the config."""
    bench.install()
    bench.engine.images[:] = [replace(BUILT, id=made_up_id("manifest"))]
    done = bench.run("-t", "app:1", ".")
    assert (done.returncode, done.stdout.splitlines()[1]) == (0, "docker://app:1  app:1  linux/amd64")


# What goes wrong ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("does", "message", "hint"),
    [
        ("sys.exit(3)", "docker build ended with exit code 3", "Why, it says above."),
        (f"{WRITES_ID}; sys.exit(1)", "docker build ended with exit code 1", "Why, it says above."),
        ("os.kill(os.getpid(), 9)", "docker build ended by signal 9", "Why, it says above."),
        ("", "docker build has left no image", "--load"),
        ("idfile.write_text('sha256:12')", "docker build has left no image", "--load"),
        ("idfile.write_bytes(b'\\xff' * 1000)", "docker build has left no image", "--load"),
        (
            f"idfile.write_text({made_up_id('pushed')!r})",
            "the image that was built is not in Docker",
            "--load",
        ),
    ],
)
def test_a_build_that_leaves_nothing_to_open(bench: Bench, does: str, message: str, hint: str) -> None:
    bench.install(does)
    done = bench.run("--ci", "--", ".")
    builders, said, advice = done.stderr.splitlines()
    assert (done.returncode, done.stdout, builders) == (2, "Step 1/1\n", "building")
    assert said == f"layerscope: {message}"
    assert hint in advice


def test_an_older_image_of_the_same_name_is_not_taken_for_the_one_that_was_built(bench: Bench) -> None:
    bench.install()
    bench.engine.images[:] = [OTHER]
    done = bench.run("--ci", "--", "-t", "app:1", ".")
    assert (done.returncode, done.stdout) == (2, "Step 1/1\n")
    assert "layerscope: docker://app:1 is not the image that was built\n" in done.stderr
    assert "--load" in done.stderr


def test_an_engine_that_does_not_answer(bench: Bench) -> None:
    bench.install()
    bench.environment["DOCKER_HOST"] = "unix:///nowhere"
    done = bench.run(".")
    assert done.returncode == 2
    assert "layerscope: Docker is not running: nobody answers at unix:///nowhere\n" in done.stderr


# Signals --------------------------------------------------------------------------------------------------

NOTES = """
def note(number, _frame):
    (folder / "got").write_text(signal.Signals(number).name)
    time.sleep(0.3)
    (folder / "cleaned").touch()
    sys.exit(1)
for name in ("SIGINT", "SIGTERM", "SIGHUP"):
    signal.signal(getattr(signal, name), note)
(folder / "ready").touch()
time.sleep(30)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_reaches_the_builder_which_is_waited_for(bench: Bench, number: signal.Signals) -> None:
    bench.install(NOTES)
    with building(bench) as process:
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert errors == b"building\n"
    assert (bench.folder / "got").read_text() == number.name
    assert (bench.folder / "cleaned").exists()
    assert bench.left() == []


def test_ctrl_c_in_a_terminal_reaches_the_builder_once(bench: Bench) -> None:
    bench.install(NOTES.replace("write_text", "open('a').write"))
    with terminal("build", ".", environment=bench.environment) as one:
        wait_for(bench.folder / "ready")
        one.press("\x03")
        assert one.end() == 130
    assert (bench.folder / "got").read_text() == "SIGINT"
    assert (bench.folder / "cleaned").exists()
    assert bench.left() == []


def building(bench: Bench) -> "subprocess.Popen[bytes]":
    """A build that has begun."""
    process = subprocess.Popen(
        [*COMMAND, "build", "."],
        env=bench.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=usual_signals,
    )
    wait_for(bench.folder / "ready")
    return process


def wait_for(path: Path) -> None:
    until = time.monotonic() + 20
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert path.exists()


# Words ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("-t a .", ["a"]),
        ("-ta .", ["a"]),
        ("-t=a .", ["a"]),
        ("--tag a --tag=b:1 -t c .", ["a", "b:1", "c"]),
        ("--target a -- -t b", []),
        ("-t", [""]),
        ("'' =a .", []),
    ],
)
def test_the_names_among_the_builders_arguments(line: str, found: Sequence[str]) -> None:
    assert values_of(shlex.split(line), "--tag", "-t") == found


def test_help_has_examples_and_says_what_else_may_be_called_build(bench: Bench) -> None:
    for option in ("--help", "-h"):
        done = bench.run(option)
        assert done.returncode == 0
        assert "layerscope build --ci --min-efficiency 95% -- -t app:1 .\n" in done.stdout
        assert "docker://build" in done.stdout
        assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("bui", "plain,build"),
        ("cac", "plain,cache"),
        ("build --js", "plain,--json"),
        ("build --engine po", "plain,podman"),
        ("build --ci -- Docker", "file,Docker"),
        ("cache cl", "plain,clear"),
    ],
)
def test_completion(words: str, completed: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "_LAYERSCOPE_COMPLETE": "bash_complete",
        "COMP_WORDS": f"layerscope {words}",
        "COMP_CWORD": str(len(words.split())),
    }
    done = subprocess.run(
        COMMAND, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert completed in done.stdout.splitlines()


def test_files_go_before_the_first_words_in_completion(tmp_path: Path) -> None:
    (tmp_path / "build.tar").touch()
    test_completion("bui", "file,bui", tmp_path)

"""`layerscope build` with a real Docker: what it built is what is shown, and nothing else is left."""

import json
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.signals import usual_signals

pytestmark = pytest.mark.engine

COMMAND = [sys.executable, "-m", "layerscope", "build"]
DOCKERFILE = "FROM scratch\nLABEL run={run}\nCOPY one /data\nCOPY two /data\n"


@pytest.fixture
def context(tmp_path: Path, docker: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Something to build, a tag for it in the file `tag`, and a temporary folder that stays empty."""
    folder, scratch = tmp_path / "context", tmp_path / "scratch"
    folder.mkdir()
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    tag = f"layerscope-test-{uuid.uuid4().hex}:1"
    (folder / "tag").write_text(tag)
    (folder / "one").write_bytes(b"x" * 1000)
    (folder / "two").write_bytes(b"y" * 3000)
    (folder / "Dockerfile").write_text(DOCKERFILE.format(run=uuid.uuid4().hex))
    yield folder
    subprocess.run([docker, "rmi", "--force", tag], capture_output=True, check=False)
    assert list(scratch.iterdir()) == []


def test_what_was_built_is_shown_by_its_name(context: Path, docker: str) -> None:
    tag = (context / "tag").read_text()
    done = subprocess.run(
        [*COMMAND, "--json", "-", "--", "-t", tag, str(context)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    asked = [docker, "image", "inspect", "--format", "{{.Id}}", tag]
    identity = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    assert report["image"]["reference"] == f"docker://{tag}"
    assert report["image"]["id"] == identity
    assert (report["totals"]["stored_bytes"], report["totals"]["live_bytes"]) == (4000, 3000)
    assert "Successfully built" in done.stderr or "naming to" in done.stderr


@pytest.mark.parametrize(("limit", "code"), [("75%", 0), ("76%", 1)])
def test_the_gate_on_a_build_without_a_name(context: Path, docker: str, limit: str, code: int) -> None:
    file = context.parent / "id"
    options = ["--ci", "--min-efficiency", limit, "--", "--iidfile", str(file)]
    done = subprocess.run([*COMMAND, *options, str(context)], capture_output=True, text=True, check=False)
    subprocess.run([docker, "rmi", "--force", file.read_text()], capture_output=True, check=False)
    assert done.returncode == code, done.stderr
    assert "min-efficiency         75.00 %" in done.stdout


def test_a_build_that_fails(context: Path) -> None:
    (context / "Dockerfile").write_text("FROM scratch\nCOPY no-such-file /\n")
    done = subprocess.run([*COMMAND, str(context)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-2:] == [
        "layerscope: docker build ended with exit code 1",
        "  Why, it says above.",
    ]
    assert "no-such-file" in done.stderr


def test_a_signal_ends_the_build_too(context: Path) -> None:
    words = [*COMMAND, "--label", str(context), "-"]  # waits for its standard input
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=usual_signals
    ) as process:
        time.sleep(1.5)
        assert builds(context) == 1
        process.terminate()
        process.wait(20)
    assert process.returncode == 128 + signal.SIGTERM
    assert builds(context) == 0


def builds(context: Path) -> int:
    """How many clients of Docker are building it."""
    running = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return sum(" build --iidfile " in line and str(context) in line for line in running.splitlines())

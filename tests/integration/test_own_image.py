"""The image of `Dockerfile`: built, run without a network and without root, and held against its own gate."""

import functools
import http.server
import os
import subprocess
import sys
import threading
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.consoles import ROOT

pytestmark = pytest.mark.engine

BASE = os.environ.get("LAYERSCOPE_BASE", "python:3.12-slim")
"""Any image with Python 3.11 or newer and its venv module."""


class _Wheels(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is called there
        """Says nothing."""


@pytest.fixture(scope="module")
def wheels(docker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where pip finds all that the package needs, as the build may have no way to an index."""
    asked = [
        docker,
        "run",
        "--rm",
        BASE,
        "python3",
        "-c",
        "import sys; print('%d.%d' % sys.version_info[:2])",
    ]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip(f"the engine does not run {BASE}: LAYERSCOPE_BASE names another")
    folder = tmp_path_factory.mktemp("wheels")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    options = [
        "--quiet",
        "--only-binary=:all:",
        "--python-version",
        found.stdout.strip(),
        "--dest",
        str(folder),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", *options, *needed],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"pip finds no packages: {done.stderr.strip()}")
    handler = functools.partial(_Wheels, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def own_image(docker: str, wheels: str) -> Iterator[str]:
    """The name of the image, built as docs/pipelines.md says, of the base that is there."""
    tag = f"layerscope-test-{uuid.uuid4().hex}:1"
    given = {"BASE": BASE, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels}
    arguments = [word for name, value in given.items() for word in ("--build-arg", f"{name}={value}")]
    built = subprocess.run(
        [docker, "build", "--network", "host", *arguments, "--tag", tag, str(ROOT)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    yield tag
    subprocess.run([docker, "rmi", "--force", tag], capture_output=True, check=False)


def test_it_passes_its_own_gate(own_image: str) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "layerscope", own_image, "--ci"),
            *("--config", str(ROOT / "ci" / "own-image.toml"), "--baseline", BASE),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARN" not in done.stdout


def test_it_judges_an_archive_without_a_network_and_without_root(docker: str, own_image: str) -> None:
    archive = ROOT / "fixtures" / "demo.tar.gz"
    with archive.open("rb") as file:
        done = subprocess.run(
            [
                *(docker, "run", "--rm", "-i", "--network", "none", "--read-only", "--cap-drop", "ALL"),
                *(own_image, "-", "--ci", "--report", "junit"),
            ],
            stdin=file, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert 'failures="1"' in done.stdout


def test_it_writes_reports_for_whoever_owns_the_folder(docker: str, own_image: str, tmp_path: Path) -> None:
    (tmp_path / "image.tar").write_bytes((ROOT / "fixtures" / "archives" / "docker-25.tar").read_bytes())
    if os.geteuid() == 0:
        os.chown(tmp_path, 4321, 4321)
    owner = tmp_path.stat()
    done = subprocess.run(
        [
            *(docker, "run", "--rm", "-u", f"{owner.st_uid}:{owner.st_gid}", "-v", f"{tmp_path}:/work"),
            *(own_image, "image.tar", "--report", "html=image.html"),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "image.html").stat().st_uid == owner.st_uid

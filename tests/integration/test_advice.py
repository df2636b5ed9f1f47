"""Advice taken: a Dockerfile with the usual mistakes, each fix built with a real engine, and what it saves.

What a finding says it saves is held against what the engine says that the image shrinks by. The base is a
Debian that is there under the name local/debian:bookworm, or the one that $LAYERSCOPE_DEBIAN names.
`python -m benchmarks advice` does the same with an image of 2 GB.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.advice import Row, rows_of, take
from benchmarks.builds import BASE, Builder
from benchmarks.fixes import Fix, Mistakes, nothing, said
from benchmarks.mistakes import write_app

pytestmark = [pytest.mark.engine, pytest.mark.slow]

TOLERANCE = 0.05
STEPS = {
    "update": "RUN apt-get update",
    "apt": "RUN apt-get install -y --no-install-recommends python3-setuptools",
    "folder": "WORKDIR /app",
    "copy": "COPY app/ /app/",
    "chown": "RUN chown -R 1000:1000 /app",
    "delete": "RUN rm -rf /app/.git /app/.env",
    "chmod": "RUN chmod -R a+rX /usr/lib/python3",
    "link": "RUN head -c 1500000 /dev/urandom > /opt/tool && ln /opt/tool /opt/alias",
    "unlink": "RUN chmod 700 /opt/tool /opt/alias",
    "linked": "",
}
FIXES = (
    Fix(
        "apt-cache",
        "removed in the step that fetches them",
        {"update": nothing, "apt": said("RUN apt-get update")},
    ),
    Fix(
        "broken-hard-links",
        "`chmod` in the step that links them",
        {"link": said("RUN head"), "unlink": nothing},
        below=b"opt",
        also=("copied-for-metadata",),
    ),
    Fix(
        "deleted-later",
        "lines of .dockerignore, without the `rm`",
        {"delete": nothing},
        ("**/.env", "**/.git"),
    ),
    Fix(
        "copied-for-metadata",
        "`COPY --chown`",
        {"copy": said("COPY", filled="app/"), "chown": nothing},
        below=b"app",
    ),
    Fix("rewritten", "without the `chmod`", {"chmod": nothing}),
    Fix(
        "duplicates",
        "a link in place of the copy",
        {"linked": said("RUN ln -s")},
        ("app/static/copy-of-video.bin",),
        below=b"app/static",
    ),
)
"""In the order in which they are taken: a `chown` mended first would save what is deleted later, too."""


@pytest.fixture
def builder(tmp_path: Path, docker: str) -> Iterator[Builder]:
    """The test is skipped if there is no base, or no archive of packages."""
    base = os.environ.get("LAYERSCOPE_DEBIAN", BASE)
    probe = [docker, "run", "--rm", "--network", "host", base, "apt-get", "update"]
    if subprocess.run([docker, "image", "inspect", base], capture_output=True, check=False).returncode:
        pytest.skip(f"the engine has no {base}")
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("a build reaches no archive of packages")
    (tmp_path / "context").mkdir()
    made = Builder(docker, tmp_path / "context", base)
    yield made
    made.remove()


def test_each_fix_saves_what_its_finding_says(builder: Builder) -> None:
    taken = take(Mistakes(STEPS, FIXES, write_app), builder)
    lines = "\n".join(rows_of(taken))
    print(f"\n{lines}")  # noqa: T201 - for whoever runs it
    assert [row.finding for row in taken.rows if not is_as_said(row)] == [], lines


def is_as_said(row: Row) -> bool:
    """Whether both predictions are near: that from the image with all mistakes, and the last one."""
    if row.real is None:
        return False
    return all(abs(promised - row.real) <= TOLERANCE * row.real for promised in (row.first, row.before))

"""Advice taken: a Dockerfile with the usual mistakes, each fix built with a real engine, and what it saves.

What a finding says it saves is held against what the engine says that the image shrinks by. The base is a
Debian that is there under the name local/debian:bookworm, or the one that $LAYERSCOPE_DEBIAN names.
"""

import os
import random
import subprocess
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.findings.catalogue import PATH_RULES
from layerscope.analysis.findings.duplicates import find_duplicates
from layerscope.analysis.findings.finding import Finding
from layerscope.analysis.findings.inventory import take_inventory
from layerscope.analysis.findings.search import find_all
from layerscope.loader import open_image

pytestmark = [pytest.mark.engine, pytest.mark.slow]

BASE = os.environ.get("LAYERSCOPE_DEBIAN", "local/debian:bookworm")
UPDATE = "RUN apt-get update"
INSTALL = "RUN apt-get install -y --no-install-recommends python3-setuptools"
COPY = "COPY app/ /app/"
CHOWN = "RUN chown -R 1000:1000 /app"
DELETE = "RUN rm -rf /app/.git /app/.env"
CHMOD = "RUN chmod -R a+rX /usr/lib/python3"
LINK = "RUN head -c 1500000 /dev/urandom > /opt/tool && ln /opt/tool /opt/alias"
UNLINK = "RUN chmod 700 /opt/tool /opt/alias"
STEPS = (UPDATE, INSTALL, "WORKDIR /app", COPY, CHOWN, DELETE, CHMOD, LINK, UNLINK)
INSTALL_AND_CLEAN = (
    "RUN apt-get update \\\n && apt-get install -y --no-install-recommends python3-setuptools \\\n"
    " && apt-get clean && rm -rf /var/lib/apt/lists/* /var/cache/apt/*"
)
TOLERANCE = 0.05

Saved = Callable[[Analysis, Sequence[Finding]], int]


class Fix(NamedTuple):
    """What is written instead of what, and what the findings say it saves."""

    name: str
    instead: dict[str, str]
    """Steps by those they stand for; an empty one is left out."""
    predicted: Saved
    ignored: tuple[str, ...] = ()
    """Lines of .dockerignore."""


def below(*folders: bytes) -> Saved:
    """What is saved by the findings about these folders."""

    def saved(_analysis: Analysis, findings: Sequence[Finding]) -> int:
        return sum(
            one.saved for one in findings if all(file.path.startswith(folders) for file in one.evidence)
        )

    return saved


def at(step: str, identity: str) -> Saved:
    """What is saved by a finding that says that a step is to be changed."""

    def saved(analysis: Analysis, findings: Sequence[Finding]) -> int:
        return sum(
            one.saved
            for one in findings
            if one.id == identity and analysis.layers[one.layers[0]].command.startswith(step)
        )

    return saved


def piece(identity: str, folder: bytes) -> Saved:
    """What a finding has in a folder, of all that it is about."""

    def saved(_analysis: Analysis, findings: Sequence[Finding]) -> int:
        return sum(
            file.size
            for one in findings
            if one.id == identity
            for file in one.evidence
            if file.path.startswith(folder)
        )

    return saved


def both(one: Saved, other: Saved) -> Saved:
    """What two findings save by one fix."""
    return lambda analysis, findings: one(analysis, findings) + other(analysis, findings)


FIXES = (
    Fix("apt", {UPDATE: "", INSTALL: INSTALL_AND_CLEAN}, below(b"var/lib/apt", b"var/cache/apt")),
    Fix("deleted later", {DELETE: ""}, below(b"app/.git", b"app/.env"), ("app/.git", "app/.env")),
    Fix(
        "chown",
        {COPY: COPY.replace(" ", " --chown=1000:1000 ", 1), CHOWN: ""},
        at(CHOWN, "copied-for-metadata"),
    ),
    Fix("chmod", {CHMOD: ""}, at(CHMOD, "rewritten")),
    Fix(
        "hard links",
        {LINK: f"{LINK} && {UNLINK.removeprefix('RUN ')}", UNLINK: ""},
        both(at(UNLINK, "broken-hard-links"), at(UNLINK, "copied-for-metadata")),
    ),
    Fix(
        "duplicates",
        {DELETE: "RUN ln -s video.bin static/copy-of-video.bin"},
        piece("duplicates", b"app/static"),
        ("app/static/copy-of-video.bin",),
    ),
)
"""In the order in which they are taken; the last one has use for a step that another one left out."""


class Row(NamedTuple):
    """One line of the table."""

    name: str
    predicted: int
    real: int

    @property
    def difference(self) -> float:
        """How far the prediction is off, as part of what was saved."""
        return abs(self.predicted - self.real) / self.real

    def __str__(self) -> str:
        return f"{self.name:16}{self.predicted:>13,}{self.real:>13,}{self.difference:>8.2%}"


class Builder:
    """Builds in one context, from one base, each image under a name of its own."""

    def __init__(self, docker: str, context: Path) -> None:
        self._docker = docker
        self._context = context
        self._run = uuid.uuid4().hex
        self.names: list[str] = []

    def build(self, steps: Sequence[str], ignored: Sequence[str] = ()) -> int:
        """The size of the image with these steps, as the engine counts it. What is built is named last."""
        label = f"LABEL run={self._run}"  # nothing of an earlier run is in the engine's cache
        (self._context / "Dockerfile").write_text("\n".join([f"FROM {BASE}", label, *steps, ""]))
        (self._context / ".dockerignore").write_text("".join(f"{line}\n" for line in ignored))
        self.names.append(f"layerscope-advice:{self._run}-{len(self.names)}")
        self.ask("build", "--network", "host", "-t", self.names[-1], str(self._context))
        return int(self.ask("image", "inspect", "--format", "{{.Size}}", self.names[-1]))

    def ask(self, *words: str) -> str:
        done = subprocess.run([self._docker, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout


@pytest.fixture
def builder(tmp_path: Path, docker: str) -> Iterator[Builder]:
    """A context with an app in it; the test is skipped if there is no base, or no archive of packages."""
    probe = [docker, "run", "--rm", "--network", "host", BASE, "apt-get", "update"]
    if subprocess.run([docker, "image", "inspect", BASE], capture_output=True, check=False).returncode:
        pytest.skip(f"the engine has no {BASE}")
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("a build reaches no archive of packages")
    app = tmp_path / "context" / "app"
    (app / ".git" / "objects").mkdir(parents=True)
    (app / "static").mkdir()
    content = random.Random(7)
    (app / ".git" / "objects" / "pack").write_bytes(content.randbytes(3_000_000))
    (app / "static" / "video.bin").write_bytes(content.randbytes(2_000_000))
    (app / "static" / "copy-of-video.bin").write_bytes((app / "static" / "video.bin").read_bytes())
    (app / ".env").write_text("MODE=test\n")
    (app / "app.py").write_text('print("hello")\n')
    made = Builder(docker, tmp_path / "context")
    yield made
    subprocess.run([docker, "rmi", "--force", *made.names], capture_output=True, check=False)


def test_each_fix_saves_what_its_finding_says(builder: Builder, tmp_path: Path) -> None:
    before = builder.build(STEPS)
    predicted = predictions(builder, tmp_path / "image.tar")
    instead: dict[str, str] = {}
    ignored: list[str] = []
    rows = []
    size = before
    for fix in FIXES:
        instead |= fix.instead
        ignored += fix.ignored
        steps = [step for step in (instead.get(step, step) for step in STEPS) if step]
        after = builder.build(steps, ignored)
        rows.append(Row(fix.name, predicted[fix.name], size - after))
        size = after
    rows.append(Row("all of them", sum(predicted.values()), before - size))
    table = "\n".join(map(str, rows))
    print(f"\n{'fix':16}{'predicted':>13}{'real':>13}{'off':>8}\n{table}")  # noqa: T201 - for whoever runs it
    assert [row.name for row in rows if row.difference > TOLERANCE] == [], table


def predictions(builder: Builder, archive: Path) -> dict[str, int]:
    """What the findings in the image that was built last say, by the name of the fix."""
    builder.ask("save", "-o", str(archive), builder.names[-1])
    with open_image(str(archive)) as image:
        analysis = analyze(image)
        duplicates = find_duplicates(analysis, take_inventory(analysis, PATH_RULES))
        findings = tuple(dict.fromkeys((*find_all(analysis), *duplicates)))
        found = {fix.name: fix.predicted(analysis, findings) for fix in FIXES}
    archive.unlink()
    return found

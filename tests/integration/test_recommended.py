"""What a real APT installs without `--no-install-recommends`, and what of it is found and measured.

The base is a Debian that the engine has under the name local/debian:bookworm, or $LAYERSCOPE_DEBIAN; builds
need a network that leads to an archive of Debian.
"""

import os
import re
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.findings.finding import Finding
from layerscope.analysis.packages.recommended import find_recommended
from layerscope.analysis.tree import Node
from layerscope.loader import open_image

pytestmark = [pytest.mark.engine, pytest.mark.slow]

BASE = os.environ.get("LAYERSCOPE_DEBIAN", "local/debian:bookworm")
NAMES = "git libwww-perl man-db"
OPTION = "--no-install-recommends"
INSTALL = f"RUN apt-get install -y {NAMES} && apt-get clean"
DOCKERFILE = f"""\
FROM {BASE}
RUN apt-get update
RUN apt-get install -s {NAMES} > /all && apt-get install -s {OPTION} {NAMES} > /needed
{INSTALL}
"""
TOLERANCE = 0.05


class Built(NamedTuple):
    """The image with the mistake, and what it takes with and without."""

    finding: Finding
    found: set[str]
    """Packages that are said to be there only as recommended."""
    simulated: set[str]
    """Those that APT would not install with the option."""
    saved: int
    """Bytes by which the image with the option is smaller."""


@pytest.fixture(scope="module")
def built(docker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    tag, lean = (f"layerscope-recommended:{uuid.uuid4().hex}" for _ in range(2))
    try:
        build(docker, tag, DOCKERFILE)
        build(docker, lean, DOCKERFILE.replace(INSTALL, INSTALL.replace("install", f"install {OPTION}")))
        archive = tmp_path_factory.mktemp("recommended") / "image.tar"
        run(docker, "save", "-o", str(archive), tag)
        sizes = [int(run(docker, "image", "inspect", "-f", "{{.Size}}", name)) for name in (tag, lean)]
        simulated = installed(run(docker, "run", "--rm", tag, "cat", "/all"))
        simulated -= installed(run(docker, "run", "--rm", tag, "cat", "/needed"))
        finding, found = analysed(archive)
        yield Built(finding, found, simulated, sizes[0] - sizes[1])
    finally:
        subprocess.run([docker, "image", "rm", "-f", tag, lean], capture_output=True, check=False)


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def build(docker: str, tag: str, dockerfile: str) -> None:
    command = [docker, "build", "--network", "host", "--label", f"run={tag}", "-t", tag, "-"]
    done = subprocess.run(command, input=dockerfile, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing is built from {BASE} here: {done.stderr.strip()[-300:]}")


def installed(simulation: str) -> set[str]:
    """Names of the packages that `apt-get install -s` says it would install."""
    return set(re.findall(r"^Inst ([^\s:]+)", simulation, re.MULTILINE))


def analysed(archive: Path) -> tuple[Finding, set[str]]:
    """The finding of an image, and the packages by the databases in it."""
    with open_image(str(archive)) as image:
        analysis = analyze(image)
        (finding,) = (one for one in analysis.findings if one.id == "apt-recommends")
        texts = []
        for path in (b"var/lib/dpkg/status", b"var/lib/apt/extended_states"):
            node = analysis.union.find(path)
            assert isinstance(node, Node)
            (content,) = (
                b"".join(pieces) for _, pieces in image.layers[node.layer].contents.read([node.number])
            )
            texts.append(content)
    found = find_recommended(texts[0], texts[1])
    return finding, {one.name.decode() for brought in found for one in (brought.package, *brought.others)}


def test_the_packages_are_those_that_apt_leaves_out_with_the_option(built: Built) -> None:
    assert len(built.simulated) > 20
    assert built.found == built.simulated


def test_the_bytes_are_those_that_the_image_is_smaller_by(built: Built) -> None:
    assert built.finding.saved == pytest.approx(built.saved, rel=TOLERANCE)

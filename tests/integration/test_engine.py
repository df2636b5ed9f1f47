"""The final filesystem, held against `docker export` of a container of the same image.

Needs a Docker engine with overlay2. The images are loaded, and removed again; nothing is run.
"""

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.loader import open_image

from fixtures.fixture import Fixture
from tests import images
from tests.images import directory, file, hardlink, layer, opaque, symlink, whiteout
from tests.integration import rootfs

pytestmark = pytest.mark.engine

MADE_BY_THE_ENGINE = {
    *(b".dockerenv", b"dev", b"dev/console", b"dev/pts", b"dev/shm", b"proc", b"sys"),
    *(b"etc", b"etc/hosts", b"etc/hostname", b"etc/mtab", b"etc/resolv.conf"),
}
"""Mount points and files that every container has; no fixture uses these names."""

DIFFERENT: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "union-opaque-root": (
        "overlay2 ignores an opaque marker in the root; the OCI image spec does not, nor do we",
        {"d": ("", "d"), "d/a": ("", "-3"), "x": ("", "-3")},
    ),
    "tar-base256": ("Linux has 32 bits for a group, the tar says 2^40", {"b": ("-5", "-5")}),
    "tar-special-files": (
        "a device 0, 0 is overlay's own whiteout on disk; in a tar it is a device like any other",
        {"zero": ("c", "")},
    ),
}
"""Why, and at each path: what we have, what the engine has."""

NO_DUPLICATES = "duplicates of file paths not supported"
REFUSED = {
    "union-whiteout-after": "file exists",
    "union-whiteout-and-new-directory": "file exists",
    "union-whiteout-own-layer": "file exists",
    "union-later-entry-wins": NO_DUPLICATES,
    "union-hardlink-to-lower": "no such file",
    "waste-shadowed-in-layer": NO_DUPLICATES,
    "waste-every-kind": NO_DUPLICATES,
    "tar-sparse-gnu": "unhandled tar header",
    "tar-sparse-gnu-extended": "unhandled tar header",
    "tar-contiguous": "unhandled tar header",
}
"""What the engine cannot load, and what it says. Its layers are unpacked apart from each other, a whiteout
being a device on disk; so we follow the OCI image spec and umoci there."""

REAL = [directory("real"), file("real/f", b"abc")]
MORE: dict[str, list[bytes]] = {
    "a hard link's target goes through a link of its layer": [
        layer(*REAL, symlink("l", "real"), hardlink("h", "l/f")),
        layer(whiteout("real/f")),
    ],
    "a hard link to a link is followed as it is": [
        layer(*REAL, symlink("l", "real"), hardlink("m", "l"), file("m/g", b"12345"))
    ],
    "a link leads out of the root": [
        layer(directory("d"), directory("e"), symlink("d/l", "../../../e"), file("d/l/f", b"abc"))
    ],
    "a whiteout's directory is implied": [layer(file("a", b"abc")), layer(whiteout("d/e/x"))],
    "an opaque marker makes a file a directory": [layer(file("a", b"abc")), layer(opaque("a"))],
    "a whiteout may be a directory": [layer(*REAL), layer(directory(".wh.real"))],
    "a name below something like a whiteout": [layer(*REAL), layer(file(".wh.real/g", b"12345"))],
    "names lead up": [layer(file("../a", b"abc"), file("d/../../b", b"abc"), file("d/../c", b"12345"))],
    "a directory replaced twice": [
        layer(*REAL),
        layer(file("real", b"12345")),
        layer(directory("real"), file("real/g", b"1")),
    ],
}


@pytest.fixture(scope="module")
def docker(docker: str) -> str:
    """The client of an engine with overlay2; the tests are skipped if it has another driver."""
    command = [docker, "info", "--format", "{{.Driver}}"]
    driver = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    if driver != "overlay2":
        pytest.skip(f"the Docker engine has {driver}, not overlay2")
    return docker


@pytest.fixture
def tag(docker: str) -> Iterator[str]:
    """A name for one image, which is removed afterwards."""
    name = f"layerscope-test-{uuid.uuid4().hex}:latest"
    yield name
    subprocess.run([docker, "rmi", "--force", name], capture_output=True, check=False)


def load(docker: str, archive: Path) -> str:
    """What the engine has to complain of; empty if it loaded the image."""
    command = [docker, "load", "--quiet", "--input", str(archive)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def compare(docker: str, tag: str, archive: Path) -> dict[str, tuple[str, str]]:
    """Where we and the engine differ."""
    assert load(docker, archive) == ""
    created = subprocess.run([docker, "create", tag, "/none"], capture_output=True, text=True, check=True)
    container = created.stdout.strip()
    try:
        exported = subprocess.run([docker, "export", container], capture_output=True, check=True)
    finally:
        subprocess.run([docker, "rm", container], capture_output=True, check=True)
    with open_image(str(archive)) as image:
        ours = rootfs.of_analysis(analyze(image))
    found = rootfs.difference(ours, rootfs.of_export(exported.stdout))
    return {
        path: both
        for path, both in found.items()
        if path.encode("utf-8", "surrogateescape") not in MADE_BY_THE_ENGINE
    }


def packed(layers: list[bytes], tag: str, folder: Path) -> Path:
    archive = folder / "image.tar"
    archive.write_bytes(images.docker_archive(images.Image(layers, tags=[tag])))
    return archive


@pytest.mark.parametrize("fixture", rootfs.union_fixtures(), ids=lambda fixture: fixture.name)
def test_the_final_filesystem_is_the_one_the_engine_shows(
    fixture: Fixture, docker: str, tag: str, tmp_path: Path
) -> None:
    name = fixture.name.partition(".")[0]
    archive = packed(rootfs.layers_of(fixture), tag, tmp_path)
    if name in REFUSED:
        assert REFUSED[name] in load(docker, archive)
    else:
        _, known = DIFFERENT.get(name, ("", {}))
        assert compare(docker, tag, archive) == known


@pytest.mark.parametrize("layers", MORE.values(), ids=MORE.keys())
def test_the_engine_agrees_where_a_fixture_would_say_nothing_new(
    layers: list[bytes], docker: str, tag: str, tmp_path: Path
) -> None:
    assert compare(docker, tag, packed(layers, tag, tmp_path)) == {}


def test_a_whiteout_behind_a_link_of_its_own_layer_is_where_we_differ(
    docker: str, tag: str, tmp_path: Path
) -> None:
    """The engine follows the link; whiteouts come first here, and no builder writes such a layer."""
    layers = [layer(*REAL), layer(symlink("l", "real"), directory("real"), whiteout("l/f"))]
    assert compare(docker, tag, packed(layers, tag, tmp_path)) == {"real/f": ("-3", "")}


def test_an_implied_directory_over_a_listed_one_is_where_we_differ_in_the_mode(
    docker: str, tag: str, tmp_path: Path
) -> None:
    """The engine makes it anew, as 0755; the layer says nothing of it, and so we keep what it had."""
    layers = [layer(directory("d", mode=0o700)), layer(file("d/a", b"abc"))]
    assert compare(docker, tag, packed(layers, tag, tmp_path)) == {"d": ("d", "d")}


def test_the_lists_name_fixtures() -> None:
    names = {fixture.name.partition(".")[0] for fixture in rootfs.union_fixtures()}
    assert names >= DIFFERENT.keys() | REFUSED.keys()

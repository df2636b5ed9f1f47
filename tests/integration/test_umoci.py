"""The final filesystem, held against what `umoci` unpacks from the same layouts.

Needs umoci, root (for owners and devices), and skopeo for the demonstration image. $LAYERSCOPE_REAL_IMAGES
may name a folder with more images: every `*-oci` directory in it is an OCI layout.
"""

import gzip
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.loader import open_image

from fixtures.fixture import Fixture
from tests import images
from tests.integration import rootfs

UMOCI, SKOPEO = shutil.which("umoci"), shutil.which("skopeo")
REAL = os.environ.get("LAYERSCOPE_REAL_IMAGES", "")
LAYOUTS = sorted(path for path in Path(REAL).glob("*-oci") if path.is_dir()) if REAL else []

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(UMOCI is None, reason="no umoci on PATH: nothing to hold the filesystems against"),
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: umoci cannot give files their owners"),
]

DIFFERENT: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "union-whiteout-unknown": (
        "a whiteout implies its directory, as in a Docker engine; umoci passes it over",
        {"no": ("d", ""), "no/such": ("d", "")},
    ),
    "union-whiteout-under-file": ("the same over a file", {"d/a": ("d", "-3")}),
    "union-symlink-parent-below": (
        "a parent that is a link in a lower layer becomes a directory, as in an engine; umoci follows it",
        {"link": ("d", "l"), "link/f": ("-5", ""), "real/f": ("-3", "-5")},
    ),
    "union-whiteout-under-symlink": (
        "so does that of a whiteout",
        {"link": ("d", "l"), "real/f": ("-3", "")},
    ),
    "tar-base256": ("Linux has 32 bits for a group, the tar says 2^40", {"b": ("-5", "-5")}),
}
"""Why, and at each path: what we have, what umoci has."""

REFUSED = {
    "union-implied-directory-over-file": "not a directory",
    "tar-pax-global": "unknown typeflag",
    "tar-sparse-gnu": "unknown typeflag",
    "tar-sparse-gnu-extended": "unknown typeflag",
    "tar-contiguous": "unknown typeflag",
}
"""What umoci cannot unpack, and what it says."""


def unpack(layout: Path, tag: str, target: Path) -> str:
    """What umoci has to complain of; empty if it unpacked the image."""
    assert UMOCI is not None
    command = [UMOCI, "raw", "unpack", "--image", f"{layout}:{tag}", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def compare(layout: Path, tag: str, target: Path) -> dict[str, tuple[str, str]]:
    """Where we and umoci differ."""
    complaint = unpack(layout, tag, target)
    assert not complaint
    with open_image(str(layout)) as image:
        ours = rootfs.of_analysis(analyze(image))
    return rootfs.difference(ours, rootfs.of_folder(target))


@pytest.mark.parametrize("fixture", rootfs.union_fixtures(), ids=lambda fixture: fixture.name)
def test_the_final_filesystem_is_the_one_umoci_unpacks(fixture: Fixture, tmp_path: Path) -> None:
    name = fixture.name.partition(".")[0]
    image = images.Image(rootfs.layers_of(fixture), tags=["latest"])
    layout = images.write_layout(tmp_path / "layout", images.oci_files(image))
    if name in REFUSED:
        assert REFUSED[name] in unpack(layout, "latest", tmp_path / "rootfs")
    else:
        _, known = DIFFERENT.get(name, ("", {}))
        assert compare(layout, "latest", tmp_path / "rootfs") == known


def test_the_lists_name_fixtures() -> None:
    names = {fixture.name.partition(".")[0] for fixture in rootfs.union_fixtures()}
    assert names >= DIFFERENT.keys() | REFUSED.keys()


@pytest.mark.skipif(SKOPEO is None, reason="no skopeo on PATH: nothing to make a layout with")
def test_the_demonstration_image_is_as_umoci_unpacks_it(tmp_path: Path) -> None:
    assert SKOPEO is not None
    archive = tmp_path / "demo.tar"
    archive.write_bytes(gzip.decompress(rootfs.DEMO.read_bytes()))
    layout = tmp_path / "layout"
    command = [SKOPEO, "--insecure-policy", "copy", f"docker-archive:{archive}", f"oci:{layout}:latest"]
    subprocess.run(command, capture_output=True, check=True)
    assert compare(layout, "latest", tmp_path / "rootfs") == {}


def tag_of(layout: Path) -> str:
    """The name of the only image in a layout."""
    (manifest,) = json.loads((layout / "index.json").read_bytes())["manifests"]
    tag = manifest["annotations"]["org.opencontainers.image.ref.name"]
    assert isinstance(tag, str)
    return tag


@pytest.mark.skipif(not LAYOUTS, reason="$LAYERSCOPE_REAL_IMAGES names no folder with an `*-oci` layout")
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda path: path.name)
def test_a_real_image_is_as_umoci_unpacks_it(layout: Path, tmp_path: Path) -> None:
    try:
        assert compare(layout, tag_of(layout), tmp_path / "rootfs") == {}
    finally:
        shutil.rmtree(tmp_path / "rootfs", ignore_errors=True)

"""Podman by its command alone: a script in its place, which does what Podman does, or does not."""

import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from layerscope.analysis.model import Reading
from layerscope.errors import LayerscopeError, SourceError
from layerscope.loader import engine_podman, open_image

from tests.images import Image, docker_archive
from tests.loader.fake_engine import Saved
from tests.loader.sources import measure
from tests.tars import file, layer

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a shell script")

ONE = Image([layer(file("a", b"abc")), layer(file("b", b"12345"))], tags=[])
DATA = docker_archive(ONE, style="podman")
SAVED = Saved.of(ONE, DATA, ["localhost/app:1"])
Script = Callable[[str], Path]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Makes a command `podman`: what it does for `image save`; it writes down its arguments."""
    monkeypatch.delenv("CONTAINER_HOST", raising=False)
    monkeypatch.setattr(engine_podman, "_sockets", list)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", None)
    described = {**SAVED.description(), "Id": SAVED.id[7:]}  # as Podman writes it
    (tmp_path / "inspect.json").write_text(json.dumps([described]))
    (tmp_path / "list.json").write_text(json.dumps([{"Names": ["localhost/app:1"]}, {"Names": None}]))
    (tmp_path / "data").write_bytes(DATA)

    def make(save: str) -> Path:
        (tmp_path / "podman").write_text(
            f"""#!/bin/sh
cd {tmp_path}
echo "$*" >> asked
for last; do :; done
case "$1 $2" in
"image inspect")
    case $last in *app:1) cat inspect.json;; *) echo "Error: $last: image not known" >&2; exit 125;; esac;;
"image list") cat list.json;;
"image save") {save};;
"image pull") echo "Error: initializing source: pull access denied" >&2; exit 125;;
esac
"""
        )
        (tmp_path / "podman").chmod(0o755)
        return tmp_path

    return make


def refusal(reference: str, **options: object) -> LayerscopeError:
    with pytest.raises(LayerscopeError) as caught, open_image(reference, **options):  # type: ignore[arg-type]
        pass
    return caught.value


def test_an_image_of_the_command_is_what_its_archive_is(script: Script) -> None:
    folder = script("touch $TMPDIR/left-behind; cat data")
    assert measure("podman://app:1") == measure(folder / "data")._replace(tags=("localhost/app:1",))
    assert (folder / "asked").read_text().splitlines() == [
        "image inspect --format json -- app:1",
        f"image save --quiet --format docker-archive -- {SAVED.id[7:]}",
    ]
    assert list((folder / "scratch").iterdir()) == []


def test_contents_are_saved_again(script: Script) -> None:
    script("cat data")
    with open_image("podman://app:1") as opened:
        assert [b"".join(some) for _, some in opened.layers[1].contents.read([0])] == [b"12345"]


def test_a_name_that_it_does_not_know(script: Script) -> None:
    script("cat data")
    error = refusal("podman://apq:1")
    assert error.message == "there is no image apq:1 in Podman"
    assert error.choices == ("localhost/app:1",)


@pytest.mark.parametrize(
    ("save", "message"),
    [
        ("head -c 3000 data; echo 'Error: no space left' >&2; exit 125", "Podman says: Error: no space left"),
        ("exit 1", "Podman says: nothing"),
        ("head -c 3000 data", "app:1 from Podman"),
        ("kill -9 $$", "Podman says: nothing"),
    ],
)
def test_a_command_that_fails_gives_no_figures(save: str, message: str, script: Script) -> None:
    folder = script(save)
    assert refusal("podman://app:1").message.startswith(message)
    assert list((folder / "scratch").iterdir()) == []


def test_a_registry_that_refuses(script: Script) -> None:
    script("cat data")
    error = refusal("podman://new:1", pull="missing")
    assert error.message == "new:1 cannot be pulled: initializing source: pull access denied"
    assert "login" in error.hint


def test_a_command_that_hangs_is_killed_when_the_user_has_enough(script: Script) -> None:
    folder = script("head -c 3000 data; exec sleep 60")

    class EnoughError(Exception):
        pass

    def progress(_reading: Reading) -> None:
        if time.monotonic() > begun + 0.3:
            raise EnoughError

    begun = time.monotonic()
    with pytest.raises(EnoughError), open_image("podman://app:1", progress=progress):
        pass
    assert time.monotonic() - begun < 3
    assert list((folder / "scratch").iterdir()) == []


def test_podman_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CONTAINER_HOST", raising=False)
    monkeypatch.setattr(engine_podman, "_sockets", list)
    monkeypatch.setenv("PATH", str(tmp_path))
    error = refusal("podman://app:1")
    assert isinstance(error, SourceError)
    assert error.message == "Podman is not installed here"

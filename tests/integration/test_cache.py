"""The cache in front of a real engine: the second look asks for no bytes, and never shows what was."""

import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from layerscope.errors import SourceError
from layerscope.loader import open_image
from layerscope.loader.cache_folder import CacheFolder
from layerscope.loader.engine import Body
from layerscope.loader.engine_socket import SocketEngine

from tests.images import Image, docker_archive
from tests.loader.sources import Measured, measured
from tests.tars import file, layer, whiteout

pytestmark = pytest.mark.engine

Docker = Callable[..., str]


@pytest.fixture
def client(docker: str) -> Docker:
    """Runs a command of Docker's client, and gives what it prints."""

    def run(*arguments: str, check: bool = True) -> str:
        done = subprocess.run([docker, *arguments], capture_output=True, text=True, check=check)
        return done.stdout.strip()

    return run


@pytest.fixture
def name(client: Docker, tmp_path: Path) -> Iterator[str]:
    """The name, without a tag, of an image that the engine has."""
    name = f"layerscope-test-{uuid.uuid4().hex}"
    layers = [layer(file("a", b"abc"), file("b", b"x" * 5000)), layer(whiteout("a"), file("c", b"12345"))]
    image = Image(layers, tags=[f"{name}:1"], config={"Labels": {"run": name}})
    (tmp_path / "image.tar").write_bytes(docker_archive(image))
    client("load", "--quiet", "--input", str(tmp_path / "image.tar"))
    yield name
    for tag in client("image", "ls", "--format", "{{.Tag}}", name).split():
        client("rmi", "--force", f"{name}:{tag}", check=False)


@pytest.fixture
def saves(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of images whose bytes the engine was asked for."""
    asked: list[str] = []
    save = SocketEngine.save

    def spy(self: SocketEngine, image_id: str) -> Body:
        asked.append(image_id)
        return save(self, image_id)

    monkeypatch.setattr(SocketEngine, "save", spy)
    return asked


def look(reference: str, cache: CacheFolder | None) -> Measured:
    with open_image(f"docker://{reference}", cache=cache) as opened:
        return measured(opened)


def test_the_second_look_asks_the_engine_for_no_bytes(name: str, saves: list[str], tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path / "cache")
    expected = look(f"{name}:1", None)
    assert expected[:2] == (5008, 5005)
    assert [look(f"{name}:1", CacheFolder(cache.path)) for _ in range(3)] == [expected] * 3
    assert len(saves) == 2
    with open_image(f"docker://{name}:1", cache=cache) as opened:
        assert len(saves) == 2
        assert [b"".join(some) for _, some in opened.layers[1].contents.read([1])] == [b"12345"]
    assert len(saves) == 3


def test_after_tag_rmi_and_a_rebuild_the_image_is_the_one_that_has_the_name_now(
    client: Docker, name: str, saves: list[str], tmp_path: Path
) -> None:
    cache = CacheFolder(tmp_path / "cache")
    look(f"{name}:1", cache)
    client("tag", f"{name}:1", f"{name}:2")
    found = look(f"{name}:2", cache)
    assert (found[:2], sorted(found.tags)) == ((5008, 5005), [f"{name}:1", f"{name}:2"])
    client("rmi", f"{name}:1")
    assert look(f"{name}:2", cache).tags == (f"{name}:2",)
    with pytest.raises(SourceError, match="there is no image"):
        look(f"{name}:1", cache)
    assert len(saves) == 1

    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "Dockerfile").write_text(f"FROM {name}:2\nCOPY new /new\n")
    (tmp_path / "context" / "new").write_bytes(b"1234567")
    client("build", "--quiet", "--tag", f"{name}:1", str(tmp_path / "context"))
    assert look(f"{name}:1", cache)[:2] == (5015, 5012)
    client("tag", f"{name}:1", f"{name}:2")
    assert look(f"{name}:2", cache)[:2] == (5015, 5012)
    assert len(saves) == 2

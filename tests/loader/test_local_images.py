"""What the engines have, to choose from; and what one of them knows of an image."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from layerscope.analysis.model import LocalImage, LocalImages
from layerscope.errors import LayerscopeError, LimitError, SourceError
from layerscope.loader import answers, engine_podman, limits
from layerscope.loader.engines import local_images, look_up
from layerscope.loader.reference import Origin

from tests.images import Image, docker_archive, file, layer
from tests.loader.fake_engine import FakeEngine, Saved, made_up_id, serving

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the engine is a Unix socket")

APP = made_up_id("app")
NEW = made_up_id("new")


def one(
    name: str, identity: str, engine: str = "Docker", size: int | None = 5, created: int | None = 7
) -> LocalImage:
    return LocalImage(f"{engine.lower()}://{name or identity}", name, identity, size, created, engine)


def described(*names: str, identity: str = APP, **more: object) -> dict[str, object]:
    return {"Id": identity, "RepoTags": list(names), "Size": 5, "Created": 7, **more}


# The answer -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "found"),
    [
        (described("app:1"), [one("app:1", APP)]),
        (described("app:1", "app:2"), [one("app:1", APP), one("app:2", APP)]),
        (described("app:1", Names=["app:1"]), [one("app:1", APP)]),
        (described(), [one("", APP)]),
        (described("<none>:<none>"), [one("", APP)]),
        ({"Id": APP, "RepoTags": None}, [one("", APP, size=None, created=None)]),
        (
            {"Id": APP[7:], "Names": ["localhost/app:1"]},
            [one("localhost/app:1", APP, size=None, created=None)],
        ),
        (described(Size=-1, Created="yesterday"), [one("", APP, size=None, created=None)]),
        (described(Size=True, Created=1e300), [one("", APP, size=None, created=None)]),
        ({"RepoTags": ["app:1"]}, [one("app:1", "", size=None, created=None)]),
        ({"RepoTags": ["no name"]}, []),
        (described("-x", "\x1b[31m", identity="--help"), []),
        ({}, []),
        ("app:1", []),
        (None, []),
    ],
    ids=str,
)
def test_an_image_is_listed_once_for_each_of_its_names(image: object, found: list[LocalImage]) -> None:
    assert answers.images(json.dumps([image]).encode(), "Docker") == found


def test_a_name_that_opens_nothing_is_told_and_the_id_opens_the_image() -> None:
    [found] = answers.images(json.dumps([described("No\x1b[31m Name")]).encode(), "Docker")
    assert (found.name, found.reference) == ("No\x1b[31m Name", f"docker://{APP}")


@pytest.mark.parametrize("answer", [b"{}", b"null", b"3", b'"x"'])
def test_an_answer_that_is_no_list_has_no_images(answer: bytes) -> None:
    assert answers.images(answer, "Docker") == []


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[" * 100_000])
def test_an_answer_that_is_no_json(answer: bytes) -> None:
    with pytest.raises(SourceError, match="no JSON"):
        answers.images(answer, "Docker")


# The engines ----------------------------------------------------------------------------------------------


@pytest.fixture
def docker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeEngine]:
    """Docker, and no Podman."""
    monkeypatch.delenv("CONTAINER_HOST", raising=False)
    monkeypatch.setattr(engine_podman, "_sockets", list)
    monkeypatch.setenv("PATH", str(tmp_path))
    with serving() as engine:
        monkeypatch.setenv("DOCKER_HOST", engine.url)
        yield engine


@pytest.fixture
def podman(docker: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    """Podman beside it."""
    with serving() as engine:
        monkeypatch.setenv("CONTAINER_HOST", engine.url)
        yield engine


def has(engine: FakeEngine, *images: object) -> None:
    engine.answers["/images/json"] = (200, json.dumps(images).encode())


def test_podman_is_not_missed(docker: FakeEngine) -> None:
    has(docker, described("app:1"))
    assert local_images() == LocalImages((one("app:1", APP),), ())


def test_nothing_is_there(docker: FakeEngine) -> None:
    assert local_images() == LocalImages((), ())


def test_the_images_of_both_engines(docker: FakeEngine, podman: FakeEngine) -> None:
    has(docker, described("app:1"))
    has(podman, described("app:1"), described(identity=NEW), described("app:1"))
    assert local_images().images == (one("app:1", APP), one("app:1", APP, "Podman"), one("", NEW, "Podman"))


def test_an_engine_that_is_not_there_is_not_spoken_of_where_another_is(
    podman: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    has(podman, described("app:1"))
    assert local_images() == LocalImages((one("app:1", APP, "Podman"),), ())


@pytest.mark.parametrize("silent", ["docker", "podman"])
def test_an_engine_that_refuses_is_told_of(docker: FakeEngine, podman: FakeEngine, silent: str) -> None:
    refusing, other = (docker, podman) if silent == "docker" else (podman, docker)
    refusing.answers["/images/json"] = (500, b'{"message": "broken"}')
    has(other, described("app:1"))
    found = local_images()
    assert [image.name for image in found.images] == ["app:1"]
    assert found.silent == (f"{silent.capitalize()} refuses (500): broken",)


def test_where_there_are_no_images_the_refusal_is_what_is_wrong(
    docker: FakeEngine, podman: FakeEngine
) -> None:
    docker.answers["/version"] = (500, b'{"message": "broken"}')
    with pytest.raises(SourceError, match=r"Docker refuses \(500\): broken"):
        local_images()


def test_no_engine_answers(docker: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    with pytest.raises(SourceError, match="Docker is not running") as caught:
        local_images()
    assert "Start it" in caught.value.hint


def test_an_answer_without_end(docker: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ANSWER", 1000)
    has(docker, *[described(f"app:{number}") for number in range(50)])
    with pytest.raises(LimitError, match="where it should be brief"):
        local_images()


# One image ------------------------------------------------------------------------------------------------

ONE = Image([layer(file("a", b"abc"))])
SAVED = Saved.of(ONE, docker_archive(ONE), ["app:1"])


def test_the_engine_that_knows_an_image(docker: FakeEngine, podman: FakeEngine) -> None:
    podman.images.append(SAVED)
    for name in ("app:1", SAVED.id):
        found = look_up(Origin.ENGINE, name)
        assert found is not None
        assert (found[0], found[1].id) == ("Podman", SAVED.id)
    assert look_up(Origin.DOCKER, "app:1") is None
    docker.images.append(SAVED)
    found = look_up(Origin.ENGINE, "app:1")
    assert found is not None
    assert found[0] == "Docker"


def test_no_engine_knows_it_or_none_is_there(docker: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert look_up(Origin.ENGINE, "app:1") is None
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    with pytest.raises(LayerscopeError, match="Docker is not running"):
        look_up(Origin.ENGINE, "app:1")

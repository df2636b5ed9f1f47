"""`layerscope` without a name, in a terminal: a list of images, and then one of them."""

import os
import sys
from collections.abc import Iterator

import pytest

from tests.images import Image, docker_archive, file, layer
from tests.loader.fake_engine import FakeEngine, Saved, serving
from tests.terminals import terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")

ONE = Image([layer(file("a", b"abc")), layer(file("a", b"xyz"))], tags=["app:1"])
TWO = Image([layer(file("b", b"b"))], tags=["other:1"])


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    """Docker, with two images."""
    with serving(Saved.of(ONE, docker_archive(ONE)), Saved.of(TWO, docker_archive(TWO), ["other:1"])) as fake:
        yield fake


def surroundings(url: str) -> dict[str, str]:
    """Docker at an address, and no Podman."""
    return {"DOCKER_HOST": url, "CONTAINER_HOST": "unix:///nowhere", "PATH": os.defpath}


def test_what_is_typed_finds_an_image_and_enter_opens_it(engine: FakeEngine) -> None:
    with terminal(environment=surroundings(engine.url)) as one:
        assert "app:1" in one.read_until("other:1")
        one.press("app")
        one.read_until("1 of 2 images in Docker")
        one.press("\r")
        one.read_until("RUN step 1")
        assert "eff 50.00 %" in one.screen.text
        one.press("q")
        assert one.end() == 0
    assert engine.saves == 1


@pytest.mark.parametrize(("keys", "code"), [("\x1b", 0), ("\x03", 0)])
def test_the_user_leaves(engine: FakeEngine, keys: str, code: int) -> None:
    with terminal(environment=surroundings(engine.url)) as one:
        one.read_until("2 images in Docker")
        one.press(keys)
        assert one.end() == code
    assert engine.saves == 0


def test_options_go_with_the_image_that_is_chosen(engine: FakeEngine) -> None:
    with terminal("--image", "other:1", environment=surroundings(engine.url)) as one:
        one.read_until("2 images in Docker")
        one.press("app\r")
        one.read_until("This image cannot be shown")
        one.press("q")
        assert one.end() == 2


def test_no_engine_answers() -> None:
    with terminal(environment=surroundings("unix:///nowhere")) as one:
        one.read_until("The images cannot be listed")
        one.read_until("Docker is not running")
        one.press("q")
        assert one.end() == 2
        assert b"layerscope: Docker is not running: nobody answers at unix:///nowhere" in one.written


@pytest.mark.parametrize("options", [["--text"], ["--ci"], ["--json", "-"]])
def test_a_report_needs_a_name(options: list[str]) -> None:
    with terminal(*options) as one:
        assert one.end() == 2
        assert b"layerscope: IMAGE is missing" in one.written

"""Images by name, from a real Docker engine and a real Podman: as their archives are, and nothing is left."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from layerscope.errors import DamagedError, SourceError
from layerscope.loader import open_image

from tests.images import Image, docker_archive
from tests.loader.sources import Measured, measure
from tests.tars import directory, file, hardlink, layer, symlink, whiteout

pytestmark = pytest.mark.engine

NOISE = random.Random(1).randbytes(20_000_000)
LAYERS = [
    layer(directory("etc"), file("etc/a", b"abc"), file("b", NOISE), hardlink("h", "b")),
    layer(whiteout("etc/a"), file("c", b"12345"), symlink("l", "c")),
    layer(file("b", NOISE)),
]
COMMAND = [sys.executable, "-m", "layerscope"]
EXPECTED = (40_000_008, 40_000_005)


def made(folder: Path, tag: str) -> Path:
    """An archive to load; the image has the name `tag`, and an id that no other run's has."""
    path = folder / "image.tar"
    path.write_bytes(docker_archive(Image(LAYERS, tags=[tag], config={"Labels": {"run": uuid.uuid4().hex}})))
    return path


def ours(found: Measured) -> tuple[object, ...]:
    """What must be equal; engines number and name their tags in their own way."""
    return found.stored, found.live, found.platform, [count for _, count in found.layers]


# Docker ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tag(docker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An image that the engine has."""
    name = f"layerscope-test-{uuid.uuid4().hex}:1"
    path = made(tmp_path_factory.mktemp("docker"), name)
    subprocess.run([docker, "load", "--quiet", "--input", str(path)], capture_output=True, check=True)
    yield name
    subprocess.run([docker, "rmi", "--force", name], capture_output=True, check=False)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The temporary folder, in which nothing may be left."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield folder
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("how", ["{}", "docker://{}", "id", "short id"])
def test_docker_by_name_is_what_its_archive_is(
    how: str, docker: str, tag: str, tmp_path: Path, scratch: Path
) -> None:
    saved = tmp_path / "saved.tar"
    subprocess.run([docker, "save", "--output", str(saved), tag], check=True)
    asked = [docker, "image", "inspect", "--format", "{{.Id}}", tag]
    identity = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    name = {"id": identity, "short id": identity[7:19]}.get(how) or how.format(tag)
    expected = measure(saved)
    assert expected[:2] == EXPECTED
    assert measure(name) == expected
    with open_image(name, spool=True) as opened:
        assert (opened.id, opened.tags) == (identity, (tag,))
        [(_, chunks)] = [(one, b"".join(some)) for one, some in opened.layers[1].contents.read([1])]
        assert chunks == b"12345"


def test_contents_come_from_docker_again(tag: str, scratch: Path) -> None:
    with open_image(tag) as opened:
        for one, number, content in ((0, 1, b"abc"), (1, 1, b"12345"), (2, 0, NOISE)):
            assert [b"".join(some) for _, some in opened.layers[one].contents.read([number])] == [content]


@pytest.mark.parametrize("spool", [False, True])
def test_a_stream_from_docker_that_is_cut(
    spool: bool, tag: str, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cutting_proxy("/var/run/docker.sock", 5_000_000) as path:
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        with pytest.raises(DamagedError, match="was cut after"), open_image(tag, spool=spool):
            pass


@pytest.mark.parametrize("options", [[], ["--spool"]])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_in_the_middle_leaves_nothing(
    number: signal.Signals, options: list[str], tag: str, scratch: Path
) -> None:
    with cutting_proxy("/var/run/docker.sock", 5_000_000, stall=True) as path:
        environment = {**os.environ, "DOCKER_HOST": f"unix://{path}"}
        with subprocess.Popen([*COMMAND, tag, *options], env=environment, stderr=subprocess.PIPE) as process:
            time.sleep(2)
            process.send_signal(number)
            begun = time.monotonic()
            process.communicate()
            assert time.monotonic() - begun < 2
    assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}.get(number, -number)


def test_a_name_that_docker_does_not_know(docker: str, tag: str) -> None:
    wrong = tag.replace("layerscope", "layerscoop")
    with pytest.raises(SourceError, match="there is no image") as caught, open_image(f"docker://{wrong}"):
        pass
    assert tag in caught.value.choices


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can be somebody else")
def test_a_docker_socket_without_permission(docker: str) -> None:
    code = (
        "import os, sys\n"
        "from layerscope import cli\n"
        "cli.run(['docker://no-such-image'])\n"  # imports what nobody else may read
        "print('--', file=sys.stderr)\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "raise SystemExit(cli.run(['docker://no-such-image']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    said = done.stderr.partition("--\n")[2]
    assert "permission denied" in said
    assert "group docker" in said


# Podman ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def podman(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a command `podman` that has a store of its own, in which there is one image."""
    command = shutil.which("podman")
    if command is None:
        pytest.skip("no podman on PATH")
    folder = Path(tempfile.mkdtemp(prefix="lsp"))  # a socket's path must be short
    store = ["--root", str(folder / "root"), "--runroot", str(folder / "run"), "--storage-driver", "vfs"]
    wrapper = folder / "podman"
    wrapper.write_text(f'#!/bin/sh\nexec {command} {" ".join(store)} "$@"\n')
    wrapper.chmod(0o755)
    path = made(tmp_path_factory.mktemp("podman"), "localhost/app:1")
    done = subprocess.run([wrapper, "load", "-i", path], capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"podman cannot load an image here: {done.stderr.strip()}")
    yield folder
    subprocess.run([wrapper, "rmi", "--all", "--force"], capture_output=True, check=False)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["socket", "command"])
def reachable(request: pytest.FixtureRequest, podman: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Podman behind its socket, or nothing but its command."""
    monkeypatch.setenv("PATH", f"{podman}{os.pathsep}{os.environ['PATH']}")
    if request.param == "command":
        monkeypatch.delenv("CONTAINER_HOST", raising=False)
        if Path("/run/podman/podman.sock").exists():
            pytest.skip("a socket answers here")
        yield "command"
        return
    path = podman / "s"
    service = subprocess.Popen(
        [podman / "podman", "system", "service", "--time", "0", f"unix://{path}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 20
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        monkeypatch.setenv("CONTAINER_HOST", f"unix://{path}")
        yield "socket"
    finally:
        service.terminate()
        service.wait()


def test_podman_by_name_is_what_its_archive_is(
    reachable: str, podman: Path, tmp_path: Path, scratch: Path
) -> None:
    for kind in ("docker-archive", "oci-archive"):
        saved = tmp_path / f"{kind}.tar"
        command = [str(podman / "podman"), "save", "--quiet", "--format", kind, "-o", str(saved), "app:1"]
        environment = {name: value for name, value in os.environ.items() if name != "CONTAINER_HOST"}
        subprocess.run(command, check=True, env=environment)
        expected = measure(saved)
        assert expected[:2] == EXPECTED
        for name in ("podman://localhost/app:1", "podman://app:1"):
            assert ours(measure(name)) == ours(expected)
    with open_image("podman://localhost/app:1") as opened:
        assert opened.tags == ("localhost/app:1",)
        assert [b"".join(some) for _, some in opened.layers[1].contents.read([1])] == [b"12345"]


def test_a_name_that_podman_does_not_know(reachable: str) -> None:
    with (
        pytest.raises(SourceError, match="there is no image") as caught,
        open_image("podman://localhost/apq:1"),
    ):
        pass
    assert caught.value.choices == ("localhost/app:1",)


def test_podman_is_not_left_running(reachable: str, podman: Path, scratch: Path) -> None:
    class EnoughError(Exception):
        pass

    def progress(reading: object) -> None:
        raise EnoughError

    with pytest.raises(EnoughError), open_image("podman://localhost/app:1", progress=progress):
        pass
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert f"--root {podman}/root --runroot {podman}/run --storage-driver vfs image save" not in running


# Between us and an engine ---------------------------------------------------------------------------------


@contextmanager
def cutting_proxy(target: str, limit: int, *, stall: bool = False) -> Iterator[Path]:
    """A socket that leads to an engine's, and breaks off or falls silent after so many bytes of an answer."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir="/tmp")))
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(str(folder / "s"))
        listener.listen()
        over = threading.Event()

        def pump(source: socket.socket, sink: socket.socket, left: int) -> None:
            with suppress(OSError):
                while data := source.recv(1 << 16):
                    left -= len(data)
                    if left < 0:
                        if stall:
                            over.wait(30)
                        break
                    sink.sendall(data)
            for one in (source, sink):
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    engine = socket.socket(socket.AF_UNIX)
                    engine.connect(target)
                    for one in (client, engine):
                        stack.callback(one.close)
                    for ends in ((client, engine, 1 << 60), (engine, client, limit)):
                        threading.Thread(target=pump, args=ends, daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield folder / "s"
        finally:
            over.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()

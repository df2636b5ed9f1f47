"""An engine behind `ssh`: a script in its place, which leads to a fake engine or says why it does not."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from layerscope.analysis.model import Reading
from layerscope.errors import DamagedError, SourceError
from layerscope.loader import open_image
from layerscope.loader.engine_ssh import ssh_command

from tests.images import Image, docker_archive
from tests.loader.fake_engine import FakeEngine, Saved, serving
from tests.loader.sources import measure
from tests.tars import file, layer

pytestmark = pytest.mark.skipif(os.name != "posix", reason="ssh gets one socket for both of its ends")

NOISE = os.urandom(300_000)
ONE = Image([layer(file("a", b"abc")), layer(file("b", NOISE))], tags=[])
DATA = docker_archive(ONE)
DIALS = """
import os, socket, sys, threading
with open(sys.argv[0] + ".asked", "a") as asked:
    print(os.getpid(), *sys.argv[1:], file=asked)
engine = socket.socket(socket.AF_UNIX)
engine.connect({path!r})
def answers():
    while data := engine.recv(65536):
        os.write(1, data)
    os._exit(0)
threading.Thread(target=answers, daemon=True).start()
while data := os.read(0, 65536):
    engine.sendall(data)
engine.shutdown(socket.SHUT_WR)
threading.Event().wait(20)
"""
Script = Callable[[str], Path]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Makes a command `ssh` of a Python program."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("DOCKER_HOST", "ssh://me@Engine:2222")
    for name in ("DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)

    def make(program: str) -> Path:
        (tmp_path / "ssh").write_text(f"#!{sys.executable} -IS\n{program}")
        (tmp_path / "ssh").chmod(0o755)
        return tmp_path / "ssh.asked"

    return make


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    with serving(Saved.of(ONE, DATA)) as fake:
        yield fake


def alive(asked: Path) -> list[int]:
    """The processes of `ssh` that still run, a second after the last of them should."""
    deadline = time.monotonic() + 1
    while True:
        running = [
            pid for pid in (int(line.split()[0]) for line in asked.read_text().splitlines()) if _runs(pid)
        ]
        if not running or time.monotonic() > deadline:
            return running
        time.sleep(0.01)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def refusal() -> SourceError:
    with pytest.raises(SourceError) as caught, open_image("docker://app:1"):
        pass
    return caught.value


@pytest.mark.parametrize(
    ("url", "arguments"),
    [
        ("ssh://engine", ["--", "engine", "docker system dial-stdio"]),
        ("ssh://me@Engine:22", ["-l", "me", "-p", "22", "--", "Engine", "docker system dial-stdio"]),
        ("ssh://[::1]:2222", ["-p", "2222", "--", "::1", "docker system dial-stdio"]),
        ("ssh://engine/", ["--", "engine", "docker system dial-stdio"]),
        ("ssh://-oProxyCommand=x", ["--", "-oProxyCommand=x", "docker system dial-stdio"]),
        (
            "ssh://engine/run/a$(b).sock",
            ["--", "engine", "docker --host 'unix:///run/a$(b).sock' system dial-stdio"],
        ),
    ],
)
def test_what_ssh_is_asked(url: str, arguments: list[str]) -> None:
    assert ssh_command(url) == ["ssh", "-T", "-o", "ConnectTimeout=10", *arguments]


@pytest.mark.parametrize(
    "url", ["ssh://", "ssh:///run/docker.sock", "ssh://me:secret@engine", "ssh://engine:x"]
)
def test_an_address_that_names_no_host(url: str) -> None:
    with pytest.raises(ValueError, match=r"ssh://|Port"):
        ssh_command(url)


def test_an_image_by_ssh_is_what_its_archive_is(script: Script, engine: FakeEngine, tmp_path: Path) -> None:
    asked = script(DIALS.format(path=engine.url.removeprefix("unix://")))
    (tmp_path / "image.tar").write_bytes(DATA)
    assert measure("docker://app:1") == measure(tmp_path / "image.tar")._replace(tags=("app:1",))
    [line] = asked.read_text().splitlines()  # one connection for all questions
    assert line.split(" ", 1)[1] == (
        "-T -o ConnectTimeout=10 -l me -p 2222 -- Engine docker system dial-stdio"
    )
    assert alive(asked) == []


def test_contents_come_by_ssh_again(script: Script, engine: FakeEngine) -> None:
    asked = script(DIALS.format(path=engine.url.removeprefix("unix://")))
    with open_image("docker://app:1") as opened:
        for number, content in ((0, b"abc"), (1, NOISE), (0, b"abc")):
            assert [b"".join(some) for _, some in opened.layers[number].contents.read([0])] == [content]
    assert alive(asked) == []


def test_a_stream_by_ssh_that_is_cut(script: Script, engine: FakeEngine) -> None:
    asked = script(DIALS.format(path=engine.url.removeprefix("unix://")))
    engine.cut_at = 100_000
    with (
        pytest.raises(DamagedError, match="the stream from Docker was cut after"),
        open_image("docker://app:1"),
    ):
        pass
    assert alive(asked) == []


@pytest.mark.parametrize("at", [0, 100_000])
def test_ssh_ends_when_nobody_wants_to_wait(at: int, script: Script, engine: FakeEngine) -> None:
    asked = script(DIALS.format(path=engine.url.removeprefix("unix://")))
    engine.stalls_at = at

    class EnoughError(Exception):
        pass

    def progress(reading: Reading) -> None:
        if engine.saves and reading.done >= at:
            raise EnoughError

    with pytest.raises(EnoughError), open_image("docker://app:1", progress=progress):
        pass
    assert alive(asked) == []


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (
            "import sys; sys.exit('Welcome\\nssh: connect to host engine: \\x1b[2JConnection refused')",
            "ssh: connect to host engine: \x1b[2JConnection refused",
        ),
        ("", "the connection was cut"),
    ],
)
def test_the_last_words_of_ssh_are_told(program: str, said: str, script: Script) -> None:
    script(program)
    assert said in refusal().message


def test_how_to_try_ssh_alone(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    script("")
    assert refusal().hint == "Does this work: ssh -p 2222 me@Engine docker version"
    monkeypatch.setenv("DOCKER_HOST", "ssh://engine")
    assert refusal().hint == "Does this work: ssh engine docker version"


def test_ssh_that_says_nothing(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerscope.loader.engine_socket._ANSWER", 0.2)
    script("import time; time.sleep(20)")
    assert refusal().message == "Docker cannot be reached at ssh://me@Engine:2222: no answer"


def test_there_is_no_ssh(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script("")
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert refusal().message == (
        "Docker cannot be reached at ssh://me@Engine:2222: there is no command ssh here"
    )

"""Images by name, from an engine that is a fake: equal figures, and every way in which it may fail."""

import errno
import json
import os
import random
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from layerscope.analysis.model import Image as OpenedImage
from layerscope.analysis.model import Reading
from layerscope.errors import DamagedError, LayerscopeError, LimitError, SourceError
from layerscope.loader import limits, open_image
from layerscope.loader.engines import close_names

from tests.images import (
    Files,
    Image,
    add_image,
    add_index,
    add_layout,
    annotated,
    archive,
    docker_archive,
    docker_files,
    oci_archive,
    oci_files,
    to_json,
)
from tests.loader.fake_engine import FakeEngine, Saved, made_up_id, serving
from tests.loader.sources import Measured, held, measure, measured
from tests.tars import file, layer, whiteout

NOISE = random.Random(0).randbytes(300_000)
BASE = layer(file("a", b"abc"), file("b", NOISE))
TOP = layer(whiteout("a"), file("c", b"12345"))
IMAGE = Image([BASE, TOP, BASE], tags=["app:1"])
UNTAGGED = Image([BASE, TOP, BASE], tags=[])
ARCHIVES = {
    "docker-20": docker_archive(UNTAGGED, style="legacy"),
    "docker-25": docker_archive(UNTAGGED, style="docker25"),
    "podman": docker_archive(UNTAGGED, style="podman"),
    "containerd, gzip": oci_archive(UNTAGGED, compression="gzip"),
    "containerd, zstd": oci_archive(UNTAGGED, compression="zstd-packed"),
    "blobs last": archive(dict(reversed(docker_files(UNTAGGED, style="docker25").items()))),
    "blobs last, gzip": archive(dict(reversed(oci_files(UNTAGGED).items()))),
}
DATA = ARCHIVES["docker-20"]


@pytest.fixture(autouse=True)
def _no_other_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither an engine nor settings of this machine; a temporary folder of its own."""
    for name in ("DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("CONTAINER_HOST", f"unix://{tmp_path}/no-podman")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "tempdir", None)
        context = serving(Saved.of(IMAGE, DATA))
        fake = context.__enter__()
    monkeypatch.setenv("DOCKER_HOST", fake.url)
    before = held()[0]
    yield fake
    fake.go_on.set()
    assert not list(Path(tempfile.gettempdir()).iterdir())
    deadline = time.monotonic() + 5
    while {one for one in held()[0] - before if one.name == "prefetch"} and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not {one for one in held()[0] - before if one.name == "prefetch"}
    context.__exit__(None, None, None)


def of_file(data: bytes, folder: Path) -> Measured:
    (folder / "image.tar").write_bytes(data)
    return measure(folder / "image.tar")


def refusal(reference: str = "app:1", **options: object) -> LayerscopeError:
    with pytest.raises(LayerscopeError) as caught, open_image(reference, **options):  # type: ignore[arg-type]
        pass
    return caught.value


def contents(opened: OpenedImage) -> list[dict[bytes, bytes]]:
    """Path to content of every regular file, of every layer."""
    found = []
    for one in opened.layers:
        numbers = [number for number, entry in enumerate(one.entries) if entry.size]
        files = {one.entries[number].name: b"".join(chunks) for number, chunks in one.contents.read(numbers)}
        found.append(files)
    return found


# What it should be ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("spool", [False, True])
@pytest.mark.parametrize("style", ARCHIVES)
def test_an_image_by_name_is_what_its_archive_is(
    style: str, spool: bool, engine: FakeEngine, tmp_path: Path
) -> None:
    engine.images = [Saved.of(IMAGE, ARCHIVES[style])]
    expected = of_file(ARCHIVES[style], tmp_path)
    with open_image("app:1", spool=spool) as opened:
        assert measured(opened) == expected._replace(tags=("app:1",))
        assert (opened.reference, opened.id) == ("app:1", engine.images[0].id)
    assert engine.saves == 1


@pytest.mark.parametrize("name", ["app:1", "docker://app:1"])
def test_the_archive_is_asked_for_by_the_id_that_was_described(name: str, engine: FakeEngine) -> None:
    measure(name)
    assert engine.requests == [
        "GET /version",
        "GET /v1.41/images/app:1/json",
        f"GET /v1.41/images/{engine.images[0].id}/get",
    ]


def test_one_of_several_platforms_from_a_containerd_store(engine: FakeEngine) -> None:
    files: Files = {}
    images = [
        Image([layer(file("a", name.encode()))], platform=name) for name in ("linux/amd64", "linux/s390x")
    ]
    index = add_index(files, [add_image(files, one, platform=True) for one in images])
    add_layout(files, [annotated(index, "app:1")])
    engine.images = [Saved(archive(files), str(index["digest"]))]
    assert measure("app:1", platform="linux/s390x").platform == "linux/s390x"
    assert "no image for linux/arm64" in refusal(platform="linux/arm64").message


def test_podman_is_asked_where_docker_does_not_know_the_image(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "tempdir", None)
        context = serving(Saved.of(IMAGE, ARCHIVES["podman"], ["localhost/other:1"]))
        podman = context.__enter__()
    try:
        monkeypatch.setenv("CONTAINER_HOST", podman.url)
        assert measure("localhost/other:1").tags == ("localhost/other:1",)
        assert engine.saves == 0
        assert measure("podman://localhost/other:1").tags == ("localhost/other:1",)
        assert (
            "there is no image localhost/other:1 in Docker" in refusal("docker://localhost/other:1").message
        )
    finally:
        context.__exit__(None, None, None)


def test_the_engine_is_that_of_the_clis_context(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DOCKER_HOST")
    folder = tmp_path / "docker" / "contexts" / "meta" / made_up_id("mine")[7:]
    folder.mkdir(parents=True)
    meta = {
        "Name": "mine",
        "Metadata": {},
        "Endpoints": {"docker": {"Host": engine.url, "SkipTLSVerify": False}},
    }
    (folder / "meta.json").write_text(json.dumps(meta))
    (tmp_path / "docker" / "config.json").write_text(json.dumps({"currentContext": "mine"}))
    assert measure("docker://app:1").stored == 600_011
    (tmp_path / "docker" / "config.json").write_text("{}")
    monkeypatch.setenv("DOCKER_CONTEXT", "mine")
    assert measure("docker://app:1").stored == 600_011
    monkeypatch.setenv("DOCKER_CONTEXT", "other")
    assert refusal("docker://app:1").message == "there is no Docker context other"


@pytest.mark.parametrize("spool", [False, True])
@pytest.mark.parametrize("style", ARCHIVES)
def test_contents_are_had_again(style: str, spool: bool, engine: FakeEngine) -> None:
    engine.images = [Saved.of(IMAGE, ARCHIVES[style])]
    with open_image("app:1", spool=spool) as opened:
        assert contents(opened) == [
            {b"a": b"abc", b"b": NOISE},
            {b"c": b"12345"},
            {b"a": b"abc", b"b": NOISE},
        ]
    assert engine.saves == (1 if spool else 4)


def test_no_more_is_sent_than_the_layer_that_is_wanted(engine: FakeEngine) -> None:
    bulk = Image([layer(file("a", b"abc")), *(layer(file(str(one), NOISE * 9)) for one in range(4))])
    files = docker_files(bulk, style="plain")
    engine.images = [Saved.of(bulk, archive(files))]
    with open_image("app:1") as opened:
        told: list[int] = []
        [(_, chunks)] = [
            (number, list(chunks)) for number, chunks in opened.layers[0].contents.read([0], told.append)
        ]
        assert b"".join(chunks) == b"abc"
        assert opened.layers[0].contents.cost([0]) == len(engine.images[0].archive)
        assert sum(told) < 1_000_000
        assert engine.gone.wait(5)


def test_contents_of_an_image_that_was_removed_meanwhile(engine: FakeEngine) -> None:
    with open_image("app:1") as opened:
        engine.images.clear()
        with pytest.raises(SourceError, match="is no longer in Docker"):
            contents(opened)


def test_contents_are_held_against_what_was_measured(engine: FakeEngine) -> None:
    with open_image("app:1") as opened:
        engine.images[0].archive = DATA.replace(b"12345", b"12340")
        with pytest.raises(DamagedError, match="no longer what it was"):
            contents(opened)
        engine.images[0].archive = docker_archive(Image([layer()]))
        with pytest.raises(DamagedError, match="is no longer in app:1 from Docker"):
            contents(opened)


def test_progress_is_told(engine: FakeEngine) -> None:
    heard: list[Reading] = []
    with open_image("app:1", progress=heard.append):
        pass
    assert heard[-1] == Reading(len(DATA), len(DATA), None, None)


# What may go wrong ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("spool", [False, True])
def test_a_stream_that_is_cut_anywhere_gives_no_figures(engine: FakeEngine, spool: bool) -> None:
    for cut in [0, 1, 511, 512, 513, *range(5000, len(DATA), 70_001), len(DATA) - 1]:
        engine.cut_at = cut
        error = refusal(spool=spool)
        assert isinstance(error, DamagedError)
        assert "the stream from Docker was cut after" in error.message


def test_a_stream_that_is_whole_for_http_and_not_for_tar(engine: FakeEngine) -> None:
    for end in (0, 512, 5000, 100_000, len(DATA) - 11_000):
        engine.ends_at = end
        error = refusal()
        assert isinstance(error, LayerscopeError)
        assert "app:1 from Docker" in error.message


def test_an_engine_that_falls_silent(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerscope.loader.engine_socket._SILENCE", 0.1)
    engine.stalls_at = 100_000
    assert refusal().message == "Docker has stopped sending, after 131072 bytes"
    engine.stalls_at = 0
    assert "Docker does not answer at" in refusal().message or "stopped sending" in refusal().message


def test_what_the_engine_writes_behind_half_an_archive_is_shown(engine: FakeEngine) -> None:
    engine.ends_at = 100_000
    engine.complaint = b'{"errorDetail":{"message":"write /x: no space left"},"error":"x"}\r\n'
    assert refusal().message == "Docker could not send all of the image: write /x: no space left"


def test_the_engine_refuses_to_save(engine: FakeEngine) -> None:
    engine.answers["/get"] = (500, b'{"message":"no space left on device"}')
    assert refusal().message == "Docker refuses (500): no space left on device"


@pytest.mark.parametrize("at", [0, 100_000])
def test_a_user_who_does_not_want_to_wait_is_heard_while_nothing_comes(engine: FakeEngine, at: int) -> None:
    engine.stalls_at = at

    class EnoughError(Exception):
        pass

    def progress(reading: Reading) -> None:
        if time.monotonic() > begun + 0.3:
            raise EnoughError

    begun = time.monotonic()
    with pytest.raises(EnoughError), open_image("app:1", progress=progress):
        pass
    assert time.monotonic() - begun < 2
    engine.go_on.set()
    engine.stalls_at = None
    assert measure("app:1").stored == 600_011


@pytest.mark.parametrize(
    ("path", "answer", "message"),
    [
        ("/version", (200, b"<html>"), "answers with something that is no JSON"),
        ("/version", (200, b"[]"), "is no container engine"),
        ("/version", (200, b'{"ApiVersion": "1.41/../.."}'), "is no container engine"),
        ("/version", (404, b""), "answers with something that is no JSON"),
        ("/version", (302, b""), "refuses (302): it does not say why"),
        ("app:1/json", (500, b'{"message":"out of\\n order"}'), "Docker refuses (500): out of order"),
        ("app:1/json", (500, b"x" * 100_000), "Docker refuses (500): " + "x" * 500 + "…"),
        ("app:1/json", (500, b"[" * 100_000), "Docker refuses (500): "),
        ("app:1/json", (200, b"[" * 100_000), "answers with something that is no JSON"),
        ("app:1/json", (200, b'{"Id": "../../containers"}'), "gives the image an id that is none"),
        ("app:1/json", (200, b'{"Id": 5}'), "gives the image an id that is none"),
        ("app:1/json", (200, b"5"), "gives the image an id that is none"),
    ],
)
def test_an_answer_that_is_none(
    engine: FakeEngine, path: str, answer: tuple[int, bytes], message: str
) -> None:
    engine.answers[path] = answer
    assert message in refusal("docker://app:1").message


def test_fields_of_wrong_types_do_not_matter(engine: FakeEngine) -> None:
    odd = {"Id": engine.images[0].id, "RepoTags": 5, "Os": [], "Size": -1, "RootFS": "x"}
    engine.answers["app:1/json"] = (200, to_json(odd))
    assert measure("app:1").stored == 600_011


def test_an_answer_without_end_is_not_kept(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ANSWER", 1 << 20)
    engine.answers["app:1/json"] = (200, b" " * (3 << 20))
    assert isinstance(refusal(), LimitError)


def test_another_image_than_was_described(engine: FakeEngine) -> None:
    engine.images[0].diff_ids = [made_up_id("x")] * 3
    assert refusal().message == "app:1 from Docker has other layers than the engine said"


def test_no_such_image_with_the_closest_names(engine: FakeEngine) -> None:
    engine.images += [
        Saved(b"", made_up_id(tag), (tag,)) for tag in ("ap:1", "other/app:2", "x:1", "app\x1b:3")
    ]
    error = refusal("apq:1")
    assert error.message == "there is no file or directory apq:1, and no image of that name in Docker"
    assert error.hint.startswith("--pull missing fetches it.")
    assert error.choices == ("ap:1", "app:1", "other/app:2")


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("app", ["app:1", "b:2"], ["app:1"]),
        ("smal:1", ["local/small:1", "x:1"], ["local/small:1"]),
        ("local/small:2", ["local/small:1", "local/large:1"], ["local/small:1", "local/large:1"]),
        ("x", [], []),
        ("abcdef", ["zzz:1"], []),
    ],
)
def test_close_names(name: str, known: list[str], found: list[str]) -> None:
    assert close_names(name, known) == found


def test_no_engine_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    error = refusal("docker://app:1")
    assert error.message == "Docker is not running: nobody answers at unix:///nowhere/docker.sock"
    assert "Start it" in error.hint
    assert refusal("app:1").message == (
        "there is no file or directory app:1, and Docker is not running: nobody answers at "
        "unix:///nowhere/docker.sock"
    )


def test_nobody_listens_at_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    assert refusal("docker://app:1").message == "Docker is not running: nobody answers at tcp://127.0.0.1:1"


@pytest.mark.parametrize("host", ["nonsense", "tcp://", "gopher://x", "unix://", "ssh://nobody@127.0.0.1:1"])
def test_an_address_that_is_none(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    assert isinstance(refusal("docker://app:1"), SourceError)


def test_a_socket_without_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setenv("DOCKER_HOST", "unix:///run/docker.sock")
    monkeypatch.setattr(socket.socket, "connect", refuse)
    error = refusal("docker://app:1")
    assert error.message == "Docker at unix:///run/docker.sock may not be used from here: permission denied"
    assert "group docker" in error.hint


def test_no_room_for_a_spool(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __enter__(self) -> "Full":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Full())
    error = refusal(spool=True)
    assert error.message == f"app:1 from Docker does not fit into {tempfile.gettempdir()}"
    assert "TMPDIR" in error.hint


# Pulling --------------------------------------------------------------------------------------------------


LINES: list[dict[str, object]] = [
    {"status": "Pulling from library/app", "id": "1"},
    {"status": "Downloading", "id": "a", "progressDetail": {"current": 10, "total": 100}},
    {"status": "Downloading", "id": "b", "progressDetail": {"current": 5, "total": 50}},
    {"status": "Download complete", "id": "a", "progressDetail": {}},
    {"status": "Extracting", "id": "a", "progressDetail": {"current": 1, "total": 7}},
    {"status": "Pull complete", "id": "b"},
]


def test_an_image_that_is_missing_is_pulled_if_it_may_be(engine: FakeEngine) -> None:
    engine.registry["new:latest"] = Saved.of(IMAGE, DATA, ["new:latest"])
    engine.pulls = LINES
    assert "no image of that name" in refusal("new").message
    heard: list[Reading] = []
    with open_image("new", pull="missing", progress=heard.append) as opened:
        assert opened.tags == ("new:latest",)
    pulling = [reading[:2] for reading in heard if reading.doing == "pulling"]
    assert list(dict.fromkeys(pulling)) == [(0, None), (10, 100), (15, 150), (105, 150), (150, 150)]


@pytest.mark.parametrize(("pull", "pulls"), [("never", 0), ("missing", 0), ("always", 1)])
def test_an_image_that_is_there_is_pulled_only_if_it_always_is(
    engine: FakeEngine, pull: str, pulls: int
) -> None:
    with open_image("app:1", pull=pull):  # type: ignore[arg-type]
        pass
    assert engine.requests.count("POST /v1.41/images/create") == pulls


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("pull access denied for x, repository does not exist or may require 'docker login'", "docker login"),
        ("manifest for x:1 not found: manifest unknown", "Are name and tag right?"),
        ("dial tcp: lookup registry.example: no such host", "Is there a network"),
        ("net/http: request canceled (Client.Timeout exceeded)", "Is there a network"),
        ("\x1b[2J", ""),
    ],
)
@pytest.mark.parametrize("how", ["status", "line"])
def test_a_registry_that_refuses(engine: FakeEngine, said: str, hint: str, how: str) -> None:
    if how == "status":
        engine.answers["/create"] = (500, to_json({"message": said}))
    else:
        engine.pulls = [LINES[0], {"errorDetail": {"message": said}, "error": said}]
    error = refusal("x:1", pull="missing")
    assert error.message == f"x:1 cannot be pulled: {said}"
    assert hint in error.hint


def test_an_id_is_not_pulled(engine: FakeEngine) -> None:
    assert "no image of that name" in refusal(made_up_id("x"), pull="missing").message
    assert not any("create" in path for path in engine.requests)


def test_an_engine_that_is_there_but_silent_is_not_passed_over_for_a_pull(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Podman must not fetch what Docker may have."""
    monkeypatch.setenv("CONTAINER_HOST", engine.url)
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    error = refusal("new:1", pull="missing")
    assert error.message == "there is no file or directory new:1, and no image of that name in Podman"
    assert "Not asked: Docker is not running" in error.hint


def test_a_user_who_does_not_want_to_wait_for_a_pull(engine: FakeEngine) -> None:
    engine.pulls = LINES

    def progress(reading: Reading) -> None:
        if reading.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), open_image("new", pull="missing", progress=progress):
        pass

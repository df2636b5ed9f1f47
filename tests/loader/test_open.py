"""Every fixture from every place an image may come from: its figures, or an error that a user can use."""

import io
import os
import pty
import socket
import tarfile
import threading
import time
from pathlib import Path

import pytest
from layerscope.errors import LayerscopeError, NotAnImageError, SourceError
from layerscope.loader import open_image

from fixtures.fixture import Fixture, Outcome
from fixtures.make import FIXTURES
from tests.images import Image, docker_archive, docker_files, oci_archive, oci_files, write_layout
from tests.loader.sources import measure, pipe
from tests.tars import file, layer

ARCHIVES = Path(__file__).parents[2] / "fixtures" / "archives"
DATA = docker_archive(Image([layer(file("a", b"abc"))]))


def check(fixture: Fixture, reference: str | Path, name: str, stdin: io.BufferedReader | None = None) -> None:
    """The figures of the fixture's row, or a refusal that names the archive, as the row demands."""
    options = dict(zip(fixture.options[::2], fixture.options[1::2], strict=False))
    refusal = None
    try:
        found = measure(
            reference,
            image=options.get("--image"),
            platform=options.get("--platform"),
            verify="--verify" in fixture.options,
            stdin=stdin,
        )
    except LayerscopeError as error:
        refusal = error
    if refusal is None:
        assert fixture.outcome is not Outcome.REFUSED
        assert (found.stored, found.live) == (fixture.stored, fixture.live)
    else:
        assert fixture.outcome is not Outcome.MEASURED, refusal
        assert name in refusal.message or "symbolic links" in refusal.message
        assert len(refusal.message) + len(refusal.hint) < 1000


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)
def test_a_fixture_is_measured_or_refused_from_a_file(fixture: Fixture) -> None:
    check(fixture, ARCHIVES / fixture.name, fixture.name)


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)
def test_a_fixture_is_measured_or_refused_from_a_pipe(fixture: Fixture) -> None:
    with pipe((ARCHIVES / fixture.name).read_bytes()) as stdin:
        check(fixture, "-", "standard input", stdin)  # type: ignore[arg-type]


REFUSED_LAYOUTS = (
    "missing-blob", "wrong-size", "layer-link-loop", "layer-link-out", "digest-path", "config-path",
    "manifest-cut", "rootfs", "wrong-blob",
)  # fmt: skip
PLAIN = [
    one
    for one in FIXTURES
    if one.name.endswith(".tar")
    and one.name.removesuffix(".tar").startswith(
        ("docker-", "oci-", *(f"hostile-{name}" for name in REFUSED_LAYOUTS))
    )
]


@pytest.mark.parametrize("fixture", PLAIN, ids=lambda fixture: fixture.name)
def test_a_fixture_is_measured_or_refused_from_a_directory(fixture: Fixture, tmp_path: Path) -> None:
    folder = tmp_path / fixture.name
    with tarfile.open(ARCHIVES / fixture.name) as tar:
        tar.extractall(folder, filter="fully_trusted")
    check(fixture, folder, fixture.name)


# Files ----------------------------------------------------------------------------------------------------


def test_a_regular_file_on_standard_input_is_read_at_random(tmp_path: Path) -> None:
    """So a broken member that is not needed is not even looked at, nor is a plain layer read whole."""
    (tmp_path / "image.tar").write_bytes(DATA)
    told: list[tuple[int, int | None]] = []
    with (
        (tmp_path / "image.tar").open("rb") as stdin,
        open_image("-", stdin=stdin, progress=lambda done, total: told.append((done, total))),
    ):
        assert stdin.tell() == 0
    assert told == [(2048, 2048)]


def test_standard_input_that_is_part_read_already_is_read_from_there(tmp_path: Path) -> None:
    (tmp_path / "image.tar").write_bytes(b"skip" + DATA)
    with (tmp_path / "image.tar").open("rb") as stdin:
        stdin.read(4)
        assert measure("-", stdin=stdin)[:2] == (3, 3)


def test_a_fifo_is_read_as_it_comes(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=[DATA])
    writer.start()
    try:
        assert measure(fifo)[:2] == (3, 3)
    finally:
        writer.join()


def test_a_directory_with_an_image_is_read_and_any_other_refused(tmp_path: Path) -> None:
    image = Image([layer(file("a", b"abc"))])
    assert measure(write_layout(tmp_path / "oci", oci_files(image)))[:2] == (3, 3)
    assert measure(write_layout(tmp_path / "docker", docker_files(image)))[:2] == (3, 3)
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotAnImageError) as caught:
        measure(tmp_path / "empty")
    assert caught.value.message == (
        f"{tmp_path}/empty is no image: it has neither manifest.json nor index.json"
    )


def test_a_tag_behind_a_path_chooses(tmp_path: Path) -> None:
    images = [Image([layer(file("a", b"x" * size))], tags=(f"app:{size}",)) for size in (3, 5)]
    (tmp_path / "image.tar").write_bytes(oci_archive(*images))
    assert measure(f"oci-archive:{tmp_path}/image.tar:app:5")[:2] == (5, 5)
    assert measure(f"oci-archive:{tmp_path}/image.tar:app:5", image="app:3")[:2] == (3, 3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"FROM scratch\n", "is no image archive: it is no tar, and not packed with gzip, zstd, xz or bzip2"),
        (b"\x1f\x8b\x08\0", "is cut off: its gzip data ends too early"),
        (bytes(300), "is no image archive: it is no tar, and not packed with gzip, zstd, xz or bzip2"),
        (bytes(1024), "is no image: it has neither manifest.json nor index.json"),
    ],
)
def test_a_file_that_is_no_image_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(LayerscopeError) as caught:
        measure(path)
    assert caught.value.message == f"{path} {message}"
    with pytest.raises(LayerscopeError) as caught:
        measure("-", stdin=io.BytesIO(content))
    assert caught.value.message == f"standard input {message}"


def test_a_device_is_no_image() -> None:
    with pytest.raises(SourceError) as caught:
        measure("/dev/null")
    assert caught.value.message == "/dev/null is a device or a socket, not a file or directory"


def test_a_socket_is_no_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
        with pytest.raises(SourceError) as caught:
            measure("socket")
    assert caught.value.message == "socket is a device or a socket, not a file or directory"


def test_an_empty_device_on_standard_input_is_empty() -> None:
    with Path("/dev/null").open("rb") as stdin, pytest.raises(NotAnImageError) as caught:
        measure("-", stdin=stdin)
    assert caught.value.message == "standard input is empty"


def test_a_terminal_is_not_waited_for() -> None:
    one, other = pty.openpty()
    with (
        os.fdopen(one, "rb"),
        os.fdopen(other, "rb", buffering=0) as stdin,
        pytest.raises(SourceError) as caught,
    ):
        measure("-", stdin=stdin)
    assert caught.value.message == "standard input is a terminal"


def test_a_closed_standard_input_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(SourceError) as caught:
        measure("-")
    assert caught.value.message == "standard input is closed"


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("ROOT MAY READ EVERYTHING: run the tests as another user to test missing permissions")
    path = tmp_path / "image.tar"
    path.write_bytes(DATA)
    path.chmod(0)
    with pytest.raises(SourceError) as caught:
        measure(path)
    assert caught.value.message == f"{path} cannot be opened: Permission denied"


def test_an_error_ends_the_reading_although_the_writer_goes_on() -> None:
    """`docker save | layerscope -` must not hang on a writer that stays."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stdin, os.fdopen(writing, "wb", buffering=0) as out:
        damaged = bytearray(DATA + bytes(10_000))
        damaged[513] ^= 1
        out.write(layer(file("a", checksum="wrong"), end=b"") + damaged)
        started = time.perf_counter()
        with pytest.raises(LayerscopeError):
            measure("-", stdin=stdin)
        assert time.perf_counter() - started < 10


def held() -> tuple[set[threading.Thread], int]:
    """Threads, and how many files are open (where the system tells)."""
    files = Path("/proc/self/fd")
    return set(threading.enumerate()), len(list(files.iterdir())) if files.exists() else 0


def test_no_thread_and_no_open_file_is_left(tmp_path: Path) -> None:
    path = tmp_path / "image.tar.gz"
    layout = write_layout(tmp_path / "oci", oci_files(Image([layer(file("a", b"abc"))])))
    before = held()
    for content in (DATA, DATA[:2000], b"", oci_archive(Image([layer(file("a", b"abc"))]))):
        path.write_bytes(content)
        for reference in (path, layout):
            try:
                measure(reference)
            except LayerscopeError:
                continue
    assert held() == before

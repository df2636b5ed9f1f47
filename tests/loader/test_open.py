"""Every fixture from every place an image may come from: its figures, or an error that a user can use."""

import io
import itertools
import os
import pty
import random
import socket
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO

import pytest
from layerscope.analysis.model import Reading
from layerscope.errors import LayerscopeError, NotAnImageError, SourceError
from layerscope.loader import Progress, open_image

from fixtures.fixture import Fixture, Outcome
from fixtures.make import FIXTURES
from tests.images import (
    Compression,
    Image,
    compress,
    docker_archive,
    docker_files,
    oci_archive,
    oci_files,
    write_layout,
)
from tests.loader.sources import held, measure, pipe
from tests.tars import END, file, layer

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
    told: list[Reading] = []
    with (
        (tmp_path / "image.tar").open("rb") as stdin,
        open_image("-", stdin=stdin, progress=told.append),
    ):
        assert stdin.tell() == 0
    assert told == [Reading(0, 2048, 0, 1), Reading(2048, 2048, 0, 1)]


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


# Progress -------------------------------------------------------------------------------------------------

DICE = random.Random(5)
STACK = Image([layer(*(file(f"f{n}", DICE.randbytes(size)) for n in range(4))) for size in (9, 500_000, 90)])
STACK_FORMS = {
    "plain": docker_archive(STACK, style="plain"),
    "gzip": oci_archive(STACK, compression="gzip-packed"),
    "zstd": oci_archive(STACK, compression="zstd-packed"),
    "packed as a whole": compress(docker_archive(STACK), "gzip-packed"),
}


def readings(path: Path, *, verify: bool = False) -> list[Reading]:
    told: list[Reading] = []
    with open_image(str(path), verify=verify, progress=told.append):
        return told


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("form", ["plain", "gzip", "zstd"])
def test_progress_tells_the_layer_that_the_bytes_belong_to(form: str, verify: bool, tmp_path: Path) -> None:
    path = tmp_path / "image"
    path.write_bytes(STACK_FORMS[form])
    told = readings(path, verify=verify)
    done = [0, 0, 0]
    last = 0
    for reading in told:
        assert reading.layer is not None
        done[reading.layer] += reading.done - last
        last = reading.done
    packing: dict[str, Compression] = {"plain": "none", "gzip": "gzip-packed", "zstd": "zstd-packed"}
    assert done == [len(compress(tar, packing[form])) for tar in STACK.layers]
    assert {(one.total, one.layers) for one in told} == {(sum(done), 3)}


def test_progress_does_not_know_the_layer_of_what_goes_by(tmp_path: Path) -> None:
    path = tmp_path / "image"
    path.write_bytes(STACK_FORMS["packed as a whole"])
    size = path.stat().st_size
    told = readings(path)
    assert {(one.total, one.layer, one.layers) for one in told} == {(size, None, None)}
    assert told[-1].done == size
    told.clear()
    with pipe(DATA) as stdin, open_image("-", stdin=stdin, progress=told.append):
        assert told[-1] == Reading(len(DATA), None, None, None)


def test_a_plain_layer_is_scanned_in_batches_between_which_progress_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layerscope.loader.layers._BATCH", 5)
    for count, end in itertools.product((0, 4, 5, 6, 10, 23), (b"", END)):
        tar = layer(*(file(f"f{number}") for number in range(count)), end=end)
        (tmp_path / "image").write_bytes(docker_archive(Image([tar]), style="plain"))
        told: list[Reading] = []
        with open_image(str(tmp_path / "image"), progress=told.append) as image:
            assert [entry.name for entry in image.layers[0].entries] == [b"f%d" % n for n in range(count)]
        if tar:
            assert [one.done for one in told] == [0] * (count // 5 + 1) + [len(tar)]


class Cancelled(BaseException):
    """What no handler of errors may take for one."""


@pytest.mark.parametrize("kind", [Cancelled, KeyError, OSError, EOFError, SourceError])
@pytest.mark.parametrize("piped", [False, True], ids=["file", "pipe"])
@pytest.mark.parametrize("form", STACK_FORMS)
def test_what_progress_raises_ends_the_reading_and_comes_out_as_it_is(
    form: str, piped: bool, kind: type[BaseException], tmp_path: Path
) -> None:
    """At whichever call, and from whichever thread."""
    path = tmp_path / "image"
    path.write_bytes(STACK_FORMS[form])
    before = held()
    for last in itertools.count():
        error = kind("cancelled")
        calls = itertools.count()

        def progress(
            _reading: Reading, calls: Iterator[int] = calls, last: int = last, error: BaseException = error
        ) -> None:
            if next(calls) == last:
                raise error

        with pipe(STACK_FORMS[form]) if piped else nullcontext() as stdin:
            found = failure("-" if piped else str(path), stdin, progress, verify=last % 2 == 1)
        assert held() == before
        if found is None:
            break
        assert found is error
        assert found.__cause__ is None
    assert last >= 2


def failure(
    reference: str, stdin: BinaryIO | None, progress: Progress, *, verify: bool
) -> BaseException | None:
    try:
        with open_image(reference, stdin=stdin, progress=progress, verify=verify):
            return None
    except BaseException as error:
        return error


def test_who_cancels_a_large_image_does_not_wait_for_it(tmp_path: Path) -> None:
    noise = random.Random(6).randbytes(1_500_000)
    image = Image([layer(file(f"f{number}", noise), file(str(number))) for number in range(6)])
    for data in (
        oci_archive(image, compression="zstd-packed"),
        compress(docker_archive(image), "zstd-packed"),
    ):
        (tmp_path / "image").write_bytes(data)
        told: list[Reading] = []

        def progress(reading: Reading, told: list[Reading] = told) -> None:
            told.append(reading)
            raise Cancelled

        with pytest.raises(Cancelled), open_image(str(tmp_path / "image"), progress=progress):
            pass
        assert len(told) <= 4  # one for each thread

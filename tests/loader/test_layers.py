"""Layers read whole: what is checked, and when; and what becomes of the others if one is damaged."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from layerscope.analysis.model import Layer
from layerscope.errors import DamagedError, LayerscopeError, LimitError, UnsupportedError
from layerscope.loader import limits
from layerscope.loader.contents import SeekableContents
from layerscope.loader.digests import RUN_SEED
from layerscope.loader.manifest import resolve
from layerscope.loader.seekable import read_layers

from tests.images import (
    Compression,
    Files,
    Image,
    add_image,
    add_layout,
    archive,
    blob_path,
    compress,
    digest,
    docker_files,
    file,
    layer,
    oci_files,
    sparse,
)
from tests.loader.sources import archive_store, measure_stream

CONTENTS = [b"", b"abc", b"abc", random.Random(1).randbytes(3000), b"x" * 300_000]
BASE = layer(*(file(f"f{number}", content) for number, content in enumerate(CONTENTS)))
TOP = layer(file("top", b"abc"), sparse("s", 9000, [(0, b"y" * 512), (4096, b"z" * 512)]))
IMAGE = Image([BASE, TOP])
COMPRESSIONS: list[Compression] = ["none", "gzip-packed", "zstd-packed", "gzip-members"]


@contextmanager
def layers(
    path: Path, files: Files, *, verify: bool = False, told: list[int] | None = None
) -> Iterator[tuple[Layer, ...]]:
    with archive_store(path, archive(files)) as store:
        recipe = resolve(store)
        counts = told if told is not None else []
        yield read_layers(
            store,
            recipe.layers,
            verify=verify,
            seed=RUN_SEED,
            tell=lambda _layer, count: counts.append(count),
            stop=threading.Event(),
        )


def refusal(path: Path, files: Files, *, verify: bool = False) -> LayerscopeError:
    with pytest.raises(LayerscopeError) as caught, layers(path, files, verify=verify):
        pass
    assert str(path) in caught.value.message
    return caught.value


def changed(files: Files, name: str, content: bytes) -> Files:
    assert name in files
    return {**files, name: content}


def flipped(data: bytes, at: int) -> bytes:
    damaged = bytearray(data)
    damaged[at] ^= 1
    return bytes(damaged)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "image.tar"


# What is read ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_entries_are_the_same_however_layers_are_packed(
    path: Path, compression: Compression, verify: bool
) -> None:
    with layers(path, oci_files(IMAGE, compression=compression), verify=verify) as (base, top):
        assert [(entry.name, entry.size, entry.offset) for entry in base.entries] == [
            (b"f0", 0, 512),
            (b"f1", 3, 1024),
            (b"f2", 3, 2048),
            (b"f3", 3000, 3072),
            (b"f4", 300_000, 6656),
        ]
        assert [(entry.name, entry.size) for entry in top.entries] == [(b"top", 3), (b"s", 9000)]


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_contents_have_equal_digests_if_they_are_equal(path: Path, compression: Compression) -> None:
    """The same from layers that were jumped over and from layers that went by."""
    with layers(path, oci_files(IMAGE, compression=compression)) as (base, top):
        found = [base.contents.digest(number) for number in range(5)]
        abc, holes = top.contents.digest(0), top.contents.digest(1)
    with layers(path, oci_files(IMAGE, compression="none")) as (base, top):
        assert [base.contents.digest(number) for number in range(5)] == found
        assert (top.contents.digest(0), top.contents.digest(1)) == (abc, holes)
    assert found[1] == found[2] == abc
    assert len({*found, holes}) == 5


def test_the_size_of_a_packed_layer_is_told_and_of_a_plain_one_where_the_manifest_does(path: Path) -> None:
    packed = [len(compress(tar, "gzip")) for tar in (BASE, TOP)]
    with layers(path, oci_files(IMAGE)) as found:
        assert [one.compressed_bytes for one in found] == packed
    with layers(path, docker_files(IMAGE, style="kaniko")) as found:
        assert [one.compressed_bytes for one in found] == packed
    with layers(path, docker_files(IMAGE, style="plain")) as found:
        assert [one.compressed_bytes for one in found] == [None, None]
    with layers(path, docker_files(IMAGE, style="docker25")) as found:
        assert [one.compressed_bytes for one in found] == [len(BASE), len(TOP)]


def test_a_layer_that_stands_twice_in_an_image_is_read_once(path: Path) -> None:
    told: list[int] = []
    with layers(path, oci_files(Image([TOP, BASE, TOP])), told=told) as found:
        assert found[0].entries is found[2].entries
        assert sum(told) == len(compress(BASE, "gzip")) + len(compress(TOP, "gzip"))


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_progress_adds_up_to_the_bytes_of_the_blobs(
    path: Path, compression: Compression, verify: bool
) -> None:
    told: list[int] = []
    files = oci_files(IMAGE, compression=compression)
    with layers(path, files, verify=verify, told=told):
        assert sum(told) == sum(len(compress(tar, compression)) for tar in IMAGE.layers)


def test_reading_side_by_side_gives_what_reading_one_by_one_does(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(3)
    image = Image([layer(file(f"f{n}", dice.randbytes(dice.randrange(50_000)))) for n in range(20)])
    files = oci_files(image, compression="gzip-packed")
    with layers(path, files) as found:
        together = [(one.name, one.entries, one.contents.digest(0)) for one in found]
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    with layers(path, files) as found:
        assert [(one.name, one.entries, one.contents.digest(0)) for one in found] == together


# What is checked ------------------------------------------------------------------------------------------


def test_a_packed_layer_of_an_oci_image_is_held_against_its_digest(path: Path) -> None:
    files = oci_files(IMAGE)
    name = blob_path(digest(compress(TOP, "gzip")))
    other = compress(TOP.replace(b"abc", b"xyz"), "gzip")
    error = refusal(path, changed(files, name, other))
    assert isinstance(error, DamagedError)
    assert error.message == (
        f"layer 1 ({name}) of {path} does not match its digest: "
        f"{digest(compress(TOP, 'gzip'))} is claimed, {digest(other)} is there"
    )


def test_a_packed_layer_without_a_digest_is_held_against_its_diff_id(path: Path) -> None:
    files = docker_files(IMAGE, style="kaniko")
    name = f"{digest(compress(TOP, 'gzip'))[7:]}.tar.gz"
    other = TOP.replace(b"abc", b"xyz")
    error = refusal(path, changed(files, name, compress(other, "gzip")))
    assert error.message == (
        f"layer 1 ({name}) of {path} does not match its diff_id: "
        f"{digest(TOP)} is claimed, {digest(other)} is there"
    )


@pytest.mark.parametrize("files", [docker_files(IMAGE, style="plain"), docker_files(IMAGE, style="docker25")])
def test_a_plain_layer_is_held_against_its_digests_by_verify_alone(path: Path, files: Files) -> None:
    name = next(name for name, content in files.items() if content == TOP)
    damaged = changed(files, name, TOP.replace(b"abc", b"xyz"))
    with layers(path, damaged) as found:
        assert len(found) == 2
    assert " does not match its di" in refusal(path, damaged, verify=True).message
    with layers(path, files, verify=True) as found:
        assert len(found) == 2


def test_verify_holds_a_packed_layer_against_both_digests(path: Path) -> None:
    files = oci_files(Image([BASE, TOP], diff_ids=[digest(BASE), digest(BASE)]))
    with layers(path, files) as found:
        assert len(found) == 2
    assert "does not match its diff_id" in refusal(path, files, verify=True).message


def test_a_blob_must_be_as_long_as_its_descriptor_says(path: Path) -> None:
    files = oci_files(IMAGE, compression="none")
    error = refusal(path, changed(files, blob_path(digest(TOP)), TOP + bytes(512)))
    assert error.message == (
        f"layer 1 ({blob_path(digest(TOP))}) of {path} has {len(TOP) + 512} bytes, "
        f"and the manifest says {len(TOP)}"
    )


def test_a_layer_without_an_end_marker_counts_if_a_digest_proves_it_whole(path: Path) -> None:
    open_end = layer(file("a", b"abc"), end=b"")
    for files in (
        docker_files(Image([open_end]), style="plain"),
        oci_files(Image([open_end])),
        oci_files(Image([open_end]), compression="none"),
    ):
        with layers(path, files) as (found,):
            assert [entry.name for entry in found.entries] == [b"a"]


def test_a_layer_without_an_end_marker_is_cut_off_if_no_digest_proves_it_whole(path: Path) -> None:
    whole = layer(file("a", b"abc"), file("b"))
    files = docker_files(Image([whole]), style="plain")
    name = next(iter(files))
    error = refusal(path, changed(files, name, whole[:1024]))
    assert "does not match its diff_id" in error.message
    files = docker_files(Image([whole], diff_ids=["sha512:" + 128 * "0"]), style="plain")
    error = refusal(path, changed(files, name, whole[:1024]))
    assert error.message == f"layer 0 ({name}) of {path} is cut off: the end marker of its tar is missing"


def test_an_empty_blob_is_an_empty_layer_if_its_diff_id_says_so(path: Path) -> None:
    with layers(path, docker_files(Image([b"", TOP]), style="plain")) as (empty, _):
        assert empty.entries == []
    files = docker_files(Image([TOP]), style="plain")
    assert "does not match its diff_id" in refusal(path, changed(files, next(iter(files)), b"")).message


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_the_entries_of_all_layers_together_are_bounded(
    path: Path, compression: Compression, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = oci_files(Image([layer(*[file("a")] * 20), layer(*[file("b")] * 20)]), compression=compression)
    monkeypatch.setattr(limits, "MAX_ENTRIES", 40)
    with layers(path, files) as read:
        assert sum(len(one.entries) for one in read) == 40
    monkeypatch.setattr(limits, "MAX_ENTRIES", 39)
    told = "hold more than 39 entries"
    assert told in refusal(path, files).message
    with pytest.raises(LimitError, match=told):
        measure_stream(archive(files))


def test_a_missing_layer_is_named(path: Path) -> None:
    files = oci_files(IMAGE)
    name = blob_path(digest(compress(TOP, "gzip")))
    del files[name]
    assert refusal(path, files).message == f"layer 1 ({name}) of {path} is missing"


@pytest.mark.parametrize(
    ("blob", "media_type", "why"),
    [
        (b"hsqs" + bytes(4092), "example/squashfs", "is no tar layer, but example/squashfs (squashfs)"),
        (b"text " * 200, "", "is no tar layer"),
        (b"\0asm" + bytes(1000), "application/other", "is no tar layer, but application/other"),
        (b"\1" * 1000, "application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "is encrypted"),
    ],
    ids=["squashfs", "text", "other", "encrypted"],
)  # fmt: skip
def test_a_layer_that_is_no_tar_is_not_supported(path: Path, blob: bytes, media_type: str, why: str) -> None:
    files: Files = {}
    add_layout(files, [add_image(files, Image([blob]), "none", media_types=[media_type])])
    error = refusal(path, files)
    assert isinstance(error, UnsupportedError)
    assert error.message == f"layer 0 ({blob_path(digest(blob))}) of {path} {why}"


# Errors among many ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("compression", ["gzip-packed", "zstd-packed"])
@pytest.mark.parametrize("bad", [0, 7, 15])
def test_an_error_in_one_layer_ends_all_and_leaves_no_thread(
    path: Path, bad: int, compression: Compression
) -> None:
    dice = random.Random(bad)
    tars = [layer(file(f"f{n}", dice.randbytes(200_000))) for n in range(16)]
    files = oci_files(Image(tars), compression=compression)
    names = [blob_path(digest(compress(tar, compression))) for tar in tars]
    blob = files[names[bad]]
    assert isinstance(blob, bytes)
    before = set(threading.enumerate())
    error = refusal(path, changed(files, names[bad], flipped(blob, len(blob) // 2)))
    assert error.message.startswith(f"layer {bad} ({names[bad]}) of {path} ")
    assert set(threading.enumerate()) == before  # while the error, and so its traceback, is there


def test_a_layer_that_fails_stops_the_reading_of_the_others(path: Path) -> None:
    dice = random.Random(0)
    huge = layer(file("huge", dice.randbytes(60 << 20)))
    files = oci_files(Image([huge, TOP]), compression="gzip-packed")
    name = blob_path(digest(compress(TOP, "gzip-packed")))
    told: list[int] = []
    with pytest.raises(DamagedError), layers(path, changed(files, name, b"\x1f\x8b\x08\0bad"), told=told):
        pass
    assert sum(told) < 40 << 20


def test_contents_of_plain_layers_are_read_when_they_are_asked_for(path: Path) -> None:
    with layers(path, oci_files(IMAGE, compression="none")) as (base, _):
        assert isinstance(base.contents, SeekableContents)

"""An archive that goes by once: what matters is known only at the end."""

import io
import itertools
import random
from pathlib import Path

import pytest
from layerscope.errors import (
    DamagedError,
    LayerscopeError,
    LimitError,
    NotAnImageError,
    SourceError,
    UnsupportedError,
)
from layerscope.loader import limits

from tests.images import (
    Files,
    Image,
    archive,
    blob_path,
    compress,
    digest,
    docker_archive,
    docker_files,
    oci_archive,
    oci_files,
)
from tests.loader.sources import Measured, measure, measure_stream
from tests.tars import END, file, layer, sparse, symlink, whiteout

BASE = layer(file("a", b"abc"), file("b", b"x" * 5000))
TOP = layer(whiteout("a"), file("c", b"12345"))
IMAGE = Image([BASE, TOP])


def measure_file(data: bytes, folder: Path, image: str | None = None) -> Measured:
    (folder / "image.tar").write_bytes(data)
    return measure(folder / "image.tar", image=image)


def refusal(data: bytes, image: str | None = None) -> LayerscopeError:
    with pytest.raises(LayerscopeError) as caught:
        measure_stream(data, image=image)
    assert "standard input" in caught.value.message
    return caught.value


@pytest.mark.parametrize(
    "files", [docker_files(IMAGE, style="plain"), oci_files(IMAGE)], ids=["docker", "oci"]
)
def test_members_may_come_in_any_order(files: Files, tmp_path: Path) -> None:
    expected = measure_file(archive(files), tmp_path)
    assert (expected.stored, expected.live) == (5008, 5005)
    for order in itertools.islice(itertools.permutations(files), 0, 200, 7):
        assert measure_stream(archive({name: files[name] for name in order})) == expected


@pytest.mark.parametrize("style", ["legacy", "docker25", "podman", "kaniko", "plain"])
def test_every_kind_of_archive_gives_what_it_gives_as_a_file(style: str, tmp_path: Path) -> None:
    data = docker_archive(IMAGE, Image([BASE, BASE], tags=("x:1",)), style=style)  # type: ignore[arg-type]
    for image in ("0", "1"):
        assert measure_stream(data, image=image) == measure_file(data, tmp_path, image)


def test_a_layer_in_an_archive_that_is_packed_itself_is_found(tmp_path: Path) -> None:
    for packed in (compress(oci_archive(IMAGE), "zstd-packed"), compress(oci_archive(IMAGE), "xz")):
        assert measure_file(packed, tmp_path)[:2] == (5008, 5005)
        assert measure_stream(packed)[:2] == (5008, 5005)


def test_a_broken_member_that_no_image_needs_does_not_matter() -> None:
    files = docker_files(IMAGE, style="plain")
    broken: Files = {
        "broken.tar": layer(file("a", b"abc", checksum="wrong")),
        "cut.tar": BASE[:3000],
        "cut.tar.gz": compress(BASE, "gzip-packed")[:-3],
        "bomb.tar": layer(file("a", size=10**15)),
    }
    assert measure_stream(archive({**broken, **files}))[:2] == (5008, 5005)


def test_a_broken_member_is_named_as_the_layer_it_is() -> None:
    files = docker_files(IMAGE, style="plain")
    name = f"{digest(TOP)[7:]}.tar"
    for content, why in (
        (layer(file("a", checksum="wrong")), "is damaged: the header at byte 0 does not match its checksum"),
        (TOP[:1300], "is cut off: it ends at byte 1300, within an entry"),
        (compress(TOP, "gzip")[:-3], "is cut off: its gzip data ends too early"),
    ):
        error = refusal(archive({**files, name: content}))
        assert error.message == f"layer 1 ({name}) of standard input {why}"


def test_everything_that_goes_by_is_verified() -> None:
    """A plain layer too, which a file has checked only on demand: here it costs nothing more."""
    files = docker_files(IMAGE, style="docker25")
    name = blob_path(digest(TOP))
    other = TOP.replace(b"12345", b"54321")
    assert refusal(archive({**files, name: other})).message == (
        f"layer 1 ({name}) of standard input does not match its digest: "
        f"{digest(TOP)} is claimed, {digest(other)} is there"
    )


def test_an_empty_layer_file_is_an_empty_layer_if_its_diff_id_says_so() -> None:
    assert measure_stream(docker_archive(Image([b"", TOP]), style="plain"))[:2] == (5, 5)
    files = docker_files(IMAGE, style="plain")
    error = refusal(archive({**files, f"{digest(TOP)[7:]}.tar": b""}))
    assert "does not match its diff_id" in error.message


def test_a_missing_layer_and_one_that_is_no_tar_are_named() -> None:
    files = docker_files(IMAGE, style="plain")
    name = f"{digest(TOP)[7:]}.tar"
    error = refusal(archive({key: content for key, content in files.items() if key != name}))
    assert error.message == f"layer 1 ({name}) of standard input is missing"
    error = refusal(archive({**files, name: b"hsqs" + bytes(600)}))
    assert isinstance(error, UnsupportedError)
    assert error.message == f"layer 1 ({name}) of standard input is no tar layer (squashfs)"


def test_of_several_members_with_one_name_the_last_counts() -> None:
    files = docker_files(IMAGE, style="plain")
    good = archive(files)
    name = f"{digest(TOP)[7:]}.tar"
    for wrong in (b"text", TOP[:700], BASE):
        for doubled in (name, "manifest.json"):
            assert measure_stream(file(doubled, wrong) + good)[:2] == (5008, 5005)
            after = good.removesuffix(END) + file(doubled, wrong) + END
            assert isinstance(refusal(after), LayerscopeError)
    assert measure_stream(symlink(name, "nowhere") + good)[:2] == (5008, 5005)
    refusal(good.removesuffix(END) + symlink(name, "nowhere") + END)


def test_a_document_that_is_a_tar_is_none() -> None:
    error = refusal(archive({"manifest.json": BASE}))
    assert isinstance(error, NotAnImageError)
    assert error.message == "manifest.json in standard input is no JSON document"


def test_a_document_larger_than_any_manifest_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_JSON", 1000)
    error = refusal(archive({"manifest.json": b" " * 1001}))
    assert isinstance(error, LimitError)
    assert error.message == (
        "manifest.json in standard input has 1001 bytes: too many for a manifest or config"
    )


def test_what_is_too_large_for_a_document_does_not_keep_others_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_JSON", 1000)
    monkeypatch.setattr(limits, "MAX_JSON_TOTAL", 2000)
    files: Files = {"sbom.json": b" " * 100_000, **docker_files(IMAGE, style="plain")}
    assert measure_stream(archive(files))[:2] == (5008, 5005)


def test_documents_are_kept_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_JSON_TOTAL", 2 << 20)
    junk: Files = {f"junk{number}": b" " * (64 << 10) for number in range(32)}
    files = docker_files(IMAGE, style="plain")
    assert measure_stream(archive({**files, **junk}))[:2] == (5008, 5005)
    error = refusal(archive({**junk, **files}))
    assert isinstance(error, LimitError)
    assert "standard input holds more than 2 MiB of documents before " in error.message


@pytest.mark.parametrize("padding", [0, 512, 9216, 50_000])
def test_padding_after_the_end_is_read_and_means_nothing(
    padding: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_PADDING", 100_000)
    tar = layer(file("big", random.Random(0).randbytes(800_000)))
    data = docker_archive(Image([tar + bytes(padding)]), style="plain") + bytes(padding)
    assert measure_stream(data)[:2] == (800_000, 800_000)


def test_an_archive_that_goes_on_after_its_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PADDING", 100_000)
    error = refusal(docker_archive(IMAGE) + bytes(2_000_000))
    assert isinstance(error, DamagedError)
    assert "goes on" in error.message


def test_many_links_after_the_last_file_are_no_padding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PADDING", 100_000)
    tar = layer(file("a", b"abc"), *(symlink(f"l{number}", "a") for number in range(2000)))
    files = oci_files(Image([tar]), compression="gzip-packed")
    assert measure_stream(archive(files))[:2] == (3, 3)


def test_a_member_stored_as_a_sparse_file_is_refused() -> None:
    error = refusal(layer(sparse("layer.tar", 5000, [(0, b"x" * 512)])))
    assert isinstance(error, UnsupportedError)
    assert error.message == "standard input holds layer.tar as a sparse file"


def test_an_archive_cut_off_within_a_member_is_not_blamed_on_the_member() -> None:
    data = docker_archive(IMAGE, style="plain")
    error = refusal(data[:3000])
    assert isinstance(error, DamagedError)
    assert error.message.startswith("standard input is cut off: ")


def test_an_error_of_the_source_is_told_as_it_is() -> None:
    class Failing(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 2000:
                raise OSError(5, "Input/output error")
            return super().read1(1024)

    with pytest.raises(SourceError) as caught:
        measure("-", stdin=Failing(docker_archive(IMAGE, style="plain")))
    assert caught.value.message == "standard input cannot be read: Input/output error"


def test_bytes_that_come_one_by_one_are_enough(tmp_path: Path) -> None:
    class Slow(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            return super().read1(1)

    data = oci_archive(IMAGE)
    assert measure("-", stdin=Slow(data)) == measure_file(data, tmp_path)

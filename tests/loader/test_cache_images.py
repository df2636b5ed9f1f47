"""Images opened a second time: as the first time, without their bytes, and never what is no longer so."""

import os
import random
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.model import Image as OpenedImage
from layerscope.analysis.model import Layer, Reading
from layerscope.errors import ChoiceError, DamagedError, LayerscopeError
from layerscope.loader import files, open_image
from layerscope.loader.cache_folder import CacheFolder
from layerscope.loader.image_cache import ImageCache
from layerscope.loader.passing import PassingStore

from tests.images import (
    Compression,
    Files,
    Image,
    add_image,
    add_index,
    add_layout,
    annotated,
    archive,
    blob_path,
    compress,
    config_of,
    digest,
    docker_archive,
    docker_files,
    oci_archive,
    oci_files,
    to_json,
    write_layout,
)
from tests.loader.fake_engine import FakeEngine, Saved, serving
from tests.tars import END, device, directory, file, hardlink, layer, sparse, symlink, whiteout

NOISE = random.Random(0).randbytes(100_000)
HOLEY = bytes(4096) + b"y" * 512 + bytes(4392)
BASE = layer(
    directory("d"),
    file("d/a", b"abc", xattrs={"user.x": b"\xe9"}),
    file("d/noise", NOISE, mtime=1 << 40),
    hardlink("d/h", "d/noise"),
    device("null", 1, 3),
    sparse("holey", len(HOLEY), [(4096, b"y" * 512)]),
)
TOP = layer(
    whiteout("d/a"),
    file("d/noise", NOISE, mode=0o600),
    sparse("holey", len(HOLEY), [(4096, b"y" * 512)]),
    symlink("l", "d"),
)
IMAGE = Image([BASE, TOP, BASE], tags=["app:1"])
UNTAGGED = Image(IMAGE.layers, tags=[])
ARCHIVES = {
    "docker-20": docker_archive(UNTAGGED, style="legacy"),
    "docker-25": docker_archive(UNTAGGED, style="docker25"),
    "podman": docker_archive(UNTAGGED, style="podman"),
    "containerd, gzip": oci_archive(UNTAGGED, compression="gzip"),
    "containerd, zstd": oci_archive(UNTAGGED, compression="zstd-packed"),
    "without an end marker": docker_archive(Image([BASE.removesuffix(END), TOP], tags=[]), style="plain"),
    "an empty layer": docker_archive(Image([BASE, b""], tags=[]), style="plain"),
}


@pytest.fixture
def cache(tmp_path: Path) -> CacheFolder:
    return CacheFolder(tmp_path / "cache")


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that were just written count as old."""
    monkeypatch.setattr(files, "_COARSE", -(1 << 62))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeEngine]:
    for name in ("DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("CONTAINER_HOST", f"unix://{tmp_path}/no-podman")
    with serving(Saved.of(IMAGE, ARCHIVES["docker-20"])) as fake:
        monkeypatch.setenv("DOCKER_HOST", fake.url)
        yield fake


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was looked up in vain."""
    missed: list[str] = []
    get = CacheFolder.get

    def spy(self: CacheFolder, key: str) -> bytes | None:
        found = get(self, key)
        if found is None:
            missed.append(key)
        return found

    monkeypatch.setattr(CacheFolder, "get", spy)
    return missed


def known(opened: OpenedImage) -> dict[str, Any]:
    """Everything that anybody can see of an image: figures, waste by its kind, entries, contents."""
    analysis = analyze(opened)
    return {
        "image": (opened.id, opened.tags, opened.platform, opened.history, opened.config, opened.notes),
        "totals": analysis.totals,
        "waste": analysis.waste,
        "changes": [bytes(changes.entries) for changes in analysis.changes],
        "duplicates": analysis.duplicate_bytes,
        "layers": [
            (one.name, one.diff_id, one.digest, one.media_type, one.compressed_bytes, list(one.entries))
            for one in opened.layers
        ],
        "contents": [contents(one) for one in opened.layers],
    }


def contents(of: Layer) -> list[bytes]:
    """What the files of a layer hold; of an empty one nothing is asked for."""
    numbers = [number for number, entry in enumerate(of.entries) if entry.size]
    return [b"".join(chunks) for _, chunks in of.contents.read(numbers)] if numbers else []


def look(reference: object, cache: CacheFolder | None, **options: Any) -> dict[str, Any]:
    with open_image(str(reference), cache=cache, **options) as opened:
        return known(opened)


def refusal(reference: object, cache: CacheFolder | None, **options: Any) -> LayerscopeError:
    with pytest.raises(LayerscopeError) as caught, open_image(str(reference), cache=cache, **options):
        pass
    return caught.value


# Engines --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ARCHIVES)
def test_an_engines_image_is_the_same_the_second_time(
    style: str, engine: FakeEngine, cache: CacheFolder
) -> None:
    of = Image([BASE, b""]) if "empty" in style else IMAGE
    of = Image([BASE.removesuffix(END), TOP]) if "without" in style else of
    engine.images = [Saved.of(of, ARCHIVES[style])]
    first = look("app:1", None)
    assert look("app:1", cache) == first
    assert look("app:1", CacheFolder(cache.path)) == first


def test_the_second_time_the_engine_is_not_asked_for_bytes(engine: FakeEngine, cache: CacheFolder) -> None:
    with open_image("app:1", cache=cache):
        pass
    assert engine.saves == 1
    engine.requests.clear()
    heard: list[Reading] = []
    with open_image("app:1", cache=cache, progress=heard.append) as opened:
        analyze(opened)
    assert engine.requests == ["GET /version", "GET /v1.41/images/app:1/json"]
    assert heard
    with open_image(f"docker://{engine.images[0].id}", cache=cache) as opened:
        assert engine.saves == 0
        assert [b"".join(chunks) for _, chunks in opened.layers[0].contents.read([2])] == [NOISE]
    assert engine.saves == 1  # a file that is viewed must come from somewhere


def test_a_tag_that_was_given_or_taken_since_is_seen(engine: FakeEngine, cache: CacheFolder) -> None:
    engine.images = [Saved.of(IMAGE, docker_archive(IMAGE, style="legacy"))]
    assert look("app:1", cache)["image"][1] == ("app:1",)
    engine.images[0].tags = ("app:1", "app:latest")
    assert look("app:latest", cache)["image"][1] == ("app:1", "app:latest")
    engine.images[0].tags = ("other:2",)
    assert look("other:2", cache)["image"][1] == ("other:2",)
    engine.images[0].tags = ()
    assert look(engine.images[0].id, cache)["image"][1] == ()


def test_another_image_under_the_same_name_is_shown(engine: FakeEngine, cache: CacheFolder) -> None:
    look("app:1", cache)
    rebuilt = Image([BASE, layer(file("new", b"12345"))], tags=["app:1"])
    engine.images = [Saved.of(rebuilt, docker_archive(rebuilt))]
    assert look("app:1", cache) == look("app:1", None)
    engine.images = [Saved.of(IMAGE, ARCHIVES["docker-20"])]
    engine.requests.clear()
    with open_image("app:1", cache=cache) as opened:
        assert len(opened.layers) == 3
    assert engine.saves == 0


def test_an_image_that_was_removed_is_gone(engine: FakeEngine, cache: CacheFolder) -> None:
    look("app:1", cache)
    engine.images.clear()
    assert "no image of that name" in refusal("app:1", cache).message


def test_images_that_share_layers_share_what_is_known(engine: FakeEngine, cache: CacheFolder) -> None:
    look("app:1", cache)
    before = cache.info().entries
    more = Image([*IMAGE.layers, layer(file("more", b"1"))], tags=["app:2"])
    engine.images.append(Saved.of(more, docker_archive(more, style="docker25"), ["app:2"]))
    look("app:2", cache)
    assert (before, cache.info().entries) == (3, 5)  # the archive and its two layers; another and one more


def test_what_the_engine_says_of_the_layers_is_part_of_what_is_known(
    engine: FakeEngine, cache: CacheFolder
) -> None:
    look("app:1", cache)
    engine.images[0].diff_ids = [digest(TOP)] * 3
    assert "has other layers than the engine said" in refusal("app:1", cache).message


def test_an_image_whose_layers_the_engine_did_not_name_is_not_kept(
    engine: FakeEngine, cache: CacheFolder
) -> None:
    engine.images[0].diff_ids = []
    for _ in range(2):
        with open_image("app:1", cache=cache):
            pass
    assert engine.saves == 2
    assert cache.info().entries == 0


def test_a_stream_that_is_cut_leaves_nothing_known(engine: FakeEngine, cache: CacheFolder) -> None:
    engine.cut_at = len(ARCHIVES["docker-20"]) - 1
    refusal("app:1", cache)
    assert cache.info().entries == 0
    engine.cut_at = None
    assert look("app:1", cache) == look("app:1", None)


def test_one_of_several_platforms_of_what_is_known(engine: FakeEngine, cache: CacheFolder) -> None:
    found: Files = {}
    images = [
        Image([layer(file("a", name.encode()))], platform=name) for name in ("linux/amd64", "linux/s390x")
    ]
    index = add_index(found, [add_image(found, one, platform=True) for one in images])
    add_layout(found, [annotated(index, "app:1")])
    saved = Saved(archive(found), str(index["digest"]), diff_ids=[digest(images[0].layers[0])])
    engine.images = [saved]
    with open_image("app:1", cache=cache, platform="linux/amd64"):
        pass
    with open_image("app:1", cache=cache, platform="linux/s390x") as opened:
        assert (opened.platform, opened.layers[0].entries[0].size) == ("linux/s390x", 11)
    assert engine.saves == 1
    assert "no image for linux/arm64" in refusal("app:1", cache, platform="linux/arm64").message
    assert engine.saves == 2  # it may have been pulled since


def test_to_verify_is_to_read(engine: FakeEngine, cache: CacheFolder) -> None:
    for _ in range(2):
        with open_image("app:1", cache=cache, verify=True):
            pass
    assert engine.saves == 2
    with open_image("app:1", cache=cache):
        pass
    assert engine.saves == 2


def test_to_spool_is_to_read_and_what_is_spooled_is_not_kept(engine: FakeEngine, cache: CacheFolder) -> None:
    for _ in range(2):
        assert look("app:1", cache, spool=True) == look("app:1", None)
    assert cache.info().entries == 0


def test_an_engine_whose_archives_look_otherwise_now(engine: FakeEngine, cache: CacheFolder) -> None:
    """After an update, say: a file to view is not found where it was, and then it helps to open it again."""
    look("app:1", cache)
    engine.images[0].archive = ARCHIVES["docker-25"]
    with open_image("app:1", cache=cache) as opened:
        contents = opened.layers[0].contents
        with pytest.raises(DamagedError, match="is no longer in app:1 from Docker"):
            b"".join(next(contents.read([1]))[1])
    assert look("app:1", cache) == look("app:1", None)


# Files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("compression", ["gzip-packed", "zstd-packed", "xz", "bzip2"])
@pytest.mark.parametrize("style", ARCHIVES)
def test_a_packed_archive_is_the_same_the_second_time(
    style: str, compression: Compression, cache: CacheFolder, tmp_path: Path, settled: None, unread: list[str]
) -> None:
    path = tmp_path / "image.tar.x"
    path.write_bytes(compress(ARCHIVES[style], compression))
    first = look(path, None)
    assert look(path, cache) == first
    assert unread
    unread.clear()
    assert look(path, CacheFolder(cache.path)) == first
    assert unread == []


@pytest.mark.parametrize("layout", [False, True])
@pytest.mark.parametrize("compression", ["gzip-packed", "zstd-packed"])
def test_packed_layers_are_the_same_the_second_time(
    compression: Compression,
    layout: bool,
    cache: CacheFolder,
    tmp_path: Path,
    settled: None,
    unread: list[str],
) -> None:
    path = tmp_path / "image"
    if layout:
        write_layout(path, oci_files(IMAGE, compression=compression))
    else:
        path.write_bytes(oci_archive(IMAGE, compression=compression))
    first = look(path, None)
    assert look(path, cache) == first
    assert len(unread) == 2
    unread.clear()
    assert look(path, CacheFolder(cache.path)) == first
    assert unread == []
    assert cache.info().entries == 2


def test_what_is_known_is_not_read(cache: CacheFolder, tmp_path: Path, settled: None) -> None:
    for name, data in (
        ("archive", compress(ARCHIVES["docker-20"], "gzip-packed")),
        ("layers", ARCHIVES["containerd, gzip"]),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        for _ in range(2):
            heard: list[Reading] = []
            with open_image(str(path), cache=cache, progress=heard.append):
                pass
        assert heard
        heard.clear()
        with (
            open_image(str(path), cache=cache) as opened,
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr(files.File, "read_at", None)
            analyze(opened).waste  # noqa: B018 - it compares contents


def test_plain_layers_in_a_file_are_not_kept(cache: CacheFolder, tmp_path: Path, settled: None) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(ARCHIVES["docker-25"])
    assert look(path, cache) == look(path, None)
    assert cache.info().entries == 0


def test_standard_input_is_not_kept(cache: CacheFolder, tmp_path: Path, settled: None) -> None:
    path = tmp_path / "image.tar.gz"
    path.write_bytes(compress(ARCHIVES["docker-20"], "gzip-packed"))
    for _ in range(2):
        with path.open("rb") as stream:
            look("-", cache, stdin=stream)
    assert cache.info().entries == 0


@pytest.mark.parametrize("packed", ["archive", "layers"])
def test_a_file_that_was_changed_is_read_again(
    packed: str, cache: CacheFolder, tmp_path: Path, settled: None
) -> None:
    def write(image: Image) -> None:
        plain = docker_archive(image)
        data = compress(plain, "gzip-packed") if packed == "archive" else oci_archive(image)
        path.write_bytes(data.ljust(200_000, b"\0"))  # a padded gzip file is one, and so is a padded tar

    path = tmp_path / "image"
    small = [Image([layer(file("a", content))]) for content in (b"abc", b"abcd")]
    write(small[0])
    os.utime(path, ns=(0, 10**18))
    assert look(path, cache)["totals"].stored == 3
    write(small[1])
    os.utime(path, ns=(0, 10**18))
    assert look(path, cache)["totals"].stored == 4  # equal size, equal time of change, and seen all the same
    other = tmp_path / "other"
    path.replace(other)
    write(small[0])
    assert look(path, cache)["totals"].stored == 3
    other.replace(path)
    assert look(path, cache)["totals"].stored == 4


@pytest.mark.parametrize("packed", ["archive", "layers"])
def test_a_file_that_was_just_written_is_not_kept(packed: str, cache: CacheFolder, tmp_path: Path) -> None:
    """The next write may leave the same times on it."""
    path = tmp_path / "image"
    path.write_bytes(
        compress(ARCHIVES["docker-20"], "gzip-packed") if packed == "archive" else oci_archive(IMAGE)
    )
    look(path, cache)
    assert cache.info().entries == 0


def test_a_file_that_changes_while_it_is_read_is_not_kept(
    cache: CacheFolder, tmp_path: Path, settled: None
) -> None:
    path = tmp_path / "image.tar.gz"
    path.write_bytes(compress(ARCHIVES["docker-20"], "gzip-packed"))

    def touch(_reading: Reading) -> None:
        os.utime(path, ns=(0, time.time_ns()))

    with open_image(str(path), cache=cache, progress=touch):
        pass
    assert cache.info().entries == 0


def test_one_of_several_images_of_a_known_archive(
    cache: CacheFolder, tmp_path: Path, settled: None, unread: list[str]
) -> None:
    path = tmp_path / "image.tar.gz"
    other = Image([BASE], tags=["other:1"])
    path.write_bytes(compress(docker_archive(IMAGE, other), "gzip-packed"))
    expected = look(path, None, image="other:1")
    look(path, cache, image="app:1")
    unread.clear()
    assert look(path, cache, image="other:1") == expected
    assert look(path, cache, image="1") == expected
    error = refusal(path, cache)
    assert isinstance(error, ChoiceError)
    assert (error.message, error.choices) == (f"{path} holds 2 images", ("0  app:1", "1  other:1"))
    assert unread == []


def test_an_archive_is_not_known_to_be_whole_because_one_of_its_images_is(
    cache: CacheFolder, tmp_path: Path, settled: None
) -> None:
    found = docker_files(Image([BASE]), Image([BASE, TOP], tags=["other:1"]), style="plain")
    wrong = archive({**found, f"{digest(TOP)[7:]}.tar": layer(file("x", b"wrong"))})
    path = tmp_path / "image.tar.gz"
    path.write_bytes(compress(wrong, "gzip-packed"))
    expected = refusal(path, None, image="1").message
    assert "does not match its diff_id" in expected
    look(path, cache, image="0")
    assert refusal(path, cache, image="1").message == expected


def test_a_layer_that_was_checked_by_one_digest_is_read_for_the_other(
    cache: CacheFolder, tmp_path: Path, settled: None
) -> None:
    """By index.json the digest of its blob is known, by this manifest.json nothing but a wrong diff_id."""
    path = tmp_path / "image.tar"
    found = oci_files(Image([BASE]), compression="gzip-packed")
    found["link.tar"] = blob_path(digest(compress(BASE, "gzip-packed")))
    found["config.json"] = to_json(config_of(Image([BASE], diff_ids=[digest(TOP)])))
    found["manifest.json"] = to_json([{"Config": "config.json", "Layers": ["link.tar"]}])
    path.write_bytes(archive(found))
    look(path, cache, platform="linux/amd64")
    assert cache.info().entries == 1
    assert "does not match its diff_id" in refusal(path, cache).message


def test_two_names_of_one_file_are_one(
    cache: CacheFolder, tmp_path: Path, settled: None, unread: list[str]
) -> None:
    path = tmp_path / "image.tar.gz"
    path.write_bytes(compress(ARCHIVES["docker-20"], "gzip-packed"))
    (tmp_path / "link").symlink_to(path)
    look(path, cache)
    unread.clear()
    look(tmp_path / "link", cache)
    assert unread == []


# The cache itself -----------------------------------------------------------------------------------------


def test_every_entry_may_be_missing_or_damaged(
    engine: FakeEngine, cache: CacheFolder, tmp_path: Path
) -> None:
    expected = look("app:1", cache)
    paths = [path for path in (cache.path / "v1").iterdir() if len(path.name) == 64]
    assert len(paths) == 3
    for path in paths:
        for data in (None, b"", path.read_bytes()[:-1]):
            path.unlink() if data is None else path.write_bytes(data)
            assert look("app:1", cache) == expected
            assert path.exists()


def test_records_that_are_whole_and_wrong_are_none(
    engine: FakeEngine, cache: CacheFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program with the same folder, say."""
    expected = look("app:1", cache)
    for body in (b"", b"{}", b"x" * 100):
        with monkeypatch.context() as patch:
            patch.setattr(CacheFolder, "get", lambda _self, _key, body=body: body)
            assert look("app:1", cache) == expected


def test_a_cache_that_was_cleared_meanwhile(engine: FakeEngine, cache: CacheFolder) -> None:
    expected = look("app:1", cache)
    with open_image("app:1", cache=cache) as opened:
        CacheFolder(cache.path).clear()
        assert known(opened) == expected
    assert look("app:1", CacheFolder(cache.path)) == expected


def test_where_nothing_can_be_kept_images_open_all_the_same(engine: FakeEngine, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert look("app:1", CacheFolder(tmp_path / "file")) == look("app:1", None)


def test_contents_of_images_from_one_cache_can_be_compared(
    engine: FakeEngine, cache: CacheFolder, tmp_path: Path, settled: None
) -> None:
    """However each of them was opened."""
    plain, packed = tmp_path / "plain.tar", tmp_path / "packed.tar"
    plain.write_bytes(ARCHIVES["docker-20"])
    packed.write_bytes(ARCHIVES["containerd, gzip"])
    found = set()
    for reference in ("app:1", "app:1", plain, packed, packed):
        with open_image(str(reference), cache=cache) as opened:
            found.add((opened.layers[0].contents.digest(2), opened.layers[0].contents.digest(5)))
    with plain.open("rb") as stream, open_image("-", cache=cache, stdin=stream) as opened:
        found.add((opened.layers[0].contents.digest(2), opened.layers[0].contents.digest(5)))
    assert len(found) == 1


def test_what_is_beyond_the_limit_goes(engine: FakeEngine, cache: CacheFolder) -> None:
    look("app:1", cache)
    small = CacheFolder(cache.path, limit=cache.info().size - 1)
    more = Image([layer(file("more", b"1"))], tags=["app:2"])
    engine.images.append(Saved.of(more, docker_archive(more), ["app:2"]))
    look("app:2", small)
    assert 0 < small.info().size <= small.limit


def test_nothing_is_left_in_the_temporary_folder(
    engine: FakeEngine, cache: CacheFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    look("app:1", cache)
    look("app:1", cache)
    assert list(scratch.iterdir()) == []
    assert not list((cache.path / "v1").glob("new-*"))


def test_layers_are_kept_one_after_the_other(tmp_path: Path) -> None:
    """So that to keep an image does not take the memory of all that is kept."""

    def peak(layers: int) -> int:
        tars = [layer(*(file(f"{one}-{number}") for number in range(500))) for one in range(layers)]
        folder = CacheFolder(tmp_path / str(layers))
        data = docker_archive(Image(tars))
        store = PassingStore.read(iter([data]), "test.tar", seed=folder.seed or 0)
        tracemalloc.start()
        try:
            ImageCache(folder).keep_archive("key", store)
            assert folder.info().entries == layers + 1
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(10) < 1.5 * peak(1)

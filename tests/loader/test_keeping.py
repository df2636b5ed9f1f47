"""Small files whose contents are kept as they pass: by whatever way an image comes, once and for all."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from layerscope.analysis.model import Image as OpenedImage
from layerscope.errors import SourceError
from layerscope.loader import limits, open_image
from layerscope.loader.cache_folder import CacheFolder
from layerscope.loader.keeping import Keeping

from tests.images import Image, docker_archive, file, layer, oci_archive
from tests.loader.fake_engine import Saved, serving

BASE = layer(file("etc/status", b"installed"), file("etc/other", b"x" * 700_000), file("empty", b""))
TOP = layer(file("./etc/status", b"two installed"), file("etc/status.d", b"no"))
IMAGE = Image([BASE, TOP], tags=["app:1"])
SOURCES = ["packed", "packed-again", "packed-whole", "stdin", "stdin-packed", "engine", "engine-again"]


def keeps(name: bytes, _size: int) -> bool:
    return name.endswith((b"/status", b"empty"))


@contextmanager
def opened(source: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenedImage]:
    """The image as it comes from there; `-again`: it is known from before."""
    data = docker_archive(IMAGE) if source.startswith(("stdin", "engine")) else oci_archive(IMAGE)
    data = oci_archive(IMAGE, compression="zstd") if source in ("stdin-packed", "packed-whole") else data
    cache = CacheFolder(folder / "cache")
    times = 2 if source.endswith("-again") else 1
    if source.startswith("stdin"):
        with open_image("-", stdin=io.BytesIO(data), keeps=lambda: keeps) as image:
            yield image
    elif source.startswith("engine"):
        with serving(Saved.of(IMAGE, data)) as engine:
            monkeypatch.setenv("DOCKER_HOST", engine.url)
            for _ in range(times):
                with open_image("docker://app:1", cache=cache, keeps=lambda: keeps) as image:
                    if times == 1 or engine.requests.count("GET /v1.41/images/app:1/json") == 2:
                        yield image
            assert engine.saves == 1  # what is kept costs no second one
    else:
        path = folder / "image.tar"
        path.write_bytes(data)
        for time in range(1, times + 1):
            with open_image(str(path), cache=cache, keeps=lambda: keeps) as image:
                if time == times:
                    yield image


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_kept_is_at_hand_whatever_way_it_came(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(source, tmp_path, monkeypatch) as image:
        for one, content in zip(image.layers, (b"installed", b"two installed"), strict=True):
            names = [entry.name for entry in one.entries]
            wanted = next(number for number, name in enumerate(names) if name.endswith(b"/status"))
            found = {number: b"".join(pieces) for number, pieces in one.contents.read([wanted])}
            assert found == {wanted: content}
            assert [number for number in range(len(names)) if one.contents.is_at_hand(number)] == [wanted]
            assert one.contents.cost([wanted]) == 0


def test_the_digests_of_what_is_kept_are_those_of_what_is_not() -> None:
    data = docker_archive(IMAGE)
    with (
        open_image("-", stdin=io.BytesIO(data), keeps=lambda: keeps) as one,
        open_image("-", stdin=io.BytesIO(data)) as other,
    ):
        for ours, theirs in zip(one.layers, other.layers, strict=True):
            numbers = range(len(ours.entries))
            assert ours.contents.digest(0) != bytes(16)
            assert list(map(ours.contents.digest, numbers)) == list(map(theirs.contents.digest, numbers))


def test_of_a_stream_only_what_is_kept_can_be_read() -> None:
    data = io.BytesIO(docker_archive(IMAGE))
    with (
        open_image("-", stdin=data, keeps=lambda: keeps) as image,
        pytest.raises(SourceError, match="has gone by"),
    ):
        image.layers[0].contents.read([0, 1])


def test_kept_and_other_files_of_a_packed_layer_come_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "image.tar").write_bytes(oci_archive(IMAGE))
    with open_image(str(tmp_path / "image.tar"), keeps=lambda: keeps) as image:
        found = [(number, b"".join(pieces)[:9]) for number, pieces in image.layers[0].contents.read([1, 0])]
    assert found == [(0, b"installed"), (1, b"x" * 9)]


def test_a_plain_archive_in_a_file_keeps_nothing_and_has_all_at_hand(tmp_path: Path) -> None:
    def fail() -> None:
        raise AssertionError

    (tmp_path / "image.tar").write_bytes(docker_archive(IMAGE))
    with open_image(str(tmp_path / "image.tar"), keeps=fail) as image:  # type: ignore[arg-type]
        assert image.layers[0].contents.is_at_hand(1)


def test_an_image_may_keep_so_many_bytes_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_KEPT", 10)
    keeping = Keeping(lambda: keeps)
    sizes = [(b"a/status", 6), (b"a/other", 1), (b"a/status", 0), (b"a/status", 5), (b"a/status", 4)]
    assert [keeping.wants(*one) for one in sizes] == [True, False, False, False, True]
    assert not keeping.wants(b"a/status", 1)

"""Damaged and hostile archives: an error that says so or the right figures, soon, and nothing else ever."""

import contextlib
import functools
import json
import random
import resource
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from layerscope.analysis import tree
from layerscope.errors import ChoiceError, DamagedError, LayerscopeError, LimitError
from layerscope.loader import limits

from tests.images import (
    BLOCK,
    Compression,
    Files,
    Image,
    add_blob,
    add_image,
    add_json,
    add_layout,
    archive,
    compress,
    digest,
    directory,
    docker_archive,
    docker_files,
    file,
    hardlink,
    layer,
    member,
    oci_archive,
    oci_files,
    pax_global_header,
    pax_header,
    symlink,
    whiteout,
    write_layout,
)
from tests.loader.sources import Measured, measure, measure_stream
from tests.loader.windows import read
from tests.tars import number

BASE = layer(
    directory("bin"),
    file("bin/tool", b"tool bytes " * 90, mode=0o755, mtime=1_700_000_000),
    hardlink("bin/tool2", "bin/tool"),
    symlink("bin/link", "tool"),
    file("etc/old", b"removed"),
)
TOP = layer(whiteout("etc/old"), file("bin/tool", b"tool bytes " * 90), file("new", b"payload"))
IMAGE = Image([BASE, TOP])
FIGURES = (990 + 7 + 990 + 7, 990 + 7 + 990)
"""bin/tool of the base stays reachable by its second name."""

ARCHIVES: dict[str, bytes] = {
    "docker": docker_archive(IMAGE, style="plain"),
    "docker-legacy": docker_archive(IMAGE, style="legacy"),
    "docker-25": docker_archive(IMAGE, style="docker25"),
    "kaniko": docker_archive(IMAGE, style="kaniko"),
    "oci": oci_archive(IMAGE, compression="none"),
    "oci-gzip": oci_archive(IMAGE, compression="gzip-packed"),
    "oci-zstd": oci_archive(IMAGE, compression="zstd-packed"),
    "docker.gz": compress(docker_archive(IMAGE, style="plain"), "gzip-packed"),
    "docker.zst": compress(docker_archive(IMAGE, style="plain"), "zstd-packed"),
    "docker.xz": compress(docker_archive(IMAGE, style="plain"), "xz"),
    "docker.bz2": compress(docker_archive(IMAGE, style="plain"), "bzip2"),
}
Open = Callable[[bytes, Path], Measured]


def from_file(data: bytes, path: Path, *, verify: bool = False) -> Measured:
    path.write_bytes(data)
    return measure(path, verify=verify)


def from_stream(data: bytes, _path: Path) -> Measured:
    return measure_stream(data)


WAYS: dict[str, Open] = {
    "file": from_file,
    "verified": functools.partial(from_file, verify=True),
    "stream": from_stream,
}


@pytest.fixture(autouse=True)
def _deadline() -> Iterator[None]:
    """No test here may hang: a minute is ten times what the slowest takes."""

    def too_late(_number: int, _frame: object) -> None:
        raise AssertionError("it takes for ever")

    before = signal.signal(signal.SIGALRM, too_late)
    signal.alarm(120)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def outcome(way: str, data: bytes, path: Path) -> tuple[int, int] | None:
    """The figures, or None if the archive was refused as it should be; any other exception is a failure."""
    try:
        found = WAYS[way](data, path)
    except LayerscopeError as error:
        assert error.message  # noqa: PT017
        return None
    return found.stored, found.live


# Cut off --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ARCHIVES)
def test_an_undamaged_archive_is_measured(name: str, way: str, tmp_path: Path) -> None:
    assert outcome(way, ARCHIVES[name], tmp_path / "image") == FIGURES


@pytest.mark.parametrize("way", ["file", "stream"])
@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_cut_off_anywhere_is_refused(name: str, way: str, tmp_path: Path) -> None:
    data = ARCHIVES[name]
    dice = random.Random(name)
    cuts = {*range(0, len(data), BLOCK), *(dice.randrange(len(data)) for _ in range(60)), len(data) - 1}
    measured = [cut for cut in sorted(cuts) if outcome(way, data[:cut], tmp_path / "image") is not None]
    whole = len(data) - BLOCK  # one of the two zero blocks that end a tar is enough
    assert [cut for cut in measured if cut < whole or "." in name] == []
    assert {outcome(way, data[:cut], tmp_path / "image") for cut in measured} <= {FIGURES}


@pytest.mark.parametrize("compression", ["none", "gzip-packed", "zstd-packed"])
def test_a_layout_with_a_file_cut_off_is_refused(compression: Compression, tmp_path: Path) -> None:
    files = oci_files(IMAGE, compression=compression)
    write_layout(tmp_path, files)
    needed = [name for name in files if name != "oci-layout"]
    for name in needed:
        content = files[name]
        assert isinstance(content, bytes)
        for cut in {*range(0, len(content), 256), len(content) - 1}:
            (tmp_path / name).write_bytes(content[:cut])
            with pytest.raises(LayerscopeError) as caught:
                measure(tmp_path)
            assert str(tmp_path) in caught.value.message
        (tmp_path / name).write_bytes(content)
    assert measure(tmp_path)[:2] == FIGURES


@pytest.mark.parametrize("name", [*list(oci_files(IMAGE))[:-2], "index.json"])
def test_a_layout_without_one_of_its_files_is_refused(name: str, tmp_path: Path) -> None:
    write_layout(tmp_path, oci_files(IMAGE))
    (tmp_path / name).unlink()
    with pytest.raises(LayerscopeError) as caught:
        measure(tmp_path)
    assert str(tmp_path) in caught.value.message


# Flipped --------------------------------------------------------------------------------------------------


def flip_and_measure(name: str, way: str, seeds: range, path: Path) -> int:
    """Each seed flips some bits somewhere; how many of them are refused."""
    data = ARCHIVES[name]
    refused = 0
    for seed in seeds:
        dice = random.Random(f"{name} {seed}")
        damaged = bytearray(data)
        for _ in range(dice.choice([1, 1, 1, 2, 8])):
            damaged[dice.randrange(len(data))] ^= dice.choice([1, 2, 16, 128, 255])
        found = outcome(way, bytes(damaged), path)
        assert found in (None, FIGURES), f"seed {seed}"
        refused += found is None
    return refused


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ARCHIVES)
def test_flipped_bytes_give_an_error_or_the_same_figures(name: str, way: str, tmp_path: Path) -> None:
    assert flip_and_measure(name, way, range(25), tmp_path / "image") > 0


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ARCHIVES)
def test_thousands_of_flipped_bytes_give_errors_or_the_same_figures(
    name: str, way: str, tmp_path: Path
) -> None:
    assert flip_and_measure(name, way, range(1000, 2500), tmp_path / "image") > 100


@pytest.mark.parametrize("seed", range(60))
def test_random_bytes_are_no_image(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    heads = [
        b"",
        b"\x1f\x8b\x08",
        b"\x28\xb5\x2f\xfd",
        b"\xfd7zXZ\0",
        b"BZh91AY&SY",
        b"\x5a\x2a\x4d\x18",
        file("a"),
    ]
    data = dice.choice(heads) + dice.randbytes(dice.randrange(5000))
    assert outcome("file", data, tmp_path / "image") is None
    assert outcome("stream", data, tmp_path / "image") is None


@pytest.mark.parametrize("seed", range(40))
def test_blocks_in_the_wrong_order_give_an_error_or_the_same_figures(seed: int, tmp_path: Path) -> None:
    """As a disk or a download in pieces does it: blocks lost, twice, swapped or zero."""
    dice = random.Random(seed)
    name = dice.choice(["docker", "docker-25", "oci", "oci-gzip"])
    blocks = [ARCHIVES[name][at : at + BLOCK] for at in range(0, len(ARCHIVES[name]), BLOCK)]
    one, other = dice.randrange(len(blocks)), dice.randrange(len(blocks))
    match seed % 4:
        case 0:
            del blocks[one]
        case 1:
            blocks.insert(one, blocks[one])
        case 2:
            blocks[one], blocks[other] = blocks[other], blocks[one]
        case _:
            blocks[one] = bytes(BLOCK)
    for way in ("stream", "verified"):
        assert outcome(way, b"".join(blocks), tmp_path / "image") in (None, FIGURES)


# Made to do harm ------------------------------------------------------------------------------------------


def refusal(data: bytes) -> LayerscopeError:
    with pytest.raises(LayerscopeError) as caught:
        measure_stream(data)
    return caught.value


def takes_time_in_proportion(work: Callable[[int], object], count: int) -> None:
    """Four times as much may take ten times as long, on a busy machine; sixteen times would be the square."""

    def seconds(count: int) -> float:
        started = time.perf_counter()
        work(count)
        return time.perf_counter() - started

    assert seconds(4 * count) < 10 * min(seconds(count), seconds(count)) + 0.5


def test_a_layer_of_zeros_packed_a_thousandfold_is_a_bomb(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tar = layer(file("zeros", bytes(50 << 20)))
    data = oci_archive(Image([tar]), compression="gzip-packed")
    assert len(data) < 100_000
    assert measure_stream(data)[:2] == (50 << 20, 50 << 20)
    monkeypatch.setattr(limits, "BOMB_BYTES", 10 << 20)
    monkeypatch.setattr(limits, "BOMB_RATIO", 100)
    for way in ("file", "stream"):
        with pytest.raises(LimitError, match="a decompression bomb"):
            WAYS[way](data, tmp_path / "image")


def run_with_memory(path: Path, megabytes: int) -> "subprocess.CompletedProcess[str]":
    """The command line with so much address space and no more."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))

    command = [sys.executable, "-m", "layerscope", str(path), "--json", "-"]
    return subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, timeout=100)


def deflated(pieces: Iterator[bytes]) -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    return b"".join([*map(packer.compress, pieces), packer.flush()])


def oci_of_gzip(blob: bytes, diff_id: str) -> bytes:
    """An image of one layer that is packed already and too large to unpack here."""
    files: Files = {}
    gzip_type = "application/vnd.oci.image.layer.v1.tar+gzip"
    one = add_image(files, Image([blob], diff_ids=[diff_id]), "none", media_types=[gzip_type])
    add_layout(files, [one])
    return archive(files)


@pytest.mark.slow
def test_a_gigabyte_of_zeros_is_measured_in_little_memory(tmp_path: Path) -> None:
    size = 1200 << 20

    def tar() -> Iterator[bytes]:
        yield member(b"0", "zeros", size=size)
        for _ in range(size >> 20):
            yield bytes(1 << 20)
        yield bytes(1024)

    path = tmp_path / "image.tar"
    path.write_bytes(oci_of_gzip(deflated(tar()), "sha512:unchecked-unchecked"))
    done = run_with_memory(path, 600)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["totals"]["stored_bytes"] == size


@pytest.mark.slow
@pytest.mark.parametrize(
    "one",
    [
        pax_header([("comment", "x" * 1_000_000)]),
        pax_global_header({f"key{number}": "x" * 10 for number in range(20_000)}),
        member(b"Z", "unknown", bytes(1_000_000)),
        file("f", xattrs={"user.a": b"x" * 1_000_000}),
        member(b"L", "L", b"n" * 1_000_000),
    ],
    ids=["records", "global records", "unknown types", "attributes", "long names"],
)
def test_gigabytes_of_headers_are_refused_or_passed_in_bounded_memory(one: bytes, tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(oci_of_gzip(deflated(one for _ in range(1200)), "sha512:unchecked-unchecked"))
    done = run_with_memory(path, 1400)
    assert done.returncode in (0, 2), done.stderr
    assert "memory" not in done.stderr
    assert "should not have happened" not in done.stderr


@pytest.mark.parametrize(
    "tar",
    [
        layer(file("n" * 1_000_000, b"abc")),
        layer(file("d/" * 1_000_000 + "f", b"abc", dialect="gnu")),
        layer(file("d/" * 500_000 + "f", b"abc")),
        layer(symlink("s", "t/" * 100_000)),
    ],
    ids=["a name of 1 MB", "a million directories", "as records", "a link"],
)
def test_names_longer_than_any_system_takes_are_refused(tar: bytes) -> None:
    error = refusal(docker_archive(Image([tar])))
    assert isinstance(error, LimitError)
    assert len(error.message) < 500


def test_paths_that_imply_more_directories_than_they_pay_for_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tree, "MAX_IMPLIED", 10_000)
    few = layer(*(file(f"{number}/" + "d/" * 1000 + "f", b"abc") for number in range(9)))
    assert measure_stream(docker_archive(Image([few])))[:2] == (27, 27)
    many = layer(*(file(f"{number}/" + "d/" * 1000 + "f", b"abc") for number in range(11)))
    assert isinstance(refusal(docker_archive(Image([many]))), LimitError)


def test_links_that_multiply_a_path_come_to_an_end() -> None:
    """Each link leads through the one before twice: 2^30 steps if all of them were walked."""
    links = [symlink(f"l{number}", f"l{number - 1}/l{number - 1}/..") for number in range(1, 30)]
    tar = layer(directory("l0"), directory("l0/l0"), *links, file("l29/f", b"abc"))
    started = time.perf_counter()
    with contextlib.suppress(LayerscopeError):
        measure_stream(docker_archive(Image([tar])))
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    "one",
    [
        pax_header([(f"user.key{number}", "x") for number in range(2000)]),
        pax_global_header({f"user.key{number}": "x" for number in range(2000)}),
        pax_header([("path", "p" * 4000)] * 20),
        member(b"L", "L", b"n" * 4000),
        file("f", xattrs={f"user.{number}": b"x" for number in range(500)}),
        hardlink("h", "t" * 90),
    ],
    ids=["records", "global records", "one record", "long names", "attributes", "links"],
)
def test_headers_without_end_take_time_in_proportion(one: bytes) -> None:
    takes_time_in_proportion(lambda count: read(layer(one * count, file("f"))), 100)


def many_pieces(kind: str, count: int) -> bytes:
    """A sparse file of no content whose map has `count` pieces of no length."""
    spans = [(at, 0) for at in range(count)]
    if kind == "gnu":
        blocks = [spans[at : at + 21] for at in range(0, count, 21)]
        head = member(b"S", "s", dialect="gnu", tail=bytes(137) + b"\1" + number(count, 12))
        return head + b"".join(
            b"".join(number(n, 12) for span in some for n in span).ljust(504, b"\0")
            + bytes([some is not blocks[-1]])
            + bytes(7)
            for some in blocks
        )
    size = ("GNU.sparse.realsize", str(count))
    if kind == "0.1":
        flat = ",".join(f"{at},0" for at, _ in spans)
        return pax_header([size, ("GNU.sparse.map", flat)]) + file("s")
    table = (f"{count}\n" + "".join(f"{at}\n0\n" for at, _ in spans)).encode()
    return pax_header([("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), size]) + file(
        "s", table + bytes(-len(table) % BLOCK)
    )


@pytest.mark.parametrize("kind", ["gnu", "0.1", "1.0"])
def test_sparse_maps_take_time_in_proportion(kind: str) -> None:
    for count in (0 if kind == "0.1" else 1, 22, 5000):
        (entry,) = read(layer(many_pieces(kind, count)))
        assert (entry.size, len(entry.extras.extents or ())) == (count, count)
    takes_time_in_proportion(lambda count: read(layer(many_pieces(kind, count))), 9000)


def test_a_sparse_map_beyond_its_bound_is_refused() -> None:
    assert isinstance(refusal(docker_archive(Image([layer(many_pieces("gnu", 60_000))]))), DamagedError)
    assert isinstance(refusal(docker_archive(Image([layer(many_pieces("0.1", 200_000))]))), LimitError)
    assert isinstance(refusal(docker_archive(Image([layer(many_pieces("1.0", 600_000))]))), DamagedError)


def of_many_manifests(count: int) -> bytes:
    files: Files = {}
    blob = add_blob(files, compress(BASE, "gzip"), "application/vnd.oci.image.layer.v1.tar+gzip")
    config = add_json(
        files, {"rootfs": {"diff_ids": [digest(BASE)]}}, "application/vnd.oci.image.config.v1+json"
    )
    descriptors = [
        add_json(
            files,
            {"config": config, "layers": [blob], "annotations": {"n": str(number)}},
            "application/vnd.oci.image.manifest.v1+json",
            annotations={"org.opencontainers.image.ref.name": f"app:{number}"},
        )
        for number in range(count)
    ]
    add_layout(files, descriptors)
    return archive(files)


def test_thousands_of_manifests_take_time_in_proportion(tmp_path: Path) -> None:
    def choose(count: int) -> None:
        assert measure(tmp_path / str(count), image=f"app:{count - 1}").stored == 997

    for count in (500, 2000):
        (tmp_path / str(count)).write_bytes(of_many_manifests(count))
    takes_time_in_proportion(choose, 500)


@pytest.mark.slow
def test_a_hundred_thousand_manifests_are_listed_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    for count, kind in ((60_000, ChoiceError), (100_000, LimitError)):
        path.write_bytes(of_many_manifests(count))
        started = time.perf_counter()
        with pytest.raises(kind):
            measure(path)
        assert time.perf_counter() - started < 60


def test_an_image_of_thousands_of_layers_is_read(tmp_path: Path) -> None:
    files = docker_files(Image([layer(file(f"f{number}", b"x")) for number in range(1500)]), style="plain")
    assert measure_stream(archive(files))[:2] == (1500, 1500)
    (tmp_path / "image.tar").write_bytes(archive(files))
    assert measure(tmp_path / "image.tar")[:2] == (1500, 1500)


def test_one_layer_listed_a_thousand_times_is_read_once(tmp_path: Path) -> None:
    tar = layer(file("zeros", bytes(100_000)))
    data = oci_archive(Image([tar] * 1000), compression="none")
    started = time.perf_counter()
    found = outcome("file", data, tmp_path / "image")
    assert found == (100_000_000, 100_000)
    assert time.perf_counter() - started < 10


def test_huge_texts_in_documents_do_not_come_back_in_messages() -> None:
    huge = "x" * 3_000_000
    files = docker_files(IMAGE, style="plain")
    entry: dict[str, object] = json.loads(files["manifest.json"])[0]
    config_name = str(entry["Config"])
    for change in ({"Layers": [huge, huge]}, {"Config": huge}, {"RepoTags": [huge], "Layers": ["a", "b"]}):
        error = refusal(archive({**files, "manifest.json": json.dumps([{**entry, **change}]).encode()}))
        assert len(error.message) + len(error.hint) < 1500
    config = files.pop(config_name)
    assert isinstance(config, bytes)
    odd = json.loads(config)
    odd["rootfs"]["diff_ids"] = ["sha256:" + huge, huge]
    files["config"] = json.dumps(odd).encode()
    files["manifest.json"] = json.dumps([{**entry, "Config": "config"}]).encode()
    assert len(refusal(archive(files)).message) < 1500


def test_a_name_that_is_taken_for_a_link_and_for_a_file_is_no_crash() -> None:
    kinds = [
        file("a", b"abc"), symlink("a", "a"), directory("a"), hardlink("a", "a"), file("a/b/../a", b"12345"),
        member(b"6", "a/b"), whiteout("a"), file("a/.wh..wh..opq"), file("", b"x"), symlink("/", "a"),
    ]  # fmt: skip
    for seed in range(300):
        members = random.Random(seed).choices(kinds, k=8)
        image = Image([layer(*members[:4]), layer(*members[4:])])
        try:
            found = measure_stream(docker_archive(image, style="plain"))
        except LayerscopeError:
            continue
        sizes = [sum(entry.size for entry in read(tar)) for tar in image.layers]
        assert found.live <= found.stored <= sum(sizes)

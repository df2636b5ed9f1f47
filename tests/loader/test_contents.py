"""Contents had again: the same bytes from every form of image, and from none that has gone by."""

import io
import itertools
import os
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from layerscope.analysis.model import Contents, FileType, Layer
from layerscope.errors import DamagedError, LayerscopeError, SourceError
from layerscope.loader import open_image

from tests.images import (
    Compression,
    Image,
    archive,
    compress,
    device,
    directory,
    docker_archive,
    docker_files,
    file,
    hardlink,
    layer,
    oci_archive,
    oci_files,
    sparse,
    symlink,
    whiteout,
    write_layout,
)
from tests.loader.sources import held, pipe
from tests.tars import END, SparseFormat

DEMO = Path(__file__).parents[2] / "fixtures" / "demo.tar.gz"
NOISE = random.Random(1).randbytes(1_200_000)
HOLEY = bytes(4096) + b"y" * 512 + bytes(3000) + b"z" * 700 + bytes(400_000)
BASE = layer(
    directory("d"),
    file("d/a", b"abc"),
    file("d/empty"),
    hardlink("d/hard", "d/a"),
    file("d/noise", NOISE),
    symlink("d/soft", "a"),
    device("d/null", 1, 3),
    sparse("d/holey", len(HOLEY), [(4096, b"y" * 512), (4096 + 512 + 3000, b"z" * 700)]),
    file("d/" + 200 * "long", b"x" * 1000),
    file("d/last", b"the end"),
)
BASE_FILES = {1: b"abc", 2: b"", 4: NOISE, 7: HOLEY, 8: b"x" * 1000, 9: b"the end"}
TOP = layer(whiteout("d/a"), file("d/a", b"cba"))
TOP_FILES = {0: b"", 1: b"cba"}
IMAGE = Image([BASE, TOP, BASE])
FILES = [BASE_FILES, TOP_FILES, BASE_FILES]

Write = Callable[[Path, Image], Path]
"""Writes an image below a folder, and gives the path to open."""


def as_file(make: Callable[[Image], bytes]) -> Write:
    def write(folder: Path, image: Image) -> Path:
        (folder / "image").write_bytes(make(image))
        return folder / "image"

    return write


def oci(compression: Compression) -> Write:
    return as_file(lambda image: oci_archive(image, compression=compression))


PLAIN: dict[str, Write] = {
    "docker": as_file(docker_archive),
    "podman": as_file(lambda image: docker_archive(image, style="podman")),
    "oci": oci("none"),
    "unpacked docker": lambda folder, image: write_layout(folder / "docker", docker_files(image)),
}
PACKED: dict[str, Write] = {
    "gzip": oci("gzip-packed"),
    "zstd": oci("zstd-packed"),
    "layout": lambda folder, image: write_layout(folder / "oci", oci_files(image, compression="gzip-packed")),
}
WHOLE: dict[str, Write] = {
    "docker in gzip": as_file(lambda image: compress(docker_archive(image), "gzip-packed")),
    "podman in zstd": as_file(lambda image: compress(docker_archive(image, style="podman"), "zstd-packed")),
    "gzip in zstd": as_file(
        lambda image: compress(oci_archive(image, compression="gzip-packed"), "zstd-packed")
    ),
}
FORMS = PLAIN | PACKED | WHOLE
RARE: dict[str, Write] = {
    "docker25": as_file(lambda image: docker_archive(image, style="docker25")),
    "kaniko": as_file(lambda image: docker_archive(image, style="kaniko")),
    "gzip members": oci("gzip-members"),
    "xz": oci("xz"),
    "bzip2": oci("bzip2"),
    "zstd in xz": as_file(lambda image: compress(oci_archive(image, compression="zstd-packed"), "xz")),
    "gzip members in bzip2": as_file(
        lambda image: compress(oci_archive(image, compression="gzip-members"), "bzip2")
    ),
}


@pytest.fixture(params=FORMS)
def write(request: pytest.FixtureRequest) -> Write:
    return FORMS[request.param]


def regular(one: Layer) -> list[int]:
    return [number for number, entry in enumerate(one.entries) if entry.type is FileType.REGULAR]


def everything(contents: Contents, numbers: list[int]) -> dict[int, bytes]:
    return {number: b"".join(pieces) for number, pieces in contents.read(numbers)}


def pass_by(reading: Iterator[tuple[int, Iterator[bytes]]]) -> None:
    """Take every piece of every file, and keep none."""
    for _, pieces in reading:
        for _ in pieces:
            pass


# The same bytes -------------------------------------------------------------------------------------------


def test_every_form_gives_the_bytes_that_were_put_in(write: Write, tmp_path: Path) -> None:
    with open_image(str(write(tmp_path, IMAGE))) as image:
        for one, files in zip(image.layers, FILES, strict=True):
            assert regular(one) == list(files)
            assert everything(one.contents, regular(one)) == files


@pytest.mark.parametrize("write", RARE.values(), ids=RARE)
def test_every_rare_form_does_too(write: Write, tmp_path: Path) -> None:
    small = layer(
        file("a", NOISE[:5000]), file("b"), sparse("c", 9000, [(512, b"x" * 512)]), file("d", b"abc")
    )
    with open_image(str(write(tmp_path, Image([TOP, small])))) as image:
        assert everything(image.layers[1].contents, [0, 1, 2, 3]) == {
            0: NOISE[:5000],
            1: b"",
            2: bytes(512) + b"x" * 512 + bytes(7976),
            3: b"abc",
        }


def test_files_come_in_the_order_of_the_layer_and_each_once(write: Write, tmp_path: Path) -> None:
    with open_image(str(write(tmp_path, IMAGE))) as image:
        contents = image.layers[0].contents
        assert [number for number, _ in contents.read([9, 1, 7, 1])] == [1, 7, 9]
        assert everything(contents, [9, 2]) == {2: b"", 9: b"the end"}
        assert everything(contents, []) == {}


def test_pieces_are_of_a_mebibyte_at_most(write: Write, tmp_path: Path) -> None:
    with open_image(str(write(tmp_path, IMAGE))) as image:
        for _, pieces in image.layers[0].contents.read(list(BASE_FILES)):
            assert max(map(len, pieces), default=0) <= 1 << 20


def test_what_is_left_of_a_file_is_passed_over(write: Write, tmp_path: Path) -> None:
    with open_image(str(write(tmp_path, IMAGE))) as image:
        heads = {}
        left = []
        for number, pieces in image.layers[0].contents.read(list(BASE_FILES)):
            if number != 8:  # of which nothing is read
                heads[number] = next(pieces, b"")[:100]
            left.append(pieces)
        wanted = {number: content[:100] for number, content in BASE_FILES.items() if number != 8}
        assert heads == wanted
        assert [list(pieces) for pieces in left[:-1]] == [[]] * (len(left) - 1)


def test_one_file_can_be_read_on_although_nobody_asks_for_the_next(write: Write, tmp_path: Path) -> None:
    with open_image(str(write(tmp_path, IMAGE))) as image:
        number, pieces = next(image.layers[0].contents.read([4, 9]))
        assert (number, b"".join(pieces)) == (4, NOISE)


@pytest.mark.parametrize("number", [0, 3, 5, 6, 10, -1], ids=str)
def test_what_is_no_regular_file_has_no_contents(write: Write, tmp_path: Path, number: int) -> None:
    """A hard link neither: its name leads to the file that has them."""
    with (
        open_image(str(write(tmp_path, IMAGE))) as image,
        pytest.raises(ValueError, match=f"^entry {number} is no regular file of the layer$"),
    ):
        image.layers[0].contents.read([1, number])


def test_the_last_of_several_members_of_one_name_is_the_one_that_is_read(tmp_path: Path) -> None:
    files = docker_files(IMAGE, style="plain")
    name = next(name for name, content in files.items() if content == TOP)
    other = layer(whiteout("d/a"), file("d/a", b"wrong"))
    data = file(name, other) + archive(files).removesuffix(END) + symlink("link", name) + END
    for packed in (data, compress(data, "gzip-packed")):
        (tmp_path / "image").write_bytes(packed)
        with open_image(str(tmp_path / "image")) as image:
            assert everything(image.layers[1].contents, [0, 1]) == TOP_FILES


def test_the_demonstration_image_can_be_read_and_read_again() -> None:
    with open_image(str(DEMO)) as image:
        for one in image.layers:
            numbers = regular(one)
            found = everything(one.contents, numbers)
            assert {number: len(content) for number, content in found.items()} == {
                number: one.entries[number].size for number in numbers
            }
            assert everything(one.contents, numbers[-1:]).items() <= found.items()


def random_file(dice: random.Random, name: str) -> tuple[bytes, bytes]:
    """A member of a tar, and the content it stands for."""
    if dice.random() < 0.7:
        stored = dice.randbytes(dice.choice([0, 1, 511, 512, 513, 5000, 70_000]))
        return file(name, stored), stored
    spans: list[tuple[int, bytes]] = []
    content = bytearray()
    for _ in range(dice.randrange(8)):
        content += bytes(512 * dice.randrange(1, 600))
        spans.append((len(content), dice.randbytes(512 * dice.randrange(1, 4))))
        content += spans[-1][1]
    content += bytes(dice.choice([0, 3000, 300_000]))
    formats: list[SparseFormat] = ["gnu", "0.0", "0.1", "1.0"]
    return sparse(name, len(content), spans, dice.choice(formats)), bytes(content)


@pytest.mark.parametrize("seed", range(4))
def test_any_files_of_any_layer_are_what_was_put_in(write: Write, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    put = [[random_file(dice, f"f{number}") for number in range(dice.randrange(1, 30))] for _ in range(3)]
    image = Image([layer(*(member for member, _ in files)) for files in put])
    with open_image(str(write(tmp_path, image))) as opened:
        for one, files in zip(opened.layers, put, strict=True):
            wanted = dice.sample(range(len(files)), dice.randrange(len(files) + 1))
            for number, pieces in one.contents.read(wanted):
                content = files[number][1]
                how_far = dice.choice(["whole", "part", "not at all"])
                if how_far == "whole":
                    assert b"".join(pieces) == content
                elif how_far == "part":
                    assert content.startswith(next(pieces, b""))


def test_threads_can_read_at_once(write: Write, tmp_path: Path) -> None:
    with open_image(str(write(tmp_path, IMAGE))) as image:
        found: list[dict[int, bytes]] = []

        def read() -> None:
            found.append(everything(image.layers[0].contents, list(BASE_FILES)))

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [BASE_FILES] * 4


def test_two_readings_in_turns_do_not_mix(write: Write, tmp_path: Path) -> None:
    with open_image(str(write(tmp_path, IMAGE))) as image:
        contents = image.layers[0].contents
        one, other = (
            itertools.chain.from_iterable(pieces for _, pieces in contents.read(numbers))
            for numbers in ([4, 9], [7, 9])
        )
        left, right = b"", b""
        for a, b in itertools.zip_longest(one, other, fillvalue=b""):
            left, right = left + a, right + b
        assert (left, right) == (NOISE + b"the end", HOLEY + b"the end")


# How far it goes ------------------------------------------------------------------------------------------


def test_what_is_told_adds_up_to_no_more_than_the_cost(write: Write, tmp_path: Path) -> None:
    with open_image(str(write(tmp_path, IMAGE))) as image:
        for one in image.layers:
            for numbers in (regular(one), regular(one)[:1], []):
                told: list[int] = []
                pass_by(one.contents.read(numbers, told.append))
                assert sum(told) <= one.contents.cost(numbers)
                assert bool(told) is bool(numbers)


@pytest.mark.parametrize("write", PLAIN.values(), ids=PLAIN)
def test_of_a_plain_layer_only_the_files_are_read(write: Write, tmp_path: Path) -> None:
    with open_image(str(write(tmp_path, IMAGE))) as image:
        contents = image.layers[0].contents
        assert (contents.cost([1, 7, 7, 9]), contents.cost([])) == (3 + 512 + 700 + 7, 0)
        told: list[int] = []
        pass_by(contents.read([1, 7, 9], told.append))
        assert sum(told) == 3 + 512 + 700 + 7


@pytest.mark.parametrize("form", ["gzip", "zstd", "docker in gzip", "gzip in zstd"])
def test_a_packed_layer_is_unpacked_up_to_the_last_file_and_no_further(form: str, tmp_path: Path) -> None:
    dice = random.Random(2)
    tar = layer(*(file(f"f{number}", dice.randbytes(1_000_000)) for number in range(5)))
    path = FORMS[form](tmp_path, Image([tar]))
    with open_image(str(path)) as image:
        contents = image.layers[0].contents
        told: list[int] = []
        pass_by(contents.read([0, 1], told.append))
        assert 1_900_000 < sum(told) < 3_500_000
        assert 5_000_000 < contents.cost([0, 1]) <= path.stat().st_size


class Cancelled(Exception):  # noqa: N818 - not an error: the user's wish
    pass


def cancel(_count: int) -> None:
    raise Cancelled


def test_what_tell_raises_ends_the_reading(write: Write, tmp_path: Path) -> None:
    with open_image(str(write(tmp_path, IMAGE))) as image:
        before = held()
        for numbers in ([2], [4], [7], list(BASE_FILES)):
            with pytest.raises(Cancelled):
                pass_by(image.layers[0].contents.read(numbers, cancel))
        assert held() == before


def test_a_hole_of_terabytes_can_be_cancelled_and_its_head_be_read(write: Write, tmp_path: Path) -> None:
    size = 10 << 40
    tar = layer(sparse("s", size, [(0, b"x" * 512)]))
    with open_image(str(write(tmp_path, Image([tar])))) as image:
        calls = itertools.count()

        def tell(_count: int) -> None:
            if next(calls) > 50:
                raise Cancelled

        ((_, pieces),) = image.layers[0].contents.read([0])
        assert not list(pieces)
        with pytest.raises(Cancelled):
            pass_by(image.layers[0].contents.read([0], tell))


def test_a_few_packed_bytes_that_unpack_to_many_can_be_cancelled(tmp_path: Path) -> None:
    tar = layer(file("zeros", bytes(10_000_000)), file("last", b"abc"))
    for form in ("gzip", "zstd", "docker in gzip"):
        path = FORMS[form](tmp_path, Image([tar]))
        with open_image(str(path)) as image:
            told: list[int] = []
            assert everything(image.layers[0].contents, [1]) == {1: b"abc"}
            pass_by(image.layers[0].contents.read([1], told.append))
            assert len(told) >= 20  # pieces of 512 KiB


def test_who_leaves_early_leaves_nothing_behind(write: Write, tmp_path: Path) -> None:
    with open_image(str(write(tmp_path, IMAGE))) as image:
        before = held()
        for stop in range(4):
            reading = image.layers[0].contents.read(list(BASE_FILES))
            for _, pieces in itertools.islice(reading, stop):
                next(pieces, b"")
            assert held() == before
            del reading
        assert held() == before


# What cannot be read again --------------------------------------------------------------------------------


def test_what_came_through_a_pipe_has_gone_by(tmp_path: Path) -> None:
    def refused(one: Layer) -> LayerscopeError:
        assert one.contents.cost([1]) == 0
        with pytest.raises(SourceError) as caught:
            one.contents.read([1])
        return caught.value

    for data in (
        docker_archive(IMAGE, style="plain"),
        compress(oci_archive(IMAGE, compression="none"), "zstd-packed"),
    ):
        with pipe(data) as stdin, open_image("-", stdin=stdin) as image:
            error = refused(image.layers[0])
            assert error.message == (
                f"{image.layers[0].name} in standard input has gone by, and its files cannot be read again"
            )
            assert error.hint == "Save the image to a file, and open that: docker save -o image.tar IMAGE"
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=[docker_archive(IMAGE)])
    writer.start()
    with open_image(str(fifo)) as image:
        assert str(fifo) in refused(image.layers[0]).message
    writer.join()
    with open_image("-", stdin=io.BytesIO(docker_archive(IMAGE))) as image:
        refused(image.layers[0])


@pytest.mark.parametrize("form", ["docker", "gzip", "docker in gzip"])
def test_a_regular_file_on_standard_input_can_be_read_again(form: str, tmp_path: Path) -> None:
    path = FORMS[form](tmp_path, IMAGE)
    with path.open("rb") as stdin, open_image("-", stdin=stdin) as image:
        assert everything(image.layers[0].contents, list(BASE_FILES)) == BASE_FILES


def files_below(path: Path) -> Iterator[Path]:
    return (found for found in (path.rglob("*") if path.is_dir() else [path]) if found.is_file())


def test_a_file_that_was_cut_off_meanwhile_is_damaged(write: Write, tmp_path: Path) -> None:
    path = write(tmp_path, IMAGE)
    with open_image(str(path)) as image:
        for one in files_below(path):
            os.truncate(one, 1000)
        with pytest.raises(DamagedError) as caught:
            everything(image.layers[0].contents, list(BASE_FILES))
        assert caught.value.message.endswith(" was changed after it was opened")
        assert str(path) in caught.value.message


def test_a_file_that_is_cut_off_while_it_is_read_is_told(write: Write, tmp_path: Path) -> None:
    path = write(tmp_path, IMAGE)
    with open_image(str(path)) as image:
        for _, pieces in image.layers[0].contents.read([4, 9]):
            next(pieces)
            for one in files_below(path):
                os.truncate(one, 1000)
            with pytest.raises(LayerscopeError) as caught:
                list(pieces)
            assert str(path) in caught.value.message
            break


def test_a_file_that_was_replaced_is_read_as_it_was(write: Write, tmp_path: Path) -> None:
    """Who renames another file into its place leaves the bytes to whoever has them open."""
    path = write(tmp_path, IMAGE)
    with open_image(str(path)) as image:
        for one in files_below(path):
            (tmp_path / "new").write_bytes(b"something else")
            (tmp_path / "new").replace(one)
        assert everything(image.layers[0].contents, list(BASE_FILES)) == BASE_FILES


@pytest.mark.parametrize("form", ["zstd", "docker in gzip"])
def test_a_packed_file_that_was_written_over_is_told_by_its_digests(form: str, tmp_path: Path) -> None:
    """Even where size and time are the same."""
    path = FORMS[form](tmp_path, IMAGE)
    status = path.stat()
    with open_image(str(path)) as image:
        changed = BASE.replace(b"the end", b"THE END")
        other = FORMS[form](tmp_path, Image([changed, TOP, changed])).read_bytes()
        assert abs(len(other) - status.st_size) < 1000
        path.write_bytes(other.ljust(status.st_size, b"\0")[: status.st_size])
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        with pytest.raises(LayerscopeError) as caught:
            everything(image.layers[0].contents, list(BASE_FILES))
        assert isinstance(caught.value, DamagedError)
        assert str(path) in caught.value.message

"""Files read at any place, and windows over pieces of them."""

import os
from contextlib import closing
from pathlib import Path

import pytest
from layerscope.errors import DamagedError, SourceError
from layerscope.loader.files import File, Slice, SliceWindow


def test_a_slice_never_gives_bytes_from_beyond_its_end(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"before|the slice|after")
    file = File.open(tmp_path / "f")
    whole = Slice(file, 7, 9)
    assert file.size == 22
    assert whole.read(0, 100) == b"the slice"
    assert whole.read(4, 3) == b"sli"
    assert whole.read(9, 5) == whole.read(100, 5) == b""
    assert b"".join(whole.chunks()) == b"the slice"
    assert b"".join(whole.chunks(4, 2)) == b"sl"
    file.close()


def test_a_slice_is_read_in_pieces_of_at_most_1_mib(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(bytes(2_400_000))
    file = File.open(tmp_path / "f")
    assert [len(piece) for piece in Slice(file, 0, 2_400_000).chunks()] == [1_048_576, 1_048_576, 302_848]
    file.close()


def test_a_file_that_becomes_shorter_is_said_to(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(bytes(2_400_000))
    file = File.open(path)
    chunks = Slice(file, 0, file.size).chunks()
    next(chunks)
    os.truncate(path, 1_200_000)
    with pytest.raises(SourceError, match=r"/f became shorter while it was read$"):
        list(chunks)
    file.close()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        File.open(tmp_path / "nothing")
    assert caught.value.message == f"{tmp_path}/nothing cannot be opened: No such file or directory"


def test_a_window_over_a_slice_ends_where_the_slice_does(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * 100 + bytes(range(200)) + b"y" * 5000)
    file = File.open(tmp_path / "f")
    window = SliceWindow(Slice(file, 100, 200))
    assert window.at(0) == (bytes(range(200)), 0)
    assert window.at(190) == (bytes(range(190, 200)), 190)
    assert window.at(200) == (b"", 200)
    assert window.at(10**15) == (b"", 200)
    assert window.read(150, 500) == bytes(range(150, 200))
    assert window.limit == 200
    file.close()


def test_a_file_that_was_written_to_since_it_was_opened_is_not_what_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    with closing(File.open(path)) as file:
        file.require_unchanged()
        status = path.stat()
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))
        with pytest.raises(DamagedError) as caught:
            file.require_unchanged()
        assert caught.value.message == f"{path} was changed after it was opened"
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        file.require_unchanged()
        os.truncate(path, 2)
        with pytest.raises(DamagedError):
            file.require_unchanged()

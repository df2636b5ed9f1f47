"""Bytes kept in a folder: had again as they were put, or not at all, and never a reason to fail."""

import errno
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from layerscope.loader import cache_folder
from layerscope.loader.cache_folder import CacheFolder, CacheInfo

BODY = b"some bytes" * 10


@pytest.fixture
def folder(tmp_path: Path) -> CacheFolder:
    return CacheFolder(tmp_path / "cache")


def entries(folder: CacheFolder) -> list[Path]:
    """The files of its entries, the oldest first."""
    found = [path for path in folder.path.glob("v1/*") if len(path.name) == 64]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)


def aged(path: Path, seconds: int) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def fill(folder: CacheFolder, *keys: str) -> None:
    """Put a body under each key, the first being the oldest."""
    for age, key in enumerate(reversed(keys), 1):
        folder.put(key, BODY)
        aged(folder._entry(key), age * 10)


def test_what_was_put_is_had_again_by_another_process_too(folder: CacheFolder) -> None:
    assert folder.get("key") is None
    assert not folder.holds("key")
    folder.put("key", BODY)
    folder.put("empty", b"")
    folder.put("../../\0 \udcff", b"any key is as good")
    for one in (folder, CacheFolder(folder.path)):
        assert one.get("key") == BODY
        assert one.get("empty") == b""
        assert one.get("../../\0 \udcff") == b"any key is as good"
        assert one.get("other") is None
        assert one.holds("key")
    folder.put("key", b"new")
    assert folder.get("key") == b"new"
    folder.drop("key")
    folder.drop("key")
    assert folder.get("key") is None


def test_what_is_in_it_can_be_counted_and_cleared(folder: CacheFolder) -> None:
    assert folder.info() == CacheInfo(folder.path, 0, 0, 1 << 30)
    assert CacheFolder(folder.path).clear() == CacheInfo(folder.path, 0, 0, 1 << 30)
    folder.put("one", BODY)
    folder.put("other", BODY)
    size = sum(path.stat().st_size for path in entries(folder))
    assert folder.info() == CacheInfo(folder.path, 2, size, 1 << 30)
    assert folder.clear() == CacheInfo(folder.path, 2, size, 1 << 30)
    assert list(folder.path.iterdir()) == []
    folder.put("one", BODY)
    assert (folder.get("one"), folder.info().entries) == (None, 0)
    assert list(folder.path.iterdir()) == []
    after = CacheFolder(folder.path)
    after.put("one", BODY)
    assert after.get("one") == BODY


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_nobody_else_can_read_it(folder: CacheFolder) -> None:
    folder.put("key", BODY)
    found = [folder.path, *folder.path.rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in found if path.is_dir()} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in found if path.is_file()} == {0o600}


def test_an_entry_that_is_damaged_anywhere_is_none_and_is_removed(folder: CacheFolder) -> None:
    folder.put("key", BODY)
    (path,) = entries(folder)
    whole = path.read_bytes()
    damaged = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
    for data in (*damaged, *(whole[:end] for end in range(len(whole))), whole + b"\0", b""):
        path.write_bytes(data)
        assert folder.get("key") is None
        assert not path.exists()
    path.write_bytes(whole)
    assert folder.get("key") == BODY


def test_an_entry_under_the_name_of_another_is_none(folder: CacheFolder) -> None:
    folder.put("one", BODY)
    (path,) = entries(folder)
    folder.put("other", b"")
    path.replace(folder._entry("other"))
    assert folder.get("other") is None


def test_what_was_put_before_it_was_cleared_counts_no_more(folder: CacheFolder) -> None:
    folder.put("key", BODY)
    (path,) = entries(folder)
    late, data, seed = CacheFolder(folder.path), path.read_bytes(), folder.seed
    assert late.seed == seed
    folder.clear()
    after = CacheFolder(folder.path)
    assert after.seed not in (None, seed)
    path.write_bytes(data)
    assert after.get("key") is None
    late.put("key", BODY)  # by a process that was running meanwhile
    assert after.get("key") is None
    after.put("key", BODY)
    assert CacheFolder(folder.path).get("key") == BODY


# The bound ------------------------------------------------------------------------------------------------


def test_beyond_the_limit_the_oldest_go(folder: CacheFolder) -> None:
    fill(folder, "a", "b", "c", "d")
    (size,) = {path.stat().st_size for path in entries(folder)}
    folder.limit = 3 * size
    folder.trim()
    assert [folder.holds(key) for key in "abcd"] == [False, True, True, True]
    folder.limit = size - 1
    folder.trim()
    assert folder.info().entries == 0


def test_what_is_used_is_not_old(folder: CacheFolder) -> None:
    fill(folder, "a", "b", "c")
    assert folder.get("a") == BODY
    assert folder.holds("b")
    folder.limit = 2 * entries(folder)[0].stat().st_size
    folder.trim()
    assert [folder.holds(key) for key in "abc"] == [True, True, False]


def test_there_are_not_more_entries_than_can_be_looked_through(
    folder: CacheFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_folder, "MAX_ENTRIES", 2)
    fill(folder, "a", "b", "c")
    folder.trim()
    assert [folder.holds(key) for key in "abc"] == [False, True, True]


def test_what_is_larger_than_all_may_be_is_not_put(folder: CacheFolder) -> None:
    folder.limit = 50
    folder.put("key", BODY)
    assert folder.info().entries == 0


def test_what_ended_processes_left_goes_after_an_hour(folder: CacheFolder) -> None:
    folder.put("key", BODY)
    new, old = (folder.path / "v1" / name for name in ("new-1", "new-2"))
    for path, age in ((new, 3000), (old, 4000)):
        path.write_bytes(b"half")
        aged(path, age)
    folder.trim()
    assert (new.exists(), old.exists(), folder.holds("key")) == (True, False, True)


@pytest.mark.parametrize("remove", [CacheFolder.trim, CacheFolder.clear])
def test_older_versions_go_but_nothing_that_is_not_ours(remove: object, folder: CacheFolder) -> None:
    folder.put("key", BODY)
    older = folder.path / "v0"
    older.mkdir()
    (older / ("0" * 64)).write_bytes(b"old")
    theirs = [folder.path / "v0x", folder.path / "v2", folder.path / "notes"]
    for path in theirs:
        path.mkdir()
    remove(folder)  # type: ignore[operator]
    assert not older.exists()
    assert all(path.exists() for path in theirs)
    older.mkdir()
    (older / "letter.txt").write_text("not ours")
    remove(folder)  # type: ignore[operator]
    assert (older / "letter.txt").exists()


# What may go wrong ----------------------------------------------------------------------------------------


def test_a_path_where_no_folder_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("x" * 300)):
        folder = CacheFolder(path)
        folder.put("key", BODY)
        folder.trim()
        folder.drop("key")
        assert (folder.seed, folder.get("key"), folder.holds("key")) == (None, None, False)
        assert folder.clear() == CacheInfo(path, 0, 0, 1 << 30)
    assert (tmp_path / "file").exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EDQUOT, errno.EIO])
def test_a_folder_that_cannot_be_written_to(
    number: int, folder: CacheFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    folder.put("key", BODY)
    with monkeypatch.context() as patch:
        for name in ("link", "utime", "unlink", "rename", "replace"):
            patch.setattr(os, name, refuse)
        patch.setattr("tempfile.mkstemp", refuse)
        folder.put("other", BODY)
        folder.trim()
        assert folder.get("key") == BODY
        assert CacheFolder(folder.path).get("key") == BODY
        fresh = CacheFolder(folder.path / "fresh")
        fresh.put("key", BODY)
        assert (fresh.seed, fresh.get("key")) == (None, None)
        assert folder.clear().entries == 0
    assert folder.get("other") is None
    assert not list((folder.path / "v1").glob("new-*"))


def test_a_disk_that_is_full_in_the_middle(folder: CacheFolder) -> None:
    resource = pytest.importorskip("resource")
    folder.put("key", BODY)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))
    try:
        folder.put("key", BODY * 10)
        folder.put("other", BODY * 10)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (folder.get("key"), folder.get("other")) == (BODY, None)
    assert not list((folder.path / "v1").glob("new-*"))


def test_a_file_that_another_process_has_open_as_on_windows(
    folder: CacheFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.put("key", BODY)
    with monkeypatch.context() as patch:

        def refuse(*_: object) -> None:
            raise PermissionError(errno.EACCES, "in use")

        patch.setattr(Path, "replace", refuse)
        folder.put("key", b"new")
    assert folder.get("key") == BODY
    assert not list((folder.path / "v1").glob("new-*"))


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can give a folder away")
def test_a_folder_that_others_can_write_to_is_not_used(folder: CacheFolder) -> None:
    folder.put("key", BODY)
    inner = folder.path / "v1"
    inner.chmod(0o770)
    assert CacheFolder(folder.path).get("key") is None
    inner.chmod(0o700)
    os.chown(inner, 65534, 65534)
    assert CacheFolder(folder.path).get("key") is None
    os.chown(inner, 0, 0)
    assert CacheFolder(folder.path).get("key") == BODY


# The seed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", [b"", b"x", b"x" * 16, bytes(16), b"x" * 17])
def test_a_damaged_seed_is_made_anew(damage: bytes, folder: CacheFolder) -> None:
    folder.put("key", BODY)
    (folder.path / "v1" / "seed").write_bytes(damage)
    after = CacheFolder(folder.path)
    assert after.seed not in (None, folder.seed)
    assert after.get("key") is None
    assert CacheFolder(folder.path).seed == after.seed


def test_without_hard_links_there_is_a_seed_all_the_same(
    folder: CacheFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    folder.put("key", BODY)
    assert CacheFolder(folder.path).get("key") == BODY
    assert sorted(path.name[:4] for path in (folder.path / "v1").iterdir())[-1] == "seed"


def test_all_who_come_at_once_have_one_seed(folder: CacheFolder) -> None:
    for _ in range(20):
        gate = threading.Barrier(8)
        found: list[int | None] = []

        def come(gate: threading.Barrier = gate, found: list[int | None] = found) -> None:
            gate.wait()
            found.append(CacheFolder(folder.path).seed)

        threads = [threading.Thread(target=come) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(found)) == 1
        assert None not in found
        CacheFolder(folder.path).clear()


def test_a_process_that_is_killed_while_it_writes_leaves_a_cache_that_can_be_read(
    folder: CacheFolder,
) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from layerscope.loader.cache_folder import CacheFolder\n"
        "folder = CacheFolder(Path(sys.argv[1]))\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    folder.put('key', b'x' * 5_000_000)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, folder.path], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.1)
        process.kill()
    assert folder.get("key") in (None, b"x" * 5_000_000)
    folder.put("key", BODY)
    assert folder.get("key") == BODY

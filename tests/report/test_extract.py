"""Files of an image are written to a folder: there, and nowhere else, and over nothing.

Run twice: with directories held open, as on POSIX, and by paths alone, as on Windows.
"""

import errno
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from layerscope.analysis.model import Entry, FileType, Layer, Tell, unheard
from layerscope.analysis.selection import Chosen
from layerscope.errors import DamagedError, OutputError
from layerscope.report import extract as extraction
from layerscope.report import folder
from layerscope.report.extract import Extracted, Skipped, extract
from layerscope.report.names import Refused, refuse_odd

from tests import models

needs_unix = pytest.mark.skipif(os.name == "nt", reason="needs Unix files")
needs_handles = pytest.mark.skipif(not folder.ANCHORED, reason="needs directories that can be held open")

MTIME = 1_000_000_000_123_456_789
TAKEN = "something of this name is there already"
IN_THE_WAY = "a symbolic link stands in the way"
NOT_PLAIN = "its path is not a plain one"
ABSOLUTE = "its target is absolute"
OUTSIDE = "its target is outside of the folder"
UP_FROM_NOTHING = "its target goes up from what is not a directory here"


@pytest.fixture(params=[pytest.param("held", marks=needs_handles), "paths"], autouse=True)
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "ANCHORED", request.param == "held")


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


class Stored:
    """`Contents` of a layer from a list, None for what is no regular file; keeps what it was asked for."""

    def __init__(self, contents: list[bytes | None], piece: int = 1 << 20) -> None:
        self._contents = contents
        self._piece = piece
        self.passes: list[list[int]] = []
        self.taken: list[int] = []

    def digest(self, number: int) -> bytes:
        raise NotImplementedError

    def chunks(self, number: int) -> Iterator[bytes] | None:
        return None

    def cost(self, numbers: Collection[int]) -> int:
        return 0

    def is_at_hand(self, number: int) -> bool:
        return True

    def read(self, numbers: Collection[int], tell: Tell = unheard) -> Iterator[tuple[int, Iterator[bytes]]]:
        self.passes.append(list(numbers))
        for number in sorted(numbers):
            yield number, self._pieces(number, tell)

    def _pieces(self, number: int, tell: Tell) -> Iterator[bytes]:
        self.taken.append(number)
        content = self._contents[number]
        if content is None:
            raise ValueError(number)
        for at in range(0, len(content), self._piece):
            tell(len(content[at : at + self._piece]))
            yield content[at : at + self._piece]


class Tree(NamedTuple):
    """One layer, and all of it as items."""

    items: list[Chosen]
    layer: Layer
    stored: Stored

    def into(self, target: Path, base: bytes = b"", tell: Tell = unheard) -> Extracted:
        return extract(self.items, base, target, [self.layer], tell)


def tree(*entries: tuple[bytes, FileType, bytes], mode: int = 0o644, index: int = 0) -> Tree:
    """A layer from (path, type, content or target of a link); a hard link's target is in the same layer."""
    items: list[Chosen] = []
    made: list[Entry] = []
    contents: list[bytes | None] = []
    numbers: dict[bytes, int] = {}
    for path, kind, data in entries:
        regular = kind is FileType.REGULAR
        number = len(made) if regular else -1
        if kind is FileType.HARDLINK:
            number = numbers.get(data, -1)
        numbers[path] = number
        link = b"" if regular else data
        permissions = 0o755 if kind is FileType.DIRECTORY else mode
        entry = Entry(path, kind, permissions, 0, 0, len(data) if regular else 0, MTIME, link)
        made.append(entry)
        contents.append(data if regular else None)
        items.append(Chosen(path, entry, index, number))
    stored = Stored(contents)
    return Tree(items, replace(models.layer(), entries=made, contents=stored), stored)


def file(path: bytes, content: bytes = b"") -> tuple[bytes, FileType, bytes]:
    return path, FileType.REGULAR, content


def directory(path: bytes) -> tuple[bytes, FileType, bytes]:
    return path, FileType.DIRECTORY, b""


def link(path: bytes, target: bytes) -> tuple[bytes, FileType, bytes]:
    return path, FileType.SYMLINK, target


def hard(path: bytes, target: bytes) -> tuple[bytes, FileType, bytes]:
    return path, FileType.HARDLINK, target


def special(path: bytes, kind: FileType) -> tuple[bytes, FileType, bytes]:
    return path, kind, b""


def seen(folder_: Path) -> dict[str, object]:
    """All there is below a folder: contents, `-> target` of links, None for directories."""
    found: dict[str, object] = {}
    for path in sorted(folder_.rglob("*")):
        name = path.relative_to(folder_).as_posix()
        if path.is_symlink():
            found[name] = f"-> {os.readlink(path)}"  # noqa: PTH115 - a Path would tidy it
        else:
            found[name] = None if path.is_dir() else path.read_bytes()
    return found


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


# What is written.


def test_the_root_goes_straight_into_the_folder(tmp_path: Path) -> None:
    made = tree(directory(b""), directory(b"etc"), file(b"etc/passwd", b"root"), file(b"empty"))
    assert made.into(tmp_path / "new" / "out") == Extracted(2, 4, ())
    assert seen(tmp_path / "new" / "out") == {"etc": None, "etc/passwd": b"root", "empty": b""}


def test_what_was_chosen_appears_under_its_last_name(tmp_path: Path) -> None:
    made = tree(directory(b"usr/lib"), file(b"usr/lib/a", b"1"), file(b"usr/lib/b/c", b"22"))
    assert made.into(tmp_path, b"usr") == Extracted(2, 3, ())
    assert seen(tmp_path) == {"lib": None, "lib/a": b"1", "lib/b": None, "lib/b/c": b"22"}


def test_one_file_is_written_by_its_name(tmp_path: Path) -> None:
    assert tree(file(b"usr/lib/a", b"1")).into(tmp_path, b"usr/lib") == Extracted(1, 1, ())
    assert seen(tmp_path) == {"a": b"1"}


def test_what_is_not_below_the_base_is_skipped(tmp_path: Path) -> None:
    made = tree(file(b"usr2/a", b"1"), file(b"usr/b", b"2"), file(b"usr", b"3"))
    assert made.into(tmp_path, b"usr").skipped == (
        Skipped(b"usr", "only a directory can be written as the folder itself"),
        Skipped(b"usr2/a", "it is not in the directory that was chosen from"),
    )
    assert seen(tmp_path) == {"b": b"2"}


def test_a_layer_is_read_once_for_all_its_files_and_others_not_at_all(tmp_path: Path) -> None:
    one = tree(file(b"a", b"1"), file(b"b", b"2"), file(b"c", b"3"))
    two = tree(file(b"d", b"4"), index=1)
    three = tree(file(b"e", b"5"), index=2)
    layers = [one.layer, two.layer, three.layer]
    items = [one.items[2], two.items[0], one.items[0]]
    assert extract(items, b"", tmp_path, layers, unheard) == Extracted(3, 3, ())
    assert (one.stored.passes, two.stored.passes, three.stored.passes) == ([[0, 2]], [[0]], [])
    assert seen(tmp_path) == {"a": b"1", "c": b"3", "d": b"4"}


def test_contents_are_streamed(tmp_path: Path) -> None:
    """When a piece is asked for, the ones before have been written."""
    sizes: list[int] = []
    made = tree(file(b"a", bytes(10_000)))
    made.layer.contents._piece = 1000  # type: ignore[attr-defined]
    made.into(tmp_path, tell=lambda _count: sizes.append(sum(p.stat().st_size for p in tmp_path.iterdir())))
    assert sizes[-10:] == list(range(0, 10_000, 1000))


def test_what_the_contents_tell_is_passed_on(tmp_path: Path) -> None:
    told: list[int] = []
    tree(file(b"a", b"123"), file(b"b", b"4567")).into(tmp_path, tell=told.append)
    assert sum(told) == 7


# Metadata.


@needs_unix
def test_permissions_lose_setuid_setgid_and_sticky_and_pass_the_umask(tmp_path: Path) -> None:
    made = tree(file(b"a"), directory(b"d"), mode=0o7777)
    made.items[1] = made.items[1]._replace(entry=made.items[1].entry._replace(mode=0o7777))
    made.into(tmp_path)
    assert (mode_of(tmp_path / "a"), mode_of(tmp_path / "d")) == (0o755, 0o755)


@needs_unix
def test_the_owner_keeps_what_it_takes_to_change_and_remove_it(tmp_path: Path) -> None:
    made = tree(file(b"d/a"), directory(b"d"), mode=0)
    made.items[1] = made.items[1]._replace(entry=made.items[1].entry._replace(mode=0o050))
    made.into(tmp_path)
    assert (mode_of(tmp_path / "d" / "a"), mode_of(tmp_path / "d")) == (0o600, 0o750)


def test_times_are_kept_of_directories_too(tmp_path: Path) -> None:
    made = tree(directory(b"d"), directory(b"d/e"), file(b"d/e/a", b"1"), link(b"d/e/l", b"a"))
    made.into(tmp_path)
    names_ = (
        ["d", "d/e", "d/e/a", "d/e/l"] if os.utime in os.supports_follow_symlinks else ["d", "d/e", "d/e/a"]
    )
    for name in names_:
        assert (tmp_path / name).lstat().st_mtime_ns // 1000 == MTIME // 1000, name


@pytest.mark.parametrize("mtime_ns", [-(10**30), -1, 10**30])
def test_a_time_that_the_system_refuses_becomes_the_nearest_it_takes(tmp_path: Path, mtime_ns: int) -> None:
    made = tree(file(b"a", b"1"), directory(b"d"), link(b"l", b"a"))
    made.items[:] = [one._replace(entry=one.entry._replace(mtime_ns=mtime_ns)) for one in made.items]
    assert made.into(tmp_path).written == 2
    shown = (tmp_path / "a").stat().st_mtime_ns
    assert shown in ((-1, 0) if mtime_ns < 0 else ((2**31 - 1) * 10**9,))


@needs_unix
def test_owners_and_extended_attributes_are_not_applied(tmp_path: Path) -> None:
    made = tree(file(b"a"))
    extras = made.items[0].entry.extras._replace(xattrs=((b"user.a", b"1"),))
    made.items[0] = made.items[0]._replace(entry=made.items[0].entry._replace(uid=12, gid=34, extras=extras))
    made.into(tmp_path)
    status = (tmp_path / "a").stat()
    assert (status.st_uid, status.st_gid) == (os.geteuid(), tmp_path.stat().st_gid)
    if hasattr(os, "listxattr"):
        assert "user.a" not in os.listxattr(tmp_path / "a")


# Hard links and special files.


def test_hard_links_are_one_file_and_counted_once(tmp_path: Path) -> None:
    made = tree(file(b"a/one", b"123"), hard(b"b/two", b"a/one"), hard(b"three", b"b/two"))
    assert made.into(tmp_path) == Extracted(3, 3, ())
    assert (tmp_path / "a" / "one").samefile(tmp_path / "b" / "two")
    assert (tmp_path / "a" / "one").samefile(tmp_path / "three")
    assert made.stored.taken == [0]


def test_one_name_of_several_is_a_file(tmp_path: Path) -> None:
    made = tree(file(b"a/one", b"123"), hard(b"b/two", b"a/one"))
    assert extract(made.items[1:], b"b", tmp_path, [made.layer], unheard) == Extracted(1, 3, ())
    assert seen(tmp_path) == {"two": b"123"}


def test_where_hard_links_cannot_be_made_they_are_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    made = tree(file(b"a/one", b"123"), hard(b"b/two", b"a/one"))
    assert made.into(tmp_path) == Extracted(2, 6, ())
    assert (tmp_path / "b" / "two").read_bytes() == b"123"
    assert not (tmp_path / "a" / "one").samefile(tmp_path / "b" / "two")
    assert (tmp_path / "b" / "two").stat().st_mtime_ns // 1000 == MTIME // 1000


def test_a_name_that_is_taken_leaves_the_other_names_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    made = tree(file(b"a", b"123"), hard(b"b", b"a"), hard(b"c", b"a"))
    assert made.into(tmp_path) == Extracted(2, 3, (Skipped(b"a", TAKEN),))
    assert seen(tmp_path) == {"a": b"mine", "b": b"123", "c": b"123"}


def test_devices_pipes_and_links_to_nothing_are_skipped(tmp_path: Path) -> None:
    made = tree(
        special(b"zero", FileType.CHARACTER),
        special(b"sda", FileType.BLOCK),
        special(b"pipe", FileType.FIFO),
        hard(b"hard", b"nowhere"),
        file(b"a"),
    )
    assert made.into(tmp_path) == Extracted(
        1,
        0,
        (
            Skipped(b"hard", "it links to a file that is not there"),
            Skipped(b"pipe", "it is a named pipe"),
            Skipped(b"sda", "it is a device"),
            Skipped(b"zero", "it is a device"),
        ),
    )
    assert seen(tmp_path) == {"a": b""}


# What is there already.


def test_files_that_are_there_are_not_touched_nor_read_for(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a").write_text("mine")
    before = (tmp_path / "d" / "a").stat()
    made = tree(file(b"d/a", b"theirs"))
    assert made.into(tmp_path) == Extracted(0, 0, (Skipped(b"d/a", TAKEN),))
    after = (tmp_path / "d" / "a").stat()
    assert seen(tmp_path) == {"d": None, "d/a": b"mine"}
    assert (before.st_mode, before.st_mtime_ns) == (after.st_mode, after.st_mtime_ns)
    assert made.stored.passes == []


@needs_unix
def test_directories_that_are_there_are_entered_and_keep_mode_and_time(tmp_path: Path) -> None:
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "d").chmod(0o701)
    os.utime(tmp_path / "d", ns=(5, 5))
    made = tree(directory(b"d"), directory(b"d/e"), file(b"d/e/a", b"1"))
    assert made.into(tmp_path) == Extracted(1, 1, ())
    status = (tmp_path / "d").stat()
    assert (stat.S_IMODE(status.st_mode), status.st_mtime_ns) == (0o701, 5)


def test_a_second_time_everything_is_there(tmp_path: Path) -> None:
    made = tree(directory(b"d"), file(b"d/a", b"1"), link(b"d/l", b"a"))
    made.into(tmp_path)
    before = seen(tmp_path)
    assert made.into(tmp_path) == Extracted(0, 0, (Skipped(b"d/a", TAKEN), Skipped(b"d/l", TAKEN)))
    assert seen(tmp_path) == before


def test_a_path_that_comes_twice_is_written_once(tmp_path: Path) -> None:
    made = tree(file(b"a", b"1"), file(b"a", b"2"), link(b"l", b"a"), link(b"l", b"b"), directory(b"a"))
    assert sorted(made.into(tmp_path).skipped)[-1] == Skipped(b"l", TAKEN)
    assert seen(tmp_path) == {"a": None, "l": "-> a"}


def test_a_file_in_the_way_of_a_directory_stays(tmp_path: Path) -> None:
    (tmp_path / "d").write_text("mine")
    made = tree(directory(b"d"), file(b"d/a", b"1"), directory(b"d/e"))
    assert made.into(tmp_path).skipped == tuple(
        Skipped(path, "a file stands in the way") for path in (b"d", b"d/a", b"d/e")
    )
    assert seen(tmp_path) == {"d": b"mine"}


# Hostile links.


@needs_unix
@pytest.mark.parametrize("absolute", [True, False])
def test_a_symbolic_link_that_stands_there_is_not_gone_through(tmp_path: Path, absolute: bool) -> None:
    outside, target = tmp_path / "outside", tmp_path / "target"
    outside.mkdir()
    target.mkdir()
    (target / "d").symlink_to(outside if absolute else Path("../outside"))
    made = tree(directory(b"d"), directory(b"d/e"), file(b"d/evil", b"1"), link(b"d/l", b"evil"))
    assert made.into(target).skipped == tuple(
        Skipped(path, IN_THE_WAY) for path in (b"d", b"d/e", b"d/evil", b"d/l")
    )
    assert seen(outside) == {}
    assert made.stored.passes == []


@needs_unix
def test_nor_one_that_leads_to_a_file_or_to_nothing(tmp_path: Path) -> None:
    outside, target = tmp_path / "outside", tmp_path / "target"
    target.mkdir()
    outside.write_text("mine")
    (target / "a").symlink_to(outside)
    (target / "b").symlink_to(tmp_path / "new")
    assert tree(file(b"a", b"1"), file(b"b", b"2")).into(target).skipped == (
        Skipped(b"a", TAKEN),
        Skipped(b"b", TAKEN),
    )
    assert seen(tmp_path)["outside"] == b"mine"
    assert not (tmp_path / "new").exists()


@needs_unix
def test_an_item_below_a_symbolic_link_of_the_image_is_not_written_through_it(tmp_path: Path) -> None:
    made = tree(link(b"d", b"real"), directory(b"real"), file(b"d/evil", b"1"))
    assert made.into(tmp_path) == Extracted(1, 1, (Skipped(b"d", TAKEN),))
    assert seen(tmp_path) == {"d": None, "d/evil": b"1", "real": None}


@needs_unix
def test_a_link_that_appears_between_two_files_is_not_gone_through(tmp_path: Path) -> None:
    """The directory is exchanged for a link while the files are written; only what is held open is safe."""
    if not folder.ANCHORED:
        pytest.skip("paths alone cannot do that")
    outside, target = tmp_path / "outside", tmp_path / "target"
    outside.mkdir()

    def exchange(count: int) -> None:
        if count and not (target / "d").is_symlink():
            (target / "d").rename(target / "moved")
            (target / "d").symlink_to(outside)

    made = tree(directory(b"d"), file(b"d/a", b"1"), file(b"d/b", b"2"))
    made.into(target, tell=exchange)
    assert seen(outside) == {}


@needs_unix
def test_symbolic_links_that_stay_inside_are_written_as_they_are(tmp_path: Path) -> None:
    made = tree(
        link(b"lib/a.so", b"a.so.1"),
        link(b"lib/up", b"../bin/x"),
        link(b"lib/dir/./odd", b".././/dir/../gone"),
        link(b"to-root", b"."),
        directory(b"lib/dir"),
        link(b"lib/dir/odd", b".././/dir/../gone"),
        file(b"lib/a.so.1", b"1"),
    )
    assert made.into(tmp_path) == Extracted(5, 1, (Skipped(b"lib/dir/./odd", NOT_PLAIN),))
    assert seen(tmp_path) == {
        "lib": None,
        "lib/a.so": "-> a.so.1",
        "lib/a.so.1": b"1",
        "lib/dir": None,
        "lib/dir/odd": "-> .././/dir/../gone",
        "lib/up": "-> ../bin/x",
        "to-root": "-> .",
    }


@needs_unix
@pytest.mark.parametrize(
    ("target", "why"),
    [
        (b"/etc/passwd", ABSOLUTE),
        (b"//x", ABSOLUTE),
        (b"../../x", OUTSIDE),
        (b"..//.././", OUTSIDE),
        (b"../d/../../d/a", OUTSIDE),
        (b"missing/../a", UP_FROM_NOTHING),
        (b"a/../b", UP_FROM_NOTHING),
        (b"", "the system refuses it: No such file or directory"),
        (b"x\0y", "its name holds a character that no name can have"),
        (b"y" * 5000, "the system refuses it: File name too long"),
    ],
)
def test_other_symbolic_links_are_skipped(tmp_path: Path, target: bytes, why: str) -> None:
    made = tree(directory(b"d"), file(b"d/a", b"1"), link(b"d/l", target))
    assert made.into(tmp_path / "out") == Extracted(1, 1, (Skipped(b"d/l", why),))
    assert seen(tmp_path / "out") == {"d": None, "d/a": b"1"}


@needs_unix
@pytest.mark.parametrize("turned", [False, True])
def test_links_that_lead_out_together_do_not(tmp_path: Path, turned: bool) -> None:
    """By its text `up/../..` stays inside; behind the link it does not."""
    pair = [link(b"a/b/c/up", b"../../.."), link(b"a/b/c/out", b"up/../..")]
    made = tree(directory(b"a/b/c"), *(pair[::-1] if turned else pair))
    assert made.into(tmp_path) == Extracted(
        1, 0, (Skipped(b"a/b/c/out", UP_FROM_NOTHING if turned else OUTSIDE),)
    )
    assert seen(tmp_path)["a/b/c/up"] == "-> ../../.."


@needs_unix
def test_links_through_links_of_the_user_that_lead_out_are_skipped(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "one").symlink_to(tmp_path)
    (target / "two").symlink_to("..")
    (target / "three").symlink_to("d/..")
    made = tree(
        directory(b"d"),
        link(b"a", b"one/x"),
        link(b"b", b"two/x"),
        link(b"c", b"three/../x"),
        link(b"e", b"three/x"),
    )
    assert made.into(target).skipped == (
        Skipped(b"a", ABSOLUTE),
        Skipped(b"b", OUTSIDE),
        Skipped(b"c", OUTSIDE),
    )
    assert (target / "e").is_symlink()


@needs_unix
def test_a_link_up_from_nothing_cannot_be_turned_outward_later(tmp_path: Path) -> None:
    made = tree(directory(b"a"), link(b"a/t", b"q/../../f"))
    assert made.into(tmp_path).skipped == (Skipped(b"a/t", UP_FROM_NOTHING),)


@needs_unix
def test_links_in_a_circle_and_long_chains_end(tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to("y")
    (tmp_path / "y").symlink_to("x")
    made = tree(link(b"self", b"self"), link(b"round", b"x/a"))
    assert made.into(tmp_path).skipped == (
        Skipped(b"round", "its target leads through too many symbolic links"),
    )


@needs_unix
def test_links_beyond_a_bound_are_not_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "MAX_FOLLOWED", 10)
    made = tree(link(b"a", b"b/" * 8), link(b"c", b"d/e/f"))
    assert made.into(tmp_path).skipped == (
        Skipped(b"c", "there are too many symbolic links with long targets"),
    )


def test_where_symbolic_links_cannot_be_made_they_are_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "A required privilege is not held by the client")

    monkeypatch.setattr(os, "symlink", refuse)
    why = "the system refuses it: A required privilege is not held by the client"
    assert tree(link(b"l", b"a"), file(b"a")).into(tmp_path) == Extracted(1, 0, (Skipped(b"l", why),))


# Hostile names.


@pytest.mark.parametrize(
    "path",
    [b"../evil", b"/etc/evil", b"a/../../evil", b"a//evil", b"./evil", b"evil/", b"..", b".", b"a/.."],
)
def test_paths_that_are_not_plain_are_skipped(tmp_path: Path, path: bytes) -> None:
    for kind in (FileType.REGULAR, FileType.DIRECTORY, FileType.SYMLINK):
        made = tree((path, kind, b"1"))
        assert made.into(tmp_path / "in" / "out").skipped == (Skipped(path, NOT_PLAIN),)
    assert seen(tmp_path) == {"in": None, "in/out": None}


def test_a_base_does_not_make_them_plain(tmp_path: Path) -> None:
    made = tree(file(b"usr/../evil"), file(b"usr//evil"), file(b"usr/"))
    assert [why for _, why in made.into(tmp_path / "out", b"usr").skipped] == [NOT_PLAIN] * 3
    assert seen(tmp_path) == {"out": None}


def test_a_nul_byte_is_skipped(tmp_path: Path) -> None:
    why = "its name holds a character that no name can have"
    assert tree(file(b"a\0b"), file(b"c\0/d")).into(tmp_path).skipped == (
        Skipped(b"a\0b", why),
        Skipped(b"c\0/d", why),
    )


@needs_unix
def test_names_are_the_bytes_they_are(tmp_path: Path) -> None:
    odd = [
        b"\xff\xfe",
        b"new\nline",
        b"\x1b[31m",
        b"C:\\x",
        b"CON",
        b"dot.",
        "é".encode(),
        b" ",
        b"-rf",
        b"...",
    ]
    if tree(*map(file, odd)).into(tmp_path).skipped:
        pytest.skip("this system does not keep all names")
    assert sorted(os.fsencode(path.name) for path in tmp_path.iterdir()) == sorted(odd)


@needs_unix
def test_a_name_too_long_for_the_system_is_skipped(tmp_path: Path) -> None:
    made = tree(file(b"x" * 256), file(b"y" * 300 + b"/a"), directory(b"z" * 300), file(b"v" * 255, b"1"))
    made = made._replace(items=[*made.items, *tree(link(b"w" * 256, b"a")).items])
    done = made.into(tmp_path)
    assert {why for _, why in done.skipped} == {"the system refuses it: File name too long"}
    assert (len(done.skipped), done.written) == (4, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["v" * 255]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (b"a\\b", "its name holds a character that Windows does not allow"),
        (b"C:", "its name holds a character that Windows does not allow"),
        (b"file:stream", "its name holds a character that Windows does not allow"),
        (b"tab\t", "its name holds a character that Windows does not allow"),
        (b"what?", "its name holds a character that Windows does not allow"),
        (b"CON", "its name is one of a device on Windows"),
        (b"con.txt", "its name is one of a device on Windows"),
        (b"nul .tar.gz", "its name is one of a device on Windows"),
        (b"LPT9", "its name is one of a device on Windows"),
        ("com¹".encode(), "its name is one of a device on Windows"),
        (b"dot.", "its name ends with a dot or a space, which Windows drops"),
        (b"...", "its name ends with a dot or a space, which Windows drops"),
        (b"space ", "its name ends with a dot or a space, which Windows drops"),
        (b"\xff", "its name is not UTF-8, and Windows knows no other"),
        (b"..", NOT_PLAIN),
    ],
)
def test_names_that_windows_takes_for_something_else(name: bytes, why: str) -> None:
    with pytest.raises(Refused) as caught:
        refuse_odd(name, windows=True)
    assert str(caught.value) == why


@pytest.mark.parametrize(
    "name", [b"CONSOLE", b"COM", b"COM10", b".con", b"a.con", b"a b", "é".encode(), b".x"]
)
def test_names_that_windows_takes(name: bytes) -> None:
    refuse_odd(name, windows=True)


# Deep and many.


@needs_unix
@pytest.mark.parametrize("turned", [False, True])
def test_a_thousand_levels(tmp_path: Path, turned: bool) -> None:
    if not folder.ANCHORED:
        pytest.skip("the path would be too long for the system")
    paths = [b"/".join([b"ddd"] * levels) for levels in range(1, 1001)]
    made = tree(*map(directory, paths[::-1] if turned else paths), file(paths[-1] + b"/a", b"1"))
    try:
        assert made.into(tmp_path / "out") == Extracted(1, 1, ())
        found = subprocess.run(
            ["find", "out", "-name", "a", "-printf", "%d"], cwd=tmp_path, capture_output=True, check=False
        )
        assert found.stdout in (b"1001", b"")  # find of other systems knows no -printf
    finally:
        subprocess.run(["rm", "-rf", str(tmp_path / "out")], check=True)


@needs_unix
def test_a_thousand_levels_are_removed_again(tmp_path: Path) -> None:
    if not folder.ANCHORED:
        pytest.skip("the path would be too long for the system")
    with pytest.raises(KeyboardInterrupt):
        tree(file(b"d/" * 1000 + b"a", b"1")).into(tmp_path / "out", tell=cancel_at_the_first_byte)
    assert seen(tmp_path) == {}


@needs_handles
def test_few_directories_are_held_open_and_none_is_left_so(tmp_path: Path) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc")

    def count() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = count()
    held: list[int] = []
    made = tree(*(file(b"%d/%d/a" % (n, n), b"1") for n in range(200)), hard(b"x/y", b"0/0/a"))
    made.into(tmp_path, tell=lambda _count: held.append(count()))
    assert max(held) <= before + 70
    assert count() == before


@pytest.mark.slow
def test_a_hundred_thousand_files_are_one_pass(tmp_path: Path) -> None:
    """As fast as the system makes files: about 70 µs each in memory, five times that on a busy ext4."""
    if not folder.ANCHORED:
        pytest.skip("once is enough")
    paths = [b"usr/%d/%d/f%d" % (n // 10_000, n // 100, n) for n in range(100_000)]
    made = tree(*(file(path, path) for path in paths))
    try:
        assert made.into(tmp_path).written == 100_000
        assert len(made.stored.passes) == 1
    finally:
        shutil.rmtree(tmp_path / "usr")


# When it cannot go on.


def cancel_at_the_first_byte(count: int) -> None:
    if count:
        raise KeyboardInterrupt


class Cancelled(Exception):  # noqa: N818 - the user's wish
    pass


def cancelling(after: int) -> Callable[[int], None]:
    left = [after]

    def tell(_count: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Cancelled

    return tell


def everything() -> Tree:
    return tree(
        directory(b"d"),
        directory(b"d/e"),
        file(b"d/e/a", b"12"),
        hard(b"n/b", b"d/e/a"),
        file(b"old/c", b"3"),
        link(b"d/l", b"e/a"),
        link(b"m/l", b"../d"),
    )


@needs_unix
def test_who_cancels_at_any_time_finds_what_was_there_before(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (target / "old").mkdir(parents=True)
    (target / "old" / "mine").write_text("mine")
    before = seen(tmp_path)
    times = 0
    while True:
        try:
            everything().into(target, tell=cancelling(times))
            break
        except Cancelled:
            assert seen(tmp_path) == before
            times += 1
    assert times == 8
    assert len(seen(target)) == 11


def test_a_folder_that_was_made_for_it_goes_too_with_those_above_it(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        everything().into(tmp_path / "a" / "b" / "c", tell=cancelling(3))
    assert seen(tmp_path) == {}


def test_what_somebody_else_puts_there_meanwhile_stays(tmp_path: Path) -> None:
    def put(count: int) -> None:
        if count:
            (tmp_path / "out" / "d" / "theirs").write_text("theirs")
            raise Cancelled

    with pytest.raises(Cancelled):
        everything().into(tmp_path / "out", tell=put)
    assert seen(tmp_path) == {"out": None, "out/d": None, "out/d/theirs": b"theirs"}


def test_damaged_contents_leave_nothing_behind(tmp_path: Path) -> None:
    class Damaged(Stored):
        def _pieces(self, number: int, tell: Tell) -> Iterator[bytes]:
            yield b"half"
            raise DamagedError("cut off")

    made = everything()
    layer = replace(made.layer, contents=Damaged([]))
    with pytest.raises(DamagedError):
        extract(made.items, b"", tmp_path / "out", [layer], unheard)
    assert seen(tmp_path) == {}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EFBIG])
def test_a_full_disk_is_a_sentence_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    really = os.write
    calls = [0]

    def write(fd: int, data: bytes) -> int:
        calls[0] += 1
        if calls[0] > 2:
            raise OSError(code, os.strerror(code))
        return really(fd, data[:1])

    monkeypatch.setattr(os, "write", write)
    made = tree(file(b"d/a", b"1"), file(b"d/b", b"234"))
    with pytest.raises(OutputError, match=f"out cannot be written: {os.strerror(code)}") as caught:
        made.into(tmp_path / "out")
    assert caught.value.hint == "What was written so far has been removed again."
    monkeypatch.undo()
    assert seen(tmp_path) == {}


def test_a_disk_full_of_directories_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = os.mkdir

    def mkdir(path: bytes, mode: int = 0o777, **more: int | None) -> None:
        if path.endswith(b"e") if isinstance(path, bytes) else False:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        really(path, mode, **more)

    monkeypatch.setattr(os, "mkdir", mkdir)
    with pytest.raises(OutputError, match="No space left on device"):
        everything().into(tmp_path / "out")
    assert seen(tmp_path) == {}


def test_more_than_is_free_is_refused_before_the_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=6))
    made = tree(file(b"a", b"1234"), hard(b"b", b"a"), file(b"c", b"567"))
    with pytest.raises(OutputError, match="not enough room: the files have 7 B, and 6 B are free"):
        made.into(tmp_path / "out")
    assert made.stored.passes == []
    assert seen(tmp_path) == {}
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "c").touch()  # needs no room: it is skipped
    assert made.into(tmp_path / "out").bytes == 4


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for target in (tmp_path / "file", tmp_path / "file" / "out"):
        with pytest.raises(OutputError, match="cannot be written: "):
            everything().into(target)
    assert seen(tmp_path) == {"file": b"mine"}


@needs_unix
def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to("nowhere")
    for name in ("dangling", "x" * 300, "a\0b", "new/" + "x" * 300):
        with pytest.raises(OutputError, match="cannot be written: "):
            everything().into(tmp_path / name)
    assert seen(tmp_path) == {"dangling": "-> nowhere"}


@needs_unix
def test_a_folder_that_must_not_be_written(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0o555)
    target = locked if os.geteuid() else Path("/proc/self")
    if not target.exists():
        pytest.skip("nothing is locked for root here")
    made = everything()
    with pytest.raises(OutputError, match="cannot be written: "):
        made.into(target)
    assert made.stored.passes == []


@needs_unix
def test_the_folder_itself_may_be_reached_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert tree(file(b"a", b"1")).into(tmp_path / "link" / "out").written == 1
    assert (tmp_path / "real" / "out" / "a").read_bytes() == b"1"


def test_nothing_to_write_is_no_error(tmp_path: Path) -> None:
    assert extract([], b"", tmp_path, [], unheard) == Extracted(0, 0, ())

"""Root filesystems as plain data: what the analysis says is in an image, and what somebody unpacked of it."""

import io
import json
import os
import stat
import tarfile
from pathlib import Path
from typing import NamedTuple

from layerscope.analysis.analyze import Analysis
from layerscope.analysis.model import FileType
from layerscope.analysis.tree import walk

from fixtures import make
from fixtures.fixture import Fixture, Outcome

ARCHIVES = Path(make.__file__).parent / "archives"
DEMO = Path(make.__file__).parent / "demo.tar.gz"


class Found(NamedTuple):
    """What is at a path."""

    type: str
    """The letter `ls -l` shows."""
    size: int
    """Bytes of a regular file, 0 for others."""
    names: int
    """Hard links, a directory's being 1."""
    mode: int
    owner: tuple[int, int]
    target: bytes = b""
    """Of a symbolic link."""


Rootfs = dict[bytes, Found]

LETTERS = {
    FileType.REGULAR: "-",
    FileType.HARDLINK: "-",
    FileType.SYMLINK: "l",
    FileType.CHARACTER: "c",
    FileType.BLOCK: "b",
    FileType.DIRECTORY: "d",
    FileType.FIFO: "p",
}


def union_fixtures() -> list[Fixture]:
    """The images of hand-made layers that have one filesystem: union rules, waste, odd tars."""
    groups = ("union-", "waste-", "tar-")
    return [one for one in make.FIXTURES if one.name.startswith(groups) and one.outcome is Outcome.MEASURED]


def layers_of(fixture: Fixture) -> list[bytes]:
    """The layers' tars, from an archive that has no more than they need (`fixtures.fixture.stack`)."""
    with tarfile.open(ARCHIVES / fixture.name) as archive:

        def read(name: str) -> bytes:
            file = archive.extractfile(name)
            assert file is not None
            return file.read()

        return [read(name) for name in json.loads(read("manifest.json"))[0]["Layers"]]


def of_analysis(analysis: Analysis) -> Rootfs:
    """The final filesystem as the analysis has it, its root left out."""
    found = {}
    for path, node in walk(analysis.union.root):
        entry = node.inode.entry
        directory = node.children is not None
        symlink = entry.type is FileType.SYMLINK
        found[path] = Found(
            "d" if directory else LETTERS[entry.type],
            entry.size,
            1 if directory else node.names,
            0o777 if symlink else entry.mode,
            (entry.uid, entry.gid),
            entry.link if symlink else b"",
        )
    return found


def of_folder(folder: Path) -> Rootfs:
    """What lies in a folder."""
    found = {}
    waiting = [os.fsencode(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as listed:
            for one in listed:
                path = os.path.relpath(one.path, os.fsencode(folder))
                found[path] = _of_status(one.stat(follow_symlinks=False), one.path)
                if found[path].type == "d":
                    waiting.append(one.path)
    return found


def _of_status(status: os.stat_result, path: bytes) -> Found:
    letter = stat.filemode(status.st_mode)[0]
    return Found(
        letter,
        status.st_size if letter == "-" else 0,
        1 if letter == "d" else status.st_nlink,
        stat.S_IMODE(status.st_mode),
        (status.st_uid, status.st_gid),
        os.readlink(path) if letter == "l" else b"",  # noqa: PTH115 - a Path would have no bytes
    )


TYPES = {
    tarfile.REGTYPE: "-",
    tarfile.SYMTYPE: "l",
    tarfile.CHRTYPE: "c",
    tarfile.BLKTYPE: "b",
    tarfile.DIRTYPE: "d",
    tarfile.FIFOTYPE: "p",
}


def of_export(tar: bytes) -> Rootfs:
    """What `docker export` wrote; hard links are shown as the files they are."""
    members: dict[bytes, tarfile.TarInfo] = {}
    with tarfile.open(fileobj=io.BytesIO(tar), errors="surrogateescape") as archive:
        for member in archive:
            members[_path(member.name)] = member
    first = {path: path for path in members}
    for path, member in members.items():
        if member.islnk():
            first[path] = first[_path(member.linkname)]
    counts = dict.fromkeys(members, 0)
    for path in first.values():
        counts[path] += 1
    found = {}
    for path, real in first.items():
        member = members[real]
        letter = TYPES[member.type]
        found[path] = Found(
            letter,
            member.size if letter == "-" else 0,
            1 if letter == "d" else counts[real],
            0o777 if letter == "l" else stat.S_IMODE(member.mode),
            (member.uid, member.gid),
            os.fsencode(member.linkname) if letter == "l" else b"",
        )
    return found


def _path(name: str) -> bytes:
    return name.strip("/").encode("utf-8", "surrogateescape")


def difference(ours: Rootfs, theirs: Rootfs) -> dict[str, tuple[str, str]]:
    """The paths at which they differ in anything: what we have and what they have."""
    return {
        os.fsdecode(path): (_brief(ours.get(path)), _brief(theirs.get(path)))
        for path in sorted(ours.keys() | theirs.keys())
        if ours.get(path) != theirs.get(path)
    }


def _brief(found: Found | None) -> str:
    """`d`, `l`, `-5` (a file and its bytes); empty for nothing."""
    return "" if found is None else f"{found.type}{found.size or ''}"

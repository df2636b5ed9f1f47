"""Packages of real root filesystems: a Debian by mmdebstrap against what dpkg says, and an Alpine's layout.

Of Debian the files agree exactly. The bytes agree with `Installed-Size`, which counts what the package was
built from in KiB: each file and link rounded up, a directory as one, and the scripts of the package besides
(dpkg-gencontrol(1), "Installed-Size").
"""

import base64
import hashlib
import os
import shutil
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.packages.listing import list_packages
from layerscope.analysis.packages.package import Packages
from layerscope.analysis.tree import walk
from layerscope.loader import open_image

from tests.images import Image, docker_archive, file, layer, symlink

pytestmark = [pytest.mark.slow, pytest.mark.engine]

INCLUDE = "vim-tiny,perl,python3-minimal"
"""Hard links, many small files, alternatives; dash diverts in every Debian."""
OFF_BY_KIB = 8
"""By how much `Installed-Size` may differ: a few packages are built with what they do not ship."""


@dataclass(frozen=True)
class Debian:
    """A root filesystem, unpacked and analysed."""

    root: Path
    analysis: Analysis
    packages: Packages


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Debian]:
    if any(shutil.which(tool) is None for tool in ("mmdebstrap", "dpkg-query", "tar")):
        pytest.skip("no mmdebstrap or no dpkg on PATH")
    folder = tmp_path_factory.mktemp("debian")
    tar, root, archive = folder / "root.tar", folder / "root", folder / "image.tar"
    options = ["--quiet", "--variant=minbase", f"--include={INCLUDE}"]
    done = subprocess.run(
        ["mmdebstrap", *options, "bookworm", tar], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"mmdebstrap makes no Debian here: {done.stderr.strip()}")
    root.mkdir()
    subprocess.run(["tar", "-xf", tar, "--exclude=./dev", "--no-same-owner", "-C", root], check=True)
    archive.write_bytes(docker_archive(Image([tar.read_bytes()])))
    with open_image(str(archive)) as image:
        analysis = analyze(image)
        yield Debian(root, analysis, list_packages(analysis))
    shutil.rmtree(folder)


def dpkg_query(root: Path, *arguments: str) -> str:
    command = ["dpkg-query", f"--admindir={root}/var/lib/dpkg", *arguments]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


def installed(root: Path) -> list[list[str]]:
    """(name as dpkg tells it apart, name, version, Installed-Size) of every package."""
    form = "${binary:Package}\t${Package}\t${Version}\t${Installed-Size}\n"
    return [line.split("\t") for line in dpkg_query(root, "-W", "-f", form).splitlines()]


def listed(root: Path, package: str) -> list[Path]:
    """What `dpkg -L` lists, where it lies; a diverted file under the name it has now."""
    found: list[str] = []
    for line in dpkg_query(root, "-L", package).splitlines():
        if line.startswith(("diverted by ", "locally diverted to: ")):
            found[-1] = line.partition("to: ")[2]
        elif line.startswith("/"):
            found.append(line)
    paths = (Path(f"{root}{path}") for path in found)
    return [path.parent.resolve() / path.name for path in paths]


def is_directory(path: Path, following: Path | None) -> bool:
    """Whether the package has a directory there: `/lib` is a link where usr is merged."""
    return (path.is_dir() and not path.is_symlink()) or (following is not None and path in following.parents)


def files_by_package(debian: Debian) -> dict[str, set[str]]:
    """What `dpkg -L` lists of each package and is there, but for directories."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for package, name, _, _ in installed(debian.root):
        for path, following in pairwise([*listed(debian.root, package), None]):
            assert path is not None
            if (path.exists() or path.is_symlink()) and not is_directory(path, following):
                found[name].add(os.path.relpath(path, debian.root.resolve()))
    return found


def owned(analysis: Analysis, packages: Packages) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path, node in walk(analysis.union.root):
        if node in packages.owners:
            found[packages.packages[packages.owners[node]].name].add(os.fsdecode(path))
    return found


def test_packages_and_versions_are_those_of_dpkg(debian: Debian) -> None:
    ours = Counter({one[1:3]: one.copies for one in debian.packages.packages})
    assert ours == Counter((name, version) for _, name, version, _ in installed(debian.root))
    assert debian.packages.notes == ()


def test_every_file_belongs_to_a_package_that_dpkg_says_it_belongs_to(debian: Debian) -> None:
    theirs, ours = files_by_package(debian), owned(debian.analysis, debian.packages)
    assert sum(map(len, theirs.values())) > 3000
    wrong = {name: files - theirs[name] for name, files in ours.items() if files - theirs[name]}
    assert wrong == {}
    assert set().union(*ours.values()) == set().union(*theirs.values())
    several = Counter(path for files in theirs.values() for path in files)
    missing = {
        name: {path for path in files - ours[name] if several[path] == 1} for name, files in theirs.items()
    }
    assert {name: files for name, files in missing.items() if files} == {}


def test_bytes_are_those_of_the_files(debian: Debian) -> None:
    ours = owned(debian.analysis, debian.packages)
    for package in debian.packages.packages:
        status = {
            (debian.root / path).lstat()
            for path in ours[package.name]
            if not (debian.root / path).is_symlink()
        }
        assert package.size == sum({one.st_ino: one.st_size for one in status}.values()), package.name
        assert package.files == len(ours[package.name])


def test_bytes_agree_with_the_installed_size(debian: Debian) -> None:
    differences = {}
    expected: Counter[str] = Counter()
    for package, name, _, _ in installed(debian.root):
        seen = set()
        for path, following in pairwise([*listed(debian.root, package), None]):
            assert path is not None
            if is_directory(path, following) or not (path.exists() or path.is_symlink()):
                expected[name] += 1
            elif (status := path.lstat()).st_ino not in seen:
                seen.add(status.st_ino)
                expected[name] += -(-status.st_size // 1024)
        info = debian.root / "var/lib/dpkg/info"
        scripts = (one for one in info.glob(f"{package}.*") if one.suffix not in (".list", ".md5sums"))
        expected[name] += 1 + sum(-(-one.stat().st_size // 1024) for one in scripts)
    for found in debian.packages.packages:
        assert found.installed_size is not None
        differences[found.name] = found.installed_size // 1024 - expected[found.name]
    far = {name: by for name, by in differences.items() if abs(by) > OFF_BY_KIB}
    assert far == {}
    assert sum(abs(by) <= 1 for by in differences.values()) > 0.9 * len(differences)


# Alpine ---------------------------------------------------------------------------------------------------

ALPINE: dict[str, dict[str, bytes | str]] = {
    "musl-1.2.5-r9": {
        "lib/ld-musl-x86_64.so.1": b"\x7fELF" + bytes(660_000),
        "lib/libc.musl-x86_64.so.1": "ld-musl-x86_64.so.1",
    },
    "busybox-1.37.0-r12": {
        "bin/busybox": b"\x7fELF" + bytes(810_000),
        "bin/sh": "/bin/busybox",
        "etc/securetty": b"tty1\n",
        "usr/share/udhcpc/default.script": b"#!/bin/sh\n" * 90,
    },
    "ca-certificates-bundle-20241121-r1": {"etc/ssl/certs/ca-certificates.crt": b"x" * 220_000},
}
"""By package: path to content, or to the target of a symbolic link."""


def stanza(package: str, files: dict[str, bytes | str]) -> bytes:
    """As apk writes it (apk_db_fdb_write): the package, then its directories with their files."""
    name, version, release = package.rsplit("-", 2)
    size = sum(len(content) for content in files.values() if isinstance(content, bytes))
    lines = [f"C:{checksum(package.encode())}", f"P:{name}", f"V:{version}-{release}", "A:x86_64"]
    lines += [f"S:{size // 2}", f"I:{size}", f"T:The package {name}", "U:https://example.org", "L:MIT"]
    lines += [f"o:{name}", "m:Somebody <a@example.org>", "t:1733923200", "c:0123456789abcdef", "D:so:libc"]
    folders = sorted({str(Path(path).parent) for path in files})
    for folder in folders:
        lines += [f"F:{folder}"] + (["M:0:0:1777"] if folder == "etc" else [])
        for path, content in sorted(files.items()):
            if str(Path(path).parent) == folder:
                data = content if isinstance(content, bytes) else content.encode()
                lines += [f"R:{Path(path).name}", "a:0:0:755", f"Z:{checksum(data)}"]
    return "\n".join([*lines, "", ""]).encode()


def checksum(data: bytes) -> str:
    return "Q1" + base64.b64encode(hashlib.sha1(data).digest()).decode()


@pytest.mark.parametrize("database", ["lib/apk/db/installed", "usr/lib/apk/db/installed"])
def test_packages_of_alpine_are_those_of_its_database(database: str, tmp_path: Path) -> None:
    members = [
        file(path, content) if isinstance(content, bytes) else symlink(path, content)
        for files in ALPINE.values()
        for path, content in files.items()
    ]
    members.append(file(database, b"".join(stanza(package, files) for package, files in ALPINE.items())))
    members.append(file("etc/hostname", b"alpine\n"))
    archive = tmp_path / "alpine.tar"
    archive.write_bytes(docker_archive(Image([layer(*members)])))
    with open_image(str(archive)) as image:
        analysis = analyze(image)
        packages = list_packages(analysis)
    assert owned(analysis, packages) == {
        package.rsplit("-", 2)[0]: set(files) for package, files in ALPINE.items()
    }
    for one in packages.packages:
        assert one.size == one.installed_size
        assert f"{one.name}-{one.version}" in ALPINE

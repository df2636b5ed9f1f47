"""Packages of apk, whose database is one file."""

from tests.analysis.packages.trees import Content, listed, owned

MUSL = b"""C:Q1pyvpZs6ZHi2zU2AFdTXWwfwjqKU=
P:musl
V:1.2.5-r0
A:x86_64
S:407278
I:667648
T:the musl c library (libc) implementation
D:so:x
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
Z:Q1Ud9JVvBiFtZ2bBZ8wV5nnJU9jEQ=
R:libc.musl-x86_64.so.1
a:0:0:777
Z:Q17yJ3JFNypA4mxhJJr0ou6CzsJVI=

"""
LAYOUT = b"P:alpine-baselayout\nV:3.6\nI:24576\nF:\nR:.profile\nM:0:0:1777\nF:etc\nF:etc/apk\nR:world\n\n"
VIRTUAL = b"P:.build-deps\nV:20240101\nI:0\n\n"


def test_a_package_owns_the_files_of_its_directories() -> None:
    tree: dict[str, Content] = {
        "lib/ld-musl-x86_64.so.1": b"12345",
        "lib/libc.musl-x86_64.so.1": "ld-musl-x86_64.so.1",
        "etc/apk/world": b"12",
        ".profile": b"1",
        "lib/apk/db/installed": MUSL + LAYOUT + VIRTUAL,
    }
    found = listed(tree)
    assert [(one.name, one.version, one.files, one.size, one.installed_size) for one in found.packages] == [
        ("musl", "1.2.5-r0", 2, 5, 667648),
        ("alpine-baselayout", "3.6", 2, 3, 24576),
        (".build-deps", "20240101", 0, 0, 0),
    ]
    assert owned(tree)["apk alpine-baselayout 3.6"] == [".profile", "etc/apk/world"]


def test_the_database_may_lie_below_usr_and_counts_once() -> None:
    tree: dict[str, Content] = {"usr/lib/ld-musl-x86_64.so.1": b"1", "usr/lib/apk/db/installed": MUSL}
    tree["lib"] = "usr/lib"
    (one,) = listed(tree).packages
    assert (one.name, one.copies, one.files) == ("musl", 1, 1)


def test_what_makes_no_sense_is_passed_over() -> None:
    odd = b"\n\n\nP:\nF:etc\nR:x\n\nR:x\n\nP:a\nI:-1\nR:x\nF:../etc\nR:../etc/x\nR:\nF:etc/x\nR:y\n"
    (one,) = listed({"etc/x": b"1", "lib/apk/db/installed": odd}).packages
    assert (one.name, one.files, one.installed_size) == ("a", 1, None)

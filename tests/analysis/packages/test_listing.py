"""Every file has one owner, contents are read once, and whatever is wrong becomes a note."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layerscope.analysis.analyze import analyze
from layerscope.analysis.packages import apk, dpkg, ownership, reading, stanzas
from layerscope.analysis.packages.listing import list_packages
from layerscope.errors import DamagedError

from tests import models
from tests.analysis.packages.headers import database, package
from tests.analysis.packages.trees import (
    Content,
    Files,
    GoneBy,
    HardLink,
    Held,
    Huge,
    analysis,
    checked,
    layer,
    listed,
    owned,
    reads,
)

STATUS = "var/lib/dpkg/status"
LIST = "var/lib/dpkg/info/a.list"
DEBIAN: dict[str, Content] = {
    STATUS: b"Package: a\nVersion: 1\n",
    LIST: b"/.\n/usr\n/usr/a\n",
    "usr/a": b"12",
}


def test_an_image_without_packages_has_none() -> None:
    found = listed({"app/a": b"123", "app/b": b"1"})
    assert (found.packages, found.unowned, found.notes) == ((), 4, ())
    assert [(one.path, one.size, one.rest) for one in found.unowned_by_directory] == [(b"app", 4, False)]
    assert listed().packages == ()


def test_the_system_comes_before_a_language_and_an_installer_before_the_file_itself() -> None:
    tree: dict[str, Content] = {
        STATUS: b"Package: python3-six\nVersion: 1\n",
        "var/lib/dpkg/info/python3-six.list": b"/s/six.py\n/s/six-1.dist-info/METADATA\n/j/libs.jar\n",
        "s/six.py": b"1",
        "s/six-1.dist-info/METADATA": b"Name: six\nVersion: 1\n",
        "j/libs.jar": b"1",
        "s/spark-1.dist-info/RECORD": b"jars/x-2.jar,,\nsix.py,,\n",
        "s/jars/x-2.jar": b"1",
    }
    found = owned(tree)
    assert found["dpkg python3-six 1"] == ["j/libs.jar", "s/six-1.dist-info/METADATA", "s/six.py"]
    assert found["python spark 1"] == ["s/jars/x-2.jar", "s/spark-1.dist-info/RECORD"]
    assert len(found) == 2


def test_several_managers_of_a_system_may_be_there_at_once() -> None:
    tree: dict[str, Content] = {
        "usr/x": b"1",
        "usr/y": b"1",
        "lib/apk/db/installed": b"P:b\nF:usr\nR:x\nR:a\n",
    }
    tree["var/lib/rpm/rpmdb.sqlite"] = database(package(b"c", [b"/usr/y", b"/usr/x"]))
    assert owned(DEBIAN, tree) == {"dpkg a 1": ["usr/a"], "apk b": ["usr/x"], "rpm c 1.0-2.el9": ["usr/y"]}


def test_the_bytes_of_a_file_with_several_owners_go_to_the_first() -> None:
    tree: dict[str, Content] = {**DEBIAN, "zzz": HardLink("usr/a"), "aaa": HardLink("usr/a")}
    tree["lib/apk/db/installed"] = b"P:b\nF:\nR:aaa\n"
    found = listed(tree)
    assert [(one.name, one.files, one.size) for one in found.packages] == [("a", 1, 2), ("b", 1, 0)]


def test_the_bytes_of_a_file_with_several_names_that_nobody_owns_count_once() -> None:
    found = listed({"b/one": b"12345", "a/two": HardLink("b/one"), "c/three": HardLink("b/one")})
    assert [(one.path, one.size) for one in found.unowned_by_directory] == [(b"a", 5)]


def test_packages_stand_by_size_and_then_by_name() -> None:
    tree = {f"{name}.jar": b"1" * size for name, size in (("b", 1), ("a", 1), ("large", 9))}
    assert [one.name for one in listed(tree).packages] == ["large", "a", "b"]


def test_databases_of_the_system_take_one_pass_over_a_layer_and_no_file_is_read_twice() -> None:
    site: dict[str, Content] = {"s/p-1.dist-info/METADATA": b"Name: p\n", "s/p-1.dist-info/RECORD": b""}
    analysed = analysis(DEBIAN, {"app/x": b"1"}, {STATUS: b"Package: a\nVersion: 2\n"}, site)
    checked(analysed)
    assert reads(analysed) == [1, 0, 1, 1]
    for one in analysed.layers:
        assert isinstance(one.layer.contents, Held)
        assert set(one.layer.contents.read_of.values()) <= {1}


def test_nothing_but_databases_is_read() -> None:
    analysed = analysis({**DEBIAN, "usr/large": Huge(1 << 40), "var/lib/dpkg/lock": b""})
    checked(analysed)
    contents = analysed.layers[0].layer.contents
    assert isinstance(contents, Held)
    assert sorted(contents.read_of) == [0, 1]


def test_whoever_listens_hears_of_what_is_read_and_may_end_it() -> None:
    heard: list[int] = []
    list_packages(analysis(DEBIAN), heard.append)
    assert sum(heard) > 0

    def cancel(_count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list_packages(analysis(DEBIAN), cancel)


def test_contents_that_have_gone_by_become_one_note() -> None:
    held = [replace(layer(files), contents=GoneBy()) for files in (DEBIAN, {STATUS: b""}, {"a-1.jar": b"1"})]
    found = checked(analyze(models.image(*held)))
    assert [one.name for one in found.packages] == ["a"]
    assert found.notes == (
        "databases of packages in layers 0, 1 could not be read: layer 1 of standard input has gone by",
    )


# Hostile ones ---------------------------------------------------------------------------------------------


def test_databases_that_are_too_large_become_notes() -> None:
    tree: dict[str, Content] = {
        STATUS: Huge(1 << 40),
        "lib/apk/db/installed": Huge(apk.MAX_SIZE + 1),
        "var/lib/rpm/rpmdb.sqlite": Huge(1 << 30),
        "s/p-1.dist-info/RECORD": Huge(1 << 30),
        "node_modules/a/package.json": Huge(1 << 30),
    }
    found = listed(tree)
    assert {(one.manager, one.name) for one in found.packages} == {("python", "p"), ("npm", "a")}
    assert found.notes[0] == f"{STATUS} was not read: it holds more than {dpkg.MAX_SIZE} bytes"
    assert len(found.notes) == 4


def test_there_is_an_end_to_notes() -> None:
    tree = {f"var/lib/dpkg/info/{number}.list": Huge(1 << 30) for number in range(1000)}
    notes = listed(tree).notes
    assert len(notes) == ownership.MAX_NOTES + 1
    assert notes[-1] == "980 more databases were not read"


def test_there_is_an_end_to_what_is_kept_of_all_databases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_TOTAL", 100)
    tree = {f"var/lib/dpkg/info/{number}.list": b"x" * 90 for number in range(9)}
    analysed = analysis(tree)
    assert checked(analysed).notes == (
        "databases of packages hold more than 100 bytes: not all of them were read",
    )
    contents = analysed.layers[0].layer.contents
    assert isinstance(contents, Held)
    assert len(contents.read_of) <= 3


def test_there_is_an_end_to_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ownership, "MAX_PACKAGES", 2)
    found = listed({"lib/apk/db/installed": b"P:a\nI:0\n\nP:b\nI:0\n\nP:c\nI:0\n"})
    assert [one.name for one in found.packages] == ["a", "b"]
    assert found.notes == ("the databases of packages list more than 2 packages",)


def test_there_is_an_end_to_stanzas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stanzas, "MAX_STANZAS", 2)
    found = listed({STATUS: b"Package: a\nInstalled-Size: 1\n\n\nx: y\n\nPackage: b\n"})
    assert [one.name for one in found.packages] == ["a"]
    assert found.notes == ("a database of packages has more than 2 stanzas",)


def test_names_are_cut() -> None:
    (one,) = listed({"lib/apk/db/installed": b"P:" + b"x" * 100_000 + b"\nI:0\n"}).packages
    assert len(one.name) == 200


def test_names_need_be_no_text() -> None:
    (one,) = listed({"lib/apk/db/installed": b"P:\xff\x1b[0m\nI:0\n"}).packages
    assert one.name == "\udcff\x1b[0m"


def test_directories_a_thousand_deep_are_no_matter() -> None:
    deep = "/".join(["node_modules/a"] * 250)
    tree = {f"{deep}/package.json": b"{}", f"{deep}/x-1.dist-info/RECORD": b"x,,\n", f"{deep}/x.jar": b"1"}
    assert len(listed(tree).packages) == 2


PATHS = st.sampled_from(
    [STATUS, LIST, "var/lib/dpkg/diversions", "var/lib/dpkg/status.d/a", "var/lib/dpkg/status.d/a.md5sums",
     "lib/apk/db/installed", "var/lib/rpm/rpmdb.sqlite", "var/lib/rpm", "var", "usr/a", "lib", "usr/lib",
     "s/p-1.dist-info/RECORD", "s/p-1.dist-info/METADATA", "s/p-1.egg-info", "s/p.egg-info/top_level.txt",
     "node_modules/a/package.json", "node_modules/@b/a/package.json", "x-1.jar", "node_modules"]
)  # fmt: skip
LINES = st.sampled_from(
    [b"Package: a\n", b"\n", b"Status: install ok installed\n", b"/usr/a\n", b"/usr\n", b"P:a\n", b"F:usr\n",
     b"R:a\n", b"usr/a,,\n", b"..\n", b"\xff\n", b"Name: x\n", b"{}", b":", b"x", b"/lib/../usr/a\n",
     b"s\n", b"../usr/a\n"]
)  # fmt: skip
CONTENTS = st.one_of(
    st.lists(LINES, max_size=6).map(b"".join),
    st.sampled_from(["usr", "/", "..", "var", "lib/apk", "var/lib"]),
    st.builds(HardLink, st.sampled_from([STATUS, LIST, "usr/a"])),
)


@given(st.lists(st.dictionaries(PATHS, CONTENTS, max_size=8), max_size=3))
def test_whatever_lies_there_the_bytes_add_up(layers: list[Files]) -> None:
    try:
        analysed = analysis(*layers)
    except DamagedError:  # links that go round in circles
        return
    checked(analysed)

"""Packages of rpm: headers in an SQLite file, which anybody may have written."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layerscope.analysis.packages import rpm
from layerscope.analysis.packages.rpm_header import Header
from layerscope.errors import DamagedError

from tests.analysis.packages.headers import INT32, INT64, STRINGS, database, header, package
from tests.analysis.packages.trees import Content, listed, owned

PATH = "var/lib/rpm/rpmdb.sqlite"
BASH = package(b"bash", [b"/usr/bin/bash", b"/usr/bin/sh", b"/usr/share/doc/bash/README"])


@pytest.mark.parametrize("log", [False, True])
def test_a_package_owns_the_files_of_its_header(log: bool) -> None:
    tree: dict[str, Content] = {"usr/bin/bash": b"12345", "usr/bin/sh": "bash", PATH: database(BASH, log=log)}
    found = listed(tree)
    (one,) = found.packages
    assert (one.manager, one.name, one.version, one.files, one.size) == ("rpm", "bash", "1.0-2.el9", 2, 5)
    assert (one.installed_size, found.notes) == (4096, ())


def test_the_database_may_lie_in_two_places_that_are_one() -> None:
    tree: dict[str, Content] = {"usr/lib/sysimage/rpm/rpmdb.sqlite": database(BASH), "usr/bin/sh": b"1"}
    tree["var/lib/rpm"] = "../../usr/lib/sysimage/rpm"
    (one,) = listed(tree).packages
    assert (one.copies, one.files) == (1, 1)


def test_old_packages_list_whole_paths_and_large_ones_have_a_long_size() -> None:
    old = header(
        (1000, 6, b"old"), (1001, 6, b"1"), (1027, STRINGS, [b"/a", b"/b/c"]), (5009, INT64, [1 << 40])
    )
    tree: dict[str, Content] = {"a": b"1", "b/c": b"1", PATH: database(old)}
    assert owned(tree) == {"rpm old 1": ["a", "b/c"]}
    assert listed(tree).packages[0].installed_size == 1 << 40


@pytest.mark.parametrize(
    ("name", "kind"), [("Packages", "Berkeley DB"), ("Packages.db", "ndb")], ids=["bdb", "ndb"]
)
def test_the_older_formats_are_noted(name: str, kind: str) -> None:
    found = listed({f"var/lib/rpm/{name}": b"x", "usr/bin/bash": b"123"})
    assert found.unowned == 4
    assert found.notes == (
        f"var/lib/rpm/{name} was not read: rpm's format {kind} is not known here, "
        "and files of its packages count as nobody's",
    )


def test_a_log_that_holds_something_is_noted() -> None:
    assert listed({PATH: database(BASH), PATH + "-wal": b""}).notes == ()
    found = listed({PATH: database(BASH), PATH + "-wal": b"changes"})
    assert found.notes == ("var/lib/rpm/rpmdb.sqlite has changes in a log beside it that were not read",)


# Hostile ones ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a database",
        database(BASH)[:100],
        database(BASH)[:5000],
        database(BASH, "text"),
        database(b""),
        database(struct.pack(">II", 0xFFFFFFFF, 0xFFFFFFFF)),
        database(BASH)[:4096] + b"\xff" * 4096,
    ],
    ids=[
        "empty",
        "text",
        "cut in its header",
        "cut",
        "a string",
        "empty blob",
        "huge counts",
        "damaged page",
    ],
)
def test_a_damaged_database_becomes_a_note(data: bytes) -> None:
    found = listed({PATH: data, "x": b"1"})
    assert len(found.notes) == 1 or data == b""
    assert all("\n" not in note for note in found.notes)


@pytest.mark.parametrize(
    "schema",
    [
        "CREATE VIEW Packages AS WITH RECURSIVE n(blob) AS (SELECT 1 UNION ALL SELECT blob + 1 FROM n) "
        "SELECT blob FROM n",
        "CREATE TABLE t (blob); INSERT INTO t VALUES (1);"
        "CREATE VIEW Packages AS SELECT zeroblob(1000000000) AS blob FROM t",
        "CREATE TABLE t (x); CREATE VIEW Packages AS SELECT load_extension('x') AS blob FROM t",
        "CREATE VIEW Packages AS SELECT name AS blob FROM sqlite_master",
        "CREATE TABLE Packages (a, blob AS (zeroblob(100000000)))",
        "CREATE TABLE Other (blob)",
    ],
    ids=["endless", "huge", "extension", "schema", "generated", "missing"],
)
def test_a_schema_that_is_a_program_is_not_run(schema: str) -> None:
    with_rows = schema.startswith("CREATE TABLE Packages")
    made = database(schema=schema + (";INSERT INTO Packages (a) VALUES (1)" if with_rows else ""))
    found = listed({PATH: made})
    assert found.packages == ()
    assert len(found.notes) == 1


def test_a_table_that_takes_too_long_becomes_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpm, "MAX_SECONDS", -1.0)
    found = listed({PATH: database(*[BASH] * 20_000)})
    assert found.notes == ("rpmdb.sqlite was not read to its end: interrupted",)


def test_indexes_beyond_the_directories_are_passed_over() -> None:
    names = (1117, STRINGS, [b"x", b"y"])
    odd = header((1000, 6, b"odd"), names, (1118, STRINGS, [b"/"]), (1116, INT32, [7, 0]))
    assert owned({"x": b"1", "y": b"1", PATH: database(odd)}) == {"rpm odd": ["y"]}


def test_a_count_of_billions_costs_no_more_than_the_bytes_that_are_there() -> None:
    blob = bytearray(package(b"a", [b"/x"]))
    for number in range(9):
        struct.pack_into(">I", blob, 8 + 16 * number + 12, 0xFFFFFFFF)
    assert len(list(Header(bytes(blob)).paths())) <= len(blob)


@given(st.binary(max_size=200), st.integers(0, 300), st.binary(min_size=1, max_size=8))
def test_any_header_is_read_or_refused(noise: bytes, at: int, patch: bytes) -> None:
    whole = bytearray(BASH)
    whole[at : at + len(patch)] = patch
    for blob in (noise, bytes(whole), struct.pack(">II", 2, 64) + noise):
        try:
            found = Header(blob)
        except DamagedError:
            continue
        assert found.size is None or found.size >= 0
        assert len(list(found.paths())) <= len(blob)

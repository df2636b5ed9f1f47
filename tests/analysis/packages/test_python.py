"""Packages of Python: what its installers leave beside them."""

import pytest

from tests.analysis.packages.trees import Content, listed, owned

SITE = "usr/lib/python3/site-packages"
METADATA = b"Metadata-Version: 2.1\nName: Flask-Login\nVersion: 0.6.3\n\nName: not this\n"
RECORD = b"""flask_login/__init__.py,sha256=abc,5
flask_login/__pycache__/__init__.cpython-311.pyc,,
../../../bin/flask,sha256=abc,2
"flask_login/a,""b"".py",sha256=abc,1
/usr/share/man/flask.1,,
flask_login-0.6.3.dist-info/RECORD,,
gone.py,,
"""
TREE: dict[str, Content] = {
    f"{SITE}/flask_login/__init__.py": b"12345",
    f"{SITE}/flask_login/__pycache__/__init__.cpython-311.pyc": b"123",
    f'{SITE}/flask_login/a,"b".py': b"1",
    f"{SITE}/flask_login/unlisted": b"1",
    f"{SITE}/flask_login-0.6.3.dist-info/METADATA": METADATA,
    f"{SITE}/flask_login-0.6.3.dist-info/RECORD": RECORD,
    f"{SITE}/flask_login-0.6.3.dist-info/REQUESTED": b"",
    "usr/bin/flask": b"12",
    "usr/share/man/flask.1": b"1",
}


def test_a_distribution_owns_what_its_record_lists_and_the_record() -> None:
    assert owned(TREE) == {
        "python Flask-Login 0.6.3": sorted({*TREE} - {f"{SITE}/flask_login/unlisted"}),
    }
    assert listed(TREE).unowned == 1


def test_bytecode_belongs_to_whom_its_source_belongs_to() -> None:
    tree: dict[str, Content] = {
        "s/a-1.dist-info/RECORD": b"m/x.py,,\ns.py,,\n",
        "s/m/x.py": b"1",
        "s/m/__pycache__/x.cpython-311.pyc": b"12",
        "s/m/__pycache__/x.cpython-311.opt-2.pyc": b"12",
        "s/m/__pycache__/xy.cpython-311.pyc": b"12",
        "s/m/__pycache__/x.cpython-311.pyc.1234": b"12",
        "s/s.py": b"1",
        "s/__pycache__/s.cpython-312.pyc": b"12",
    }
    assert owned(tree)["python a 1"] == [
        "s/__pycache__/s.cpython-312.pyc",
        "s/a-1.dist-info/RECORD",
        "s/m/__pycache__/x.cpython-311.opt-2.pyc",
        "s/m/__pycache__/x.cpython-311.pyc",
        "s/m/x.py",
        "s/s.py",
    ]


def test_without_a_header_the_directory_tells_name_and_version() -> None:
    tree: dict[str, Content] = {"venv/a_b-1.0.post1.dist-info/RECORD": b"a_b.py,,\n", "venv/a_b.py": b"1"}
    assert owned(tree) == {"python a_b 1.0.post1": ["venv/a_b-1.0.post1.dist-info/RECORD", "venv/a_b.py"]}


def test_an_egg_lists_its_files_from_its_own_directory() -> None:
    tree: dict[str, Content] = {
        f"{SITE}/old-1.egg-info/PKG-INFO": b"Name: Old\nVersion: 1\n",
        f"{SITE}/old-1.egg-info/installed-files.txt": b"../old/x.py\nPKG-INFO\n",
        f"{SITE}/old-1.egg-info/top_level.txt": b"other\n",
        f"{SITE}/old/x.py": b"1",
        f"{SITE}/other/x.py": b"1",
    }
    assert f"{SITE}/old/x.py" in owned(tree)["python Old 1"]
    assert f"{SITE}/other/x.py" not in owned(tree)["python Old 1"]


def test_without_a_list_what_it_says_it_provides_is_its_own() -> None:
    tree: dict[str, Content] = {
        f"{SITE}/p-1.egg-info/PKG-INFO": b"Name: p\nVersion: 1\n",
        f"{SITE}/p-1.egg-info/top_level.txt": b"p\nsingle\n..\n/\n\np\n",
        f"{SITE}/p/a/b.py": b"1",
        f"{SITE}/single.py": b"1",
        f"{SITE}/other.py": b"1",
    }
    assert owned(tree)["python p 1"][2:] == [f"{SITE}/p/a/b.py", f"{SITE}/single.py"]


def test_the_oldest_kind_is_one_file() -> None:
    tree: dict[str, Content] = {f"{SITE}/o-2.egg-info": b"Metadata-Version: 1.0\nName: o\nVersion: 2\n"}
    assert owned(tree) == {"python o 2": [f"{SITE}/o-2.egg-info"]}


def test_the_same_in_two_environments_is_one_package_with_two_copies() -> None:
    tree = {f"{venv}/a-1.dist-info/RECORD": b"a.py,,\n" for venv in ("one", "two")}
    (one,) = listed(tree | {"one/a.py": b"12", "two/a.py": b"12"}).packages
    assert (one.copies, one.files, one.size) == (2, 4, 18)


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"\xff\xfe\0\0",
        b'"',
        b'"""',
        b",,,,\n,,\n",
        b"../" * 2000 + b"etc/passwd,,",
        b"\n" * 1000,
        b'"unclosed\n' * 100,
    ],
)
def test_a_record_that_makes_no_sense_lists_nothing(record: bytes) -> None:
    path = "p-1.dist-info/RECORD"
    assert owned({path: record, "x": b"1"}) == {"python p 1": [path]}


def test_a_record_may_not_lead_out_of_the_root() -> None:
    tree: dict[str, Content] = {"p-1.dist-info/RECORD": b"../../../../etc/x,,\n", "etc/x": b"1"}
    assert owned(tree) == {"python p 1": ["etc/x", "p-1.dist-info/RECORD"]}

"""The packages view's lines, without a terminal."""

import pytest
from layerscope.analysis.packages.holder_list import Amount, Grouping, HolderList, label
from layerscope.analysis.packages.holders import Holder, holders
from layerscope.analysis.packages.listing import list_packages

from tests.analysis.packages.trees import Content, analysis

NONE, MANAGER, LAYER = Grouping

TREE: dict[str, Content] = {
    "lib/apk/db/installed": b"P:musl\nV:1.2\nF:lib\nR:ld\nR:libc\n\nP:Zlib\nV:1\nF:lib\nR:z\n",
    "lib/ld": b"1" * 600,
    "lib/libc": b"1" * 100,
    "lib/z": b"1" * 300,
    "opt/App/data": b"1" * 900,
}
ABOVE: dict[str, Content] = {"lib/libc": b"2" * 200, "srv/x-2.jar": b"1" * 500, "var/y": b"1" * 400}
IMAGE = analysis(TREE, ABOVE)
HOLDERS = holders(IMAGE, list_packages(IMAGE))


def listed(grouping: Grouping, text: str = "") -> HolderList:
    found = HolderList(HOLDERS)
    found.filter(text)
    found.group_by(grouping)
    return found


def lines(found: HolderList) -> list[str]:
    """A group's key, a row's name and bytes, or nothing."""
    shown = []
    for number in range(len(found)):
        group, row = found.line(number)
        if row is not None:
            shown.append(f"{label(row.holder)} {row.size} {row.files}")
        else:
            shown.append("" if group is None else f"[{found.groups[group].key}]")
    return shown


def test_packages_and_behind_them_the_directories_of_what_nobody_owns() -> None:
    assert lines(listed(NONE)) == [
        "musl 1.2 800 2",
        "x 2 500 1",
        "Zlib 1 300 1",
        "",
        "/opt/App 900 1",
        "/var 400 1",
        "/lib/apk/db 53 1",
    ]


def test_an_image_all_of_which_belongs_to_packages_has_no_line_for_the_others() -> None:
    only = analysis({"a-1.jar": b"1"})
    assert lines(HolderList(holders(only, list_packages(only)))) == ["a 1 1 1"]


def test_by_manager_what_nobody_owns_is_last_however_much_it_is() -> None:
    groups = listed(MANAGER).groups
    assert [(group.key, group.size, group.packages, len(group.rows)) for group in groups] == [
        ("apk", 1100, 2, 2),
        ("java", 500, 1, 1),
        (None, 1353, 0, 3),
    ]


def test_by_layer_every_row_has_the_bytes_that_are_there_and_they_add_up() -> None:
    found = listed(LAYER)
    assert [(group.key, group.size, group.packages) for group in found.groups] == [
        (0, 1853, 2),
        (1, 1100, 2),
    ]
    assert [group.size for group in found.groups] == [one.figures.live for one in IMAGE.layers]
    for group in range(1, -1, -1):
        found.set_open(group, True)
    assert lines(found) == [
        "[0]",
        "/opt/App 900 1",
        "musl 1.2 600 1",
        "Zlib 1 300 1",
        "/lib/apk/db 53 1",
        "[1]",
        "x 2 500 1",
        "/var 400 1",
        "musl 1.2 200 1",
    ]


def test_a_group_that_was_open_is_open_again() -> None:
    found = listed(MANAGER)
    found.set_open(1, True)
    found.group_by(LAYER)
    assert lines(found) == ["[0]", "[1]"]
    found.group_by(MANAGER)
    assert (lines(found), found.line_of(2)) == (["[apk]", "[java]", "x 2 500 1", "[None]"], 3)
    found.set_open(1, False)
    assert not found.is_open(1)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ZLIB", ["Zlib 1 300 1"]),
        ("1.2", ["musl 1.2 800 2"]),
        ("opt/a", ["", "/opt/App 900 1"]),
        ("l", ["musl 1.2 800 2", "Zlib 1 300 1", "", "/lib/apk/db 53 1"]),
        ("no such", []),
    ],
)
def test_a_filter_looks_at_names_versions_and_directories(text: str, shown: list[str]) -> None:
    assert lines(listed(NONE, text)) == shown


def test_amounts_before_and_behind_the_filter() -> None:
    found = listed(LAYER, "l")
    assert (found.shown, found.whole) == (Amount(1100, 2, 53), Amount(1600, 3, 1353))
    assert [group.key for group in found.groups] == [0, 1]
    assert [found.share(group) for group in found.groups] == [953 / 2953, 200 / 2953]


def test_an_image_of_nothing() -> None:
    found = HolderList(())
    for grouping in Grouping:
        found.group_by(grouping)
        assert (len(found), list(found.groups)) == (0, [])


def test_a_directory_is_told_by_its_path() -> None:
    holder: Holder = HOLDERS[-1]
    assert label(holder) == "/lib/apk/db"

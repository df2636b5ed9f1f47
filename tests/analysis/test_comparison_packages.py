"""Packages of two images: what is new, gone, of another version, larger or smaller."""

from dataclasses import replace

from layerscope.analysis.analyze import Analysis
from layerscope.analysis.comparison import compare
from layerscope.analysis.comparison_files import Difference
from layerscope.analysis.comparison_packages import (
    Installed,
    PackageComparison,
    PackageSum,
    compare_packages,
)
from layerscope.errors import SourceError

from tests.analysis.packages.test_dpkg import database, package
from tests.analysis.packages.trees import Content, analysis, reads
from tests.analysis.test_growth import saved


def image(*layers: dict[str, Content], **versions: str) -> Analysis:
    """Packages of dpkg, by name: the version of each, of which there is one file, `usr/NAME`; no findings."""
    status = [package(name, version=version) for name, version in versions.items()]
    found = analysis(database(status, {name: [f"/usr/{name}"] for name in versions}), *layers)
    vars(found)["findings"] = ()  # where a cached property keeps what it has computed
    return found


def module(path: str, version: str, size: int) -> dict[str, Content]:
    manifest = b'{"version": "%s"}' % version.encode()
    return {f"{path}/package.json": manifest, f"{path}/index.js": b"x" * (size - len(manifest))}


def compared(before: Analysis, after: Analysis) -> PackageComparison:
    found = compare_packages(before, after)
    assert found is not None
    return found


def rows(before: Analysis, after: Analysis) -> list[tuple[str, str, str, int, int]]:
    return [
        (one.kind.value, one.manager, one.name, one.before_size, one.after_size)
        for one in compared(before, after).rows
    ]


def versions(found: PackageComparison) -> list[tuple[list[str], list[str]]]:
    return [([one.version for one in row.before], [one.version for one in row.after]) for row in found.rows]


def test_packages_are_added_removed_changed_grown_and_shrunk_the_largest_difference_first() -> None:
    before = image(
        {"usr/kept": b"1", "usr/gone": b"22", "usr/new": b"333", "usr/more": b"1", "usr/less": b"55555"},
        kept="1", gone="1", new="1.0", more="1", less="1",
    )  # fmt: skip
    after = image(
        {"usr/kept": b"1", "usr/come": b"7777777", "usr/new": b"4444", "usr/more": b"55555", "usr/less": b""},
        kept="1", come="1", new="1.1", more="1", less="1",
    )  # fmt: skip
    assert rows(before, after) == [
        ("added", "dpkg", "come", 0, 7),
        ("shrunk", "dpkg", "less", 5, 0),
        ("grown", "dpkg", "more", 1, 5),
        ("removed", "dpkg", "gone", 2, 0),
        ("changed", "dpkg", "new", 3, 4),
    ]
    found = compared(before, after)
    assert found.rows[-1].before == (Installed("1.0", 1, 3),)
    assert found.rows[-1].after == (Installed("1.1", 1, 4),)
    assert [(row.growth, row.layer, row.path) for row in found.rows] == [
        (7, 1, b"usr/come"),
        (-5, None, b""),
        (4, 1, b"usr/more"),
        (-2, 1, b""),
        (1, 1, b"usr/new"),
    ]
    assert found.counts == {
        Difference.ADDED: 1,
        Difference.REMOVED: 1,
        Difference.GROWN: 1,
        Difference.SHRUNK: 1,
        Difference.CHANGED: 1,
    }


def test_an_image_and_itself_have_the_same_packages() -> None:
    one = image({"usr/a": b"1"}, a="1")
    found = compared(one, one)
    assert (found.rows, found.counts, found.before) == ((), {}, found.after)


def test_another_version_of_as_many_bytes_is_a_difference() -> None:
    before, after = (image({"usr/a": b"1"}, a=version) for version in ("1.10", "1.9"))
    assert rows(before, after) == [("changed", "dpkg", "a", 1, 1)]


def test_one_name_of_two_managers_is_two_packages() -> None:
    before = image({"usr/six": b"1"}, six="1")
    after = analysis({"srv/node_modules/six/package.json": b'{"version": "1"}'})
    assert {row[:3] for row in rows(before, after)} == {("removed", "dpkg", "six"), ("added", "npm", "six")}


def test_versions_side_by_side_are_one_package() -> None:
    before = analysis(module("a/node_modules/ms", "2.0.0", 100), module("b/node_modules/ms", "2.1.3", 200))
    after = analysis(
        module("a/node_modules/ms", "2.1.3", 200),
        module("b/node_modules/ms", "2.1.3", 200),
        module("c/node_modules/ms", "3.0.0", 50),
    )
    (row,) = compared(before, after).rows
    assert (row.kind, row.before_size, row.after_size) == (Difference.CHANGED, 300, 450)
    assert row.before == (Installed("2.0.0", 1, 100), Installed("2.1.3", 1, 200))
    assert row.after == (Installed("2.1.3", 2, 400), Installed("3.0.0", 1, 50))


def test_a_copy_more_of_the_same_version_is_growth() -> None:
    before = analysis(module("a/node_modules/ms", "2.0.0", 100))
    after = analysis(module("a/node_modules/ms", "2.0.0", 100), module("b/node_modules/ms", "2.0.0", 90))
    assert rows(before, after) == [("grown", "npm", "ms", 100, 190)]
    assert versions(compared(before, after)) == [(["2.0.0"], ["2.0.0"])]


def test_what_the_packages_grew_by_and_what_belongs_to_none_add_up() -> None:
    before = image({"usr/a": b"1", "usr/b": b"12", "srv/x": b"123"}, a="1", b="1")
    after = image({"usr/a": b"12345", "srv/x": b"123456789"}, {"srv/y": b"1"}, a="1")
    found = compared(before, after)
    assert found.before == PackageSum(2, 3, before.packages.unowned)
    grown = sum(row.growth for row in found.rows) + found.after.unowned - found.before.unowned
    assert grown == after.totals.live - before.totals.live


def test_of_a_report_packages_are_not_known() -> None:
    one = image({"usr/a": b"1"}, a="1")
    for report in (saved(one, entries=True), saved(one, entries=False)):
        assert compare_packages(report, one) is None
        assert compare_packages(one, report) is None
        assert compare(one, report).packages is None


class Gone:
    """Contents that have gone by."""

    def read(self, *_: object) -> object:
        raise SourceError("it has gone by")

    def is_at_hand(self, _number: int) -> bool:
        return False


def test_of_an_image_that_has_gone_by_packages_are_not_known() -> None:
    one = image({"usr/a": b"1"}, a="1")
    gone = image({"usr/a": b"1"}, a="1")
    for layer in gone.image.layers:
        object.__setattr__(layer, "contents", Gone())
    assert compare_packages(one, gone) is None
    assert gone.packages.unread == (0,)


def test_what_could_not_be_read_is_noted_once() -> None:
    broken = analysis({"var/lib/dpkg/status": b"Package a\n" * 3})
    other = replace(broken)
    assert compared(broken, other).notes == broken.packages.notes


def test_a_layer_that_both_have_is_read_once() -> None:
    before, after = (image({"usr/a": b"1"}, {name: b""}, a="1") for name in ("x", "y"))
    for one in (before, after):
        for number, layer in enumerate(one.image.layers):
            object.__setattr__(layer, "diff_id", f"sha256:{number}")
    assert compared(before, after).rows == ()
    assert (reads(before), reads(after)) == ([1, 0, 0], [0, 0, 0])
    assert before.packages.packages == after.packages.packages


def test_layers_without_a_diff_id_are_read_in_both() -> None:
    before, after = (image({"usr/a": b"1"}, a="1") for _ in range(2))
    assert compared(before, after).rows == ()
    assert reads(before) == reads(after) != [0, 0]


def test_packages_come_with_the_comparison() -> None:
    before, after = image({"usr/a": b"1"}, a="1"), image({"usr/a": b"12"}, a="2")
    assert compare(before, after).packages == compared(before, after)

"""Packages in the reports of a comparison: text, Markdown and JSON."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from layerscope.analysis.comparison import Comparison, compare
from layerscope.analysis.comparison_files import Difference
from layerscope.analysis.comparison_packages import (
    Installed,
    PackageComparison,
    PackageDifference,
    PackageSum,
)
from layerscope.report.compare import json_report as compare_json
from layerscope.report.compare import markdown as compare_markdown
from layerscope.report.compare import text as compare_text
from layerscope.report.compare.rows import NO_PACKAGES, versions
from layerscope.report.text.style import Style

from tests.analysis.test_comparison_packages import image
from tests.analysis.test_growth import saved
from tests.report.compare.test_json_report import VALIDATOR
from tests.report.comparisons import comparison
from tests.report.test_injection import HOSTILE


def lines(found: Comparison, width: int = 100, *, rows: int = 10, ascii_only: bool = False) -> list[str]:
    """The section of packages."""
    printed = list(compare_text.lines(found, Style(width, ascii_only=ascii_only), rows=rows))
    if "Packages" not in printed:
        return []
    section = printed[printed.index("Packages") :]
    return section[: section.index("")]


def markdown(found: Comparison, *, rows: int = 10) -> list[str]:
    out = io.StringIO()
    compare_markdown.write(found, out, rows=rows)
    return out.getvalue().splitlines()


def written(found: Comparison) -> Any:
    out = io.StringIO()
    compare_json.write(found, out)
    return json.loads(out.getvalue())


def of(*rows: PackageDifference, notes: tuple[str, ...] = ()) -> Comparison:
    """A comparison with just these packages."""
    nothing = PackageSum(len(rows), 0, 0)
    return replace(comparison(), packages=PackageComparison(rows, nothing, nothing, notes))


def package(name: str, was: tuple[str, ...], now: tuple[str, ...]) -> PackageDifference:
    sides = [tuple(Installed(version, 1, 1000) for version in side) for side in (was, now)]
    kind = Difference.CHANGED if was and now else Difference.REMOVED if was else Difference.ADDED
    before, after = (1000 * len(side) for side in sides)
    return PackageDifference("npm", name, kind, sides[0], sides[1], before, after, 1, b"x")


def both() -> Comparison:
    before = image(
        {"usr/kept": b"1", "usr/gone": b"22", "usr/libssl3": b"333", "usr/more": b"1"},
        kept="1", gone="2.0-1", libssl3="3.0.15", more="1",
    )  # fmt: skip
    after = image(
        {"usr/kept": b"1", "usr/libssl3": b"4444", "usr/more": b"55555"}, kept="1", libssl3="3.0.16", more="1"
    )
    return compare(before, after)


def test_each_with_what_became_of_it_its_bytes_its_manager_and_its_versions() -> None:
    assert lines(both()) == [
        "Packages",
        "  4 before, 3 after: 1 removed, 1 grown, 1 changed",
        "  grown         +4 B  dpkg  more     1",
        "  removed       -2 B  dpkg  gone     2.0-1",
        "  changed       +1 B  dpkg  libssl3  3.0.15 → 3.0.16",
    ]


def test_rows_limit_them_and_the_others_are_counted() -> None:
    assert lines(both(), rows=1)[2:] == ["  grown         +4 B  dpkg  more  1", "  and 2 others"]
    assert lines(both(), rows=0)[2:] == ["  and 3 others"]


def test_in_ascii() -> None:
    assert lines(both(), ascii_only=True)[-1] == "  changed       +1 B  dpkg  libssl3  3.0.15 -> 3.0.16"


def test_without_a_difference_there_is_no_section() -> None:
    assert lines(of()) == []
    assert "| package |" not in "\n".join(markdown(of()))


def test_that_they_are_not_known_is_said() -> None:
    one = comparison()
    report = saved(one.before, entries=True)
    found = compare(report, one.after)
    assert lines(found, 200) == ["Packages", f"  {NO_PACKAGES}"]
    assert f"{NO_PACKAGES.capitalize()}." in markdown(found)
    assert (written(found)["packages"], written(found)["before"]["packages"]) == (None, None)
    VALIDATOR.validate(written(found))


def test_notes_are_told() -> None:
    found = of(package("a", (), ("1",)), notes=("var/lib/x\x1b was not read",))
    assert lines(found)[-1] == "  note: var/lib/x\\x1b was not read"


def test_markdown_has_a_short_table() -> None:
    found = markdown(both(), rows=2)
    at = found.index("| package | bytes | manager | name | version |")
    assert found[at + 1 : at + 6] == [
        "|---|---:|---|---|---|",
        "| grown | +4 B | dpkg | <code>more</code> | <code>1</code> |",
        "| removed | -2 B | dpkg | <code>gone</code> | <code>2.0-1</code> |",
        "",
        "And 1 more.",
    ]


def test_json_has_all_of_them_with_every_version() -> None:
    found = written(both())
    assert found["before"]["packages"]["count"] == 4
    assert found["packages"][2] == {
        "manager": "dpkg",
        "name": "libssl3",
        "kind": "changed",
        "before_bytes": 3,
        "after_bytes": 4,
        "before": [{"version": "3.0.15", "copies": 1, "bytes": 3}],
        "after": [{"version": "3.0.16", "copies": 1, "bytes": 4}],
        "layer": 1,
    }
    VALIDATOR.validate(found)
    VALIDATOR.validate(written(of(package("a", (), ("",)))))


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (("1",), ("2",), "1 > 2"),
        (("1", "2"), ("2",), "1, 2 > 2"),
        ((), ("2",), "2"),
        (("1",), (), "1"),
        (("1",), ("1",), "1"),
        (("",), ("2",), "? > 2"),
        (("",), ("",), ""),
    ],
)
def test_versions_are_told_in_few_words(was: tuple[str, ...], now: tuple[str, ...], told: str) -> None:
    assert versions(package("a", was, now), " > ") == told


@pytest.mark.parametrize("text", HOSTILE)
def test_names_and_versions_from_an_image_are_shown_safely(text: str) -> None:
    found = of(package(text, (text,), (text + "1",)), notes=(text,))
    for line in (*lines(found), *markdown(found)):
        assert line.isprintable()
    for line in lines(found):
        assert not line.startswith("::")
    VALIDATOR.validate(written(found))

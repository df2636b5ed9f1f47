"""What a view lists of two images: order, filter, and what is not known."""

from layerscope.analysis.comparison import StepDifference, compare
from layerscope.analysis.comparison_config import ConfigDifference
from layerscope.analysis.comparison_files import FileDifference
from layerscope.analysis.comparison_lists import ComparisonLists, Part

from tests.analysis.test_comparison_packages import image
from tests.analysis.test_growth import built, saved
from tests.models import layer
from tests.report.comparisons import comparison, same


def test_steps_that_differ_stand_by_what_they_store_or_waste_more_or_less() -> None:
    listed = ComparisonLists(comparison()).rows(Part.STEPS)
    assert [row.command for row in listed if isinstance(row, StepDifference)] == [
        "RUN apt-get install python3 npm",
        "RUN make test",
        "COPY src /app",
        "RUN rm",
    ]


def test_the_largest_difference_stands_first_and_what_may_be_none_last() -> None:
    before = built(("RUN a", layer("a:1", "b:9", "c:5", "d:7", "z:0")))
    after = built(("RUN b", layer("a:1", "b:2", "c:5", "d:9", "y:0")))
    listed = ComparisonLists(compare(before, after)).rows(Part.FILES)
    assert [(row.path, row.kind.value) for row in listed if isinstance(row, FileDifference)] == [
        (b"b", "shrunk"),
        (b"d", "grown"),
        (b"y", "added"),
        (b"z", "removed"),
        (b"a", "rewritten"),
        (b"c", "rewritten"),
    ]


def test_every_part_has_its_rows() -> None:
    found = ComparisonLists(comparison())
    assert {part: len(found.rows(part)) for part in Part} == {
        Part.STEPS: 4,
        Part.DIRECTORIES: 4,
        Part.PACKAGES: 0,
        Part.FILES: 9,
        Part.CONFIGURATION: 5,
        Part.FINDINGS: 3,
    }
    assert all(map(found.is_known, Part))


def test_of_an_image_and_itself_nothing_is_listed() -> None:
    found = ComparisonLists(same())
    assert [len(found.rows(part)) for part in Part] == [0] * 6


def test_a_filter_looks_at_paths_commands_names_values_and_titles_in_capitals_or_not() -> None:
    found = ComparisonLists(comparison())
    found.filter("APP")
    assert [len(found.rows(part)) for part in Part] == [1, 0, 0, 2, 1, 0]
    found.filter("What")
    assert [len(found.rows(part)) for part in Part] == [0, 0, 0, 0, 0, 3]
    assert len(found.whole(Part.FILES)) == 9
    found.filter("token")
    (row,) = found.rows(Part.CONFIGURATION)
    assert isinstance(row, ConfigDifference)
    assert row.name == "TOKEN"
    found.filter("")
    assert len(found.rows(Part.FILES)) == 9


def test_a_package_is_found_by_its_manager_its_name_and_its_versions() -> None:
    before, after = (image({"usr/curl": b"1"}, curl=version) for version in ("7.88", "8.1"))
    found = ComparisonLists(compare(before, after))
    for text, count in (("dpkg", 1), ("curl", 1), ("7.8", 1), ("8.1", 1), ("9", 0)):
        found.filter(text)
        assert len(found.rows(Part.PACKAGES)) == count


def test_what_is_not_known_has_no_rows() -> None:
    one = comparison()
    report = saved(one.before, entries=False)
    found = ComparisonLists(compare(report, one.after))
    assert [part for part in Part if not found.is_known(part)] == [
        Part.DIRECTORIES,
        Part.PACKAGES,
        Part.FILES,
        Part.FINDINGS,
    ]
    assert [len(found.rows(part)) for part in Part] == [4, 0, 0, 0, 5, 0]

"""Which directories waste is told by."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from layerscope.analysis.waste_directories import LEAST, Run, by_directory

Found = dict[str, tuple[int, bool]]


def told(files: dict[str, int]) -> Found:
    """Bytes of each directory, and whether it is the rest of one."""
    paths = sorted(path.encode() for path in files)
    sizes = [files[path.decode()] for path in paths]
    found = by_directory(paths, sizes)
    return {path.decode(): (held(runs, sizes), rest) for path, runs, rest in found}


def held(runs: Sequence[Run], sizes: list[int]) -> int:
    return sum(sum(sizes[start:stop]) for start, stop in runs)


def test_no_files_are_in_no_directory() -> None:
    assert told({}) == {}


def test_files_of_one_directory_are_told_by_it_and_not_by_those_above() -> None:
    assert told({"usr/lib/python3/a": 5, "usr/lib/python3/b": 5}) == {"usr/lib/python3": (10, False)}


def test_a_directory_below_is_told_if_it_has_four_fifths() -> None:
    assert told({"usr/lib/a": 80, "usr/b": 20}) == {"usr/lib": (80, False), "usr": (20, True)}
    assert told({"usr/lib/a": 79, "usr/b": 21}) == {"usr": (100, False)}


def test_a_directory_with_up_to_a_third_of_all_stays_whole() -> None:
    others = {"other/1": 40, "third/1": 30}
    assert told({"lib/python3/pip/a": 15, "lib/python3/setuptools/a": 15} | others) == {
        "lib/python3": (30, False),
        "other": (40, False),
        "third": (30, False),
    }


def test_a_directory_with_more_than_a_third_of_all_is_split_into_parts_worth_naming() -> None:
    assert told({"share/doc/a": 30, "share/locale/a": 15, "share/x": 5, "var/a": 25, "opt/a": 25}) == {
        "share/doc": (30, False),
        "share/locale": (15, False),
        "share": (5, True),
        "var": (25, False),
        "opt": (25, False),
    }


def test_a_directory_of_many_small_ones_stays_whole_however_large() -> None:
    modules = {f"app/node_modules/{number}/index.js": 1 for number in range(60)}
    assert told(modules | {"var/a": 40}) == {"app/node_modules": (60, False), "var": (40, False)}


def test_what_is_not_worth_naming_falls_to_the_directory_above_and_in_the_end_to_the_root() -> None:
    files = {"var/cache/apt/a": 970, "var/cache/debconf/a": 10, "var/log/a": 9, "etc/a": 11}
    assert told(files) == {"var/cache/apt": (970, False), "": (30, True)}
    files = {"var/cache/apt/a": 90, "var/cache/debconf/a": 1, "var/log/a": 1, "etc/a": 8}
    assert told(files) == {"var/cache/apt": (90, False), "var": (2, True), "etc": (8, False)}


def test_files_of_the_root_are_told_by_the_root() -> None:
    assert told({"a": 5, "b": 0}) == {"": (5, False)}


def test_a_name_that_goes_on_behind_that_of_a_directory_is_not_in_it() -> None:
    files = {"lib/a": 30, "lib!": 1, "lib-x/a": 30, "lib0": 1, "lib": 38}
    assert told(files) == {"lib": (30, False), "lib-x": (30, False), "": (40, True)}


def test_a_file_where_another_layer_has_a_directory_is_told_by_the_directory_above() -> None:
    assert told({"opt/a": 50, "opt/a/b": 50}) == {"opt": (100, False)}


def test_empty_files_are_told_by_the_root() -> None:
    assert told({"a/b": 0, "c/d/e": 0}) == {"": (0, False)}


def test_a_path_of_thousands_of_directories_is_one_like_others() -> None:
    deep = "/".join(["x"] * 3000)
    assert told({f"{deep}/a": 9, "y/b": 1}) == {deep: (9, False), "y": (1, False)}


names = st.lists(st.sampled_from(["a", "b", "c", "a!", "a0", "\xe9"]), min_size=1, max_size=5).map("/".join)


@settings(max_examples=200)
@given(st.dictionaries(names, st.integers(0, 1000), min_size=1, max_size=60))
def test_every_path_is_told_once_by_a_directory_above_it_and_few_are_told(files: dict[str, int]) -> None:
    paths = sorted(path.encode() for path in files)
    sizes = [files[path.decode()] for path in paths]
    found = by_directory(paths, sizes)
    told_by: dict[bytes, bytes] = {}
    for directory in found:
        for start, stop in directory.runs:
            assert start < stop
            for path in paths[start:stop]:
                assert path not in told_by
                told_by[path] = directory.path
                assert not directory.path or path.startswith(directory.path + b"/")
    assert sorted(told_by) == paths
    assert len(found) <= 1 / LEAST + 1
    assert all(held(one.runs, sizes) >= LEAST * sum(sizes) for one in found if one.path)

"""What only a recommendation brought, by the texts of dpkg and APT."""

import time
from collections.abc import Callable, Iterable

import pytest
from layerscope.analysis.packages import recommended
from layerscope.analysis.packages.dpkg import Label
from layerscope.analysis.packages.recommended import find_recommended
from layerscope.errors import LimitError


def package(name: str, *lines: str, status: str = "install ok installed", architecture: str = "amd64") -> str:
    return "\n".join((f"Package: {name}", f"Status: {status}", f"Architecture: {architecture}", *lines, ""))


def marked(*names: str, architecture: str = "amd64") -> bytes:
    """APT's file with these as installed of its own accord."""
    return b"\n".join(
        f"Package: {name}\nArchitecture: {architecture}\nAuto-Installed: 1\n".encode() for name in names
    )


def brought(
    status: Iterable[str], states: bytes, is_new: Callable[[Label], bool] = lambda _: True
) -> dict[str, tuple[str, str]]:
    """By package: who recommends it, and what came with it."""
    return {
        one.package.name.decode(): (named(one.by), named(one.others))
        for one in find_recommended("\n".join(status).encode(), states, is_new)
    }


def named(packages: Iterable[Label]) -> str:
    return " ".join(one.name.decode() for one in packages)


def test_what_a_wanted_package_recommends_is_told_with_what_it_brought() -> None:
    status = [
        package("pip", "Depends: python", "Recommends: build-essential"),
        package("python"),
        package("build-essential", "Depends: gcc, make"),
        package("gcc", "Recommends: libc-dev"),
        package("libc-dev"),
        package("make"),
    ]
    states = marked("python", "build-essential", "gcc", "make", "libc-dev")
    assert brought(status, states) == {"build-essential": ("pip", "gcc make libc-dev")}


def test_what_is_needed_too_or_was_wanted_is_not_told() -> None:
    status = [
        package("a", "Depends: b, c", "Recommends: b, d, e"),
        package("b", "Pre-Depends: e"),
        package("c"),
        package("d"),
        package("e"),
    ]
    assert brought(status, marked("b", "c", "e")) == {}
    assert brought(status, marked("b", "c", "d", "e")) == {"d": ("a", "")}


def test_what_a_removed_package_left_is_no_matter_of_recommending() -> None:
    status = [
        package("a", "Recommends: b"),
        package("gone", "Depends: left", "Recommends: b", status="deinstall ok config-files"),
        package("never", "Recommends: left", status="purge ok not-installed"),
        package("left", "Recommends: other"),
        package("other"),
    ]
    assert brought(status, marked("left", "other")) == {}


def test_suggested_packages_are_not_installed_for_that() -> None:
    assert brought([package("a", "Suggests: b"), package("b")], marked("b")) == {}


def test_what_several_lead_to_is_with_the_nearest_and_of_equals_with_the_first_by_name() -> None:
    status = [
        package("a", "Recommends: z, b, c"),
        package("b", "Depends: far"),
        package("c", "Depends: shared, near"),
        package("far", "Depends: near"),
        package("near"),
        package("shared"),
        package("z", "Depends: shared"),
    ]
    states = marked("b", "c", "far", "near", "shared", "z")
    assert brought(status, states) == {"b": ("a", "far"), "c": ("a", "shared near"), "z": ("a", "")}


def test_a_package_that_several_recommend_names_the_wanted_ones_first() -> None:
    status = [
        package("below", "Recommends: b"),
        package("a", "Depends: below", "Recommends: b"),
        package("b"),
    ]
    assert brought(status, marked("below", "b")) == {"b": ("a below", "")}


def test_packages_that_were_there_before_recommend_only_what_nothing_new_leads_to() -> None:
    status = [
        package("base", "Recommends: manpages, locales"),
        package("pip", "Recommends: gcc"),
        package("gcc", "Depends: manpages"),
        package("manpages"),
        package("locales"),
    ]
    states = marked("gcc", "manpages", "locales")
    assert brought(status, states, lambda one: one.name != b"base") == {
        "gcc": ("pip", "manpages"),
        "locales": ("base", ""),
    }


def test_all_alternatives_that_are_installed_are_needed_and_only_their_names_are_read() -> None:
    status = [
        package("a", "Depends: b (>= 1:2.0~) | c:any [amd64],d<!nocheck>|e , , |", "Recommends: f | g"),
        *map(package, "bcdefg"),
    ]
    assert brought(status, marked(*"bcdefg")) == {"f": ("a", ""), "g": ("a", "")}


def test_a_package_stands_for_the_names_that_it_provides() -> None:
    status = [
        package("a", "Depends: mta", "Recommends: editor"),
        package("exim", "Provides: mta, mail-server (= 4)"),
        package("postfix", "Provides: mta"),
        package("vim", "Provides: editor", "Depends: mail-server"),
    ]
    assert brought(status, marked("exim", "postfix", "vim")) == {"vim": ("a", "")}


def test_cycles_end() -> None:
    status = [
        package("a", "Depends: b", "Recommends: c"),
        package("b", "Depends: a, b"),
        package("c", "Depends: d", "Recommends: c"),
        package("d", "Depends: c, a", "Recommends: d"),
        package("x", "Depends: y"),
        package("y", "Depends: x"),
    ]
    assert brought(status, marked("b", "c", "d", "x", "y")) == {"c": ("a", "d")}


def test_essential_and_protected_packages_are_needed_however_they_came() -> None:
    status = [
        package("a", "Recommends: b, c, d"),
        package("b", "Essential: yes"),
        package("c", "Protected: yes"),
        package("d", "Essential: no"),
    ]
    assert brought(status, marked("b", "c", "d")) == {"d": ("a", "")}


def test_marks_are_for_an_architecture_and_those_of_packages_for_all_for_the_systems_own() -> None:
    status = [
        package("a", "Recommends: b, c"),
        package("b"),
        package("b", architecture="i386"),
        package("c", architecture="all"),
    ]
    found = find_recommended("\n".join(status).encode(), marked("b", "c"))
    assert [one.package for one in found] == [Label(b"b", b"amd64", False), Label(b"c", b"all", False)]
    assert brought(status, b"Package: b\nAuto-Installed: 0\n\nPackage: c\nAuto-Installed: 1\n") == {
        "c": ("a", "")
    }


@pytest.mark.parametrize(
    ("status", "states"),
    [
        (b"", b""),
        (b"\0\xff" * 1000, b"Package\n: x\nAuto-Installed: 1\n"),
        (b"Package: a\nRecommends: a\n\nPackage: \nDepends: a\n", b"Package: a\nAuto-Installed: 1\n"),
        (b"Package: a\nRecommends: ,,||  ,(,<\n", marked("a")),
    ],
)
def test_of_what_makes_no_sense_nothing_is_told(status: bytes, states: bytes) -> None:
    assert find_recommended(status, states) == []


def test_what_no_system_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LimitError):
        brought([package("a", "Depends: " + "b," * 200_000)], b"")
    monkeypatch.setattr(recommended, "MAX_RELATIONS", 10)
    assert brought([package("a", "Depends: " + "b," * 10)], b"") == {}
    with pytest.raises(LimitError):
        brought([package("a", "Depends: " + "b," * 10), package("b", "Provides: c")], b"")


def test_many_that_provide_a_name_that_many_depend_on_take_no_long_time() -> None:
    names = [f"p{number}" for number in range(20_000)]
    status = [package(name, "Provides: x", "Depends: x", "Recommends: x, y") for name in names]
    start = time.process_time()
    assert brought([package("a", "Recommends: x"), *status], marked(*names)) != {}
    assert brought([package("a", "Depends: x"), *status], marked(*names)) == {}
    assert time.process_time() - start < 4

"""What APT installed only because it was recommended: in bytes, by step, and in no other finding."""

from collections.abc import Mapping

import pytest
from layerscope.analysis.analyze import Analysis
from layerscope.analysis.findings import recommended_files
from layerscope.analysis.findings.finding import Evidence, Finding, Saving, Severity
from layerscope.analysis.findings.recommended import RECOMMENDED
from layerscope.analysis.findings.search import find_all
from layerscope.analysis.findings.unpacking import FREE
from layerscope.analysis.findings.what_if import what_if
from layerscope.analysis.model import Layer

from tests.analysis.packages.test_recommended import marked, package
from tests.models import layer

from .held import Files, held, measured

STATUS, STATES, INFO = "var/lib/dpkg/status", "var/lib/apt/extended_states", "var/lib/dpkg/info"
INSTALL = "RUN apt-get install -y pip"
PACKAGES = (
    package("pip", "Recommends: dev"),
    package("dev", "Depends: gcc"),
    package("gcc"),
)
AUTO = marked("dev", "gcc")
FILES: Mapping[str, int] = {
    "usr/bin/pip": 100,
    "usr/bin/gcc": 2000,
    "usr/include/dev.h": 6_000_000,
    "usr/share/doc/dev/manual": 7_000_000,
}
LISTS = {
    "pip": ["usr/bin/pip"],
    "dev": ["usr/include/dev.h", "usr/share/doc/dev/manual"],
    "gcc": ["usr/bin/gcc"],
}
BASE = layer("bin/sh:100000000")


def system(
    packages: tuple[str, ...] = PACKAGES, states: bytes = AUTO, lists: Mapping[str, list[str]] = LISTS
) -> dict[str, bytes | str]:
    """The databases of dpkg and APT."""
    listed = {
        f"{INFO}/{name}.list": "".join(f"/{path}\n" for path in (".", "usr", *paths))
        for name, paths in lists.items()
    }
    return {STATUS: "\n".join(packages), STATES: states, **listed}


def written(files: Mapping[str, int] = FILES) -> dict[str, bytes]:
    """Files that are all different."""
    return {path: path.encode().ljust(size, b".") for path, size in files.items()}


def info(*names: str) -> int:
    """Bytes of the lists of some packages."""
    return sum(len(system()[f"{INFO}/{name}.list"]) for name in names)


def installed(*layers: Layer, steps: tuple[str, ...] = (INSTALL,), base: Layer = BASE) -> Analysis:
    return measured(base, *layers, steps=("ADD rootfs.tar /", *steps))


def told(analysis: Analysis) -> list[Finding]:
    return [one for one in find_all(analysis) if one.id == "apt-recommends"]


def only(analysis: Analysis) -> Finding:
    (one,) = told(analysis)
    return one


def test_the_bytes_are_those_of_the_packages_that_nothing_needs_and_of_what_dpkg_has_about_them() -> None:
    one = only(installed(held({**system(), **written()})))
    saved = 13_002_000 + info("dev", "gcc")
    assert (one.saved, one.layers, one.severity, one.more) == (saved, (1,), Severity.MEDIUM, 0)
    assert one.savings == (Saving(1, saved, saved),)
    assert one.evidence == (Evidence(b"", saved, 0, 1, "dev, recommended by pip, with 1 more package"),)
    assert one.fix == (
        "RUN apt-get install --no-install-recommends -y pip\n"
        "# and by name, what of the recommended packages the image needs"
    )


def test_no_other_finding_has_one_of_these_bytes() -> None:
    found = {one.id: one.saved for one in find_all(installed(held({**system(), **written()})))}
    assert not {"documentation", "headers"} & found.keys()
    other = installed(held({**system(), **written()}), steps=(f"{INSTALL} --no-install-recommends",))
    found = {one.id: one.saved for one in find_all(other)}
    assert (found["documentation"], found["headers"], "apt-recommends" in found) == (
        7_000_000,
        6_000_000,
        False,
    )


def test_nor_are_they_duplicates_of_anything() -> None:
    copy = {"srv/manual": written()["usr/share/doc/dev/manual"]}
    analysis = installed(held({**system(), **written()}), held(copy), steps=(INSTALL, "COPY manual /srv"))
    assert "duplicates" not in {one.id for one in find_all(analysis)}


def test_what_a_later_step_copied_is_the_copies_finding_and_what_lives_is_this_one() -> None:
    again = held({"usr/bin/gcc": b"x" * 2000})
    analysis = installed(held({**system(), **written()}), again, steps=(INSTALL, "RUN make"))
    one = only(analysis)
    assert one.saved == 13_000_000 + info("dev", "gcc")
    found = find_all(analysis)
    assert {one.id: one.saved for one in found}["overwritten"] == 2000
    assert sum(one.saved - sum(part.live for part in one.savings) for one in found) == analysis.totals.wasted
    after = what_if(analysis, found)
    assert after.saved == sum(one.saved for one in found)
    assert min(*after.after, after.minimum) >= 0


def test_each_step_has_what_lies_in_its_layer_and_the_largest_comes_first() -> None:
    packages = (*PACKAGES, package("vim", "Recommends: gpm, ctags"), package("gpm"), package("ctags"))
    states = AUTO + b"\n" + marked("gpm", "ctags")
    lists = {"vim": [], "gpm": ["usr/bin/gpm"], "ctags": ["usr/bin/ctags"]}
    first = held({**system(), **written()})
    both = {
        **system(packages, states, {**LISTS, **lists}),
        **written({"usr/bin/gpm": 5, "usr/bin/ctags": 70}),
    }
    second = held({path: text for path, text in both.items() if "dev" not in path and "gcc" not in path})
    steps = INSTALL, "RUN apt install vim"
    big, small = told(installed(first, second, steps=steps))
    assert (big.layers, small.layers, small.severity) == ((1,), (2,), Severity.INFO)
    assert [one.what for one in small.evidence] == ["ctags, recommended by vim", "gpm, recommended by vim"]
    steps = INSTALL, "RUN apt-get install --no-install-recommends vim"
    (one,) = told(installed(first, second, steps=steps))
    assert one == big


def test_what_lies_in_the_base_image_is_not_the_users_to_change() -> None:
    everything = held({**system(), **written()})
    new = system(
        (*PACKAGES, package("vim", "Recommends: gpm"), package("gpm")),
        AUTO + b"\n" + marked("gpm"),
        {"vim": []},
    )
    assert told(installed(held(new), base=everything)) == []
    gpm = held({**new, f"{INFO}/gpm.list": "/usr/bin/gpm\n", "usr/bin/gpm": "12345"})
    assert only(installed(gpm, base=everything)).saved == 5 + len("/usr/bin/gpm\n")


def test_a_step_that_brought_nothing_of_the_kind_is_none() -> None:
    wanted = (package("pip", "Depends: dev"), *PACKAGES[1:])
    assert told(installed(held({**system(wanted), **written()}))) == []


def test_bytecode_goes_with_its_module() -> None:
    cache = "usr/lib/python3/dist-packages/__pycache__"
    files = {"usr/lib/python3/dist-packages/dev.py": b"1", f"{cache}/dev.cpython-311.pyc": b"123"}
    files |= {f"{cache}/pip.cpython-311.pyc": b"12345"}
    lists = {**LISTS, "gcc": ["usr/lib/python3/dist-packages/dev.py"]}
    listed = system(lists=lists)
    about = len(listed[f"{INFO}/gcc.list"]) + info("dev")
    assert only(installed(held({**listed, **files}))).saved == 4 + about


def test_a_file_with_a_name_that_another_package_has_would_stay() -> None:
    linked = held({**system(), **written()}, "usr/bin/cc => usr/bin/gcc")
    assert only(installed(linked)).saved == 13_000_000 + info("dev", "gcc")
    lists = {**LISTS, "gcc": ["usr/bin/gcc", "usr/bin/cc"]}
    linked = held({**system(lists=lists), **written()}, "usr/bin/cc => usr/bin/gcc")
    assert only(installed(linked)).saved == 13_002_000 + info("dev", "gcc") + len("/usr/bin/cc\n")


def without(*paths: str) -> Files:
    return {path: text for path, text in {**system(), **written()}.items() if path not in paths}


HUGE = b"Package: a\nDepends: " + b"b," * 200_000 + b"\n"


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (held(without(STATUS)), "the image has no databases of dpkg and APT"),
        (held(without(STATES)), "the image has no databases of dpkg and APT"),
        (held(without(), packed=0), "the databases of dpkg and APT could not be read"),
        (held({**without(), STATUS: HUGE}), "the databases of dpkg and APT could not be read"),
        (held(without(), packed=FREE * 3), "large layers would have to be unpacked once more"),
    ],
    ids=["no-status", "no-states", "gone-by", "hostile", "packed"],
)
def test_without_the_databases_no_bytes_are_told_and_why(made: Layer, why: str) -> None:
    one = only(installed(made, base=held({"bin/sh": "1"})))
    assert (one.saved, one.savings, one.severity) == (0, (), Severity.LOW)
    assert one.evidence == (Evidence(b"", sum(entry.size for entry in made.entries), 0, 1, INSTALL),)
    first, _, _ = RECOMMENDED.reason.partition(". ")
    assert one.reason == f"{first}. How many bytes they are is not known: {why}."


def test_a_missing_list_leaves_out_the_files_of_its_package() -> None:
    one = only(installed(held(without(f"{INFO}/gcc.list"))))
    assert one.saved == 13_000_000 + info("dev")


def test_databases_that_were_kept_of_a_layer_that_has_gone_by_are_enough() -> None:
    files = without()
    kept = [number for number, path in enumerate(files) if path.startswith("var/lib/")]
    made = held(files, packed=0, kept=kept)
    one = only(installed(made, base=held({"bin/sh": "1"}, packed=0)))
    assert one.saved == 13_002_000 + info("gcc", "dev")


def test_packed_layers_are_unpacked_up_to_a_third_of_the_image_or_what_is_free() -> None:
    def saved(base: int, size: int) -> bool:
        packed = held(without(), packed=size)
        return only(installed(packed, base=held({"bin/sh": "1"}, packed=base))).saved > 0

    assert saved(10, FREE)
    assert not saved(10, FREE + 1)
    assert saved(4 * FREE, 2 * FREE)
    assert not saved(4 * FREE, 2 * FREE + 2)


def test_lists_of_more_than_any_system_has_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recommended_files, "_MOST", 200)
    assert only(installed(held(without()))).saved == 0


def test_long_names_are_cut() -> None:
    name = "x" * 1000
    packages = package("pip", f"Recommends: {name}"), package(name)
    made = held({**system(packages, marked(name), {"pip": [], name: ["usr/bin/gcc"]}), **written()})
    (evidence,) = only(installed(made)).evidence
    assert evidence.what == f"{'x' * 200}, recommended by pip"


DIVERSIONS: Files = {"var/lib/dpkg/diversions": "/usr/bin/gcc\n/usr/bin/gcc.real\n:\n"}
MOVED: Files = {"usr/bin/gcc.real": "123"}


def test_a_diverted_file_is_where_it_was_moved_to() -> None:
    assert only(installed(held({**system(), **MOVED, **DIVERSIONS}))).saved == 3 + info("dev", "gcc")
    assert only(installed(held({**system(), **MOVED}), base=held(DIVERSIONS))).saved == 3 + info("dev", "gcc")


def test_no_layer_is_unpacked_for_diversions_alone() -> None:
    base = held(DIVERSIONS, packed=FREE)
    made = held({**system(), **MOVED}, packed=FREE)
    assert only(installed(made, base=base)).saved == info("dev", "gcc")


@pytest.mark.parametrize("path", [STATUS, STATES, f"{INFO}/gcc.list", "var/lib/dpkg/diversions"])
def test_databases_that_are_no_files_break_nothing(path: str) -> None:
    for odd in (held({**without(path), f"{path}/x": "1"}), held(without(path), f"{path} -> /etc/passwd")):
        assert isinstance(only(installed(odd)).saved, int)
    links = held(without(path), f"{path} -> {path}")
    assert isinstance(only(installed(links)).saved, int)

"""All findings together: no byte twice, nothing where nothing is wrong."""

import pytest
from hypothesis import assume, given, settings
from layerscope.analysis.analyze import analyze
from layerscope.analysis.findings.catalogue import PATH_RULES
from layerscope.analysis.findings.finding import Severity
from layerscope.analysis.findings.inventory import take_inventory
from layerscope.analysis.model import HistoryStep, Image, Layer
from layerscope.errors import DamagedError

from tests.analysis.test_union_properties import stacks
from tests.models import image, layer

from .examples import BASE, EXAMPLES, built, find_files, of_files

DEBIAN_SLIM = layer(
    "usr/bin/bash:1200000",
    "usr/lib/x86_64-linux-gnu/libc.so.6:1900000",
    "usr/lib/x86_64-linux-gnu/perl-base/auto/a.so:60000000",
    "usr/share/doc/bash/copyright:10000",
    "usr/share/locale/locale.alias:3000",
    "usr/share/zoneinfo/UTC:100",
    "etc/ld.so.cache:5000",
    "var/cache/debconf/templates.dat:700000",
    "var/cache/debconf/templates.dat-old:700000",
    "var/cache/ldconfig/aux-cache:4000",
    "var/lib/dpkg/status:70000",
    "var/lib/dpkg/status-old:70000",
    "var/lib/dpkg/info/libc6:amd64.list:1000",
    "var/log/dpkg.log:200000",
    "tmp/",
)


def told(of: Image) -> dict[str, tuple[int, str]]:
    """Bytes and severity by id."""
    return {one.id: (one.saved, one.severity.name) for one in find_files(analyze(of))}


def test_a_program_alone_has_no_finding() -> None:
    assert (
        told(image(layer("app:8000000"), layer("etc/passwd:200", "etc/ssl/certs/ca-certificates.crt:200000")))
        == {}
    )


def test_a_slim_base_with_packages_and_an_application_has_nothing_above_info() -> None:
    packages = layer(
        "usr/bin/python3.11:6000000",
        "usr/lib/python3.11/os.py:40000",
        "usr/lib/python3.11/__pycache__/os.cpython-311.pyc:2000000",
        "usr/share/doc/python3/copyright:10000",
        "etc/ld.so.cache:6000",
        "var/cache/debconf/templates.dat:710000",
        "var/cache/debconf/templates.dat-old:700000",
        "var/lib/dpkg/status:80000",
        "var/lib/dpkg/status-old:79000",
        "var/log/dpkg.log:230000",
        "var/log/apt/history.log:2000",
    )
    app = layer("app/main.py:5000", "app/venv/lib/python3.11/site-packages/django/a.py:9000000")
    assert told(image(DEBIAN_SLIM, packages, app)) == {
        "bytecode": (2_000_000, "INFO"),
        "dpkg-old": (1_549_000, "INFO"),
        "package-database": (775_000, "INFO"),
        "logs": (432_000, "INFO"),
    }


def test_those_that_save_most_come_first() -> None:
    found = find_files(analyze(of_files(("var/log/a:5", "tmp/b:90", "app/.git/c:7"))))
    assert [(one.id, one.saved) for one in found] == [
        ("temporary-files", 90),
        ("version-control", 7),
        ("logs", 5),
    ]


def test_the_layers_of_a_finding_are_those_with_most_of_it_first() -> None:
    (found,) = find_files(analyze(of_files(("tmp/a:5", "|", "tmp/b:9", "|", "tmp/c:5"))))
    assert (found.layers, found.saved) == ((2, 1, 3), 19)


def test_a_cache_that_is_deleted_later_is_told_once_and_by_what_fills_it() -> None:
    steps = ("RUN pip install a", layer("root/.cache/pip/a:9")), ("RUN rm -rf /root", layer(".wh.root"))
    assert told(built(*steps)) == {"pip-cache": (9, "INFO")}


def test_other_files_that_are_deleted_later_are_deleted_whatever_they_are() -> None:
    steps = ("COPY . /app", layer("app/.git/a:9")), ("RUN rm -rf /app/.git", layer("app/.wh..git"))
    assert told(built(*steps)) == {"deleted-later": (9, "INFO")}


def test_of_a_copied_file_the_copy_is_told_and_the_live_one() -> None:
    copied = layer("app/.git/a:9")
    assert told(built(("COPY . /app", copied), ("RUN touch /app", copied))) == {
        "rewritten": (9, "INFO"),
        "version-control": (9, "INFO"),
    }


def test_a_file_with_a_name_elsewhere_would_stay_and_is_not_counted() -> None:
    linked = layer(
        "opt/conda/pkgs/a/lib.so:9", "opt/conda/pkgs/a/b:5", "opt/conda/lib/lib.so => opt/conda/pkgs/a/lib.so"
    )
    assert told(image(linked)) == {"conda-cache": (5, "MEDIUM")}
    chain = layer("x/pkg/mod/a:9", "x/pkg/mod/b => x/pkg/mod/a", "bin/a => x/pkg/mod/b")
    assert told(image(layer("z:900"), chain)) == {}
    inside = layer("x/pkg/mod/a:9", "x/pkg/mod/b => x/pkg/mod/a")
    assert told(image(layer("z:800"), inside)) == {"go-cache": (9, "MEDIUM")}
    assert told(image(layer("a => b", "b => a", "x/pkg/mod/a:9", "z:800"))) == {"go-cache": (9, "MEDIUM")}


def test_less_than_what_is_worth_a_word_is_left_to_others() -> None:
    analysis = analyze(image(layer("usr/include/a.h:4999999")))
    found = take_inventory(analysis, PATH_RULES)
    assert (found.by_rule, found.claimed) == ({}, {})
    analysis = analyze(image(layer("usr/include/a.h:5000000")))
    assert take_inventory(analysis, PATH_RULES).claimed == {0: {0}}


def test_little_is_for_information_and_the_same_in_a_small_image_is_not() -> None:
    assert told(image(layer("tmp/a:999999", "b:99000000"))) == {"temporary-files": (999_999, "INFO")}
    assert told(image(layer("tmp/a:1000000", "b:99000001"))) == {"temporary-files": (1_000_000, "MEDIUM")}
    assert told(image(layer("tmp/a:9", "b:800"))) == {"temporary-files": (9, "MEDIUM")}


def test_what_base_images_have_on_purpose_goes_by_the_bytes_above_them() -> None:
    pages, more = layer("usr/share/man/a.1:9000000", "b:100000000"), layer("usr/share/man/b.1:5000000")
    less, application = layer("usr/share/man/b.1:4999999"), layer("app:9000000")
    assert told(image(pages, application)) == {"documentation": (9_000_000, "INFO")}
    assert told(image(pages, less)) == {"documentation": (13_999_999, "INFO")}
    assert told(image(pages, more)) == {"documentation": (14_000_000, "LOW")}
    (found,) = find_files(analyze(image(pages, more)))
    assert (found.layers, [one.layer for one in found.evidence]) == ((1, 0), [0, 1])
    assert told(image(pages)) == {"documentation": (9_000_000, "LOW")}
    assert told(image(layer("usr/lib/gcc/cc1:9000000"), application)) == {"compilers": (9_000_000, "INFO")}
    assert told(image(layer("tmp/a:9000000"), application)) == {"temporary-files": (9_000_000, "MEDIUM")}


@pytest.mark.parametrize("count", [10, 11])
def test_many_places_are_told_by_directories_and_all_are_accounted_for(count: int) -> None:
    files = tuple(f"app/lib/{n}/__pycache__/a:200000" for n in range(count))
    (found,) = find_files(analyze(of_files(files)))
    assert sum(one.size for one in found.evidence) == found.saved == 200_000 * count
    assert sum(one.files for one in found.evidence) == count


def all_examples() -> Image:
    layers: list[Layer] = [layer("bin/program:100000000")]
    for example in EXAMPLES.values():
        layers += of_files(example.found).layers[1:]
    return image(*layers)


def test_all_examples_in_one_image_are_found_and_every_byte_is_counted_once() -> None:
    analysis = analyze(all_examples())
    found = find_files(analysis)
    assert {one.id for one in found} >= set(EXAMPLES)
    assert len(found) == len({(one.id, one.layers) for one in found})
    assert sum(one.saved for one in found) <= analysis.totals.stored - 100_000_000
    assert [one.severity for one in found if one.id in ("bytecode", "build-files")] == [Severity.INFO] * 2


def test_what_the_first_step_replaces_of_the_base_images_database_no_step_can_spare() -> None:
    status = "var/lib/dpkg/status:8000000"
    first = ("RUN apt-get install a", layer(f"{status}#1"))
    (one,) = find_files(analyze(built(("RUN make", layer(status)), first)))
    assert (one.id, one.saved, one.severity, one.layers) == (
        "package-database",
        8_000_000,
        Severity.INFO,
        (1,),
    )
    assert one.fix.startswith("# one step for all packages:\n")
    base = layer(status, BASE)
    steps = HistoryStep(created_by="ADD rootfs.tar /"), HistoryStep(created_by="RUN apt-get install a")
    analysis = analyze(image(base, layer(f"{status}#1"), history=steps))
    (one,) = find_files(analysis)
    assert (one.saved, analysis.totals.wasted, one.layers) == (8_000_000, 8_000_000, (0,))
    assert one.fix == (
        "# nothing to change in the steps: "
        "it is the base image's own, and the first that installs replaces it.\n"
        "# Only a base image that brings the packages is without"
    )
    more = (*steps, HistoryStep(created_by="RUN apt-get install b"))
    (one,) = find_files(analyze(image(base, layer(f"{status}#1"), layer(f"{status}#2"), history=more)))
    assert (one.saved, one.layers) == (16_000_000, (1, 0))
    assert one.fix.startswith("# one step for all packages:\n")


@settings(max_examples=40, derandomize=True, deadline=None, database=None)
@given(stacks())
def test_what_is_wasted_is_found_whatever_the_image_is(of: Image) -> None:
    try:
        analysis = analyze(of)
    except DamagedError:
        assume(False)
    found = find_files(analysis)
    assert sum(one.saved for one in found) >= analysis.totals.wasted
    assert sum(one.saved for one in found) <= analysis.totals.stored
    for one in found:
        assert sum(evidence.size for evidence in one.evidence) <= one.saved
        assert all(0 <= index < len(analysis.layers) for index in one.layers)

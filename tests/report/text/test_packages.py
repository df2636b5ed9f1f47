"""Which package brought which bytes, as text."""

import io

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.report.subject import Run, Subject
from layerscope.report.text import packages as text_packages

from tests.analysis.findings.held import held, measured
from tests.models import image, layer

STATUS = """\
Package: base-files
Status: install ok installed
Version: 12\x1b[2J
Installed-Size: 300

Package: nothing
Status: deinstall ok config-files
Version: 1
"""
EXPECTED = """\
test
18 B of 205 B live in 1 package

     bytes    files  manager  package               layer
      18 B        2  dpkg     base-files 12\\x1b[2J  1

187 B of no package
     183 B  /var/lib/dpkg
       4 B  /srv
"""


def written(analysis: Analysis) -> str:
    out = io.StringIO()
    text_packages.write(Run((Subject(analysis),)), out)
    return out.getvalue()


def test_packages_stand_largest_first_and_below_them_what_nobody_owns() -> None:
    analysis = measured(
        held({"srv/own": "four"}),
        held(
            {
                "var/lib/dpkg/status": STATUS,
                "var/lib/dpkg/info/base-files.list": "/.\n/etc\n/etc/os-release\n/etc/issue\n",
                "etc/os-release": "ID=debian\n",
                "etc/issue": "Debian 1",
            }
        ),
    )
    assert written(analysis) == EXPECTED


def test_an_image_without_packages_says_so() -> None:
    assert written(analyze(image(layer("a:5")))) == (
        "test\n0 B of 5 B live in 0 packages\n\n5 B of no package\n       5 B  /\n"
    )


@pytest.mark.parametrize("hostile", ["::error::x", "##[group]", "\x1b[2J", "a\nb"])
def test_names_of_packages_are_printable_and_no_command(hostile: str) -> None:
    name = hostile.splitlines()[0]
    status = f"Package: {name}\nStatus: install ok installed\nVersion: {name}\n"
    analysis = measured(held({"var/lib/dpkg/status": status, "x": "1"}))
    text = written(analysis)
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "##[" not in text
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]

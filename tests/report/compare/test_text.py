"""The text of a comparison, as literals at several widths."""

import pytest
from layerscope.formatting import columns
from layerscope.report.compare import text as compare_text
from layerscope.report.text.style import Style

from tests.analysis.test_growth import saved
from tests.report.comparisons import compared, comparison, hostile, many_settings, same
from tests.report.test_injection import HOSTILE

WHOLE = """\
before  old.tar  app:old  linux/amd64
after   new.tar  app:new  linux/amd64

                  before       after  difference
  efficiency       100 %     99.96 %    -0.04 pp
  stored          111 kB      115 kB    +4.30 kB
  live            111 kB      115 kB    +4.26 kB
  wasted             0 B        45 B       +45 B
  compressed     4.41 kB     7.12 kB    +2.71 kB
  layers               4           4           0

Steps
  1 step is the same
                stored     wasted  layers  command
  grown       +5.00 kB        0 B   1 → 1  RUN apt-get install python3 npm
  removed       -700 B        0 B   2 → -  RUN make test
  grown           +5 B      +45 B   3 → 2  COPY src /app
  added            0 B        0 B   - → 3  RUN rm

Directories, by stored bytes
   +7.00 kB  /usr
   -2.00 kB  /var
     -700 B  /tmp
       +5 B  / (what else is in it)

Files of the final image
             paths    before     after  difference
  added          1       0 B   9.00 kB    +9.00 kB
  removed        5   2.74 kB       0 B    -2.74 kB
  shrunk         1   3.00 kB   1.00 kB    -2.00 kB
  changed        1      60 B      60 B         0 B
  rewritten      1   5.00 kB   5.00 kB         0 B
  rewritten: as many bytes in another layer: contents are not compared

Added (1 of 1 path)
   +9.00 kB  /usr/npm

Removed (5 of 5 paths)
   -2.00 kB  /var/lists
     -700 B  /tmp/result
      -40 B  /app/main
        0 B  /tmp
        0 B  /var

Shrunk (1 of 1 path)
   -2.00 kB   3.00 kB →  1.00 kB  /usr/less

Changed (1 of 1 path)
       60 B  mode          /app/tool

Configuration
  User    added    app
  Cmd     added    ["run"]
  Env     changed  PATH
  Env     removed  TOKEN
  Labels  changed  version: 1.0 → 1.1

Findings
  gone       -700 B  What make leaves  RUN make test
  grown      +500 B  What apt leaves   RUN apt-get install python3 npm
  new         +45 B  What rm leaves    RUN rm
"""
"""At any width that all of it fits."""

AT_60 = [
    "  grown       +5.00 kB        0 B  1 -> 1  RUN apt-get in...",
    "  removed       -700 B        0 B  2 -> -  RUN make test",
    "  grown           +5 B      +45 B  3 -> 2  COPY src /app",
    "  added            0 B        0 B  - -> 3  RUN rm",
    "  rewritten: as many bytes in another layer: contents are...",
    "   -2.00 kB   3.00 kB ->  1.00 kB  /usr/less",
    "  Labels  changed  version: 1.0 -> 1.1",
    "  grown      +500 B  What apt leaves   RUN apt-get instal...",
]
"""Lines that are others at 60 columns, in ASCII."""

SAME = """\
before  old.tar  app:old  linux/amd64
after   old.tar  app:old  linux/amd64

                  before       after  difference
  efficiency       100 %       100 %           0
  stored          111 kB      111 kB         0 B
  live            111 kB      111 kB         0 B
  wasted             0 B         0 B         0 B
  compressed     4.41 kB     4.41 kB         0 B
  layers               4           4           0

Nothing differs.
"""


def shown(style: Style, *, rows: int = 10) -> str:
    return "\n".join(compare_text.lines(comparison(), style, rows=rows)) + "\n"


@pytest.mark.parametrize("width", [80, 100, 160])
def test_all_of_it_fits_80_columns(width: int) -> None:
    assert shown(Style(width)) == WHOLE


def test_in_60_columns_and_ascii_what_does_not_fit_is_cut() -> None:
    found = shown(Style(60, ascii_only=True)).splitlines()
    assert [line for line, wide in zip(found, WHOLE.splitlines(), strict=True) if line != wide] == AT_60
    assert "".join(found).isascii()


def test_that_nothing_differs_is_said() -> None:
    assert "\n".join(compare_text.lines(same(), Style())) + "\n" == SAME


def test_at_most_so_many_rows_of_a_kind() -> None:
    found = shown(Style(), rows=1)
    assert "Removed (1 of 5 paths)\n   -2.00 kB  /var/lists\n\n" in found
    assert "What make leaves  RUN make test\n  and 2 others\n" in found
    assert "Added" not in shown(Style(), rows=0)


def test_what_two_reports_do_not_tell_is_said() -> None:
    both = comparison()
    before, after = saved(both.before, entries=False), saved(both.after, entries=False)
    found = "\n".join(compare_text.lines(compared(before, after), Style()))
    assert "Files of the final image\n  files are not known: a report was saved without entries\n" in found
    assert "Findings\n  findings are not known: a report was saved without entries" in found
    assert "\n".join(compare_text.lines(compared(before, before), Style())).endswith(
        "Nothing differs.\n  files are not known: a report was saved without entries"
    )


def test_where_only_settings_differ_files_and_steps_are_said_to_be_the_same() -> None:
    assert list(compare_text.lines(many_settings(2), Style(60)))[-11:] == [
        "Steps",
        "  4 steps are the same",
        "",
        "Files of the final image",
        "  all are the same",
        "",
        "Configuration",
        f"  User  added    {'VALUE' * 8}VA…",
        '  Cmd   changed  ["run"…EVALUEVALUE"] → ["walk…EVALUEVALUE"]',
        "  Env   added    NAME0000",
        "  Env   added    NAME0001",
    ]


def test_of_very_many_settings_the_first_are_shown() -> None:
    found = list(compare_text.lines(many_settings(100), Style()))
    assert found[-1] == "  and 52 others"


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("width", [40, 80, 160])
@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_whatever_images_say_is_one_printable_line_that_fits(
    number: int, width: int, ascii_only: bool
) -> None:
    for line in compare_text.lines(hostile(HOSTILE[number]), Style(width, ascii_only)):
        assert line.isprintable()
        assert columns(line) <= width
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert "##vso[" not in line
        if ascii_only:
            assert line.isascii()

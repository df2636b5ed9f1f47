"""The text summary and the gate's table, as literals at several widths."""

from dataclasses import replace

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import HistoryStep
from layerscope.formatting import columns
from layerscope.gate.dive_limits import DiveLimits
from layerscope.report.subject import Run, Subject
from layerscope.report.text import report as text
from layerscope.report.text.style import Style

from tests.gates import by_dive, run, verdicts
from tests.models import entry, image, layer
from tests.report.sample import named, sample

AT_60 = """\
image.tar  example:1  example:latest  linux/amd64

  efficiency            49.89 %  live of stored bytes
  stored                16.3 kB  in 3 layers
  live                  8.14 kB  what a container can see
  wasted                8.18 kB  in 5 copies
    metadata-only       4.00 kB  copied for a mode, owner, …
    rewritten           4.00 kB  written again, nothing new…
    overwritten           120 B  replaced later by somethin…
    removed                48 B  deleted later, shipped all…
    shadowed-in-layer       7 B  twice in the tar of one la…
  duplicates            4.00 kB  same content at several li…
  above base            12.1 kB  above the first layer, 4.0…

    #    stored    wasted     kills  command
    0   4.18 kB   4.17 kB       7 B  COPY … /
    1   8.13 kB   4.00 kB   4.17 kB  RUN make all && make i…
    2   4.00 kB         -   4.00 kB  (no history)
  wasted: what it stored and no container can see
  kills: what it put out of reach, below it or of its own

Largest waste (5 of 5 copies)
     bytes  kind               layers  path
   4.00 kB  rewritten           0 › 1  /bin/tool
   4.00 kB  metadata-only       1 › 2  /srv/tool
     120 B  overwritten         0 › 1  /etc/conf
      48 B  removed             0 › 1  /etc/key
       7 B  shadowed-in-layer   0 › 0  /twice
  layers: the one that wrote it › the one that killed it
"""
FIGURES = """\
image.tar  example:1  example:latest  linux/amd64

  efficiency            49.89 %  live of stored bytes
  stored                16.3 kB  in 3 layers
  live                  8.14 kB  what a container can see
  wasted                8.18 kB  in 5 copies
    metadata-only       4.00 kB  copied for a mode, owner, time or xattr
    rewritten           4.00 kB  written again, nothing new in it
    overwritten           120 B  replaced later by something else
    removed                48 B  deleted later, shipped all the same
    shadowed-in-layer       7 B  twice in the tar of one layer
  duplicates            4.00 kB  same content at several live paths
  above base            12.1 kB  above the first layer, 4.00 kB of it wasted

"""
OFFENDERS = """\

Largest waste (5 of 5 copies)
     bytes  kind                   layers  path
   4.00 kB  rewritten               0 › 1  /bin/tool
   4.00 kB  metadata-only (owner)   1 › 2  /srv/tool
     120 B  overwritten             0 › 1  /etc/conf
      48 B  removed                 0 › 1  /etc/key
       7 B  shadowed-in-layer       0 › 0  /twice
  layers: the one that wrote it › the one that killed it
"""
LEGEND = """\
  wasted: what it stored and no container can see
  kills: what it put out of reach, below it or of its own
"""
AT_80 = f"""\
{FIGURES}\
    #    stored              wasted     kills  command
    0   4.18 kB  ████▏      4.17 kB       7 B  COPY … /
    1   8.13 kB  ████████   4.00 kB   4.17 kB  RUN make all && make install
    2   4.00 kB  ███▉             -   4.00 kB  (no history)
{LEGEND}{OFFENDERS}"""
AT_100 = f"""\
{FIGURES}\
    #    stored                      wasted     kills  command
    0   4.18 kB  ████████▎          4.17 kB       7 B  COPY … /
    1   8.13 kB  ████████████████   4.00 kB   4.17 kB  RUN make all && make install
    2   4.00 kB  ███████▉                 -   4.00 kB  (no history)
{LEGEND}{OFFENDERS}"""
IN_ASCII = f"""\
{FIGURES}\
    #    stored              wasted     kills  command
    0   4.18 kB  ####       4.17 kB       7 B  COPY ... /
    1   8.13 kB  ########   4.00 kB   4.17 kB  RUN make all && make install
    2   4.00 kB  ####             -   4.00 kB  (no history)
{LEGEND}{OFFENDERS.replace("›", ">")}"""
GATE = """\
image.tar  example:1  example:latest  linux/amd64

      rule                  measured  limit
PASS  min-efficiency         49.89 %  ≥ 40.00 %
FAIL  max-wasted-bytes       8.18 kB  ≤ 100 B
SKIP  max-wasted-percent     50.11 %  disabled

FAIL: 1 passed, 1 failed, 1 skipped
"""
KILLERS = """\

Steps that put most out of reach
     bytes  layer  command
   4.17 kB      1  RUN make all && make install
   4.00 kB      2  (no history)
       7 B      0  COPY … /
"""
NOTHING_STORED = """\
test  linux/amd64

  efficiency              100 %  live of stored bytes
  stored                    0 B  in 2 layers
  live                      0 B  what a container can see
  wasted                    0 B  nothing
  above base                0 B  above the first layer, 0 B of it wasted

    #    stored              wasted     kills  command
    0       0 B                   -         -  (no history)
    1       0 B                   -         -  (no history)
"""
ONE_LAYER = """\
test  linux/amd64

  efficiency              100 %  live of stored bytes
  stored                    5 B  in 1 layer
  live                      5 B  what a container can see
  wasted                    0 B  nothing
  compressed            1.50 kB  as stored or pulled

    #    stored              wasted     kills  command
    0       5 B  ████████         -         -  (no history)
"""
NO_LAYERS = """\
test  linux/amd64

  efficiency              100 %  live of stored bytes
  stored                    0 B  in 0 layers
  live                      0 B  what a container can see
  wasted                    0 B  nothing
  compressed                0 B  as stored or pulled
"""


def shown(analysis: Analysis, width: int = 80, *, ascii_only: bool = False, rows: int = 10) -> str:
    lines = text.lines(run(analysis), Style(width, ascii_only), rows=rows)
    return "".join(f"{line}\n" for line in lines)


def gated(analysis: Analysis, style: Style, *limits: float | None) -> str:
    found = verdicts(analysis, *limits)  # type: ignore[arg-type]
    return "".join(f"{line}\n" for line in text.lines(run(analysis, *found), style))


@pytest.mark.parametrize(
    ("width", "expected"), [(60, AT_60), (80, AT_80), (100, AT_100), (160, AT_100)], ids=str
)
def test_the_summary_of_a_small_image(width: int, expected: str) -> None:
    assert shown(analyze(sample()), width) == expected


def test_the_summary_in_ascii() -> None:
    assert shown(analyze(sample()), ascii_only=True) == IN_ASCII


def test_the_gates_table_and_what_wastes_most_under_a_failure() -> None:
    assert gated(analyze(sample()), Style(80), 0.4, 100) == GATE + KILLERS + OFFENDERS


def test_only_steps_that_killed_something_are_named_and_only_the_worst() -> None:
    files = [f"{name}:{size}" for name, size in zip("abcde", (500, 100, 400, 200, 300), strict=True)]
    one = image(layer(*files), *(layer(f".wh.{name}") for name in "abcde"))
    lines = gated(analyze(one), Style(80), 0.9, 0).splitlines()
    at = lines.index("Steps that put most out of reach")
    assert [line.split()[:3] for line in lines[at + 2 : at + 6]] == [
        ["500", "B", "1"],
        ["400", "B", "3"],
        ["300", "B", "5"],
        [],
    ]
    few = gated(analyze(image(layer("a:5"), layer(".wh.a"))), Style(80), 1.0, 0, 0.0).splitlines()
    at = few.index("Steps that put most out of reach")
    assert few[at + 2 : at + 4] == ["       5 B      1  (no history)", ""]


def test_the_gates_table_in_ascii() -> None:
    table = gated(analyze(sample()), Style(80, ascii_only=True), 0.4, 100)
    expected = GATE + KILLERS + OFFENDERS
    for good, plain in (("≥", ">="), ("≤", "<="), ("›", ">"), ("…", "...")):
        expected = expected.replace(good, plain)
    assert table == expected


def test_the_gates_table_ends_with_its_verdict_where_nothing_failed() -> None:
    table = gated(analyze(sample()), Style(80), 0.4, 9000, 0.6)
    assert table.endswith("\n\nPASS: 3 passed, 0 failed, 0 skipped\n")


DIVE_AND_OURS = """\
dive's rules, judged by dive's figures; limits: a\\nb, then dive's defaults

      rule                            dive        ours  limit
PASS  lowestEfficiency               100 %     90.00 %  >= 95.00 %
SKIP  highestWastedBytes               0 B     1.00 kB  disabled
PASS  highestUserWastedPercent         0 %       100 %  <= 10.00 %
PASS  max-wasted-bytes                         1.00 kB  <= 2.00 kB

By ours these would fail: lowestEfficiency, highestUserWastedPercent
  dive counts less: nothing, for one, of a directory that is removed later

PASS: 3 passed, 0 failed, 1 skipped
"""


def test_dives_rules_have_our_figures_beside_them() -> None:
    analysis = analyze(image(layer("base:9000"), layer("a/", "a/one:1000"), layer(".wh.a")))
    ours = verdicts(analysis, None, 2000)[1]
    judgement = by_dive(analysis, DiveLimits(0.95), ours, origin="a\nb, then dive's defaults")
    lines = text.lines(Run((Subject(analysis, judgement),)), Style(ascii_only=True))
    assert "".join(f"{line}\n" for line in lines).partition("\n\n")[2] == DIVE_AND_OURS


def test_an_image_that_stores_nothing() -> None:
    assert shown(analyze(image(layer("a/"), layer("b:0")))) == NOTHING_STORED


def test_an_image_of_one_layer_has_nothing_above_its_base() -> None:
    assert shown(analyze(image(layer("a:5", compressed=1500)))) == ONE_LAYER


def test_an_image_without_layers() -> None:
    assert shown(analyze(image())) == NO_LAYERS


def test_copies_without_bytes_are_no_offenders() -> None:
    assert "Largest waste" not in shown(analyze(image(layer("a:0", "b:1"), layer(".wh.a"))))


def test_what_does_not_fit_the_list_is_summed_up() -> None:
    lines = shown(named(b"a", b"b", b"c"), rows=2).splitlines()
    assert lines[-5:] == [
        "     bytes  kind     layers  path",
        "   1.00 kB  removed   0 › 1  /c",
        "   1.00 kB  removed   0 › 1  /b",
        "   1.00 kB  in 1 other",
        "  layers: the one that wrote it › the one that killed it",
    ]


def test_a_long_path_keeps_its_end() -> None:
    lines = shown(named(b"usr/lib/" + b"deep/" * 30 + b"core.so"), 80).splitlines()
    assert lines[-2] == "   1.00 kB  removed   0 › 1  /usr/lib/deep/de…p/deep/deep/deep/deep/deep/core.so"


def test_a_long_command_keeps_its_beginning() -> None:
    one = replace(sample(), history=(HistoryStep(created_by="RUN " + "make && " * 1_000_000),))
    line = next(line for line in shown(analyze(one), 80).splitlines() if line.startswith("    0"))
    assert line == "    0   4.18 kB  ████▏      4.17 kB       7 B  RUN make && make && make && make…"


def test_a_long_heading_takes_more_lines() -> None:
    one = replace(sample(), reference="x" * 70, tags=("registry.example.com/" + "y" * 70 + ":1", "z:1"))
    assert shown(analyze(one), 80).splitlines()[:4] == [
        "x" * 70,
        "registry.example.com/yyyyy…" + "y" * 51 + ":1",
        "z:1  linux/amd64",
        "",
    ]


HOSTILE = [
    b"new\nline",
    b"::error::title\r\n",
    b"\x1b[2J\x1b]0;owned\x07",
    "\u202egnp.exe".encode(),
    "\u2066\u200b\u2028\u2029\x85\x9b31m".encode(),
    b"\xff\xfe\x80",
    b"\xed\xa0\x80",
    b"tab\there\x7f",
    "\ue000\U000e0041\uffff".encode(),
]


@pytest.mark.parametrize("ascii_only", [False, True])
def test_hostile_names_never_get_through(ascii_only: bool) -> None:
    texts = [name.decode("utf-8", "replace") for name in HOSTILE] + ["half \ud800 \udcff"]
    one = replace(
        named(*HOSTILE).image,
        reference="\n".join(texts),
        tags=tuple(texts),
        platform=texts[2],
        history=tuple(HistoryStep(created_by=f"RUN {one}") for one in texts),
    )
    found = shown(analyze(one), 400, ascii_only=ascii_only) + gated(
        analyze(one), Style(400, ascii_only), 1.0, 0, 0.0
    )
    assert {char for char in found if not char.isprintable()} == {"\n"}
    assert not any(line.startswith("::") for line in found.splitlines())
    assert r"/new\nline" in found
    assert r"/\u202egnp.exe" in found
    assert r"/\xff\xfe\x80" in found
    assert r"half \ud800 \xff" in found
    if ascii_only:
        assert found.isascii()


WIDE = [
    "漢字" * 40,
    "e\u0301" * 90,
    "한국어/" * 30,
    "😀" * 60,
    "a\u0300\u0301\u0302" * 50,
    "ｆｕｌｌ" * 30,
    "x漢" * 50,
]


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("width", [40, 59, 60, 61, 79, 80, 81, 100, 160])
def test_every_line_fits_the_width(width: int, ascii_only: bool) -> None:
    owner = [layer(*(entry(f"{name}:3000", uid=uid) for name in WIDE)) for uid in (0, 1)]
    every = layer(*(entry(f"{name}:3000", mode=0o777, uid=2, gid=2, mtime_ns=1) for name in WIDE))
    one = replace(
        image(*owner, every, *(layer() for _ in range(1200)), layer(*(f".wh.{name}" for name in WIDE[:3]))),
        reference=WIDE[0],
        tags=tuple(WIDE[1:4]),
        history=tuple(HistoryStep(created_by=f"RUN {name}") for name in WIDE),
    )
    analysis = analyze(one)
    style = Style(width, ascii_only)
    lines = list(text.lines(run(analysis), style, rows=30))
    lines += text.lines(run(analysis, *verdicts(analysis, 1.0, 0, 0.0)), style)
    assert [line for line in lines if columns(line) > width] == []
    assert max(map(columns, lines)) >= width - 1  # and uses it
    if ascii_only:
        assert [line for line in lines if not line.isascii()] == []

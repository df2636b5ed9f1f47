"""Folded stacks: a line for each file, which flame graphs read."""

import io
import re
from dataclasses import replace

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import HistoryStep
from layerscope.errors import SourceError
from layerscope.report import folded
from layerscope.report.subject import Subject

from tests.analysis.test_saved import saved
from tests.models import entry, image, layer
from tests.report.sample import named, sample

SAMPLE = """\
0 COPY … /;bin;tool;(wasted: rewritten) 4000
0 COPY … /;etc;key;(wasted: removed) 48
0 COPY … /;etc;conf;(wasted: overwritten) 120
0 COPY … /;twice;(wasted: shadowed-in-layer) 7
0 COPY … /;twice 8
1 RUN make all && make install;srv;tool;(wasted: metadata-only) 4000
1 RUN make all && make install;etc;conf 130
1 RUN make all && make install;bin;tool 4000
2 (no history);srv;tool 4000
"""


def written(analysis: Analysis) -> str:
    out = io.StringIO()
    folded.write(Subject(analysis), out)
    return out.getvalue()


def sums(text: str) -> tuple[int, int]:
    """What all lines add up to, and those that are wasted."""
    lines = [line.rpartition(" ") for line in text.splitlines()]
    return (
        sum(int(count) for _, _, count in lines),
        sum(int(count) for stack, _, count in lines if ";(wasted: " in stack),
    )


def test_a_small_image() -> None:
    assert written(analyze(sample())) == SAMPLE


def test_lines_add_up_to_the_stored_and_the_wasted_bytes() -> None:
    linked = image(layer("a:10", "b => a", "e"), layer(".wh.a:9", ".wh.b", "a:7", "d -> a", "..:5"))
    for one in (sample(), linked):
        analysis = analyze(one)
        assert sums(written(analysis)) == (analysis.totals.stored, analysis.totals.wasted)


def test_what_stores_nothing_has_no_line() -> None:
    assert written(analyze(image(layer("d/", "e", "l -> e", "a:1", "h => a", ".wh.x:3")))) == (
        "0 (no history);a 1\n"
    )


@pytest.mark.parametrize(
    ("raw", "frames"),
    [
        (b"a;b", r"a\x3bb"),
        (b"a b", "a b"),
        (b" a b  ", r"\x20a b\x20\x20"),
        (b" ", r"\x20"),
        (b"take 5", r"take\x205"),
        (b"take 5 2.5", r"take 5\x202.5"),
        (b"4 non blondes", "4 non blondes"),
        (b"new\nline\r\n", r"new\nline\r\n"),
        (b"\ttab\xc2\xa0", r"\ttab\xa0"),
        (b"\x1b[2J\x00", r"\x1b[2J\x00"),
        ("\u202egnp".encode(), r"\u202egnp"),
        (b"\xff\xed\xa0\x80", r"\xff\xed\xa0\x80"),
        (b"d /f;g/h", r"d\x20;f\x3bg;h"),
        (b"::error::a|b`<script>]]>\"'", "::error::a|b`<script>]]>\"'"),
        ("漢字".encode(), "漢字"),
    ],
)
def test_hostile_names_are_frames_of_their_own(raw: bytes, frames: str) -> None:
    one = image(layer(entry("x:12")._replace(name=raw)))
    assert written(analyze(one)) == f"0 (no history);{frames} 12\n"


def test_a_hostile_command_is_one_frame() -> None:
    one = replace(image(layer("x:1")), history=(HistoryStep(created_by="RUN a;b\n;c \ud800 7"),))
    assert written(analyze(one)) == "0 RUN a\\x3bb \\x3bc \\ud800 7;x 1\n"


def test_every_line_is_what_the_readers_expect() -> None:
    analysis = named(b"a;b 1", b"\n\n", b" /; 2/c", b"(wasted: removed)", b"\x85\xe2\x80\xa8")
    for line in written(analysis).splitlines():
        assert re.fullmatch(r"0 \(no history\)(;[^;\s]([^;]*[^;\s])?)+;\(wasted: removed\) \d+", line)


def test_a_thousand_directories_in_each_other() -> None:
    deep = "/".join("d" * 1000)
    assert written(analyze(image(layer(f"{deep}/f:1")))) == "0 (no history);" + "d;" * 1000 + "f 1\n"


def test_nothing_is_written_of_a_report_without_entries() -> None:
    out = io.StringIO()
    with pytest.raises(SourceError, match="saved without entries"):
        folded.write(Subject(saved(entries=False)), out)
    assert out.getvalue() == ""


def test_a_saved_report_with_entries_gives_it_too() -> None:
    analysis = saved()
    assert sums(written(analysis)) == (analysis.totals.stored, analysis.totals.wasted)

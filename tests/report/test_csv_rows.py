"""CSV: a row for each file of each layer, and no cell that is a formula."""

import csv
import io
from dataclasses import replace

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.errors import SourceError
from layerscope.report import csv_rows
from layerscope.report.subject import Failure, Run, Subject

from tests.analysis.test_saved import saved
from tests.models import entry, image, layer
from tests.report.sample import named, sample

SAMPLE = """\
image,layer,path,type,mode,uid,gid,bytes,change,waste,killed_by
image.tar,0,/bin,directory,0755,0,0,0,added,,
image.tar,0,/bin/tool,regular,0644,0,0,4000,added,rewritten,1
image.tar,0,/etc/key,regular,0644,0,0,48,added,removed,1
image.tar,0,/etc/conf,regular,0644,0,0,120,added,overwritten,1
image.tar,0,/twice,regular,0644,0,0,7,,shadowed-in-layer,0
image.tar,0,/twice,regular,0644,0,0,8,added,,
image.tar,1,/srv,directory,0755,0,0,0,added,,
image.tar,1,/srv/tool,regular,0644,0,0,4000,added,metadata-only,2
image.tar,1,/etc/conf,regular,0644,0,0,130,content,,
image.tar,1,/bin/tool,regular,0644,0,0,4000,,,
image.tar,2,/srv/tool,regular,0644,1000,0,4000,owner,,
"""


def written(*analyses: Analysis | Failure) -> str:
    out = io.StringIO()
    subjects = (one if isinstance(one, Failure) else Subject(one) for one in analyses)
    csv_rows.write(Run(tuple(subjects)), out)
    return out.getvalue()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_a_small_image() -> None:
    assert written(analyze(sample())) == SAMPLE


def test_bytes_add_up_to_the_stored_and_the_wasted_bytes() -> None:
    linked = image(layer("a:10", "b => a", "e"), layer(".wh.a:9", ".wh.b", "a:7", "d -> a", "..:5"))
    for one in (sample(), linked):
        analysis = analyze(one)
        found = rows(written(analysis))
        assert sum(int(row["bytes"]) for row in found) == analysis.totals.stored
        assert sum(int(row["bytes"]) for row in found if row["waste"]) == analysis.totals.wasted


def test_several_changes_are_joined_and_types_are_named() -> None:
    below = layer("a", "l -> x", "h:1")
    above = layer(entry("a:1", mode=0o4755, uid=5, gid=1 << 40), "l -> y", "i => h", "n/")
    assert written(analyze(image(below, above))).splitlines()[4:] == [
        "test,1,/a,regular,4755,5,1099511627776,1,content+mode+owner,,",
        "test,1,/l,symlink,0777,0,0,0,link,,",
        "test,1,/i,hardlink,0777,0,0,0,added,,",
        "test,1,/n,directory,0755,0,0,0,added,,",
    ]


def test_several_images_are_one_table_without_those_that_failed() -> None:
    one = replace(image(layer("a:1")), reference="one")
    two = replace(image(layer("b:2")), reference="two")
    assert written(analyze(one), Failure("three", "is not there"), analyze(two)).splitlines()[1:] == [
        "one,0,/a,regular,0644,0,0,1,added,,",
        "two,0,/b,regular,0644,0,0,2,added,,",
    ]


@pytest.mark.parametrize(
    ("raw", "cell"),
    [
        (b"a,b", '"/a,b"'),
        (b'a"b', '"/a""b"'),
        (b"a'b", "/a'b"),
        (b"=1+2", "/=1+2"),
        (b"a;b", '"/a;b"'),
        (b'a;=HYPERLINK("x")', '"/a;\'=HYPERLINK(""x"")"'),
        (b"a;+1;-1;@x;;=y", "\"/a;'+1;'-1;'@x;;'=y\""),
        (b"new\r\nline", r"/new\r\nline"),
        (b"\t=1", r"/\t=1"),
        (b"\x1b[2J\x00", r"/\x1b[2J\x00"),
        ("\u202egnp".encode(), r"/\u202egnp"),
        (b"\xff\xed\xa0\x80", r"/\xff\xed\xa0\x80"),
        (b"::error::a|b`<script>]]>", "/::error::a|b`<script>]]>"),
        (b"a,b/c/", '"/a,b/c"'),
        ("漢字".encode(), "/漢字"),
    ],
)
def test_hostile_names_are_one_cell(raw: bytes, cell: str) -> None:
    text = written(analyze(image(layer(entry("x:1")._replace(name=raw)))))
    assert text.splitlines()[1:] == [f"test,0,{cell},regular,0644,0,0,1,added,,"]


@pytest.mark.parametrize(
    ("reference", "cell"),
    [
        ("=1+2", "'=1+2"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", r"\t=1"),
        ("\r=1", r"\r=1"),
        ('=1,"', '"\'=1,"""'),
        ("a-b=c@d", "a-b=c@d"),
        ("half \ud800", r"half \ud800"),
    ],
)
def test_a_hostile_reference_is_no_formula(reference: str, cell: str) -> None:
    text = written(analyze(replace(image(layer("a:1")), reference=reference)))
    assert text.splitlines()[1:] == [f"{cell},0,/a,regular,0644,0,0,1,added,,"]


def test_every_row_has_every_column() -> None:
    found = rows(written(named(b'a,"\n', b",,,", b'";"', b"\r", b"=,\x85", b"\xe2\x80\xa8")))
    assert [(row["path"], row["waste"], row["killed_by"]) for row in found] == [
        ('/a,"\\n', "removed", "1"),
        ("/,,,", "removed", "1"),
        ('/";"', "removed", "1"),
        ("/\\r", "removed", "1"),
        ("/=,\\x85", "removed", "1"),
        ("/\\u2028", "removed", "1"),
    ]
    assert all(list(row) == list(csv_rows.COLUMNS) and None not in row.values() for row in found)


def test_nothing_is_written_if_one_of_them_has_no_entries() -> None:
    out = io.StringIO()
    with pytest.raises(SourceError, match="saved without entries"):
        csv_rows.write(Run((Subject(saved()), Subject(saved(entries=False)))), out)
    assert out.getvalue() == ""


def test_a_saved_report_with_entries_gives_it_too() -> None:
    analysis = saved()
    assert sum(int(row["bytes"]) for row in rows(written(analysis))) == analysis.totals.stored

"""ncdu's export: a directory for each layer, and sizes that add up to what is stored."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from layerscope import __version__
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import HistoryStep, Image
from layerscope.errors import SourceError
from layerscope.report import ncdu
from layerscope.report.subject import Subject

from tests.analysis.test_saved import saved
from tests.models import entry, image, layer
from tests.report.sample import named, sample

SAMPLE = """\
[1,2,{"progname":"layerscope","progver":"VERSION","timestamp":1709208000},
[{"name":"image.tar"},
[{"name":"0 COPY … ∕"},
{"name":"twice","asize":7,"dsize":7},
{"name":"twice","asize":8,"dsize":8},
[{"name":"bin"},
{"name":"tool","asize":4000,"dsize":4000}],
[{"name":"etc"},
{"name":"key","asize":48,"dsize":48},
{"name":"conf","asize":120,"dsize":120}]],
[{"name":"1 RUN make all && make install"},
[{"name":"bin"},
{"name":"tool","asize":4000,"dsize":4000}],
[{"name":"etc"},
{"name":"conf","asize":130,"dsize":130}],
[{"name":"srv"},
{"name":"tool","asize":4000,"dsize":4000}]],
[{"name":"2 (no history)"},
[{"name":"srv"},
{"name":"tool","asize":4000,"dsize":4000}]]]]
"""


def written(analysis: Analysis) -> str:
    out = io.StringIO()
    ncdu.write(Subject(analysis), out)
    return out.getvalue()


def tree(one: Image) -> Any:
    """The only layer of an image, an item as its name and what else it says."""

    def item(found: Any) -> Any:
        if isinstance(found, list):
            return [found[0]["name"], *map(item, found[1:])]
        return tuple(found.values()) if len(found) > 1 else found["name"]

    (_, only) = json.loads(written(analyze(one)))[3]
    return item(only)


def total(text: str) -> int:
    """As ncdu counts: each file once, under however many names; without recursion."""
    waiting: list[Any] = [json.loads(text)[3]]
    sizes: dict[int, int] = {}
    found = 0
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += item
        elif "ino" in item:
            sizes[item["ino"]] = item["asize"]
        else:
            found += item.get("asize", 0)
    return found + sum(sizes.values())


def test_a_small_image() -> None:
    assert written(analyze(sample())) == SAMPLE.replace("VERSION", __version__)


def test_sizes_add_up_to_the_stored_bytes() -> None:
    linked = image(layer("a:10", "b => a", "c:5"), layer("d => a", "a:7", "e => a", ".wh.b:9", ".:3"))
    for one in (sample(), linked):
        analysis = analyze(one)
        assert total(written(analysis)) == analysis.totals.stored


def test_the_names_of_a_file_are_one_inode_in_all_layers_another() -> None:
    analysis = analyze(image(layer("a:10", "b => a"), layer("a:10", "c", "d/b => a")))
    assert [
        (item["name"], item["ino"], item["nlink"], item["hlnkc"], item["asize"], item["dsize"])
        for line in written(analysis).splitlines()
        if "ino" in line
        for item in [json.loads(line.strip(",]"))]
    ] == [
        ("a", 1, 2, True, 10, 10),
        ("b", 1, 2, True, 10, 10),
        ("a", 3, 2, True, 10, 10),
        ("b", 3, 2, True, 10, 10),
    ]


def test_what_is_no_file_and_stores_nothing_says_so() -> None:
    assert tree(image(layer("lnk -> a", "below => x", "empty", "d/"))) == [
        "0 (no history)", ("lnk", True), ("below", True), ("empty", 0), ["d"],
    ]  # fmt: skip


def test_directories_that_are_scattered_in_the_tar_or_only_implied_are_listed_once() -> None:
    assert tree(image(layer("a/b/c:1", "d/", "a/", "a-b/e:2", "a/b/f:3", "a/g:4"))) == [
        "0 (no history)",
        ["a", ("g", 4, 4), ["b", ("c", 1, 1), ("f", 3, 3)]],
        ["a-b", ("e", 2, 2)],
        ["d"],
    ]


def test_whiteouts_are_left_out() -> None:
    assert tree(image(layer("a/.wh.b", ".wh..wh..opq", "c:1"))) == ["0 (no history)", ("c", 1, 1)]


def test_a_file_and_a_directory_of_one_name_stand_side_by_side() -> None:
    assert tree(image(layer("a:1", "a/b:2"))) == ["0 (no history)", ("a", 1, 1), ["a", ("b", 2, 2)]]


def test_a_thousand_directories_in_each_other() -> None:
    deep = "/".join("d" * 1000) + "/file:9"
    text = written(analyze(image(layer(deep, "d/other:1"))))
    assert text.count("[") == text.count("]") == 1 + 1 + 1 + 1000
    assert total_of_lines(text) == 10


def total_of_lines(text: str) -> int:
    """As `total`, of an export too deep for Python's parser."""
    return sum(json.loads(line.strip(",]"))["asize"] for line in text.splitlines() if "asize" in line)


def test_an_image_without_layers_is_an_empty_directory() -> None:
    assert json.loads(written(analyze(image())))[3] == [{"name": "test"}]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"new\nline", r"new\nline"),
        (b'"q\\', '"q\\'),
        (b"\x1b[2J\x00\x7f", r"\x1b[2J\x00\x7f"),
        ("\u202egnp.exe".encode(), r"\u202egnp.exe"),
        (b"\xff\xed\xa0\x80", r"\xff\xed\xa0\x80"),
        ("漢字 😀".encode(), "漢字 😀"),
        (b'"}],[{"name":"x', '"}],[{"name":"x'),
        (b"::error::a|b`<script>]]>", "::error::a|b`<script>]]>"),
        (b"=1+2,3", "=1+2,3"),
        (b"\n" * 20_000, r"\n" * 3000),
    ],
)
def test_hostile_names_are_names(raw: bytes, shown: str) -> None:
    text = written(analyze(image(layer(entry("x:1")._replace(name=raw)))))
    assert json.loads(text)[3][1][1] == {"name": shown, "asize": 1, "dsize": 1}
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "\\u" not in text.replace("\\\\", "")


def test_hostile_references_and_commands_are_names() -> None:
    hostile = 'a/b\n"\\\ud800\u202e]]'
    one = replace(image(layer("x:1")), reference=hostile, history=(HistoryStep(created_by=f"RUN {hostile}"),))
    assert json.loads(written(analyze(one)))[3][:2] == [
        {"name": 'a/b\\n"\\\\ud800\\u202e]]'},
        [{"name": '0 RUN a∕b "\\\\ud800\\u202e]]'}, {"name": "x", "asize": 1, "dsize": 1}],
    ]


def test_the_longest_name_is_one_that_ncdu_reads() -> None:
    longest = replace(image(layer("x:1")), reference="\U000e0041" * 5000)
    assert len(json.loads(written(analyze(longest)))[3][0]["name"]) == 30_000


def test_hostile_names_in_a_later_layer_hide_nothing() -> None:
    analysis = named(b"a]]\n", b"\xff/b", b'c"/d')
    assert total(written(analysis)) == analysis.totals.stored == 3003


@pytest.mark.parametrize(
    ("created", "seconds"),
    [
        ("2024-02-29T12:00:00Z", 1709208000),
        ("2024-02-29T13:00:00.123456789+01:00", 1709208000),
        ("2024-02-29T12:00:00", 1709208000),
        ("1969-12-31T23:59:59Z", 0),
        ("0001-01-01T00:00:00Z", 0),
        ("0001-01-01T00:00:00+12:00", 0),
        ("9999-12-31T23:59:59-12:00", 253402343999),
        ("yesterday", 0),
        ("", 0),
    ],
)
def test_its_time_is_that_of_the_image(created: str, seconds: int) -> None:
    text = written(analyze(replace(image(layer("a:1")), created=created)))
    assert json.loads(text)[2]["timestamp"] == seconds


def test_nothing_is_written_of_a_report_without_entries() -> None:
    out = io.StringIO()
    with pytest.raises(SourceError, match="saved without entries"):
        ncdu.write(Subject(saved(entries=False)), out)
    assert out.getvalue() == ""


def test_a_saved_report_with_entries_gives_it_too() -> None:
    analysis = saved()
    assert total(written(analysis)) == analysis.totals.stored

"""The JSON report: one literal, and what must hold for any image."""

import io
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from layerscope import __version__
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import Entry, Extras, FileType, HistoryStep
from layerscope.errors import LimitError
from layerscope.report import json_report

from tests.models import Unread, entry, image, layer
from tests.report.sample import ADVICE, advised, named, sample

EXPECTED = """\
{
  "schema_version": "1.2",
  "generator": {"name": "layerscope", "version": "VERSION"},
  "image": {"reference": "image.tar", "id": "sha256:AAAA", "tags": ["example:1", "example:latest"], \
"platform": "linux/amd64", "created": "2024-02-29T12:00:00Z", "config": {"Env": ["PATH=/bin"]}},
  "base": {"layers": 1, "how": "taken to be the first layer", "name": null},
  "totals": {"stored_bytes": 16313, "live_bytes": 8138, "wasted_bytes": 8175, \
"efficiency": 0.4988659351437504, "compressed_bytes": null, "duplicate_bytes": 4000, \
"user_stored_bytes": 12130, "user_live_bytes": 8130, "user_wasted_bytes": 4000, \
"user_efficiency": 0.6702390766694146, "user_compressed_bytes": null, \
"waste_by_kind": {"removed": 48, "overwritten": 120, "metadata-only": 4000, "rewritten": 4000, \
"shadowed-in-layer": 7}},
  "dive": {"efficiency_score": 0.4984668220287011, "inefficient_bytes": 16298, \
"user_wasted_percent": 1.34361088211047},
  "layers": [
    {"index": 0, "diff_id": "sha256:0000", "blob_name": null, "blob_digest": null, \
"media_type": "application/vnd.oci.image.layer.v1.tar", "command": "COPY \\u2026 /", \
"created": "2024-02-29T12:00:00Z", "stored_bytes": 4183, "live_bytes": 8, "wasted_bytes": 4175, \
"killed_bytes": 7, "compressed_bytes": null, "added": 5, "modified": 0, "removed": 0},
    {"index": 1, "diff_id": null, "blob_name": null, "blob_digest": null, \
"media_type": "application/vnd.oci.image.layer.v1.tar", "command": "RUN make   all\\t&& make install", \
"created": null, "stored_bytes": 8130, "live_bytes": 4130, "wasted_bytes": 4000, \
"killed_bytes": 4168, "compressed_bytes": 3001, "added": 2, "modified": 1, "removed": 1},
    {"index": 2, "diff_id": null, "blob_name": null, "blob_digest": null, \
"media_type": "application/vnd.oci.image.layer.v1.tar", "command": "", \
"created": null, "stored_bytes": 4000, "live_bytes": 4000, "wasted_bytes": 0, \
"killed_bytes": 4000, "compressed_bytes": null, "added": 0, "modified": 1, "removed": 0}
  ],
  "history": [
    {"layer": 0, "created": "2024-02-29T12:00:00Z", \
"created_by": "/bin/sh -c #(nop) COPY dir:0123abcd in / ", "author": null, "comment": null, \
"empty_layer": false},
    {"layer": null, "created": null, "created_by": "/bin/sh -c #(nop)  ENV A=\\"b\\"", "author": "me", \
"comment": "a note", "empty_layer": true},
    {"layer": 1, "created": null, "created_by": "RUN /bin/sh -c make   all\\t&& make install # buildkit", \
"author": null, "comment": null, "empty_layer": false}
  ],
  "findings": [],
  "waste": [
    {"path": "/bin/tool", "bytes": 4000, "kind": "rewritten", "layer": 0, "killed_by": 1},
    {"path": "/srv/tool", "bytes": 4000, "kind": "metadata-only", "layer": 1, "killed_by": 2, \
"changed": ["owner"]},
    {"path": "/etc/conf", "bytes": 120, "kind": "overwritten", "layer": 0, "killed_by": 1},
    {"path": "/etc/key", "bytes": 48, "kind": "removed", "layer": 0, "killed_by": 1},
    {"path": "/twice", "bytes": 7, "kind": "shadowed-in-layer", "layer": 0, "killed_by": 0}
  ]
}
"""
NOTHING = """\
{
  "schema_version": "1.2",
  "generator": {"name": "layerscope", "version": "VERSION"},
  "image": {"reference": "test", "id": "", "tags": [], \
"platform": "linux/amd64", "created": null, "config": {}},
  "base": {"layers": 0, "how": "there is no other layer", "name": null},
  "totals": {"stored_bytes": 0, "live_bytes": 0, "wasted_bytes": 0, "efficiency": 1.0, \
"compressed_bytes": 0, "duplicate_bytes": 0, "user_stored_bytes": 0, "user_live_bytes": 0, \
"user_wasted_bytes": 0, "user_efficiency": 1.0, "user_compressed_bytes": 0, \
"waste_by_kind": {"removed": 0, "overwritten": 0, "metadata-only": 0, "rewritten": 0, \
"shadowed-in-layer": 0}},
  "dive": {"efficiency_score": 1.0, "inefficient_bytes": 0, "user_wasted_percent": null},
  "layers": [],
  "history": [],
  "findings": [],
  "waste": []
}
"""


def written(analysis: Analysis, *, entries: bool = False) -> str:
    out = io.StringIO()
    vars(analysis).setdefault("findings", ())
    json_report.write(analysis, out, entries=entries)
    return out.getvalue()


def parsed(analysis: Analysis, *, entries: bool = False) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(written(analysis, entries=entries), parse_constant=refuse)


def literal(text: str) -> str:
    text = text.replace("VERSION", __version__)
    return text.replace("sha256:AAAA", f"sha256:{'a' * 64}").replace("sha256:0000", f"sha256:{'0' * 64}")


def test_the_report_of_a_small_image() -> None:
    assert written(analyze(sample())) == literal(EXPECTED)


def test_a_finding_is_a_row_with_its_evidence() -> None:
    assert parsed(advised(analyze(sample()), *ADVICE))["findings"] == [
        {
            "id": "copied-for-metadata",
            "title": "Copied to change owner",
            "severity": "medium",
            "saved_bytes": 4000,
            "savings": [{"layer": 1, "bytes": 4000, "live_bytes": 0}],
            "layers": [2, 1],
            "reason": "A layer holds whole files. The first copy stays.",
            "fix": "COPY --chown=app srv /srv\nwithout RUN chown",
            "evidence": [
                {"path": "/srv/tool", "bytes": 4000, "files": 1, "layer": 1, "what": None},
                {"path": "/", "bytes": 0, "files": 0, "layer": None, "what": "chown -R app /srv"},
            ],
            "more": 3,
        },
        {
            "id": "root-user",
            "title": "Runs as root",
            "severity": "info",
            "saved_bytes": 0,
            "savings": [],
            "layers": [],
            "reason": "Nobody said. Root it is.",
            "fix": "USER app",
            "evidence": [],
            "more": 0,
        },
    ]


def test_the_report_of_an_image_without_layers() -> None:
    assert written(analyze(image())) == literal(NOTHING)


def test_entries_come_last_and_change_nothing_else() -> None:
    short, long = written(analyze(sample())), written(analyze(sample()), entries=True)
    assert long.startswith(short.removesuffix("\n}\n") + ',\n  "entries": [\n')
    assert list(json.loads(long))[-1] == "entries"


def test_an_entry_says_all_that_the_tar_says() -> None:
    tool = entry("./bin/tool:5", mode=0o4755, uid=1000, gid=50, mtime_ns=-1_500_000_000)
    tool = tool._replace(extras=Extras(xattrs=((b"security.capability", b"\1\0\0\2"), (b"user.\xff", b""))))
    link = entry("/lnk/ -> x")._replace(link=b"../\xff")
    gone = entry("bin/.wh.tool")._replace(link=b"bin/tool")
    null = Entry(b"../null", FileType.CHARACTER, 0o666, 0, 0, 0, 0, extras=Extras(device=(1, 3)))
    one = image(layer(tool, link, "hard => bin/tool"), layer(gone, null))
    found = parsed(analyze(one), entries=True)
    assert found["entries"] == [
        {
            "layer": 0,
            "path": "/bin/tool",
            "type": "regular",
            "mode": "4755",
            "uid": 1000,
            "gid": 50,
            "size": 5,
            "mtime_ns": -1_500_000_000,
            "change": ["added"],
            "xattrs": {"security.capability": "AQAAAg==", "user.\\xff": ""},
        },
        {
            "layer": 0,
            "path": "/lnk",
            "name": "/lnk/",
            "type": "symlink",
            "mode": "0777",
            "uid": 0,
            "gid": 0,
            "size": 0,
            "mtime_ns": 0,
            "change": ["added"],
            "link": "../\\xff",
            "link_base64": "Li4v/w==",
        },
        {
            "layer": 0,
            "path": "/hard",
            "type": "hardlink",
            "mode": "0777",
            "uid": 0,
            "gid": 0,
            "size": 0,
            "mtime_ns": 0,
            "change": ["added"],
            "link": "bin/tool",
        },
        {
            "layer": 1,
            "path": "/bin/.wh.tool",
            "type": "regular",
            "mode": "0644",
            "uid": 0,
            "gid": 0,
            "size": 0,
            "mtime_ns": 0,
            "change": [],
            "link": "bin/tool",
        },
        {
            "layer": 1,
            "path": "/null",
            "name": "../null",
            "type": "character",
            "mode": "0666",
            "uid": 0,
            "gid": 0,
            "size": 0,
            "mtime_ns": 0,
            "change": ["added"],
            "device": [1, 3],
        },
    ]


@pytest.mark.parametrize(
    ("name", "path", "more"),
    [
        (b"d/caf\xc3\xa9", "/d/café", {}),
        (b"new\nline", "/new\nline", {}),
        (b"\x1b[31mred", "/\x1b[31mred", {}),
        ("\u202egnp.exe".encode(), "/\u202egnp.exe", {}),
        ("\x9b31m\u2028".encode(), "/\x9b31m\u2028", {}),
        (b"del\x7f", "/del\x7f", {}),
        (b'"quoted" \\ back', '/"quoted" \\ back', {}),
        (b"latin-\xe9", "/latin-\\xe9", {"path_base64": "L2xhdGluLek="}),
        (b"\xed\xa0\x80", "/\\xed\\xa0\\x80", {"path_base64": "L+2ggA=="}),
    ],
)
def test_names_are_kept_and_can_be_told_apart(name: bytes, path: str, more: Mapping[str, str]) -> None:
    analysis = named(name)
    [row] = parsed(analysis)["waste"]
    assert row == {"path": path, **more, "bytes": 1000, "kind": "removed", "layer": 0, "killed_by": 1}
    assert parsed(analysis, entries=True)["entries"][0]["path"] == path


def test_the_text_is_printable_ascii_with_one_line_for_a_row() -> None:
    names = [b"new\nline", b"\x1b[31mred", "\u202egnp.exe\x9b\x7f".encode(), b"\xff\xfe"]
    text = written(named(*names), entries=True)
    assert text.isascii()
    assert {char for char in text if not char.isprintable()} == {"\n"}
    assert len(text.splitlines()) == len(written(named(b"a", b"b", b"c", b"d"), entries=True).splitlines())


def test_bytes_are_integers_and_nothing_is_nan() -> None:
    def check(value: object, key: str) -> None:
        if key.endswith("bytes"):
            assert value is None or type(value) is int, key
        if isinstance(value, float):
            assert math.isfinite(value), key
        if isinstance(value, dict):
            for name, inner in value.items():
                check(inner, name)
        if isinstance(value, list):
            for inner in value:
                check(inner, key)

    for one in (sample(), image(), image(layer()), image(layer("a:0")), image(layer("a:10"), layer())):
        check(parsed(analyze(one), entries=True), "")


def test_a_large_number_is_written_exactly() -> None:
    found = parsed(analyze(image(layer(f"a:{2**60 + 1}"), layer(".wh.a"))))
    assert found["totals"]["wasted_bytes"] == 2**60 + 1


def test_what_the_images_own_json_has_of_no_json_is_made_good() -> None:
    hostile = replace(
        sample(),
        reference="arch\udcffive.tar",
        tags=("half \ud800 pair",),
        config={"Labels": {"a": float("nan"), "b": float("inf"), "\udfff": "\udcff"}, "Good": "𝄞"},
        history=(HistoryStep(created_by="RUN \ud834"),),
    )
    text = written(analyze(hostile))
    found = json.loads(text)
    assert found["image"]["reference"] == "arch\ufffdive.tar"
    assert found["image"]["tags"] == ["half \ufffd pair"]
    assert found["image"]["config"] == {"Labels": {"a": None, "b": None, "\ufffd": "\ufffd"}, "Good": "𝄞"}
    assert found["layers"][0]["command"] == found["history"][0]["created_by"] == "RUN \ufffd"
    json.dumps(found, ensure_ascii=False).encode("utf-8", "strict")


def test_a_config_nested_without_end_is_refused_before_the_first_byte() -> None:
    nested: dict[str, object] = {}
    for _ in range(100_000):
        nested = {"": nested}
    out = io.StringIO()
    with pytest.raises(LimitError, match="nested deeper"):
        json_report.write(analyze(replace(sample(), config=nested)), out)
    assert out.getvalue() == ""


def test_a_content_that_cannot_be_read_fails_before_the_first_byte() -> None:
    class Gone(Unread):
        def digest(self, number: int) -> bytes:
            raise LimitError("gone")

        def chunks(self, number: int) -> None:
            return None

    one = sample()
    broken = replace(one, layers=tuple(replace(layer, contents=Gone()) for layer in one.layers))
    out = io.StringIO()
    with pytest.raises(LimitError, match="gone"):
        json_report.write(analyze(broken), out, entries=True)
    assert out.getvalue() == ""

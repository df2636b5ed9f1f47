"""Dive's export format, compared with what dive 0.13.1 wrote for the same image, byte for byte."""

import io

import pytest
from layerscope.analysis.dive import measure
from layerscope.analysis.model import FileType, HistoryStep, Image
from layerscope.report import dive_json

from tests.models import entry, image, layer

SMALL = """\
{
  "layer": [
    {
      "index": 0,
      "id": "aaaa",
      "digestId": "sha256:1",
      "sizeBytes": 9,
      "command": "#(nop) ADD \\u003cx\\u003e \\u0026\\u0026 \\"é\\" ",
      "fileList": [
        {
          "path": "etc/host",
          "typeFlag": 48,
          "linkName": "",
          "size": 9,
          "fileMode": 8389101,
          "uid": 1000,
          "gid": 65534,
          "isDir": false
        },
        {
          "path": "",
          "typeFlag": 0,
          "linkName": "",
          "size": 0,
          "fileMode": 0,
          "uid": 0,
          "gid": 0,
          "isDir": false
        },
        {
          "path": "/lnk\\ufffd",
          "typeFlag": 50,
          "linkName": "a \\u0026 b",
          "size": 0,
          "fileMode": 134218239,
          "uid": 0,
          "gid": 0,
          "isDir": false
        },
        {
          "path": "tmp",
          "typeFlag": 53,
          "linkName": "",
          "size": 0,
          "fileMode": 2148532735,
          "uid": 0,
          "gid": 0,
          "isDir": true
        }
      ]
    },
    {
      "index": 1,
      "id": "bbbb.tar",
      "digestId": "sha256:2",
      "sizeBytes": 1,
      "command": "",
      "fileList": [
        {
          "path": ".wh.tmp",
          "typeFlag": 48,
          "linkName": "",
          "size": 0,
          "fileMode": 420,
          "uid": 0,
          "gid": 0,
          "isDir": false
        },
        {
          "path": "etc/host",
          "typeFlag": 48,
          "linkName": "",
          "size": 1,
          "fileMode": 420,
          "uid": 0,
          "gid": 0,
          "isDir": false
        },
        {
          "path": "",
          "typeFlag": 0,
          "linkName": "",
          "size": 0,
          "fileMode": 0,
          "uid": 0,
          "gid": 0,
          "isDir": false
        }
      ]
    },
    {
      "index": 2,
      "id": "cccc",
      "digestId": "",
      "sizeBytes": 0,
      "command": "(missing)",
      "fileList": []
    }
  ],
  "image": {
    "sizeBytes": 10,
    "inefficientBytes": 10,
    "efficiencyScore": 0.1,
    "fileReference": [
      {
        "count": 2,
        "sizeBytes": 10,
        "file": "/etc/host"
      },
      {
        "count": 2,
        "sizeBytes": 0,
        "file": "/tmp"
      }
    ]
  }
}"""


def small() -> Image:
    return image(
        layer(
            entry("./tmp/", mode=0o1777),
            entry("etc/host:9", mode=0o4755, uid=1000, gid=65534),
            entry("/lnk -> a & b")._replace(name=b"/lnk\xff"),
            name="aaaa/layer.tar",
            diff_id="sha256:1",
        ),
        layer("etc/host:1", ".wh.tmp", name="bbbb.tar", diff_id="sha256:2"),
        layer(name="cccc/layer.tar", diff_id="sha256:3"),
        history=(
            HistoryStep(created_by='/bin/sh -c #(nop) ADD <x> && "é" '),
            HistoryStep(created_by="ENV a=b", empty_layer=True),
            HistoryStep(),
        ),
    )


def written(of: Image) -> str:
    out = io.StringIO()
    dive_json.write(of, measure(of), out)
    return out.getvalue()


def test_an_image_is_written_as_dive_writes_it() -> None:
    assert written(small()) == SMALL


def test_lists_without_items_stay_on_their_line() -> None:
    assert written(image()) == (
        '{\n  "layer": [],\n  "image": {\n    "sizeBytes": 0,\n    "inefficientBytes": 0,\n'
        '    "efficiencyScore": 1,\n    "fileReference": []\n  }\n}'
    )


def test_history_without_a_layer_is_left_out() -> None:
    """dive dies of it."""
    steps = tuple(HistoryStep(created_by=command) for command in ("one", "two", "three"))
    export = written(image(layer("a", name="a.tar", diff_id="sha256:a"), history=steps))
    assert '"command": "one"' in export
    assert "two" not in export


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (0.0, "0"),
        (0.9844212134184309, "0.9844212134184309"),
        (-0.2, "-0.2"),
        (-3.0, "-3"),
        (0.00002, "0.00002"),
        (1e-6, "0.000001"),
        (1.5e-7, "1.5e-7"),
        (1e-10, "1e-10"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
    ],
)
def test_floats_are_written_as_go_writes_them(value: float, text: str) -> None:
    assert dive_json.number(value) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b'\\ "', r'"\\ \""'),
        (b"\b\f\n\r\t", r'"\b\f\n\r\t"'),
        (b"\x01\x1f\x7f", '"\\u0001\\u001f\x7f"'),
        (b"<a> & b", r'"\u003ca\u003e \u0026 b"'),
        ("\u2028\u2029".encode(), r'"\u2028\u2029"'),
        (b"a\xff\xc3", r'"a\ufffd\ufffd"'),
        (b"\xe2\x82", r'"\ufffd\ufffd"'),
        (b"\xed\xa0\x80", r'"\ufffd\ufffd\ufffd"'),
        ("é\ufffd\U0001f600".encode(), '"é\ufffd\U0001f600"'),
        ("half a pair: \ud83d", '"half a pair: \ufffd"'),
    ],
)
def test_strings_are_escaped_as_go_escapes_them(raw: bytes | str, text: str) -> None:
    assert dive_json.quoted(raw) == text


@pytest.mark.parametrize(
    ("kind", "mode", "number"),
    [
        (FileType.REGULAR, 0o644, 0o644),
        (FileType.HARDLINK, 0o600, 0o600),
        (FileType.DIRECTORY, 0o755, 2147484141),
        (FileType.SYMLINK, 0o777, 134218239),
        (FileType.CHARACTER, 0o666, 69206454),
        (FileType.BLOCK, 0o660, 67109296),
        (FileType.FIFO, 0o600, 33554816),
        (FileType.REGULAR, 0o7000, 13631488),
    ],
)
def test_modes_are_numbered_as_go_numbers_them(kind: FileType, mode: int, number: int) -> None:
    assert dive_json.go_mode(kind, mode) == number

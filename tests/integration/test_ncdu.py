"""ncdu's export, opened by ncdu itself."""

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import HistoryStep, Image
from layerscope.loader import open_image
from layerscope.report import ncdu
from layerscope.report.output import write_to
from layerscope.report.subject import Subject

from tests.integration import rootfs
from tests.models import entry, image, layer
from tests.report.sample import sample
from tests.terminals import terminal

NCDU = shutil.which("ncdu")

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(NCDU is None, reason="no ncdu on PATH: nothing to open the export with"),
]

HOSTILE = (
    b"new\nline", b'"q\\', b"\x1b[2J\x00\x7f", "\u202egnp".encode(), b"\xff\xed\xa0\x80", "😀".encode(),
    b"\n" * 20_000,
)  # fmt: skip


def exported(analysis: Analysis, folder: Path) -> Path:
    path = folder / "image.ncdu"
    write_to(str(path), lambda out: ncdu.write(Subject(analysis), out))
    return path


def hostile() -> Image:
    files = [entry(f"{number}:{number}")._replace(name=name) for number, name in enumerate(HOSTILE, 1)]
    deep = "/".join("d" * 1000) + "/file:9"
    one = image(layer(*files, deep, "hard => d", entry("big:1", uid=1 << 40, mtime_ns=-1)))
    return replace(one, history=(HistoryStep(created_by='RUN a/b "\\\n'),))


def screen(path: Path) -> str:
    """What ncdu shows of an export at first, blanks in a row as one: exact sizes, no blocks of a disk."""
    options = ("--ignore-config", "--apparent-size", "--color", "off", "-0", "-f")
    with terminal(*options, path, width=100, command=[str(NCDU)]) as running:
        running.read_until("Apparent size:")
        shown = running.read_until("Items:")
        running.press("q")
        assert running.end() == 0
    return "\n".join(" ".join(line.split()) for line in shown.splitlines())


def test_its_total_is_what_is_stored(tmp_path: Path) -> None:
    linked = image(layer("a:300", "b => a", "d/c:20"), layer("e => a", "d/c:20", ".wh.d:9"))
    shown = screen(exported(analyze(linked), tmp_path))
    assert shown.splitlines()[2:4] == [
        "320.0 B [##############] /0 (no history)",
        "20.0 B [ ] /1 (no history)",
    ]
    assert "Apparent size: 340.0 B Items: 9" in shown


def test_the_demonstration_image_is_shown_by_layer(tmp_path: Path) -> None:
    with open_image(str(rootfs.DEMO)) as opened:
        shown = screen(exported(analyze(opened), tmp_path))
    assert "2.2 MiB [##############] /11 RUN chown -R 1000:1000 ∕bin ∕srv ∕var" in shown
    assert "Apparent size: 4.7 MiB Items:" in shown


@pytest.mark.parametrize("one", [sample(), hostile()], ids=["sample", "hostile"])
def test_it_reads_every_item(one: Image, tmp_path: Path) -> None:
    """As ncdu itself writes it again: with the same names and sizes, in an order of its own."""
    path = exported(analyze(one), tmp_path)
    command = [str(NCDU), "--ignore-config", "-0", "-f", str(path), "-o", "-"]
    done = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "TERM": "xterm"})
    assert done.stderr == b""
    assert items(done.stdout.decode()) == items(path.read_text(encoding="utf-8"))


def items(text: str) -> list[tuple[str, int, int]]:
    """Names and sizes, line by line: the hostile image is too deep for Python's parser."""
    found = (json.loads(line.strip("[],")) for line in text.splitlines()[1:])
    return sorted((one["name"], one.get("asize", 0), one.get("dsize", 0)) for one in found)

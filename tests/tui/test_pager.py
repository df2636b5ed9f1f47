"""A whole file in the pager."""

import contextlib
import signal
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from layerscope.analysis.model import Tell
from layerscope.errors import LayerscopeError, OutputError, SourceError
from layerscope.tui.app import Explorer
from layerscope.tui.pager import PagerScreen, open_in_pager, readable, run_pager, write
from layerscope.tui.session import Session

from tests import models
from tests.tui.files import Held, layer, read, session, version
from tests.tui.screens import screen_text

PAGER = (sys.executable, "-c", "pass")


class Free(NamedTuple):
    free: int


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def text_of(*pieces: bytes) -> str:
    return "".join(readable(pieces))


def test_text_comes_through_as_it_is() -> None:
    assert text_of(b"a\tb\n", b"", b"", "grün\n".encode()) == "a\tb\ngrün\n"
    assert text_of() == ""


def test_what_a_terminal_would_obey_is_escaped() -> None:
    assert text_of("a\x1b]0;title\x07\x9b1m\u202eb\rc\n".encode()) == (
        "a\\x1b]0;title\\x07\\x9b1m\\u202eb\\rc\n"
    )


def test_a_character_or_the_end_of_a_line_may_lie_on_both_sides_of_a_cut() -> None:
    data = "x grün\r\ny\r\n".encode()
    for cut in range(1, len(data)):
        assert text_of(data[:cut], data[cut:]) == "x grün\ny\n", cut


def test_text_in_another_encoding_becomes_utf_8() -> None:
    assert text_of("\ufeffgrün".encode("utf-16-le")) == "grün"
    assert text_of("Straße und Weg".encode("latin-1")) == "Straße und Weg"


def test_a_binary_file_becomes_a_dump_wherever_it_is_cut() -> None:
    expected = (
        "00000000  00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  |................|\n"
        "00000010  10 11 12                                          |...|\n"
    )
    data = bytes(range(19))
    for cut in range(1, 19):
        assert text_of(data[:cut], data[cut:]) == expected


def test_only_the_user_can_read_the_file(tmp_path: Path) -> None:
    write(["a", "grün"], tmp_path / "file")
    assert (tmp_path / "file").read_text("utf-8") == "agrün"
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600


def test_the_disk_is_not_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: Free(64 << 20))
    with pytest.raises(OutputError, match="there is no room"):
        write(["a"], tmp_path / "file")


def test_a_folder_that_cannot_be_written_to_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No such file") as raised:
        write(["a"], tmp_path / "gone" / "file")
    assert "TMPDIR" in raised.value.hint


def test_the_pager_is_told_to_be_careful(tmp_path: Path) -> None:
    out = tmp_path / "out"
    script = (
        "import os, sys; e = os.environ; open(sys.argv[1], 'w').write(e['LESSSECURE'] + sys.argv[2] + e['A'])"
    )
    run_pager([sys.executable, "-c", script, str(out)], Path("file"), {"A": "b"})
    assert out.read_text() == "1fileb"


def test_an_interrupt_is_for_the_pager() -> None:
    script = "import os, signal; os.kill(os.getppid(), signal.SIGINT)"
    before = signal.getsignal(signal.SIGINT)
    run_pager([sys.executable, "-c", script], Path("file"), {})
    assert signal.getsignal(signal.SIGINT) is before


RECORD = """
import os, pathlib, sys
file = pathlib.Path(sys.argv[2])
modes = [oct(os.stat(one).st_mode & 0o777) for one in (file.parent, file)]
pathlib.Path(sys.argv[1]).write_text(f"{file.name} {modes} {file.read_text()}")
"""
"""A pager that writes down what it was given."""


@pytest.fixture
def suspends(monkeypatch: pytest.MonkeyPatch) -> None:
    """An application without a terminal gives it away all the same."""
    monkeypatch.setattr(Explorer, "suspend", lambda _app: contextlib.nullcontext())


async def shown(path: bytes, content: bytes, out: Path) -> str:
    """What the pager is given."""
    opened = session(layer((models.entry("x")._replace(name=path), content), piece=3))
    app = Explorer(opened.analysis)
    async with app.run_test() as pilot:
        open_in_pager(app, opened, version(opened, path)[1], [sys.executable, "-c", RECORD, str(out)])
        while not out.exists() or isinstance(app.screen, PagerScreen):
            await pilot.pause(0.01)
    return out.read_text("utf-8")


@pytest.mark.usefixtures("suspends")
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"etc/passwd", "passwd"),
        (b"a/.env", "env"),
        (b"a/-R", "R"),
        ("a/g\x1br\u202eün.py".encode(), "g_r_n.py"),
        (b"a/\xff", "_"),
        (b"x" * 300 + b".py", "x" * 97 + ".py"),
    ],
)
async def test_the_file_is_named_after_the_path_without_harm_and_gone_afterwards(
    path: bytes, expected: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert await shown(path, b"some text", out) == f"{expected} ['0o700', '0o600'] some text"
    assert list(tmp_path.iterdir()) == [out]


def _open(error: LayerscopeError | None = None) -> tuple[Explorer, Session]:
    opened = session(layer("d/", ("a", b"text" * 100), piece=1, error=error))
    return Explorer(opened.analysis), opened


async def test_a_terminal_that_cannot_be_handed_over_is_said_and_nothing_stays(tmp_path: Path) -> None:
    app, opened = _open()
    async with app.run_test(notifications=True) as pilot:
        open_in_pager(app, opened, version(opened, b"a")[1], PAGER)
        await pilot.pause()
        while isinstance(app.screen, PagerScreen):
            await pilot.pause(0.01)
        assert "cannot be handed over" in screen_text(app)
    assert list(tmp_path.iterdir()) == []


async def test_a_pager_that_is_not_there_and_what_is_no_file_is_said() -> None:
    app, opened = _open()
    async with app.run_test(notifications=True) as pilot:
        open_in_pager(app, opened, version(opened, b"a")[1], ["no-such[pager\x1b"])
        open_in_pager(app, opened, version(opened, b"d")[1], PAGER)
        await pilot.pause()
        text = screen_text(app)
        assert "The pager no-such[pager\\x1b" in text
        assert "Only files can be opened" in text
        assert not isinstance(app.screen, PagerScreen)


async def test_an_error_stays_until_the_user_leaves(tmp_path: Path) -> None:
    app, opened = _open(SourceError("it has[gone by", "Save it."))
    async with app.run_test() as pilot:
        open_in_pager(app, opened, version(opened, b"a")[1], PAGER)
        await read(pilot)
        assert "it has[gone by" in screen_text(app)
        assert "Save it." in screen_text(app)
        await pilot.press("escape")
        assert not isinstance(app.screen, PagerScreen)
    assert list(tmp_path.iterdir()) == []


async def test_the_reading_can_be_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Held, "_pieces", _endless)
    app, opened = _open()
    async with app.run_test() as pilot:
        open_in_pager(app, opened, version(opened, b"a")[1], PAGER)
        await pilot.press("escape")
        assert not isinstance(app.screen, PagerScreen)
    assert list(tmp_path.iterdir()) == []


def _endless(_held: Held, _number: int, tell: Tell) -> Iterator[bytes]:
    while True:
        tell(1)
        time.sleep(0.005)
        yield b"x"

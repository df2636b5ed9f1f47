"""What a program painted is read from its bytes; when an explorer can be used is told from it."""

import sys

import pytest

from benchmarks.explorer import is_dive_open, is_open
from benchmarks.rounds import Command, measure
from benchmarks.screen import Screen


def painted(*pieces: bytes, width: int = 12, height: int = 3) -> list[str]:
    screen = Screen(width, height)
    for piece in pieces:
        screen.feed(piece)
    return screen.rows


@pytest.mark.parametrize(
    ("written", "rows"),
    [
        (b"one\r\ntwo", ["one", "two", ""]),
        (b"one\ntwo", ["one", "   two", ""]),
        (b"\x1b[2;3Htwo\x1b[Hone", ["one", "  two", ""]),
        (b"\x1b[1;38;5;253;48;5;233mone\x1b[0m", ["one", "", ""]),
        (b"abc\x1b[2DX\x1b[B\x1b[Gd", ["aXc", "d", ""]),
        (b"abc\x1b[1;2H\x1b[K", ["a", "", ""]),
        (b"abc\x1b[H\x1b[2Jd", ["d", "", ""]),
        (b"\x1b[3dx\x1b[9;99Hy", ["", "", "x          y"]),
        (b"\x1b]0;title\x07\x1bP1$r\x1b\\\x1b(B\x1b=\x1b[>25u\x1b[?2026$pa", ["a", "", ""]),
        ("日本 e\u0301".encode(), ["日本 e", "", ""]),
        (b"0123456789abcdef", ["0123456789ab", "", ""]),
    ],
)
def test_the_screen_is_what_a_terminal_would_show(written: bytes, rows: list[str]) -> None:
    assert painted(written) == rows


def test_pieces_may_end_anywhere() -> None:
    whole = "\x1b[2;3Hé\x1b[38;5;1m日\x1b]0;t\x07x".encode()
    assert painted(*(bytes([byte]) for byte in whole)) == painted(whole) == ["", "  é日x", ""]


def shown(text: str) -> Screen:
    screen = Screen(60, 6)
    screen.feed(text.replace("\n", "\r\n").encode())
    return screen


OURS = """\
 image:1  linux/amd64  9 MB  efficiency 86.18 %
│▶  0 ███     9 MB RUN make │ this layer  sort size ▼
│                           │ + drwxr-xr-x 0:0  9 MB ▸ var
│
│
tab Pane  q Quit"""
DIVE = """\
┃ ● Layers ┣━━━
Cmp  Size          Permission  UID:GID  Size  Filetree
     9 MB FROM a   drwxr-xr-x      0:0  9 MB  ├── var

Image efficiency score: 86 %
▏^C Quit"""


def test_an_explorer_can_be_used_once_figures_layers_tree_and_keys_are_there() -> None:
    assert (is_open(shown(OURS)), is_dive_open(shown(DIVE))) == (True, True)


@pytest.mark.parametrize("missing", ["efficiency", "▶", "sort size", "drwxr-xr-x", "Quit"])
def test_ours_cannot_while_a_part_is_missing(missing: str) -> None:
    assert not is_open(shown(OURS.replace(missing, "")))


@pytest.mark.parametrize("missing", ["86 %", "Layers", "Filetree", "drwxr-xr-x", "Quit"])
def test_dive_cannot_while_a_part_is_missing(missing: str) -> None:
    assert not is_dive_open(shown(DIVE.replace(missing, "")))


PROGRAM = """
import sys, time, tty
tty.setcbreak(0)
assert sys.stdin.isatty() and open("/dev/tty")
print("loading", flush=True)
time.sleep(0.2)
print("\\x1b[5;5Hready", flush=True)
assert sys.stdin.read(1) == "q"
time.sleep(0.5)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_full_screen_program_is_measured_until_it_is_ready_and_then_quit() -> None:
    command = Command(
        "program", (sys.executable, "-c", PROGRAM), proof=b"ready",
        ready=lambda screen: screen.rows[4:5] == ["    ready"],
    )  # fmt: skip
    (result,) = measure([command], runs=1, warm_ups=0)
    assert (result.failures, len(result.runs)) == ([], 1)
    assert result.seconds is not None
    assert 0.2 <= result.seconds < 0.65
    assert result.peak_bytes


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_program_that_ends_before_it_is_ready_has_failed() -> None:
    command = Command("program", (sys.executable, "-c", "print('no')"), proof=b"x", ready=lambda _: False)
    (result,) = measure([command], runs=1, warm_ups=0)
    assert result.failure == "failed (0): no"

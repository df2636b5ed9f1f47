"""Whatever an image is called and holds: what the explorer writes to a terminal is its own, byte for byte."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.images import Image, docker_archive, step
from tests.tars import directory, file, hardlink, layer, symlink, whiteout

if sys.platform == "win32":
    pytest.skip("no pseudo-terminals", allow_module_level=True)

from benchmarks.screen import Screen
from tests.tui.conftest import DEMO
from tests.tui.escapes import Stream, read
from tests.tui.terminal import Terminal

SIZES = [(80, 24), (160, 48)]

MARKUP = ("[red]x", "[/foo]", "[@click=app.bell]x[/]", "[bold", "]", "\\[b]", "$text", "[link=file:///]x")
SEQUENCES = (
    "\x1b]0;PWNED\x07", "\x1b[2J", "\x1b[8m", "\x1b[?1049l", "\x1b[99;99H", "\x1b]52;c;SGFja2Vk\x07",
    "\x1b]8;;http://pwned/\x1b\\x", "\x1bP+q544e\x1b\\", "\x1bc", "\x1b", "\x07", "\x08\x08", "\x0e", "\x7f",
    "\x9b31m", "\x90q\x9c", "\x9d0;PWNED\x9c", "new\nline", "car\rriage", "tab\there",
)  # fmt: skip
UNSEEN = ("\u202egnp.exe", "\u2066a\u2069", "a\u200db", "\ufeffa", "a\u2028b", "\ue000", "\xad", "\U000e0041")
WIDE = ("漢字" * 30, "e" + "\u0301" * 40, "\U0001f468\u200d\U0001f469\u200d\U0001f467", "한글", "n" * 4000)
TEXTS = MARKUP + SEQUENCES + UNSEEN + WIDE
BYTES = (b"\xff\xfe", b"\x9b31m", b"\x90q\x9c", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80")
"""Names that are not UTF-8: bare C1 bytes, a surrogate, too high a code."""
NAMES = tuple(text.encode() for text in TEXTS) + BYTES


def hostile_image() -> Image:
    """Two layers, so that there are changes, waste and differences.

    A NUL is in texts only: no archive with one in a path is read.
    """
    content = "\n".join(TEXTS).encode() + b"\n".join(BYTES)
    below, above = [], []
    for number, name in enumerate(NAMES):
        place = b"%02d" % number + name[:40]  # what lies behind a slash is a name of its own
        below += [
            directory(place),
            file(place + b"/" + name, content * 9, xattrs={f"user.{number}": name}, uname=name[:30]),
            file(place + b"/kept", content),
            hardlink(place + b"/hard" + name, place + b"/kept"),
            symlink(place + b"/link", name),
        ]
        above += [
            file(place + b"/" + name, content * 10 + b"%d" % number, xattrs={f"user.{_key(name)}": name}),
            whiteout(place + b"/link"),
        ]
    command = "RUN " + " && ".join(TEXTS) + " \ud800 \0"
    return Image(
        [layer(*below), layer(*above)],
        tags=["hostile/[red]x:\x1b]0;PWNED\x07\u202e1"],
        platform="linux\x1b[2J/[/foo]",
        history=[step(command, author="\x1b[2J[red]x", comment="\x9b31m"), step("COPY " + command)],
        config={
            "Env": [f"A{number}={text}" for number, text in enumerate(TEXTS)] + [*TEXTS],
            "Labels": dict(zip(TEXTS, reversed(TEXTS), strict=True)),
            "Entrypoint": [*TEXTS],
            "Cmd": [*TEXTS],
            "User": "\x1b[2J[red]x",
            "WorkingDir": "/\x1b]0;PWNED\x07[/foo]",
            "ExposedPorts": {text: {} for text in TEXTS},
            "Volumes": {text: {} for text in TEXTS},
        },
    )


def _key(name: bytes) -> str:
    return name.decode("utf-8", "replace").replace("=", "")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "\x1b]0;PWNED\x07[red]x\u202e.tar"
    path.write_bytes(docker_archive(hostile_image()))
    return path


class Explored(NamedTuple):
    """What came of a visit."""

    terminal: Terminal
    columns: int
    rows: int

    def stream(self) -> Stream:
        return read(self.terminal.written, self.columns, self.rows)


@pytest.fixture(params=SIZES, ids="x".join(["%d", "%d"]).__mod__)
def explored(request: pytest.FixtureRequest, archive: Path, tmp_path: Path) -> Iterator[Explored]:
    columns, rows = request.param
    argv = [sys.executable, "-m", "layerscope", str(archive)]
    with Terminal(argv, columns=columns, rows=rows, home=tmp_path) as terminal:
        terminal.wait_for(is_open)
        yield Explored(terminal, columns, rows)


def is_open(screen: Screen) -> bool:
    return "Waste" in screen.rows[-1] and "eff" in screen.rows[0]


def check(explored: Explored, keys: Sequence[str]) -> None:
    """Press the keys, then leave from wherever they led: what was written is Textual's, to the last byte."""
    terminal = explored.terminal
    for key in keys:
        terminal.press(key)
        assert terminal.is_alive, f"{key} ended it:\n{terminal.screen.text}"
    shown = terminal.screen.text
    terminal.press("ctrl+q")  # leaves from everywhere
    assert (terminal.ended(), problems(explored.stream())) == (0, []), shown


def problems(stream: Stream) -> list[str]:
    """What of a whole run is not Textual's own."""
    copied = [f"copied {text!r}" for text in stream.copied if text == "Hacked"]
    screens = [mode for mode in stream.modes if "1049" in mode]
    left = [] if screens == ["?1049h", "?1049l"] else [f"the screen was left: {screens}"]
    return stream.foreign + copied + left


ON_A_FILE = ["tab", "tab", "X", "down"]
"""In the file tree, all open, on the file in the first directory."""

MAIN = [
    "down", "up", "tab", "pagedown", "tab", "a", "]", "[", "X", *["down"] * 4, "pagedown", "end", "s", "home",
]  # fmt: skip

VIEWS = {
    "orders": [*ON_A_FILE, *"ssssS15n", "N", "b", "c", "u", "space", "left", "left", "right"],
    "filter": ["/", *"red]", "enter", "escape", "/", *"/[/", "backspace", "backspace", *"\\x1b/", "escape"],
    "copy": ["y", "Y", "tab", "y", "Y", "tab", *ON_A_FILE[2:], *["y", "down"] * 5],
    "waste": ["w", "down", "down", "pagedown", "end", "home", "enter"],
    "findings": ["F", "down", "c", "tab", "down", "pagedown", "end", "home", "tab", "end", "enter"],
    "what if": ["F", "space", "W", "down", "pagedown", "escape", "A", "W", "escape"],
    "packages": ["p", "down", "c", "end", "tab", "space", "down", "tab", "space", "/", "x", "enter", "enter"],
    "treemap": ["t", "down", "right", "enter", "enter", "escape"],
    "history": ["H", "down", "pagedown", "end", "home", "enter"],
    "image": ["I", "pagedown", "pagedown", "pagedown", "end", "home", "escape"],
    "find": ["f", *"red]", "down", "down", "enter"],
    "view": [*ON_A_FILE, "v", "pagedown", "end", "home", "escape", "down", "enter"],
    "diff": [*ON_A_FILE, "d", "pagedown", "end", "home", "escape"],
    "explain": ["i", "escape", "tab", "i", "escape", *ON_A_FILE[1:], "i", "down", "escape"],
    "extract": [*ON_A_FILE, "x", "enter", "escape"],
    "export": ["e", "down", "tab", "escape"],
    "help": ["?", "pagedown", "end", "escape"],
    "palette": ["ctrl+p", *"export", "down", "enter", "escape"],
}  # fmt: skip


def test_layers_details_and_tree(explored: Explored) -> None:
    explored.terminal.press(*MAIN)
    shown = explored.terminal.screen.text
    check(explored, ["escape"])
    # Markup in names is text: nothing of it is missing.
    for name in ("00[red]x", "01[", "02[@click=app.bell]x[", r":\x1b]0;PWNED\x07"):
        assert name in shown


@pytest.mark.slow
@pytest.mark.parametrize("keys", VIEWS.values(), ids=VIEWS)
def test_every_view(explored: Explored, keys: list[str]) -> None:
    check(explored, keys)


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids="x".join(["%d", "%d"]).__mod__)
@pytest.mark.parametrize("turned", [False, True], ids=["added", "removed"])
def test_two_images(archive: Path, tmp_path: Path, size: tuple[int, int], turned: bool) -> None:
    pair = [str(DEMO), str(archive)][:: -1 if turned else 1]
    argv = [sys.executable, "-m", "layerscope", "compare", *pair]
    with Terminal(argv, columns=size[0], rows=size[1], home=tmp_path) as terminal:
        terminal.wait_for(lambda screen: "Next list" in screen.rows[-1])
        visit = ["down", "y", "down", "y", "end", "J", "K", "tab"] * 6
        check(
            Explored(terminal, *size),
            [*visit, "/", *"red]", "enter", "tab", "enter", "D", "o", *"[/x]", "enter"],
        )


@pytest.mark.parametrize("text", [*SEQUENCES, *UNSEEN])
def test_the_reader_would_find_it(text: str) -> None:
    assert problems(read(f"\x1b[?1049ha{text}b\x1b[?1049l".encode(), 80, 24))


@pytest.mark.parametrize(
    "written",
    [b"\xff", b"\x1b[5m", b"\x1b[38;5mx", b"\x1b[1;81H", b"\x1b[A", b"\x1b]52;c;Gw==\x07", b"\x1b]0;a\x07"],
)
def test_the_reader_is_strict(written: bytes) -> None:
    assert read(written, 80, 24).foreign


def test_the_reader_knows_what_textual_writes() -> None:
    written = "\x1b[?1049h\x1b[>25u\x1b[?2026$p\x1b]22;default\x07\x1b[2;9H"
    written += "\x1b[1;38;5;253;48;2;1;2;3mé\x1b[0m\r\n\x1b[1;1H"
    copied = b"\x1b]52;c;L2V0Yw==\x07"
    assert read(written.encode() + copied, 80, 24) == ([], ["/etc"], ["?1049h"])

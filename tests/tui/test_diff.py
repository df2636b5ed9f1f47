"""What a layer changed in a path."""

import time
from collections.abc import Iterator

import pytest
from layerscope.analysis.model import Layer, Tell
from layerscope.errors import SourceError
from layerscope.tui.diff import DiffScreen

from tests import models
from tests.tui.files import Held, layer, read, session, version
from tests.tui.screens import Host, screen_text


async def shown(
    *layers: Layer, path: bytes = b"a", keys: tuple[str, ...] = (), size: tuple[int, int] = (80, 24)
) -> list[str]:
    """The screen below the header, after some keys; the versions above a path's first are compared."""
    opened = session(*layers)
    app = Host(DiffScreen(opened, *version(opened, path)))
    async with app.run_test(size=size) as pilot:
        await read(pilot)
        await pilot.press(*keys)
        await pilot.pause()
        return screen_text(app).splitlines()[1:]


async def test_a_text_that_changed() -> None:
    assert await shown(layer(("a", b"x\nold\n\ty\n")), layer(("a", b"x\nnew\n\ty\n")), size=(80, 14)) == [
        " /a",
        " - layer 0  RUN step 0",
        " + layer 1  RUN step 1",
        "metadata is the same",
        "",
        "@@ -1,3 +1,3",
        " x",
        "-old",
        "+new",
        "         y",
        "",
        "",
        "esc Back n Next N Previous y Copy path",
    ]


async def test_metadata_alone() -> None:
    old, new = models.entry("a", 0o600), models.entry("a", 0o640, 5)
    assert (await shown(layer((old, b"text")), layer((new, b"text"))))[3:8] == [
        "mode       0600 -rw------- → 0640 -rw-r-----",
        "owner      0:0 → 5:0",
        "",
        "content is the same: 4 bytes compared",
        "",
    ]


async def test_what_is_not_two_files_has_metadata_only() -> None:
    assert (await shown(layer("a -> b"), layer("a -> [c]\x1b")))[3:5] == [
        "link to    b → [c]\\x1b", "",
    ]  # fmt: skip
    assert (await shown(layer(("a", b"text")), layer("a/")))[3:7] == [
        "type       file → directory",
        "size       4 bytes → (none)",
        "mode       0644 -rw-r--r-- → 0755 -rwxr-xr-x",
        "",
    ]


async def test_there_may_be_no_version_below() -> None:
    assert "There is no version below: layer 0 added this path." in await shown(layer(("a", b"x")))
    assert "There is no version below: layer 1 had removed it before layer 2 added it." in await shown(
        layer(("a", b"x")), layer(".wh.a"), layer(("a", b"y"))
    )


async def test_of_what_a_layer_removed_there_is_nothing_on_the_other_side() -> None:
    opened = session(layer(("a", b"x")), layer(("b", b"y")), layer(".wh.a"))
    app = Host(DiffScreen(opened, *version(opened, b"a"), removed=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await read(pilot)
        assert screen_text(app).splitlines()[1:5] == [
            " /a",
            " - layer 0  RUN step 0",
            " removed by layer 2  RUN step 2",
            "Removed here: layer 2 put nothing in the place of what layer 0 left.",
        ]


async def test_hostile_lines_are_harmless() -> None:
    rows = await shown(layer(("a", b"x\n")), layer(("a", "\x1b[2J\u202e[red]\r\n".encode())))
    assert "+\\x1b[2J\\u202e[red]\\r" in rows


async def test_from_change_to_change() -> None:
    text = [f"{number}\n" for number in range(100)]
    new = [*text[:10], *text[11:60], *text[61:]]
    opened = session(layer(("a", "".join(text).encode())), layer(("a", "".join(new).encode())))
    screen = DiffScreen(opened, *version(opened, b"a"))
    async with Host(screen).run_test() as pilot:
        await read(pilot)
        cursors = []
        for key in "nnnN":
            await pilot.press(key)
            cursors.append(screen.lines.rows[screen.lines.cursor].text)
        assert cursors == ["-8,7 +8,6", "-58,7 +57,6", "-58,7 +57,6", "-8,7 +8,6"]
        await pilot.press("y")
        assert screen.app.clipboard == "/a"


async def test_metadata_is_told_even_if_the_contents_have_gone_by() -> None:
    gone = SourceError("it has gone by", "Save it.")
    rows = await shown(layer((models.entry("a", 0o600), b"x"), error=gone), layer(("a", b"y"), error=gone))
    assert "mode       0600 -rw------- → 0644 -rw-r--r--" in rows
    assert any("it has gone by" in row for row in rows)
    assert any("Save it." in row for row in rows)


@pytest.mark.parametrize("key", ["escape", "q", "d"])
async def test_leaving(key: str) -> None:
    opened = session(layer(("a", b"x")), layer(("a", b"y")))
    app = Host(DiffScreen(opened, *version(opened, b"a")))
    async with app.run_test() as pilot:
        await read(pilot)
        await pilot.press(key)
        assert app.left == [None]


async def test_escape_ends_the_reading_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Held, "_pieces", _slow)
    opened = session(layer(("a", bytes(1_000_000))), layer(("a", bytes(1_000_000) + b"x")))
    app = Host(DiffScreen(opened, *version(opened, b"a")))
    async with app.run_test() as pilot:
        await pilot.pause(0.1)
        assert "of 2.00 MB" in screen_text(app)
        await pilot.press("escape")
        assert "have not been compared: cancelled" in screen_text(app)
        await pilot.press("escape")
        assert app.left == [None]


def _slow(_held: Held, _number: int, tell: Tell) -> Iterator[bytes]:
    for _ in range(1000):
        tell(1000)
        time.sleep(0.005)
        yield bytes(1000)

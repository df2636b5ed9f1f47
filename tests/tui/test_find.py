"""Find: a name in all layers, answered while one types."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.model import Image
from layerscope.analysis.view import Scope
from layerscope.tui.app import Explorer
from layerscope.tui.explorer import ExplorerScreen
from layerscope.tui.find import FindScreen, FoundList
from layerscope.tui.session import Jump, Session
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.models import image, layer
from tests.tui.screens import Host, lines_text, screen_text

BUILD = image(
    layer("etc/", "etc/ssl/key.pem:900", "app/key.db:5000000", "lib/keys/", "lib/keys/one:10"),
    layer("etc/ssl/.wh.key.pem", "app/key.db:20"),
    layer("app/key.db:30", "lib/", "lib/keys/", "etc/turnkey:7"),
)


@asynccontextmanager
async def find_in(
    opened: Image, text: str = "", *keys: str, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Pilot[Any], FindScreen, Host]]:
    screen = FindScreen(Session(analyze(opened, keep_past=True)).prepare())
    app = Host(screen)
    async with app.run_test(size=size) as pilot:
        await app.workers.wait_for_complete()
        screen.query_one(Input).value = text
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        yield pilot, screen, app


def found(screen: FindScreen) -> list[str]:
    return lines_text(screen.query_one(FoundList)).splitlines()


def state(screen: FindScreen) -> str:
    return str(screen.query_one("#state", Static).visual)


# What it shows


async def test_it_answers_while_one_types_deleted_and_overwritten_files_too() -> None:
    async with find_in(BUILD, "key") as (_, screen, app):
        assert screen_text(app).splitlines()[:7] == [
            " test  5.00 MB  eff 0.01 %  wasted 5.00 MB",
            " key",
            " 4 found; by size; enter goes to the layer",
            " 5.00 MB /app/key.db                                 0-2 overwritten by 1    3x",
            "   900 B /etc/ssl/key.pem                              0 removed by 1",
            "     7 B /etc/turnkey                                  2 live",
            "     0 B /lib/keys/                                  0-2 live                2x",
        ]
        assert screen_text(app).splitlines()[-5:] == [
            "─" * 80,
            "   0 + added                     5.00 MB  wasted  (no history)",
            "   1 ~ changed                      20 B  wasted  (no history)",
            "   2 ~ changed                      30 B  live    (no history)",
            "esc Close",
        ]
        assert len(found(screen)) == 4


async def test_a_wide_terminal_has_room_for_whole_paths() -> None:
    long = "/".join(["directory"] * 9)
    async with find_in(image(layer(f"{long}/key:1")), "key", size=(160, 48)) as (_, screen, _app):
        assert f"/{long}/key " in found(screen)[0]


async def test_a_narrow_terminal_has_the_path_and_what_became_of_it() -> None:
    async with find_in(BUILD, "key", size=(40, 10)) as (_, screen, _app):
        assert found(screen)[0] == " 5.00 MB /app/key.db  overwritten by 1"


async def test_nothing_typed_and_nothing_found_are_said() -> None:
    async with find_in(BUILD) as (pilot, screen, _):
        assert state(screen) == "every path of every layer, deleted ones too"
        screen.query_one(Input).value = "nowhere"
        await pilot.pause()
        assert state(screen) == "nothing found"
        assert found(screen) == []


async def test_a_term_that_means_nothing_is_said_and_what_was_found_stays() -> None:
    async with find_in(BUILD, "key") as (pilot, screen, _):
        screen.query_one(Input).value = "key /(/"
        await pilot.pause()
        assert state(screen).startswith("/(/ is no regular expression")
        assert len(found(screen)) == 4
        screen.query_one(Input).value = "key"
        await pilot.pause()
        assert state(screen).startswith("4 found")


async def test_of_too_many_the_first_are_listed_and_all_are_counted() -> None:
    many = layer(*(f"key{number}" for number in range(5100)))
    async with find_in(image(many), "key") as (_, screen, _app):
        assert state(screen) == "5,100 found, the first 5,000 are listed; by size; enter goes to the layer"
        assert screen.results.count() == 5000


async def test_hostile_names_and_terms_are_harmless_text() -> None:
    evil = image(layer("key[red]\x1b[2J\u202e字\n[bold]:5", "k" * 4000))
    async with find_in(evil, "k", size=(100, 24)) as (pilot, screen, _):
        assert found(screen)[0].split()[2] == "/key[red]\\x1b[2J\\u202e字\\n[bold]"
        assert "…" in found(screen)[1]
        screen.query_one(Input).value = "kind:[red]\x1b"
        await pilot.pause()
        assert state(screen).startswith("kind:[red]\\x1b means nothing")


async def test_an_image_without_layers_has_nothing_to_find() -> None:
    async with find_in(image(), "key", "down", "enter") as (_, screen, app):
        assert state(screen) == "nothing found"
        assert app.left == []


# Keys


async def test_down_goes_to_the_list_and_slash_back_to_the_line() -> None:
    async with find_in(BUILD, "key", "down", "down") as (pilot, screen, _):
        assert (screen.results.has_focus, screen.results.cursor) == (True, 1)
        await pilot.press("slash", "end", "x")
        assert screen.query_one(Input).value == "keyx"


async def test_enter_on_the_line_goes_to_the_list_if_there_is_one() -> None:
    async with find_in(BUILD, "nowhere", "enter") as (pilot, screen, _):
        assert not screen.results.has_focus
        await pilot.press("ctrl+u", *"key", "enter")
        assert screen.results.has_focus


async def test_s_sorts_by_path_and_by_size_again() -> None:
    async with find_in(BUILD, "key", "down", "s") as (pilot, screen, _):
        assert [line.split()[2] for line in found(screen)] == [
            "/app/key.db",
            "/etc/ssl/key.pem",
            "/etc/turnkey",
            "/lib/keys/",
        ]
        assert "by path" in state(screen)
        await pilot.press("s")
        assert "by size" in state(screen)


async def test_letters_that_are_keys_of_the_list_can_be_typed() -> None:
    async with find_in(image(layer("sfq/x:1")), "", *"sfq") as (_, screen, app):
        assert found(screen) == ["     0 B /sfq/                                         0 live"]
        assert app.left == []


@pytest.mark.parametrize(
    ("line", "jump"),
    [
        (0, Jump(2, b"app/key.db", Scope.CHANGES)),
        (1, Jump(0, b"etc/ssl/key.pem", Scope.CHANGES)),
        (3, Jump(2, b"lib/keys", Scope.UP_TO)),
    ],
)
async def test_enter_goes_to_the_layer_that_wrote_the_path_last(line: int, jump: Jump) -> None:
    async with find_in(BUILD, "key", "enter", *["down"] * line, "enter") as (_, _screen, app):
        assert app.left == [jump]


async def test_the_explorer_shows_the_path_it_was_sent_to() -> None:
    app = Explorer(analyze(BUILD, keep_past=True))
    async with app.run_test(size=(80, 24)) as pilot:
        main = app.screen
        assert isinstance(main, ExplorerScreen)
        for name in (b"etc/ssl/key.pem", b"lib/keys"):
            screen = FindScreen(main.session)
            await app.push_screen(screen, main.jump)
            await app.workers.wait_for_complete()
            screen.query_one(Input).value = f"/{name.decode()}$/"
            await pilot.pause()
            await pilot.press("enter", "enter")
            await pilot.pause()
            assert main.session.timeline.name(main.files.path) == name


@pytest.mark.parametrize("keys", [["escape"], ["down", "escape"], ["down", "f"], ["down", "q"]])
async def test_it_closes_with_escape_from_the_line_and_with_its_key_from_the_list(keys: list[str]) -> None:
    async with find_in(BUILD, "key", *keys) as (_, _screen, app):
        assert app.left == [None]

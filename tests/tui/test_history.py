"""The history: every step, whole, and the layer it made."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from layerscope.analysis.analyze import analyze
from layerscope.analysis.model import HistoryStep, Image
from layerscope.tui.history import HistoryScreen
from layerscope.tui.session import Jump, Session
from layerscope.tui.step_list import StepList
from textual.pilot import Pilot
from textual.widgets import Static

from tests.models import image, layer
from tests.tui.screens import Host, lines_text, screen_text

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

BUILD = image(
    layer("bin/sh:1000000", "etc/key:40000"),
    layer("etc/.wh.key", "app/main:2000"),
    history=(
        HistoryStep("2026-10-01T00:00:00Z", "/bin/sh -c #(nop) ADD file:0123 in / ", "Ann <a@b.c>", "base"),
        HistoryStep("0001-01-01T00:00:00Z", "ENV A=1", empty_layer=True, comment="buildkit.dockerfile.v0"),
        HistoryStep("someday", "RUN /bin/sh -c apt-get update && \tapt-get install -y " + "package " * 12),
    ),
)


@asynccontextmanager
async def history_of(
    opened: Image, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Pilot[Any], HistoryScreen, list[Jump | None]]]:
    screen = HistoryScreen(Session(analyze(opened, keep_past=True)).prepare(), NOW)
    app = Host(screen)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot, screen, app.left


def steps(screen: HistoryScreen) -> str:
    return lines_text(screen.query_one(StepList))


# What it shows


async def test_every_step_is_shown_whole_with_its_layer_date_and_bytes() -> None:
    async with history_of(BUILD) as (pilot, screen, _):
        assert steps(screen) == (
            "▶ layer 0    1.04 MB  40.0 kB wasted   2026-10-01 00:00  1 month ago\n"
            "│   ADD … /\n"
            "│   author Ann <a@b.c>\n"
            "│   comment base\n"
            "\n"
            "  empty                                0001-01-01 00:00\n"
            "    ENV A=1\n"
            "\n"
            "  layer 1    2.00 kB                   someday\n"
            "    RUN apt-get update &&   apt-get install -y package package package package\n"
            "    package package package package package package package package"
        )
        shown = screen_text(pilot.app).splitlines()
        assert shown[1] == " History  3 steps, 2 layers, oldest first; enter goes to the layer"
        assert shown[-1].startswith("r Reverse Y Copy the command esc Close")


async def test_a_wide_terminal_breaks_fewer_lines() -> None:
    async with history_of(BUILD, (160, 48)) as (_, screen, _left):
        assert len(steps(screen).splitlines()) == 10


async def test_the_newest_step_comes_first_on_request_and_the_cursor_stays_on_its_step() -> None:
    async with history_of(BUILD) as (pilot, screen, _):
        await pilot.press("down", "r")
        assert [line[:9].strip() for line in steps(screen).splitlines() if line[2:3].strip()] == [
            "layer 1",
            "▶ empty",
            "layer 0",
        ]
        assert "newest first" in screen_text(pilot.app)
        await pilot.press("r")
        assert steps(screen).startswith("  layer 0")


async def test_what_does_not_fit_together_is_said() -> None:
    step = HistoryStep(created_by="RUN x")
    async with history_of(image(layer("a:1"), history=(step, step, step))) as (_, screen, _left):
        note = screen.query_one("#notes", Static).visual
        assert str(note) == "The history is longer than the image: 2 steps should have a layer."
        assert "  no layer" in steps(screen)
    async with history_of(image(layer("a:1"), layer("b:1"), history=(step,))) as (_, screen, _left):
        note = screen.query_one("#notes", Static).visual
        assert str(note) == "The history does not tell how 1 layer came about."
        assert "  layer 1        1 B\n    (no history)" in steps(screen)


async def test_an_image_without_steps_and_layers_has_an_empty_history() -> None:
    async with history_of(image()) as (pilot, screen, left):
        await pilot.press("down", "up", "pagedown", "pageup", "G", "g", "enter", "Y", "r")
        assert steps(screen) == ""
        await pilot.press("escape")
        assert left == [None]


async def test_hostile_steps_are_harmless_text() -> None:
    evil = HistoryStep("\x1b[2J", "RUN [red]x[/] \x1b]0;x\x07 \u202e\x9b", "[/bad]", "\nline")
    async with history_of(image(layer("a:1"), history=(evil,)), (120, 24)) as (pilot, screen, _):
        shown = steps(screen)
        assert "[red]x[/] \\x1b]0;x\\x07 \\u202e\\x9b" in shown
        assert "author [/bad]" in shown
        assert "comment \\nline" in shown
        assert shown.splitlines()[0].endswith("\\x1b[2J")
        await pilot.press("Y")
        assert pilot.app.clipboard == "RUN [red]x[/] \\x1b]0;x\\x07 \\u202e\\x9b"


async def test_a_megabyte_of_command_is_cut_with_a_note_and_freezes_nothing() -> None:
    long = HistoryStep(created_by="RUN " + "字\t" * 500_000)
    started = time.perf_counter()
    async with history_of(image(layer("a:1"), history=(long,) * 20)) as (pilot, screen, _):
        await pilot.press("G", *["pagedown"] * 12, "Y")
        assert steps(screen).endswith("│   (996,003 more characters)")
        assert len(pilot.app.clipboard) < 300_000
    assert time.perf_counter() - started < 5


async def test_a_history_of_a_hundred_thousand_steps_is_cut_with_a_note() -> None:
    many = (HistoryStep(created_by="ENV A", empty_layer=True),) * 100_000
    async with history_of(image(history=many)) as (_, screen, _left):
        assert str(screen.query_one("#notes", Static).visual) == "Only the first 5,000 steps are shown."
        assert len(screen.steps.items) == 5000


async def test_a_tiny_terminal_shows_it_too() -> None:
    async with history_of(BUILD, (40, 10)) as (pilot, screen, _):
        assert steps(screen).startswith("▶ layer 0    1.04 MB  40.0 kB wasted\n")
        await pilot.press(*["down"] * 8)
        assert steps(screen).endswith("│   package")


# Keys


async def test_the_cursor_goes_from_step_to_step() -> None:
    async with history_of(BUILD) as (pilot, screen, _):
        places = [screen.steps.item]
        for key in ("down", "j", "down", "up", "k", "G", "g", "end", "home", "pagedown", "pageup"):
            await pilot.press(key)
            places.append(screen.steps.item)
        assert places == [0, 1, 2, 2, 1, 0, 2, 0, 2, 0, 2, 0]


async def test_a_step_taller_than_the_screen_is_scrolled_through() -> None:
    tall = HistoryStep(created_by="\n".join(f"line {number}" for number in range(60)))
    after = HistoryStep(created_by="RUN after")
    async with history_of(image(layer("a:1"), layer("b:1"), history=(tall, after))) as (pilot, screen, _):
        seen = set(steps(screen).split("\n"))
        presses = 0
        while screen.steps.item == 0:
            await pilot.press("pagedown")
            seen |= set(steps(screen).split("\n"))
            presses += 1
        assert {f"│   line {number}" for number in range(60)} <= seen
        assert 3 <= presses <= 5
        await pilot.press("up")
        assert screen.steps.item == 0
        assert "▶ layer 0" in steps(screen)


async def test_enter_goes_to_the_layer_and_says_where_there_is_none() -> None:
    async with history_of(BUILD) as (pilot, _, left):
        await pilot.press("down", "enter")
        assert left == []
        await pilot.press("down", "enter")
        assert left == [Jump(1, b"")]


async def test_a_click_selects_a_step_and_one_more_on_its_head_goes_there() -> None:
    async with history_of(BUILD) as (pilot, screen, left):
        await pilot.click(screen.steps, offset=(10, 9))
        assert screen.steps.item == 2
        await pilot.click(screen.steps, offset=(10, 8))
        assert left == [Jump(1, b"")]


async def test_the_key_that_opens_it_closes_it() -> None:
    for key in ("H", "q", "escape"):
        async with history_of(BUILD) as (pilot, _, left):
            await pilot.press(key)
            assert left == [None]

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.tui.app import Explorer
from layerscope.tui.ascii import plain
from layerscope.tui.settings import Settings
from rich.cells import cell_len

from tests.models import image, layer
from tests.tui.screens import screen_text

MANY = image(
    layer("etc/", *(f"etc/file-{number}:{number + 100}" for number in range(80))), layer("etc/.wh.file-3")
)


def test_what_textual_draws_has_a_twin() -> None:
    assert plain("╭─ title ─╮│┃━▔ ▊ … ⏎ ↑") == "+- title -+||=- | ~ ? ^"


@pytest.mark.parametrize("text", ["", "plain", "é", "漢字", "🔎 find", "e\u0301", "▁▂▇█"])
def test_it_is_ascii_and_as_wide_as_before(text: str) -> None:
    assert plain(text).isascii()
    assert cell_len(plain(text)) == cell_len(text)


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_no_screen_has_a_character_beyond_ascii(size: tuple[int, int]) -> None:
    app = Explorer(analyze(MANY, keep_past=True), Settings(ascii_only=True))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        seen = []
        for keys in (
            (),
            ("tab", "tab", "right", "G"),
            ("question_mark",),
            ("escape", "ctrl+p"),
            ("escape", "/"),
        ):
            await pilot.press(*keys)
            await pilot.pause()
            seen.append(screen_text(app))
            # Textual's picture has no-break spaces for blanks.
            assert {
                character for character in seen[-1].replace("\xa0", " ") if not character.isascii()
            } == set()
        assert len(set(seen)) == 5
        assert "+-" in seen[0]


async def test_borders_and_bars_are_drawn_where_the_terminal_can(demo: Analysis) -> None:
    app = Explorer(demo)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "╭" in screen_text(app)


async def test_no_color_means_none_and_the_cursor_is_to_be_seen_all_the_same(
    demo: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Explorer(demo)
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        lines = app.screen.query_one("#layers")
        (no_color,) = app.get_line_filters()
        behind = lines.background_colors[1]
        strips = [one.apply_filter(no_color, behind) for one in lines.render_lines(lines.region.reset_offset)]
        styles = [segment.style for strip in strips for segment in strip if segment.style]
        assert {style.color.name for style in styles if style.color} <= {"default"}
        assert {style.bgcolor.name for style in styles if style.bgcolor} <= {"default"}
        assert sum(any(s.style and s.style.reverse for s in strip) for strip in strips) == 1


@pytest.mark.parametrize(
    "theme", ["textual-dark", "textual-light", "ansi-dark", "ansi-light", "nord", "gruvbox"]
)
async def test_what_is_said_in_colour_differs_from_the_background_in_every_theme(
    demo: Analysis, theme: str
) -> None:
    app = Explorer(demo, Settings(theme=theme))
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        lines = app.screen.query_one("#layers")
        plain_style = lines.rich_style
        for name in ("waste", "live", "added", "changed", "metadata", "removed"):
            style = lines.get_component_rich_style(f"lines--{name}", partial=True)
            assert style.color not in (None, plain_style.color, plain_style.bgcolor), name
        cursor = lines.get_component_rich_style("lines--cursor")
        assert cursor.bgcolor != plain_style.bgcolor
        assert cursor.color != cursor.bgcolor

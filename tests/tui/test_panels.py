"""What opens over the main screen: help, sums, extraction, reports, the palette."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import layerscope.tui
import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.tui.app import Explorer
from layerscope.tui.explain import ExplainPanel
from layerscope.tui.explorer import ExplorerScreen
from layerscope.tui.extract import ExtractPanel
from layerscope.tui.help import HelpPanel, active_keys
from layerscope.tui.reading import ReadingLine
from textual.app import App
from textual.binding import Binding
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.scroll_view import ScrollView
from textual.widgets import Input, Static

from tests.models import image, layer
from tests.tui.screens import screen_text

SMALL = image(layer("etc/", "etc/passwd:100"), layer("etc/.wh.passwd"))


async def press(pilot: Pilot[Any], *keys: str) -> None:
    await pilot.pause()
    await pilot.press(*keys)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_help_is_made_of_the_bindings_and_explains_glyphs() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(120, 100)) as pilot:
        await press(pilot, "question_mark")
        assert isinstance(app.screen, HelpPanel)
        text = screen_text(app)
        for said in (
            "Filter the paths", "Next change", "Extract the file or directory", "Close all",
            "± metadata only", "kind:removed", "wasted: the final image cannot reach them",
        ):  # fmt: skip
            assert said in text
        await press(pilot, "escape")
        assert isinstance(app.screen, ExplorerScreen)


async def test_every_binding_of_the_main_screen_is_in_help() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        said = {key.says for key in active_keys(app.screen)}
        for binding in ExplorerScreen.BINDINGS:
            assert isinstance(binding, Binding)
            if binding.id not in ("keep_filter", "clear_filter"):  # they are there with the filter
                assert (binding.tooltip or binding.description) in said


async def test_the_sum_behind_a_layer(demo: Analysis) -> None:
    app = Explorer(demo)
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "i")
        assert isinstance(app.screen, ExplainPanel)
        text = screen_text(app)
        assert "stored in layer 11 = 2.28 MB  2,275,040 bytes" in text
        assert "1.98 MB  87.13 %  layer 0  COPY … /bin/busybox" in text


async def test_the_sum_behind_the_image_and_behind_a_directory(demo: Analysis) -> None:
    app = Explorer(demo)
    async with app.run_test(size=(120, 60)) as pilot:
        await press(pilot, "tab", "i")
        assert "metadata-only: copied for a mode, owner, time or xattr" in screen_text(app)
        await press(pilot, "escape", "tab", "i")
        assert "size = 1.98 MB  1,982,256 bytes" in screen_text(app)
        assert "100 %  busybox" in screen_text(app)


async def test_a_deleted_file_is_extracted(demo: Analysis, tmp_path: Path) -> None:
    app = Explorer(demo)
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, *["left_square_bracket"] * 4, "slash", *"id_rsa", "enter", "end", "x")
        assert isinstance(app.screen, ExtractPanel)
        app.screen.query_one("#target", Input).value = str(tmp_path / "out")
        await press(pilot, "enter")
        assert "1 file, 148 B, written to" in screen_text(app)
        assert (tmp_path / "out" / "id_rsa").stat().st_size == 148
        await press(pilot, "escape")
        assert app.screen.query("#files")


async def test_what_is_left_out_of_an_extraction_is_said(demo: Analysis, tmp_path: Path) -> None:
    app = Explorer(demo)
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "a", "tab", "tab", "x")
        app.screen.query_one("#target", Input).value = str(tmp_path)
        await press(pilot, "enter")
        assert "1 file, 1.98 MB, written to" in screen_text(app)
        assert "left out: /bin/" in screen_text(app)
        await press(pilot, "enter")
        assert "0 files, 0 B, written to" in screen_text(app)


async def test_a_folder_that_cannot_be_is_an_error_with_a_reason(demo: Analysis, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    app = Explorer(demo)
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "tab", "tab", "x")
        app.screen.query_one("#target", Input).value = str(tmp_path / "file" / "out")
        await press(pilot, "enter")
        said = str(app.screen.query_one(ReadingLine).content)
        assert said.startswith("This cannot be extracted\n")
        assert "out cannot be written: Not a directory" in said


async def test_a_report_is_written_and_an_existing_file_asked_about(demo: Analysis, tmp_path: Path) -> None:
    app = Explorer(demo)
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "e")
        app.screen.query_one("#file", Input).value = str(tmp_path / "report.json")
        await press(pilot, "enter")
        report = json.loads((tmp_path / "report.json").read_text())
        assert report["totals"]["wasted_bytes"] == 2640974
        (tmp_path / "report.json").write_text("mine")
        await press(pilot, "escape", "e", "down", "down")
        app.screen.query_one("#file", Input).value = str(tmp_path / "report.json")
        await press(pilot, "enter")
        assert (tmp_path / "report.json").read_text() == "mine"
        await press(pilot, "enter")
        assert (tmp_path / "report.json").read_text().startswith(demo.image.reference)


async def test_the_proposed_file_follows_the_format(demo: Analysis) -> None:
    app = Explorer(demo)
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "e", "down", "down")
        assert app.screen.query_one("#file", Input).value.endswith("report.txt")


async def test_the_palette_has_every_action_once() -> None:
    app = Explorer(analyze(SMALL, keep_past=True))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert len(titles) == len(set(titles))
        assert {"Filter the paths", "Treemap", "Close all", "Theme"} <= set(titles)


def own_attributes() -> Iterator[tuple[str, str]]:
    """What the explorer's modules assign to `self`."""
    for path in Path(layerscope.tui.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                assert isinstance(node.value, ast.Name) or not node.attr.startswith("_"), (path, node.lineno)
                if isinstance(node.value, ast.Name) and node.value.id == "self":
                    yield path.name, node.attr


def test_no_attribute_of_ours_takes_the_place_of_a_private_one_of_textual() -> None:
    class Plain(App[None]):
        pass

    bases: tuple[object, ...] = (ModalScreen[None](), ScrollView(), Static(), Plain())
    taken = {name for one in bases for name in {*vars(one), *dir(type(one))} if name.startswith("_")}
    assert [(module, name) for module, name in own_attributes() if name in taken] == []


@pytest.mark.parametrize(
    "path", sorted(Path(layerscope.tui.__file__).parent.glob("*.py")), ids=lambda path: path.name
)
def test_no_private_attribute_of_textual_is_used(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"))
    }
    assert used <= {"_replace", "_asdict"}

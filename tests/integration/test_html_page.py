"""The HTML report in a real browser, opened from a file: mouse, keyboard, no request, no complaint."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.opening import Wanted, analysis_of
from layerscope.report.html import document as html
from layerscope.report.subject import Subject
from layerscope.serve import HOST

from tests.models import image, layer
from tests.report.sample import named
from tests.test_serve import BROWSER, DEMO, browser

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not BROWSER, reason="there is no Chromium"),
]

KEYS = {
    "ArrowRight": 39,
    "ArrowDown": 40,
    "ArrowLeft": 37,
    "ArrowUp": 38,
    "Enter": 13,
    "Escape": 27,
    "Backspace": 8,
}
COMPLAINTS = (
    "Runtime.consoleAPICalled",
    "Runtime.exceptionThrown",
    "Log.entryAdded",
    "Page.javascriptDialogOpening",
)


class Page:
    """A page of the browser, spoken to in the DevTools protocol."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self._connection = connection
        self._number = 0
        self.requested: list[str] = []
        self.complaints: list[dict[str, Any]] = []

    async def ask(self, method: str, **params: object) -> dict[str, Any]:
        self._number += 1
        await self._connection.send_json({"id": self._number, "method": method, "params": params})
        while True:
            message = await self._connection.receive_json(timeout=20)
            if message.get("method") == "Network.requestWillBeSent":
                self.requested.append(message["params"]["request"]["url"])
            elif message.get("method") in COMPLAINTS:
                self.complaints.append(message)
            elif message.get("id") == self._number:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result

    async def run(self, script: str) -> Any:
        """What an expression gives; the page's own policy does not concern it."""
        found = await self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def until(self, script: str, expected: object) -> None:
        end = time.monotonic() + 10
        while (found := await self.run(script)) != expected:
            assert time.monotonic() < end, found
            await asyncio.sleep(0.02)

    async def texts(self, selector: str) -> list[str]:
        found: list[str] = await self.run(
            f"[...document.querySelectorAll({json.dumps(selector)})].map(one => one.textContent)"
        )
        return found

    async def click(self, find: str) -> None:
        """The middle of the element that an expression gives."""
        x, y = await self.run(
            f"(() => {{ const one = {find}; one.scrollIntoView({{ block: 'center', behavior: 'instant' }});"
            " const at = one.getBoundingClientRect();"
            " return [at.x + at.width / 2, at.y + Math.min(at.height / 2, 8)] })()"
        )
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            await self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def press(self, key: str) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            await self.ask(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=KEYS[key]
            )

    async def write(self, text: str) -> None:
        await self.ask("Input.insertText", text=text)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Of the DevTools of one browser, in which each test opens its page."""
    with browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


class Open(Protocol):
    def __call__(self, analysis: Analysis, *, script: bool = True) -> AbstractAsyncContextManager[Page]: ...


@pytest.fixture
def opened(port: int, tmp_path: Path) -> Open:
    """The report of an image in a browser: at the end it has asked for nothing, and nobody has complained."""
    return partial(_opened, port, tmp_path)


@asynccontextmanager
async def _opened(port: int, folder: Path, analysis: Analysis, *, script: bool = True) -> AsyncIterator[Page]:
    file = folder / "report.html"
    with file.open("w", encoding="utf-8") as out:
        html.write(Subject(analysis), out)
    async with aiohttp.ClientSession() as client:
        async with client.get(f"http://{HOST}:{port}/json/list") as response:
            targets = json.loads(await response.text())
        address = next(one["webSocketDebuggerUrl"] for one in targets if one["type"] == "page")
        async with client.ws_connect(address, max_msg_size=0) as connection:
            page = Page(connection)
            for domain in ("Page", "Network", "Runtime"):
                await page.ask(f"{domain}.enable")
            await page.ask("Emulation.setFocusEmulationEnabled", enabled=True)
            await page.ask("Emulation.setScriptExecutionDisabled", value=not script)
            await page.ask("Page.navigate", url=file.as_uri())
            await page.until("location.href + document.readyState", f"{file.as_uri()}complete")
            await page.ask("Log.enable")  # tells what there was before, too
            yield page
            assert page.complaints == []
            assert set(page.requested) == {file.as_uri()}


def demo() -> Analysis:
    with analysis_of(Wanted(DEMO), lambda _reading: None) as analysis:
        _ = analysis.waste, analysis.findings
        return analysis


def header(name: str) -> str:
    return f"document.querySelector('#waste th[data-key={name}] button')"


def tile(name: str) -> str:
    return f"[...document.querySelectorAll('.tile')].find(one => one.textContent.startsWith({name!r}))"


FIRST_PATH = "document.querySelector('#waste-rows td.path').textContent"
SHOWN = "document.querySelector('#waste-tools output').textContent"
FOCUSED = "document.activeElement.getAttribute('aria-label')"
CRUMBS = "[...document.querySelectorAll('#crumbs button')].map(one => one.textContent).join(' ')"


async def test_the_waste_is_sorted_by_every_column_and_filtered_by_path_kind_and_layer(opened: Open) -> None:
    async with opened(demo()) as page:
        assert await page.run(FIRST_PATH) == "/bin/busybox"
        await page.click(header("path"))
        paths = await page.texts("#waste-rows td.path")
        assert (len(paths), paths) == (19, sorted(paths))
        assert (
            await page.run("document.querySelector('th[data-key=path]').getAttribute('aria-sort')")
            == "ascending"
        )
        assert (
            await page.run("document.querySelector('th[data-key=bytes]').getAttribute('aria-sort')") is None
        )
        await page.click(header("bytes"))
        await page.click(header("bytes"))
        sizes = await page.run(
            "[...document.querySelectorAll('#waste-rows td.n span')].map(one => one.title)"
        )
        numbers = [int(size.removesuffix(" B").replace(",", "")) for size in sizes]
        assert numbers == sorted(numbers)

        await page.click("document.querySelector('#waste-tools input')")
        await page.write("WORDS app")
        assert await page.run(SHOWN) == "3 copies, 24.8 kB (of 19)"
        assert set(await page.texts("#waste-rows td.path")) == {"/srv/app/words.txt"}
        await page.run("document.querySelector('#waste-tools input').select()")
        await page.press("Backspace")
        assert await page.run(SHOWN) == "19 copies, 2.64 MB"

        await page.run(
            "(one => { one.value = [...one.options].find(option => option.text === 'removed').value;"
            " one.dispatchEvent(new Event('change')) })(document.querySelector('#waste-tools select'))"
        )
        assert {kind.split(" ")[0] for kind in await page.texts("#waste-rows td:nth-child(2)")} == {"removed"}


async def test_a_layer_that_is_chosen_is_marked_in_the_map_and_filters_the_waste(opened: Open) -> None:
    async with opened(demo()) as page:
        button = "document.querySelector('#layer-6 button')"
        await page.click(button)
        assert await page.run(f"{button}.getAttribute('aria-pressed')") == "true"
        assert await page.run("document.querySelector('#layer-6').className") == "is-chosen"
        assert await page.run("document.querySelector('#tiles').className") == "is-marked"
        layers = await page.run(
            "[...document.querySelectorAll('#waste-rows tr')]"
            ".map(row => [...row.querySelectorAll('.chip')].map(one => one.textContent))"
        )
        assert layers
        assert all("6" in pair for pair in layers)
        await page.click(button)
        assert await page.run(f"{button}.getAttribute('aria-pressed')") == "false"
        assert await page.run(SHOWN) == "19 copies, 2.64 MB"


async def test_one_walks_through_the_map_with_the_mouse_and_with_the_keys(opened: Open) -> None:
    async with opened(demo()) as page:
        await page.until("document.querySelectorAll('.tile').length > 3", True)
        assert await page.run(CRUMBS) == "/"
        await page.click(tile("var/"))
        assert await page.run(CRUMBS) == "/ var"
        assert (await page.run(FOCUSED)).startswith("/var/lib, 276 kB, ")
        await page.press("Escape")
        assert await page.run(CRUMBS) == "/"
        assert await page.run(FOCUSED) == "/var, 276 kB, 12.13 %, mostly layer 11"
        await page.press("ArrowLeft")
        assert (await page.run(FOCUSED)).startswith("/bin, 1.98 MB, ")
        assert "RUN chown" in await page.run("document.querySelector('#pointed').textContent")
        await page.press("ArrowRight")
        await page.press("ArrowDown")
        assert (await page.run(FOCUSED)).startswith("/srv, ")
        await page.press("Enter")
        assert await page.run(CRUMBS) == "/ srv"
        await page.press("Backspace")
        assert (await page.run(FOCUSED)).startswith("/srv, ")
        assert await page.run("document.querySelectorAll('.tile[tabindex=\"0\"]').length") == 1
        await page.click(tile("packages"))  # of a file: the directory it lies in
        assert await page.run(CRUMBS) == "/ var lib apt lists"
        await page.click("document.querySelectorAll('#crumbs button')[1]")
        assert await page.run(CRUMBS) == "/ var"


async def test_the_tiles_of_a_directory_fill_the_map_and_do_not_overlap(opened: Open) -> None:
    files = [f"d{number % 7}/f{number}:{1000 + 37 * number**2}" for number in range(300)]
    async with opened(analyze(image(layer(*files)))) as page:
        await page.until("document.querySelectorAll('.tile').length > 7", True)
        width, height = await page.run(
            "(one => [one.clientWidth, one.clientHeight])(document.querySelector('#tiles'))"
        )
        tiles = await page.run(
            "[...document.querySelectorAll('.tile[role=treeitem]')]"
            ".map(one => [one.offsetLeft, one.offsetTop, one.offsetWidth, one.offsetHeight])"
        )
        assert sum(wide * high for _, _, wide, high in tiles) == width * height
        assert len(tiles) == 7
        assert all(x + wide <= width and y + high <= height for x, y, wide, high in tiles)


async def test_a_page_of_all_the_waste_it_can_have_sorts_and_filters_in_a_tenth_of_a_second(
    opened: Open,
) -> None:
    files = [f"d/{number * 7919 % 3001:04}:{10_000 - number}" for number in range(3000)]
    async with opened(analyze(image(layer("d/", *files), layer(".wh.d")))) as page:
        assert len(await page.texts("#waste-rows tr")) == 100
        await page.click("document.querySelector('.more')")
        assert len(await page.texts("#waste-rows tr")) == 200
        took = await page.run(
            "(() => { const begun = performance.now();"
            " document.querySelector('#waste th[data-key=path] button').click();"
            " document.body.offsetHeight; return performance.now() - begun })()"
        )
        assert took < 100
        assert await page.run(FIRST_PATH) == "/d/0000"


async def test_hostile_names_stay_text_wherever_they_are_shown(opened: Open) -> None:
    names = [
        b"</script><script>alert(1)</script>",
        b"<img src=x onerror=alert(1)>",
        b"\"><b onmouseover='alert(1)'>",
        b"\xe2\x80\xaegnp\n\x1b",
    ]
    gone = named(*names).image
    for part in (gone.layers, gone.layers[:1]):  # in the waste, and in the map
        async with opened(analyze(image(*part))) as page:
            assert await page.run("document.querySelectorAll('img, b[onmouseover]').length") == 0
            assert await page.run("document.scripts.length") == 2
            for one in range(await page.run("document.querySelectorAll('.tile').length")):
                tile_now = f"document.querySelectorAll('.tile')[{one}]"
                await page.run(
                    f"{tile_now}.dispatchEvent(new PointerEvent('pointerover', {{ bubbles: true }}))"
                )
            shown = "".join(await page.texts("#waste, #map"))
            assert "<img src=x onerror=alert(1)>" in shown
            assert "\\u202egnp\\n\\x1b" in shown
            assert "\u202e" not in shown


async def test_a_script_that_is_not_ours_does_not_run(opened: Open) -> None:
    async with opened(demo()) as page:
        await page.run(
            "document.body.append(Object.assign("
            "document.createElement('script'), { textContent: 'window.ran = 1' }))"
        )
        assert await page.run("window.ran") is None
        await page.run("new Promise(done => setTimeout(done, 50))")
        assert [one["params"]["entry"]["source"] for one in page.complaints] == ["security"]
        page.complaints.clear()


async def test_without_scripts_the_page_tells_the_same(opened: Open) -> None:
    async with opened(demo(), script=False) as page:
        visible = await page.run("document.body.innerText")
        for text in (
            "46.28 %",
            "2.64 MB",
            "RUN chown -R 1000:1000 /bin /srv /var",
            "/bin/busybox",
            "drawn by a script",
        ):
            assert text in visible
        assert "Filter" not in visible


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1600, "dark")])
async def test_it_fits_its_window_without_scrolling_aside(opened: Open, width: int, scheme: str) -> None:
    async with opened(demo()) as page:
        await page.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False
        )
        await page.ask(
            "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}]
        )
        assert await page.run("document.documentElement.scrollWidth <= innerWidth")
        paper = await page.run("getComputedStyle(document.documentElement).backgroundColor")
        assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(19, 23, 27)"}[scheme]

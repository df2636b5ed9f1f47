import asyncio
import base64
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from layerscope.errors import ServeError
from layerscope.serve import HOST, Serving, command, serve

DEMO = str(Path(__file__).parents[1] / "fixtures" / "demo.tar.gz")
BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)


def free_port() -> int:
    with socket.socket() as some:
        some.bind((HOST, 0))
        port: int = some.getsockname()[1]
        return port


@asynccontextmanager
async def serving(*arguments: str) -> AsyncIterator[tuple[str, int]]:
    """The address of a server that runs in this process, and its port."""
    port = free_port()
    server = Serving(arguments, port)
    runner = web.AppRunner(server.application(), shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        yield server.address, port
    finally:
        await runner.cleanup()


async def status(address: str, **headers: str) -> int:
    async with aiohttp.ClientSession() as client, client.get(address, headers=headers) as response:
        return response.status


async def websocket_status(address: str, **headers: str) -> int:
    """Of the handshake: 101 would be an open door."""
    asked = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    key = {"Sec-WebSocket-Key": base64.b64encode(b"0" * 16).decode()}
    return await status(f"{address}ws", **asked, **key, **headers)


def test_the_command_is_quoted_for_the_shell_and_takes_no_module_from_the_current_folder() -> None:
    assert command(["a b.tar", "--image", "$(x);'"]) == (
        f"{sys.executable} -P -m layerscope 'a b.tar' --image '$(x);'\"'\"''"
    )


async def test_the_page_answers_at_its_address_and_nowhere_else() -> None:
    async with serving(DEMO) as (address, port):
        assert await status(address) == 200
        assert await status(f"{address}static/js/textual.js") == 200
        assert await status(f"http://{HOST}:{port}/") == 404
        assert await status(f"http://{HOST}:{port}/ws") == 404
        assert await status(f"http://{HOST}:{port}/static/js/textual.js") == 404


async def test_every_server_has_a_secret_of_its_own() -> None:
    assert Serving([DEMO], 8000).address != Serving([DEMO], 8000).address
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/[\w-]{22}/", Serving([DEMO], 8000).address)


async def test_a_name_that_was_bound_to_this_address_is_refused() -> None:
    async with serving(DEMO) as (address, port):
        assert await status(address, Host=f"evil.example:{port}") == 403
        assert await status(address, Host=HOST) == 403
        assert await status(address, Host=f"localhost:{port}") == 200
        assert await websocket_status(address, Host=f"evil.example:{port}") == 403


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://127.0.0.1",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:{port}.evil.example",
    ],
)
async def test_another_sites_page_cannot_drive_the_explorer_even_if_it_knows_the_address(origin: str) -> None:
    async with serving(DEMO) as (address, port):
        assert await websocket_status(address, Origin=origin.format(port=port)) == 403
        assert await status(f"http://{HOST}:{port}/download/x", Origin=origin.format(port=port)) == 403


async def test_no_other_page_may_frame_it_and_it_asks_nobody_else_for_anything() -> None:
    async with serving(DEMO) as (address, port), aiohttp.ClientSession() as client:
        async with client.get(address) as response:
            policy = response.headers["Content-Security-Policy"].split("; ")
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'self'" in policy
        assert f"connect-src 'self' ws://127.0.0.1:{port} ws://localhost:{port}" in policy
        async with client.get(f"http://{HOST}:{port}/download/x") as response:
            assert (response.status, response.headers["Content-Security-Policy"]) == (
                404,
                "default-src 'none'; sandbox",
            )


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServeError) as wrong:
            serve([DEMO], port, lambda _address: None)
    assert wrong.value.message == f"port {port} of 127.0.0.1 cannot be had: Address already in use"
    assert wrong.value.exit_code == 2


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_number_that_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(ServeError, match=f"{port} is no port"):
        serve([DEMO], port, lambda _address: None)


def test_standard_input_cannot_be_served() -> None:
    with pytest.raises(ServeError, match="standard input cannot be served"):
        serve(["-"], 0, lambda _address: None)


def test_without_textual_serve_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    with pytest.raises(ServeError) as wrong:
        serve([DEMO], 0, lambda _address: None)
    assert wrong.value.hint == "pip install 'layerscope[serve]'"


@pytest.mark.slow
def test_it_tells_its_address_and_ends_with_ctrl_c() -> None:
    program = f"from layerscope.serve import serve; serve([{DEMO!r}], 0, lambda at: print(at, flush=True))"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(f"http://{HOST}:")
        process.send_signal(2)
        assert process.wait(10) == 0


@pytest.mark.slow
async def test_its_own_page_gets_the_explorer_and_its_process_ends_with_the_page() -> None:
    async with serving(DEMO) as (address, port), aiohttp.ClientSession() as client:
        async with client.ws_connect(
            f"{address}ws?width=100&height=30", origin=f"http://{HOST}:{port}"
        ) as page:
            shown = b""
            while b"COPY" not in shown:
                shown += (await page.receive(20)).data
        for _ in range(50):
            if not children():
                break
            await asyncio.sleep(0.1)
        assert children() == ""


@pytest.mark.slow
async def test_the_processes_of_open_pages_end_with_the_server() -> None:
    async with aiohttp.ClientSession() as client, serving(DEMO) as (address, _port):
        page = await client.ws_connect(f"{address}ws")
        await page.receive(20)
        assert children()
    await asyncio.sleep(0.2)
    assert children() == ""


def children() -> str:
    return subprocess.run(
        ["pgrep", "-P", str(os.getpid()), "-f", "layerscope"], capture_output=True, text=True, check=False
    ).stdout


# In a browser.


class Page:
    """A page of a headless browser, spoken to in the DevTools protocol."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self._connection = connection
        self._number = 0
        self.drawn = b""
        """What the explorer sent to the page."""
        self.complaints: list[str] = []
        """What the browser kept the page from."""

    async def ask(self, method: str, **params: object) -> dict[str, Any]:
        self._number += 1
        await self._connection.send_json({"id": self._number, "method": method, "params": params})
        while True:
            message = await self._next(20)
            if message.get("id") == self._number:
                result: dict[str, Any] = message.get("result", {})
                return result

    async def until(self, seen: Callable[[], bool], seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not seen():
            await self._next(max(end - time.monotonic(), 0.01))

    async def _next(self, seconds: float) -> dict[str, Any]:
        message: dict[str, Any] = await self._connection.receive_json(timeout=seconds)
        if message.get("method") == "Network.webSocketFrameReceived":
            frame = message["params"]["response"]
            self.drawn += base64.b64decode(frame["payloadData"]) if frame["opcode"] == 2 else b""
        if message.get("method") == "Log.entryAdded" and message["params"]["entry"]["source"] == "security":
            self.complaints.append(message["params"]["entry"]["text"])
        return message

    async def picture(self) -> str:
        found: str = (await self.ask("Page.captureScreenshot"))["data"]
        return found

    async def press(self, key: str) -> None:
        for kind in ("keyDown", "keyUp"):
            text = {"text": key} if kind == "keyDown" else {}
            code = ord(key.upper())
            await self.ask("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **text)


@contextmanager
def browser(folder: Path) -> Iterator[int]:
    """A headless browser, and the port of its DevTools."""
    options = [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--remote-debugging-port=0", f"--user-data-dir={folder}", "--window-size=1200,800",
    ]  # fmt: skip
    with subprocess.Popen(
        [BROWSER, *options, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            told, end = folder / "DevToolsActivePort", time.monotonic() + 30
            while not (told.exists() and "\n" in told.read_text()):
                assert time.monotonic() < end
                time.sleep(0.05)
            yield int(told.read_text().splitlines()[0])
        finally:
            process.terminate()


@asynccontextmanager
async def page_of(port: int) -> AsyncIterator[Page]:
    async with aiohttp.ClientSession() as client:
        async with client.get(f"http://{HOST}:{port}/json/list") as response:
            targets = json.loads(await response.text())
        found = next(target["webSocketDebuggerUrl"] for target in targets if target["type"] == "page")
        async with client.ws_connect(found, max_msg_size=0) as connection:
            page = Page(connection)
            for domain in ("Page", "Network", "Log"):
                await page.ask(f"{domain}.enable")
            yield page


@pytest.mark.engine
@pytest.mark.skipif(not BROWSER, reason="there is no Chromium")
async def test_a_browser_shows_the_layers_and_answers_a_key(tmp_path: Path) -> None:
    with browser(tmp_path) as debugging:
        async with serving(DEMO) as (address, _port), page_of(debugging) as page:
            await page.ask("Emulation.setFocusEmulationEnabled", enabled=True)
            foreign = f"new Promise(end => {{ const to = new WebSocket('{address}ws'.replace('http', 'ws'));"
            foreign += " to.onopen = () => end('open'); to.onerror = () => end('refused') })"
            said = await page.ask("Runtime.evaluate", expression=foreign, awaitPromise=True)
            assert said["result"]["value"] == "refused"
            await page.ask("Page.navigate", url=address)
            await page.until(lambda: b"layerscope-demo:latest" in page.drawn and b"RUN" in page.drawn)
            await asyncio.sleep(1)  # the page fades in
            before = await page.picture()
            assert b"MiB" not in page.drawn
            await page.press("u")
            await page.until(lambda: b"MiB" in page.drawn)
            await asyncio.sleep(0.5)
            assert await page.picture() != before
            # The font that textual-serve's page asks another host for, and nothing of its own.
            assert all("fonts.googleapis.com" in text for text in page.complaints)

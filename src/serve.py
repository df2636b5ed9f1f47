"""The explorer in a browser: textual-serve, for the person who started it and nobody else.

Every page is a process of its own that runs `layerscope` and talks to the page through a websocket. Whoever
can open that websocket can do what the explorer can, such as write files. So there are three locks:

- it listens on 127.0.0.1 alone, which keeps other machines out;
- its address holds a secret, which keeps other users of this machine out;
- requests that name another host (DNS rebinding) or come from another page's origin are refused, as is
  showing it inside another page (clickjacking).
"""

import asyncio
import contextlib
import secrets
import shlex
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from .errors import ServeError

if TYPE_CHECKING:
    from aiohttp import web

HOST = "127.0.0.1"
_LAST_PORT = 65535
_FOCUS = """<script>
  new MutationObserver((_, observer) => {
    if (document.body.classList.contains("-first-byte")) {
      observer.disconnect();
      document.querySelector("#terminal textarea")?.focus();
    }
  }).observe(document.body, {attributes: true});
</script>
"""
"""Keys go to the explorer once it is there: textual-serve's own page waits for a click."""
_PATIENCE = 2.0
"""Seconds that open pages get to end their processes."""


def serve(arguments: Sequence[str], port: int, tell: Callable[[str], None]) -> None:
    """Serve `layerscope ARGUMENTS` on a port until Ctrl-C; 0 takes one that is free.

    `tell` gets the address, once it answers. Raises ServeError.
    """
    if "-" in arguments:
        raise ServeError(
            "standard input cannot be served: every page reads the image anew", "Save it to a file first."
        )
    with _listen(port) as listening:
        server = Serving(arguments, listening.getsockname()[1])
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_run(server, listening, tell))


def _listen(port: int) -> socket.socket:
    if not 0 <= port <= _LAST_PORT:
        raise ServeError(
            f"{port} is no port", f"Ports are numbers from 1 to {_LAST_PORT:,}; 0 takes a free one."
        )
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two programs have one port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise ServeError(
            f"port {port} of {HOST} cannot be had: {error.strerror or error}",
            "Take another one, or 0 for any that is free.",
        ) from error
    return listening


class Serving:
    """One image behind one secret address."""

    def __init__(self, arguments: Sequence[str], port: int) -> None:
        """Raises ServeError if textual-serve is not installed."""
        try:
            from textual_serve.server import Server
        except ModuleNotFoundError as error:
            raise ServeError(
                f"the explorer in a browser needs textual-serve ({error.name} is missing)",
                "pip install 'layerscope[serve]'",
            ) from None
        self._path = f"/{secrets.token_urlsafe(16)}"
        hosts = [f"{name}:{port}" if port != 80 else name for name in (HOST, "localhost")]
        self._hosts = frozenset(hosts)
        self._origins = frozenset(f"http://{host}" for host in hosts)
        sockets = " ".join(f"ws://{host}" for host in hosts)
        self._policy = (
            f"default-src 'self'; connect-src 'self' {sockets}; img-src 'self' data:; "
            "script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
        )
        self._server = Server(command(arguments), HOST, port, "layerscope", f"http://{hosts[0]}")
        self.address = f"http://{hosts[0]}{self._path}/"
        """Where a browser finds it, secret included."""

    def application(self) -> "web.Application":
        """What answers requests: textual-serve's own handlers, below the secret and behind the locks."""
        import aiohttp_jinja2
        import jinja2
        from aiohttp import web

        @web.middleware
        async def locked(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            if not self.is_own(request.headers.get("Host"), request.headers.get("Origin")):
                raise web.HTTPForbidden(text="Not from here.")
            return await handler(request)

        async def seal(request: web.Request, response: web.StreamResponse) -> None:
            downloads = request.path.startswith("/download/")  # may be anything from the image
            response.headers["Content-Security-Policy"] = (
                "default-src 'none'; sandbox" if downloads else self._policy
            )
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["X-Content-Type-Options"] = "nosniff"
            response.headers["Cache-Control"] = "no-store"

        async def index(request: web.Request) -> web.StreamResponse:
            page = await server.handle_index(request)
            assert isinstance(page, web.Response)
            page.text = (page.text or "").replace("</body>", f"{_FOCUS}</body>")
            return page

        server = self._server
        secret = web.Application()
        aiohttp_jinja2.setup(secret, loader=jinja2.FileSystemLoader(server.templates_path))
        secret.add_routes(
            [
                web.get("/", index, name="index"),
                web.get("/ws", server.handle_websocket, name="websocket"),
                web.static("/static", server.statics_path, name="static"),
            ]
        )
        application = web.Application(middlewares=[locked])
        application.add_subapp(self._path, secret)
        # The page asks for it there, by a name it was told through its websocket.
        application.add_routes([web.get("/download/{key}", server.handle_download)])
        application.on_response_prepare.append(seal)
        return application

    def is_own(self, host: str | None, origin: str | None) -> bool:
        """Whether a request is meant for this server and comes from its own page, or from no page at all."""
        return host in self._hosts and (origin is None or origin in self._origins)


async def _run(server: Serving, listening: socket.socket, tell: Callable[[str], None]) -> None:
    from aiohttp import web

    runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=_PATIENCE)
    try:
        await runner.setup()
        await web.SockSite(runner, listening).start()
        tell(server.address)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def command(arguments: Sequence[str]) -> str:
    """What runs behind each page, for the shell; -P keeps it from importing out of the current folder."""
    words = [sys.executable, "-P", "-m", __package__ or "layerscope", *arguments]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)

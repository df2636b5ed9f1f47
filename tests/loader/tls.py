"""Certificates, and an engine that wants them: TLS in front of its socket."""

import asyncio
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


def certificates(folder: Path) -> Path:
    """A folder as DOCKER_CERT_PATH names it, for both sides; its authority knows no other folder's."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on PATH to make certificates with")
    folder.mkdir()

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, capture_output=True, check=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    authority = ["-x509", "-days", "2", "-subj", f"/CN={folder.name}", "-keyout", "ca-key.pem"]
    run("req", *key, *authority, "-out", "ca.pem")
    run("req", *key, "-subj", "/CN=one", "-out", "one.csr", "-keyout", "key.pem")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    signed = ["-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "2", "-extfile", "names"]
    run("x509", "-req", "-in", "one.csr", *signed, "-out", "cert.pem")
    return folder


@contextmanager
def encrypted(socket_path: str, folder: Path | None) -> Iterator[int]:
    """The port at which an engine's socket answers: by TLS and to its own certificates, if there are any."""
    context = None
    if folder is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "ca.pem"))
        context.verify_mode = ssl.CERT_REQUIRED
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # Docker's engine is not, and Python 3.13 is
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    loop = asyncio.new_event_loop()
    open_ones: set[asyncio.StreamWriter] = set()

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(1 << 16):
                sink.write(data)
                await sink.drain()
        sink.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_unix_connection(socket_path)
        open_ones.update((writer, ours))
        await asyncio.gather(pump(reader, ours), pump(theirs, writer))

    async def listen() -> asyncio.Server:
        patience = None if context is None else 3.0
        return await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context, ssl_handshake_timeout=patience)

    async def end() -> None:
        server.close()
        for one in open_ones:
            one.transport.abort()
        while len(asyncio.all_tasks()) > 1:
            await asyncio.sleep(0.01)
        for _ in range(500):  # those who never shook hands are let go when their time is over
            if not getattr(server, "_active_count", 0):  # `wait_closed` waits for nobody before Python 3.12
                break
            await asyncio.sleep(0.01)

    loop.set_exception_handler(lambda *_: None)  # a client that does not like our certificate
    server = loop.run_until_complete(listen())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

"""The way to an engine on another machine: its HTTP API through `ssh HOST docker system dial-stdio`.

That is how Docker's own command line goes, so what `~/.ssh/config` says of the host and the keys that the
agent holds are good here. The `docker` library has such a way, too: it wants paramiko even where it only runs
`ssh`, asks for port 22 whatever the configuration says, waits without end, and does not tell what `ssh` said.
"""

import shlex
import socket
import subprocess
import tempfile
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.response import BaseHTTPResponse

from .answers import brief_line
from .unreachable import HungUpError

_CONNECT = 10
_END = 2.0
"""Seconds that `ssh` has to go in."""
_COMPLAINT = 1 << 14


class SshAdapter(HTTPAdapter):
    """To be mounted in a session: every request goes to the engine at one address."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._pool = _SshPool("localhost", command=ssh_command(url), running=self._running)

    def get_connection_with_tls_context(
        self,
        request: PreparedRequest,  # noqa: ARG002 - as the base class has it
        verify: Any,  # noqa: ARG002
        proxies: Any = None,  # noqa: ARG002
        cert: Any = None,  # noqa: ARG002
    ) -> HTTPConnectionPool:
        """Connections that go by way of `ssh`."""
        return self._pool

    def close(self) -> None:
        """End every `ssh`: the other side may work for minutes on an answer that nobody wants any more."""
        super().close()
        self._pool.close()
        for process in tuple(self._running):
            process.terminate()  # whoever waits for its answer waits for its end, too


def ssh_command(url: str) -> list[str]:
    """What leads to the engine at `ssh://[USER@]HOST[:PORT][/SOCKET]`. ValueError if that names no host."""
    address = urlsplit(url)
    if not address.hostname or address.password:
        raise ValueError("the address is ssh://[USER@]HOST[:PORT]")
    options = ["-T", "-o", f"ConnectTimeout={_CONNECT}"]
    if address.username:
        options += ["-l", address.username]
    if address.port:
        options += ["-p", str(address.port)]
    host = address.netloc.rpartition("@")[2]  # `hostname` is in lower case, and a configured one need not be
    host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    remote = ["docker", "system", "dial-stdio"]
    if address.path.strip("/"):
        remote[1:1] = ["--host", f"unix://{address.path}"]
    return ["ssh", *options, "--", host, shlex.join(remote)]


class _SshConnection(HTTPConnection):
    """An `ssh` that speaks HTTP: both of its ends are one socket, which has timeouts as any other."""

    def __init__(
        self,
        host: str,
        port: int | None = None,
        *,
        command: list[str],
        running: set[subprocess.Popen[bytes]],
        **options: Any,
    ) -> None:
        super().__init__(host, port, **options)
        self._command = command
        self._running = running
        self._process: subprocess.Popen[bytes] | None = None

    def connect(self) -> None:
        """Start it. OSError if there is no `ssh`."""
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the connection
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - no shell; the host is behind `--`
                    self._command,
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=self._complaints,
                    start_new_session=True,  # asks for no password on our terminal, hears none of its keys
                )
            except BaseException:
                ours.close()
                self._complaints.close()
                raise
        self._running.add(self._process)
        self.sock = ours

    def getresponse(self) -> BaseHTTPResponse:  # type: ignore[override]
        """As the base class says. HungUpError with the words of `ssh` if it has gone instead."""
        sock: socket.socket = self.sock
        sock.settimeout(self.timeout)
        try:
            begun = sock.recv(1, socket.MSG_PEEK)
        except ConnectionError:
            begun = b""
        if not begun:
            raise HungUpError(self._last_words())
        return super().getresponse()

    def close(self) -> None:
        """End it, and wait until it has gone."""
        super().close()
        process, self._process = self._process, None
        if process is None:
            return
        self._complaints.close()
        process.terminate()
        try:
            process.wait(_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._running.discard(process)

    def _last_words(self) -> str:
        """The last line that it wrote before it went; those above may be a banner."""
        if self._process is None:
            return ""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_END)
        self._complaints.seek(0)
        said = self._complaints.read(_COMPLAINT).decode("utf-8", "replace").strip()
        return brief_line(said.rpartition("\n")[2])


class _SshPool(HTTPConnectionPool):
    ConnectionCls = _SshConnection

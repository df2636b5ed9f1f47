"""Podman: behind a socket where one answers, or by its own command."""

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import IO

from ..analysis.model import LocalImage
from ..errors import SourceError
from . import answers
from .engine import Body, Connect, Described, PullProgress
from .engine_socket import SocketEngine
from .streams import Chunks
from .unreachable import NobodyThereError, not_pulled

_ANSWER = 60.0
_CHUNK = 1 << 18
_COMPLAINT = 1 << 14


def podman_engines() -> Iterator[Connect]:
    """How Podman may be had, in the order to try it.

    CONTAINER_HOST alone if it is set; else the user's own socket, the system's socket, and if the one that
    is the user's own does not answer, the command.
    """
    host = os.environ.get("CONTAINER_HOST")
    if host:
        # Podman's ssh is not Docker's, and its command knows CONTAINER_HOST itself.
        yield PodmanCommand if host.startswith("ssh:") else _at(host)
        return
    answered: list[str] = []

    def connect(path: str) -> SocketEngine:
        engine = SocketEngine("Podman", f"unix://{path}")
        answered.append(path)
        return engine

    for path in _sockets():
        if os.access(path, os.F_OK):
            yield partial(connect, path)
    if not set(answered) & set(_sockets()[:1]):
        yield PodmanCommand


def _sockets() -> list[str]:
    """The user's own first."""
    system = "/run/podman/podman.sock"
    if hasattr(os, "getuid"):
        user = os.getuid()
        runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{user}"
        return [f"{runtime}/podman/podman.sock", system] if user else [system]
    return []


def _at(url: str) -> Connect:
    return partial(SocketEngine, "Podman", url)


class PodmanCommand:
    """Podman without a socket: its command, once for every question."""

    name = "Podman"

    def __init__(self) -> None:
        command = shutil.which("podman")
        if command is None:
            raise NobodyThereError("Podman is not installed here")
        self._command = command

    def describe(self, name: str) -> Described | None:
        """As `Engine` says."""
        done = self._run("image", "inspect", "--format", "json", "--", name)
        if done.returncode:
            said = answers.brief_line(done.stderr.decode("utf-8", "replace"))
            if any(word in said for word in ("image not known", "no such image", "failed to find image")):
                return None
            raise SourceError(f"Podman refuses: {said or 'it does not say why'}")
        return answers.described(done.stdout, self.name)

    def images(self) -> list[LocalImage]:
        """As `Engine` says."""
        done = self._run("image", "list", "--format", "json")
        return answers.images(done.stdout or b"[]", self.name)

    def save(self, image_id: str) -> Body:
        """As `Engine` says."""
        bare = image_id.removeprefix("sha256:")
        options = ["--quiet", "--format", "docker-archive"]
        return CommandBody([self._command, "image", "save", *options, "--", bare])

    def pull(self, name: str, platform: str | None, progress: PullProgress) -> None:
        """As `Engine` says; Podman's command tells its progress to terminals only."""
        options = ["--platform", platform] if platform else []
        progress(0, None)
        body = CommandBody([self._command, "image", "pull", "--quiet", *options, "--", name])
        try:
            for _ in body.chunks():
                progress(0, None)
        except SourceError as error:
            said = error.message.removeprefix("Podman says: ").removeprefix("Error: ")
            raise not_pulled(name, said) from error
        finally:
            body.close()

    def close(self) -> None:
        """As `Engine` says: there is nothing to let go of."""

    def _run(self, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        try:
            return subprocess.run(  # noqa: S603 - fixed arguments, and a name behind `--`
                [self._command, *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_ANSWER,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise SourceError("Podman does not answer", "Does podman images?") from error
        except OSError as error:
            raise SourceError(f"podman cannot be run: {error.strerror}") from error


class CommandBody:
    """What a command writes; it is killed if nobody wants the rest.

    Podman puts an image together in a temporary folder. It gets one of its own, which goes when it goes.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._closed = threading.Event()
        # Where Podman would have it too: there is more room than in /tmp, which may be memory.
        where = os.environ.get("TMPDIR") or ("/var/tmp" if os.access("/var/tmp", os.W_OK) else None)  # noqa: S108
        try:
            self._folder = tempfile.TemporaryDirectory(
                prefix="layerscope-", dir=where, ignore_cleanup_errors=True
            )
        except OSError as error:
            raise SourceError(f"Podman has no temporary folder: {error.strerror}", "Set TMPDIR.") from error
        self._complaints: IO[bytes] = tempfile.TemporaryFile(dir=self._folder.name)  # noqa: SIM115
        try:
            self._process = subprocess.Popen(  # noqa: S603 - as above
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                env={**os.environ, "TMPDIR": self._folder.name},
            )
        except OSError as error:
            self._complaints.close()
            self._folder.cleanup()
            raise SourceError(f"{command[0]} cannot be run: {error.strerror}") from error

    def chunks(self) -> Chunks:
        """As `Body` says."""
        out = self._process.stdout
        if out is None:
            return
        with out:
            while chunk := os.read(out.fileno(), _CHUNK):
                yield chunk
        if self._process.wait() and not self._closed.is_set():
            self._complaints.seek(0)
            said = answers.brief_line(self._complaints.read(_COMPLAINT).decode("utf-8", "replace"))
            raise SourceError(f"Podman says: {said or 'nothing'}")

    def close(self) -> None:
        """As `Body` says."""
        if self._closed.is_set():
            return
        self._closed.set()
        with suppress(OSError):
            self._process.kill()
        self._process.wait()
        self._complaints.close()
        self._folder.cleanup()

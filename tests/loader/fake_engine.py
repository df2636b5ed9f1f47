"""A container engine made of nothing but its HTTP API: hands out archives, and misbehaves."""

import hashlib
import json
import socketserver
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.images import Image, config_of, digest, to_json


@dataclass
class Saved:
    """An image that the engine has."""

    archive: bytes
    id: str
    tags: Sequence[str] = ("app:1",)
    platform: str = "linux/amd64"
    diff_ids: Sequence[str] = ()

    @classmethod
    def of(cls, image: Image, archive: bytes, tags: Sequence[str] = ("app:1",)) -> "Saved":
        """The archive of an image, and what an engine would say of it."""
        identity = digest(to_json(config_of(image)))
        return cls(archive, identity, tags, image.platform, [digest(layer) for layer in image.layers])

    def description(self) -> dict[str, object]:
        system, architecture, *variant = self.platform.split("/")
        return {
            "Id": self.id,
            "RepoTags": list(self.tags),
            "Os": system,
            "Architecture": architecture,
            **({"Variant": variant[0]} if variant else {}),
            "Size": len(self.archive),
            "RootFS": {"Type": "layers", "Layers": list(self.diff_ids)},
        }


@dataclass
class FakeEngine:
    """What it has, how it behaves, and what it was asked."""

    url: str = ""
    images: list[Saved] = field(default_factory=list)
    registry: dict[str, Saved] = field(default_factory=dict)
    """What it can pull, by name."""
    pulls: list[dict[str, object]] = field(default_factory=list)
    """What it tells while it pulls."""
    chunk: int = 32 << 10
    cut_at: int | None = None
    """Where an archive breaks off, without the end of the HTTP body."""
    ends_at: int | None = None
    """Where an archive ends, as if it were whole."""
    complaint: bytes = b""
    """What it writes behind the archive."""
    stalls_at: int | None = None
    """Where an archive goes on only after `go_on`."""
    go_on: threading.Event = field(default_factory=threading.Event)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """Instead of what it would answer, by the end of the path."""
    requests: list[str] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)
    """Set when a client went away in the middle of an archive."""

    @property
    def saves(self) -> int:
        return sum(path.endswith("/get") for path in self.requests)

    def find(self, name: str) -> Saved | None:
        wanted = {name, f"{name}:latest"}
        return next((one for one in self.images if one.id == name or wanted & set(one.tags)), None)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def _serve(self, method: str) -> None:
        engine = self.server.engine
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        engine.requests.append(f"{method} {path}")
        if path.startswith("/v1."):
            path = "/" + path.split("/", 2)[2]
        for end, (status, body) in engine.answers.items():
            if path.endswith(end):
                return self._answer(status, body)
        if path == "/version":
            return self._answer(200, {"ApiVersion": "1.41", "Version": "20.10.24"})
        if path == "/images/json":
            return self._answer(200, [one.description() for one in engine.images])
        if path == "/images/create":
            return self._pull(parse_qs(parts.query)["fromImage"][0])
        name, _, what = path.removeprefix("/images/").rpartition("/")
        image = engine.find(name)
        if image is None:
            return self._answer(404, {"message": f"No such image: {name}"})
        return self._answer(200, image.description()) if what == "json" else self._archive(image.archive)

    def _answer(self, status: int, body: object) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _begin(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def _pull(self, name: str) -> None:
        engine = self.server.engine
        self._begin()
        for line in engine.pulls:
            self._chunk(json.dumps(line).encode() + b"\r\n")
        if name in engine.registry:
            engine.images.append(engine.registry[name])
        self._chunk(b"")

    def _archive(self, data: bytes) -> None:
        engine = self.server.engine
        end = len(data) if engine.ends_at is None else engine.ends_at
        if engine.cut_at is not None:
            end = engine.cut_at
        try:
            self._begin()
            for at in range(0, end, engine.chunk):
                if engine.stalls_at is not None and at >= engine.stalls_at:
                    engine.go_on.wait(20)
                self._chunk(data[at : min(at + engine.chunk, end)])
            if engine.complaint:
                self._chunk(engine.complaint)
            if engine.cut_at is None:
                self._chunk(b"")
        except OSError:
            engine.gone.set()
            self.close_connection = True
        if engine.cut_at is not None:
            self.close_connection = True


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 2000  # who finds no room is refused at once
    engine: FakeEngine

    def handle_error(self, *_: Any) -> None:
        pass  # a client that went away


@contextmanager
def serving(*images: Saved) -> Iterator[FakeEngine]:
    """A fake engine that answers as long as the context lasts."""
    with tempfile.TemporaryDirectory() as folder:  # a socket's path must be short
        path = Path(folder) / "s"
        server = _Server(str(path), _Handler)
        server.engine = FakeEngine(f"unix://{path}", list(images))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.engine
        finally:
            server.engine.go_on.set()
            server.shutdown()
            thread.join()
            server.server_close()


def made_up_id(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

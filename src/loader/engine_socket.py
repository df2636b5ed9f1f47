"""An engine behind its HTTP API: Docker's, and Podman's compatible one.

The only module that knows the `docker` library, which gives a session to an engine (DOCKER_HOST, sockets,
pipes; `docker_context`, `engine_ssh` and `engine_tls` do the rest). Answers are read here, because the
library would take any size of them into memory.
"""

import os
import re
import shutil
import socket
import sys
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from ..analysis.model import LocalImage
from ..errors import DamagedError, LimitError, SourceError
from . import answers, limits
from .docker_context import chosen_context
from .engine import Body, Described, PullProgress
from .response_body import COMPLAINT, ResponseBody
from .streams import prefetched
from .unreachable import brief, not_pulled, unreachable

_DEFAULT = "unix:///var/run/docker.sock"
_MOUNTED = "http://localhost:22"
"""Where a session finds an engine that has no address of HTTP."""
_HERE = {"localhost", "127.0.0.1", "::1"}
_CONNECT = 10.0
_ANSWER = 60.0
_SILENCE = 900.0
"""Seconds without a byte before an archive is given up. Docker writes all of it to its disk first."""


def connect_docker() -> "SocketEngine":
    """The engine that Docker's own command line would take; SourceError if it does not answer."""
    from docker.errors import DockerException
    from docker.utils import kwargs_from_env

    try:
        found = kwargs_from_env()
        url, tls = found.get("base_url"), found.get("tls", False)
        if url is None:
            url, tls = _of_context()
    except DockerException as error:
        folder = Path(os.environ.get("DOCKER_CERT_PATH") or Path.home() / ".docker")
        missing = [name for name in ("ca.pem", "cert.pem", "key.pem") if not (folder / name).is_file()]
        why = f"{folder} has no {', '.join(missing)}" if missing else brief(error).partition(". ")[0]
        raise SourceError(
            f"Docker's TLS files are not as they should be: {why}",
            "DOCKER_CERT_PATH names the folder with ca.pem, cert.pem and key.pem.",
        ) from error
    return SocketEngine("Docker", url, tls)


def _of_context() -> tuple[str | None, Any]:
    """Address and TLS settings of DOCKER_CONTEXT or the CLI's current context; None for the default one."""
    from docker.tls import TLSConfig

    context = chosen_context()
    if context is None:
        return None, False
    if context.tls is None:
        return context.host, False
    ca, client, verify = context.tls
    return context.host, TLSConfig(
        client_cert=tuple(map(str, client)) if client else None,
        ca_cert=str(ca) if ca else None,
        verify=verify,
    )


class SocketEngine:
    """An engine that answers at an address."""

    def __init__(self, name: str, url: str | None, tls: Any = False) -> None:
        from docker import APIClient
        from docker.constants import DEFAULT_DOCKER_API_VERSION
        from docker.errors import DockerException

        self.name = name
        if url == "unix://":  # Docker's command line takes it for the default, too
            url = None
        self._where = url or ("npipe:////./pipe/docker_engine" if sys.platform == "win32" else _DEFAULT)
        # A pair of sockets is what `ssh` gets for its ends, which Windows' programs do not take.
        by_ssh = self._where.startswith("ssh:") and sys.platform != "win32"
        try:
            self._session = APIClient(
                base_url=_MOUNTED if by_ssh else url,
                version=DEFAULT_DOCKER_API_VERSION,  # so that it asks nothing; the engine's comes below
                timeout=_ANSWER,
                tls=False if by_ssh else tls,
                use_ssh_client=shutil.which("ssh") is not None,
            )
            if by_ssh:
                from .engine_ssh import SshAdapter

                self._session.mount(_MOUNTED, SshAdapter(self._where))
            elif self._session.base_url.startswith("https:"):
                from .engine_tls import TlsAdapter

                self._session.mount("https://", TlsAdapter(verify=self._session.verify is not False))
            # As for Docker's own command line, no proxy stands between a machine and itself.
            self._session.trust_env = urlsplit(self._session.base_url).hostname not in _HERE
            if self._session.verify is False:  # as was asked for: nothing to be told at every request
                from urllib3 import disable_warnings
                from urllib3.exceptions import InsecureRequestWarning

                disable_warnings(InsecureRequestWarning)
        except (DockerException, OSError, ValueError) as error:
            raise unreachable(self.name, self._where, error) from error
        self._api = ""
        try:
            version = answers.document(self._get("/version") or b"", name)
            api = version.get("ApiVersion") if isinstance(version, dict) else None
            if not isinstance(api, str) or not re.fullmatch(r"[0-9]{1,4}\.[0-9]{1,4}", api):
                raise SourceError(f"what answers at {self._where} is no container engine")
        except BaseException:
            self.close()
            raise
        self._api = f"/v{api}"

    def describe(self, name: str) -> Described | None:
        """As `Engine` says."""
        raw = self._get(f"/images/{quote(name, safe='/:@')}/json")
        return None if raw is None else answers.described(raw, self.name)

    def images(self) -> list[LocalImage]:
        """As `Engine` says."""
        return answers.images(self._get("/images/json") or b"[]", self.name)

    def save(self, image_id: str) -> Body:
        """As `Engine` says."""

        def ask() -> Any:
            response = self._request("GET", f"/images/{quote(image_id, safe=':')}/get", silence=_SILENCE)
            if response.status_code == 404:
                response.close()
                raise SourceError(
                    f"the image {image_id} is no longer in {self.name}",
                    "Was it removed, or built anew? Open it again.",
                )
            self._require_success(response)
            return response

        return ResponseBody(ask, self.name)

    def pull(self, name: str, platform: str | None, progress: PullProgress) -> None:
        """As `Engine` says: the engine fetches it, with the credentials of Docker's command line."""
        from docker import auth
        from docker.errors import DockerException

        bare = name.partition("@")[0]
        tagged = "@" in name or ":" in bare.rpartition("/")[2]
        wanted = {"fromImage": name if tagged else f"{name}:latest"}
        if platform:
            wanted["platform"] = platform
        headers = {}
        with suppress(DockerException):  # a name or a credential store it does not like: go without
            registry, _ = auth.resolve_repository_name(bare)
            header = auth.get_config_header(self._session, registry)
            if header:
                headers["X-Registry-Auth"] = header.decode()
        progress(0, None)

        def ask() -> Any:
            response = self._request("POST", "/images/create", wanted, headers, silence=_SILENCE)
            try:
                self._require_success(response)
            except SourceError as error:
                raise not_pulled(name, error.message.partition("): ")[2]) from error
            return response

        body = ResponseBody(ask, self.name)
        far: tuple[int, int | None] = (0, None)
        lines = prefetched(body.chunks(), lambda: progress(*far), body.close)
        try:
            for far in answers.pulled(lines):
                progress(*far)
        except answers.PullFailed as error:
            raise not_pulled(name, str(error)) from error
        finally:
            lines.close()

    def close(self) -> None:
        """As `Engine` says."""
        self._session.close()

    def _get(self, path: str) -> bytes | None:
        """A whole small answer; None if there is no such thing."""
        response = self._request("GET", path, silence=_ANSWER)
        if response.status_code == 404:
            response.close()
            return None
        self._require_success(response)
        pieces: list[bytes] = []
        size = 0
        with closing(ResponseBody(lambda: response, self.name)) as body:
            for chunk in body.chunks():
                pieces.append(chunk)
                size += len(chunk)
                if size > limits.MAX_ANSWER:
                    most = f"{limits.MAX_ANSWER >> 20} MiB"
                    raise LimitError(f"{self.name} answers with more than {most} where it should be brief")
        return b"".join(pieces)

    def _request(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        silence: float,
    ) -> Any:
        from docker.errors import DockerException

        try:
            _knock(self._where)
            response = self._session.request(
                method,
                f"{self._session.base_url}{self._api}{path}",
                params=params,
                headers={"Accept-Encoding": "identity", **(headers or {})},
                timeout=(_CONNECT, silence),
                verify=self._session.verify,  # or REQUESTS_CA_BUNDLE would be asked instead of ca.pem
                stream=True,
                allow_redirects=False,
            )
        except (DockerException, OSError) as error:  # those of requests are OSErrors
            raise unreachable(self.name, self._where, error) from error
        if response.headers.get("Content-Encoding", "identity") != "identity":
            response.close()
            raise SourceError(f"{self.name} packs its answer, which nobody asked for")
        return response

    def _require_success(self, response: Any) -> None:
        if 200 <= response.status_code < 300:
            return
        raw = b""
        with closing(ResponseBody(lambda: response, self.name)) as body, suppress(DamagedError):
            for chunk in body.chunks():
                raw += chunk
                if len(raw) > COMPLAINT:
                    break
        raise SourceError(f"{self.name} refuses ({response.status_code}): {answers.message(raw[:COMPLAINT])}")


def _knock(where: str) -> None:
    """OSError where nobody listens at a socket: the library would leave its own end open."""
    path = where.removeprefix("unix://")
    if path and path != where and hasattr(socket, "AF_UNIX"):
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(_CONNECT)
            door.connect(path)

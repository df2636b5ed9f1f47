"""Why an engine does not answer or does not pull, and what to do about it."""

import errno
import socket
import ssl
from collections.abc import Iterator

from ..errors import SourceError
from .answers import brief_line


class NobodyThereError(SourceError):
    """There is no engine of this kind here, as far as can be seen."""


def unreachable(name: str, where: str, error: BaseException) -> SourceError:
    """Why nobody answers, and what to do about it."""
    causes = list(_causes(error))
    numbers = {cause.errno for cause in causes if isinstance(cause, OSError)}
    command = name.lower()
    instead = f"or open an archive: {command} save IMAGE | layerscope -"
    if numbers & {errno.EACCES, errno.EPERM}:
        groups = f"be a member of the group {command}, or " if command == "docker" else ""
        return SourceError(
            f"{name} at {where} may not be used from here: permission denied",
            f"Use the rootless engine, {groups}go by way of sudo {command} save IMAGE | layerscope -",
        )
    if any(isinstance(cause, ssl.SSLError) for cause in causes) or "SSL" in type(error).__name__:
        return SourceError(
            f"{name} at {where} and we do not agree on TLS: {brief(error)}",
            "Do DOCKER_TLS_VERIFY and DOCKER_CERT_PATH fit the engine?",
        )
    if where.startswith("ssh:"):
        host = where.partition("//")[2].partition("/")[0]
        need = (
            "The library's part for ssh is missing: pip install paramiko"
            if "paramiko" in str(error)
            else f"Does this work: ssh {host} docker version"
        )
        return SourceError(f"{name} cannot be reached at {where}: {brief(error)}", need)
    if numbers & {errno.ENOENT, errno.ECONNREFUSED}:
        start = "sudo systemctl start docker, or Docker Desktop"
        if command == "podman":
            start = "systemctl --user start podman.socket"
        kind = NobodyThereError if errno.ENOENT in numbers else SourceError
        return kind(f"{name} is not running: nobody answers at {where}", f"Start it ({start}), {instead}")
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return SourceError(f"{name} cannot be reached: there is no host of the name in {where}")
    if any(isinstance(cause, TimeoutError) or "Timeout" in type(cause).__name__ for cause in causes):
        return SourceError(f"{name} does not answer at {where}", f"Start it anew, {instead}")
    return SourceError(f"{name} cannot be reached at {where}: {brief(error)}")


def not_pulled(name: str, why: str) -> SourceError:
    """What to try if a registry refuses, or does not answer the engine."""
    said = why.lower()
    if any(word in said for word in ("denied", "unauthorized", "authentication", "forbidden")):
        hint = "Is the name right? For a private registry: docker login"
    elif any(word in said for word in ("not found", "manifest unknown", "no such", "name unknown")):
        hint = "Are name and tag right?"
        if "host" in said:
            hint = "Is there a network, and is the registry's name right?"
    elif any(word in said for word in ("timeout", "refused", "unreachable", "dial", "lookup")):
        hint = "Is there a network, and is the registry's name right?"
    else:
        hint = ""
    return SourceError(f"{name} cannot be pulled: {why}", hint)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all that are within it: the libraries wrap them in each other, as arguments too."""
    waiting: list[BaseException] = [error]
    seen: set[int] = set()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]
        waiting += [one for one in inner if isinstance(one, BaseException)]


def brief(error: BaseException) -> str:
    """What an error says, on one line."""
    return brief_line(str(error)) or type(error).__name__

"""Why an engine does not answer or does not pull, and what to do about it."""

import errno
import socket
import ssl
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from ..errors import SourceError
from .answers import brief_line


class NobodyThereError(SourceError):
    """There is no engine of this kind here, as far as can be seen."""


class HungUpError(ConnectionError):
    """What led to the engine has gone; these were its last words."""


def unreachable(name: str, where: str, error: BaseException) -> SourceError:
    """Why nobody answers, and what to do about it."""
    causes = list(_causes(error))
    # The number of a TLS error is not one of the system's: 1 is no EPERM there.
    numbers = {one.errno for one in causes if isinstance(one, OSError) and not isinstance(one, ssl.SSLError)}
    command = name.lower()
    instead = f"or open an archive: {command} save IMAGE | layerscope -"
    if numbers & {errno.EACCES, errno.EPERM}:
        groups = ", be a member of the group docker," if command == "docker" else ""
        return SourceError(
            f"{name} at {where} may not be used from here: permission denied",
            f"Use the rootless engine{groups} or go by way of sudo {command} save IMAGE | layerscope -",
        )
    if where.startswith("ssh:"):
        return _beyond_ssh(name, where, causes)
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return _without_tls(name, where, causes)
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
    if errno.ECONNRESET in numbers or any("RemoteDisconnected" in type(one).__name__ for one in causes):
        wants = "Does it want TLS? DOCKER_TLS_VERIFY=1, and the certificates in DOCKER_CERT_PATH"
        encrypted = where.startswith(("unix:", "npipe:", "https:"))
        return SourceError(f"what answers at {where} hangs up at once", "" if encrypted else wants)
    return SourceError(f"{name} cannot be reached at {where}: {brief(error)}")


def _without_tls(name: str, where: str, causes: Sequence[BaseException]) -> SourceError:
    """Of all that TLS may have against each other, what it is, in the words of OpenSSL."""
    error = [one for one in causes if isinstance(one, ssl.SSLError)][-1]
    reason = getattr(error, "verify_message", None) or (error.reason or "it hangs up").lower().replace(
        "_", " "
    )
    if error.reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"}:
        return SourceError(
            f"{name} at {where} does not speak TLS",
            "Without DOCKER_TLS_VERIFY and DOCKER_CERT_PATH nothing is encrypted.",
        )
    return SourceError(
        f"{name} at {where} and we do not agree on TLS: {reason}",
        "Are the files in DOCKER_CERT_PATH (ca.pem, cert.pem, key.pem) those for this engine?",
    )


def _beyond_ssh(name: str, where: str, causes: Sequence[BaseException]) -> SourceError:
    """What `ssh` said, and how to try it alone."""
    if any(isinstance(one, FileNotFoundError) for one in causes):
        return SourceError(f"{name} cannot be reached at {where}: there is no command ssh here")
    if "paramiko" in str(causes[0]):
        return SourceError(f"{name} cannot be reached at {where}", "On Windows: pip install paramiko")
    said = brief(causes[0])
    for one in causes:
        if isinstance(one, HungUpError):
            said = str(one) or "the connection was cut"
        elif "Timeout" in type(one).__name__:
            said = "no answer"
    return SourceError(f"{name} cannot be reached at {where}: {said}", f"Does this work: {_tried(where)}")


def _tried(where: str) -> str:
    address = urlsplit(where)
    host = address.netloc
    try:
        if address.port:
            host = f"-p {address.port} {host.rpartition(':')[0]}"
    except ValueError:  # no number
        pass
    return f"ssh {host} docker version"


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

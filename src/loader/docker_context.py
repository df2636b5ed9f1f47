"""The context of Docker's command line: where its engine is, and the certificates for it.

Read here, and not by the `docker` library: without a `config.json` that looks for contexts in the working
directory, and it leaves TLS out altogether where a context does not have all of its three files.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import SourceError

_FILES = ("ca.pem", "cert.pem", "key.pem")


class Tls(NamedTuple):
    """How the engine shows who it is, and we do."""

    ca: Path | None
    """None for those that the system trusts."""
    client: tuple[Path, Path] | None
    """Certificate and key."""
    verify: bool


class Context(NamedTuple):
    """An engine as `docker context inspect` shows it."""

    host: str
    """As in DOCKER_HOST."""
    tls: Tls | None


def chosen_context() -> Context | None:
    """That of DOCKER_CONTEXT, or the one in use; None for the default one. SourceError if it is not there."""
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    name = os.environ.get("DOCKER_CONTEXT") or _in_use(folder)
    if name == "default":
        return None
    identity = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
    try:
        endpoint = json.loads((folder / "contexts" / "meta" / identity / "meta.json").read_bytes())
        endpoint = endpoint["Endpoints"]["docker"]
        host, unverified = endpoint.get("Host"), endpoint.get("SkipTLSVerify") is True
    except (FileNotFoundError, NotADirectoryError):
        raise SourceError(f"there is no Docker context {name}", "docker context ls lists them.") from None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise SourceError(
            f"Docker's context {name} cannot be read", f"Does this work: docker context inspect {name}"
        ) from error
    if not isinstance(host, str) or not host:
        raise SourceError(f"Docker's context {name} names no engine", f"docker context inspect {name}")
    ca, cert, key = (_if_there(folder / "contexts" / "tls" / identity / "docker" / file) for file in _FILES)
    tls = Tls(ca, (cert, key) if cert and key else None, not unverified)
    return Context(host, tls if ca or tls.client or unverified else None)


def _in_use(folder: Path) -> str:
    """What `docker context use` wrote down. As for Docker, what cannot be read is none."""
    try:
        config: Any = json.loads((folder / "config.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return "default"
    name = config.get("currentContext") if isinstance(config, dict) else None
    return name if isinstance(name, str) and name else "default"


def _if_there(path: Path) -> Path | None:
    return path if path.is_file() else None

"""`layerscope build`: hands its arguments to Docker or Podman, and finds the image that came of it."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..ending import Terminated
from ..errors import SourceError
from ..opening import LOAD, Wanted

if TYPE_CHECKING:
    from ..loader.engine import Described
    from ..loader.reference import Origin

BUILDERS = ("docker", "podman")
"""Commands that build, in the order in which they are looked for."""

_ID = re.compile(r"(?:sha256:)?([0-9a-f]{64})\s*")
_LONGEST_ID = 100
_AT_ONCE = 1.0
"""Seconds in which a builder ends after a Ctrl-C, which the terminal has told it of too."""
_PATIENCE = 10.0
"""Seconds that a builder gets to end after a signal."""


class Builder(NamedTuple):
    """A command that builds images."""

    name: str
    path: str


def find_builder(name: str | None) -> Builder:
    """The command of that name, or whichever is here; SourceError if there is none."""
    for candidate in [name] if name else BUILDERS:
        if path := shutil.which(candidate):
            return Builder(candidate, path)
    missing = f"there is no command {name}" if name else "there is neither a command docker nor podman"
    raise SourceError(f"{missing} to build with", "Build elsewhere, and open the archive: layerscope FILE")


def build(builder: Builder, arguments: Sequence[str], *, aside: bool) -> Wanted:
    """Run `docker build ARGUMENTS`, and say how its image is opened.

    What the builder prints is shown as it is, `aside` on standard error alone. Raises SourceError if the
    build fails, leaves no image, or leaves it where the engine does not have it.
    """
    import tempfile

    own = values_of(arguments, "--iidfile")
    with tempfile.TemporaryDirectory(prefix="layerscope-", ignore_cleanup_errors=True) as folder:
        file = Path(own[-1]) if own else Path(folder) / "id"
        before = _state(file)
        added = [] if own else ["--iidfile", str(file)]
        code = _run([builder.path, "build", *added, *arguments], aside=aside)
        if code:
            how = f"with exit code {code}" if code > 0 else f"by signal {-code}"
            raise SourceError(f"{builder.name} build ended {how}", "Why, it says above.")
        identity = _read_id(file) if _state(file) != before else ""
    if not identity:
        raise SourceError(f"{builder.name} build has left no image", LOAD)
    return _where(builder, identity, values_of(arguments, "--tag", "-t"))


def values_of(arguments: Sequence[str], name: str, short: str = "") -> list[str]:
    """What an option has been given: `--tag a`, `--tag=a`, `-t a`, `-ta` or `-t=a`."""
    found = []
    words = iter(arguments)
    for word in words:
        option, equals, value = word.partition("=")
        if word == "--":
            break
        if option and option in (name, short):
            found.append(value if equals else next(words, ""))
        elif short and word.startswith(short):
            found.append(word.removeprefix(short))
    return found


def dockerfile_of(arguments: Sequence[str]) -> str | None:
    """The file that a build reads its steps from, if it is one of this machine and where it is looked for.

    That of `--file`, or `Dockerfile` (Podman: `Containerfile` too) in the folder that is the last argument.
    """
    named = values_of(arguments, "--file", "-f")
    folder = Path(arguments[-1]) if arguments else Path()
    for file in [Path(named[-1])] if named else [folder / name for name in ("Dockerfile", "Containerfile")]:
        with contextlib.suppress(OSError, ValueError):
            if file.is_file():
                return str(file)
    return None


def _state(file: Path) -> tuple[int, int] | None:
    """Which file it is, and of when: an id that an earlier build left is none of this one."""
    with contextlib.suppress(OSError, ValueError):
        status = file.stat()
        return status.st_ino, status.st_mtime_ns
    return None


def _read_id(file: Path) -> str:
    with contextlib.suppress(OSError), file.open(encoding="ascii", errors="replace") as opened:
        if match := _ID.fullmatch(opened.read(_LONGEST_ID)):
            return f"sha256:{match.group(1)}"
    return ""


def _run(command: Sequence[str], *, aside: bool) -> int:
    """The exit code of a command that has our terminal; whatever ends us ends it first."""
    out = (sys.stderr.fileno() if sys.stderr is not None else subprocess.DEVNULL) if aside else None
    try:
        process = subprocess.Popen(command, stdout=out)  # noqa: S603 - what the user asked for
    except OSError as error:
        raise SourceError(f"{command[0]} cannot be run: {error.strerror}") from error
    try:
        return process.wait()
    except KeyboardInterrupt:
        _end(process, signal.SIGINT, at_once=True)
        raise
    except Terminated as end:
        _end(process, end.number)
        raise
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _end(process: "subprocess.Popen[bytes]", number: int, *, at_once: bool = False) -> None:
    """Wait for the builder to end; it gets the signal unless it ends at once by itself."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        if at_once:
            process.wait(_AT_ONCE)
            return
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.send_signal(number if os.name == "posix" else signal.SIGTERM)
        process.wait(_PATIENCE)


def _where(builder: Builder, identity: str, names: Sequence[str]) -> Wanted:
    """What opens the image: a name that it was given, if that is what the name means, or else its id."""
    from ..loader.reference import Origin

    # A command named docker may be Podman's.
    origin = Origin.PODMAN if builder.name == "podman" else Origin.ENGINE
    built = next(_known(origin, [identity]), None)
    for name, engine, image in _known(origin, names):
        if built is None:
            # containerd's store does not know images by the digest of their config: read, then compare.
            return Wanted(f"{engine}://{name}", id=identity)
        if image.id == built[2].id:
            return Wanted(f"{engine}://{name}")
    if built is None:
        raise SourceError(f"the image that was built is not in {builder.name.capitalize()}", LOAD)
    return Wanted(f"{built[1]}://{identity}")


def _known(origin: "Origin", names: Sequence[str]) -> "Iterator[tuple[str, str, Described]]":
    """Of the names those that an engine knows: name, the engine as in `docker://`, and what it says."""
    from ..loader.engines import look_up
    from ..loader.names import is_image_name

    for name in names:
        if is_image_name(name) and (found := look_up(origin, name)):
            engine, image = found
            yield name, engine.lower(), image

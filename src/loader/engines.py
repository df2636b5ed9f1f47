"""Which engine has an image of a name: Docker's, Podman's, or none, and then what is like it."""

import difflib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress

from ..analysis.model import LocalImage, LocalImages
from ..errors import LayerscopeError, SourceError
from .engine import Connect, Described, Engine, Pull, PullProgress, SavedArchive
from .names import can_be_pulled
from .reference import Origin
from .unreachable import NobodyThereError

_CLOSE_NAMES = 3
_MAX_NAMES = 2000
"""Local names among which a close one is looked for."""


@contextmanager
def find(
    origin: Origin, name: str, *, pull: Pull, platform: str | None, progress: PullProgress
) -> Iterator[SavedArchive]:
    """The image of that name in the engine that has it; pulled if it is to be."""
    failures: list[LayerscopeError] = []
    answering: list[Engine] = []
    try:
        for connect in _engines(origin):
            try:
                engine = connect()
            except SourceError as error:
                failures.append(error)
                continue
            answering.append(engine)
            if pull == "always":
                break
            if image := engine.describe(name):
                yield SavedArchive(engine, image, name)
                return
        if not answering:
            raise _nobody_answers(origin, name, failures)
        # An engine that is there and does not answer may have it: no other one fetches it in its place.
        silent = any(not isinstance(failure, NobodyThereError) for failure in failures)
        if pull == "never" or silent or not can_be_pulled(name):
            raise _unknown(origin, name, answering, failures, pull)
        engine = answering[0]
        engine.pull(name, platform, progress)
        image = engine.describe(name)
        if image is None:
            raise SourceError(f"{engine.name} has pulled {name}, but does not know it")
        yield SavedArchive(engine, image, name)
    finally:
        for engine in answering:
            engine.close()


def look_up(origin: Origin, name: str) -> tuple[str, Described] | None:
    """The engine that has an image (`Docker`, `Podman`), and what it says of it; None if none has.

    Raises SourceError if no engine answers.
    """
    failures: list[LayerscopeError] = []
    for engine in _answering(origin, failures):
        if image := engine.describe(name):
            return engine.name, image
    return None


def local_images() -> LocalImages:
    """The images of all engines that answer. Raises a LayerscopeError if none does."""
    failures: list[LayerscopeError] = []
    images: dict[tuple[str, str, str], LocalImage] = {}
    for engine in _answering(Origin.ENGINE, failures):
        try:
            images |= {(one.engine, one.id, one.name): one for one in engine.images()}
        except LayerscopeError as error:
            failures.append(error)
    silent = [error for error in failures if not isinstance(error, NobodyThereError)]
    if silent and not images:
        raise silent[0]
    return LocalImages(tuple(images.values()), tuple(error.message for error in silent))


def _answering(origin: Origin, failures: list[LayerscopeError]) -> Iterator[Engine]:
    """The engines that can be reached, each for as long as it is looked at; why others cannot is noted.

    Raises the first of the failures if none can.
    """
    answered = False
    for connect in _engines(origin):
        try:
            engine = connect()
        except SourceError as error:
            failures.append(error)
            continue
        answered = True
        with closing(engine):
            yield engine
    if not answered:
        raise failures[0]


def _engines(origin: Origin) -> Iterator[Connect]:
    from .engine_podman import podman_engines
    from .engine_socket import connect_docker

    if origin is not Origin.PODMAN:
        yield connect_docker
    if origin is not Origin.DOCKER:
        yield from podman_engines()


def _nobody_answers(origin: Origin, name: str, failures: Sequence[LayerscopeError]) -> LayerscopeError:
    if origin is not Origin.ENGINE:
        return failures[0]
    first = failures[0]
    return SourceError(f"there is no file or directory {name}, and {first.message}", first.hint)


def _unknown(
    origin: Origin,
    name: str,
    engines: Sequence[Engine],
    failures: Sequence[LayerscopeError],
    pull: Pull,
) -> SourceError:
    """No engine has it: what they have that looks like it, and how to get it."""
    known: list[str] = []
    for engine in engines:
        with suppress(LayerscopeError):
            known += [image.name for image in engine.images() if image.name]
    where = " or ".join(dict.fromkeys(engine.name for engine in engines))
    missing = f"there is no image {name} in {where}"
    if origin is Origin.ENGINE:
        missing = f"there is no file or directory {name}, and no image of that name in {where}"
    hints = []
    if pull == "never" and can_be_pulled(name):
        hints.append("--pull missing fetches it.")
    hints += [f"Not asked: {error.message}." for error in failures[:1]]
    close = close_names(name, known)
    if close:
        hints.append("These are there:")
    return SourceError(missing, " ".join(hints), close)


def close_names(name: str, known: Sequence[str]) -> list[str]:
    """Those of the names that look most like this one, the closest first."""
    known = list(dict.fromkeys(known))[:_MAX_NAMES]
    others = {tag: tag for tag in reversed(known)} | {tag.rpartition("/")[2]: tag for tag in reversed(known)}
    wished = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
    close = difflib.get_close_matches(wished, others, n=_CLOSE_NAMES, cutoff=0.6)
    close += difflib.get_close_matches(wished.rpartition("/")[2], others, n=_CLOSE_NAMES, cutoff=0.6)
    bare = name.partition("@")[0].rpartition("/")[2].partition(":")[0]
    close += [tag for tag in known if tag.rpartition("/")[2].partition(":")[0] == bare]
    return list(dict.fromkeys(others.get(tag, tag) for tag in close))[:_CLOSE_NAMES]

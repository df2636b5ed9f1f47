"""What an image says of itself and what will run, as named lines that are safe to show.

A config is JSON from anywhere: every key may be missing, or of any type, depth and length.
"""

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from ..formatting import percent
from .session import Session

_LONGEST = 4000
"""Characters of a value."""
_MOST_CHARACTERS = 1_000_000
"""Of all values together, so that wrapping them is a matter of milliseconds."""
_MOST = 500
"""Values under one key."""
_SECRETS = ("PASSWORD", "PASSWD", "TOKEN", "SECRET", "KEY", "CREDENTIAL")
"""What the name of a variable has in it whose value is not for everybody behind the user's back."""
_MASK = "********"
_SHOWN = frozenset(
    (
        "Entrypoint", "Cmd", "Env", "User", "WorkingDir", "ExposedPorts", "Volumes", "Labels", "Healthcheck",
        "StopSignal", "Shell", "OnBuild",
    )
)  # fmt: skip
"""Keys that have lines of their own."""


class Fact(NamedTuple):
    """One line, which may have to be wrapped."""

    name: str
    """Empty if it is the same as on the line before."""
    value: str
    style: str = ""


def image_facts(session: Session, *, unmasked: bool = False) -> list[Fact]:
    """Everything, with an empty fact between what belongs together; masked are values that look secret."""
    found, room = [], _MOST_CHARACTERS
    for fact in _all(session, unmasked):
        value = session.display.text(fact.value[:_LONGEST])
        if len(fact.value) > _LONGEST:
            value += f" ({len(fact.value) - _LONGEST:,} more characters)"
        room -= len(value)
        if room < 0:
            found.append(Fact("", "The rest is too long to be shown.", "waste"))
            break
        found.append(Fact(session.display.cut(session.display.text(fact.name), 40), value, fact.style))
    return found


def has_secrets(session: Session) -> bool:
    """Whether there is something to mask."""
    analysis = session.analysis
    variables = _texts(analysis.unmasked.config.get("Env"))
    return analysis.unmasked.config != analysis.image.config or any(map(_is_secret, variables))


def _all(session: Session, unmasked: bool) -> Iterator[Fact]:
    for part in (_notes, _identity, _run, _figures):
        before = False
        for fact in part(session):
            before = True
            yield fact
        if before:
            yield Fact("", "")
    image = session.analysis.unmasked if unmasked else session.analysis.image
    yield from _surroundings(image.config, unmasked)
    yield from _others(image.config)


def _notes(session: Session) -> Iterator[Fact]:
    yield from _many("note", session.analysis.image.notes, "waste")


def _identity(session: Session) -> Iterator[Fact]:
    image = session.analysis.image
    yield Fact("reference", image.reference, "bold")
    yield from _many("tags", image.tags or ("none",))
    yield Fact("id", image.id or "none")
    yield Fact("platform", image.platform or "not told")
    yield Fact("created", image.created or "not told")


def _run(session: Session) -> Iterator[Fact]:
    """What starts, in which surroundings."""
    config = session.analysis.image.config
    words = [*_texts(config.get("Entrypoint")), *_texts(config.get("Cmd"))]
    yield Fact("runs", shlex.join(words) if words else "nothing: a command has to be given", "bold")
    for name, key in (("entrypoint", "Entrypoint"), ("cmd", "Cmd"), ("shell", "Shell")):
        if not _is_empty(config.get(key)):
            yield Fact(name, _json(config[key]))
    yield Fact("user", _user(config.get("User")))
    yield Fact("workdir", _text(config.get("WorkingDir")) or "/")
    if not _is_empty(config.get("StopSignal")):
        yield Fact("stop signal", _text(config["StopSignal"]))
    if not _is_empty(config.get("Healthcheck")):
        yield from _health(config["Healthcheck"])


def _figures(session: Session) -> Iterator[Fact]:
    analysis, display = session.analysis, session.display
    totals = analysis.totals
    yield Fact("layers", f"{len(analysis.layers):,}")
    yield Fact("stored", display.size(totals.stored))
    yield Fact("live", f"{display.size(totals.live)}  {percent(totals.efficiency)} of what is stored")
    if totals.wasted:
        copies = f"{analysis.copies:,} {'copy' if analysis.copies == 1 else 'copies'}"
        yield Fact("wasted", f"{display.size(totals.wasted)} in {copies}", "waste")
    else:
        yield Fact("wasted", "nothing")
    if analysis.compressed_bytes is not None:
        yield Fact("compressed", display.size(analysis.compressed_bytes))


def _surroundings(config: Mapping[str, object], unmasked: bool) -> Iterator[Fact]:
    """The lists, each set apart."""
    variables = _texts(config.get("Env"))
    shown = variables if unmasked else (_masked(text) for text in variables)
    for name, values in (
        ("env", shown),
        ("ports", _texts(config.get("ExposedPorts"))),
        ("volumes", _texts(config.get("Volumes"))),
        ("labels", _texts(config.get("Labels"))),
        ("onbuild", _texts(config.get("OnBuild"))),
    ):
        facts = list(_many(name, values))
        if facts:
            yield from facts
            yield Fact("", "")


def _others(config: Mapping[str, object]) -> Iterator[Fact]:
    others = [key for key in config if key not in _SHOWN and not _is_empty(config[key])]
    for key in others[:_MOST]:
        yield Fact(key, _json(config[key]))
    if len(others) > _MOST:
        yield Fact("", f"and {len(others) - _MOST:,} more", "dim")


def _many(name: str, values: Iterable[str], style: str = "") -> Iterator[Fact]:
    remaining = iter(values)
    for value in islice(remaining, _MOST):
        yield Fact(name, value, style)
        name = ""
    if more := sum(1 for _ in remaining):
        yield Fact("", f"and {more:,} more", "dim")


def _user(value: object) -> str:
    if _is_empty(value):
        return "root, as none is set"
    text = _text(value)
    return f"{text} (root)" if text.partition(":")[0] == "0" else text


def _health(check: object) -> Iterator[Fact]:
    """Docker's `HealthConfig`: a test, times in nanoseconds, a number of retries."""
    if not isinstance(check, Mapping):
        yield Fact("healthcheck", _json(check))
        return
    test = _texts(check.get("Test"))
    if test == ["NONE"]:
        yield Fact("healthcheck", "switched off")
    elif len(test) == 2 and test[0] == "CMD-SHELL":
        yield Fact("healthcheck", test[1])
    else:
        yield Fact("healthcheck", _json(check.get("Test")))
    rest = {key: value for key, value in check.items() if key != "Test" and not _is_empty(value)}
    if rest:
        yield Fact("", ", ".join(f"{key} {_duration(value)}" for key, value in islice(rest.items(), _MOST)))


def _duration(value: object) -> str:
    if isinstance(value, int) and abs(value) >= 1_000_000 and abs(value) < 10**18:
        return f"{value / 1_000_000_000:g} s"
    return _json(value)


def _is_secret(text: str) -> bool:
    name, equals, value = text.partition("=")
    return bool(equals and value) and any(word in name.upper() for word in _SECRETS)


def _masked(text: str) -> str:
    return f"{text.partition('=')[0]}={_MASK}" if _is_secret(text) else text


def _is_empty(value: object) -> bool:
    return value is None or value == "" or value == [] or value == {}


def _texts(value: object) -> list[str]:
    """What should be a list of texts, or an object used as a set or a map: as lines."""
    if _is_empty(value):
        return []
    if isinstance(value, Mapping):
        return [f"{key}" if _is_empty(item) else f"{key}={_text(item)}" for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return [_text(item) for item in value]
    return [_text(value)]


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else _json(value)


def _json(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return "(too deep, or no JSON)"

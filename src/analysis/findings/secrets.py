"""Findings about secrets: in files, also deleted ones, in the image's settings and in its history.

No finding holds a value, or how long one is: where it is, what kind it is, and of a value that a machine made
a fingerprint (`Secret.fingerprint`). None saves bytes: those of deleted files are another finding's.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..analyze import Analysis
from ..history import pair
from ..stored import layers_of
from .finding import Evidence, Finding, Severity
from .making import MOST
from .secret_advice import BY_ID, fix_of_file, fix_of_variables
from .secret_lookup import is_example
from .secret_patterns import Secret, mask
from .secret_search import Sighting, find_in_files
from .secret_steps import Spoken, find_in_settings, find_in_steps

_MOST_NAMED = 5
"""Kinds and names that are told of one place."""
_MILDER = {
    "private key with a passphrase": Severity.MEDIUM,
    "key store": Severity.MEDIUM,
    "hash of a password": Severity.MEDIUM,
}


class _Place(NamedTuple):
    """A file as evidence, and how much it matters."""

    severity: Severity
    path: bytes
    layer: int
    what: str


def find_secrets(analysis: Analysis) -> Iterator[Finding]:
    """One finding for each kind of place; secrets that a later layer hides by the layer that does.

    Reads what `secret_search` says. Files that have gone by are judged by their names, and the finding says
    so. SourceError for a report that was saved without entries.
    """
    sightings = find_in_files(layers_of(analysis))
    settings = find_in_settings(analysis.unmasked.config)
    steps = find_in_steps(pair(analysis.unmasked), settings)
    values = [secret.value for spoken in (*settings, *steps) for secret in spoken.secrets]
    values += [secret.value for sighting in sightings for secret in sighting.secrets or ()]
    yield from _in_files(analysis, sightings, values)
    yield from _in_words("secret-in-config", settings, values)
    yield from _in_words("secret-in-history", steps, values)


# Files ----------------------------------------------------------------------------------------------------


def _in_files(analysis: Analysis, sightings: Sequence[Sighting], values: Sequence[str]) -> Iterator[Finding]:
    killers = _killers(analysis, sightings)
    hidden_by = _last_killers(sightings, killers)
    live = {
        (one.suspect.path, secret.digest)
        for one in sightings
        if one.suspect.place not in killers
        for secret in one.secrets or ()
    }
    groups: dict[tuple[str, int | None], list[_Place]] = {}
    for one in sightings:
        suspect = one.suspect
        killer = killers.get(suspect.place)
        kind: tuple[str, int | None] = suspect.file.id, None
        if one.secrets is None:
            kind = "secret-unread", None
        elif is_example(suspect.path):
            kind = "secret-example", None
        elif killer is not None and not any((suspect.path, secret.digest) in live for secret in one.secrets):
            kind = "secret-deleted", hidden_by[suspect.path]
        what = _what(one)
        if killer is not None:
            layer = analysis.layers[suspect.layer].layer
            what += f"; hidden by layer {killer}, and still in the blob {layer.digest or layer.name}"
        place = _Place(_severity(one), suspect.path, suspect.layer, what)
        groups.setdefault(kind, []).append(place)
    for (identity, hidden), places in groups.items():
        yield _about_files(analysis, identity, hidden, places, values)


def _killers(analysis: Analysis, sightings: Sequence[Sighting]) -> dict[tuple[int, int], int]:
    """By layer and place, of the files seen: the layer that took each out of reach."""
    seen = {one.suspect.place for one in sightings}
    if not seen:
        return {}
    return {
        place: death.killed_by
        for death in analysis.union.deaths
        if (place := (death.inode.layer, death.inode.number)) in seen
    }


def _last_killers(sightings: Sequence[Sighting], killers: dict[tuple[int, int], int]) -> dict[bytes, int]:
    """By path: the last layer that took a copy of it out of reach, which is the one that meant to."""
    found: dict[bytes, int] = {}
    for one in sightings:
        killer = killers.get(one.suspect.place)
        if killer is not None:
            found[one.suspect.path] = max(killer, found.get(one.suspect.path, killer))
    return found


def _about_files(
    analysis: Analysis, identity: str, killer: int | None, places: list[_Place], values: Iterable[str]
) -> Finding:
    places.sort(key=lambda place: (-place.severity, place.path, place.layer))
    first = places[0]
    subject = BY_ID[identity]
    command = mask(analysis.layers[first.layer].command, values)
    layers = dict.fromkeys(place.layer for place in places)
    if killer is not None:
        layers.setdefault(killer)
    return Finding(
        identity,
        subject.title,
        min(first.severity, subject.severity),
        tuple(layers),
        tuple(Evidence(place.path, 0, 1, place.layer, place.what) for place in places[:MOST]),
        len(places[MOST:]),
        0,
        subject.reason,
        fix_of_file(identity, first.path, command),
    )


def _severity(one: Sighting) -> Severity:
    if one.secrets is None or one.suspect.file.what == "SSH host key":
        return Severity.MEDIUM
    return max(_MILDER.get(secret.kind, Severity.HIGH) for secret in one.secrets)


def _what(one: Sighting) -> str:
    if one.secrets is None:
        return f"{one.suspect.file.what} by its name; its content was not read"
    if one.suspect.file.what == "SSH host key":
        return f"{one.suspect.file.what}, {_told(one.secrets)}"
    return _told(one.secrets)


def _told(secrets: Sequence[Secret]) -> str:
    """Kinds, names and fingerprints, each once."""
    told = dict.fromkeys(
        f"{secret.kind} (fingerprint {secret.fingerprint})" if secret.fingerprint else secret.kind
        for secret in secrets
    )
    more = f" and {len(told) - _MOST_NAMED} more" if len(told) > _MOST_NAMED else ""
    return ", ".join(list(told)[:_MOST_NAMED]) + more


# Settings and steps ---------------------------------------------------------------------------------------


def _in_words(identity: str, places: Sequence[Spoken], values: Sequence[str]) -> Iterator[Finding]:
    if not places:
        return
    subject = BY_ID[identity]
    evidence = [
        Evidence(b"", 0, 0, one.layer, f"{one.where(values)}: {_told(one.secrets)}") for one in places
    ]
    names = dict.fromkeys(secret.name for one in places for secret in one.secrets if secret.name)
    yield Finding(
        identity,
        subject.title,
        subject.severity,
        tuple(dict.fromkeys(one.layer for one in places if one.layer is not None)),
        tuple(evidence[:MOST]),
        len(evidence[MOST:]),
        0,
        subject.reason,
        fix_of_variables(identity, tuple(names)),
    )

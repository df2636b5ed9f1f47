"""Secrets in words: the variables, labels and commands of an image's config, and the steps of its history."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .. import history
from ..model import Step
from .secret_patterns import HIDDEN, Secret, distinct, find_in_text, mask, named

_LOOKED_AT = 100_000
"""Characters of a step or a setting."""
_SHOWN = 200
_COMMANDS = ("Cmd", "Entrypoint", "OnBuild")
_SETTINGS = ("ENV ", "LABEL ", "CMD ", "ENTRYPOINT ", "HEALTHCHECK ", "ONBUILD ")
_WORDS = ("ENV", "ARG", "LABEL")
"""Instructions of which nothing but the names is told: their values may hold anything."""


class Spoken(NamedTuple):
    """A setting or a step that holds secrets."""

    text: str
    """Of a setting only the keyword; of a step all of it, with its secrets."""
    secrets: tuple[Secret, ...]
    layer: int | None
    """Of a step: the layer that it made."""

    def where(self, values: Iterable[str]) -> str:
        """The keyword, or a step up to its first secret, as what follows may be the rest of that.

        `values` are the secrets of the whole image.
        """
        command = history.instruction(mask(self.text, values))
        keyword = command.partition(" ")[0]
        if keyword in _WORDS:
            return keyword
        shown, found, _ = command.partition(HIDDEN)
        if len(shown) > _SHOWN:
            return f"{shown[:_SHOWN]}…"
        return f"{shown}{found}…" if found else shown


def find_in_settings(config: Mapping[str, object]) -> list[Spoken]:
    """The variables, labels and commands of an image that hold secrets."""
    found = []
    for variable in _texts(config.get("Env")):
        name, _, value = variable.partition("=")
        found.append(("ENV", _of_value(name, value)))
    labels = config.get("Labels")
    for label, value in labels.items() if isinstance(labels, Mapping) else ():
        found.append(("LABEL", _of_value(str(label), str(value))))
    health = config.get("Healthcheck")
    test = health.get("Test") if isinstance(health, Mapping) else None
    for key, words in (*((key, config.get(key)) for key in _COMMANDS), ("Healthcheck", test)):
        found.append((key.upper(), distinct(find_in_text(" ".join(_texts(words))[:_LOOKED_AT]))))
    return [Spoken(keyword, secrets, None) for keyword, secrets in found if secrets]


def find_in_steps(steps: Sequence[Step], settings: Sequence[Spoken]) -> list[Spoken]:
    """The steps that hold secrets, but for those that only set what the settings still have."""
    known = {secret.value for spoken in settings for secret in spoken.secrets}
    found = []
    for step in steps:
        text = (step.history.created_by or step.history.comment)[:_LOOKED_AT]
        secrets = distinct(find_in_text(text))
        is_setting = history.instruction(text).startswith(_SETTINGS)
        if secrets and not (is_setting and all(one.value in known for one in secrets)):
            found.append(Spoken(text, secrets, step.layer))
    return found


def values_in(config: Mapping[str, object], steps: Sequence[Step]) -> list[str]:
    """The secrets of settings and steps, each once."""
    settings = find_in_settings(config)
    found = (*settings, *find_in_steps(steps, settings))
    return list(dict.fromkeys(secret.value for spoken in found for secret in spoken.secrets))


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def _of_value(name: str, value: str) -> tuple[Secret, ...]:
    value = value[:_LOOKED_AT]
    return tuple(named(name, value)) or distinct(find_in_text(value))

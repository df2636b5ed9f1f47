"""What two images say differently of how a container is to run, and of themselves."""

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..errors import LimitError
from .analyze import Analysis
from .comparison_files import Difference

SINGLE = ("User", "Entrypoint", "Cmd", "WorkingDir", "StopSignal", "Shell", "Healthcheck", "OnBuild")
"""Keys with one value; OCI image spec, config.md, and what Docker has beside (the last three)."""
_HIDDEN = "***"
"""What `masking` puts in place of a secret."""
SETS = ("ExposedPorts", "Volumes")
"""Keys whose value is an object, of which only the names mean something."""


class ConfigDifference(NamedTuple):
    """A setting that is not the same in both images; all texts but the key are the image's, unescaped."""

    key: str
    """As the config has it (OCI image spec), or `platform`, `created`, `base layers`, `base name` of the
    image."""
    name: str
    """Which of several: a variable, a label, a port, a volume; empty where the key has one value."""
    kind: Difference
    """ADDED, REMOVED or CHANGED."""
    before: str
    """The value in the first image, as JSON if it is no text; empty for none, and for all of Env."""
    after: str


def compare_configuration(before: Analysis, after: Analysis) -> tuple[ConfigDifference, ...]:
    """Every setting that differs: the image's own, then single values, then those with names, by name.

    What is missing is what is null or empty: builders write either. Keys that only a builder has a use for
    (`Image`, `Hostname`) are not looked at. LimitError for a config that is nested deeper than any real one.
    """
    was, now = before.image.config, after.image.config
    return (
        *_single(_of_image(before), _of_image(after)),
        *_single(_values(was), _values(now)),
        *(found for key in SETS for found in _named(key, _names(was, key), _names(now, key))),
        # A variable may hold a secret, and a comparison is shown to more people than an image.
        *(one._replace(before="", after="") for one in _named("Env", *_both_variables(before, after))),
        *_named("Labels", _labels(was), _labels(now)),
    )


def _of_image(analysis: Analysis) -> dict[str, str]:
    return {
        "platform": analysis.image.platform,
        "created": analysis.image.created,
        "base layers": str(analysis.base.layers),
        "base name": analysis.base.name,
    }


def _values(config: Mapping[str, object]) -> dict[str, str]:
    return {key: _text(config.get(key)) for key in SINGLE}


def _object(config: Mapping[str, object], key: str) -> Mapping[str, object]:
    found = config.get(key)
    return found if isinstance(found, Mapping) else {}


def _names(config: Mapping[str, object], key: str) -> dict[str, str]:
    return dict.fromkeys(_object(config, key), "")


def _both_variables(before: Analysis, after: Analysis) -> tuple[dict[str, str], dict[str, str]]:
    """By name, with their secrets: another one is a difference. What a saved report has masked is in both."""
    was, now = (_variables(analysis.unmasked.config) for analysis in (before, after))
    shown_was, shown_now = (_variables(analysis.image.config) for analysis in (before, after))
    for name in was.keys() & now.keys():
        if _HIDDEN in was[name] or _HIDDEN in now[name]:
            was[name], now[name] = shown_was[name], shown_now[name]
    return was, now


def _variables(config: Mapping[str, object]) -> dict[str, str]:
    """By name; of one that is there twice the last."""
    found = config.get("Env")
    listed = found if isinstance(found, list) else []
    return dict(one.partition("=")[::2] for one in listed if isinstance(one, str))


def _labels(config: Mapping[str, object]) -> dict[str, str]:
    return {name: _text(value) for name, value in _object(config, "Labels").items()}


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""
    except RecursionError:
        raise LimitError("the config of the image is nested deeper than any real one") from None


def _single(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[ConfigDifference]:
    for key, was in before.items():
        now = after[key]
        if was != now:
            kind = Difference.CHANGED if was and now else Difference.REMOVED if was else Difference.ADDED
            yield ConfigDifference(key, "", kind, was, now)


def _named(key: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[ConfigDifference]:
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was != now:
            kind = (
                Difference.ADDED if was is None else Difference.REMOVED if now is None else Difference.CHANGED
            )
            yield ConfigDifference(key, name, kind, was or "", now or "")

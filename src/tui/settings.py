"""What a user can choose: read from a file by the command line, handed to the explorer as plain data."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import SettingsError
from ..toml_file import read_toml, refuse_name, refuse_value

DEFAULT_THEME = "textual-dark"
_LARGEST = 64 * 1024
"""Bytes of a file of settings; one with every key in it has 5,000."""
_UNITS = {"decimal": False, "binary": True}
_KNOWN = ("theme", "units", "ascii", "pager", "keys")


@dataclass(frozen=True, slots=True)
class Settings:
    """The explorer's settings; every default is what most people want."""

    theme: str = DEFAULT_THEME
    """A theme of Textual's, `ansi-dark` and `ansi-light` (the terminal's own colours) among them."""
    binary_units: bool = False
    """KiB and MiB instead of kB and MB."""
    ascii_only: bool = False
    """No character that a plain terminal might lack."""
    pager: tuple[str, ...] = ()
    """The command that shows a file, and its arguments; empty for the one of the environment."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """By the id of a binding: the keys that replace its own, separated by commas."""


def settings_path() -> Path:
    """Where the file of settings is looked for: in the platform's folder for configuration."""
    import platformdirs

    return platformdirs.user_config_path("layerscope", appauthor=False) / "settings.toml"


def read_settings(path: Path | None, *, ascii_only: bool = False) -> Settings:
    """The settings of a file; the defaults if there is none.

    `ascii_only` tells what the terminal needs; a file that says otherwise knows better.
    Raises SettingsError for everything in the file that means nothing.
    """
    document = (
        None if path is None else read_toml(path, largest=_LARGEST, what="settings", example='theme = "nord"')
    )
    if path is None or document is None:
        return Settings(ascii_only=ascii_only)
    for name in document:
        if name not in _KNOWN:
            refuse_name(str(path), name, "setting", _KNOWN)
    return Settings(
        _theme(path, document.get("theme", DEFAULT_THEME)),
        _binary(path, document.get("units", "decimal")),
        _flag(path, document.get("ascii", ascii_only)),
        _pager(path, document.get("pager", "")),
        _keys(path, document.get("keys", {})),
    )


def default_file() -> str:
    """A file that says all there is to say, as comments: every setting and every key as it is by itself."""
    from .keymap import actions, spell

    lines = [
        "# Settings of the explorer. All of this holds by itself: take away a # to change it.",
        "",
        "# One of Textual's themes: textual-dark, textual-light, nord, gruvbox, ...;",
        "# ansi-dark and ansi-light use the terminal's own colours.",
        f"# theme = {_toml(DEFAULT_THEME)}",
        "",
        '# "decimal" (kB, MB) or "binary" (KiB, MiB).',
        '# units = "decimal"',
        "",
        "# true for terminals that show nothing but ASCII; by itself true where the locale is not UTF-8.",
        "# ascii = false",
        "",
        '# What "Open in the pager" starts, such as "less -R"; empty for $PAGER.',
        '# pager = ""',
        "",
        "# A key is a character, a name (enter, pageup, f1), or one of them behind ctrl+, alt+ or shift+.",
        "# Several are a list. They replace the keys that the action has by itself.",
        "[keys]",
    ]
    seen: set[str] = set()
    owner: type | None = None
    for action in actions():
        if action.id in seen:
            continue
        seen.add(action.id)
        if action.owner is not owner:
            owner = action.owner
            lines += ["", f"# {owner.__name__}"]
        spelt = dict.fromkeys(spell(key) for key in action.keys)
        keys = ", ".join(map(_toml, spelt))
        keys = keys if len(spelt) == 1 else f"[{keys}]"
        lines.append(f"# {f'{action.id} = {keys}':38} # {action.description}")
    return "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    return json.dumps(text)  # the names of keys are ASCII: the same in both


# Reading.


def _theme(path: Path, value: object) -> str:
    if value == DEFAULT_THEME:
        return DEFAULT_THEME
    from textual.theme import BUILTIN_THEMES

    if not isinstance(value, str) or value not in BUILTIN_THEMES:
        refuse_value(str(path), "theme", value, ", ".join(sorted(BUILTIN_THEMES)))
    return value


def _binary(path: Path, value: object) -> bool:
    if not isinstance(value, str) or value not in _UNITS:
        refuse_value(str(path), "units", value, " or ".join(f'"{name}"' for name in _UNITS))
    return _UNITS[value]


def _flag(path: Path, value: object) -> bool:
    if not isinstance(value, bool):
        refuse_value(str(path), "ascii", value, "true or false")
    return value


def _pager(path: Path, value: object) -> tuple[str, ...]:
    allowed = 'a command, such as "less -R", or "" for $PAGER'
    if not isinstance(value, str) or "\0" in value:
        refuse_value(str(path), "pager", value, allowed)
    try:
        return tuple(shlex.split(value))
    except ValueError as error:
        refuse_value(str(path), "pager", value, f"{allowed} ({error})")


def _keys(path: Path, value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        refuse_value(str(path), "keys", value, 'a table: [keys], and below it lines such as filter = "F"')
    if not value:
        return {}
    from .keymap import KeymapError, check, parse_keys

    keymap: dict[str, tuple[str, ...]] = {}
    for name, keys in value.items():
        listed = [keys] if isinstance(keys, str) else keys
        if not isinstance(listed, list) or not listed or not all(isinstance(key, str) for key in listed):
            refuse_value(str(path), f"keys.{name}", keys, "a key, or a list of keys: at least one")
        try:
            found = [one for key in listed for one in parse_keys(key)]
        except KeymapError as error:
            raise SettingsError(f"{path}: keys.{name}: {error}", f"Allowed: {error.allowed}.") from None
        keymap[name] = tuple(dict.fromkeys(found))
    try:
        check(keymap)
    except KeymapError as error:
        raise SettingsError(f"{path}: [keys]: {error}", f"Allowed: {error.allowed}.") from None
    return {name: ",".join(keys) for name, keys in keymap.items()}

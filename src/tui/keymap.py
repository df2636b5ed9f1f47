"""Which keys do what, and what a user may make of it: read from the `BINDINGS` of the explorer's classes.

Textual looks a key up in the widget with the focus, then in what is around it, in the screen and in the app.
`App.set_keymap` replaces the keys of a binding by its id in all of these, and lets a key that two ids of one
class want go to the last: such wishes are refused here, before it sees them.
"""

import difflib
import importlib
import pkgutil
import re
import string
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import NamedTuple

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import KEY_NAME_REPLACEMENTS, REPLACED_KEYS, Keys, key_to_character
from textual.screen import Screen
from textual.widget import Widget

MODIFIERS = ("alt", "ctrl", "hyper", "meta", "shift", "super")
"""In the order in which Textual writes them."""
NAMES = tuple(sorted({key.value for key in Keys if key.value.isalnum()} - {"return"}))
"""The keys that are no character: `escape`, `pageup`, `f1`."""
_TWINS = dict.fromkeys(("ctrl+@", "ctrl+at", "ctrl+space"), ("ctrl+@", "ctrl+space"))
"""Control and space: one name from most terminals, another from those with the kitty protocol."""
_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape", "ctrl+space": "ctrl+@"}
"""Keys that most terminals cannot tell apart."""
_WRITTEN = re.compile(r"((?:[a-z]+\+)*)(\+|[^+]+)")
"""Modifiers, and a key, which may be the plus itself."""

Keymap = Mapping[str, Sequence[str]]
"""By the id of a binding: its keys, as Textual names them."""


class KeymapError(ValueError):
    """An id or a key that means nothing, or a key that would mean two things; and what is allowed."""

    def __init__(self, message: str, allowed: str) -> None:
        super().__init__(message)
        self.allowed = allowed


class Action(NamedTuple):
    """Something that a key does."""

    id: str
    keys: tuple[str, ...]
    """Its own, as Textual names them."""
    description: str
    owner: type[DOMNode]
    """The class that declares it."""


@cache
def actions() -> tuple[Action, ...]:
    """All that keys do in the explorer, in the order of the modules and of their `BINDINGS`."""
    found = []
    for owner in _classes():
        keys: dict[str, list[Binding]] = {}
        for binding in Binding.make_bindings(owner.__dict__.get("BINDINGS", ())):
            if binding.id is not None:
                keys.setdefault(binding.id, []).append(binding)
        for name, bindings in keys.items():
            found.append(Action(name, tuple(one.key for one in bindings), bindings[0].description, owner))
    return tuple(found)


def ids() -> frozenset[str]:
    """The ids of all of them."""
    return frozenset(action.id for action in actions())


def parse_keys(text: str) -> tuple[str, ...]:
    """A key as people write it (`F`, `/`, `ctrl+e`, `pageup`), as Textual names it; two names for a few.

    KeymapError says what a key is.
    """
    match = _WRITTEN.fullmatch(text)
    before, key = match.groups() if match else ("", text)
    modifiers = sorted(before.split("+")[:-1])
    name = "+".join([*modifiers, key])
    if match and set(modifiers) <= set(MODIFIERS) and len(set(modifiers)) == len(modifiers):
        if name in _TWINS:
            return _TWINS[name]
        if key in NAMES:
            return (name,)
        if modifiers and key.isupper() and len(key) == 1:
            raise KeymapError(f"{text!r} is no key", f"behind {before}, letters are small: {text.lower()!r}")
        character = key if len(key) == 1 else key_to_character(REPLACED_KEYS.get(key, key))
        if character is not None and character.isprintable() and character != " ":
            if modifiers == ["shift"] and character.isalpha():
                return (character.upper(),)
            return ("+".join([*modifiers, _name(character)]),)
    close = difflib.get_close_matches(key, (*NAMES, *REPLACED_KEYS), 1) if len(key) > 1 else []
    guess = f"; did you mean {before + close[0]!r}?" if close else ""
    raise KeymapError(
        f"{text!r} is no key",
        f"a character ('F', '/'), or one of {', '.join(NAMES)}; before it {'+, '.join(MODIFIERS)}+{guess}",
    )


def spell(key: str) -> str:
    """A key as Textual names it, as people write it: `/` and not `slash`."""
    *modifiers, last = key.split("+")
    if key in _TWINS:
        return "ctrl+space"
    character = None if last in NAMES else key_to_character(REPLACED_KEYS.get(last, last))
    return "+".join([*modifiers, character or last])


def check(keymap: Keymap) -> None:
    """KeymapError if an id is unknown, or if on some screen a key would do two things."""
    known = ids()
    for name in keymap:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            guess = f"did you mean {close[0]}? " if close else ""
            raise KeymapError(f"there is no binding {name!r}", f"{guess}one of {', '.join(sorted(known))}")
    palette = App.COMMAND_PALETTE_BINDING
    for name, keys in keymap.items():
        if palette in keys:
            raise KeymapError(
                f"{name}: {palette!r} opens the palette on every screen", "any key but that one"
            )
    for screen, *inside in _screens():
        for widget in inside or [screen]:
            _check_one([_app(), screen, widget], keymap)


def _check_one(levels: Sequence[type[DOMNode]], keymap: Keymap) -> None:
    before = _keys(levels, {})
    after = _keys(levels, keymap)
    for key, names in after.items():
        if len(names) > 1 and names & keymap.keys() and not names <= before.get(key, set()):
            free = [letter for letter in string.ascii_letters if letter not in after]
            new = sorted(names & keymap.keys())[0]
            other = sorted(names - {new})[0]
            raise KeymapError(
                f"{new}: {spell(key)!r} is the key of {other} too, on {levels[1].__name__}",
                f"another key for one of them; of the letters {' '.join(free) or 'none'} are free there",
            )


def _keys(levels: Sequence[type[DOMNode]], keymap: Keymap) -> dict[str, set[str]]:
    """Which ids a key has on any of the levels."""
    found: dict[str, set[str]] = {}
    for level in levels:
        merged: dict[str, list[str | None]] = {}
        for base in reversed(level.__mro__):  # what a class says of a key replaces what its bases say
            own: dict[str, list[str | None]] = {}
            for binding in Binding.make_bindings(base.__dict__.get("BINDINGS", ())):
                own.setdefault(binding.key, []).append(binding.id)
            merged.update(own)
        here = {name for names in merged.values() for name in names if name is not None}
        for key, names in merged.items():
            for name in names:
                if name is not None and name not in keymap:
                    found.setdefault(_SAME.get(key, key), set()).add(name)
        for name in here & keymap.keys():
            for key in keymap[name]:
                found.setdefault(_SAME.get(key, key), set()).add(name)
    return found


def _name(character: str) -> str:
    if character.isalnum():
        return character
    name = unicodedata.name(character, character).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


# The classes.


@cache
def _modules() -> tuple[ModuleType, ...]:
    package = importlib.import_module(__package__)
    return tuple(
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(package.__path__, f"{__package__}.")
    )


@cache
def _classes() -> tuple[type[DOMNode], ...]:
    """Apps, screens and widgets of this package, in the order of their modules."""
    return tuple(
        value
        for module in _modules()
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, DOMNode) and value.__module__ == module.__name__
    )


def _app() -> type[DOMNode]:
    return next(one for one in _classes() if issubclass(one, App))


def _screens() -> Iterator[list[type[DOMNode]]]:
    """Every screen, and the widgets that may be on it: those that its module and theirs speak of."""
    by_name = {module.__name__: module for module in _modules()}
    for screen in _classes():
        if not issubclass(screen, Screen):
            continue
        inside: list[type[DOMNode]] = []
        waiting = [screen.__module__]
        for name in waiting:  # grows while it is walked
            for value in vars(by_name[name]).values():
                if (
                    isinstance(value, type)
                    and issubclass(value, Widget)
                    and not issubclass(value, Screen)
                    and value.__module__ in by_name
                    and value not in inside
                ):
                    inside.append(value)
                    if value.__module__ not in waiting:
                        waiting.append(value.__module__)
        yield [screen, *inside]

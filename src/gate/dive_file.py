"""Reads `.dive-ci`: YAML of which dive looks at `rules.NAME` in the first document, and at nothing else."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..errors import LimitError, SettingsError, SourceError
from .dive_limits import HIGHEST_USER_WASTED_PERCENT, HIGHEST_WASTED_BYTES, LOWEST_EFFICIENCY, parse

if TYPE_CHECKING:
    from yaml.nodes import Node

STANDARD = ".dive-ci"
"""Looked for in the current folder, as by dive."""

_MAX_BYTES = 64 * 1024
_RULES = {
    rule.lower(): rule for rule in (LOWEST_EFFICIENCY, HIGHEST_WASTED_BYTES, HIGHEST_USER_WASTED_PERCENT)
}
"""By their names in the file: upper and lower case are the same to dive."""
_TAG = "tag:yaml.org,2002:"
_MAX_VALUE = 100
_OTHER_BASE = re.compile(r"[+-]?0(?:[xX][0-9a-fA-F]+|[oO]?[0-7]+|[bB][01]+)")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
"""YAML's numbers, after its underscores: dive sees `0x10`, `020`, `1_6` and `1.6e1` as 16."""


class DiveFile(NamedTuple):
    """What such a file says."""

    path: str
    values: dict[str, str]
    """Limits as text, by the names of the rules."""
    unread: tuple[str, ...]
    """What stands under `rules` and is no rule of dive, which passes it over in silence."""


def find(path: str | None) -> DiveFile | None:
    """The file that was named, or the one of the current folder if there is one.

    SourceError if it cannot be read, also if it was named and is not there, where dive would judge by its
    defaults; SettingsError and LimitError for what it holds. Values are not looked at yet.
    """
    named = path or STANDARD
    try:
        with Path(named).open("rb") as file:
            text = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        if path is None:
            return None
        raise SourceError(
            f"there is no file {path}", "--ci-config names a file like dive's .dive-ci."
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a null character
        raise SourceError(f"{named} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(text) > _MAX_BYTES:
        raise LimitError(f"{named} is larger than 64 KiB, and so no file of limits")
    return _read(named, text)


def check(file: DiveFile, overruled: frozenset[str]) -> None:
    """SettingsError for a value that dive would not take; those that flags overrule are never looked at."""
    for rule, value in file.values.items():
        if rule not in overruled:
            try:
                parse(rule, value)
            except ValueError as error:
                raise SettingsError(f"{file.path}: rules.{rule}: {error}") from None


def _read(path: str, text: bytes) -> DiveFile:
    import yaml

    # Only composed, never constructed: no aliases are multiplied, no tags are obeyed, no dates are made.
    try:
        root = next(yaml.compose_all(text, Loader=yaml.SafeLoader), None)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SettingsError(f"{path}{line}: this is no YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise SettingsError(f"{path}: this is no YAML: {error}") from None
    except RecursionError:
        raise SettingsError(f"{path}: this is nested too deeply") from None
    values: dict[str, str] = {}
    unread: list[str] = []
    for name, node in _entries(path, root):
        rule = _RULES.get(name.lower())
        if rule is None:
            unread.append(name)
        elif rule in values:
            raise SettingsError(f"{path}, line {node.start_mark.line + 1}: rules.{rule} is there twice")
        else:
            value = _text(path, rule, node)
            if value is not None:
                values[rule] = value
    return DiveFile(path, values, tuple(unread))


def _entries(path: str, root: "Node | None") -> "Iterator[tuple[str, Node]]":
    """Everything under `rules`, and what is written `rules.NAME` at the top."""
    if root is None or _is_null(root):
        return
    for key, node in _pairs(path, "", root):
        if key.lower() == "rules" and not _is_null(node):
            yield from _pairs(path, "rules", node)
        elif key.lower().startswith("rules."):
            yield key[len("rules.") :], node


def _pairs(path: str, name: str, node: "Node") -> "Iterator[tuple[str, Node]]":
    from yaml.nodes import MappingNode, ScalarNode

    if not isinstance(node, MappingNode):
        what = f"{name} has no names below it" if name else "this is no mapping with rules in it"
        raise SettingsError(f"{path}, line {node.start_mark.line + 1}: {what}")
    mapping: MappingNode = node
    seen: set[str] = set()
    for key, value in mapping.value:
        where = f"{path}, line {key.start_mark.line + 1}"
        if key.tag == f"{_TAG}merge":
            raise SettingsError(f"{where}: merge keys (<<) are not read", "Write the rules out.")
        if isinstance(key, ScalarNode):
            if key.value.lower() in seen:
                raise SettingsError(f"{where}: {key.value} is there twice")
            seen.add(key.value.lower())
            yield key.value, value


def _is_null(node: "Node") -> bool:
    return bool(node.tag == f"{_TAG}null")


def _text(path: str, rule: str, node: "Node") -> str | None:
    """A value as dive has it: numbers without their YAML clothes, null as not said."""
    from yaml.nodes import ScalarNode

    if _is_null(node):
        return None
    where = f"{path}, line {node.start_mark.line + 1}: rules.{rule}"
    if not isinstance(node, ScalarNode):
        raise SettingsError(f"{where} is a list or a mapping, not one value")
    if len(node.value) > _MAX_VALUE:
        raise SettingsError(f"{where} is longer than any limit")
    return node.value if node.style else _plain(node.value)


def _plain(text: str) -> str:
    """A scalar without quotes: a number that YAML writes in a way of its own becomes decimal digits."""
    bare = text.replace("_", "")
    if _OTHER_BASE.fullmatch(bare):
        return str(int(re.sub(r"^([+-]?)0(?=[0-7])", r"\g<1>0o", bare), 0))
    return f"{Decimal(bare):f}" if _DECIMAL.fullmatch(bare) else text

"""The members of an object out of a saved report: each is checked when it is taken."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from .json_report import bytes_as_text

_MAX_COUNT = 1 << 90
"""More than the bytes that ten million files of the largest size have."""


class FieldError(ValueError):
    """What is wrong with a member, as a sentence."""


class Fields:
    """One object. Its methods take a key, and raise FieldError unless it is there and holds what it must."""

    __slots__ = ("_found",)

    def __init__(self, found: object) -> None:
        if not isinstance(found, dict):
            raise FieldError("it is no object")
        self._found: Mapping[str, Any] = found

    def __contains__(self, key: str) -> bool:
        return key in self._found

    def raw(self, key: str) -> Any:
        """Whatever it is."""
        try:
            return self._found[key]
        except KeyError:
            raise FieldError(f"{key} is missing") from None

    def inner(self, key: str) -> "Fields":
        """An object."""
        try:
            return Fields(self.raw(key))
        except FieldError as error:
            raise FieldError(f"{key}: {error}") from None

    def rows(self, key: str) -> list[Any]:
        """A list."""
        found = self.raw(key)
        return found if isinstance(found, list) else self._wrong(key, "no list")

    def text(self, key: str) -> str:
        """A text."""
        found = self.raw(key)
        return found if isinstance(found, str) else self._wrong(key, "no text")

    def optional_text(self, key: str) -> str:
        """A text, and an empty one for null."""
        return "" if self.raw(key) is None else self.text(key)

    def boolean(self, key: str) -> bool:
        """True or false."""
        found = self.raw(key)
        return found if isinstance(found, bool) else self._wrong(key, "neither true nor false")

    def integer(self, key: str, low: int, end: int) -> int:
        """A whole number from `low` to before `end`."""
        found = self.raw(key)
        if type(found) is not int:
            self._wrong(key, "no whole number")
        return found if low <= found < end else self._wrong(key, "out of range")

    def count(self, key: str, end: int = _MAX_COUNT) -> int:
        """A whole number from 0 to before `end`."""
        return self.integer(key, 0, end)

    def optional_count(self, key: str, end: int = _MAX_COUNT) -> int | None:
        """The same, or null."""
        return None if self.raw(key) is None else self.count(key, end)

    def number(self, key: str, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        found = self.raw(key)
        if type(found) not in (int, float):
            self._wrong(key, "no number")
        return float(found) if low <= found <= high else self._wrong(key, "out of range")

    def one_of(self, key: str, known: Callable[[str], Any]) -> Any:
        """What `known` gives for a text: ValueError or KeyError from it means that it is not known."""
        found = self.text(key)
        try:
            return known(found)
        except (ValueError, KeyError):
            return self._wrong(key, f"{found[:100]!r}, which this version does not know")

    def bytes(self, key: str) -> bytes:
        """What `json_report.bytes_as_text` wrote."""
        shown = self.text(key)
        try:
            if f"{key}_base64" not in self._found:
                return shown.encode()
            found = decoded(self.text(f"{key}_base64"))
        except UnicodeEncodeError:
            return self._wrong(key, "no text (half a surrogate pair)")
        if bytes_as_text(key, found) != {name: self._found[name] for name in (key, f"{key}_base64")}:
            self._wrong(key, f"not what {key}_base64 says")
        return found

    def _wrong(self, key: str, what: str) -> NoReturn:
        raise FieldError(f"{key} is {what}")


def decoded(text: object) -> bytes:
    """Bytes out of base64; FieldError if it is none."""
    try:
        if isinstance(text, str):
            return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        pass
    raise FieldError("there is something that should be base64, and is none")

"""JSON read from front to back: the members of one object, its long lists row by row, in bounded memory."""

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from ..errors import LimitError

_BLANK = re.compile(r"[ \t\n\r]*")
_READ = 1 << 18
_MAX_KEY = 1 << 12
_TOKEN = 16
"""Characters: an escape, `-Infinity` and all else that is cut off without being text is shorter."""
_EXPONENT = len("e+")
"""Characters that can stand behind a number and tell only with the next one whether they belong to it."""


class JsonError(ValueError):
    """What is wrong with the text, as a sentence."""


class JsonStream:
    """A text that holds one object. Nothing in it may be there twice, and no number is infinite."""

    def __init__(self, read: Callable[[int], str]) -> None:
        """`read` gives about as many characters as asked for, and an empty text at the end."""
        self._read = read
        self._text = ""
        self._at = 0
        self._passed = 0
        self._ended = False
        self._decode = json.JSONDecoder(
            object_pairs_hook=_object, parse_constant=_refuse, parse_float=_finite
        ).raw_decode

    @property
    def position(self) -> int:
        """Characters taken so far."""
        return self._passed + self._at

    def members(self) -> Iterator[str]:
        """The key of each member; `value` or `rows` has to be called, and used up, before the next."""
        seen = set()
        for _ in self._list("{", "}"):
            key = self.value(_MAX_KEY)
            if not isinstance(key, str):
                raise JsonError("it has a key that is no text")
            if key in seen:
                raise JsonError(f"it has the key {key[:100]} twice")
            seen.add(key)
            self._take(":")
            yield key
        if self._next():
            raise JsonError("it goes on behind its end")

    def rows(self, limit: int) -> Iterator[Any]:
        """The items of a list; LimitError for one of more than `limit` characters."""
        return (self.value(limit) for _ in self._list("[", "]"))

    def value(self, limit: int) -> Any:
        """The next value, whatever it is; LimitError if it has more than `limit` characters."""
        self._next()
        while True:
            try:
                found, end = self._decode(self._text, self._at)
            except json.JSONDecodeError as error:
                is_cut = "Unterminated" in error.msg or error.pos >= len(self._text) - _TOKEN
                if self._ended or not is_cut:
                    what = "cut off or no JSON" if is_cut else f"no JSON ({error.msg})"
                    raise JsonError(f"it is {what}") from None
            except JsonError:
                raise
            except ValueError:  # Python makes no whole number of more than 4300 digits
                raise JsonError("it holds a number that is too large") from None
            except RecursionError:
                raise LimitError("a report is not nested as deep as this one") from None
            else:
                if end + _EXPONENT < len(self._text) or self._ended:  # else a number may go on
                    self._at = end
                    return found
            waiting = len(self._text) - self._at
            if waiting > limit:
                raise LimitError(f"no report has a value of more than {limit} characters, as this one has")
            self._fill(waiting)  # twice as much: to begin again and again must not take quadratic time

    def _list(self, first: str, last: str) -> Iterator[None]:
        """Stops before every item between two brackets."""
        self._take(first)
        if self._next() != last:
            yield
            while self._next() == ",":
                self._at += 1
                yield
        self._take(last)

    def _take(self, char: str) -> None:
        found = self._next()
        if found != char:
            raise JsonError(f"it has {found} where {char} belongs" if found else "it is cut off")
        self._at += 1

    def _next(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            match = _BLANK.match(self._text, self._at)
            assert match is not None
            self._at = match.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._fill(_READ)

    def _fill(self, count: int) -> None:
        more = self._read(max(count, _READ))
        self._ended = not more
        self._passed += self._at
        self._text = self._text[self._at :] + more
        self._at = 0


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise JsonError("it has an object with a key twice")
    return found


def _refuse(name: str) -> None:
    raise JsonError(f"it holds {name}, which is no JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise JsonError("it holds a number that is too large")
    return value

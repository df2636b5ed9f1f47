"""Patterns of one component of a path (`*.pem`, `id_rsa`, `core.[0-9]*`), matched all at once."""

import fnmatch
import re
from collections.abc import Iterable

_WILD = re.compile(r"[*?[]")


class Names:
    """The names that one of some patterns fits: `*`, `?`, `[a-z]` and `[!a-z]` as in a shell.

    What most patterns are, a name or the end of one, is told without a regular expression.
    """

    __slots__ = ("_ends", "_literal", "_others")

    def __init__(self, patterns: Iterable[str]) -> None:
        literal, ends, others = set(), [], []
        for pattern in sorted(patterns):
            wild = _WILD.findall(pattern)
            if not wild:
                literal.add(_raw(pattern))
            elif wild == ["*"] and pattern[0] == "*":
                ends.append(_raw(pattern[1:]))
            else:
                others.append(fnmatch.translate(pattern))
        self._literal = frozenset(literal)
        self._ends = tuple(ends)
        self._others = re.compile("|".join(others)) if others else None

    def match(self, name: bytes) -> bool:
        """Whether a name, which holds no slash, is one of them."""
        return (
            name in self._literal
            or name.endswith(self._ends)
            or (
                self._others is not None
                and self._others.match(name.decode("utf-8", "surrogateescape")) is not None
            )
        )


def _raw(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character, which on Windows a command line may have
        return text.encode("utf-8", "surrogatepass")

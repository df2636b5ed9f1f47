"""What files of one sort hold, by their content: each `Look` finds the secrets of one format.

A content comes decoded byte by byte (Latin-1), so that what is no text can be looked at too, and the values
of a `Secret` are its bytes.
"""

import re
from collections.abc import Callable, Iterator

from .secret_names import is_placeholder
from .secret_patterns import Secret, named

Look = Callable[[str], Iterator[Secret]]

_LINE = re.compile(
    r"^[ \t]{0,20}(?:export[ \t]{1,4}|set[ \t]{1,4}|-[ \t])?[\"']?([A-Za-z_][\w.:-]{0,99})[\"']?[ \t]{0,20}"
    r"(?:=>|[:=])[ \t]{0,20}(\"[^\"\n]{0,4000}\"|'[^'\n]{0,4000}'|[^\n\"'#{\[][^\n#]{0,4000})",
    re.MULTILINE,
)
_QUOTED = re.compile(
    r"(?<![\w.:-])[\"']?([A-Za-z_][\w.:-]{0,99})[\"']?\s{0,20}(?:=>|[:=,])\s{0,20}"
    r"(\"[^\"\n]{0,4000}\"|'[^'\n]{0,4000}')"
)
_KEY_STORE = re.compile(
    r"\A(?:\xfe\xed\xfe\xed.{8}\x00\x00\x00\x01|\x30[\x80-\x84].{0,4}?\x02\x01\x03\x30)", re.DOTALL
)
"""A Java key store whose first entry is a private key; PKCS #12."""
_BARE_KEY = re.compile(
    r"\A(?:\x30\x82..\x02\x01\x00[\x02\x30]|PuTTY-User-Key-File-"
    r"|(?:Created: [^\n]{1,40}\n)?(?:Key: )?\((?:[0-9]{1,3}:)?(?:protected-)?private-key)",
    re.DOTALL,
)
"""Private keys that are not PEM: PKCS #1 and #8, PuTTY's, GnuPG's."""


def nothing(_text: str) -> Iterator[Secret]:
    """Of files in which tokens and keys are looked for, and nothing else."""
    return iter(())


def whole(text: str) -> Iterator[Secret]:
    """A file that is one value and nothing else."""
    bare = text.strip()
    if bare.isprintable() and not is_placeholder(bare):
        yield Secret("secret", bare, 0, len(text))


def assigned(text: str) -> Iterator[Secret]:
    """`NAME=value`, `name: value` and `"name": "value"`, where the name is that of a secret."""
    for pattern in (_LINE, _QUOTED):
        for match in pattern.finditer(text):
            yield from named(match[1], match[2].rstrip(" \t\r,;"), match.start(2))


def written(text: str) -> Iterator[Secret]:
    """The same in the source of a program, where only what is quoted is a value."""
    for match in _QUOTED.finditer(text):
        yield from named(match[1], match[2], match.start(2))


def granted(text: str) -> Iterator[Secret]:
    """What a cloud wrote into a JSON file whose name may be that of any other."""
    if any(key in text for key in ('"private_key"', '"refresh_token"', '"client_secret"')):
        yield from written(text)


def keys(text: str) -> Iterator[Secret]:
    """Private keys and stores of them that are not PEM: one to a file."""
    for kind, pattern in (("key store", _KEY_STORE), ("private key", _BARE_KEY)):
        if pattern.match(text):
            yield Secret(kind, text, 0, len(text), is_made=True)


def matching(kind: str, pattern: str) -> Look:
    """Values in group 1 of a pattern, but placeholders."""
    compiled = re.compile(pattern, re.MULTILINE | re.IGNORECASE)

    def look(text: str) -> Iterator[Secret]:
        for match in compiled.finditer(text):
            if any(named("password", match[1])):
                yield Secret(kind, match[1], *match.span(1))

    return look


def hashes(end: str) -> Look:
    """Hashes of passwords behind `name:`, up to what a pattern says; `*`, `!` and `x` are none."""
    compiled = re.compile(
        rf"^[^:\s#]{{1,64}}:(\$[0-9a-z-]{{1,10}}\$[^:\s]{{8,300}}|\{{SHA\}}\S{{20,40}}|[./0-9A-Za-z]{{13}}){end}",
        re.MULTILINE,
    )

    def look(text: str) -> Iterator[Secret]:
        for match in compiled.finditer(text):
            yield Secret("hash of a password", match[1], *match.span(1))

    return look

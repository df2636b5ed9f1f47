"""A Dockerfile as its stages and instructions, each with the lines it stands on.

Follows the parser of BuildKit (frontend/dockerfile/parser) in what belongs together: the escape directive,
continued lines with comments and empty lines between them, here-documents. Nothing is refused: what is no
instruction is passed over.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

MAX_INSTRUCTIONS = 250
"""Of a stage and those it is based on the last ones are kept. Docker mounts 127 layers at most."""

MAX_BODY = 1 << 16
"""Characters of an instruction, and of a here-document, that are kept."""

_MAX_LINES = 20_000
"""The last lines are read."""

_MAX_NAME = 255
"""Characters of the name of a stage, and of what an `ARG` may put into it."""

METADATA = frozenset(
    (
        *("ARG", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD"),
        *("SHELL", "STOPSIGNAL", "USER", "VOLUME"),
    )
)
"""Instructions that change the config alone."""

WRITERS = frozenset(("ADD", "COPY", "RUN", "WORKDIR"))
"""Instructions that make a layer."""

_KEYWORDS = WRITERS | METADATA | {"FROM"}
_DOCUMENT = re.compile(r"""(?:^|\s)[0-9]{0,4}<<-?(["']?)([^\s<>"'|&;()]{1,100})\1(?=\s|$)""")
_WITH_DOCUMENTS = frozenset(("ADD", "COPY", "ONBUILD", "RUN"))
_VARIABLE = re.compile(r"\$(?:(\w{1,200})|\{(\w{1,200})(?::?-([^{}]{0,1000}))?\})")
_DEFAULT_SHELL = "/bin/sh -c"


class Document(NamedTuple):
    """A here-document: `<<EOF` and what stands below it."""

    name: str
    text: str


class Instruction(NamedTuple):
    """One instruction of a stage; `FROM` is none."""

    keyword: str
    """In capitals."""
    body: str
    """What stands behind the keyword, continued lines joined as the builders do, comments taken out."""
    documents: tuple[Document, ...]
    first: int
    """Its lines, counted from 1."""
    last: int
    shell: str = _DEFAULT_SHELL
    """What runs a `RUN` that is no list, as the last `SHELL` before it says."""


class _Statement(NamedTuple):
    """An instruction or a `FROM`, before it is known what stage it belongs to."""

    keyword: str
    body: str
    documents: tuple[Document, ...]
    first: int
    last: int


@dataclass(slots=True)
class _Stage:
    """A stage up to where it has been read."""

    instructions: list[Instruction]
    shell: str


def read_stages(text: str) -> list[list[Instruction]]:
    """The instructions of every stage, those of the stages it is based on before its own."""
    stages: list[_Stage] = []
    named: dict[str, _Stage] = {}
    defaults: dict[str, str] = {}
    for statement in _statements(text.removeprefix("\ufeff").split("\n")):
        if statement.keyword == "FROM":
            base, name = _from(statement.body, defaults)
            parent = named.get(base, _Stage([], _DEFAULT_SHELL))
            stages.append(_Stage(parent.instructions[-MAX_INSTRUCTIONS:], parent.shell))
            if name:
                named[name] = stages[-1]
        elif stages:
            stage = stages[-1]
            if statement.keyword == "SHELL" and (words := json_words(statement.body)):
                stage.shell = " ".join(words)
            stage.instructions.append(Instruction(*statement, shell=stage.shell))
        elif statement.keyword == "ARG":
            defaults.update(_defaults(statement.body))
    return [stage.instructions[-MAX_INSTRUCTIONS:] for stage in stages]


def json_words(body: str) -> list[str] | None:
    """The words of `["a", "b"]`; None for what is no JSON list of strings, which builders take as a text."""
    if not body.startswith("["):
        return None
    try:
        words: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(words, list) and all(isinstance(word, str) for word in words):
        return words
    return None


def _statements(lines: list[str]) -> Iterator[_Statement]:
    escape = _escape(lines)
    number = max(0, len(lines) - _MAX_LINES)
    places: dict[str, list[int]] = {}
    for place in range(number, len(lines)):
        places.setdefault(_terminator(lines[place]), []).append(place)
    while number < len(lines):
        first = number
        text, number, last = _joined(lines, number, escape)
        keyword, body = _split(text)
        if not body or keyword not in _KEYWORDS:
            continue
        documents = []
        if keyword in _WITH_DOCUMENTS and "<<" in body:
            for match in _DOCUMENT.finditer(body):
                ends = places.get(match[2], [])
                end = bisect_left(ends, number)
                if end == len(ends):
                    break  # an operator of the shell: `x <<y` in quotes, say
                documents.append(Document(match[2], "\n".join(lines[number : ends[end]])[:MAX_BODY]))
                last = number = ends[end] + 1
        yield _Statement(keyword, body, tuple(documents), first + 1, last)


def _escape(lines: list[str]) -> str:
    """The character that continues a line: directives stand on top, before any comment or instruction."""
    for line in lines[:20]:
        name, equals, value = line.strip().removeprefix("#").partition("=")
        if not (line.strip().startswith("#") and equals and name.strip().isidentifier()):
            break
        if name.strip().lower() == "escape" and value.strip() in ("\\", "`"):
            return value.strip()
    return "\\"


def _terminator(line: str) -> str:
    """A line as it ends a here-document: `<<-` lets it be indented by tabs, and nothing else may."""
    return line.removesuffix("\r").lstrip("\t")


def _joined(lines: list[str], number: int, escape: str) -> tuple[str, int, int]:
    """The text that begins at a line, the line after it, and how many lines there are up to its end.

    Comments and empty lines within it are left out.
    """
    pieces: list[str] = []
    last = number + 1
    for place in range(number, len(lines)):
        line = lines[place].rstrip()
        bare = line.lstrip()
        if not bare or bare.startswith("#"):
            if not pieces:
                return "", place + 1, place + 1
            continue
        last = place + 1
        if not line.endswith(escape) or line.endswith(escape * 2):
            pieces.append(line)
            break
        pieces.append(line[:-1])
    return "".join(pieces)[: MAX_BODY + 100], place + 1, last


def _split(text: str) -> tuple[str, str]:
    """`run make` as `RUN` and `make`."""
    keyword, *body = text.split(None, 1)[:2] or [""]
    return keyword[:20].upper(), "".join(body).strip()[:MAX_BODY]


def _from(body: str, defaults: Mapping[str, str]) -> tuple[str, str]:
    """The base of a stage and its own name, in small letters, as stages are looked up; empty if none."""
    words = [word for word in body.split(None, 20)[:20] if not word.startswith("--")]
    base = words[0][:_MAX_NAME] if words else ""
    name = words[2] if len(words) > 2 and words[1].upper() == "AS" else ""
    return _expand(base, defaults).lower(), name.lower()


def _defaults(body: str) -> dict[str, str]:
    """`A=b C="d"` as names and values; a `FROM` may use them."""
    pairs = (word.partition("=") for word in body.split(None, 100)[:100])
    return {name: value.strip("\"'")[:_MAX_NAME] for name, equals, value in pairs if equals}


def _expand(text: str, values: Mapping[str, str]) -> str:
    """A text with `$A`, `${A}` and `${A:-default}` filled in once."""
    return _VARIABLE.sub(lambda match: values.get(match[1] or match[2], match[3] or ""), text)

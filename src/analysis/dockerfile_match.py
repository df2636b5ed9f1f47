"""How much a step of the history is like an instruction of a Dockerfile.

What the builders write of an instruction, as read in their sources and in images that they made:

    BuildKit    `RUN` as it is, behind its build arguments and its shell, and of a here-document the text
                (where the line is more than `<<EOF`: line, text and end); all others with variables and
                quotes resolved; no `--from`, `--link` and `--mount`
    classic     of `COPY` and `ADD` a digest and the destination; a `RUN` that is a list without brackets
    Buildah     the same of `COPY` and `ADD`, variables as they are; of `RUN` and the others the line as it is
    kaniko      the line as it is, and of instructions that make no layer nothing
"""

import posixpath
import re
from collections.abc import Sequence
from typing import NamedTuple

from .dockerfile_text import METADATA, WRITERS, Instruction, json_words
from .history import command
from .model import HistoryStep

_KEYWORD_ALONE = 0.3
"""The same instruction for the config with other words: no proof, but a hint where the neighbours stand."""
_DESTINATION = 0.9
"""Of a `COPY` of which the history keeps no sources."""
_SIMILAR = 0.8
"""Of the words of two commands this share has to be the same (Dice): the line was edited since."""

_MAX_STEP = 1 << 14
"""Characters of a step that are read. This and what follows bounds the time that one comparison takes."""
_MAX_WORDS = 512
_MAX_COMPARED = 4096
_MAX_SET = 64
_MAX_PIECES = 16

_FLAGS = re.compile(r"^(?:--\S+\s+)+")
_HOLE = "\0"
_VARIABLE = re.compile(r"\$(?:\w{1,200}|\{[^{}]{0,1000}\})")
_WORD = re.compile(r"""(?:"[^"]*"|'[^']*'|[^\s"'])+""")
_SUMMARY = re.compile(r"(?:file|dir|multi):[0-9a-f]+ in (.*)", re.DOTALL)
_RESOLVED = str.maketrans({'"': None, "'": None, "\\": None, "[": " ", "]": " ", ",": " "})
_PAIRS = frozenset(("ARG", "ENV", "LABEL"))
_WITH_FLAGS = frozenset(("ADD", "COPY", "RUN"))


class Made(NamedTuple):
    """A step of the history, ready to be compared."""

    keyword: str
    """In capitals; `RUN` for what names no instruction, empty where the history says nothing."""
    text: str
    words: frozenset[str]
    destination: str | None
    """Of a `COPY` or `ADD` without sources; else None."""


class Wanted(NamedTuple):
    """An instruction, ready to be compared."""

    keyword: str
    texts: frozenset[str]
    """What a builder may have made of it, of a `RUN` with and without shell."""
    words: frozenset[str]
    beginning: str
    """The line before a here-document: an early BuildKit has only this and how the text begins."""
    pieces: Sequence[str]
    """What stands between its variables; one if there are none."""
    destination: Sequence[str]
    """The same of the last word."""


def made(step: HistoryStep) -> Made:
    """A step of the history, ready to be compared; of a long one the beginning."""
    cut = HistoryStep(created_by=step.created_by[:_MAX_STEP], comment=step.comment[:_MAX_STEP])
    text = command(cut)
    keyword, *rest = text.split(None, 1) or [""]
    if keyword.upper() in WRITERS | METADATA:
        keyword, text = keyword.upper(), "".join(rest)
    else:
        keyword = "RUN" if text else ""
    destination = None
    if keyword in ("ADD", "COPY"):
        _, sources, behind = text.partition("… ")
        if sources and _FLAGS.sub("", text).startswith("… "):
            destination = behind
        elif summary := _SUMMARY.search(text):
            destination = summary[1]
    text = _comparable(keyword, text)
    return Made(
        keyword, text, _words(text), None if destination is None else _comparable(keyword, destination)
    )


def wanted(instruction: Instruction) -> Wanted:
    """An instruction, ready to be compared."""
    keyword, body = instruction.keyword, _without_flags(instruction.keyword, instruction.body)
    listed = json_words(body)
    plain = body if listed is None else " ".join(listed)
    forms = [plain]
    beginning = ""
    if keyword == "RUN" and instruction.documents:
        forms = _with_documents(instruction, body)
        beginning = f"{_flat(body)} ("
    words = listed or _WORD.findall(body)
    if listed is None and keyword in ("CMD", "ENTRYPOINT", "RUN"):
        forms += [f"{instruction.shell} {form}" for form in forms]
    texts = [_comparable(keyword, form) for form in (*forms, body)]
    return Wanted(
        keyword,
        frozenset(texts),
        _words(texts[0]),
        beginning,
        _pieces(keyword, _absolute(plain) if keyword == "WORKDIR" else plain),
        _pieces(keyword, words[-1] if words else ""),
    )


def likeness(step: Made, instruction: Wanted) -> float:
    """0 (nothing in common) to 1 (just what the builder writes of it)."""
    keyword = step.keyword
    if keyword != instruction.keyword:
        return 0.0
    if step.text in instruction.texts:
        return 1.0
    if keyword in METADATA:
        return _KEYWORD_ALONE
    if step.destination is not None:
        return _DESTINATION * _fit(instruction.destination, step.destination)
    if keyword == "RUN":
        if instruction.beginning and step.text.startswith(instruction.beginning):
            return 1.0
    elif fit := _fit(instruction.pieces, step.text):
        return fit
    shared = 2 * len(step.words & instruction.words) / (len(step.words) + len(instruction.words) or 1)
    return _DESTINATION * shared if shared >= _SIMILAR and keyword != "WORKDIR" else 0.0


def _with_documents(instruction: Instruction, line: str) -> list[str]:
    """What is run of a `RUN` with here-documents, as BuildKit has it first."""
    texts = [document.text for document in instruction.documents]
    ended = [f"{document.text}\n{document.name}" for document in instruction.documents]
    forms = ["\n".join((line, *ended)), "\n".join((line, *texts))]
    if len(line.split(None, 1)) == 1:  # nothing but `<<EOF`: the text is a script
        return [texts[0], *forms, f"/dev/pipes/{instruction.documents[0].name}"]
    return forms


def _absolute(path: str) -> str:
    """A `WORKDIR` as builders resolve it; what it is relative to may be anything."""
    path = path.strip("\"'")
    return path if path.startswith(("/", "$")) or path[1:2] == ":" else f"${{}}/{posixpath.normpath(path)}"


def _without_flags(keyword: str, body: str) -> str:
    """`--from=build /a /b` without what not every builder keeps."""
    return _FLAGS.sub("", body, count=1) if keyword in _WITH_FLAGS else body


def _comparable(keyword: str, text: str) -> str:
    """A text as it is compared: blanks and flags are no difference, and but for `RUN` neither are quotes."""
    if keyword == "RUN":
        return _flat(_without_flags(keyword, text))
    text = _without_flags(keyword, text).translate(_RESOLVED).replace("<<-", "<<")
    if keyword in _PAIRS:
        text = text.replace("=", " ")
    text = _flat(text)
    return (text.rstrip("/") or text[:1]) if keyword == "WORKDIR" else text


def _flat(text: str) -> str:
    """The first words of a text, a blank between two."""
    return " ".join(text.split(None, _MAX_WORDS)[:_MAX_WORDS])[:_MAX_COMPARED]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split(None, _MAX_SET)[:_MAX_SET])


def _pieces(keyword: str, text: str) -> Sequence[str]:
    """A text without its variables, whose values are known to the builder alone."""
    for _ in range(3):  # `${A:-${B}}` takes two
        text = _VARIABLE.sub(_HOLE, text)
    pieces = _comparable(keyword, text).split(_HOLE)
    return pieces if len(pieces) <= _MAX_PIECES else pieces[: _MAX_PIECES - 1] + pieces[-1:]


def _fit(pieces: Sequence[str], text: str) -> float:
    """How much of a text is said by the pieces that stand in it in this order; 0 if they do not.

    1 without variables, half for a variable alone.
    """
    first, *inner = pieces
    if not inner:
        return float(text == first)
    last = inner.pop()
    place, end = len(first), len(text) - len(last)
    if not (text.startswith(first) and text.endswith(last)):
        return 0.0
    for piece in inner:
        if (found := text.find(piece, place, end)) < 0:
            return 0.0
        place = found + len(piece)
    return 0.5 + 0.4 * sum(map(len, pieces)) / len(text) if place <= end and text else 0.0

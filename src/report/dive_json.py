"""dive's own JSON export (`dive --json`), as dive 0.13.1 writes it: for scripts that read it already."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import TextIO

from ..analysis.dive import file_list, size_of
from ..analysis.dive_tree import clean
from ..analysis.model import DiveFigures, Entry, FileType, Image, Layer
from .json_line import without_half_pairs

_SHELL = "/bin/sh -c "

# Go's os.FileMode: permission bits as in Unix, all else at the top.
_TYPE_BITS = {
    FileType.DIRECTORY: 1 << 31,
    FileType.SYMLINK: 1 << 27,
    FileType.BLOCK: 1 << 26,
    FileType.CHARACTER: 1 << 26 | 1 << 21,
    FileType.FIFO: 1 << 25,
}
_SPECIAL_BITS = ((0o4000, 1 << 23), (0o2000, 1 << 22), (0o1000, 1 << 20))


def write(image: Image, figures: DiveFigures, out: TextIO) -> None:
    """Write the image as dive would, to a text file that takes all of Unicode; no newline at the end.

    `figures` are those of `analysis.dive.measure`. An image dive dies of, with more history than layers, has
    its layers and nothing of the steps that are left over.
    """
    out.writelines(_pieces(image, figures))


def _pieces(image: Image, figures: DiveFigures) -> Iterator[str]:
    yield '{\n  "layer": ['
    commands = [step.created_by for step in image.history if not step.empty_layer]
    comma = ""
    for index, layer in enumerate(image.layers):
        yield comma + "\n    {\n"
        yield from _layer(index, layer, commands[index] if index < len(commands) else None)
        yield "\n    }"
        comma = ","
    yield "\n  ],\n" if image.layers else "],\n"
    yield (
        '  "image": {\n'
        f'    "sizeBytes": {figures.size_bytes},\n'
        f'    "inefficientBytes": {figures.inefficient_bytes},\n'
        f'    "efficiencyScore": {number(figures.efficiency_score)},\n'
        '    "fileReference": ['
    )
    comma = ""
    for path, count, total in figures.rows:
        yield (
            f"{comma}\n      {{\n"
            f'        "count": {count},\n'
            f'        "sizeBytes": {total},\n'
            f'        "file": {quoted(path)}\n'
            "      }"
        )
        comma = ","
    yield ("\n    ]" if figures.rows else "]") + "\n  }\n}"


def _layer(index: int, layer: Layer, command: str | None) -> Iterator[str]:
    """One layer; `command` is its step in the history, None if the history has none left for it."""
    yield (
        f'      "index": {index},\n'
        f'      "id": {quoted(layer.name.split("/")[0])},\n'
        f'      "digestId": {quoted("" if command is None else layer.diff_id)},\n'
        f'      "sizeBytes": {size_of(layer)},\n'
        f'      "command": {quoted("(missing)" if command is None else command.removeprefix(_SHELL))},\n'
        '      "fileList": ['
    )
    comma = ""
    for entry in file_list(layer):
        yield comma + (_IMPLIED_FILE if entry is None else _file(entry))
        comma = ","
    yield "\n      ]" if comma else "]"


_FILE = """
        {
          "path": %s,
          "typeFlag": %d,
          "linkName": %s,
          "size": %d,
          "fileMode": %d,
          "uid": %d,
          "gid": %d,
          "isDir": %s
        }"""
_IMPLIED_FILE = _FILE % ('""', 0, '""', 0, 0, 0, 0, "false")


def _file(entry: Entry) -> str:
    name, kind, mode, uid, gid, size, _, link, *_ = entry
    folder = "true" if kind is FileType.DIRECTORY else "false"
    target = quoted(link) if link else '""'
    return _FILE % (quoted(clean(name)), kind, target, size, go_mode(kind, mode), uid, gid, folder)


@lru_cache(4096)  # an image has a handful
def go_mode(kind: FileType, mode: int) -> int:
    """Type and permissions as Go's `os.FileMode` numbers them."""
    found = mode & 0o777 | _TYPE_BITS.get(kind, 0)
    for unix, go in _SPECIAL_BITS:
        if mode & unix:
            found |= go
    return found


def number(value: float) -> str:
    """A float as Go's encoding/json prints it: shortest digits, an exponent below 1e-6 and from 1e21 up."""
    if value and not 1e-6 <= abs(value) < 1e21:
        return repr(value).replace("e-0", "e-")
    text = format(Decimal(repr(value)), "f")
    return text.removesuffix(".0")


# What Go's encoding/json escapes, its HTML escaping included, and what was not UTF-8.
_ESCAPED = re.compile('[\x00-\x1f"\\\\<>&\u2028\u2029\ud800-\udfff]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quoted(text: bytes | str) -> str:
    r"""A JSON string as Go writes it.

    Every byte of a name that is not part of valid UTF-8 becomes `\ufffd`; half a surrogate pair in a text
    from the image's own JSON becomes the character U+FFFD, as Go does when it reads such JSON.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    else:
        text = without_half_pairs(text)
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    if char >= "\ud800":
        return "\\ufffd"
    return _SHORT.get(char) or f"\\u{ord(char):04x}"

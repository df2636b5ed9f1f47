"""JSON whose every line may be one of a log, and that strict readers take."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TextIO

_encode = json.JSONEncoder(allow_nan=False).encode  # `json.dumps` would make an encoder for each value
_HALF_PAIR = re.compile("[\ud800-\udfff]")


def json_line(value: object) -> str:
    r"""A value in printable ASCII; DEL is the one control character that `json` lets through.

    `##[` anywhere in a line begins a command for GitHub's runner (ActionCommand.cs), `##vso[` for the agent
    of Azure Pipelines. They only stand inside of texts, where `#\u0023` is the same to whoever reads JSON.
    """
    text = _encode(value).replace("\x7f", "\\u007f")
    return text.replace("##", "#\\u0023") if "##" in text else text


def json_rows(rows: Iterable[object], indent: int = 2) -> Iterator[str]:
    """The pieces of an array, a row a line; its bracket stands behind so many blanks."""
    begin, margin = "[\n", " " * indent
    for row in rows:
        yield f"{begin}{margin}  {json_line(row)}"
        begin = ",\n"
    yield "[]" if begin == "[\n" else f"\n{margin}]"


def write_members(
    out: TextIO, single: Mapping[str, object], lists: Mapping[str, Iterable[object] | None]
) -> None:
    """Write an object: members of a line each, then lists of a line for each row; None is null."""
    begin = "{\n"
    for key, value in single.items():
        out.write(f'{begin}  "{key}": {json_line(value)}')
        begin = ",\n"
    for key, rows in lists.items():
        out.write(f',\n  "{key}": ')
        out.writelines(["null"] if rows is None else json_rows(rows))
    out.write("\n}\n")


def without_half_pairs(text: str) -> str:
    """Half a surrogate pair, which strict readers refuse, becomes U+FFFD, as when Go reads it."""
    return _HALF_PAIR.sub("\ufffd", text)

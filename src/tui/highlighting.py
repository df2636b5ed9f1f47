"""Colours for source code, found by Pygments in a process of its own.

Its lexers are regular expressions, some of which take years on a text made for it, and a match that has
begun cannot be interrupted: the process is ended when it takes too long, and the text stays plain.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable

MODULE = __name__  # `__main__` in the process that does the work
LONGEST = 256 << 10
"""Characters of a text that is given colours."""
PATIENCE = 3.0
"""Seconds until the text stays plain."""

_INTERVAL = 0.05
"""Seconds between two looks at the clock."""

STYLES = ("comment", "keyword", "string", "number", "definition")
Runs = list[list[tuple[int, str]]]
"""For each line: how many characters in a row have a style; an empty one for plain."""

_LONGEST_SHEBANG = 200


def highlight(
    name: str, text: str, *, patience: float = PATIENCE, is_wanted: Callable[[], bool] = lambda: True
) -> Runs | None:
    r"""The styles of a text, the lines of which end with `\n`; None if its language is not known.

    `name` is the file's, without the directories. Blocks; asks `is_wanted` some times a second.
    """
    command = [sys.executable, "-P", "-m", MODULE, name]
    deadline = time.monotonic() + patience
    with subprocess.Popen(  # noqa: S603 - this module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        unsent: bytes | None = text.encode("utf-8", "surrogatepass")
        try:
            while True:
                try:
                    found, _ = process.communicate(unsent, timeout=_INTERVAL)
                    break
                except subprocess.TimeoutExpired:
                    unsent = None  # it goes on with what it was given
                    if not is_wanted() or time.monotonic() > deadline:
                        return None
        finally:
            process.kill()
    return [[(length, style) for length, style in line] for line in json.loads(found)] if found else None


def runs(name: str, text: str) -> Runs | None:
    """What `highlight` gives, computed here and now, however long it takes."""
    import pygments.lexers  # type: ignore[import-untyped]
    from pygments.token import Comment, Keyword, Name, Number, String  # type: ignore[import-untyped]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]

    styles = {
        Comment: "comment", Keyword: "keyword", Name.Builtin: "keyword", String: "string", Number: "number",
        Name.Function: "definition", Name.Class: "definition", Name.Tag: "definition",
        Name.Decorator: "definition", Name.Namespace: "definition",
    }  # fmt: skip
    options = {"stripnl": False, "ensurenl": False}
    try:
        lexer = pygments.lexers.get_lexer_for_filename(name, text, **options)
    except ClassNotFound:
        try:
            lexer = pygments.lexers.get_lexer_by_name(_interpreter(text), **options)
        except ClassNotFound:
            return None
    lines: Runs = [[]]
    for token, value in lexer.get_tokens(text.replace("\r", " ").replace("\ufeff", " ")):
        while token not in styles and token.parent is not None:
            token = token.parent
        style = styles.get(token, "")
        first_part, *others = value.split("\n")
        if first_part:
            lines[-1].append((len(first_part), style))
        for part in others:
            lines.append([(len(part), style)] if part else [])
    return lines


def _interpreter(text: str) -> str:
    """`bash` for what begins with `#!/usr/bin/env bash`; empty if it does not begin so."""
    first = text[:_LONGEST_SHEBANG].partition("\n")[0]
    words = first.removeprefix("#!").split()
    if first == first.removeprefix("#!") or not words:
        return ""
    names = [word.rpartition("/")[2] for word in words if not word.startswith("-")]
    return names[1] if names[:1] == ["env"] and len(names) > 1 else names[0] if names else ""


def main() -> None:
    """Text on standard input, its styles as JSON on standard output; nothing if there are none."""
    text = sys.stdin.buffer.read().decode("utf-8", "surrogatepass")
    found = runs(sys.argv[1], text)
    if found is not None:
        sys.stdout.write(json.dumps(found, separators=(",", ":")))


if __name__ == "__main__":
    main()

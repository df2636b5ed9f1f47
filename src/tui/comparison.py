"""Two versions of a file, told apart: what is known of them, and what they hold."""

import time
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from ..analysis.model import Entry, FileType, Tell
from ..analysis.timeline import Version
from ..formatting import mode
from .contents import DIFF_LIMIT, ContentCache
from .display import TYPE_NAMES, moment
from .listing import BINARY, HEX_WIDTH, decode, encoding_of, hex_line

PATIENCE = 2.0
"""Seconds until two texts count as too different."""
_CONTEXT = 3
"""Lines that stay the same, shown around those that do not."""
_HEX_BYTES = 256
"""Bytes that are shown from the first difference on."""
_MOST_XATTRS = 200


class Fact(NamedTuple):
    """Something other than the content that is not the same; texts may come from the image, unescaped."""

    name: str
    old: bytes | str
    """Empty for what was not there."""
    new: bytes | str


class Row(NamedTuple):
    """A line of a difference."""

    sign: str
    """`+`, `-`, `@` above lines that belong together, `!` for a remark, blank for what is the same."""
    text: str
    """May come from the image, unescaped."""


class TooDifferent(Exception):  # noqa: N818 - an answer
    """Comparing would take too long."""


def facts(old: Version, new: Version) -> Iterator[Fact]:
    """What changed besides the content."""
    before, after = old.file, new.file
    for name, tell in _FACTS.items():
        was, now = tell(before), tell(after)
        if was != now:
            yield Fact(name, was, now)
    if before.mtime_ns != after.mtime_ns:
        was, now = moment(before.mtime_ns), moment(after.mtime_ns)
        if was == now:
            was, now = (f"{was} and {one.mtime_ns % 1_000_000_000:,} ns" for one in (before, after))
        yield Fact("modified", was, now)
    yield from _xattrs(dict(before.extras.xattrs), dict(after.extras.xattrs))


_FACTS: dict[str, Callable[[Entry], bytes | str]] = {
    "type": lambda file: TYPE_NAMES[file.type],
    "link to": lambda file: file.link if file.type in (FileType.SYMLINK, FileType.HARDLINK) else b"",
    "device": lambda file: (
        "{}, {}".format(*file.extras.device) if file.type in (FileType.CHARACTER, FileType.BLOCK) else ""
    ),
    "size": lambda file: f"{file.size:,} bytes" if file.type is FileType.REGULAR else "",
    "mode": lambda file: f"{file.mode:04o} {mode(file.mode)}",
    "owner": lambda file: f"{file.uid}:{file.gid}",
}


def _xattrs(old: dict[bytes, bytes], new: dict[bytes, bytes]) -> Iterator[Fact]:
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    for name in names[:_MOST_XATTRS]:
        label = "xattr " + name.decode("utf-8", "surrogateescape")
        yield Fact(label, old.get(name, b""), new.get(name, b""))
    if len(names) > _MOST_XATTRS:
        yield Fact("xattrs", "", f"{len(names) - _MOST_XATTRS:,} more are not the same")


def compare(
    cache: ContentCache, old: Version, new: Version, tell: Tell, *, limit: int = DIFF_LIMIT
) -> list[Row]:
    """How the contents of two regular files differ; "the same" only of what has been compared to its end.

    Raises LayerscopeError where they cannot be had, and whatever `tell` raises.
    """
    if old.source == new.source:
        return [Row("!", "content: one and the same stored file")]
    before, after = cache.head(old.source, limit, tell), cache.head(new.source, limit, tell)
    whole = len(before) == old.file.size and len(after) == new.file.size
    if before == after and whole:
        return [Row("!", f"content is the same: {len(after):,} bytes compared")]
    encodings = encoding_of(before), encoding_of(after)
    remark = None
    if before != after and BINARY not in encodings:
        try:
            return list(_texts(before, after, encodings, None if whole else limit, tell))
        except TooDifferent:
            remark = Row("!", "these texts are too large and too different to be compared by line")
    if before != after and (whole or first_difference(before, after) < min(len(before), len(after))):
        found = _Difference.of(before, after)
    else:
        streams = cache.pieces(old.source, tell), cache.pieces(new.source, tell)
        streamed = stream_difference(*streams)
        if streamed is None:
            return [Row("!", f"content is the same: {new.file.size:,} bytes compared")]
        found = streamed
    rows = [
        Row("!", f"content differs from byte {found.offset:,} (0x{found.offset:x}) on"),
        *_hex_rows(found),
    ]
    return [remark, *rows] if remark else rows


def _texts(
    before: bytes, after: bytes, encodings: tuple[str, str], limit: int | None, tell: Tell
) -> Iterator[Row]:
    if limit is not None:
        yield Row("!", f"only the first {limit:,} bytes are compared")
    old, new = (decode(data, name) for data, name in zip((before, after), encodings, strict=True))
    if encodings[0] != encodings[1]:
        yield Row("!", f"encoding: {encodings[0]} before, {encodings[1]} after")
    if old == new:
        yield Row("!", "the text is the same")
        return
    # The limit cuts a line in two, and half a line would look like a change.
    old_lines, new_lines = (
        _lines(text if limit != len(data) else text[: text.rfind("\n") + 1] or text)
        for text, data in ((old, before), (new, after))
    )
    yield from line_difference(old_lines, new_lines, tell)
    for text, sign in ((old, "-"), (new, "+")):
        if limit is None and text and not text.endswith("\n") and old.endswith("\n") != new.endswith("\n"):
            yield Row(sign, "(no line break at the end)")


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


class _Watched(list[str]):
    """Lines that `SequenceMatcher` asks for one by one; its work cannot be bounded or ended otherwise."""

    def __init__(self, lines: list[str], tell: Tell, deadline: float) -> None:
        super().__init__(lines)
        self._tell = tell
        self._deadline = deadline

    def __getitem__(self, at: Any, /) -> Any:
        self._tell(0)
        if time.monotonic() > self._deadline:
            raise TooDifferent
        return super().__getitem__(at)


def line_difference(
    old: list[str], new: list[str], tell: Tell, *, patience: float = PATIENCE
) -> Iterator[Row]:
    """What `diff -u` prints, without the names. Raises TooDifferent after `patience` seconds."""
    start = 0
    for start, (one, other) in enumerate(zip(old, new, strict=False)):  # noqa: B007 - the common beginning
        if one != other:
            break
    else:
        start = min(len(old), len(new))
    skipped = max(start - _CONTEXT, 0)
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    left_out = max(end - _CONTEXT, 0)
    a, b = old[skipped : len(old) - left_out], new[skipped : len(new) - left_out]
    watched = _Watched(a, tell, time.monotonic() + patience)
    for group in SequenceMatcher(None, watched, b).get_grouped_opcodes(_CONTEXT):
        (_, a_start, _, b_start, _), (_, _, a_end, _, b_end) = group[0], group[-1]
        yield Row(
            "@",
            f"-{_range(a_start + skipped, a_end - a_start)} +{_range(b_start + skipped, b_end - b_start)}",
        )
        for tag, i, j, k, m in group:
            if tag == "equal":
                yield from (Row(" ", line) for line in a[i:j])
            else:
                yield from (Row("-", line) for line in a[i:j])
                yield from (Row("+", line) for line in b[k:m])


def _range(start: int, length: int) -> str:
    """As in a unified diff: from 1, the line before if there is none, the length if it is not 1."""
    first = start + 1 if length else start
    return f"{first}" if length == 1 else f"{first},{length}"


class _Difference(NamedTuple):
    offset: int
    """Of the first byte that is not the same, or where one of them ends."""
    start: int
    """Where the bytes kept begin: at a line of a dump."""
    old: bytes
    new: bytes

    @classmethod
    def of(cls, old: bytes, new: bytes) -> "_Difference":
        offset = first_difference(old, new)
        start = offset - offset % HEX_WIDTH
        return cls(offset, start, old[start : start + _HEX_BYTES], new[start : start + _HEX_BYTES])


def first_difference(old: bytes, new: bytes) -> int:
    """The place of the first byte that differs; the shorter length if there is none."""
    same, end = 0, min(len(old), len(new))
    while same < end:  # halves, each compared at the speed of memory
        middle = (same + end + 1) // 2
        if old[same:middle] == new[same:middle]:
            same = middle
        else:
            end = middle - 1
    return same


def stream_difference(old: Iterator[bytes], new: Iterator[bytes]) -> _Difference | None:
    """The same of contents of any length; None if they are equal."""
    old, new = filter(None, old), filter(None, new)
    offset, common = 0, b""
    a = b = b""
    while True:
        a, b = a or next(old, b""), b or next(new, b"")
        if not a and not b:
            return None
        shared = min(len(a), len(b))
        same = first_difference(a[:shared], b[:shared])
        common = (common + a[max(same - HEX_WIDTH, 0) : same])[-HEX_WIDTH:]
        offset += same
        if same < shared or not shared:
            kept = common[len(common) - offset % HEX_WIDTH :]
            wanted = _HEX_BYTES - len(kept)
            found = (kept + _filled(data[same:], more, wanted) for data, more in ((a, old), (b, new)))
            return _Difference(offset, offset - len(kept), *found)
        a, b = a[shared:], b[shared:]


def _filled(data: bytes, more: Iterator[bytes], wanted: int) -> bytes:
    while len(data) < wanted and (piece := next(more, b"")):
        data += piece
    return data[:wanted]


def _hex_rows(found: _Difference) -> Iterator[Row]:
    for at in range(0, max(len(found.old), len(found.new)), HEX_WIDTH):
        old, new = found.old[at : at + HEX_WIDTH], found.new[at : at + HEX_WIDTH]
        if old == new:
            yield Row(" ", hex_line(old, found.start + at))
            continue
        if old:
            yield Row("-", hex_line(old, found.start + at))
        if new:
            yield Row("+", hex_line(new, found.start + at))

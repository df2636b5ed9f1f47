r"""The export of ncdu, which opens it with `-f`: a directory for each layer, and in it what its tar stores.

https://dev.yorhel.nl/ncdu/jsonfmt. The text is UTF-8 and holds no `\u`: ncdu up to 1.20 and 2.6 takes the two
of a surrogate pair for two characters. There are no times, owners and modes, which it shows only when asked:
they would make the file twice as long, and ncdu 1 refuses the whole of it for an owner of 2^31.
"""

import datetime
from collections.abc import Iterator
from typing import TextIO

from .. import __version__
from ..analysis.model import FileType, Layer
from ..analysis.stored import Links, hard_links, layers_of, stored
from ..formatting import printable
from .steps import step
from .subject import Subject

_LONGEST_NAME = 3000
"""Bytes or characters of a name that are shown: escaped ten times as many at most; ncdu ends at 32 KiB."""


def write(subject: Subject, out: TextIO) -> None:
    """Write the export. The sizes add up to `stored_bytes`, those of a layer's directory to the layer's.

    SourceError if the analysis has no entries.
    """
    analysis = subject.analysis
    layers = layers_of(analysis)
    head = f'"progname":"layerscope","progver":"{__version__}","timestamp":{_seconds(analysis.image.created)}'
    out.write(f"[1,2,{{{head}}},\n[{_named(analysis.image.reference or 'image')}}}")
    inodes = 0
    for layer in layers:
        # U+2215 looks like the slash that no name can have.
        out.write(f",\n[{_named(f'{layer.index} {step(layer)}'.replace('/', '∕'))}}}")
        out.writelines(_lines(_by_directory(layer.layer, inodes)))
        out.write("]")
        inodes += len(layer.layer.entries)
    out.write("]]\n")


def _by_directory(layer: Layer, inodes: int) -> dict[bytes, list[str]]:
    """The files in each directory of a layer, as items; the layers below have used so many inodes."""
    links = hard_links(layer)
    found: dict[bytes, list[str]] = {}
    for directory, name, number, entry in stored(layer):
        if entry.type is FileType.DIRECTORY:
            found.setdefault(directory + b"/" + name if directory else name, [])
            continue
        if number in links:
            told = _linked(links[number], inodes)
        elif entry.size:
            told = f'"asize":{entry.size},"dsize":{entry.size}'
        else:
            told = '"asize":0' if entry.type is FileType.REGULAR else '"notreg":true'
        item = f",\n{_named(name)},{told}}}"
        if directory in found:
            found[directory].append(item)
        else:
            found[directory] = [item]
    return found


def _linked(links: Links, inodes: int) -> str:
    size = f'"asize":{links.size},"dsize":{links.size}'
    return f'{size},"ino":{inodes + links.first + 1},"nlink":{links.names},"hlnkc":true'


def _lines(directories: dict[bytes, list[str]]) -> Iterator[str]:
    """The items of a layer; arrays are left open until a directory comes that does not lie in them."""
    opened: list[bytes] = []
    for parts, path in sorted((path.split(b"/") if path else [], path) for path in directories):
        same = 0
        for one, other in zip(opened, parts, strict=False):
            if one != other:
                break
            same += 1
        if same < len(opened):
            yield "]" * (len(opened) - same)
            del opened[same:]
        for part in parts[same:]:
            yield f",\n[{_named(part)}}}"
            opened.append(part)
        yield "".join(directories[path])
    yield "]" * len(opened)


def _named(name: bytes | str) -> str:
    """The beginning of an item; of what JSON escapes a printable name has but two characters."""
    shown = printable(name[:_LONGEST_NAME])
    if "\\" in shown or '"' in shown:
        shown = shown.replace("\\", "\\\\").replace('"', '\\"')
    return f'{{"name":"{shown}"'


def _seconds(created: str) -> int:
    """Seconds since 1970 of a time in RFC 3339; 0 for an earlier one, and for what is none."""
    try:
        time = datetime.datetime.fromisoformat(created)
    except ValueError:
        return 0
    if time.tzinfo is None:
        time = time.replace(tzinfo=datetime.UTC)
    return max(0, int(time.timestamp()))

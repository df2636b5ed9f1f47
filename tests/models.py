"""Images as literals, built straight from the data model: no tar, no bytes.

    image(layer("keep:9000", "a/"), layer("a/.wh.keep"), layer("lnk -> two", "hard => keep"))

An item is `name:size` (a regular file), `name` (one of 0 bytes), `name/` (a directory),
`name -> target` (a symlink), `name => target` (a hard link), or an `Entry`. Two files have the same
content if they have the same size, unless a `#label` says otherwise: `a:10#new`.
"""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from layerscope.analysis.model import Entry, FileType, HistoryStep, Image, Layer, Tell, unheard


class Unread:
    """Contents that are not there to be read: what a test does not ask for fails it."""

    def digest(self, number: int) -> bytes:
        raise AssertionError(f"entry {number} was read")

    def chunks(self, number: int) -> Iterator[bytes] | None:
        raise AssertionError(f"entry {number} was read")

    def read(self, numbers: Collection[int], tell: Tell = unheard) -> Iterator[tuple[int, Iterator[bytes]]]:
        raise AssertionError(f"{len(numbers)} entries were read")

    def cost(self, numbers: Collection[int]) -> int:
        raise AssertionError(f"{len(numbers)} entries were to be read")

    def is_at_hand(self, number: int) -> bool:
        return True  # but whoever reads it fails


@dataclass(frozen=True)
class Digests(Unread):
    """The contents of a layer that has none: a digest for each entry."""

    digests: tuple[bytes, ...]

    def digest(self, number: int) -> bytes:
        return self.digests[number]

    def chunks(self, number: int) -> None:
        return None

    def cost(self, numbers: Collection[int]) -> int:
        return 0

    def is_at_hand(self, number: int) -> bool:
        return False


def entry(item: str, mode: int | None = None, uid: int = 0, gid: int = 0, mtime_ns: int = 0) -> Entry:
    """One entry from its literal; the mode is 0644, of a directory 0755, of a link 0777."""
    link, kind, size, standard = "", FileType.REGULAR, 0, 0o644
    name, _, _label = item.partition("#")
    for arrow, linked in ((" -> ", FileType.SYMLINK), (" => ", FileType.HARDLINK)):
        if arrow in name:
            name, _, link = name.partition(arrow)
            kind, standard = linked, 0o777
    if kind is FileType.REGULAR and name.endswith("/"):
        kind, standard = FileType.DIRECTORY, 0o755
    elif kind is FileType.REGULAR and ":" in name:
        name, _, digits = name.rpartition(":")
        size = int(digits)
    return Entry(
        name.encode(), kind, standard if mode is None else mode, uid, gid, size, mtime_ns, link.encode()
    )


def layer(*items: str | Entry, name: str = "", diff_id: str = "", compressed: int | None = None) -> Layer:
    """A layer of these entries, in this order."""
    entries = tuple(item if isinstance(item, Entry) else entry(item) for item in items)
    labels = (item.partition("#")[2] if isinstance(item, str) else "" for item in items)
    contents = tuple(_digest(one.size, label) for one, label in zip(entries, labels, strict=True))
    return Layer(
        name=name,
        diff_id=diff_id,
        digest="",
        media_type="application/vnd.oci.image.layer.v1.tar",
        compressed_bytes=compressed,
        entries=entries,
        contents=Digests(contents),
    )


def _digest(size: int, label: str) -> bytes:
    return hashlib.blake2b(f"{size}#{label}".encode(), digest_size=16).digest()


def image(*layers: Layer, history: tuple[HistoryStep, ...] = ()) -> Image:
    """An image of these layers, base first, and of nothing else."""
    return Image(
        reference="test",
        id="",
        tags=(),
        platform="linux/amd64",
        created="",
        config={},
        history=history,
        layers=layers,
    )

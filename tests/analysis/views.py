"""What the analysis makes of layers, as plain data in the notation of `tests.models`."""

from layerscope.analysis.analyze import analyze
from layerscope.analysis.model import Change, FileType, Layer
from layerscope.analysis.tree import Node, walk

from tests.models import image


def tree(*layers: Layer) -> set[str]:
    """Every path of the final tree: `d/`, `f:3` (a file and its bytes), `l -> target`, `p (fifo)`.

    A hard link is shown as the file it is; one to nothing as `h => target`.
    """
    return {shown(path, node) for path, node in walk(analyze(image(*layers)).union.root)}


def shown(path: bytes, node: Node) -> str:
    name = path.decode()
    if node.children is not None:
        return f"{name}/"
    entry = node.inode.entry
    match entry.type:
        case FileType.REGULAR:
            return f"{name}:{entry.size}"
        case FileType.SYMLINK:
            return f"{name} -> {entry.link.decode()}"
        case FileType.HARDLINK:
            return f"{name} => {entry.link.decode()}"
        case other:
            return f"{name} ({other.name.lower()})"


def links(*layers: Layer) -> list[set[str]]:
    """The names of every file that has more than one, by the first of them."""
    found: dict[int, set[str]] = {}
    counts: dict[int, int] = {}
    for path, node in walk(analyze(image(*layers)).union.root):
        if node.children is None:
            found.setdefault(id(node.inode), set()).add(path.decode())
            counts[id(node.inode)] = node.names
    assert {key: len(names) for key, names in found.items()} == counts
    return sorted((names for names in found.values() if len(names) > 1), key=min)


def changes(*layers: Layer) -> dict[str, str]:
    """What the last layer does to the tree below it.

    From the name of an entry, as its tar has it, to what changed, in small letters and in the order of
    `Change`; from a path that is gone to `removed`. Entries that change nothing are left out; of two
    entries of one name, the later one has a quote after it.
    """
    last = analyze(image(*layers)).changes[-1]
    found: dict[str, str] = {}
    for entry, flags in zip(layers[-1].entries, last.entries, strict=True):
        name = entry.name.decode()
        while name in found:
            name += "'"
        found[name] = " ".join(change.name.lower() for change in Change if change & flags and change.name)
    seen = {name: what for name, what in found.items() if what}
    gone = {path.decode(): "removed" for path in last.removed}
    assert not seen.keys() & gone.keys()
    return seen | gone


def figures(*layers: Layer) -> tuple[int, int]:
    """(stored, live) bytes of the image."""
    stored, live = analyze(image(*layers)).totals
    return stored, live

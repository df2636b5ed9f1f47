"""The trees dive 0.13.1 makes of layers, and how it stacks them: the ground under the figures of `dive`.

All of it goes level by level without recursion, and in time linear in the names.
"""

from collections.abc import Iterator

from .model import Entry, FileType, Layer

WHITEOUT = b".wh."
_DROPPED = b".wh..wh.."
_NO_NAMES = (b"", b".", b"..")


class Node:
    """A directory of a tree, or whatever else has names below it; a name without is a bare `Entry`."""

    __slots__ = ("children", "entry")

    def __init__(self, entry: Entry | None = None) -> None:
        self.children: dict[bytes, Node | Entry] = {}
        self.entry = entry
        """None for a directory the tar only implies: dive has zeros for it, and no directory."""


def clean(name: bytes) -> bytes:
    """The shortest name of the same path by the rules of Go's `path.Clean`: `.` for the root itself.

    A leading slash stays, and so does `..` where there is nothing left to leave.
    """
    if b"//" not in name:
        short = name[2:] if name.startswith(b"./") else name
        short = short[:-1] if short.endswith(b"/") else short
        if short and short[0] not in b"./" and b"/." not in short:
            return short
    rooted = name.startswith(b"/")
    parts: list[bytes] = []
    for part in name.split(b"/"):
        if part == b".." and not (parts and parts[-1] != b".."):
            if not rooted:
                parts.append(part)
        elif part == b"..":
            parts.pop()
        elif part not in (b"", b"."):
            parts.append(part)
    return (b"/" if rooted else b"") + b"/".join(parts) or b"."


def tree_of(layer: Layer) -> Node:
    """The layer's names as a tree; of two entries for one path the later one counts."""
    root = Node()
    folders: dict[bytes, dict[bytes, Node | Entry]] = {}
    for entry in layer.entries:
        folder, _, name = entry.name.rpartition(b"/")
        if name in _NO_NAMES:
            folder, _, name = clean(entry.name).rpartition(b"/")
            if name in (b"", b"."):
                continue
        if (children := folders.get(folder)) is None:
            children = folders[folder] = _make_folder(root, clean(folder))
        if name.startswith(_DROPPED):
            continue
        known = children.get(name)
        if isinstance(known, Node):
            known.entry = entry
        else:
            children[name] = entry
    return root


def _make_folder(node: Node, folder: bytes) -> dict[bytes, Node | Entry]:
    """The children of a folder, made with its parents where missing; below a dropped name, of no tree."""
    for name in folder.split(b"/"):
        if name.startswith(_DROPPED):
            return {}
        if name not in (b"", b"."):
            node = _enter(node, name)
    return node.children


def _enter(node: Node, name: bytes) -> Node:
    """The child of that name as something that can have children; made where it is missing."""
    child = node.children.get(name)
    if not isinstance(child, Node):
        child = node.children[name] = Node(child)
    return child


def walk(root: Node) -> Iterator[tuple[bytes, Node | Entry]]:
    """All paths of a tree, contents before their directory, siblings in byte order."""
    levels = [(b"", root, iter(sorted(root.children)))]
    while levels:
        prefix, node, names = levels[-1]
        children = node.children
        for name in names:
            child = children[name]
            if isinstance(child, Node) and child.children:
                levels.append((prefix + name + b"/", child, iter(sorted(child.children))))
                break
            yield prefix + name, child
        else:
            levels.pop()
            if levels:
                yield prefix[:-1], node


def find(tree: Node, path: bytes) -> Node | Entry | None:
    node: Node | Entry | None = tree
    for name in path.split(b"/"):
        if name:
            node = node.children.get(name) if isinstance(node, Node) else None
    return node


def sum_below(top: Node | Entry, sums: dict[Node, int]) -> int:
    """Bytes of a directory and all below it; 0 if it is none. `sums` is what is known of the tree so far."""
    if not isinstance(top, Node) or top.entry is None or top.entry.type is not FileType.DIRECTORY:
        return 0
    if top in sums:
        return sums[top]
    nodes = [top]
    for node in nodes:  # grows
        nodes += (child for child in node.children.values() if isinstance(child, Node) and child not in sums)
    for node in reversed(nodes):
        total = node.entry.size if node.entry else 0
        for child in node.children.values():
            total += sums[child] if isinstance(child, Node) else child.size
        sums[node] = total
    return sums[top]


def stack(below: Node, tree: Node) -> None:
    """Put a layer without whiteouts over the tree below. Its nodes become part of that tree."""
    pairs = [(below, tree)]
    while pairs:
        lower, upper = pairs.pop()
        children = lower.children
        for name, new in upper.children.items():
            old = children.get(name)
            if not isinstance(old, Node):
                children[name] = new
            elif isinstance(new, Node):
                old.entry = new.entry
                pairs.append((old, new))
            else:
                old.entry = new


class _Level:
    """A directory of the layer on the way down, and what there is of it in the tree below."""

    __slots__ = ("name", "names", "outside", "read", "upper", "written")

    def __init__(
        self, name: bytes, upper: Node, read: Node | None, written: Node | None, outside: bool
    ) -> None:
        self.name = name
        self.names = iter(sorted(upper.children))
        self.upper = upper
        self.read = read
        """Where whiteouts look; None where there is no such directory."""
        self.written = written
        """Where files go: the same, but for what is outside the root; None until it is needed."""
        self.outside = outside
        """In `..`: whiteouts look there, files go where the path leads without it."""


def stack_in_order(below: Node, tree: Node) -> None:
    """Put any layer over the tree below, name by name in the order of `walk`: whiteouts and `..` need it."""
    levels = [_Level(b"", tree, below, below, False)]
    while levels:
        level = levels[-1]
        for name in level.names:
            child = level.upper.children[name]
            if isinstance(child, Node) and child.children:
                levels.append(_descend(level, name, child))
                break
            _apply(levels, name, child)
        else:
            levels.pop()
            if levels:
                _apply(levels, level.name, level.upper)


def _descend(level: _Level, name: bytes, upper: Node) -> _Level:
    read = _folder(level.read, name)
    if name == b"..":
        return _Level(name, upper, read, level.written, True)
    if level.outside:
        return _Level(name, upper, read, _folder(level.written, name), True)
    return _Level(name, upper, read, read, False)


def _folder(node: Node | None, name: bytes) -> Node | None:
    child = node.children.get(name) if node else None
    return child if isinstance(child, Node) else None


def _apply(levels: list[_Level], name: bytes, upper: Node | Entry) -> None:
    level = levels[-1]
    if name.startswith(WHITEOUT):
        if len(name) > len(WHITEOUT):
            if level.read:
                level.read.children.pop(name[len(WHITEOUT) :], None)
        elif len(levels) > 1:
            _remove_itself(level, levels[-2])
    elif name != b"..":
        children = (level.written or _make_written(levels)).children
        entry = upper.entry if isinstance(upper, Node) else upper
        known = children.get(name)
        if isinstance(known, Node):
            known.entry = entry
        else:
            children[name] = entry or Node()


def _remove_itself(level: _Level, above: _Level) -> None:
    if above.read:
        above.read.children.pop(level.name, None)
    level.read = None
    if not level.outside:
        level.written = None


def _make_written(levels: list[_Level]) -> Node:
    """The directory of the tree below that the last level writes to, made with its parents where missing."""
    first = len(levels) - 1
    while levels[first].written is None:
        first -= 1
    node = levels[first].written
    assert node is not None
    for level in levels[first + 1 :]:
        node = level.written = _enter(node, level.name)
        if not level.outside:
            level.read = node
    return node

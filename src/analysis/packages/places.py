"""Paths of databases, looked up in the tree the way a running system would: links of directories followed.

dpkg lists `/bin/ls` where the tree has `usr/bin/ls` and a link `bin -> usr/bin`. The last component is not
followed: a package that brings a symbolic link owns the link and not what it points to.
"""

from collections.abc import Iterator

from ...errors import LimitError
from ..model import FileType
from ..paths import split
from ..tree import Node

MAX_FILES = 2_000_000
"""Paths that the databases of an image may list; a full desktop has half a million."""
MAX_STEPS = 10_000_000
"""Names that may be looked at on the way there; a directory is looked up once."""
_MAX_PATH = 4096
_MAX_LINKS = 40
_MAX_KNOWN = 200_000


class Places:
    """The tree, as databases name its places; LimitError once they have named too many."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self._directories: dict[bytes, Node] = {}
        """Those that were there, by the name that was used."""
        self._files = self._steps = 0

    def find(self, path: bytes) -> Node | None:
        """What is at a path, absolute or from the root; None if nothing is."""
        self._files += 1
        if self._files > MAX_FILES:
            raise LimitError(f"the databases of packages list more than {MAX_FILES} files")
        head, _, tail = path.rpartition(b"/")
        if tail in (b"", b".", b".."):
            head, tail = split(path)
        directory = self._directories.get(head) or self.directory(head)
        return directory.children.get(tail) if directory is not None and directory.children else None

    def directory(self, path: bytes) -> Node | None:
        """The directory at a path, itself perhaps behind a symbolic link; None if there is none."""
        found = self._resolve(path) if len(path) <= _MAX_PATH else None
        if found is not None:
            if len(self._directories) >= _MAX_KNOWN:
                self._directories.clear()
            self._directories[path] = found
        return found

    def files(self, node: Node) -> Iterator[Node]:
        """Everything below a directory that is none, or the node itself if it is none."""
        waiting = [node]
        while waiting:
            current = waiting.pop()
            self.count(1)
            if current.children is None:
                yield current
            else:
                waiting += current.children.values()

    def count(self, count: int) -> None:
        """Note that so many names have been looked at."""
        self._steps += count
        if self._steps > MAX_STEPS:
            raise LimitError(f"the databases of packages lead through more than {MAX_STEPS} names")

    def _resolve(self, path: bytes) -> Node | None:
        trail = [self.root]
        waiting = path.split(b"/")[::-1]
        links = 0
        self.count(len(waiting))
        while waiting:
            part = waiting.pop()
            if part in (b"", b"."):
                continue
            if part == b"..":  # of the place that was reached, as the kernel has it
                if len(trail) > 1:
                    trail.pop()
                continue
            children = trail[-1].children
            child = children.get(part) if children is not None else None
            if child is None:
                return None
            if child.children is not None:
                trail.append(child)
                continue
            entry = child.inode.entry
            links += 1
            if entry.type is not FileType.SYMLINK or links > _MAX_LINKS or len(entry.link) > _MAX_PATH:
                return None
            if entry.link.startswith(b"/"):
                del trail[1:]
            target = entry.link.split(b"/")
            self.count(len(target))
            waiting += target[::-1]
        return trail[-1]

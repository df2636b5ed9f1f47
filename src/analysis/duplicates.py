"""Duplicate content at different live paths: not waste, but bytes that are shipped more than once."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from .model import FileType
from .tree import Node, walk
from .waste import Contents


class File(NamedTuple):
    """One live file, however many hard links it has."""

    path: bytes
    """The first of its names, in the order of `tree.walk`."""
    inode: Node


class Group(NamedTuple):
    """Live files that hold the same bytes."""

    size: int
    """Of each of them; at least 1."""
    files: tuple[File, ...]
    """Two or more, in the order of `tree.walk`."""


def find_groups(root: Node, contents: Contents) -> Iterator[Group]:
    """Every content that live files hold more than once.

    Hard links are one file. Only files that share their size with another file are read.
    """
    by_size: defaultdict[int, list[tuple[bytes, Node]]] = defaultdict(list)
    for path, node in walk(root):
        if node.children is None:
            inode = node.inode
            entry = inode.entry
            if entry.size and entry.type is FileType.REGULAR:
                by_size[entry.size].append((path, inode))
    for size, named in by_size.items():
        if len(named) == 1:
            continue
        names: dict[Node, bytes] = {}
        for path, inode in named:
            names.setdefault(inode, path)
        if len(names) == 1:
            continue
        by_content: defaultdict[bytes, list[Node]] = defaultdict(list)
        for inode in names:
            by_content[contents.digest(inode)].append(inode)
        for inodes in by_content.values():
            if len(inodes) > 1:
                yield Group(size, tuple(File(names[inode], inode) for inode in inodes))

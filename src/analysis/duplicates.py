"""Duplicate content at different live paths: not waste, but bytes that are shipped more than once."""

from collections import defaultdict

from .model import FileType
from .tree import Node, walk
from .waste import Contents


def duplicate_bytes(root: Node, contents: Contents) -> int:
    """Bytes that would be saved if every content were stored once among the live files.

    Hard links are one file. Only files that share their size with another one are read.
    """
    by_size: defaultdict[int, dict[int, Node]] = defaultdict(dict)
    for _, node in walk(root):
        inode = node.inode
        if node.children is None and inode.entry.type is FileType.REGULAR and inode.entry.size:
            by_size[inode.entry.size][id(inode)] = inode
    total = 0
    for size, inodes in by_size.items():
        if len(inodes) > 1:
            distinct = {contents.digest(inode) for inode in inodes.values()}
            total += size * (len(inodes) - len(distinct))
    return total

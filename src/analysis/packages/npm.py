"""npm, and yarn and pnpm, which keep their modules alike: a directory of `node_modules` is a package.

What is below it is its own, but for the packages in a `node_modules` of its own.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from heapq import nlargest

from ..tree import Node
from .package import Claim, text
from .reading import Take, whole
from .survey import Module

MANAGER = "npm"
MAX_READ = 500
"""Of how many modules, the largest, the version is read; of the others it stays unknown."""
_MAX_SIZE = 256 << 10


def wanted(modules: Iterable[Module]) -> Iterator[tuple[Node, Take]]:
    """The files to read."""
    for module in nlargest(MAX_READ, modules, key=lambda module: module.size):
        manifest = module.manifest.inode
        if manifest.entry.size <= _MAX_SIZE:
            yield manifest, whole


def claims(modules: Iterable[Module], contents: Mapping[Node, bytes]) -> Iterator[Claim]:
    """A package for each module."""
    for module in modules:
        version = _version(contents.get(module.manifest.inode, b"{}"))
        yield Claim(MANAGER, text(module.name), text(version), None, module.files)


def _version(manifest: bytes) -> bytes:
    try:
        said = json.loads(manifest)
    except (ValueError, RecursionError):
        return b""
    version = said.get("version") if isinstance(said, dict) else None
    return version.encode("utf-8", "surrogatepass") if isinstance(version, str) else b""

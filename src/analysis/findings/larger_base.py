"""Base images that have a smaller variant."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ..analyze import Analysis
from ..tree import walk
from .finding import Evidence, Finding
from .own_steps import finding_of
from .step_subjects import LARGER_BASE

_VARIANTS = {"PYTHON_VERSION": ("python", 2), "NODE_VERSION": ("node", 1), "RUBY_VERSION": ("ruby", 2)}
"""What official images say in their environment: the image, and how many numbers of a version its tag has."""
_FOR_BUILDS = (b"usr/lib/gcc", b"usr/include", b"usr/lib/python3/dist-packages/mercurial")
_MERCURIAL = b"usr/bin/hg"
"""buildpack-deps has it, on which the large variants stand, and nobody installs it for a container."""
_DOCUMENTS = (b"usr/share/man", b"usr/share/doc", b"usr/share/locale")


def larger_base(analysis: Analysis) -> Iterator[Finding]:
    union = analysis.union
    if union.find(_MERCURIAL) is not None:
        for variable in _environment(analysis):
            name, _, version = variable.partition("=")
            if name in _VARIANTS and re.fullmatch(r"\d{1,4}(?:\.\d{1,4}){0,3}", version):
                image, numbers = _VARIANTS[name]
                tag = ".".join(version.split(".")[:numbers])
                evidence = list(_of_base(analysis, _FOR_BUILDS, len(analysis.layers)))
                yield finding_of(LARGER_BASE, [], f"FROM {image}:{tag}-slim", evidence=evidence)
                return
    if union.find(b"etc/debian_version") is None or union.find(b"etc/dpkg/origins/ubuntu") is not None:
        return
    if any(_of_base(analysis, (b"usr/share/man/man1",), analysis.base_layers)):
        evidence = list(_of_base(analysis, _DOCUMENTS, analysis.base_layers))
        yield finding_of(LARGER_BASE, [], "FROM debian:RELEASE-slim", evidence=evidence)


def _environment(analysis: Analysis) -> list[str]:
    found = analysis.image.config.get("Env")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _of_base(analysis: Analysis, folders: Sequence[bytes], layers: int) -> Iterator[Evidence]:
    """What the first layers have in some folders, and the final filesystem still shows."""
    for folder in folders:
        node = analysis.union.find(folder)
        if node is None or node.children is None:
            continue
        inodes = {below.inode for _, below in walk(node) if below.children is None}
        sizes: Counter[int] = Counter()
        for inode in inodes:
            if inode.layer < layers and inode.entry.size:
                sizes[inode.layer] += inode.entry.size
        if sizes:
            files = sum(inode.layer in sizes for inode in inodes)
            yield Evidence(folder, sizes.total(), files, min(sizes, key=lambda one: (-sizes[one], one)))

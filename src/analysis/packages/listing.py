"""The packages of an image and the bytes they brought: every live file has one owner, or none."""

from collections.abc import Container
from dataclasses import replace

from ..analyze import Analysis
from ..model import Tell, unheard
from ..stored import layers_of
from ..tree import Node
from . import apk, dpkg, go, java, npm, python, rpm
from .ownership import Ownership
from .package import Packages
from .places import Places
from .reading import Known, Reader, Take, whole
from .survey import Distribution, Survey, survey


def packages_of(analysis: Analysis, tell: Tell = unheard, known: Known | None = None) -> Packages:
    """`Analysis.packages`; `list_packages` with the same arguments, if nobody has asked for them before."""
    cached = vars(analysis)  # where a cached property keeps what it has found
    if "packages" not in cached:
        cached["packages"] = list_packages(analysis, tell, known)
    return analysis.packages


def list_packages(analysis: Analysis, tell: Tell = unheard, known: Known | None = None) -> Packages:
    """Who owns which file, by the package databases in the final filesystem.

    The first to claim a file has it: the managers of the system (dpkg, apk, rpm), then the installer of a
    language that put it there (Python, npm), then what the file says of itself (Java, Go). The bytes of a
    file with several names go to the first of their owners.

    Contents are read at most twice over a layer: first the databases of the system, and then those of
    languages, without what the system owns; so that a layer of `apt-get install` is passed once. `tell`
    hears of it as in `Contents.read`. Contents that have gone by, and databases that are damaged or too
    large, become notes. Raises SourceError for a report that was saved without entries.

    What is `known` of another image is not read again in a layer that both have; it takes up what is read.
    """
    layers_of(analysis)
    root = analysis.union.root
    places, reader = Places(root), Reader(analysis.image.layers, tell, known)
    ownership = Ownership(reader.notes)
    _take_system(places, reader, ownership)
    _take_languages(places, reader, ownership, _without(survey(root), ownership.owners))
    return replace(ownership.settle(root), unread=tuple(sorted(reader.unread)))


def _take_system(places: Places, reader: Reader, ownership: Ownership) -> None:
    managers = (dpkg, apk, rpm)
    wanted: dict[Node, Take] = {
        inode: whole
        for manager in managers
        for inode in manager.databases(places)
        if reader.within(inode, manager.MAX_SIZE)
    }
    reader.notes += rpm.notes(places)
    contents = reader.read(wanted)
    for manager in managers:
        ownership.take(manager.claims(places, contents))


def _take_languages(places: Places, reader: Reader, ownership: Ownership, found: Survey) -> None:
    wanted = {
        inode: take
        for inode, take in python.wanted(found.distributions)
        if reader.within(inode, python.MAX_SIZE)
    }
    wanted.update(npm.wanted(found.modules))
    wanted.update(go.wanted(found.programs))
    contents = reader.read(wanted)
    ownership.take(python.claims(places, found.distributions, contents))
    ownership.take(npm.claims(found.modules, contents))
    ownership.take(java.claims(found.archives))
    ownership.take(go.claims(found.programs, contents))


def _without(found: Survey, owned: Container[Node]) -> Survey:
    """What was found but for what a package of the system brought."""

    def is_owned(distribution: Distribution) -> bool:
        node = distribution.node
        files = node.children.values() if node.children is not None else (node,)
        return any(file in owned for file in files)

    return Survey(
        [one for one in found.distributions if not is_owned(one)],
        [module for module in found.modules if module.manifest not in owned],
        [file for file in found.archives if file.node not in owned],
        [file for file in found.programs if file.node not in owned],
    )

"""Images whose files hold something, as literals: path to content, layer by layer.

    analysis(
        {"var/lib/dpkg/status": b"Package: a\n", "bin": "usr/bin"},
        {"opt/app": Program(b"\x7fELF…"), "opt/same": HardLink("opt/app")},
    )

`bytes` are a file, a `str` is the target of a symbolic link.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import Entry, FileType, Layer, Tell, unheard
from layerscope.analysis.packages.listing import list_packages
from layerscope.analysis.packages.package import Package, Packages
from layerscope.analysis.tree import walk
from layerscope.errors import SourceError

from tests import models


class Program(bytes):
    """A file that can be executed."""


class HardLink(str):
    """One more name of a file."""


@dataclass(frozen=True)
class Huge:
    """A file of that many bytes, which nobody may read."""

    size: int


Content = bytes | str | Huge
Files = Mapping[str, Content]


@dataclass
class Held(models.Unread):
    """Contents in memory, given in small pieces; `reads` counts calls, `read_of` files."""

    files: dict[int, bytes]
    piece: int = 1 << 16
    reads: int = 0
    read_of: Counter[int] = field(default_factory=Counter)

    def read(self, numbers: Collection[int], tell: Tell = unheard) -> Iterator[tuple[int, Iterator[bytes]]]:
        self.reads += 1
        for number in sorted(set(numbers)):
            tell(len(self.files[number]))
            self.read_of[number] += 1
            yield number, self._pieces(self.files[number])

    def _pieces(self, content: bytes) -> Iterator[bytes]:
        for at in range(0, len(content), self.piece):
            yield content[at : at + self.piece]


class GoneBy(models.Unread):
    """Contents of standard input."""

    def read(self, numbers: Collection[int], tell: Tell = unheard) -> Iterator[tuple[int, Iterator[bytes]]]:
        raise SourceError("layer 1 of standard input has gone by")


def entry(path: str, content: Content) -> Entry:
    name = path.encode("utf-8", "surrogateescape")
    match content:
        case HardLink():
            return Entry(name, FileType.HARDLINK, 0o644, 0, 0, 0, 0, content.encode())
        case str():
            return Entry(name, FileType.SYMLINK, 0o777, 0, 0, 0, 0, content.encode())
        case Huge():
            return Entry(name, FileType.REGULAR, 0o644, 0, 0, content.size, 0)
    mode = 0o755 if isinstance(content, Program) else 0o644
    return Entry(name, FileType.REGULAR, mode, 0, 0, len(content), 0)


def layer(files: Files) -> Layer:
    held = {
        number: bytes(content) for number, content in enumerate(files.values()) if isinstance(content, bytes)
    }
    made = models.layer(*(entry(path, content) for path, content in files.items()))
    return replace(made, contents=Held(held))


def analysis(*layers: Files) -> Analysis:
    return analyze(models.image(*map(layer, layers)))


def listed(*layers: Files) -> Packages:
    """The packages, once it is seen that they add up."""
    return checked(analysis(*layers))


def checked(analysed: Analysis) -> Packages:
    found = list_packages(analysed)
    assert sum(one.size for one in found.packages) + found.unowned == analysed.totals.live
    assert sum(one.size for one in found.unowned_by_directory) == found.unowned
    assert sum(one.files for one in found.packages) == len(found.owners)
    assert all(sum(size for _, size in one.by_layer) == one.size for one in found.packages)
    return found


def owned(*layers: Files) -> dict[str, list[str]]:
    """The files of each package, by its name and version."""
    analysed = analysis(*layers)
    found = checked(analysed)
    files: dict[str, list[str]] = {label(one): [] for one in found.packages}
    for path, node in walk(analysed.union.root):
        if node in found.owners:
            files[label(found.packages[found.owners[node]])].append(path.decode())
    return {name: sorted(paths) for name, paths in files.items()}


def label(package: Package) -> str:
    return f"{package.manager} {package.name} {package.version}".strip()


def reads(analysed: Analysis) -> list[int]:
    """How often each layer was passed."""
    return [one.layer.contents.reads for one in analysed.layers if isinstance(one.layer.contents, Held)]

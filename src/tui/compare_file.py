"""What two images hold at one path, side by side: metadata, and content line by line or byte by byte."""

from collections.abc import Iterator

from textual.content import Content

from ..analysis.analyze import Analysis
from ..analysis.timeline import Kind, Version
from ..analysis.tree import Node
from .contents import ContentCache
from .diff import ContentDiff
from .session import Session


class PairContents:
    """The files of both images, by one cache: layers of the second come behind those of the first."""

    def __init__(self, before: Analysis, after: Analysis) -> None:
        self.before, self.after = before, after
        self.cache = ContentCache([layer.layer for layer in (*before.layers, *after.layers)])

    def sides(self, path: bytes) -> tuple[Version | None, Version | None]:
        """What the final filesystems have at a path, with sources for the cache; None for nothing."""
        was, now = self.before.union.find(path), self.after.union.find(path)
        behind = len(self.before.layers)
        return (
            None if was is None else _version(was, 0, behind),
            None if now is None else _version(now, behind, len(self.after.layers)),
        )


def _version(node: Node, offset: int, layers: int) -> Version:
    stored = node.inode
    source = (stored.layer + offset, stored.number)
    return Version(node.layer, layers, Kind.SAME, node.entry, source, stored.entry, wasted=False)


class FileDiffScreen(ContentDiff):
    """Compares a path of the first image with the same path of the second."""

    def __init__(self, session: Session, path: bytes, contents: PairContents) -> None:
        """Both images have the path."""
        self._contents = contents
        old, new = contents.sides(path)
        super().__init__(session, path, old, new, contents.cache, "Only one of the images has it.")

    def sides(self) -> Iterator[Content]:
        """As `ContentDiff` says."""
        sides = (("- before", self._contents.before, self.old), ("+ after", self._contents.after, self.new))
        look = self.session.display
        for (what, analysis, version), colour in zip(sides, ("$text-error", "$text-success"), strict=True):
            if version is not None:
                command = (
                    " ".join(analysis.layers[version.layer].command[:4000].split())
                    if version.layer >= 0
                    else ""
                )
                told = f"{what:<8} layer {version.layer}  {look.text(command) or '(no history)'}"
                yield Content.styled(told, colour)

"""Images whose files can be read, and what happened while they were."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.findings.finding import Finding
from layerscope.analysis.model import Entry, HistoryStep, Image, Layer, Tell, unheard
from layerscope.analysis.saved import Recorded, restore
from layerscope.errors import LayerscopeError
from layerscope.tui.reading import ReadingLine
from layerscope.tui.session import Session
from textual.pilot import Pilot

from tests import models

Item = str | Entry | tuple[str, bytes] | tuple[Entry, bytes]
"""As in `tests.models`, or a file and what it holds."""


class Held:
    """Contents that lie in memory; counts how often they are read."""

    def __init__(self, contents: dict[int, bytes], piece: int, error: LayerscopeError | None) -> None:
        self.contents = contents
        self.piece = piece
        self.error = error
        self.reads = 0

    def digest(self, number: int) -> bytes:
        return hashlib.blake2b(self.contents[number], digest_size=16).digest()

    def chunks(self, number: int) -> None:
        return None

    def read(self, numbers: Collection[int], tell: Tell = unheard) -> Iterator[tuple[int, Iterator[bytes]]]:
        self.reads += 1
        if self.error:
            raise self.error
        return ((number, self._pieces(number, tell)) for number in sorted(numbers))

    def _pieces(self, number: int, tell: Tell) -> Iterator[bytes]:
        content = self.contents[number]
        for start in range(0, len(content), self.piece):
            tell(min(self.piece, len(content) - start))
            yield content[start : start + self.piece]

    def cost(self, numbers: Collection[int]) -> int:
        return sum(len(self.contents[number]) for number in numbers)

    def is_at_hand(self, number: int) -> bool:
        return True


def layer(*items: Item, piece: int = 1 << 20, error: LayerscopeError | None = None) -> Layer:
    """A layer that holds its contents, read in pieces of so many bytes, or not at all."""
    entries, contents = [], {}
    for number, item in enumerate(items):
        if isinstance(item, str | Entry):
            entries.append(models.entry(item) if isinstance(item, str) else item)
            contents[number] = b""
        else:
            name, contents[number] = item
            one = models.entry(name) if isinstance(name, str) else name
            entries.append(one._replace(size=len(contents[number])))
    return replace(models.layer(*entries), contents=Held(contents, piece, error))


def saved_without_entries(whole: Image) -> Analysis:
    """What a report tells of an image that was saved without what its layers hold."""
    known = analyze(whole)
    recorded = Recorded(
        layers=known.layers,
        steps=known.steps,
        counts=known.change_counts,
        killed=known.killed_bytes,
        flags=None,
        waste=known.waste,
        duplicate_bytes=0,
        dive=known.dive_score,
        base=known.base,
    )
    bare = replace(whole, layers=tuple(replace(one, entries=()) for one in whole.layers))
    return restore(bare, recorded, keep_past=True)


def with_findings(analysis: Analysis, *findings: Finding) -> Analysis:
    """The same image, with these found in it, whatever the catalogue holds."""
    found = replace(analysis)
    vars(found)["findings"] = findings
    return found


def session(*layers: Layer) -> Session:
    """The image of these layers, opened; the step that made layer 0 is `RUN step 0`."""
    history = tuple(HistoryStep(created_by=f"RUN step {number}") for number in range(len(layers)))
    return Session(analyze(models.image(*layers, history=history), keep_past=True)).prepare()


def held(opened: Session, layer: int) -> Held:
    """The contents of a layer."""
    contents = opened.timeline.layers[layer].contents
    assert isinstance(contents, Held)
    return contents


def version(opened: Session, path: bytes, number: int = -1) -> tuple[int, int]:
    """The numbers of a path and of one of its versions, the last if none is said."""
    found = opened.timeline.find(path)
    assert found is not None
    return found, opened.timeline.versions(found)[number]


async def read(pilot: Pilot[Any]) -> None:
    """Wait until the screen has read what it wants to read."""
    await pilot.pause()
    while pilot.app.screen.query_one(ReadingLine).is_busy:
        await pilot.pause(0.01)
    await pilot.pause()

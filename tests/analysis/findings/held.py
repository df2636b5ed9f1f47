"""Images as literals whose files hold something: for what has to be read to be found."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import HistoryStep, Layer, Tell, unheard
from layerscope.errors import SourceError

from tests.models import Unread, entry, image, layer

Files = Mapping[str, bytes | str]
"""Path to content."""


@dataclass(frozen=True)
class Held(Unread):
    """Contents that can be read: at the cost of the files themselves, or of a packed layer."""

    texts: tuple[bytes, ...]
    packed: int | None = None
    """Bytes that are passed to read any file; 0: they have gone by."""
    kept: frozenset[int] = frozenset()
    """Files that can be read all the same."""

    def digest(self, number: int) -> bytes:
        return self.texts[number]

    def chunks(self, number: int) -> Iterator[bytes]:
        return iter([self.texts[number]])

    def read(self, numbers: Collection[int], tell: Tell = unheard) -> Iterator[tuple[int, Iterator[bytes]]]:
        if self.packed == 0 and not self.kept.issuperset(numbers):
            raise SourceError("the bytes have gone by")
        for number in sorted(numbers):
            tell(len(self.texts[number]))
            yield number, iter([self.texts[number]])

    def cost(self, numbers: Collection[int]) -> int:
        if self.packed is None:
            return sum(len(self.texts[number]) for number in numbers)
        return 0 if self.kept.issuperset(numbers) else self.packed

    def is_at_hand(self, number: int) -> bool:
        return self.packed is None or number in self.kept


def held(
    files: Files, *links: str, packed: int | None = None, kept: Sequence[int] = (), name: str = ""
) -> Layer:
    """A layer of these files, and behind them of links and whiteouts as literals."""
    texts = tuple(text if isinstance(text, bytes) else text.encode() for text in files.values())
    entries = tuple(
        entry(f"x:{len(text)}")._replace(name=path.encode()) for path, text in zip(files, texts, strict=True)
    )
    made = replace(layer(*entries, *links, name=name), contents=Held(texts, packed, frozenset(kept)))
    return made if packed is None else replace(made, compressed_bytes=packed)


def measured(
    *layers: Layer, steps: Sequence[str] = (), config: Mapping[str, object] | None = None
) -> Analysis:
    """An image of these layers; `steps` are the history, those beyond the layers empty."""
    history = tuple(
        HistoryStep(created_by=text, empty_layer=number >= len(layers)) for number, text in enumerate(steps)
    )
    return analyze(replace(image(*layers, history=history), config=config or {}))

"""Which layer of an image is which layer of an earlier one."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

from .model import LayerFigures

Pair = tuple[int, int]
"""An index in the earlier image and the one in the later image that is the same step."""


def align(
    before: Sequence[LayerFigures], after: Sequence[LayerFigures]
) -> Iterator[tuple[int | None, int | None]]:
    """Every layer of both, once, in the order of `after`; those that are gone stand where they stood.

    Indexes in `before` and `after`; None where that has no such layer. Two layers are one step if they have
    the same diff_id, or the same command, or commands that begin alike: with two words (`RUN pip`), or with
    one. So an edited line of a Dockerfile is a step that changed, and not one that is gone and one that is
    new. What is empty is like nothing. A weaker sign counts only between the pairs that the stronger ones
    have found, and no pairs cross. Time: n·log n in the layers, whatever they have in common.
    """
    pairs: list[Pair] = []
    for sign in (_diff_id, _command, _program, _instruction):
        pairs = _refined(pairs, [sign(layer) for layer in before], [sign(layer) for layer in after])
    for start, stop in _gaps(pairs, len(before), len(after)):
        yield from ((index, None) for index in range(start[0], stop[0]))
        yield from ((None, index) for index in range(start[1], stop[1]))
        if stop[1] < len(after):
            yield stop


def _diff_id(layer: LayerFigures) -> str:
    return layer.layer.diff_id


def _command(layer: LayerFigures) -> str:
    return layer.command


def _program(layer: LayerFigures) -> str:
    return " ".join(layer.command.split(maxsplit=2)[:2])


def _instruction(layer: LayerFigures) -> str:
    return "".join(layer.command.split(maxsplit=1)[:1])


def _refined(pairs: Sequence[Pair], before: Sequence[str], after: Sequence[str]) -> list[Pair]:
    """The pairs, and between them those that have the same sign."""
    found: list[Pair] = []
    for start, stop in _gaps(pairs, len(before), len(after)):
        inner = _same(before[start[0] : stop[0]], after[start[1] : stop[1]])
        found += [(start[0] + earlier, start[1] + later) for earlier, later in inner]
        found.append(stop)
    return found[:-1]


def _gaps(pairs: Sequence[Pair], before: int, after: int) -> Iterator[tuple[Pair, Pair]]:
    """Start and stop, in both, of what lies before, between and behind the pairs; a stop is the next pair."""
    for (earlier, later), stop in pairwise([(-1, -1), *pairs, (before, after)]):
        yield (earlier + 1, later + 1), stop


def _same(before: Sequence[str], after: Sequence[str]) -> list[Pair]:
    """Pairs of equal signs, ascending in both: equal ends, and the longest run there is of what is between.

    There, of several that are equal, the first is that of the first, the second that of the second: a
    longest common subsequence takes quadratic time.
    """
    least = min(len(before), len(after))
    head = tail = 0
    while head < least and before[head] and before[head] == after[head]:
        head += 1
    while tail < least - head and before[-1 - tail] and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    where: dict[str, list[int]] = {}
    for earlier in range(len(before) - tail - 1, head - 1, -1):
        if before[earlier]:
            where.setdefault(before[earlier], []).append(earlier)
    crossing = [
        (where[after[later]].pop(), later)
        for later in range(head, len(after) - tail)
        if where.get(after[later])
    ]
    return [
        *((number, number) for number in range(head)),
        *_ascending(crossing),
        *((len(before) - number, len(after) - number) for number in range(tail, 0, -1)),
    ]


def _ascending(pairs: Sequence[Pair]) -> list[Pair]:
    """The most of the pairs, which ascend in `after`, that ascend in `before` too."""
    lowest: list[int] = []
    """The least end, in `before`, of all runs of one pair, of two …"""
    ends: list[int] = []
    """The numbers of the pairs that end them."""
    previous: list[int] = []
    """For each pair the one before it in the longest run that it ends; -1: there is none."""
    for number, (earlier, _) in enumerate(pairs):
        length = bisect_left(lowest, earlier)
        previous.append(ends[length - 1] if length else -1)
        lowest[length : length + 1] = [earlier]
        ends[length : length + 1] = [number]
    found: list[Pair] = []
    number = ends[-1] if ends else -1
    while number >= 0:
        found.append(pairs[number])
        number = previous[number]
    return found[::-1]

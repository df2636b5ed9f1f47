"""The order in which Go's `sort.Sort` leaves equal elements: not stable, but the same on every run.

dive sorts its inefficient files by size with it, and files of one size are common. To write what dive
writes, ties must fall as they do there: pattern-defeating quicksort (Orson Peters, 2021) with the
parameters of Go 1.19 and later, held against dive itself in the tests.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T")

_INSERTION = 12
_NINTHER = 50
_SHIFTING = 50
_STEPS = 5


def sort_as_go(items: Sequence[T], key: Callable[[T], int]) -> list[T]:
    """The items in ascending order of their keys, ties as Go leaves them."""
    run = _Run(list(items), [key(item) for item in items])
    run.sort()
    return run.items


class _Hint(Enum):
    UNKNOWN = 0
    INCREASING = 1
    DECREASING = 2


class _Run(Generic[T]):
    """One sort: the items, and their keys beside them."""

    def __init__(self, items: list[T], keys: list[int]) -> None:
        self.items = items
        self.keys = keys

    def swap(self, i: int, j: int) -> None:
        self.items[i], self.items[j] = self.items[j], self.items[i]
        self.keys[i], self.keys[j] = self.keys[j], self.keys[i]

    def sort(self) -> None:
        # The parts do not touch each other: in which order they are sorted does not matter.
        waiting = [(0, len(self.items), len(self.items).bit_length())]
        while waiting:
            waiting += self._sort_part(*waiting.pop())

    def _sort_part(self, a: int, b: int, limit: int) -> list[tuple[int, int, int]]:
        """Sort from `a` up to `b`; what is given back is still to be sorted."""
        keys = self.keys
        later: list[tuple[int, int, int]] = []
        balanced = partitioned = True
        while True:
            length = b - a
            if length <= _INSERTION:
                self._insertion_sort(a, b)
                return later
            if limit == 0:
                self._heap_sort(a, b)
                return later
            if not balanced:
                self._break_patterns(a, b)
                limit -= 1
            pivot, hint = self._choose_pivot(a, b)
            if hint is _Hint.DECREASING:
                self.items[a:b] = self.items[a:b][::-1]
                keys[a:b] = keys[a:b][::-1]
                pivot = (b - 1) - (pivot - a)
                hint = _Hint.INCREASING
            if balanced and partitioned and hint is _Hint.INCREASING and self._nearly_sorted(a, b):
                return later
            if a > 0 and not keys[a - 1] < keys[pivot]:
                a = self._partition_equal(a, b, pivot)
                continue
            middle, partitioned = self._partition(a, b, pivot)
            left, right = middle - a, b - middle
            balanced = min(left, right) >= length // 8
            if left < right:
                later.append((a, middle, limit))
                a = middle + 1
            else:
                later.append((middle + 1, b, limit))
                b = middle

    def _insertion_sort(self, a: int, b: int) -> None:
        keys = self.keys
        for i in range(a + 1, b):
            j = i
            while j > a and keys[j] < keys[j - 1]:
                self.swap(j, j - 1)
                j -= 1

    def _heap_sort(self, a: int, b: int) -> None:
        size = b - a
        for root in range((size - 1) // 2, -1, -1):
            self._sift_down(root, size, a)
        for end in range(size - 1, -1, -1):
            self.swap(a, a + end)
            self._sift_down(0, end, a)

    def _sift_down(self, root: int, end: int, first: int) -> None:
        keys = self.keys
        while (child := 2 * root + 1) < end:
            if child + 1 < end and keys[first + child] < keys[first + child + 1]:
                child += 1
            if not keys[first + root] < keys[first + child]:
                return
            self.swap(first + root, first + child)
            root = child

    def _partition(self, a: int, b: int, pivot: int) -> tuple[int, bool]:
        keys = self.keys
        self.swap(a, pivot)
        i, j = a + 1, b - 1
        swaps = 0
        while True:
            while i <= j and keys[i] < keys[a]:
                i += 1
            while i <= j and not keys[j] < keys[a]:
                j -= 1
            if i > j:
                self.swap(j, a)
                return j, swaps == 0
            self.swap(i, j)
            swaps += 1
            i += 1
            j -= 1

    def _partition_equal(self, a: int, b: int, pivot: int) -> int:
        keys = self.keys
        self.swap(a, pivot)
        i, j = a + 1, b - 1
        while True:
            while i <= j and not keys[a] < keys[i]:
                i += 1
            while i <= j and keys[a] < keys[j]:
                j -= 1
            if i > j:
                return i
            self.swap(i, j)
            i += 1
            j -= 1

    def _nearly_sorted(self, a: int, b: int) -> bool:
        """Mend a few places that are out of order; whether all is sorted then."""
        keys = self.keys
        i = a + 1
        for _ in range(_STEPS):
            while i < b and not keys[i] < keys[i - 1]:
                i += 1
            if i == b:
                return True
            if b - a < _SHIFTING:
                return False
            self.swap(i, i - 1)
            if i - a >= 2:
                for j in range(i - 1, 0, -1):
                    if not keys[j] < keys[j - 1]:
                        break
                    self.swap(j, j - 1)
            if b - i >= 2:
                for j in range(i + 1, b):
                    if not keys[j] < keys[j - 1]:
                        break
                    self.swap(j, j - 1)
        return False

    def _break_patterns(self, a: int, b: int) -> None:
        length = b - a
        random, mask = length, (1 << length.bit_length()) - 1
        place = a + (length // 4) * 2
        for i in range(3):
            random ^= (random << 13) & 0xFFFFFFFFFFFFFFFF
            random ^= random >> 7
            random ^= (random << 17) & 0xFFFFFFFFFFFFFFFF
            other = random & mask
            self.swap(place - 1 + i, a + (other - length if other >= length else other))

    def _choose_pivot(self, a: int, b: int) -> tuple[int, _Hint]:
        length = b - a
        swaps = 0
        i, j, k = (a + length // 4 * part for part in (1, 2, 3))
        if length >= _NINTHER:
            i, swaps = self._median(i - 1, i, i + 1, swaps)
            j, swaps = self._median(j - 1, j, j + 1, swaps)
            k, swaps = self._median(k - 1, k, k + 1, swaps)
        j, swaps = self._median(i, j, k, swaps)
        hint = {0: _Hint.INCREASING, 12: _Hint.DECREASING}.get(swaps, _Hint.UNKNOWN)
        return j, hint

    def _median(self, a: int, b: int, c: int, swaps: int) -> tuple[int, int]:
        keys = self.keys
        if keys[b] < keys[a]:
            a, b, swaps = b, a, swaps + 1
        if keys[c] < keys[b]:
            b, c, swaps = c, b, swaps + 1
        if keys[b] < keys[a]:
            a, b, swaps = b, a, swaps + 1
        return b, swaps

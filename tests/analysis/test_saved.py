"""What a report recorded, held against what its entries tell."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.model import Change, Figures, Image, WasteKind
from layerscope.analysis.saved import Recorded, SavedAnalysis, SavedContents, restore
from layerscope.errors import DamagedError, SourceError

from tests.models import image, layer

OURS = image(
    layer("bin/", "bin/tool:4000", "key:48", "twice:7", "twice:8"),
    layer("bin/tool:4000", ".wh.key", "new:3"),
    layer("new:3#other", "last:1"),
)


def recorded(entries: bool = True) -> Recorded:
    """What a report of the image would say."""
    analysis = analyze(OURS)
    return Recorded(
        layers=analysis.layers,
        steps=analysis.steps,
        counts=analysis.change_counts,
        killed=analysis.killed_bytes,
        flags=tuple(changes.entries for changes in analysis.changes) if entries else None,
        waste=analysis.waste,
        duplicate_bytes=analysis.duplicate_bytes,
        dive=analysis.dive_score,
        base=analysis.base,
    )


def without_contents(entries: bool = True) -> Image:
    layers = tuple(
        replace(layer, entries=layer.entries if entries else (), contents=SavedContents(), name="blob")
        for layer in OURS.layers
    )
    return replace(OURS, layers=layers)


def saved(entries: bool = True) -> SavedAnalysis:
    return restore(without_contents(entries), recorded(entries))


@pytest.mark.parametrize("entries", [True, False])
def test_the_figures_are_those_of_the_image(entries: bool) -> None:
    ours, again = analyze(OURS), saved(entries)
    for figure in (
        "totals", "user", "layers", "steps", "waste", "copies", "waste_by_kind", "killed_bytes",
        "change_counts", "duplicate_bytes", "dive_score", "compressed_bytes", "user_compressed_bytes",
    ):  # fmt: skip
        found = getattr(again, figure)
        assert found == getattr(ours, figure), figure
    assert again.largest_waste(2) == ours.largest_waste(2)


def test_with_entries_there_is_all_but_the_contents() -> None:
    ours, again = analyze(OURS), saved()
    assert again.has_entries
    assert again.changes == ours.changes
    assert again.dive == ours.dive
    assert again.union.find(b"bin/tool") is not None


def test_a_timeline_can_be_made_of_it() -> None:
    past = restore(without_contents(), recorded(), keep_past=True).union.past
    assert [sorted(paths) for paths in past] == [[], [b"bin/tool", b"key"], [b"new"]]


def test_without_entries_what_takes_them_is_refused() -> None:
    again = saved(entries=False)
    assert not again.has_entries
    for ask in (lambda: again.changes, lambda: again.dive):
        with pytest.raises(SourceError, match="saved without entries") as caught:
            ask()
        assert "--entries" in caught.value.hint


def test_contents_are_not_there() -> None:
    contents = saved().image.layers[0].contents
    for ask in (
        lambda: contents.digest(1),
        lambda: contents.chunks(1),
        lambda: contents.read([1]),
    ):
        with pytest.raises(SourceError, match="holds no contents") as caught:
            ask()
        assert caught.value.hint == "Open the image itself."
    assert contents.cost([1]) == 0


def change_row(number: int, **fields: Any) -> Callable[[Recorded], Recorded]:
    def change(one: Recorded) -> Recorded:
        rows = list(one.waste)
        rows[number] = rows[number]._replace(**fields)
        return replace(one, waste=tuple(rows))

    return change


def change_figures(index: int, stored: int, live: int) -> Callable[[Recorded], Recorded]:
    def change(one: Recorded) -> Recorded:
        layers = list(one.layers)
        layers[index] = replace(layers[index], figures=Figures(stored, live))
        return replace(one, layers=tuple(layers))

    return change


def flip(layer: int, number: int, flags: int) -> Callable[[Recorded], Recorded]:
    def change(one: Recorded) -> Recorded:
        assert one.flags is not None
        changed = [bytearray(flags) for flags in one.flags]
        changed[layer][number] ^= flags
        return replace(one, flags=tuple(changed))

    return change


def test_the_rows_that_the_tests_change_are_these() -> None:
    rows = [(row.path, row.size, row.kind, row.layer, row.killed_by) for row in recorded().waste]
    assert rows == [
        (b"bin/tool", 4000, WasteKind.REWRITTEN, 0, 1),
        (b"key", 48, WasteKind.REMOVED, 0, 1),
        (b"twice", 7, WasteKind.SHADOWED, 0, 0),
        (b"new", 3, WasteKind.OVERWRITTEN, 1, 2),
    ]


EITHER = [
    (change_row(0, size=3999), "does not add up to what layer 0 wastes"),
    (change_row(0, killed_by=2), "does not add up to what layer 1 wastes and kills"),
    (change_row(1, size=4001), "not in order"),
    (change_row(3, killed_by=0), "cannot have wasted"),
    (change_row(2, kind=WasteKind.REMOVED), "cannot have wasted"),
    (change_row(0, kind=WasteKind.SHADOWED), "cannot have wasted"),
    (change_figures(0, 9000, 9000), "does not add up to what layer 0 wastes"),
    (lambda one: replace(one, killed=(0, 0, 0)), "does not add up to what layer 0 wastes and kills"),
    (lambda one: replace(one, waste=one.waste[:-1]), "does not add up to what layer 1 wastes"),
]
WITH_ENTRIES = [
    (change_figures(2, 10, 10), "the entries of layer 2 do not add up"),
    (change_row(0, path=b"bin/t"), "is not what its waste lists"),
    (change_row(0, kind=WasteKind.REMOVED), "is not what its waste lists"),
    (change_row(1, kind=WasteKind.OVERWRITTEN), "is not what its waste lists"),
    (flip(0, 1, Change.ADDED), "the entries of layer 0 do not change what"),
    (flip(1, 1, Change.MODE), "the entries of layer 1 do not change what"),
    (
        lambda one: replace(one, counts=(one.counts[0]._replace(removed=1), *one.counts[1:])),
        "the entries of layer 0 do not change what",
    ),
]


@pytest.mark.parametrize(("change", "message"), EITHER)
@pytest.mark.parametrize("entries", [True, False])
def test_waste_that_does_not_fit_the_layers_is_a_contradiction(
    change: Callable[[Recorded], Recorded], message: str, entries: bool
) -> None:
    with pytest.raises(DamagedError, match=message) as caught:
        restore(without_contents(entries), change(recorded(entries)))
    assert caught.value.message.startswith("the report contradicts itself: ")


@pytest.mark.parametrize(("change", "message"), WITH_ENTRIES)
def test_what_does_not_fit_the_entries_is_a_contradiction(
    change: Callable[[Recorded], Recorded], message: str
) -> None:
    with pytest.raises(DamagedError, match=message):
        restore(without_contents(), change(recorded()))
    if change is not WITH_ENTRIES[-1][0] and message.startswith("is not"):
        restore(without_contents(entries=False), replace(change(recorded()), flags=None))


def test_dives_figures_that_do_not_fit_the_entries_are_a_contradiction() -> None:
    one = recorded()
    again = restore(without_contents(), replace(one, dive=one.dive._replace(inefficient_bytes=1)))
    with pytest.raises(DamagedError, match="the figures of dive"):
        _ = again.dive


def test_whether_contents_differ_is_taken_from_the_report() -> None:
    one = flip(2, 0, Change.CONTENT)(recorded())
    same = replace(one, counts=(*one.counts[:2], one.counts[2]._replace(modified=0)))
    assert restore(without_contents(), same).changes[2].entries[0] == 0

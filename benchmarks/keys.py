"""How fast the explorer answers each key, on a large image with everything open."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.rows import Sort
from layerscope.analysis.view import Scope
from layerscope.loader import open_image

from benchmarks import table
from benchmarks.generate import MOST_LAYERS, generate
from benchmarks.painting import Answer, Keyboard, opened

ENTRIES = 352_000
"""With 20 layers, some 300,000 paths."""
TARGET = 0.05
"""Seconds."""
RUNS = 5
_LARGE_DIRECTORY = b"usr/lib/python3/dist-packages"
_FILTERS = ("lib", "*.so", "*.py", ">900", "kind:added", r"/mod.*_1[0-9]\.py$/")
_COLUMNS = ("", "first frame", "last frame", "worst", "processor", "frames", "50 ms")
_LAST = MOST_LAYERS - 1


class Step(NamedTuple):
    """A key to measure, and where."""

    label: str
    key: str
    scope: Scope = Scope.UP_TO
    layer: int = _LAST
    is_open: bool = True
    """Whether all directories are open."""
    before: tuple[str, ...] = ()
    """Keys before every run."""
    after: tuple[str, ...] = ()
    """Keys that undo it."""
    pane: str = "files"
    """What has the focus."""
    at: bytes = b""
    """The path the cursor is on; the first one, if empty."""


STEPS = (
    Step("cursor down", "down"),
    Step("page down", "pagedown"),
    Step("end", "end", after=("home",)),
    Step("home", "home", before=("end",)),
    *(Step(f"next layer, {scope}", "]", scope, layer=0) for scope in Scope),
    *(Step(f"next layer, {scope}, all closed", "]", scope, layer=0, is_open=False) for scope in Scope),
    *(Step(f"previous layer, {scope}", "[", scope) for scope in Scope),
    Step("first to last layer, up to here", "end", layer=0, pane="layers", after=("home",)),
    Step("scope", "a"),
    Step("open everything", "X", is_open=False, after=("C",)),
    Step("close everything", "C", after=("X",)),
    Step("open a large directory", "enter", is_open=False, at=_LARGE_DIRECTORY, after=("enter",)),
    Step("close a large directory", "enter", at=_LARGE_DIRECTORY, after=("enter",)),
    *(Step(f"sort by {sort}", "s", before=("s",) * number, after=("s",) * (3 - number))
      for number, sort in enumerate([*Sort][1:] + [*Sort][:1])),
    Step("reverse the order", "r"),
    Step("hide or show the added", "1"),
    Step("hide or show the unchanged", "5"),
    Step("next change", "n"),
    Step("previous change", "N", before=("end",)),
    Step("decimal or binary units", "u"),
    Step("mode and owner on, off", "c"),
    Step("next pane", "tab"),
    Step("filter line", "/", after=("escape",)),
    Step("clear the filter", "escape", before=("/", "l", "i", "b")),
)  # fmt: skip


def latencies(folder: Path) -> Iterator[str]:
    """Every key on a generated image, as a table."""
    path = folder / "keys.tar"
    generate(path, ENTRIES, MOST_LAYERS)
    with open_image(str(path)) as image:
        analysis = analyze(image, keep_past=True)
        answers, paths = asyncio.run(_all(analysis))
    yield f"### Keys, {ENTRIES:,} entries and {paths:,} paths in {MOST_LAYERS} layers"
    yield ""
    yield from table.table(_COLUMNS, [row(*answer) for answer in answers])


def row(label: str, runs: Sequence[Answer | None]) -> Sequence[str]:
    """A row of the table: the fastest run, the worst time of all, and whether that is fast enough."""
    answers = [answer for answer in runs if answer is not None]
    if not answers:
        return (label, *"-----", "nothing painted")
    best = min(answers, key=lambda answer: answer.last)
    return (
        label,
        table.milliseconds(best.first),
        table.milliseconds(best.last),
        table.milliseconds(max(answer.last for answer in answers)),
        table.milliseconds(best.processor),
        str(best.frames),
        verdict([answer.last for answer in answers]),
    )


def verdict(times: Sequence[float]) -> str:
    """How many of the runs were too slow."""
    slow = sum(seconds > TARGET for seconds in times)
    return f"missed in {slow} of {len(times)}" if slow else "met"


async def _all(analysis: Analysis) -> tuple[list[tuple[str, list[Answer | None]]], int]:
    async with opened(analysis) as keyboard:
        answers = []
        for step in STEPS:
            await _reset(keyboard, step)
            answers.append((step.label, [run async for run in _repeated(keyboard, step)]))
        for text in _FILTERS:
            answers += await _typed(keyboard, text)
        return answers, len(keyboard.screen.session.timeline)


async def _repeated(keyboard: Keyboard, step: Step) -> AsyncIterator[Answer | None]:
    for _ in range(RUNS):
        for key in step.before:
            await keyboard.press(key)
        yield await keyboard.press(step.key)
        for key in step.after:
            await keyboard.press(key)


async def _reset(keyboard: Keyboard, step: Step) -> None:
    """Everything as a step expects it; not measured."""
    screen = keyboard.screen
    screen.action_clear_filter()
    screen.show_pane(step.pane)
    screen.layer_list.move_to(screen.layer_list.line_of(step.layer))
    await keyboard.settle()
    screen.action_scope(step.scope.name)
    screen.rows.hide(frozenset())
    screen.rows.order(Sort.SIZE, reverse=False)
    screen.rows.set_open_below(0, step.is_open)
    screen.files.changed()
    screen.files.action_first()
    if step.at and (path := screen.session.timeline.find(step.at)) is not None:
        screen.files.go_to(path)
    await keyboard.settle()


async def _typed(keyboard: Keyboard, text: str) -> list[tuple[str, list[Answer | None]]]:
    """Every keystroke of a filter by itself, for the first one; the slowest keystroke of the others."""
    await _reset(keyboard, Step("", ""))
    runs = []
    for _ in range(RUNS):
        await keyboard.press("/")
        runs.append([await keyboard.press(char) for char in text])
        await keyboard.press("escape")
    by_key = [list(answers) for answers in zip(*runs, strict=True)]
    if text.isalpha():
        return [(f"filter `{text[:end]}`", answers) for end, answers in enumerate(by_key, 1)]
    return [(f"filter `{text}`, its slowest key", max(by_key, key=_fastest))]


def _fastest(runs: Sequence[Answer | None]) -> float:
    return min((answer.last for answer in runs if answer is not None), default=0.0)

"""From which lines of a Dockerfile the layers of an image come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..errors import LimitError
from .analyze import Analysis
from .dockerfile_match import Made, Wanted, likeness, made, wanted
from .dockerfile_text import MAX_INSTRUCTIONS, WRITERS, Instruction, read_stages

MAX_TEXT = 1 << 20
"""Characters of a Dockerfile."""

_MAX_CELLS = 100_000
"""Pairs of a step and an instruction that are compared: stages are tried as long as there are fewer."""

_SKIP_STEP, _SKIP_INSTRUCTION, _PAIR = range(3)

_STRANGE_STEP = 0.25
"""What a step costs that no instruction made, and an instruction for files that made no step."""
_SILENT = 0.05
"""What an instruction for the config costs that made no step: kaniko writes down none of them."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Which layer comes from which lines of a Dockerfile."""

    path: str
    """The file as the user named it."""
    by_layer: Mapping[int, tuple[int, int]]
    """First and last line, counted from 1, by the index of the layer; one that is not found is absent."""

    def line(self, layer: int | None) -> int | None:
        """The first line of a layer; None if it is not found, and for no layer."""
        found = None if layer is None else self.by_layer.get(layer)
        return None if found is None else found[0]


class _Alignment(NamedTuple):
    """Steps and the instructions that made them, in order."""

    worth: float
    """What they have in common, less what is left over between them and at the end; 0 for none."""
    pairs: list[tuple[int, int]]
    """Index of the step and of the instruction, among those that were compared."""


_NOTHING = _Alignment(0.0, [])


def map_lines(path: str, text: str, analysis: Analysis) -> Lines:
    """The lines that the layers of an image come from, where the history tells.

    Every instruction of the final stage, and of the stages it is based on, leaves a step at the end of the
    history; what is before is the base image's, which has a Dockerfile of its own. So steps and
    instructions are aligned from the end, in order, by how much they are like each other, and what is in
    between without a partner counts against it. An earlier stage is taken if more speaks for it
    (`--target`). `path` is only passed on.

    Raises LimitError for a text of more than 1 MiB. Of a longer history, and of more instructions, the last
    250 are aligned.
    """
    if len(text) > MAX_TEXT:
        raise LimitError(
            f"{path} is larger than 1 MiB", "No Dockerfile is: name the file that the image was built from."
        )
    steps = analysis.steps[-MAX_INSTRUCTIONS:]
    history = [made(step.history) for step in steps]
    best, instructions = _best(history, read_stages(text))
    return Lines(path, _lines([(steps[step].layer, instructions[index]) for step, index in best.pairs]))


def _best(history: Sequence[Made], stages: list[list[Instruction]]) -> tuple[_Alignment, list[Instruction]]:
    """The stage that the history speaks for, the last one where it does not decide."""
    best: tuple[_Alignment, list[Instruction]] = _NOTHING, []
    known: dict[Instruction, Wanted] = {}
    cells = 0
    for instructions in reversed(stages):
        cells += len(history) * (1 + len(instructions))
        if cells > _MAX_CELLS:
            break
        for instruction in instructions:
            if instruction not in known:
                known[instruction] = wanted(instruction)
        alignment = _align(history, [known[instruction] for instruction in instructions])
        if alignment.worth > best[0].worth:
            best = alignment, instructions
    return best


def _align(history: Sequence[Made], instructions: Sequence[Wanted]) -> _Alignment:
    """The pairs that are worth most, by dynamic programming from the end; time: steps times instructions.

    What is before the first pair costs nothing: the base image's steps, or lines that were added on top.
    """
    costs = [_STRANGE_STEP if one.keyword in WRITERS else _SILENT for one in instructions]
    width = len(instructions)
    below = [0.0] * (width + 1)
    for index in reversed(range(width)):
        below[index] = below[index + 1] - costs[index]
    moves = [bytearray() for _ in history]
    worth, start = 0.0, (len(history), width)
    for number in reversed(range(len(history))):
        step = history[number]
        row = [below[width] - _STRANGE_STEP] * (width + 1)
        move = moves[number] = bytearray(width + 1)
        for index in reversed(range(width)):
            value, kind = below[index] - _STRANGE_STEP, _SKIP_STEP
            if row[index + 1] - costs[index] > value:
                value, kind = row[index + 1] - costs[index], _SKIP_INSTRUCTION
            if (like := likeness(step, instructions[index])) and like + below[index + 1] >= value:
                value, kind = like + below[index + 1], _PAIR
            row[index], move[index] = value, kind
            if value > worth:
                worth, start = value, (number, index)
        below = row
    return _Alignment(worth, _follow(moves, start, (len(history), width)))


def _follow(moves: list[bytearray], place: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    """The pairs on the way from a place to the end."""
    pairs = []
    step, index = place
    while step < end[0] and index < end[1]:
        move = moves[step][index]
        if move == _PAIR:
            pairs.append((step, index))
        step += move != _SKIP_INSTRUCTION
        index += move != _SKIP_STEP
    return pairs


def _lines(pairs: list[tuple[int | None, Instruction]]) -> dict[int, tuple[int, int]]:
    """First and last line of each layer, from the instructions that made one or none, in order.

    An instruction that writes no files has a layer where Buildah was not told to make one of each
    (`--layers`): it holds what all instructions since the layer before have written.
    """
    found = {}
    written: list[Instruction] = []
    for layer, instruction in pairs:
        if instruction.keyword in WRITERS:
            written.append(instruction)
        if layer is not None:
            sources = written[-1:] if instruction.keyword in WRITERS else written
            if sources:
                found[layer] = sources[0].first, sources[-1].last
            written = []
    return found

"""Where the base image ends: what of an image comes from FROM, and what from the user's own steps."""

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from ..errors import ChoiceError
from .history import command
from .model import HistoryStep, Image, Step

_LAST = re.compile(r"(?:CMD|ENTRYPOINT)\b")
_BUILT = re.compile(r"(?:bazel build|apko\b|nix\b|kaniko\b)", re.IGNORECASE)
"""What tools that write images without a Dockerfile put into the history."""
_GAP = 7 * 24 * 3600
"""Seconds between two steps that no cache of a builder explains as easily as a base image does."""
_EPOCH = 365 * 24 * 3600
"""Times before this one, in seconds since 1970, are those of reproducible builds."""


class Base(NamedTuple):
    """The lowest layers, those of the base image, and how it is known that they are."""

    layers: int
    """How many."""
    how: str
    """In a few words of ours."""
    name: str = ""
    """Of the base image, if something tells it; from the image, unescaped."""


def base_of(image: Image, steps: Sequence[Step]) -> Base:
    """Where the base image ends: where its own layers do, if they are known, or by the history.

    - A CMD or ENTRYPOINT with a step behind it that made a layer was the end of another Dockerfile; of
      several the last is taken. (A Dockerfile of the user's own with a CMD in its middle is rare.)
    - Layers that Bazel, apko or Nix made, below others that they did not make.
    - A week or more between two steps that made layers: the longest such time.
    - Else behind the first layer.
    """
    if len(image.layers) < 2:
        return Base(len(image.layers), "there is no other layer")
    name = image.base.name
    if image.base.layers is not None and 0 < image.base.layers < len(image.layers):
        return Base(image.base.layers, "the layers of the image that is named as its base", name)
    for found in (_behind_command(steps), _behind_tool(steps), _behind_pause(steps)):
        if found is not None and 0 < found.layers < len(image.layers):
            return found._replace(name=name)
    return Base(1, "taken to be the first layer", name)


def base_of_layers(image: Image, count: int) -> Base:
    """The lowest `count` layers; ChoiceError if there are not as many."""
    if count > len(image.layers):
        raise ChoiceError(
            f"{image.reference} has {len(image.layers)} layers, of which {count} cannot be the base image's",
            "Name fewer, or the base image itself.",
        )
    return Base(count, "as asked for")


def base_of_image(image: Image, base: Image) -> Base:
    """The layers of `base`, which must be the lowest of the image: ChoiceError if they are not."""
    for index, layer in enumerate(base.layers):
        if index >= len(image.layers) or not layer.diff_id or layer.diff_id != image.layers[index].diff_id:
            raise ChoiceError(
                f"{base.reference} is not what {image.reference} was built on: layer {index} is not the same",
                "It may have been built on an earlier one of the same name.",
            )
    return Base(len(base.layers), "the layers of the image that was named", base.reference)


def _behind_command(steps: Sequence[Step]) -> Base | None:
    last = below = layers = 0
    for step in steps:
        if step.layer is not None:
            layers = step.layer + 1
            below = last
        elif _LAST.match(command(step.history)):
            last = layers
    # `below` is where the last of them stood that has a layer above it.
    return Base(below, "by the history: a CMD or ENTRYPOINT stands there") if below else None


def _behind_tool(steps: Sequence[Step]) -> Base | None:
    count = 0
    for step in steps:
        if step.layer is not None:
            if not _BUILT.match(step.history.created_by or step.history.comment):
                break
            count = step.layer + 1
    return Base(count, "by the history: a tool without a Dockerfile made them") if count else None


def _behind_pause(steps: Sequence[Step]) -> Base | None:
    made = [(step.layer, _seconds(step.history)) for step in steps if step.layer is not None]
    longest, found = 0.0, None
    for (layer, before), (_, after) in pairwise(made):
        if before is not None and after is not None and after - before > longest:
            longest, found = after - before, layer
    if found is None or longest < _GAP:
        return None
    days = int(longest // 86400)
    return Base(found + 1, f"by the history: {days} days lie between two steps")


def _seconds(step: HistoryStep) -> float | None:
    """When a step was made, in seconds since 1970; None if that is not said, or was made up."""
    try:
        found = datetime.fromisoformat(f"{step.created[:19]}+00:00").timestamp()
    except (ValueError, OverflowError):
        return None
    return found if found > _EPOCH else None

"""Fixes of findings, written into the steps of a Dockerfile."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.builds import Builder

Edit = Callable[[str, str], str]
"""What stands in the place of a step: from the step as it is now, and the fix as the finding says it."""


class NotSaidError(Exception):
    """A fix does not fit the steps that it is taken for."""


class Fix(NamedTuple):
    """What is written instead of the steps that a finding is about."""

    finding: str
    """Its id."""
    change: str
    """In a few words."""
    edits: Mapping[str, Edit]
    """By the names of steps."""
    ignored: tuple[str, ...] = ()
    """Lines of .dockerignore."""
    below: bytes = b""
    """If not empty, only evidence in this folder is meant: a finding may be about several steps."""
    also: tuple[str, ...] = ()
    """Ids of other findings that it mends, too."""
    prepared: Callable[[Builder], None] | None = None
    """Puts into the context what the new steps copy."""


class Mistakes(NamedTuple):
    """A Dockerfile that makes mistakes, and what mends them."""

    steps: Mapping[str, str]
    """By a name, in their order; the empty ones are the places of what a fix adds."""
    fixes: tuple[Fix, ...]
    """In the order in which they are taken."""
    write_context: Callable[[Path], None]
    """Puts what the steps copy into a folder."""


def said(start: str, *, filled: str = "", otherwise: Edit | None = None) -> Edit:
    """The first instruction of the fix that begins so; `…`, where the history does not tell, is filled."""

    def edit(step: str, fix: str) -> str:
        for one in instructions(fix):
            if one.startswith(start):
                return one.replace("…", filled)
        if otherwise is None:
            raise NotSaidError(f"no instruction begins with {start!r} in:\n{fix}")
        return otherwise(step, fix)

    return edit


def written(instruction: str) -> Edit:
    """An instruction of ours, where the fix leaves its words to whoever takes it."""
    return lambda _step, _fix: instruction


def words(old: str, new: str) -> Edit:
    """Other words in the step, where the fix names no step of the image."""

    def edit(step: str, _fix: str) -> str:
        if old not in step:
            raise NotSaidError(f"there is no {old!r} in:\n{step}")
        return step.replace(old, new)

    return edit


def unchanged(step: str, _fix: str) -> str:
    """The step stays as it is."""
    return step


def nothing(_step: str, _fix: str) -> str:
    """The step is left out."""
    return ""


def instructions(text: str) -> list[str]:
    """Those of a Dockerfile, each with the lines that it goes on in; comments are left out."""
    found: list[str] = []
    goes_on = False
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        if goes_on:
            found[-1] += f"\n{line}"
        else:
            found.append(line)
        goes_on = line.endswith("\\")
    return found

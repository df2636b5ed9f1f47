"""What is to become of an analysis: which gate, which reports, or the explorer."""

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from .gate.setting import Setting

NUMBER = "{}"
"""In the name of a report's file: the number of the image, from 1."""


class Report(NamedTuple):
    """A report that was asked for."""

    format: str
    """One of `report.formats.REPORTS`."""
    target: str
    """A path, or `-` for standard output."""
    option: str = "--report"
    """How it was asked for."""

    @property
    def asked(self) -> str:
        """As the user wrote it, without its file."""
        return f"{self.option} {self.format}" if self.option == "--report" else self.option


class Results(NamedTuple):
    """What is to become of the analysis: nothing of it means the explorer, or else the summary."""

    ci: bool
    config: str | None
    """The file of our rules."""
    settings: "Mapping[str, Setting]"
    """What the command line says of our rules, by their names."""
    ci_config: str | None
    """The file of dive's."""
    dive_values: Mapping[str, str]
    """The limits that dive's flags give, as text, by the names of dive's rules."""
    baseline: str | None
    dockerfile: str | None
    reports: tuple[Report, ...]
    taken: frozenset[str]
    """Ids of the findings whose advice is taken; empty for all."""
    text: bool
    serve: int | None

    @property
    def prints(self) -> bool:
        """Whether something is printed or written, so that no explorer opens."""
        return bool(self.text or self.ci or self.reports)

    @property
    def fills_stdout(self) -> bool:
        """Whether a report goes to standard output, which is then for nothing else."""
        return any(report.target == "-" for report in self.reports)


def is_same(one: str, other: str) -> bool:
    """Whether two targets are one file, or standard output both."""
    return one == other or ("-" not in (one, other) and os.path.realpath(one) == os.path.realpath(other))


def keep_what_is_read(
    read: Iterable[str | None], targets: Iterable[str], *, written: str = "a report"
) -> None:
    """UsageError if what is `written` would take the place of a file that is read.

    What is read may be no path at all: the name of an image, `-`, or nothing.
    """
    files = [one for one in read if one and one != "-" and os.path.isfile(one)]  # noqa: PTH113 - may be none
    for target in targets:
        if target != "-" and any(is_same(one, target) for one in files):
            raise click.UsageError(f"{target} is what is to be read: {written} would take its place")

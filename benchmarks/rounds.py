"""Commands run in turn, round after round, so that whatever else the machine does hits all of them."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.process import Run, run
from benchmarks.screen import Screen
from benchmarks.terminal import open_on_terminal

_ATTEMPTS = 3
"""Runs in a round before a command is given up: dive dies of some images now and then."""


@dataclass(frozen=True)
class Command:
    """Something to measure."""

    label: str
    argv: tuple[str, ...]
    piped: Path | None = None
    """What comes to it on standard input."""
    codes: tuple[int, ...] = (0,)
    """Exit codes of a run that did its work: a gate that fails has done it."""
    proof: bytes = b""
    """What the output of a run holds if it did its work: dive's exit code does not tell."""
    ready: Callable[[Screen], bool] | None = None
    """A full-screen program: what its screen looks like when it can be used. It is measured until then."""


@dataclass
class Result:
    """What the runs of a command took."""

    runs: list[Run] = field(default_factory=list)
    """Those that did their work, without the warm-up."""
    failures: list[str] = field(default_factory=list)
    """What became of the others."""
    more_than: float | None = None
    """Seconds after which a run was killed, if one was."""
    given_up: bool = False

    @property
    def failure(self) -> str:
        """Why there is nothing to show, if there is not."""
        return "" if self.runs or not self.failures else self.failures[-1]

    @property
    def seconds(self) -> float | None:
        """Wall time of the fastest run."""
        return min((run.seconds for run in self.runs), default=None)

    @property
    def cpu_seconds(self) -> float | None:
        """Processor time of the fastest run."""
        return min(self.runs, key=lambda run: run.seconds).cpu_seconds if self.runs else None

    @property
    def peak_bytes(self) -> int | None:
        """The highest peak of all runs."""
        return max((run.peak_bytes for run in self.runs if run.peak_bytes is not None), default=None)

    @property
    def output(self) -> str:
        """What the last run wrote to standard output: its beginning and its end."""
        return self.runs[-1].output.decode("utf-8", "replace") if self.runs else ""


def measure(
    commands: Sequence[Command], *, runs: int, warm_ups: int = 1, timeout: float | None = None
) -> list[Result]:
    """Each command `runs` times, in rounds of one run each, after `warm_ups` rounds that do not count.

    A run that fails is tried again. A command is given up when it has failed three times in a round, or has
    taken longer than `timeout` seconds once.
    """
    results = [Result() for _ in commands]
    for number in range(-warm_ups, runs):
        for command, result in zip(commands, results, strict=True):
            if not result.given_up:
                _say(f"{'warm-up' if number < 0 else f'run {number + 1} of {runs}'}: {command.label}")
                _measure_once(command, result, timeout=timeout, counts=number >= 0)
    _say("")
    return results


def _measure_once(command: Command, result: Result, *, timeout: float | None, counts: bool) -> None:
    for _ in range(_ATTEMPTS):
        if command.ready is None:
            done = run(command.argv, piped=command.piped, timeout=timeout)
        else:
            done = open_on_terminal(command.argv, command.ready, timeout=timeout)
        failure = why_not(command, done)
        if not failure:
            if counts:
                result.runs.append(done)
            return
        result.failures.append(failure)
        if done.timed_out:
            result.more_than = done.seconds
            break
    result.given_up = True


def why_not(command: Command, done: Run) -> str:
    """Why a run does not count; empty if it does."""
    if done.timed_out:
        return f"> {done.seconds:,.0f} s"
    if done.code not in command.codes or command.proof not in done.output:
        return f"failed ({done.code})" + (f": {done.complaint}" if done.complaint else "")
    return ""


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text}\x1b[K", end="", file=sys.stderr, flush=True)

"""One run of one command: wall time, processor time and peak memory of the child."""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_KEPT = 1 << 15
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Run:
    """What a command took."""

    seconds: float
    code: int
    """Exit code; negative for a signal."""
    output: bytes
    """The first and the last 32 KiB of standard output."""
    complaint: str
    """What standard error says: the line of a panic, or the last line."""
    peak_bytes: int | None = None
    """Peak resident memory; None where the system does not tell it of one child (Windows)."""
    cpu_seconds: float | None = None
    """Processor time of all threads, user and system."""
    timed_out: bool = False


def run(argv: Sequence[str], *, piped: Path | None = None, timeout: float | None = None) -> Run:
    """Run a command to its end, or kill it after `timeout` seconds; `piped` comes to it by `cat FILE |`.

    Output goes to files, so that no pipe slows the child down. Linux counts the memory of the process that
    starts a child as a floor under the child's own peak: the caller must stay small.
    """
    late = threading.Event()
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        _source(piped) as source,
    ):
        begin = time.perf_counter()
        process = subprocess.Popen(argv, stdin=source, stdout=out, stderr=err)
        timer = _killer(process, timeout, late)
        code, peak, cpu = collect(process)
        seconds = time.perf_counter() - begin
        timer.cancel()
        return Run(seconds, code, _ends(out), _complaint(_ends(err)), peak, cpu, late.is_set())


@contextlib.contextmanager
def _source(piped: Path | None) -> Iterator[int | IO[bytes]]:
    """Nothing, or the reading end of a pipe that a file is written to."""
    if piped is None:
        yield subprocess.DEVNULL
        return
    with subprocess.Popen(["cat", str(piped)], stdout=subprocess.PIPE) as feeder:
        assert feeder.stdout is not None
        yield feeder.stdout
        feeder.kill()


def _ends(file: IO[bytes]) -> bytes:
    """The beginning and the end of what was written to a file."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(_KEPT)
    file.seek(max(len(head), size - _KEPT))
    return head + file.read()


def _complaint(told: bytes) -> str:
    lines = told.decode("utf-8", "replace").strip().splitlines()
    return next(
        (line for line in lines if line.startswith(("panic:", "layerscope:"))), lines[-1] if lines else ""
    )


def _killer(
    process: "subprocess.Popen[bytes]", timeout: float | None, late: threading.Event
) -> threading.Timer:
    def kill() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(timeout or 0, kill)
    timer.daemon = True
    if timeout is not None:
        timer.start()
    return timer


def collect(process: "subprocess.Popen[bytes]") -> tuple[int, int | None, float | None]:
    """Exit code, peak memory in bytes and processor seconds of a child."""
    if sys.platform == "win32":
        return process.wait(), None, None
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss * _RSS_UNIT, usage.ru_utime + usage.ru_stime


def own_peak() -> int | None:
    """Peak memory of this process in bytes: no child can be measured below it."""
    if sys.platform == "win32":
        return None
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT

"""Runs, rounds and tables of the benchmarks."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import scale, table
from benchmarks.process import run
from benchmarks.rounds import Command, measure

PYTHON = sys.executable
ROOT = Path(__file__).parents[2]


def python(code: str, *, codes: tuple[int, ...] = (0,), proof: bytes = b"") -> Command:
    return Command("python", (PYTHON, "-c", code), codes=codes, proof=proof)


def test_a_run_tells_its_exit_code_output_and_last_words() -> None:
    done = run((PYTHON, "-c", "import sys; print('out'); print('one\\ntwo', file=sys.stderr); sys.exit(3)"))
    assert (done.code, done.output.split(), done.complaint, done.timed_out) == (3, [b"out"], "two", False)


@pytest.mark.skipif(sys.platform == "win32", reason="no wait4: the memory of one child is not told")
def test_peak_memory_is_that_of_the_child_in_bytes() -> None:
    # In a process of its own: a child begins as large as its parent, and these tests are large by now.
    script = """if True:
        import sys
        from benchmarks.process import run
        print(run((sys.executable, "-c", "bytearray(400_000_000)[::4096] = b'x' * 97657")).peak_bytes)
    """
    done = subprocess.run([PYTHON, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert 400_000_000 < int(done.stdout) < 440_000_000


@pytest.mark.skipif(sys.platform == "win32", reason="no cat")
def test_a_file_can_come_through_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"x" * 300_000)
    count = "import sys; print(len(sys.stdin.buffer.read()), sys.stdin.buffer.seekable())"
    assert run((PYTHON, "-c", count), piped=tmp_path / "in").output.split() == [b"300000", b"False"]


def test_the_beginning_and_the_end_of_long_output_are_kept() -> None:
    done = run((PYTHON, "-c", "print('first'); print('x' * 1_000_000); print('last')"))
    assert done.output.startswith(b"first")
    assert done.output.rstrip().endswith(b"last")
    assert len(done.output) == 1 << 16


def test_warm_ups_do_not_count() -> None:
    (result,) = measure([python("pass")], runs=2)
    assert (len(result.runs), result.failure) == (2, "")


def test_commands_take_turns(tmp_path: Path) -> None:
    log = tmp_path / "log"
    note = f"open({str(log)!r}, 'a').write('{{}}')"
    measure([python(note.format("a")), python(note.format("b"))], runs=2)
    assert log.read_text() == "ababab"


def test_a_gate_that_fails_has_done_its_work() -> None:
    (result,) = measure([python("raise SystemExit(1)", codes=(0, 1))], runs=1, warm_ups=0)
    assert (len(result.runs), result.failures) == (1, [])


def test_a_run_without_its_proof_has_not() -> None:
    (result,) = measure([python("print('no')", proof=b"Result:")], runs=1, warm_ups=0)
    assert (result.seconds, result.failure) == (None, "failed (0)")


def test_a_command_that_fails_three_times_is_given_up() -> None:
    (result,) = measure([python("raise SystemExit(2)")], runs=5)
    assert (len(result.failures), result.given_up) == (3, True)


def test_a_command_that_takes_too_long_is_killed_and_given_up() -> None:
    (result,) = measure([python("import time; time.sleep(60)")], runs=2, timeout=0.2)
    assert (len(result.failures), result.given_up) == (1, True)
    assert result.more_than is not None
    assert 0.2 <= result.more_than < 30


def test_figures_are_written_with_three_digits() -> None:
    assert [table.seconds(value) for value in (0.01234, 1.2345, 12.345, 1309.2, None)] == [
        "0.012 s", "1.23 s", "12.3 s", "1,309 s", "-",
    ]  # fmt: skip
    assert [table.megabytes(value) for value in (None, 1_234_567_890)] == ["-", "1,235 MB"]


def test_ratios_of_what_was_not_measured_are_a_dash() -> None:
    assert (table.ratio(1, 4), table.ratio(1, None), table.ratio(None, 1)) == ("0.25", "-", "-")
    assert (table.times(1, 4), table.times(None, 1), table.times(1, None)) == ("4.0 times", "-", "-")
    assert table.times(2, None, more_than=900) == "> 450 times"


def test_a_table_is_markdown() -> None:
    assert list(table.table(("", "time"), [("a", "1 s"), ("long", "10 s")])) == [
        "|      | time |",
        "|------|-----:|",
        "| a    |  1 s |",
        "| long | 10 s |",
    ]


def test_an_image_with_deletions_stands_beside_the_one_it_grew_from() -> None:
    assert scale.origin(Path("x/large-deleted.tar")) == Path("x/large.tar")
    with pytest.raises(ValueError, match=r"large\.tar is not called"):
        scale.origin(Path("large.tar"))

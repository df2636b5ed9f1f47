"""The progress line, with a clock that the test moves."""

import io
import threading

import pytest
from layerscope.analysis.model import Reading
from layerscope.progress import ProgressLine


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_nothing_is_drawn_within_the_first_second(clock: Clock) -> None:
    out = io.StringIO()
    line = ProgressLine(out, enabled=True, clock=clock)
    clock.now += 0.999
    line(Reading(10, 100, None, None))
    line.close()
    assert out.getvalue() == ""


def test_bytes_rate_and_time_left_are_drawn_after_it_and_wiped_at_the_end(clock: Clock) -> None:
    out = io.StringIO()
    line = ProgressLine(out, enabled=True, width=100, clock=clock)
    clock.now += 2
    line(Reading(50_000_000, 200_000_000, None, None))
    assert out.getvalue() == (
        "\rreading  [######..................]  25%  50.0 MB of 200 MB  25.0 MB/s  6 s left\x1b[K"
    )
    line.close()
    assert out.getvalue().endswith("left\x1b[K\r\x1b[K")


def test_without_a_total_there_is_no_bar(clock: Clock) -> None:
    out = io.StringIO()
    line = ProgressLine(out, enabled=True, clock=clock)
    clock.now += 4
    line(Reading(2_000_000, None, None, None))
    assert out.getvalue() == "\rreading  2.00 MB  500 kB/s\x1b[K"


def test_the_layer_is_named_where_it_is_known_and_counts_from_one(clock: Clock) -> None:
    out = io.StringIO()
    line = ProgressLine(out, enabled=True, width=100, clock=clock)
    clock.now += 2
    line(Reading(50_000_000, 200_000_000, 2, 12))
    clock.now += 2
    line(Reading(60_000_000, None, 11, 12))
    clock.now += 2
    line(Reading(60_000_000, None, None, 12))
    assert out.getvalue().split("\x1b[K") == [
        "\rreading layer 3 of 12  [######..................]  25%  50.0 MB of 200 MB  25.0 MB/s  6 s left",
        "\rreading layer 12 of 12  60.0 MB  15.0 MB/s",
        "\rreading  60.0 MB  10.0 MB/s",
        "",
    ]


def test_the_bar_makes_room_for_the_time_left(clock: Clock) -> None:
    out = io.StringIO()
    line = ProgressLine(out, enabled=True, width=80, clock=clock)
    clock.now += 2
    line(Reading(50_000_000, 200_000_000, 2, 12))
    assert out.getvalue() == (
        "\rreading layer 3 of 12  [##.......]  25%  50.0 MB of 200 MB  25.0 MB/s  6 s left\x1b[K"
    )


def test_it_is_drawn_at_most_ten_times_a_second(clock: Clock) -> None:
    out = io.StringIO()
    line = ProgressLine(out, enabled=True, clock=clock)
    for step in range(1000):
        clock.now = 101 + step / 1000
        line(Reading(step, 1000, None, None))
    assert out.getvalue().count("\r") == 10


@pytest.mark.parametrize("width", [20, 40, 79, 80, 200])
def test_it_leaves_the_last_column_free_so_that_no_terminal_wraps_it(clock: Clock, width: int) -> None:
    out = io.StringIO()
    line = ProgressLine(out, enabled=True, width=width, clock=clock)
    clock.now += 3600
    line(Reading(999_499_999_999, 999_499_999_999_999, None, None))
    drawn = out.getvalue().removeprefix("\r").removesuffix("\x1b[K")
    assert drawn
    assert len(drawn) < width


@pytest.mark.parametrize(("done", "total"), [(0, 0), (0, 100), (5, 0), (200, 100), (0, None), (100, 100)])
def test_odd_numbers_are_no_error(clock: Clock, done: int, total: int | None) -> None:
    out = io.StringIO()
    line = ProgressLine(out, enabled=True, clock=clock)
    clock.now += 1
    line(Reading(done, total, None, None))
    assert out.getvalue().startswith("\rreading  ")
    assert "-" not in out.getvalue()


def test_it_draws_nothing_where_it_is_not_wanted_or_over(clock: Clock) -> None:
    out = io.StringIO()
    quiet = ProgressLine(out, enabled=False, clock=clock)
    over = ProgressLine(out, enabled=True, clock=clock)
    over.close()
    clock.now += 5
    for line in (quiet, over):
        line(Reading(1, 2, None, None))
        line.close()
    assert out.getvalue() == ""


def test_a_thread_that_reports_just_before_the_end_draws_nothing_after_it() -> None:
    begun, closed = threading.Event(), threading.Event()

    def clock() -> float:
        if threading.current_thread().name == "late":  # it has seen that the line is enabled
            begun.set()
            closed.wait(10)
            return 110.0
        return 100.0

    out = io.StringIO()
    line = ProgressLine(out, enabled=True, clock=clock)
    late = threading.Thread(target=lambda: line(Reading(1, 2, None, None)), name="late")
    late.start()
    assert begun.wait(10)
    line.close()
    closed.set()
    late.join(10)
    assert out.getvalue() == ""

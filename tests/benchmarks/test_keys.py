"""The rows of the table of keys."""

from benchmarks.keys import row, verdict
from benchmarks.painting import Answer


def test_the_fastest_run_stands_beside_the_worst_time() -> None:
    runs = [Answer(0.002, 0.080, 0.030, 3), None, Answer(0.003, 0.040, 0.020, 2)]
    assert row("down", runs) == ("down", "3 ms", "40 ms", "80 ms", "20 ms", "2", "missed in 1 of 2")


def test_a_key_that_paints_nothing_is_no_fast_one() -> None:
    assert row("down", [None, None]) == ("down", "-", "-", "-", "-", "-", "nothing painted")


def test_the_target_is_met_if_every_run_keeps_it() -> None:
    assert (verdict([0.01, 0.05]), verdict([0.051, 0.1])) == ("met", "missed in 2 of 2")

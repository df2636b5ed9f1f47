"""The explorer as a program: on a terminal, from its first byte to its exit code."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from tests.terminals import terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")

DEMO = Path(__file__).parents[1] / "fixtures" / "demo.tar.gz"
LEAVES_ALTERNATE_SCREEN = b"\x1b[?1049l"


def test_it_opens_shows_the_layers_and_leaves() -> None:
    with terminal(DEMO) as one:
        assert "RUN chown -R 1000:1000 /bin /srv /var" in one.read_until("q Quit")
        one.press("q")
        assert one.end() == 0
        assert LEAVES_ALTERNATE_SCREEN in one.written


def test_without_a_terminal_or_with_text_the_summary_is_printed() -> None:
    with terminal(DEMO, "--text") as one:
        assert one.end() == 0
        assert "46.28 %  live of stored bytes" in one.written.decode()
        assert LEAVES_ALTERNATE_SCREEN not in one.written


@pytest.mark.parametrize(
    ("variables", "code"), [({"CI": "true"}, 1), ({"TERM": "dumb"}, 0)], ids=["CI, a gate", "dumb"]
)
def test_nobody_is_there_to_explore(variables: dict[str, str], code: int) -> None:
    with terminal(DEMO, environment=variables) as one:
        assert one.end() == code
        assert LEAVES_ALTERNATE_SCREEN not in one.written


def test_what_is_wrong_is_a_panel_then_a_sentence_and_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "no.tar").write_bytes(b"no image" * 100)
    with terminal(tmp_path / "no.tar") as one:
        one.read_until("This image cannot be shown")
        assert "is no image archive" in " ".join(one.screen.text.replace("│", " ").split())
        one.press("q")
        assert one.end() == 2
        after = one.written.partition(LEAVES_ALTERNATE_SCREEN)[2].decode()
        assert "layerscope: " in after
        assert "is no image archive" in after


def test_escape_ends_the_reading_and_leaves_nothing_behind() -> None:
    source, sink = os.pipe()
    stop = threading.Event()

    def drip() -> None:
        data = DEMO.read_bytes()
        for at in range(0, len(data), 1000):
            if stop.wait(0.01):
                break
            try:
                os.write(sink, data[at : at + 1000])
            except BrokenPipeError:
                break
        os.close(sink)

    dripping = threading.Thread(target=drip)
    with terminal("-", stdin=source) as one:
        os.close(source)
        dripping.start()
        one.read_until(lambda screen: "Reading -" in screen.text and "kB" in screen.text)
        one.press("\x1b")
        assert one.end() == 130
        assert LEAVES_ALTERNATE_SCREEN in one.written
    stop.set()
    dripping.join()


def test_an_archive_comes_through_a_pipe_and_keys_from_the_terminal() -> None:
    source, sink = os.pipe()

    def write() -> None:
        with os.fdopen(sink, "wb") as out:
            out.write(DEMO.read_bytes())

    writing = threading.Thread(target=write)
    with terminal("-", stdin=source) as one:
        os.close(source)
        writing.start()
        one.read_until("RUN chown")
        writing.join()
        one.press("H")
        one.read_until("15 steps, 12 layers")
        one.press("q")
        one.read_until("q Quit")
        one.press("q")
        assert one.end() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_puts_the_terminal_right(number: signal.Signals) -> None:
    with terminal(DEMO) as one:
        one.read_until("RUN chown")
        os.kill(one.process.pid, number)
        assert one.end() == 128 + number
        assert LEAVES_ALTERNATE_SCREEN in one.written


def test_ctrl_c_leaves() -> None:
    with terminal(DEMO) as one:
        one.read_until("RUN chown")
        one.press("\x03")
        assert one.end() == 0


def test_keys_that_come_at_once_go_where_they_are_meant_to() -> None:
    with terminal(DEMO) as one:
        one.read_until("RUN chown")
        one.press("/busy")
        one.press("\rq")
        assert one.end() == 0


def test_a_saved_report_opens(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    with terminal(DEMO, "--json", report, "--entries") as one:
        assert one.end() == 0
    with terminal(report) as one:
        one.read_until("RUN chown")
        one.press("\t\t\r")
        one.read_until("busybox")
        one.press("q")
        assert one.end() == 0


ARCHIVES = Path(__file__).parents[1] / "fixtures" / "archives"
TWO = (ARCHIVES / "waste-removed.tar.gz", ARCHIVES / "waste-every-kind.tar.gz")


def test_two_images_are_compared_and_the_second_is_explored() -> None:
    with terminal("compare", *TWO) as one:
        one.read_until("Files 6")
        one.press("\t\t\t\r")
        one.read_until("▶final image")
        one.press("D")
        one.read_until("▶Files 6")
        one.press("q")
        one.read_until("q Quit")
        one.press("q")
        assert one.end() == 0
        assert LEAVES_ALTERNATE_SCREEN in one.written


@pytest.mark.parametrize(
    ("options", "variables"),
    [([], {"CI": "true"}), ([], {"TERM": "dumb"}), (["--text"], {}), (["--rows", "3"], {})],
    ids=["CI", "dumb", "--text", "--rows"],
)
def test_how_two_images_differ_is_printed(options: list[str], variables: dict[str, str]) -> None:
    with terminal("compare", *TWO, *options, environment=variables) as one:
        assert one.end() == 0
        assert LEAVES_ALTERNATE_SCREEN not in one.written
        assert "Files of the final image" in one.written.decode()


def test_one_of_two_comes_through_a_pipe_and_keys_from_the_terminal() -> None:
    source, sink = os.pipe()

    def write() -> None:
        with os.fdopen(sink, "wb") as out:
            out.write(TWO[0].read_bytes())

    writing = threading.Thread(target=write)
    with terminal("compare", "-", TWO[1], stdin=source) as one:
        os.close(source)
        writing.start()
        one.read_until("Files 6")
        writing.join()
        one.press("q")
        one.read_until("q Quit")
        one.press("q")
        assert one.end() == 0


def test_one_of_two_that_cannot_be_read_is_a_sentence_and_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "no.tar").write_bytes(b"no image" * 100)
    with terminal("compare", tmp_path / "no.tar", TWO[1]) as one:
        one.read_until("This image cannot be shown")
        one.press("q")
        assert one.end() == 2


def test_an_image_is_compared_with_one_that_is_asked_for() -> None:
    with terminal(TWO[1]) as one:
        one.read_until("q Quit")
        one.press("D")
        one.read_until("with the image before")
        one.press(str(TWO[0]))
        one.press("\r")
        one.read_until("Files 6")
        one.press("q")
        one.read_until("q Quit")
        one.press("q")
        assert one.end() == 0

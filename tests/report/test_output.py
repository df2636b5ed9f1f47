"""A report is written whole or not at all."""

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest
from layerscope.errors import DamagedError, OutputError
from layerscope.report.output import write_to

from tests.signals import usual_signals

needs_unix = pytest.mark.skipif(os.name == "nt", reason="needs Unix files")


def content(out: TextIO) -> None:
    out.write("first\nsecond é\n")


EXPECTED = "first\nsecond é\n".encode()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def test_a_new_file_is_utf_8_with_unix_line_ends_and_the_usual_permissions(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    write_to(str(target), content)
    assert target.read_bytes() == EXPECTED
    assert names(tmp_path) == ["report.json"]
    if os.name != "nt":
        assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_the_umask_stays_as_it_was(tmp_path: Path) -> None:
    write_to(str(tmp_path / "report.json"), content)
    before = os.umask(0)
    os.umask(before)
    assert before == 0o027


def test_a_longer_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text("x" * 100_000)
    write_to(str(target), content)
    assert target.read_bytes() == EXPECTED
    assert names(tmp_path) == ["report.json"]


@needs_unix
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o666, 0o444])
def test_the_permissions_of_a_file_that_is_there_stay(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "report.json"
    target.touch()
    target.chmod(mode)
    write_to(str(target), content)
    assert stat.S_IMODE(target.stat().st_mode) == mode


@needs_unix
def test_nobody_else_can_read_it_while_it_is_written(tmp_path: Path) -> None:
    modes: list[int] = []

    def write(_out: TextIO) -> None:
        modes.extend(stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir())

    write_to(str(tmp_path / "report.json"), write)
    assert modes == [0o600]


@needs_unix
def test_a_symbolic_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "report.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real/report.json")
    write_to(str(tmp_path / "link.json"), content)
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real" / "report.json").read_bytes() == EXPECTED
    assert names(tmp_path / "real") == ["report.json"]


@needs_unix
def test_a_symbolic_link_to_nothing_gets_its_target(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to("new.json")
    write_to(str(tmp_path / "link.json"), content)
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "new.json").read_bytes() == EXPECTED


@needs_unix
def test_a_loop_of_symbolic_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    with pytest.raises(OutputError, match=os.strerror(errno.ELOOP)):
        write_to(str(tmp_path / "one"), content)
    assert (tmp_path / "one").readlink() == Path("two")
    assert names(tmp_path) == ["one", "two"]


@pytest.mark.parametrize(
    "error", [DamagedError("cut off"), KeyboardInterrupt(), SystemExit(143), MemoryError()]
)
def test_whatever_goes_wrong_the_old_file_stays_and_nothing_else(
    tmp_path: Path, error: BaseException
) -> None:
    target = tmp_path / "report.json"
    target.write_text("old")

    def write(out: TextIO) -> None:
        out.write("half")
        out.flush()
        assert len(names(tmp_path)) == 2
        raise error

    with pytest.raises(type(error)):
        write_to(str(target), write)
    assert target.read_text() == "old"
    assert names(tmp_path) == ["report.json"]


def test_a_failure_to_move_it_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OutputError, match=r"report\.json cannot be written: Permission denied") as caught:
        write_to(str(tmp_path / "report.json"), content)
    assert "folder must be writable" in caught.value.hint
    assert names(tmp_path) == []


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"no/report\.json cannot be written: No such file") as caught:
        write_to(str(tmp_path / "no" / "report.json"), content)
    assert caught.value.hint == "Its folder must be there already."
    assert caught.value.exit_code == 2


@needs_unix
def test_a_folder_as_a_target(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written: Is a directory") as caught:
        write_to(str(tmp_path), content)
    assert caught.value.hint == "That is a folder: name a file in it."


def test_a_file_as_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written: "):
        write_to(str(tmp_path / "file" / "report.json"), content)


def test_a_name_too_long_for_the_system(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written: "):
        write_to(str(tmp_path / ("x" * 300)), content)
    assert names(tmp_path) == []


@needs_unix
def test_the_longest_name_that_the_system_allows(tmp_path: Path) -> None:
    name = "é" * 125 + ".json"
    write_to(str(tmp_path / name), content)
    assert names(tmp_path) == [name]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_device() -> None:
    with pytest.raises(OutputError, match="/dev/full cannot be written: No space left on device"):
        write_to("/dev/full", content)
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


@needs_unix
def test_a_pipe_with_a_name_is_written_straight_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_to(str(pipe), content)
    reader.join(10)
    assert read == [EXPECTED]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_standard_output_is_utf_8_whatever_the_terminal_speaks() -> None:
    script = """if True:
        from layerscope.report.output import write_to
        print("before", flush=True)
        write_to("-", lambda out: out.write('first\\nsecond é\\n'))
    """
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, check=True, timeout=60
    )
    assert done.stdout.replace(b"\r\n", b"\n").removeprefix(b"before\n") == EXPECTED
    assert done.stderr == b""


@needs_unix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    """The command's own handlers around a writer that never ends."""
    script = """if True:
        import sys
        from layerscope import cli
        from layerscope.report import json_report

        def write(analysis, out):
            out.write("half")
            out.flush()
            print("begun", flush=True)
            while True:
                pass

        json_report.write = write
        cli.main()
    """
    archive = Path(__file__).parents[2] / "fixtures" / "archives" / "docker-25.tar"
    (tmp_path / "report.json").write_text("old")
    with subprocess.Popen(
        [sys.executable, "-c", script, str(archive), "--json", str(tmp_path / "report.json")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=None if os.name == "nt" else usual_signals,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        assert len(names(tmp_path)) == 2
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert errors == ""
    assert names(tmp_path) == ["report.json"]
    assert (tmp_path / "report.json").read_text() == "old"

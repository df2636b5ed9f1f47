"""`layerscope compare`: what is opened, what is written where, and the exit code."""

import io
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from layerscope.opening import Wanted
from layerscope.report.compare.rows import NO_PACKAGES

from tests.images import Image, archive, docker_archive, file, layer, oci_archive, step, whiteout
from tests.running import Done, Run

BASE = layer(file("bin/sh", b"s" * 1000), file("etc/os", b"o" * 10))
OLD = Image(
    [BASE, layer(file("app", b"a" * 200))],
    tags=["app:1"],
    history=[step("ADD debian"), step("RUN make")],
    config={"Env": ["TOKEN=hunter2"]},
)
NEW = Image(
    [BASE, layer(file("app", b"b" * 300)), layer(whiteout("etc/os"))],
    tags=["app:2"],
    history=[step("ADD debian"), step("RUN make all"), step("RUN rm /etc/os")],
    config={"Env": ["TOKEN=hunter3"], "User": "app"},
)


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Two archives, in the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("old.tar").write_bytes(docker_archive(OLD))
    Path("new.tar").write_bytes(docker_archive(NEW))
    return "old.tar", "new.tar"


def load(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def paths(found: Any) -> list[tuple[str, str]]:
    return [(one["path"], one["kind"]) for one in found["files"]]


def test_it_prints_how_two_archives_differ(run: Run, pair: tuple[str, str]) -> None:
    done = run("compare", *pair)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[:2] == [
        "before  old.tar  app:1  linux/amd64",
        "after   new.tar  app:2  linux/amd64",
    ]
    for line in (
        "  stored         1.21 kB     1.31 kB      +100 B",
        "  wasted             0 B        10 B       +10 B",
        "  grown         +100 B        0 B   1 → 1  RUN make all",
        "  added            0 B        0 B   - → 2  RUN rm /etc/os",
        "     +100 B     200 B →    300 B  /app",
        "      -10 B  /etc/os",
        "  Env   changed  TOKEN",
    ):
        assert line in lines, done.out
    assert "hunter" not in done.out


def test_an_image_does_not_differ_from_itself_in_another_format(run: Run, pair: tuple[str, str]) -> None:
    Path("oci.tar").write_bytes(oci_archive(OLD))
    done = run("compare", pair[0], "oci.tar", "--exit-code")
    assert done.code == 0
    assert done.out.endswith("\nNothing differs.\n")


def test_the_exit_code_tells_of_a_difference_if_asked_for(run: Run, pair: tuple[str, str]) -> None:
    assert run("compare", *pair).code == 0
    assert run("compare", *pair, "--exit-code").code == 1
    assert run("compare", pair[0], pair[0], "--exit-code").code == 0


def test_files_are_written_and_nothing_printed_but_with_text(run: Run, pair: tuple[str, str]) -> None:
    targets = ("--json", "c.json", "--markdown", "c.md")
    assert run("compare", *pair, *targets) == Done(0, "", "")
    assert paths(load("c.json")) == [("/app", "grown"), ("/etc/os", "removed")]
    assert Path("c.md").read_text(encoding="utf-8").startswith("<!-- layerscope compare -->\n")
    assert run("compare", *pair, *targets, "--text").out == run("compare", *pair).out


def test_one_of_them_may_go_to_standard_output(run: Run, pair: tuple[str, str]) -> None:
    assert json.loads(run("compare", *pair, "--json", "-").out)["differs"] is True
    assert run("compare", *pair, "--markdown", "-").out.startswith("<!-- layerscope compare -->\n")


@pytest.mark.parametrize(
    ("options", "first"),
    [
        (["--json", "-", "--markdown", "-"], "--json and --markdown cannot both write to one place"),
        (["--json", "x", "--markdown", "./x"], "--json and --markdown cannot both write to one place"),
        (["--json", "-", "--text"], "--text prints to standard output, which is taken"),
        (["--json", "old.tar"], "old.tar is what is to be read: a report would take its place"),
        (["--markdown", "./new.tar"], "./new.tar is what is to be read: a report would take its place"),
        (["--image", "a", "--image", "b", "--image", "c"], "Invalid value for '--image'"),
        (["--platform", ""], "Invalid value for '--platform': it is empty"),
        (["--rows", "-1"], "Invalid value for '--rows'"),
        (["--json", ""], "Invalid value for '--json'"),
    ],
)
def test_what_means_nothing_is_refused_before_anything_is_read(
    run: Run, pair: tuple[str, str], options: list[str], first: str
) -> None:
    kept = Path("old.tar").read_bytes()
    done = run("compare", *pair, *options)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"layerscope: {first}")
    assert done.err.endswith("\n  layerscope compare --help tells more.\n")
    assert Path("old.tar").read_bytes() == kept


@pytest.mark.parametrize("words", [[], ["old.tar"], ["old.tar", "new.tar", "more.tar"], ["old.tar", ""]])
def test_there_are_two_images(run: Run, pair: tuple[str, str], words: list[str]) -> None:
    assert run("compare", *words).code == 2


def test_standard_input_is_one_of_them(
    run: Run, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = run("compare", *pair).out
    for words in (["-", "new.tar"], ["old.tar", "-"]):
        piped = Path(pair[words.index("-")]).read_bytes()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(piped)))
        assert run("compare", *words).out.splitlines()[2:] == plain.splitlines()[2:]
    assert run("compare", "-", "-").err.startswith("layerscope: standard input holds one image\n")


def test_reports_tell_what_the_images_do(run: Run, pair: tuple[str, str]) -> None:
    for name in ("old", "new"):
        assert run(f"{name}.tar", "--json", f"{name}.json", "--entries").code == 0
    done = run("compare", *pair)
    out = done.out.replace("  Env   changed  TOKEN\n", "")  # reports do not have the value
    told = done._replace(out=out.replace("\nFiles of", f"\nPackages\n  {NO_PACKAGES}\n\nFiles of"))
    assert told != done
    assert run("compare", "old.json", "new.json") == told
    assert run("compare", "old.json", "new.tar") == told


def test_of_reports_without_entries_files_are_not_known(run: Run, pair: tuple[str, str]) -> None:
    for name in ("old", "new"):
        assert run(f"{name}.tar", "--json", f"{name}.json").code == 0
    done = run("compare", "old.json", "new.json", "--json", "c.json", "--text", "--exit-code")
    assert done.code == 1
    assert "  files are not known: a report was saved without entries\n" in done.out
    found = load("c.json")
    assert (found["files"], found["directories"]) == (None, None)
    assert found["difference"]["live_bytes"] == 90


def test_an_option_that_is_of_images_is_for_those_that_are_no_reports(
    run: Run, pair: tuple[str, str]
) -> None:
    assert run("old.tar", "--json", "old.json").code == 0
    assert run("compare", "old.json", "new.tar", "--platform", "linux/amd64", "--verify").code == 0
    done = run("compare", "old.json", "old.json", "--platform", "linux/amd64")
    assert done.code == 2
    assert done.err.startswith("layerscope: --image, --platform, --base and --verify are for images")


def test_two_images_of_one_archive(run: Run, pair: tuple[str, str]) -> None:
    Path("both.tar").write_bytes(docker_archive(OLD, NEW))
    done = run("compare", "both.tar", "both.tar", "--image", "app:1", "--image", "app:2")
    assert done.code == 0
    assert done.out.splitlines()[2:] == run("compare", *pair).out.splitlines()[2:]
    once = run("compare", "both.tar", "both.tar", "--image", "app:1", "--exit-code")
    assert (once.code, once.out.splitlines()[-1]) == (0, "Nothing differs.")


def test_what_cannot_be_read_is_said_and_nothing_written(run: Run, pair: tuple[str, str]) -> None:
    Path("cut.tar").write_bytes(archive({})[:512])
    for words in (["cut.tar", "new.tar"], ["old.tar", "cut.tar"], ["old.tar", "nowhere.tar"]):
        done = run("compare", *words, "--json", "c.json")
        assert (done.code, done.out) == (2, "")
        assert not Path("c.json").exists()


class Explored(NamedTuple):
    """What the explorer was asked for."""

    wanted: Wanted
    before: Wanted | None


@pytest.fixture
def explored(monkeypatch: pytest.MonkeyPatch) -> list[Explored]:
    """A terminal, on which the explorer only notes what it was asked for."""
    found: list[Explored] = []
    monkeypatch.setattr(
        "layerscope.showing.explore_image",
        lambda wanted, *, before=None: found.append(Explored(wanted, before)),
    )
    monkeypatch.setattr("layerscope.commands.compare.can_explore", lambda _reference: True)
    return found


def test_in_a_terminal_the_explorer_opens_with_both(
    run: Run, pair: tuple[str, str], explored: list[Explored]
) -> None:
    assert run("compare", *pair) == Done(0, "", "")
    assert explored == [Explored(Wanted("new.tar"), Wanted("old.tar"))]


def test_each_is_read_there_as_was_asked_for(
    run: Run, pair: tuple[str, str], explored: list[Explored]
) -> None:
    assert run("old.tar", "--json", "old.json").code == 0
    explored.clear()
    options = ("--image", "a", "--image", "b", "--platform", "linux/arm64", "--spool", "--verify")
    assert run("compare", *pair, *options) == Done(0, "", "")
    how: dict[str, Any] = {"platform": "linux/arm64", "verify": True, "spool": True}
    assert explored.pop() == (Wanted("new.tar", "b", **how), Wanted("old.tar", "a", **how))
    assert run("compare", "old.json", "new.tar", "--platform", "linux/arm64") == Done(0, "", "")
    assert explored == [(Wanted("new.tar", platform="linux/arm64"), Wanted("old.json"))]


@pytest.mark.parametrize(
    "options", [["--text"], ["--json", "c.json"], ["--markdown", "-"], ["--exit-code"], ["--rows", "10"]]
)
def test_with_an_option_about_what_is_written_it_is_written(
    run: Run, pair: tuple[str, str], explored: list[Explored], options: list[str]
) -> None:
    assert run("compare", *pair, *options).code == ("--exit-code" in options)
    assert explored == []


@pytest.mark.parametrize(
    ("words", "asked"), [(["old.tar", "-"], "-"), (["-", "new.tar"], "-"), ([], "new.tar")]
)
def test_whether_it_can_open_depends_on_what_comes_in_on_standard_input(
    run: Run, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch, words: list[str], asked: str
) -> None:
    heard: list[str] = []

    def can_explore(reference: str) -> bool:
        heard.append(reference)
        return False

    monkeypatch.setattr("layerscope.commands.compare.can_explore", can_explore)
    piped = Path("new.tar").read_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(piped)))
    assert run("compare", *(words or pair)).out.startswith("before  ")
    assert heard == [asked]


def test_a_comparison_is_no_report(run: Run, pair: tuple[str, str]) -> None:
    assert run("compare", *pair, "--json", "c.json").code == 0
    done = run("c.json", "--text")
    assert done.code == 2
    assert "c.json is " in done.err


def test_rows_limit_the_lists(run: Run, pair: tuple[str, str]) -> None:
    assert "Removed (1 of 1 path)\n      -10 B  /etc/os\n" in run("compare", *pair, "--rows", "1").out
    assert "Removed (" not in run("compare", *pair, "--rows", "0").out


def test_in_ascii_where_the_terminal_speaks_no_more(
    run: Run, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layerscope.terminal.speaks_unicode", lambda _out: False)
    done = run("compare", *pair)
    assert done.out.isascii()
    assert "1 -> 1" in done.out


def test_help_has_examples_and_fits_100_columns(run: Run) -> None:
    found = run("compare", "--help").out
    assert "  layerscope compare app:1 app:2\n" in found
    assert max(map(len, found.splitlines())) <= 100

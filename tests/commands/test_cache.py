"""`layerscope cache`, and what the command line does with the cache."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from layerscope.terminal import cache_path

from tests.images import Image, docker_archive, file, layer
from tests.loader.fake_engine import FakeEngine, Saved, serving
from tests.running import Done, Run

needs_unix = pytest.mark.skipif(os.name == "nt", reason="the engine is a Unix socket")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    """An engine with one image, app:1."""
    one = Image([layer(file("a", b"abc"))], tags=["app:1"])
    with serving(Saved.of(one, docker_archive(one))) as fake:
        monkeypatch.setenv("DOCKER_HOST", fake.url)
        yield fake


def test_an_empty_cache(run: Run) -> None:
    assert run("cache", "info") == Done(
        0, f"path     {cache_path()}\nentries  0\nsize     0 B\nlimit    1.07 GB\n", ""
    )
    assert run("cache", "clear").out == f"0 entries of 0 B removed from {cache_path()}\n"


@needs_unix
def test_a_second_look_asks_the_engine_for_nothing_until_all_is_forgotten(
    run: Run, engine: FakeEngine
) -> None:
    first = run("docker://app:1", "--json", "-")
    assert engine.saves == 1
    assert run("docker://app:1", "--json", "-") == first
    assert engine.saves == 1
    assert re.search(r"^entries  [1-9]", run("cache", "info").out, re.MULTILINE)
    assert re.fullmatch(r"\d+ entries of .*\n", run("cache", "clear").out)
    assert "entries  0\n" in run("cache", "info").out
    assert run("docker://app:1", "--json", "-") == first
    assert engine.saves == 2


@needs_unix
def test_without_the_cache_nothing_is_remembered_and_nothing_used(run: Run, engine: FakeEngine) -> None:
    for asked in (1, 2):
        run("docker://app:1", "--no-cache", "--json", "-")
        assert engine.saves == asked
    assert not cache_path().exists()
    run("docker://app:1", "--text")
    run("docker://app:1", "--no-cache", "--text")
    assert engine.saves == 4


@needs_unix
def test_a_folder_that_cannot_be_is_no_reason_to_fail(
    run: Run, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LAYERSCOPE_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert run("docker://app:1").code == 0
    assert run("cache", "info").code == 0
    assert run("cache", "clear").code == 0


def test_where_it_is_by_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("LAYERSCOPE_CACHE_DIR", "")
    assert cache_path().name in ("layerscope", "Cache")
    if os.name == "posix":
        assert cache_path().is_relative_to(tmp_path)


@pytest.mark.parametrize(
    ("words", "message", "more"),
    [
        ([], "Missing command", "cache"),
        (["prune"], "No such command 'prune'", "cache"),
        (["info", "x"], "Got unexpected extra argument (x)", "cache info"),
        (["--ci"], "No such option", "cache"),
    ],
)
def test_wrong_usage(run: Run, words: list[str], message: str, more: str) -> None:
    done = run("cache", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"layerscope: {message}")
    assert done.err.endswith(f"\n  layerscope {more} --help tells more.\n")


def test_help_has_examples(run: Run) -> None:
    done = run("cache", "--help")
    assert "  layerscope cache clear\n" in done.out
    assert "LAYERSCOPE_CACHE_DIR" in done.out
    assert run("cache", "info", "--help").out.startswith("Usage: layerscope cache info")


@needs_unix
def test_build_and_cache_are_commands_as_the_first_word_only(run: Run, engine: FakeEngine) -> None:
    for name in ("build", "cache"):
        engine.images[0].tags = [f"{name}:latest"]
        assert run(f"docker://{name}").out.startswith(f"docker://{name}  ")
        assert run("--text", name).out.startswith(f"{name}  ")

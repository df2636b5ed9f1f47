"""What holds for every test."""

from pathlib import Path

import pytest
from layerscope import cli

from tests.running import Done, Run


@pytest.fixture(autouse=True)
def _own_cache(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees what the user, or another test, has opened: the folder is made if it is written to."""
    base: Path = request.getfixturevalue("tmp_path_factory").getbasetemp()
    monkeypatch.setenv("LAYERSCOPE_CACHE_DIR", str(base / f"cache-{abs(hash(request.node.nodeid)):x}"))


@pytest.fixture(autouse=True)
def _no_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a pipeline sets makes a gate of a summary, and writes to a file: the tests set it themselves."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in this process, 100 columns wide."""
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments: str) -> Done:
        code = cli.run(arguments)
        return Done(code, *capsys.readouterr())

    return run

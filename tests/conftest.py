"""What holds for every test."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_cache(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees what the user, or another test, has opened: the folder is made if it is written to."""
    base: Path = request.getfixturevalue("tmp_path_factory").getbasetemp()
    monkeypatch.setenv("LAYERSCOPE_CACHE_DIR", str(base / f"cache-{abs(hash(request.node.nodeid)):x}"))


@pytest.fixture(autouse=True)
def _no_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    """CI=true makes a gate of a summary: the tests say themselves when it is set."""
    monkeypatch.delenv("CI", raising=False)

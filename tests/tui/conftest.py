"""The demonstration image, opened once: an analysis does not change."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.loader import open_image

DEMO = Path(__file__).parents[2] / "fixtures" / "demo.tar.gz"


@pytest.fixture(scope="session")
def demo() -> Iterator[Analysis]:
    with open_image(str(DEMO)) as image:
        yield analyze(image, keep_past=True)

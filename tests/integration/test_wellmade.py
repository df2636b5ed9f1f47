"""An image without mistakes has nothing to change."""

import os
import subprocess
from pathlib import Path

import pytest
from layerscope.analysis.findings.finding import Severity
from layerscope.opening import Wanted, analysis_of

from tests.consoles import ROOT

pytestmark = pytest.mark.engine
BUSYBOX = Path(os.environ.get("BUSYBOX", "/bin/busybox"))


@pytest.mark.skipif(not BUSYBOX.exists(), reason="no static BusyBox: apt-get install busybox-static")
def test_a_well_made_image_has_no_finding_above_info(docker: str, tmp_path: Path) -> None:
    archive = tmp_path / "wellmade.tar"
    subprocess.run([ROOT / "fixtures" / "wellmade" / "build.sh", archive], check=True, capture_output=True)
    with analysis_of(Wanted(str(archive)), lambda _reading: None) as analysis:
        told = [
            (one.id, one.title, one.evidence) for one in analysis.findings if one.severity > Severity.INFO
        ]
        assert told == []
        assert analysis.totals.efficiency == 1.0
        assert len(analysis.layers) <= 2

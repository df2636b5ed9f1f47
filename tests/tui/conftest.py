"""The demonstration image, opened once: an analysis does not change.

Its findings are fixed: what the catalogue says of an image has tests of its own.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.findings.finding import Evidence, Finding, Saving, Severity
from layerscope.loader import open_image

from tests.tui.files import with_findings

DEMO = Path(__file__).parents[2] / "fixtures" / "demo.tar.gz"
FINDINGS = (
    Finding(
        "copied-for-owner",
        "Copied to change owner",
        Severity.HIGH,
        (11, 0, 3),
        (
            Evidence(b"bin/busybox", 1_982_256, 1, 0),
            Evidence(b"var/lib/apt/lists", 276_000, 2, 3),
        ),
        2,
        2_275_040,
        "A layer holds whole files: to change the owner of one puts a second copy of it into the image. The "
        "first one stays, out of reach.",
        "COPY --chown=1000:1000 … /bin/busybox\n# and for the others:\nRUN install -o 1000 lists /var",
        (Saving(11, 2_275_040, 0),),
    ),
    Finding(
        "deleted",
        "Deleted in a later step",
        Severity.MEDIUM,
        (6, 7),
        (Evidence(b"tmp/build", 349_000, 12, 6, "objects of the compiler"),),
        0,
        348_962,
        "A later step removes them. They are shipped all the same.",
        "RUN make && rm -rf /tmp/build",
        (Saving(6, 348_962, 0),),
    ),
    Finding(
        "root-user",
        "It runs as root",
        Severity.LOW,
        (),
        (Evidence(b"", 0, 0, None, "no USER in the configuration"),),
        0,
        0,
        "Whoever breaks out of the program is root. A user of its own costs a line.",
        "USER 1000:1000",
    ),
    Finding(
        "overwritten",
        "Overwritten by a later step",
        Severity.INFO,
        (8, 4),
        (Evidence(b"srv/app/settings.ini", 66, 1, 4),),
        0,
        66,
        "The later content takes the place of the earlier. One step that writes it needs no room for two.",
        "# write the file once",
        (Saving(4, 66, 0),),
    ),
)


@pytest.fixture(scope="session")
def demo() -> Iterator[Analysis]:
    with open_image(str(DEMO)) as image:
        yield with_findings(analyze(image, keep_past=True), *FINDINGS)

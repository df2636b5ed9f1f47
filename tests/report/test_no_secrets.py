"""No report tells the value of a secret, wherever the image has it."""

import io

import pytest
from layerscope.report.formats import BY_NAME, Format
from layerscope.report.subject import Run, Subject

from tests.analysis.findings.held import held, measured

VALUE = "Qx7pL2" + "vT9sK4mZ8wB6"
STEPS = [
    f"|1 NPM_TOKEN={VALUE} /bin/sh -c npm ci",
    f"/bin/sh -c #(nop)  ENV DB_PASSWORD={VALUE}",
    f"RUN curl -H 'Authorization: Bearer {VALUE}' https://me:{VALUE}@host",
]
CONFIG = {
    "Env": [f"DB_PASSWORD={VALUE}"],
    "Labels": {"deploy.token": VALUE},
    "Cmd": ["a", "--token", VALUE],
}


@pytest.mark.parametrize("wanted", BY_NAME.values(), ids=BY_NAME)
def test_no_format_tells_a_secret_of_files_settings_or_history(wanted: Format) -> None:
    analysis = measured(
        held({"app/.env": f"TOKEN={VALUE}"}), held({"app/.wh..env": ""}), steps=STEPS, config=CONFIG
    )
    found = {one.id for one in analysis.findings}
    assert {"secret-deleted", "secret-in-config", "secret-in-history"} <= found
    out = io.StringIO()
    wanted.write(Run((Subject(analysis),)), out)
    assert VALUE not in out.getvalue()

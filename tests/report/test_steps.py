"""The step that made a layer, as one line."""

from dataclasses import replace

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.report.steps import step

from tests.models import image, layer


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("RUN make", "RUN make"),
        ("RUN make   all\t\n  && make install", "RUN make all && make install"),
        ("RUN printf '\x1b[2J\u202e'", r"RUN printf '\x1b[2J\u202e'"),
        ("half \ud800", r"half \ud800"),
        ("", "(no history)"),
        (" \n", "(no history)"),
        ("x" * 81, "x" * 79 + "…"),
    ],
)
def test_a_command_is_one_printable_line(command: str, shown: str) -> None:
    (one,) = analyze(image(layer("a"))).layers
    assert step(replace(one, command=command)) == shown


def test_of_a_command_of_megabytes_the_start_is_looked_at() -> None:
    (one,) = analyze(image(layer("a"))).layers
    assert step(replace(one, command="RUN " + "x" * 50_000_000), 10) == "RUN xxxxx…"

"""Fixes written into a Dockerfile, and predictions beside what was saved: without an engine."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from layerscope.analysis.findings.finding import Evidence, Finding, Saving, Severity

from benchmarks.advice import Found, Row, take
from benchmarks.builds import Builder
from benchmarks.fixes import (
    Edit,
    Fix,
    Mistakes,
    NotSaidError,
    instructions,
    nothing,
    said,
    unchanged,
    words,
    written,
)
from benchmarks.mistakes import MISTAKES

DEMO = Path(__file__).parents[2] / "fixtures" / "demo.tar.gz"
FIX = """# in .dockerignore, beside the Dockerfile:
COPY --chown=1 … /app/
RUN make \\
 && rm -rf /x
# and without: RUN chown -R 1 /app"""


def finding(identity: str, fix: str, *pieces: tuple[bytes, int, int]) -> Finding:
    evidence = tuple(Evidence(path, size, 1, layer) for path, size, layer in pieces)
    savings = tuple(Saving(layer, size, size) for _, size, layer in pieces)
    saved = sum(size for _, size, _ in pieces)
    return Finding(identity, "", Severity.LOW, (), evidence, 0, saved, "", fix, savings)


def test_a_dockerfile_has_instructions_of_several_lines() -> None:
    assert instructions(FIX) == ["COPY --chown=1 … /app/", "RUN make \\\n && rm -rf /x"]


@pytest.mark.parametrize(
    ("edit", "step"),
    [
        (said("RUN"), "RUN make \\\n && rm -rf /x"),
        (said("COPY", filled="app/"), "COPY --chown=1 app/ /app/"),
        (said("ENV", otherwise=unchanged), "RUN old"),
        (words("old", "new"), "RUN new"),
        (written("ENV A=1"), "ENV A=1"),
        (nothing, ""),
    ],
)
def test_a_step_is_written_anew(edit: Edit, step: str) -> None:
    assert edit("RUN old", FIX) == step


@pytest.mark.parametrize("edit", [said("ENV"), words("other", "new")])
def test_what_does_not_fit_is_not_written(edit: Edit) -> None:
    with pytest.raises(NotSaidError):
        edit("RUN old", FIX)


def test_what_is_promised_of_the_base_image_no_step_can_keep() -> None:
    found = Found([finding("docs", "", (b"usr/doc", 10, 0), (b"usr/doc", 5, 1))], base_layers=1)
    assert found.saved(Fix("docs", "", {})) == 5


def test_of_findings_about_several_steps_the_evidence_tells() -> None:
    found = Found(
        [
            finding("copied", "chmod", (b"opt/x", 10, 2)),
            finding("copied", "chown", (b"app/x", 5, 3)),
            finding("linked", "ln", (b"opt/y", 2, 2)),
        ],
        base_layers=1,
    )
    fixes = Fix("copied", "", {}, below=b"opt", also=("linked",)), Fix("copied", "", {}, below=b"app")
    assert [(found.saved(fix), found.text(fix)) for fix in fixes] == [(12, "chmod"), (5, "chown")]


def test_a_row_tells_how_far_the_last_prediction_is_off() -> None:
    assert Row("docs", "left out", 3000, 1050, 1000).cells[1:] == ("3,000", "1,050", "1,000", "5.00%")
    assert Row("docs", "left out", 3000, 0, None).cells[1:] == ("3,000", "0", "-", "-")


def test_edits_are_of_steps_that_there_are() -> None:
    names = {name for fix in MISTAKES.fixes for name in fix.edits}
    assert names <= MISTAKES.steps.keys()


class Imagined(Builder):
    """Builds nothing: the image is that of the demonstration, and each build is 100 bytes smaller."""

    def __init__(self, context: Path) -> None:
        super().__init__("", context)
        self.built: list[tuple[list[str], list[str]]] = []

    def build(self, steps: Sequence[str], ignored: Sequence[str] = ()) -> int:
        self.built.append((list(steps), list(ignored)))
        return 10_000 - 100 * len(self.built)

    def save(self, archive: Path) -> None:
        shutil.copyfile(DEMO, archive)


def test_fixes_are_taken_one_after_another_and_those_that_do_not_fit_are_not(tmp_path: Path) -> None:
    steps = {"add": "", "one": "RUN one", "two": "RUN two"}
    fixes = (
        Fix("no-such-finding", "nothing", {"one": nothing}),
        Fix("duplicates", "does not fit", {"one": said("HEALTHCHECK")}, ("duplicates",)),
        Fix("apt-cache", "leaves a step out", {"one": nothing}, ("lists",)),
        Fix("rewritten", "adds one", {"add": written("ENV A=1")}),
    )
    (tmp_path / "context").mkdir()
    builder = Imagined(tmp_path / "context")
    taken = take(Mistakes(steps, fixes, lambda folder: None), builder)
    assert builder.built == [
        (["RUN one", "RUN two"], []),
        (["RUN two"], ["lists"]),
        (["ENV A=1", "RUN two"], ["lists"]),
    ]
    assert [(row.finding, row.real) for row in taken.rows] == [
        ("no-such-finding", None),
        ("duplicates", None),
        ("apt-cache", 100),
        ("rewritten", 100),
        ("all of them", 200),
    ]
    assert (taken.size, taken.steps) == (9_900, ["ENV A=1", "RUN two"])
    assert taken.rows[2].first == 552_000
    assert list(tmp_path.iterdir()) == [tmp_path / "context"]

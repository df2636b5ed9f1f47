"""History entries and the layers they made, and their commands as Dockerfile text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layerscope.analysis.history import command, instruction, pair
from layerscope.analysis.model import HistoryStep

from tests.models import image, layer

MADE = HistoryStep(created_by="RUN make")
EMPTY = HistoryStep(created_by="ENV A=1", empty_layer=True)


def paired(count: int, *steps: HistoryStep) -> list[int | None]:
    """The layer of each step."""
    made = pair(image(*(layer(f"f{number}") for number in range(count)), history=steps))
    assert tuple(step.history for step in made) == steps
    return [step.layer for step in made]


# Pairing


def test_steps_take_the_layers_in_order_and_empty_ones_take_none() -> None:
    assert paired(2, MADE, EMPTY, MADE, EMPTY) == [0, None, 1, None]


def test_without_a_history_there_are_no_steps() -> None:
    assert paired(3) == []


def test_a_short_history_leaves_layers_without_a_step() -> None:
    assert paired(3, MADE, EMPTY, MADE) == [0, None, 1]


def test_a_long_history_leaves_steps_without_a_layer() -> None:
    assert paired(1, MADE, MADE, EMPTY, MADE) == [0, None, None, None]


def test_a_history_of_empty_steps_alone_takes_no_layer() -> None:
    assert paired(2, EMPTY, EMPTY) == [None, None]


def test_a_history_without_layers() -> None:
    assert paired(0, MADE, EMPTY) == [None, None]


# Commands


@pytest.mark.parametrize(
    ("created_by", "shown"),
    [
        # Docker's classic builder
        ("/bin/sh -c apt-get update", "RUN apt-get update"),
        ("/bin/sh -c #(nop)  ENV PATH=/bin", "ENV PATH=/bin"),
        ('/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'),
        ("/bin/sh -c #(nop) WORKDIR /app", "WORKDIR /app"),
        ("/bin/sh -c #(nop) ADD file:0123456789abcdef in / ", "ADD … /"),
        ("/bin/sh -c #(nop) COPY dir:0123456789abcdef in /app ", "COPY … /app"),
        ("/bin/sh -c #(nop) COPY multi:0123456789abcdef in /app/ ", "COPY … /app/"),
        ("/bin/sh -c #(nop) COPY --chown=0:0dir:0123abcd in /app/ ", "COPY --chown=0:0 … /app/"),
        ("/bin/sh -c #(nop) COPY --chown=app:appfile:0123abcd in /a", "COPY --chown=app:app … /a"),
        ("/bin/sh -c #(nop) COPY --link file:0123abcd in /a", "COPY --link … /a"),
        ("/bin/bash -o pipefail -c curl x | sh", "RUN curl x | sh"),
        ("/bin/bash -o pipefail -c #(nop)  ENV A=1", "ENV A=1"),
        ("/bin/ash -eo pipefail -c make", "/bin/ash -eo pipefail -c make"),
        ("/bin/sh -exc make", "RUN make"),
        ("/bin/dash -c make", "RUN make"),
        # … with build arguments
        ("|1 TOKEN=x /bin/sh -c apk add curl", "RUN apk add curl"),
        ("|2 A=one two B= /bin/sh -c make", "RUN make"),
        ("|0 /bin/sh -c make", "RUN make"),
        ("|1 A=x npm install", "RUN npm install"),
        # BuildKit
        ("RUN /bin/sh -c apk add curl # buildkit", "RUN apk add curl"),
        ("RUN |1 TOKEN=x /bin/sh -c apk add curl # buildkit", "RUN apk add curl"),
        ("RUN /bin/bash -o pipefail -c curl x | sh # buildkit", "RUN curl x | sh"),
        ("RUN npm install # buildkit", "RUN npm install"),
        ("COPY . /app # buildkit", "COPY . /app"),
        ("ENV A=1", "ENV A=1"),
        ('CMD ["sh"]', 'CMD ["sh"]'),
        ("WORKDIR /app\t# buildkit", "WORKDIR /app"),
        ("RUN /bin/sh -c echo '# buildkit' # buildkit", "RUN echo '# buildkit'"),
        ("RUN /bin/sh -c echo '#buildkit'", "RUN echo '#buildkit'"),
        ("RUN /bin/sh -c set -e;\n  echo one;\t echo two # buildkit", "RUN set -e;\n  echo one;\t echo two"),
        ("RUN /bin/sh -c <<EOF (echo hello...) # buildkit", "RUN <<EOF (echo hello...)"),
        # Windows
        ("cmd /S /C dir", "RUN dir"),
        (r"cmd /S /C #(nop) WORKDIR C:\app", r"WORKDIR C:\app"),
        ("powershell -Command Get-Date", "RUN Get-Date"),
        (
            "powershell -Command $ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue'; "
            "#(nop)  ENV A=1",
            "ENV A=1",
        ),
        (r"RUN cmd /S /C mkdir C:\app # buildkit", r"RUN mkdir C:\app"),
        # Podman and Buildah
        ("/bin/sh -c #(nop) COPY file:0123456789abcdef in /app ", "COPY … /app"),
        ("/bin/sh", "/bin/sh"),
        # kaniko
        ("RUN apk add curl", "RUN apk add curl"),
        ("COPY --from=builder /app /app", "COPY --from=builder /app /app"),
        # Others say what they like
        ("bazel build ...", "bazel build ..."),
        ("Buildpacks Launcher Config", "Buildpacks Launcher Config"),
        ("Layer: 'env', Created by buildpack: a/b@1", "Layer: 'env', Created by buildpack: a/b@1"),
        ("ko build ko://example.com/cmd", "ko build ko://example.com/cmd"),
        ("jib-maven-plugin:3.4.0", "jib-maven-plugin:3.4.0"),
        ("# buildkit", "# buildkit"),
        ("make# buildkit", "make# buildkit"),
        ("  \n ", ""),
        ("", ""),
        # What only looks like it
        ("echo /bin/sh -c #(nop) ENV A=1", "echo /bin/sh -c #(nop) ENV A=1"),
        ("/bin/sh -c evil; #(nop) ENV A=1", "RUN evil; #(nop) ENV A=1"),
        ("powershell -Command evil; #(nop) ENV A=1", "RUN evil; #(nop) ENV A=1"),
        ("|99999 A=x /bin/sh -c make", "|99999 A=x /bin/sh -c make"),
        ("|1000 A=x /bin/false", "RUN "),
        ("|one A=x /bin/sh -c make", "|one A=x /bin/sh -c make"),
        ("RUN", "RUN"),
    ],
)  # fmt: skip
def test_a_step_is_shown_as_the_dockerfile_has_it(created_by: str, shown: str) -> None:
    assert instruction(created_by) == shown


def test_the_command_begins_at_the_first_shell_after_the_arguments() -> None:
    assert instruction("|1 A=x /bin/sh -c one; /bin/sh -c two") == "RUN one; /bin/sh -c two"
    assert instruction("|1 A=/bin/sh -c x /bin/sh -c one") == "RUN one"


STARTS = (
    "",
    "x",
    "|1 ",
    "RUN ",
    "/bin/sh -",
    "/bin/sh -c #(nop) ",
    "/bin/sh -c #(nop) ADD file:",
    "powershell -Command ",
)
UNITS = (
    *(" ", "\t", "a", "c", "f", "/", "9", "|1 ", "RUN ", "/bin/sh -", "/bin/sh -c", " /bin/sh -o pipefail -"),
    *("# buildkit", " # buildkit", " $a = 'b';"),
)


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(
    st.lists(
        st.one_of(st.sampled_from((*STARTS, *UNITS, "9" * 5000, "\ud800")), st.text(max_size=5)), max_size=10
    ).map("".join)
)
def test_any_text_is_shown_somehow(text: str) -> None:
    assert len(instruction(text)) <= len(text) + len("RUN … ")


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("start", STARTS)
def test_hostile_texts_take_linear_time(start: str, unit: str) -> None:
    """A megabyte takes milliseconds; a quadratic pattern would take many minutes."""
    begun = time.process_time()
    instruction(start + unit * (1_000_000 // len(unit)) + "x")
    assert time.process_time() - begun < 20


def test_a_step_without_a_command_is_told_by_its_comment() -> None:
    assert (
        command(HistoryStep(created_by="", comment="store paths: /nix/store/abc"))
        == "store paths: /nix/store/abc"
    )
    assert command(HistoryStep(created_by="RUN make", comment="buildkit.dockerfile.v0")) == "RUN make"

"""From which lines of a Dockerfile layers come. The histories are the builders' own, digests shortened."""

import time
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.dockerfile import Lines, map_lines
from layerscope.analysis.model import HistoryStep
from layerscope.errors import LimitError

from tests.models import image, layer

BASE = ("", "- /bin/sh -c #(nop)  ENV LANG=C", '- /bin/sh -c #(nop)  CMD ["bash"]')
"""What stands below: two empty steps, and a layer that an import left without a word."""


def analysis(*history: str) -> Analysis:
    """An image with this history; a step that starts with `- ` made no layer."""
    steps = [
        HistoryStep(created_by=text.removeprefix("- "), empty_layer=text[:2] == "- ") for text in history
    ]
    count = sum(not step.empty_layer for step in steps)
    return analyze(image(*(layer(f"f{number}") for number in range(count)), history=tuple(steps)))


def lines(text: str, *history: str) -> list[tuple[int, int] | None]:
    """First and last line of every layer."""
    measured = analysis(*history)
    found = map_lines("Dockerfile", text, measured)
    assert found.path == "Dockerfile"
    assert set(found.by_layer) <= set(range(len(measured.layers)))
    return [found.by_layer.get(index) for index in range(len(measured.layers))]


# What the builders write

EVERYTHING = r"""ARG BASE=debian:bookworm
FROM ${BASE} AS build
RUN mkdir -p /out && echo x > /out/x

FROM --platform=$TARGETPLATFORM debian:bookworm AS final
ARG VERSION=1.2
ARG NAME
ENV APP_HOME=/srv/app   MODE="prod"
ENV OLD style value
LABEL a=b \
      c="d e"
WORKDIR ${APP_HOME}
WORKDIR sub
COPY --chown=1000:1000 app/ ${APP_HOME}/
COPY --from=build /out/x /out/
COPY ["b", "c.tar.txt", "/some dir/"]
ADD b $APP_HOME/b-$VERSION
run echo one && \
    # a comment
    echo    two   && \

    echo three
RUN ["mkdir", "/exec form"]
RUN --mount=type=cache,target=/c echo mounted > /m
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN echo $APP_HOME | cat > /p
USER 1000:1000
VOLUME /data /more
EXPOSE 80/tcp 443
STOPSIGNAL SIGINT
HEALTHCHECK --interval=5s CMD true || exit 1
ONBUILD RUN echo child
ENTRYPOINT ["/bin/sh", "-c"]
CMD echo hi
"""

BUILDKIT = (
    "- ARG VERSION=1.2",
    "- ARG NAME",
    "- ENV APP_HOME=/srv/app MODE=prod",
    "- ENV OLD=style value",
    "- LABEL a=b c=d e",
    "WORKDIR /srv/app",
    "WORKDIR /srv/app/sub",
    "COPY app/ /srv/app/ # buildkit",
    "COPY /out/x /out/ # buildkit",
    "COPY b c.tar.txt /some dir/ # buildkit",
    "ADD b /srv/app/b-9 # buildkit",
    "RUN |2 VERSION=9 NAME=foo /bin/sh -c echo one &&     echo    two   &&     echo three # buildkit",
    "RUN |2 VERSION=9 NAME=foo mkdir /exec form # buildkit",
    "RUN |2 VERSION=9 NAME=foo /bin/sh -c echo mounted > /m # buildkit",
    "- SHELL [/bin/bash -o pipefail -c]",
    "RUN |2 VERSION=9 NAME=foo /bin/bash -o pipefail -c echo $APP_HOME | cat > /p # buildkit",
    "- USER 1000:1000",
    "- VOLUME [/data /more]",
    "- EXPOSE map[443/tcp:{} 80/tcp:{}]",
    "- STOPSIGNAL SIGINT",
    '- HEALTHCHECK &{["CMD-SHELL" "true || exit 1"] "5s" "0s" "0s" \'\\x00\'}',
    '- ENTRYPOINT ["/bin/sh" "-c"]',
    '- CMD ["/bin/bash" "-o" "pipefail" "-c" "echo hi"]',
)
"""The BuildKit of Docker 20.10; a newer one also keeps `--chown` and `--chmod`."""

CLASSIC = (
    "- /bin/sh -c #(nop)  ARG VERSION=1.2",
    "- /bin/sh -c #(nop)  ARG NAME",
    "- /bin/sh -c #(nop)  ENV APP_HOME=/srv/app MODE=prod",
    "- /bin/sh -c #(nop)  ENV OLD=style value",
    "- /bin/sh -c #(nop)  LABEL a=b c=d e",
    "/bin/sh -c #(nop) WORKDIR /srv/app",
    "/bin/sh -c #(nop) WORKDIR /srv/app/sub",
    "/bin/sh -c #(nop) COPY --chown=1000:1000dir:5176d1db in /srv/app/ ",
    "/bin/sh -c #(nop) COPY file:cd7ab4f4 in /out/ ",
    "/bin/sh -c #(nop) COPY multi:2bb0e892 in /some dir/ ",
    "/bin/sh -c #(nop) ADD file:c30af0dc in /srv/app/b-9 ",
    "- |2 NAME=foo VERSION=9 /bin/sh -c echo one &&     echo    two   &&     echo three",
    "|2 NAME=foo VERSION=9 mkdir /exec form",
    "|2 NAME=foo VERSION=9 /bin/sh -c echo mounted > /m",
    "- /bin/bash -o pipefail -c #(nop)  SHELL [/bin/bash -o pipefail -c]",
    "|2 NAME=foo VERSION=9 /bin/bash -o pipefail -c echo $APP_HOME | cat > /p",
    "- /bin/bash -o pipefail -c #(nop)  USER 1000:1000",
    "- /bin/bash -o pipefail -c #(nop)  VOLUME [/data /more]",
    "- /bin/bash -o pipefail -c #(nop)  EXPOSE 443 80/tcp",
    "- /bin/bash -o pipefail -c #(nop)  STOPSIGNAL SIGINT",
    "- /bin/bash -o pipefail -c #(nop)  "
    'HEALTHCHECK &{["CMD-SHELL" "true || exit 1"] "5s" "0s" "0s" \'\\x00\'}',
    "- /bin/bash -o pipefail -c #(nop)  ONBUILD RUN echo child",
    '- /bin/bash -o pipefail -c #(nop)  ENTRYPOINT ["/bin/sh" "-c"]',
    '- /bin/bash -o pipefail -c #(nop)  CMD ["/bin/bash" "-o" "pipefail" "-c" "echo hi"]',
)

BUILDAH = (
    "- /bin/sh -c #(nop) ARG VERSION",
    "- /bin/sh -c #(nop) ARG NAME VERSION",
    '- /bin/sh -c #(nop) ENV APP_HOME=/srv/app   MODE="prod"',
    "- /bin/sh -c #(nop) ENV OLD style value",
    '- /bin/sh -c #(nop) LABEL a=b       c="d e"',
    "- /bin/sh -c #(nop) WORKDIR ${APP_HOME}",
    "- /bin/sh -c #(nop) WORKDIR sub",
    "/bin/sh -c #(nop) COPY dir:62ac70bf in ${APP_HOME}/ ",
    "/bin/sh -c #(nop) COPY file:cd38b33c in /out/ ",
    "/bin/sh -c #(nop) COPY multi:aa9088c3 in /some dir/ ",
    "/bin/sh -c #(nop) ADD file:0c441aaf in $APP_HOME/b-$VERSION ",
    "|2 NAME=foo VERSION=9 /bin/sh -c echo one &&     echo    two   &&     echo three",
    '|2 NAME=foo VERSION=9 /bin/sh -c ["mkdir", "/exec form"]',
    "|2 NAME=foo VERSION=9 /bin/sh -c --mount=type=cache,target=/c echo mounted > /m",
    '- /bin/sh -c #(nop) SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
    "|2 NAME=foo VERSION=9 /bin/sh -c echo $APP_HOME | cat > /p",
    "- /bin/sh -c #(nop) USER 1000:1000",
    "- /bin/sh -c #(nop) VOLUME /data /more",
    "- /bin/sh -c #(nop) EXPOSE 80/tcp 443",
    "- /bin/sh -c #(nop) STOPSIGNAL SIGINT",
    "- /bin/sh -c #(nop) HEALTHCHECK --interval=5s CMD true || exit 1",
    "- /bin/sh -c #(nop) ONBUILD RUN echo child",
    '- /bin/sh -c #(nop) ENTRYPOINT ["/bin/sh", "-c"]',
    "- /bin/sh -c #(nop) CMD echo hi",
)
"""Buildah 1.28 with `--layers`, as `podman build` does."""

KANIKO = (
    "WORKDIR ${APP_HOME}",
    "WORKDIR sub",
    "COPY --chown=1000:1000 app/ ${APP_HOME}/",
    "COPY --from=build /out/x /out/",
    'COPY ["b", "c.tar.txt", "/some dir/"]',
    "ADD b $APP_HOME/b-$VERSION",
    "run echo one &&     echo    two   &&     echo three",
    'RUN ["mkdir", "/exec form"]',
    "RUN --mount=type=cache,target=/c echo mounted > /m",
    "RUN echo $APP_HOME | cat > /p",
)

COPIED = [(14, 14), (15, 15), (16, 16), (17, 17)]
RUN = [(23, 23), (24, 24), (26, 26)]


@pytest.mark.parametrize(
    ("history", "found"),
    [
        pytest.param(BUILDKIT, [(12, 12), (13, 13), *COPIED, (18, 22), *RUN], id="BuildKit"),
        pytest.param(CLASSIC, [(12, 12), (13, 13), *COPIED, *RUN], id="Docker's classic builder"),
        pytest.param(BUILDAH, [*COPIED, (18, 22), *RUN], id="Buildah"),
        pytest.param(KANIKO, [(12, 12), (13, 13), *COPIED, (18, 22), *RUN], id="kaniko"),
    ],
)
def test_every_layer_is_found_and_none_of_the_base_image(
    history: Sequence[str], found: list[tuple[int, int]]
) -> None:
    assert lines(EVERYTHING, *BASE, *history) == [None, *found]


def test_the_one_layer_of_buildah_without_layers_comes_from_all_lines_that_write() -> None:
    *empty, last = BUILDAH
    one = [text if text.startswith("- ") else f"- {text}" for text in empty]
    assert lines(EVERYTHING, *BASE, *one, last.removeprefix("- ")) == [None, (12, 26)]


ESCAPED = r"""# escape=`
FROM debian:bookworm
WORKDIR /
ENV D=/x
COPY b `
  /b
COPY b app/* ./
ADD b .
RUN echo a `
 # comment

 && echo "x  y" 'q' \n z
RUN   [ "echo", "a b", "$D" ]
run [ -d / ] && echo y
ENV A="${D:-none}" B='$D' C=\$D E=`$D
COPY b ${D:-/q}/x
CMD [ "a" ]
COPY app $D
"""


def test_another_escape_character_and_lists_that_are_none() -> None:
    assert lines(
        ESCAPED,
        *BASE,
        "- WORKDIR /",
        "- ENV D=/x",
        "COPY b /b # buildkit",
        "COPY b app/* ./ # buildkit",
        "ADD b . # buildkit",
        "RUN /bin/sh -c echo a  && echo \"x  y\" 'q' \\n z # buildkit",
        "RUN echo a b $D # buildkit",
        "RUN /bin/sh -c [ -d / ] && echo y # buildkit",
        r"- ENV A=/x B=$D C=\/x E=$D",
        "COPY b /x/x # buildkit",
        '- CMD ["a"]',
        "COPY app /x # buildkit",
    ) == [None, (5, 6), (7, 7), (8, 8), (9, 12), (13, 13), (14, 14), (16, 16), (18, 18)]


def test_the_classic_builder_writes_lists_without_anything_around_them() -> None:
    assert lines(
        'FROM a\nRUN ["/bin/cp", "a b", "c"]\nCOPY c /c\n', *BASE, "/bin/cp a b c", "COPY c /c # buildkit"
    ) == [None, (2, 2), (3, 3)]


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("RUN make", "RUN make # buildkit"),
        ("RUN make", "RUN /bin/sh -c make # buildkit"),
        ("COPY --link --chmod=644 a b/ /c/", "COPY --chmod=644 a b/ /c/ # buildkit"),
        ("COPY --link a /c", "/bin/sh -c #(nop) COPY --link file:0123 in /c "),
        ("ADD https://example.com/a?b=1 /a", "ADD https://example.com/a?b=1 /a # buildkit"),
        ('COPY "a" "/b c/"', "/bin/sh -c #(nop) COPY file:0123 in /b c/ "),
        ("WORKDIR /app/", "WORKDIR /app"),
        ("WORKDIR ./a/../b", "WORKDIR /app/b"),
        ('WORKDIR "/a b"', "WORKDIR /a b"),
        (r"WORKDIR C:\app", r"cmd /S /C #(nop) WORKDIR C:\app"),
        ("COPY ${A:-${B}}/x /y", "COPY /q/x /y # buildkit"),
        ('COPY "$A" $B', "COPY x y # buildkit"),
        ('SHELL ["/bin/ash", "-eo", "pipefail", "-c"]\nRUN make', "RUN /bin/ash -eo pipefail -c make"),
        ('SHELL ["powershell", "-Command"]\nRUN Get-Date', "powershell -Command Get-Date"),
        ("RUN a \\\n  # why\n\n  b", "RUN /bin/sh -c a   b # buildkit"),
        ("\tRUN\ta", "RUN /bin/sh -c a # buildkit"),
        ("RUN a \\\r\n b\r", "RUN /bin/sh -c a  b # buildkit"),
        # Edited since
        (
            "RUN apt-get install -y --no-install-recommends curl git",
            "RUN /bin/sh -c apt-get install -y --no-install-recommends curl # buildkit",
        ),
    ],
)  # fmt: skip
def test_a_line_is_found_in_what_a_builder_makes_of_it(line: str, made: str) -> None:
    text = f"FROM a\n{line}\n"
    above = line.startswith("SHELL")
    assert lines(text, *BASE, made) == [None, (2 + above, text.count("\n"))]


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("RUN make", "RUN /bin/sh -c cd x && make # buildkit"),
        ("RUN apt-get update", "RUN /bin/sh -c apt-get upgrade # buildkit"),
        ("COPY a /b", "COPY a /c # buildkit"),
        ("COPY a /b", "ADD a /b # buildkit"),
        ("COPY a /b", "/bin/sh -c #(nop) COPY file:0123 in /c "),
        ("COPY $A/a /b", "COPY x/c /b # buildkit"),
        ("COPY a$A$A /b", "COPY /b # buildkit"),
        ("WORKDIR /a", "WORKDIR /b"),
        ("WORKDIR a", "WORKDIR /b/ba"),
        ("RUN", "RUN"),
        ("ENV A=b", "ENV A=b"),
        ("RUN make", ""),
        ("RUN make", "bazel build ..."),
        ("# RUN make", "RUN /bin/sh -c make # buildkit"),
        ("RUM make", "RUN /bin/sh -c make # buildkit"),
    ],
)
def test_better_no_line_than_a_wrong_one(line: str, made: str) -> None:
    assert lines(f"FROM a\n{line}\n", *BASE, made) == [None, None]


# Here-documents, as BuildKit has them since Dockerfile 1.4

SCRIPT = "#!/bin/sh\nset -e\n# no comment\nmake"


@pytest.mark.parametrize(
    "made",
    [
        f"RUN /bin/sh -c {SCRIPT}\n # buildkit",
        f"RUN |1 A=b /bin/sh -c {SCRIPT}\n # buildkit",
        "RUN /dev/pipes/EOF # buildkit",
        "RUN /bin/sh -c <<EOF (#!/bin/sh...) # buildkit",
        f"/bin/sh -c <<EOF\n{SCRIPT}",
        f"RUN <<EOF\n{SCRIPT}\nEOF",
    ],
)
def test_a_script_in_a_here_document(made: str) -> None:
    text = f"FROM a\nRUN <<EOF\n{SCRIPT}\nEOF\nCOPY a /b\n"
    assert lines(text, *BASE, made, "COPY a /b # buildkit") == [None, (2, 7), (8, 8)]


def test_here_documents_that_a_command_reads() -> None:
    text = "FROM a\nRUN cat <<-A > /a && cat <<'B' > /b\n\tone\n\tA\nRUN no\nB\nRUN yes\n"
    first = "RUN /bin/sh -c cat <<-A > /a && cat <<'B' > /b\n\tone\nA\nRUN no\nB # buildkit"
    assert lines(text, *BASE, first, "RUN /bin/sh -c yes # buildkit") == [None, (2, 6), (7, 7)]


def test_here_documents_as_files() -> None:
    text = 'FROM a\nCOPY <<one --chmod=1 <<"two" /etc/\n1\none\nRUN 2\ntwo\nRUN yes\n'
    history = ("COPY <<one --chmod=1 <<two /etc/ # buildkit", "RUN /bin/sh -c yes # buildkit")
    assert lines(text, *BASE, *history) == [None, (2, 6), (7, 7)]


def test_what_never_ends_is_no_here_document() -> None:
    text = "FROM a\nRUN awk '{print 1 <<y }'\nRUN make\n"
    history = ("RUN /bin/sh -c awk '{print 1 <<y }' # buildkit", "RUN /bin/sh -c make # buildkit")
    assert lines(text, *BASE, *history) == [None, (2, 2), (3, 3)]


# Stages

CHAIN = """ARG KIND=dev
FROM debian:bookworm AS Base
RUN mkdir /one
COPY b /b

FROM base AS tools
RUN mkdir /two

FROM base AS app-dev
WORKDIR /
RUN mkdir /three

from app-${KIND:-prod}
COPY --from=0 /b /
COPY --from=tools /two .
"""


def test_a_stage_stands_on_others() -> None:
    assert lines(
        CHAIN,
        *BASE,
        "RUN /bin/sh -c mkdir /one # buildkit",
        "COPY b /b # buildkit",
        "- WORKDIR /",
        "RUN /bin/sh -c mkdir /three # buildkit",
        "COPY /b / # buildkit",
        "COPY /two . # buildkit",
    ) == [None, (3, 3), (4, 4), (11, 11), (14, 14), (15, 15)]


def test_another_stage_was_built() -> None:
    assert lines(
        CHAIN,
        *BASE,
        "RUN /bin/sh -c mkdir /one # buildkit",
        "COPY b /b # buildkit",
        "RUN /bin/sh -c mkdir /two # buildkit",
    ) == [None, (3, 3), (4, 4), (7, 7)]


def test_of_two_stages_alike_the_last_is_taken() -> None:
    text = "FROM a\nCOPY a /b\nFROM a\nCOPY a /b\n"
    assert lines(text, *BASE, "COPY a /b # buildkit") == [None, (4, 4)]


def test_a_shell_goes_on_in_the_stages_that_are_based_on_it() -> None:
    text = 'FROM a AS b\nSHELL ["/bin/ash", "-ec"]\nFROM b\nRUN make\n'
    history = ("- SHELL [/bin/ash -ec]", "RUN /bin/ash -ec make # buildkit")
    assert lines(text, *BASE, *history) == [None, (4, 4)]


# The base image, and Dockerfiles that are not quite the image's


def test_the_base_image_may_have_done_the_same() -> None:
    text = "FROM a\nRUN make\nCMD x\n"
    made = "RUN /bin/sh -c make # buildkit"
    assert lines(text, made, "- CMD x", made, made, '- CMD ["/bin/sh" "-c" "x"]') == [None, None, (2, 2)]


def test_a_few_lines_were_added_since() -> None:
    text = "FROM a\nRUN one\nRUN new\nRUN two\nCOPY a /new\nCMD x\n"
    history = ("RUN /bin/sh -c one # buildkit", "RUN /bin/sh -c two # buildkit")
    assert lines(text, *BASE, *history) == [None, (2, 2), (4, 4)]


def test_an_image_was_built_on_top() -> None:
    text = "FROM a\nRUN one\nRUN two\nCMD x\n"
    history = ("RUN one", "RUN two", "- CMD x", "COPY more /more # buildkit", "- CMD y")
    assert lines(text, *BASE, *history) == [None, (2, 2), (3, 3), None]


def test_one_line_that_many_have_does_not_make_it_the_dockerfile() -> None:
    text = "FROM a\nWORKDIR /app\nCOPY . .\n" + "".join(f"RUN make {number}\n" for number in range(5))
    history = ("WORKDIR /app", "COPY . . # buildkit", *(f"RUN go build ./{number}" for number in range(5)))
    assert lines(text, *BASE, *history) == [None] * 8


@pytest.mark.parametrize("text", ["", "\n", "RUN make", "FROM", "FROM a", "\0\ud800", "{}", "FROM a\nRUN \\"])
def test_a_text_that_is_no_dockerfile_matches_nothing(text: str) -> None:
    assert lines(text, *BASE, "RUN make") == [None, None]


def test_an_image_without_history_has_no_lines() -> None:
    assert map_lines("D", EVERYTHING, analyze(image(layer("a")))).by_layer == {}


def test_a_byte_order_mark_and_lines_ends_of_windows_are_no_difference() -> None:
    assert lines("\ufeff# escape=`\r\nFROM a\r\nRUN a `\r\n b\r\n", *BASE, "RUN a b") == [None, (3, 4)]


def test_the_line_of_a_layer() -> None:
    found = Lines("Dockerfile", {1: (7, 9)})
    assert [found.line(layer) for layer in (None, 0, 1)] == [None, None, 7]


# Limits


def test_more_than_a_mebibyte_is_refused() -> None:
    measured = analysis("RUN make")
    assert map_lines("D", "\n" * (1 << 20), measured).by_layer == {}
    with pytest.raises(LimitError, match="D is larger than 1 MiB"):
        map_lines("D", "\n" * (1 << 20) + "\n", measured)


def test_of_very_many_the_last_are_mapped() -> None:
    text = "FROM a\n" + "".join(f"RUN make {number}\n" for number in range(1000))
    found = lines(text, *(f"RUN make {number}" for number in range(1000)))
    assert found == [None] * 750 + [(number + 2, number + 2) for number in range(750, 1000)]


WORDS = " ".join(f"word{number}" for number in range(120))
HOSTILE_TEXTS = {
    "one line": "RUN " + "x" * (1 << 20),
    "words": "RUN " + "x " * (1 << 19),
    "continued": "RUN " + "a\\\n" * (1 << 18),
    "flags": "COPY " + "--a " * (1 << 18),
    "many flags": ("COPY " + "--a " * 15_000 + "\n") * 16,
    "empty lines": "\n" * (1 << 20),
    "stages": "RUN x\n" * 250 + "FROM a AS a\n" * 80_000,
    "instructions": "RUN x\n" * 170_000,
    "here-documents": "RUN <<A\n" * 120_000,
    "here-documents that end": "RUN <<A <<A <<A\nA\n" * 50_000,
    "names of here-documents": "RUN " + "<<A " * (1 << 18),
    "lists": ("RUN " + "[" * 3900 + "\n") * 260,
    "variables": ("COPY " + "$aa" * 1300 + "\n") * 260,
    "nested variables": ("COPY " + "${" * 1000 + "}" * 1000 + "\n") * 300,
    "variables and words": ("COPY " + ("a" * 30 + "$b") * 120 + "\n") * 260,
    "quotes": ("COPY " + "\"'" * 2000 + "\n") * 260,
    "arguments": "ARG A=" + "$A" * 30_000 + "\nFROM " + "$A" * 30_000,
    "alike": "".join(f"RUN {WORDS} {number} a b\n" for number in range(900)),
}
HOSTILE_STEPS = {
    "many": ["RUN /bin/sh -c make # buildkit"] * 100_000,
    "long": ["RUN " + " " * 1_000_000 + "x"] * 16,
    "arguments": ["|2 " + "a b " * 15_000] * 250,
    "summaries": ["COPY " + "file:a" * 10_000] * 250,
    "quotes": ["COPY " + '"a" ' * 15_000] * 250,
    "a": ["COPY " + "a" * 70_000] * 250,
    "alike": [f"RUN {WORDS} {number} c d" for number in range(250)],
}


@pytest.fixture(scope="module")
def hostile_images() -> dict[str, Analysis]:
    return {name: analysis(*(f"- {step}" for step in steps)) for name, steps in HOSTILE_STEPS.items()}


@pytest.mark.parametrize("kind", HOSTILE_TEXTS)
def test_hostile_texts_take_bounded_time(kind: str, hostile_images: dict[str, Analysis]) -> None:
    """Half a second at the worst here, most of it for the table; what is quadratic would take minutes."""
    text = f"FROM a AS a\n{HOSTILE_TEXTS[kind]}"[: 1 << 20]
    measured = hostile_images["alike" if kind == "alike" else "a"]
    begun = time.process_time()
    map_lines("Dockerfile", text, measured)
    assert time.process_time() - begun < 3


@pytest.mark.parametrize("kind", HOSTILE_STEPS)
def test_hostile_histories_take_bounded_time(kind: str, hostile_images: dict[str, Analysis]) -> None:
    text = "FROM a\n" + "RUN make\nCOPY a $b\n" * 125
    begun = time.process_time()
    map_lines("Dockerfile", text, hostile_images[kind])
    assert time.process_time() - begun < 3


PARTS = (
    *(
        "FROM a AS b\n",
        "FROM b\n",
        "RUN ",
        "COPY ",
        "WORKDIR ",
        "ENV ",
        "SHELL ",
        "# escape=`\n",
        "ARG A=b\n",
    ),
    *(
        "\\\n",
        "`\n",
        "\n",
        "<<EOF",
        "EOF\n",
        '["a", "b"]',
        "[",
        "$A",
        "${A:-",
        "}",
        "--from=x ",
        "make",
        " ",
        "'",
    ),
    *('"', "#", "\0", "\ud800", "\r\n", "file:ab in ", "… ", "/", "ONBUILD "),
)
TEXTS = st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=3)), max_size=20).map("".join)


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(TEXTS, st.lists(TEXTS, max_size=4))
def test_lines_of_any_text_are_lines_of_it_and_in_order(text: str, history: list[str]) -> None:
    found = [pair for pair in lines(f"FROM a\n{text}", *history) if pair]
    assert all(1 < first <= last <= text.count("\n") + 2 for first, last in found)
    assert found == sorted(found)
    assert all(one[1] < two[0] for one, two in pairwise(found))

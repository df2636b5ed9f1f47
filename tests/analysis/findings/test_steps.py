"""Findings about steps: each with a history that has the mistake, and one that comes near it."""

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.findings.catalogue import PATH_RULES
from layerscope.analysis.findings.finding import Evidence, Finding, Severity
from layerscope.analysis.findings.inventory import take_inventory
from layerscope.analysis.findings.own_steps import own_steps
from layerscope.analysis.findings.recommended import RECOMMENDED, find_in_installs, look_at_installs
from layerscope.analysis.findings.step_subjects import SUBJECTS
from layerscope.analysis.findings.steps import find_in_steps
from layerscope.analysis.model import HistoryStep, Layer

from tests.models import image, layer

BASE = ("ADD rootfs.tar.xz /", layer("etc/debian_version:5", "bin/sh:100000000"))
BIG = layer("usr/lib/big:30000000")
SMALL = layer("etc/small:10")

Told = str | tuple[str, Layer]
"""A step, and what it stores; without that it makes no layer."""


def analysed(*told: Told, env: Sequence[str] = (), base: tuple[str, Layer] = BASE) -> Analysis:
    """An image of these steps on top of a base image of one layer."""
    steps = [base, *told]
    history = tuple(
        HistoryStep(created_by=step, empty_layer=True) if isinstance(step, str) else HistoryStep("", step[0])
        for step in steps
    )
    layers = [step[1] for step in steps if not isinstance(step, str)]
    return analyze(replace(image(*layers, history=history), config={"Env": list(env)}))


def found(analysis: Analysis) -> list[Finding]:
    steps = own_steps(analysis)
    in_steps = find_in_steps(analysis, steps, take_inventory(analysis, PATH_RULES))
    return [*find_in_installs(analysis, look_at_installs(analysis, steps)), *in_steps]


def ids(*told: Told) -> list[str]:
    return [one.id for one in found(analysed(*told))]


def only(analysis: Analysis, identity: str) -> Finding:
    (one,) = (one for one in found(analysis) if one.id == identity)
    return one


def run(text: str) -> tuple[str, Layer]:
    """A RUN that stores a lot."""
    return f"RUN /bin/sh -c {text} # buildkit", BIG


SOURCES = layer("app/main.py:9000", "app/setup.py:10", "app/.git/config:5")
MANIFEST = layer("app/requirements.txt:9")
LISTS = layer("var/lib/apt/lists/main:3000000", "usr/bin/curl:200000")

MISTAKES: dict[str, tuple[tuple[Told, ...], ...]] = {
    "apt-recommends": (
        (run("apt-get update && apt-get install -y curl"),),
        (run("DEBIAN_FRONTEND=noninteractive apt -qq install curl >/dev/null 2>&1"),),
        (("/bin/sh -c sudo apt-get install curl", BIG),),
        (("|1 A=b /bin/sh -c apt-get install curl", BIG),),
    ),
    "update-alone": (
        (run("apt-get update"),),
        (run("apk update"), run("apk add --no-cache curl")),
        (run("set -ex; apt-get update -qq; rm -f /x"),),
        (run("dnf makecache"), run("dnf install -y curl")),
        (run("zypper refresh"), run("zypper in -y curl")),
    ),
    "install-without-cleaning": (
        (("RUN apt-get update && apt-get install -y --no-install-recommends curl", LISTS),),
        (("RUN pip install django", layer("root/.cache/pip/http/a:2000000")),),
        (("RUN python3 -m pip install django", layer("home/me/.cache/pip/http/a:2000000")),),
    ),
    "npm-install": (
        (run("npm install"),),
        (run("cd /app && npm i webpack && npm run build"),),
    ),
    "copy-before-install": (
        (("COPY . . # buildkit", SOURCES), run("pip install -r requirements.txt")),
        (("COPY . /app", SOURCES), run("npm ci --omit=dev")),
        (("/bin/sh -c #(nop) COPY dir:1f in /app/ ", SOURCES), run("apk add --no-cache curl")),
        (("COPY src /app", layer("app/a.py:1", "app/b.py:1")), run("pip install -r requirements.txt")),
    ),
    "many-small-steps": (tuple((f"RUN touch /{number}", SMALL) for number in range(5)),),
    "add-for-copy": (
        (("ADD app.py /app/", SMALL),),
        (("ADD --chown=1:1 src/ conf.ini /app/ # buildkit", SMALL),),
        (("ADD bundle.zip /app/", SMALL),),
        (("/bin/sh -c #(nop) ADD dir:1f in /app ", SMALL),),
        (("/bin/sh -c #(nop) ADD file:1f in /etc/small ", SMALL),),
    ),
    "add-url": ((("ADD https://example.com/tool.tar.gz /opt/", SMALL),),),
    "huge-layer": (
        (("RUN make", layer("a:1000000000")),),
        (("RUN make", layer("a:250000000")), ("RUN true", SMALL)),
    ),
    "after-volume": (
        ('VOLUME ["/data"]', ("COPY a /data/", layer("data/a:5"))),
        ("/bin/sh -c #(nop)  VOLUME [/logs /data]", ("RUN make", layer("data/below/a:5"))),
        ("VOLUME /data", ("RUN make", layer("data/b:5"))),
    ),
    "distribution-upgrade": (
        (run("apt-get update && apt-get -y upgrade"),),
        (run("apt-get dist-upgrade -y >/dev/null 2>&1"),),
        (run("apk --no-cache upgrade"),),
        (run("yum -y update"),),
    ),
    "piped-to-shell": (
        (run("curl -fsSL https://example.com/install.sh | sh -s -- --yes"),),
        (run("set -e; wget -qO- https://example.com/x | tee /x | sudo bash"),),
        (run("bash <(curl -s https://example.com/x)"),),
        (run('sh -c "$(curl -fsSL https://example.com/x)"'),),
    ),
}
"""Steps on top of a base image, by what is to be found in them."""

NEAR_MISSES: dict[str, tuple[tuple[Told, ...], ...]] = {
    "apt-recommends": (
        (run("apt-get update && apt-get install -y --no-install-recommends curl"),),
        (run("echo 'APT::Install-Recommends \"0\";' > /etc/apt/apt.conf.d/x"), run("apt-get install curl")),
        (run("apt-get remove curl"),),
        (run("echo to apt-get install"),),
        ("RUN apt-get install curl",),  # it made no layer: the image was squashed
    ),
    "update-alone": (
        (run("apt-get update && apt-get install -y curl"),),
        (run("apt-get update && apt-get upgrade -y"),),
        (run("apk add --no-cache curl"),),
        (run("update-ca-certificates"),),
    ),
    "install-without-cleaning": (
        (run("apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*"),),
        (("RUN apt-get update", LISTS),),
        (run("pip install django"),),
        (("RUN cp -r cache /root", layer("root/.cache/pip/http/a:2000000")),),
    ),
    "npm-install": (
        (run("npm ci --omit=dev"),),
        (run("npm install --omit=dev"),),
        (run("npm install -g npm@10"),),
        (run("npm run install"),),
        (run("yarn install"),),
    ),
    "copy-before-install": (
        (
            ("COPY requirements.txt ./", MANIFEST),
            run("pip install -r requirements.txt"),
            ("COPY . .", SOURCES),
        ),
        (("COPY . .", SOURCES), run("make")),
        (("COPY . .", SOURCES), run("pip install .")),
        (("COPY setup.py .", layer("app/setup.py:10")), run("pip install -r requirements.txt")),
        (("COPY --from=build /app /app", SOURCES), run("apt-get install curl")),
        (("COPY requirements/ /app/", MANIFEST), run("pip install -r requirements/all.txt")),
    ),
    "many-small-steps": (
        tuple((f"RUN touch /{number}", SMALL) for number in range(4)),
        (
            *((f"RUN touch /{number}", SMALL) for number in range(3)),
            ("COPY a /a", SMALL),
            *((f"RUN touch /{number}", SMALL) for number in range(3)),
        ),
        tuple((f"RUN make {number}", BIG) for number in range(9)),
    ),
    "add-for-copy": (
        (("ADD app.tar.gz /app/", SMALL),),
        (("ADD https://example.com/a.py /app/", SMALL),),
        (("ADD https://github.com/example/tool.git#v1 /src", SMALL),),
        (("COPY app.py /app/", SMALL),),
        (("/bin/sh -c #(nop) ADD file:1f in / ", SMALL),),
        (("/bin/sh -c #(nop) ADD multi:1f in /etc/ ", SMALL),),
    ),
    "add-url": (
        (("ADD --checksum=sha256:1f https://example.com/a /a", SMALL),),
        (("ADD https://github.com/example/tool.git#v1 /src", SMALL),),
        (("ADD a /a", SMALL),),
    ),
    "huge-layer": (
        (("RUN make", layer("a:250000000")),),
        (("RUN make", layer("a:150000000")), ("RUN true", SMALL)),
    ),
    "after-volume": (
        (("COPY a /data/", layer("data/a:5")), "VOLUME /data"),
        ("VOLUME /data", ("RUN make", layer("database/a:5"))),
        ("VOLUME /data", ("RUN mkdir /data/x", layer("data/x/"))),
        ("VOLUME /data", ("RUN make", layer("data/a:5")), ("RUN rm /data/a", layer("data/.wh.a"))),
    ),
    "distribution-upgrade": (
        (run("yum update -y openssl"),),
        (run("apk upgrade openssl"),),
        (run("apt-get update"),),
    ),
    "piped-to-shell": (
        (run("curl -fsSL https://example.com/a.tar.gz | tar -xz"),),
        (run("curl -o x https://example.com/x && sh x"),),
        (run("cat x | sh"),),
    ),
}
"""What looks like it and is none."""


@pytest.mark.parametrize(
    ("identity", "steps"), [(identity, steps) for identity, all_ in MISTAKES.items() for steps in all_]
)
def test_a_mistake_is_found_once(identity: str, steps: tuple[Told, ...]) -> None:
    assert ids(*steps).count(identity) == 1


@pytest.mark.parametrize(
    ("identity", "steps"), [(identity, steps) for identity, all_ in NEAR_MISSES.items() for steps in all_]
)
def test_what_comes_near_it_is_none(identity: str, steps: tuple[Told, ...]) -> None:
    assert identity not in ids(*steps)


def test_every_subject_is_found_here_and_has_a_near_miss() -> None:
    known = {subject.id for subject in (*SUBJECTS, RECOMMENDED)}
    assert MISTAKES.keys() | {"larger-base"} == NEAR_MISSES.keys() | {"larger-base"} == known


def test_the_steps_of_the_base_image_are_not_looked_at() -> None:
    base = ("RUN apt-get update && apt-get upgrade -y && apt-get install -y curl | sh", LISTS)
    assert found(analysed(("COPY a /a", SMALL), base=base)) == []


def test_a_well_made_image_has_none() -> None:
    lean = "apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*"
    assert (
        ids(
            "ENV A=b",
            run(lean),
            "WORKDIR /app",
            ("COPY requirements.txt ./", MANIFEST),
            run("pip install --no-cache-dir -r requirements.txt"),
            ("COPY . .", SOURCES),
            "USER 1000",
            'VOLUME ["/data"]',
            'CMD ["python", "main.py"]',
        )
        == []
    )


def test_the_layer_and_the_text_of_a_step_are_the_evidence() -> None:
    one = only(analysed(run("apt-get install -y curl")), "apt-recommends")
    assert (one.saved, one.more, one.layers, one.severity) == (0, 0, (1,), Severity.LOW)
    assert one.evidence == (Evidence(b"", 30_000_000, 0, 1, "RUN apt-get install -y curl"),)


def test_little_that_was_installed_is_only_worth_knowing() -> None:
    analysis = analysed(("RUN apt-get install -y curl", SMALL))
    assert only(analysis, "apt-recommends").severity is Severity.INFO


FIXES: dict[str, tuple[tuple[Told, ...], str]] = {
    "apt-recommends": (
        (run("apt-get update && apt-get -q install -y curl"),),
        "RUN apt-get update && apt-get -q install --no-install-recommends -y curl\n"
        "# and by name, what of the recommended packages the image needs",
    ),
    "update-alone": (
        (run("apt-get update"), ("COPY a /a", SMALL), run("apt-get install -y curl")),
        "RUN apt-get update \\\n && apt-get install --no-install-recommends -y curl \\\n"
        " && rm -rf /var/lib/apt/lists/* /var/cache/apt/*",
    ),
    "copy-before-install": (
        (("COPY . /app # buildkit", SOURCES), run("npm ci"), run("pip install -r requirements.txt")),
        "COPY package.json package-lock.json requirements.txt ./\nRUN npm ci\n"
        "RUN pip install -r requirements.txt\nCOPY . /app",
    ),
    "many-small-steps": (
        tuple((f"RUN touch /{number}", SMALL) for number in range(5)),
        "RUN touch /0 \\\n && touch /1 \\\n && touch /2 \\\n && touch /3 \\\n && touch /4",
    ),
    "add-for-copy": ((("ADD --chown=1:1 a.py /app/", SMALL),), "COPY --chown=1:1 a.py /app/"),
    "after-volume": (
        ("VOLUME /data", ("RUN make", layer("data/b:5"))),
        "# behind the steps that write there:\nVOLUME /data",
    ),
}


@pytest.mark.parametrize("identity", FIXES)
def test_the_fix_has_the_command_of_the_step(identity: str) -> None:
    steps, fix = FIXES[identity]
    assert only(analysed(*steps), identity).fix == fix


def test_dependencies_named_in_the_step_take_no_manifest() -> None:
    steps = (("/bin/sh -c #(nop) COPY dir:1f in /app/ ", SOURCES), run("pip install django"))
    assert only(analysed(*steps), "copy-before-install").fix == "RUN pip install django\nCOPY SOURCE /app/"


def test_what_a_step_left_behind_is_counted_where_it_lies() -> None:
    step = "RUN apt-get update && apt-get install -y --no-install-recommends curl"
    one = only(analysed((step, LISTS), ("RUN true", SMALL)), "install-without-cleaning")
    assert (one.saved, one.layers) == (0, (1,))
    assert one.evidence == (Evidence(b"", 3_000_000, 0, 1, step),)
    assert "rm -rf /var/lib/apt/lists/*" in one.fix


def test_files_added_to_a_volume_are_told_by_layer() -> None:
    steps = (
        "VOLUME /data",
        ("COPY a /data/", layer("data/a:5", "data/b:7")),
        ("RUN make", layer("data/c:9")),
    )
    one = only(analysed(*steps), "after-volume")
    assert one.layers == (1, 2)
    assert one.evidence == (
        Evidence(b"data", 12, 2, 1, "COPY a /data/"),
        Evidence(b"data", 9, 1, 2, "RUN make"),
    )


PYTHON = layer("etc/debian_version:5", "usr/bin/hg:10", "usr/lib/gcc/cc1:5000", "usr/include/stdio.h:100")


@pytest.mark.parametrize(
    ("variable", "variant"),
    [
        ("PYTHON_VERSION=3.12.4", "python:3.12"),
        ("NODE_VERSION=20.11.0", "node:20"),
        ("RUBY_VERSION=3.3.1", "ruby:3.3"),
    ],
)
def test_an_official_image_has_a_slim_variant(variable: str, variant: str) -> None:
    analysis = analysed(("COPY a /a", SMALL), env=["PATH=/bin", variable], base=("ADD rootfs.tar /", PYTHON))
    one = only(analysis, "larger-base")
    assert (one.fix, one.severity, one.layers) == (f"FROM {variant}-slim", Severity.INFO, (0,))
    assert one.evidence == (Evidence(b"usr/lib/gcc", 5000, 1, 0), Evidence(b"usr/include", 100, 1, 0))


@pytest.mark.parametrize(
    "variable", ["PYTHON_VERSION=3.12 \x1b[31m", "GOLANG_VERSION=1.22", "PYTHON_VERSION"]
)
def test_other_versions_name_no_variant(variable: str) -> None:
    base = ("ADD rootfs.tar /", PYTHON)
    assert found(analysed(("COPY a /a", SMALL), env=[variable], base=base)) == []


def test_debian_with_manual_pages_has_a_slim_variant() -> None:
    full = ("ADD rootfs.tar /", layer("etc/debian_version:5", "usr/share/man/man1/ls.1.gz:90"))
    one = only(analysed(("COPY a /a", SMALL), base=full), "larger-base")
    assert (one.fix, one.evidence) == ("FROM debian:RELEASE-slim", (Evidence(b"usr/share/man", 90, 1, 0),))


@pytest.mark.parametrize(
    "base",
    [
        layer("etc/debian_version:5", "usr/share/doc/bash/copyright:90"),
        layer("usr/share/man/man1/ls.1.gz:90"),
        layer("etc/debian_version:5", "etc/dpkg/origins/ubuntu:9", "usr/share/man/man1/ls.1.gz:90"),
    ],
)
def test_a_slim_base_and_another_distribution_have_none(base: Layer) -> None:
    assert found(analysed(("COPY a /a", SMALL), base=("ADD rootfs.tar /", base))) == []


def test_manual_pages_of_the_users_own_are_not_the_bases() -> None:
    assert ids(("COPY man /usr/share/man", layer("usr/share/man/man1/tool.1:90"))) == []


BROKEN = (
    *("RUN ", "RUN |", "RUN && ;; ||", "RUN (", "RUN A=b", "RUN apt-get", "RUN npm", "RUN yarn"),
    *(
        "RUN \udc80 apt-get install",
        "RUN python -m pip",
        "ADD",
        "ADD ",
        "COPY",
        "COPY .",
        "VOLUME",
        "VOLUME [",
    ),
)


@pytest.mark.parametrize("text", BROKEN)
def test_broken_steps_break_nothing(text: str) -> None:
    assert isinstance(ids((text, SMALL), text, run("apt-get install -y curl")), list)


def test_many_long_steps_take_no_long_time() -> None:
    step = "RUN " + "apt-get update;" * 100_000
    analysis = analysed(*((step, SMALL) for _ in range(50)))
    start = time.process_time()
    assert len(found(analysis)) == 51
    assert time.process_time() - start < 2

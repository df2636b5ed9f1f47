"""Two images to be compared, whose files can be read."""

import json
from dataclasses import replace

from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.findings.finding import Evidence, Finding, Severity
from layerscope.analysis.model import HistoryStep, Layer

from tests import models
from tests.analysis.packages.test_dpkg import package
from tests.tui.files import Item, layer, with_findings

CONF = b"host = localhost\nport = 80\nlog = on\n"
BASE = replace(
    layer(("bin/sh", b"s" * 9_000), ("etc/os-release", b"ID=x\n"), ("etc/conf", CONF)), diff_id="sha256:base"
)


def packages(**versions: str) -> list[Item]:
    """Debian's database, in which each package has one file."""
    status = b"\n".join(package(name, version=version) for name, version in versions.items())
    lists: list[Item] = [
        (f"var/lib/dpkg/info/{name}.list", f"/.\n/usr/lib/{name}\n".encode()) for name in versions
    ]
    return [("var/lib/dpkg/status", status), *lists]


def module(name: str, version: str, size: int) -> list[Item]:
    """A package of npm."""
    manifest = json.dumps({"version": version}).encode()
    return [
        (f"app/node_modules/{name}/package.json", manifest),
        (f"app/node_modules/{name}/i.js", b"j" * size),
    ]


def finding(name: str, saved: int, *layers: int, severity: Severity = Severity.MEDIUM) -> Finding:
    places = (Evidence(b"usr/lib/curl", saved, 1, layers[0]),) if layers else ()
    title = f"What {name} leaves behind"
    return Finding(name, title, severity, layers, places, 0, saved, "It is so. It costs.", f"RUN less {name}")


def image(name: str, *steps: tuple[str, Layer], config: dict[str, object], **more: object) -> Analysis:
    """An image on the base, with the steps that made its layers."""
    history = [HistoryStep(created_by="ADD debian"), *(HistoryStep(created_by=step) for step, _ in steps)]
    layers = (replace(made, diff_id=f"sha256:{name}-{number}") for number, (_, made) in enumerate(steps))
    whole = models.image(BASE, *layers, history=tuple(history))
    told = replace(whole, reference=f"{name}.tar", tags=(f"app:{name}",), config=config, **more)  # type: ignore[arg-type]
    return analyze(told, keep_past=True)


def pair() -> tuple[Analysis, Analysis]:
    """Every kind of difference: of steps, directories, packages, files, settings and findings."""
    before = image(
        "1",
        (
            "RUN apt-get install -y curl less",
            layer(
                *packages(curl="7.88.1-10", less="590-2", zlib="1.2"),
                ("usr/lib/curl", b"c" * 300_000), ("usr/lib/less", b"l" * 80_000), ("usr/lib/zlib", b"z" * 7),
                ("var/lib/apt/lists/main", b"m" * 50_000),
            ),
        ),
        (
            "COPY . /app",
            layer(*module("ms", "2.0.0", 2_000), ("app/main", b"1" * 900), ("app/tool", b"t" * 60)),
        ),
        ("RUN make test", layer(("tmp/result", b"r" * 700))),
        config={"Env": ["PATH=/bin", "TOKEN=hunter2"], "Labels": {"version": "1.0"}},
    )  # fmt: skip
    after = image(
        "2",
        (
            "RUN apt-get install -y curl git",
            layer(
                *packages(curl="8.1.0-2", git="1:2.39", zlib="1.2"),
                ("usr/lib/curl", b"d" * 420_000), ("usr/lib/git", b"g" * 900_000), ("usr/lib/zlib", b"z" * 9),
                ("var/lib/apt/lists/main", b"m" * 50_000),
            ),
        ),
        (
            "COPY . /app",
            layer(
                *module("ms", "2.1.3", 2_500), ("app/main", b"1" * 900),
                (models.entry("app/tool", mode=0o755), b"t" * 60), ("etc/conf", CONF.replace(b"80", b"8080")),
            ),
        ),
        config={"Env": ["PATH=/usr/bin"], "User": "app", "Labels": {"version": "1.1"}},
    )  # fmt: skip
    return (
        with_findings(before, finding("apt", 50_000, 1), finding("make", 700, 3)),
        with_findings(
            after, finding("apt", 51_000, 1), finding("root", 0, severity=Severity.HIGH), finding("npm", 9, 2)
        ),
    )

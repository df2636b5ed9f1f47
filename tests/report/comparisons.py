"""Comparisons whose reports stand in the tests as literals."""

from dataclasses import replace

from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.comparison import Comparison, compare
from layerscope.analysis.findings.finding import Finding, Severity
from layerscope.analysis.model import HistoryStep, Image

from tests.models import entry, image, layer

BASE = layer("bin/sh:100000", "etc/os:10", diff_id="sha256:base", compressed=60)


def one(
    name: str,
    *steps: tuple[str, tuple[object, ...], int],
    config: dict[str, object],
    findings: tuple[Finding, ...],
) -> Analysis:
    """An image on the base: commands, what they store, and how large that is packed."""
    layers = [
        layer(*items, diff_id=f"sha256:{name}-{number}", compressed=packed)  # type: ignore[arg-type]
        for number, (_, items, packed) in enumerate(steps)
    ]
    history = (HistoryStep(created_by="ADD debian"), *(HistoryStep(created_by=step[0]) for step in steps))
    found = analyze(
        replace(
            image(BASE, *layers, history=history),
            reference=f"{name}.tar",
            id=f"sha256:{name}",
            tags=(f"app:{name}",),
            config=config,
        )
    )
    vars(found)["findings"] = findings  # where a cached property keeps what it has computed
    return found


def _bare(of: Image) -> Analysis:
    """The analysis, without findings."""
    found = analyze(of)
    vars(found)["findings"] = ()
    return found


def finding(name: str, saved: int, *layers: int) -> Finding:
    return Finding(name, f"What {name} leaves", Severity.LOW, layers, (), 0, saved, "So. So.", "RUN better")


def comparison() -> Comparison:
    """Every kind of difference there is, once or a few times."""
    before = one(
        "old",
        ("RUN apt-get install python3", ("usr/python:5000", "usr/less:3000", "var/lists:2000"), 4000),
        ("RUN make test", ("tmp/result:700",), 300),
        ("COPY src /app", ("app/main:40", "app/tool:60"), 50),
        config={"Env": ["PATH=/bin", "TOKEN=hunter2"], "User": "", "Labels": {"version": "1.0"}},
        findings=(finding("apt", 2000, 1), finding("make", 700, 2)),
    )
    after = one(
        "new",
        ("RUN apt-get install python3 npm", ("usr/python:5000", "usr/npm:9000", "usr/less:1000"), 7000),
        ("COPY src /app", ("app/main:45", entry("app/tool:60", mode=0o755)), 52),
        ("RUN rm", ("app/.wh.main",), 5),
        config={"Env": ["PATH=/usr/bin"], "User": "app", "Cmd": ["run"], "Labels": {"version": "1.1"}},
        findings=(finding("apt", 2500, 1), finding("rm", 45, 3)),
    )
    return compare(before, after)


def same() -> Comparison:
    """Of an image and itself."""
    found = comparison().before
    return compare(found, found)


def hostile(text: str) -> Comparison:
    """Images that say `text` wherever they can."""
    raw = text.encode("utf-8", "surrogatepass")[:2000]
    config: dict[str, object] = {"User": text, "Env": [f"{text}=v"], "Labels": {text: text}, "Cmd": [text]}
    said = Finding(text, text, Severity.HIGH, (0,), (), 0, 5, text, text)
    history = tuple(HistoryStep(text, f"RUN {text}", text, text) for _ in range(2))
    names = [entry(f"x:{9000 + n}")._replace(name=b"d%d/" % n + raw) for n in range(13)]
    sides = []
    for size, config_of in ((1, {}), (2, config)):
        files = [one._replace(size=one.size * size) for one in names[size:]]
        made = replace(
            image(layer(*files, diff_id=f"{text}{size}"), layer(f"y:{size}"), history=history),
            reference=text,
            tags=(text, text, text, text),
            platform=text,
            created=f"{text}{size}",
            config=config_of,
        )
        sides.append(analyze(made))
    vars(sides[0])["findings"], vars(sides[1])["findings"] = (), (said,)
    return compare(*sides)


def compared(before: Analysis, after: Analysis) -> Comparison:
    """Of any two."""
    return compare(before, after)


def many_settings(count: int) -> Comparison:
    """Only of settings: a user, a command, `count` variables."""
    before = comparison().before
    long = "VALUE" * 30
    config = {"User": long, "Cmd": ["walk", long], "Env": [f"NAME{number:04}=x" for number in range(count)]}
    was = replace(before.image, config={"Cmd": ["run", long]})
    return compare(_bare(was), _bare(replace(was, config=config)))

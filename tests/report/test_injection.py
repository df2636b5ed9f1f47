"""Hostile names, commands, tags, rules and errors: harmless in every format, and read back by its readers."""

import csv
import datetime
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.dockerfile import Lines
from layerscope.analysis.growth import measure_growth
from layerscope.analysis.model import HistoryStep
from layerscope.gate.accept import Accept
from layerscope.gate.config import Config, Section
from layerscope.gate.gate import Gate
from layerscope.gate.setting import Setting
from layerscope.report.formats import BY_NAME
from layerscope.report.subject import Failure, Run, Subject

from tests.models import entry, image, layer

HOSTILE = [
    "new\nline\r\n",
    "\n::error::owned",
    "\r::set-output name=a::b",
    "x##[add-mask]y ##vso[task]z",
    "a|b\\|c",
    "`x` ``@user #1",
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "</details></pre></code>\n\n# title",
    "]]> --> <!-- layerscope -->",
    "\x00\x01\x0b\x1b[2J\x07\x7f\x85\ufffe\uffff",
    "\u202egnp.exe\u2066\u200b\u2028\u2029",
    "half \ud800 \udcff",
    "\"quoted\" 'single' & &amp; &#10;",
    "=cmd|' /C calc'!A0",
    "+1 -1 @x\t,;",
    "deep/" * 300 + "name",
    "{}%n%0A{0}${x}$(id)",
]


def hostile_run(text: str, *, several: bool) -> Run:
    """An image that says `text` wherever it can, judged by a file that does too."""
    raw = text.encode("utf-8", "surrogatepass")
    file = entry("x:9000")._replace(name=b"etc/" + raw, mode=0o4755)
    changed = file._replace(uid=1)
    one = replace(
        image(
            layer(file, diff_id=text),
            layer(changed, entry("y:100")._replace(name=raw), diff_id="b"),
            layer(entry("x")._replace(name=b".wh." + raw.rpartition(b"/")[2])),
            history=tuple(HistoryStep(text, f"RUN {text}", text, text) for _ in range(3)),
        ),
        reference=text,
        tags=(text,),
        platform=text,
        created=text,
        config={"User": text, "Labels": {text: text}},
        id=text,
    )
    analysis = analyze(one)
    rules = {
        "min-efficiency": Setting(fail=1.0),
        "max-metadata-only-bytes": Setting(fail=1),
        "forbidden-paths-ever": Setting(warn=("etc", text[:1000])),
        "no-setuid": Setting(fail=True),
        "no-root-user": Setting(warn=True),
        "max-stored-growth": Setting(fail=None, warn=None),
    }
    expired = Accept((text,), text, frozenset(), datetime.date(2020, 1, 1), f"{text}: accept 1")
    unused = Accept(("/none",), text, frozenset(), None, f"{text}: accept 2")
    gate = Gate(datetime.date(2026, 1, 1), Config(text, Section(rules, (expired, unused))))
    growth = measure_growth(analyze(replace(image(layer("a:5")), reference=text)), analysis)
    (judgement,) = gate.judge([(analysis, growth)])
    subject = Subject(analysis, replace(judgement, origin=text), growth, Lines(text, {1: (3, 4)}))
    return Run((subject, subject, Failure(text, f"because {text}")) if several else (subject,))


class _Strict(HTMLParser):
    """Which elements and attributes a page has."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {(tag, ""), *((tag, name) for name, _ in attrs)}


def elements(page: str) -> set[tuple[str, str]]:
    parser = _Strict()
    parser.feed(page)
    return parser.found


def _check_html(text: str) -> None:
    assert not {name for _, name in elements(text) if name.startswith("on")}
    assert not {tag for tag, _ in elements(text)} & {"img", "iframe", "object", "base"}
    assert text.count("<script") == 2


def _check_csv(text: str) -> None:
    rows = list(csv.reader(io.StringIO(text)))
    assert {len(row) for row in rows} == {11}
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@" and cell]


def _check_metrics(text: str) -> None:
    assert text.endswith("# EOF\n")
    value = r'[a-z_]+(\{([a-z_]+="([^"\\\n]|\\[\\"n])*",?)+\})? -?[0-9.e+]+'
    assert [line for line in text.splitlines() if line[0] != "#" and not re.fullmatch(value, line)] == []


def _check_folded(text: str) -> None:
    assert [line for line in text.splitlines() if not re.fullmatch(r"[^;]+(;[^;]+)* \d+", line)] == []


def _check_markdown(text: str) -> None:
    bare = re.sub(r"<code>[^<>|`\n]*</code>", "", text)
    assert set(re.findall(r"<[^>]*>", bare)) <= {
        *("<details>", "</details>", "<summary>", "</summary>", "<!-- layerscope -->"),
        *("<p>", "</p>", "<b>", "</b>", "<pre>", "</pre>"),
    }
    assert bare.count("<!--") == 1


def _check_json(text: str) -> None:
    json.loads(text)


def _check_xml(text: str) -> None:
    ElementTree.fromstring(text)


def _check_github(text: str) -> None:
    assert [line for line in text.splitlines() if not re.match("::(error|warning|notice) ", line)] == []


READERS: dict[str, Callable[[str], None]] = {
    "json": _check_json, "json with entries": _check_json, "sarif": _check_json, "gitlab": _check_json,
    "ncdu": _check_json, "junit": _check_xml, "html": _check_html, "csv": _check_csv,
    "openmetrics": _check_metrics, "folded": _check_folded, "markdown": _check_markdown,
    "github": _check_github,
}  # fmt: skip


@pytest.mark.parametrize("number", range(len(HOSTILE)))
@pytest.mark.parametrize("name", [name for name in BY_NAME if name != "dive-json"])
def test_whatever_an_image_says_is_harmless_in_every_format(name: str, number: int) -> None:
    """But for dive's own export, whose bytes are dive's."""
    several = BY_NAME[name].holds_many
    out = io.StringIO()
    BY_NAME[name].write(hostile_run(HOSTILE[number], several=several), out)
    text = out.getvalue()
    text.encode()  # no half surrogates
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "##[" not in text
    assert "##vso[" not in text
    assert name == "github" or not [line for line in text.split("\n") if re.match(r"\s*::[^:]*::", line)]
    assert "<script>alert" not in text or name not in ("html", "junit", "markdown")
    if name in READERS:
        READERS[name](text)

"""The HTML report: what its page says without a script, what the script gets, and what names may not do."""

import base64
import datetime
import hashlib
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.dockerfile import Lines
from layerscope.analysis.growth import measure_growth
from layerscope.analysis.model import HistoryStep
from layerscope.errors import SourceError
from layerscope.gate.accept import Accept, Accepts
from layerscope.gate.verdicts import Evidence, Judgement, Outcome, Verdict
from layerscope.report import json_report
from layerscope.report.html import document as html
from layerscope.report.saved import report as saved_report
from layerscope.report.subject import Subject

from tests.models import Unread, image, layer
from tests.report.sample import ADVICE, advised, named, sample

ELEMENTS = {
    "html", "head", "meta", "link", "title", "style", "body", "header", "nav", "main", "footer", "section",
    "div", "span", "p", "h1", "h2", "h3", "ul", "li", "dl", "dt", "dd", "a", "b", "small", "code", "pre",
    "table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary", "noscript", "script",
    "svg", "rect",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "rel", "href", "class", "id", "title", "type",
    "hidden", "aria-label", "aria-labelledby", "aria-hidden", "aria-sort", "data-key", "data-name", "width",
    "height", "x",
}  # fmt: skip


class Page(HTMLParser):
    """What a browser would find."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.lines: dict[str, list[str]] = {}
        """By section: its text, a row, a paragraph or an item a line, cells apart by two blanks."""
        self._within = ""
        self._raw = ""
        self.feed(source)
        self.close()
        for name, lines in self.lines.items():
            kept = (re.sub(r" *\t[\t ]*", "  ", line).strip() for line in lines)
            self.lines[name] = [line for line in kept if line]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.elements.append((tag, found))
        if tag in ("header", "section"):
            self._within = found.get("id") or tag
            self.lines[self._within] = [""]
        self._raw = tag if tag in ("script", "style") else self._raw
        if self._within:
            if tag in ("tr", "p", "li", "h1", "h2", "h3", "pre", "div", "summary", "table"):
                self.lines[self._within].append("")
            elif tag in ("td", "th", "dd"):
                self.lines[self._within][-1] += "\t"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("header", "section"):
            self._within = ""
        if tag == "details":
            self.lines[self._within].append("")
        if tag == self._raw:
            self._raw = ""

    def handle_data(self, data: str) -> None:
        if self._raw == "script":
            self.scripts.append(data)
        elif self._within and not self._raw:
            self.lines[self._within][-1] += data

    @property
    def data(self) -> Any:
        return json.loads(self.scripts[0])


def page(subject: Subject | Analysis) -> Page:
    out = io.StringIO()
    analysis = subject if isinstance(subject, Analysis) else subject.analysis
    vars(analysis).setdefault("findings", ())
    html.write(Subject(subject) if isinstance(subject, Analysis) else subject, out)
    return Page(out.getvalue())


SAMPLE = {
    "header": [
        "image.tar",
        "tags  example:1, example:latest",
        "platform  linux/amd64",
        "created  2024-02-29T12:00:00Z",
        f"id  sha256:{'a' * 64}",
    ],
    "figures": [
        "Figures",
        "Efficiency  49.89 %  live of stored bytes",
        "Stored  16.3 kB  in 3 layers",
        "Live  8.14 kB  what a container can see",
        "Wasted  8.18 kB  in 5 copies",
        "Duplicates  4.00 kB  same content at several live paths",
        "Why bytes are wasted",
        "4.00 kB  48.93 %  metadata-only copied for a mode, owner, time or xattr",
        "4.00 kB  48.93 %  rewritten written again, nothing new in it",
        "120 B  1.47 %  overwritten replaced later by something else",
        "48 B  0.59 %  removed deleted later, shipped all the same",
        "7 B  0.09 %  shadowed-in-layer twice in the tar of one layer",
    ],
    "layers": [
        "Layers",
        "live wastedThe number of a layer shows what is its own in the map and the waste.",
        "#  stored  wasted  puts out of reach  compressed  command",
        "0  4.18 kB  4.17 kB  7 B  COPY … /",
        "1  8.13 kB  4.00 kB  4.17 kB  3.00 kB  RUN make all && make install",
        "2  4.00 kB  4.00 kB  (no history)",
    ],
    "map": [
        "Final filesystem",
        "8.14 kB live. Every box is a path, as large as what it holds, in the colour of the layer that "
        "stored most of it.",
        "The map is drawn by a script.",
    ],
    "waste": [
        "Waste",
        "bytes  kind  written by  out of reach by  path",
        "4.00 kB  rewritten  0  1  /bin/tool",
        "4.00 kB  metadata-only (owner)  1  2  /srv/tool",
        "120 B  overwritten  0  1  /etc/conf",
        "48 B  removed  0  1  /etc/key",
        "7 B  shadowed-in-layer  0  0  /twice",
    ],
    "history": [
        "History",
        "step  layer  created  command",
        "0  0  2024-02-29T12:00:00Z  COPY … /",
        '1  empty  ENV A="b"',
        "2  1  RUN make all && make install",
    ],
}


def test_without_a_script_the_page_says_figures_layers_waste_and_history() -> None:
    assert page(analyze(sample())).lines == SAMPLE


def test_the_script_gets_the_largest_waste_and_the_tree() -> None:
    assert page(analyze(sample())).data == {
        "commands": ["COPY … /", "RUN make all && make install", "(no history)"],
        "kinds": ["removed", "overwritten", "metadata-only", "rewritten", "shadowed-in-layer"],
        "waste": [
            [4000, 3, "", "/bin/tool", 0, 1],
            [4000, 2, "owner", "/srv/tool", 1, 2],
            [120, 1, "", "/etc/conf", 0, 1],
            [48, 0, "", "/etc/key", 0, 1],
            [7, 4, "", "/twice", 0, 0],
        ],
        "boxes": [
            [-1, "", 1, 8138, 1],
            [0, "bin", 1, 4000, 1],
            [0, "srv", 1, 4000, 2],
            [1, "tool", 0, 4000, 1],
            [2, "tool", 0, 4000, 2],
            [0, "etc", 1, 130, 1],
            [5, "conf", 0, 130, 1],
            [0, "twice", 0, 8, 0],
        ],
    }


def test_the_gate_has_its_rules_and_their_evidence() -> None:
    judgement = Judgement(
        (
            Verdict("min-efficiency", "49.89 %", "≥", "40.00 %", Outcome.PASS),
            Verdict(
                "max-wasted-bytes", "8.18 kB", "≤", "100 B", Outcome.FAIL,
                evidence=(Evidence(b"bin/tool", 4000, 1, "rewritten"), Evidence(b"", 7, None, "elsewhere")),
                more=3,
            ),
            Verdict("max-growth", "9 B", "≤", "5 B", Outcome.WARN),
            Verdict("max-wasted-percent", "50.11 %", "", "disabled", Outcome.SKIP),
        ),
    )  # fmt: skip
    entry = Accept(("*.pyc", "/usr/share"), "the base's", expires=datetime.date(2027, 1, 31))
    found = page(Subject(analyze(sample()), judgement, accepts=Accepts((entry,))))
    assert found.lines["header"][1] == "FAIL: 1 passed, 1 warning, 1 failed, 1 skipped"
    assert found.lines["gate"] == [
        "Gate",
        "rule  measured  limit",
        "PASS  min-efficiency  49.89 %  ≥ 40.00 %",
        "FAIL  max-wasted-bytes  8.18 kB  ≤ 100 B",
        "5 found",
        "4.00 kB 1 /bin/tool rewritten",
        "7 B elsewhere",
        "and 3 more",
        "WARN  max-growth  9 B  ≤ 5 B",
        "SKIP  max-wasted-percent  50.11 %  disabled",
        "Accepted: *.pyc, /usr/share: the base's, until 2027-01-31.",
    ]


def test_dives_rules_have_our_figures_beside_them() -> None:
    judgement = Judgement(
        (
            Verdict("lowestEfficiency", "100 %", "≥", "95.00 %", Outcome.PASS, "90.00 %", True),
            Verdict("max-wasted-bytes", "1.00 kB", "≤", "2.00 kB", Outcome.PASS),
        ),
        origin=".dive-ci",
    )
    assert page(Subject(analyze(sample()), judgement)).lines["gate"] == [
        "Gate",
        "dive's rules are judged by dive's figures; limits: .dive-ci",
        "rule  dive  ours  limit",
        "PASS  lowestEfficiency  100 %  90.00 %  ≥ 95.00 %",
        "PASS  max-wasted-bytes  1.00 kB  ≤ 2.00 kB",
        "By ours these would fail: lowestEfficiency.",
    ]


def test_growth_against_a_baseline_is_told_by_layers_directories_and_paths() -> None:
    history = (HistoryStep("", "COPY a /"), HistoryStep("", "RUN more"))
    before = analyze(image(layer("a/one:100", diff_id="sha256:1"), history=history[:1]))
    after = analyze(
        image(layer("a/one:100", diff_id="sha256:1"), layer("a/two:900", "a/one:50"), history=history)
    )
    assert page(Subject(after, growth=measure_growth(before, after))).lines["growth"] == [
        "Growth",
        "Against test.",
        "before  now  growth",
        "stored  100 B  1.05 kB  +950 B",
        "live  100 B  950 B  +850 B",
        "wasted  0 B  100 B  +100 B",
        "Layers that differ",
        "layer  stored  wasted  command",
        "0  0 B  +100 B  COPY a /",
        "1 new  +950 B  0 B  RUN more",
        "1 directory",
        "growth  before  now  mostly by  path",
        "+950 B  100 B  1.05 kB  1  /a",
        "2 paths",
        "growth  before  now  mostly by  path",
        "+900 B  0 B  900 B  1  /a/two",
        "+50 B  100 B  150 B  0  /a/one",
    ]


def test_a_layer_has_the_line_of_the_dockerfile_that_it_comes_from() -> None:
    lines = page(Subject(analyze(sample()), lines=Lines("Dockerfile", {1: (7, 9)}))).lines["layers"]
    assert lines[2] == "#  stored  wasted  puts out of reach  compressed  line  command"
    assert lines[4] == "1  8.13 kB  4.00 kB  4.17 kB  3.00 kB  7  RUN make all && make install"


def test_an_image_of_nothing_has_no_empty_tables() -> None:
    assert page(analyze(image())).lines == {
        "header": ["test", "platform  linux/amd64"],
        "figures": [
            "Figures",
            "Efficiency  100 %  live of stored bytes",
            "Stored  0 B  in 0 layers",
            "Live  0 B  what a container can see",
            "Wasted  0 B  nothing",
            "Compressed  0 B  as stored or pulled",
            "Duplicates  0 B  same content at several live paths",
        ],
        "map": ["Final filesystem", "It holds no bytes."],
        "waste": ["Waste", "Nothing is wasted."],
    }


def test_what_is_accepted_stands_last_with_the_reason_and_can_go_nowhere() -> None:
    entry = Accept((), "the base's", findings=frozenset({ADVICE[0].id}))
    lines = page(Subject(advised(analyze(sample()), *ADVICE), accepts=Accepts((entry,)))).lines["findings"]
    assert lines[:2] == ["What to change", "0 B of 16.3 kB can go."]
    assert lines.index("Runs as root") < lines.index("Copied to change owner")
    assert "Accepted: the base's." in lines


def test_a_report_saved_without_entries_has_all_but_the_map(tmp_path: Path) -> None:
    saved = tmp_path / "saved.json"
    with saved.open("w", encoding="utf-8") as out:
        json_report.write(analyze(sample()), out)
    found = page(saved_report.read(str(saved), progress=lambda _reading: None))
    assert found.data["boxes"] == []
    assert found.lines["map"] == [
        "Final filesystem",
        "This page was written from a saved report without entries, so there is no map. Save it again: "
        "layerscope IMAGE --json FILE --entries",
    ]
    assert {**found.lines, "map": []} == {**SAMPLE, "map": []}


def test_a_long_command_is_folded_and_its_lines_stay_lines() -> None:
    step = HistoryStep("", "RUN <<EOF\nset -e\n\tmake\x1b[31m \u202e\nEOF")
    assert page(analyze(image(layer("a:1"), history=(step,)))).lines["layers"][3:] == [
        "0  1 B",
        "RUN <<EOF set -e make\\x1b[31m \\u202e EOF",
        "RUN <<EOF\nset -e\n\\tmake\\x1b[31m \\u202e\nEOF",
    ]


def test_of_a_command_of_megabytes_the_page_has_the_beginning() -> None:
    step = HistoryStep("", "RUN " + "x" * 5_000_000)
    found = page(analyze(image(layer("a:1"), history=(step,))))
    assert len(found.source) < 100_000
    assert "and 4,990,004 characters more" in found.lines["layers"]


def test_of_much_waste_the_largest_are_there_and_the_others_are_counted() -> None:
    count = html.MOST_WASTE + 30
    files = [f"d/{number:04}:{10_000 - number}" for number in range(count)]
    found = page(analyze(image(layer("d/", *files), layer(".wh.d"))))
    assert len(found.data["waste"]) == html.MOST_WASTE
    assert found.lines["waste"][1] == (
        "Of 2,030 wasted copies the 2,000 largest are on this page; 30 smaller ones have 240 kB together. "
        "The JSON report lists all."
    )
    assert found.lines["waste"][-1] == "These are the 50 largest."
    assert len(found.lines["waste"]) == 3 + 50 + 1


# What names from an image may not do.


HOSTILE = [
    b"</script><script>alert(1)</script>",
    b"<img src=x onerror=alert(1)>",
    b"<!--<script>",
    b"]]>&lt;&#60;\"'` onload=x",
    b"line\nfeed\r::error::\x1b[2J\x00",
    b"\xe2\x80\xaegnp.exe\xe2\x80\xa8\xe2\x80\xa9",
    b"=cmd|' /C calc'!A0,{{data}}$style",
    b"\xff\xfe\xed\xa0\x80",
]
SHOWN = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!--<script>",
    "]]>&lt;&#60;\"'` onload=x",
    "line\\nfeed\\r::error::\\x1b[2J\\x00",
    "\\u202egnp.exe\\u2028\\u2029",
    "=cmd|' /C calc'!A0,{{data}}$style",
    "\\xff\\xfe\\xed\\xa0\\x80",
]


def test_hostile_names_are_text_in_the_table_and_in_the_data() -> None:
    found = page(named(*HOSTILE))
    assert sorted(row[3] for row in found.data["waste"]) == sorted(f"/{shown}" for shown in SHOWN)
    cells = [line.split("  1  ")[1] for line in found.lines["waste"][2:]]
    assert sorted(cells) == sorted(f"/{shown}" for shown in SHOWN)


def test_hostile_names_in_the_final_filesystem_are_text() -> None:
    living = replace(named(*HOSTILE).image, layers=named(*HOSTILE).image.layers[:1])
    found = page(analyze(living))
    shown = {part for name in SHOWN for part in name.split("/")}
    assert {box[1] for box in found.data["boxes"]} == {"", *shown}


@pytest.mark.parametrize(
    "hostile", ["</script><script>", "</title><img src=x>", "\x1b\u202e", '" onclick="x']
)
def test_hostile_texts_make_no_element_and_no_attribute(hostile: str) -> None:
    raw = hostile.encode()
    analysis = named(*HOSTILE, raw)
    step = HistoryStep(hostile, hostile, hostile, hostile)
    analysis = analyze(
        replace(
            analysis.image, reference=hostile, tags=(hostile,), platform=hostile, created=hostile, id=hostile,
            history=(step, step),
        )
    )  # fmt: skip
    verdict = Verdict(
        hostile, hostile, "≤", hostile, Outcome.FAIL, hostile, True, (Evidence(raw, 1, 0, hostile),), 1
    )
    judgement = Judgement((verdict,), hostile, hostile)
    accepts = Accepts((Accept(("*",), hostile),))
    growth = measure_growth(analyze(replace(image(), reference=hostile)), analysis)
    found = page(Subject(analysis, judgement, growth, Lines(hostile, {0: (1, 1)}), accepts))
    assert {tag for tag, _ in found.elements} <= ELEMENTS
    assert {name for _, attributes in found.elements for name in attributes} <= ATTRIBUTES
    assert len(found.scripts) == 2
    assert re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\u2028\u2029]", found.source) is None
    assert not {"<", ">", "&"} & set(found.scripts[0])


def test_only_our_own_style_and_script_may_run_and_nothing_is_loaded() -> None:
    found = page(named(*HOSTILE))
    style = found.source.split("<style>")[1].split("</style>")[0]
    digests = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (style, found.scripts[1])
    ]
    policy = next(attributes["content"] for _, attributes in found.elements if "http-equiv" in attributes)
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digests[0]}'; "
        f"script-src 'sha256-{digests[1]}'; base-uri 'none'; form-action 'none'"
    )
    for tag, attributes in found.elements:
        assert (attributes.get("href") or "#").startswith("data:image/svg" if tag == "link" else "#")
    assert "innerHTML" not in found.scripts[1]
    assert "url(" not in style


# The rest of the contract.


def test_nothing_is_written_if_a_content_cannot_be_read() -> None:
    class Gone(Unread):
        def digest(self, number: int) -> bytes:
            raise SourceError("gone")

        def chunks(self, number: int) -> None:
            return None

    there = image(layer("a:10", "b:10"))
    broken = replace(there, layers=(replace(there.layers[0], contents=Gone()),))
    out = io.StringIO()
    with pytest.raises(SourceError):
        html.write(Subject(analyze(broken)), out)
    assert out.getvalue() == ""


def test_two_pages_of_one_image_are_the_same_and_end_with_a_line() -> None:
    one, other = (page(analyze(sample())).source for _ in range(2))
    assert one == other
    assert one.endswith("</html>\n")

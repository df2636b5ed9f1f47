"""The Markdown report: its text for a small image, its length, and what names from an image may not do."""

import io
import re
from dataclasses import replace
from html import unescape

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import HistoryStep, Image
from layerscope.gate.accept import Accept, Accepts
from layerscope.gate.dive_limits import DiveLimits
from layerscope.gate.verdicts import Judgement
from layerscope.report import markdown
from layerscope.report.markdown import LONGEST, literal
from layerscope.report.subject import Run, Subject

from tests.gates import by_dive, verdicts
from tests.models import entry, image, layer
from tests.report.sample import ADVICE, advised, named, sample

GATED = """\
<!-- layerscope -->
### layerscope: FAIL: 1 passed, 1 failed, 1 skipped

<code>image.tar</code> <code>example&#58;1</code> <code>example&#58;latest</code> <code>linux/amd64</code>

| | rule | measured | limit |
|---|---|---:|---:|
| PASS | min-efficiency | 49.89 % | ≥ 40.00 % |
| **FAIL** | max-wasted-bytes | 8.18 kB | ≤ 100 B |
| SKIP | max-wasted-percent | 50.11 % | disabled |

| rule | bytes | what | where |
|---|---:|---|---|
| max-wasted-bytes | 4.17 kB | put out of reach | 1 MAKE |
| max-wasted-bytes | 4.00 kB | put out of reach | 2 (no history) |
| max-wasted-bytes | 7 B | put out of reach | 0 <code>COPY … /</code> |

| efficiency | stored | live | wasted |
|---:|---:|---:|---:|
| 49.89 % | 16.3 kB | 8.14 kB | 8.18 kB |

<details>
<summary>3 layers</summary>

| # | stored | wasted | puts out of reach | command |
|---:|---:|---:|---:|---|
| 0 | 4.18 kB | 4.17 kB | 7 B | <code>COPY … /</code> |
| 1 | 8.13 kB | 4.00 kB | 4.17 kB | <code>RUN make all &#38;&#38; make install</code> |
| 2 | 4.00 kB | - | 4.00 kB | (no history) |

</details>

<details>
<summary>8.18 kB wasted: the largest of 5</summary>

| bytes | kind | path | written by | out of reach by |
|---:|---|---|---|---|
| 4.00 kB | rewritten | <code>/bin/tool</code> | 0 <code>COPY … /</code> | 1 MAKE |
| 4.00 kB | metadata-only (owner) | <code>/srv/tool</code> | 1 MAKE | 2 (no history) |
| 120 B | overwritten | <code>/etc/conf</code> | 0 <code>COPY … /</code> | 1 MAKE |
| 48 B | removed | <code>/etc/key</code> | 0 <code>COPY … /</code> | 1 MAKE |
| 7 B | shadowed-in-layer | <code>/twice</code> | 0 <code>COPY … /</code> | 0 <code>COPY … /</code> |

</details>
""".replace("MAKE", "<code>RUN make all &#38;&#38; make install</code>")
ADVISED = """\
<details>
<summary>What to change: 4.00 kB of 16.3 kB can go</summary>

| saves | what | step |
|---:|---|---|
| 4.00 kB | Copied to change owner | 2 (no history) |

<p><b>Copied to change owner</b>: A layer holds whole files. The first copy stays.</p>\
<pre>COPY --chown=app srv /srv&#10;without RUN chown</pre>

</details>
"""
NOTHING = """\
<!-- layerscope -->
### layerscope: 100 % efficient

<code>test</code> <code>linux/amd64</code>

| efficiency | stored | live | wasted | compressed |
|---:|---:|---:|---:|---:|
| 100 % | 0 B | 0 B | 0 B | 0 B |
"""
DIVES = """\
dive's rules, judged by dive's figures; limits: <code>a&#124;b</code>

| | rule | dive | ours | limit |
|---|---|---:|---:|---:|
| PASS | lowestEfficiency | 100 % | 90.00 % | ≥ 95.00 % |
| SKIP | highestWastedBytes | 0 B | 1.00 kB | disabled |
| PASS | highestUserWastedPercent | 0 % | 100 % | ≤ 10.00 % |
| PASS | max-wasted-bytes |  | 1.00 kB | ≤ 2.00 kB |

By ours these would fail: lowestEfficiency, highestUserWastedPercent.

"""


def written(analysis: Analysis, judgement: Judgement | None = None) -> str:
    out = io.StringIO()
    vars(analysis).setdefault("findings", ())
    markdown.write(Run((Subject(analysis, judgement),)), out)
    return out.getvalue()


def test_a_small_image_that_fails_its_gate() -> None:
    analysis = analyze(sample())
    assert written(analysis, Judgement(verdicts(analysis, 0.4, 100))) == GATED


def test_what_to_change_is_folded_with_how_below_it() -> None:
    text = written(advised(analyze(sample()), *ADVICE))
    assert ADVISED in text
    assert "Runs as root" not in text


def test_what_is_accepted_is_no_advice_but_counted() -> None:
    other = ADVICE[0]._replace(id="documentation", title="Documentation")
    accepts = Accepts((Accept((), "the base's", findings=frozenset({other.id})),))
    out = io.StringIO()
    markdown.write(Run((Subject(advised(analyze(sample()), *ADVICE, other), accepts=accepts),)), out)
    assert "What to change: 4.00 kB of 16.3 kB can go" in out.getvalue()
    assert "\n1 other is accepted.\n" in out.getvalue()
    assert "Documentation" not in out.getvalue()


def test_a_command_in_a_fix_begins_no_line_and_is_no_markup() -> None:
    for text in (one.decode("utf-8", "replace") for one in HOSTILE):
        finding = ADVICE[0]._replace(title=text, reason=text, fix=f"RUN {text}")
        found = written(advised(analyze(sample()), finding))
        block = next(line for line in found.split("\n") if line.startswith("<p>"))
        bare = re.sub("^<p><b>|</b>: |</p><pre>|</pre>$", "", block)
        assert "<" not in bare.replace("</b>", "")
        assert found.count("<details>") == 3


def test_without_a_gate_the_first_line_is_the_efficiency() -> None:
    assert written(analyze(sample())).splitlines()[:2] == [
        "<!-- layerscope -->",
        "### layerscope: 49.89 % efficient",
    ]


def test_an_image_of_nothing_has_no_empty_tables() -> None:
    assert written(analyze(image())) == NOTHING


def test_dives_rules_have_our_figures_beside_them() -> None:
    analysis = analyze(image(layer("base:9000"), layer("a/", "a/one:1000"), layer(".wh.a")))
    judgement = by_dive(analysis, DiveLimits(0.95), verdicts(analysis, None, 2000)[1], origin="a|b")
    assert DIVES in written(analysis, judgement)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("a|b\\|c", "a&#124;b&#92;&#124;c"),
        ("`x` ``", "&#96;x&#96; &#96;&#96;"),
        ("<script>&amp;</code>", "&#60;script&#62;&#38;amp&#59;&#60;/code&#62;"),
        ("-->]]>", "--&#62;&#93;&#93;&#62;"),
        ("@user #12 a@b.c", "&#64;user &#35;12 a&#64;b.c"),
        ("[x](http://y) ![z]", "&#91;x&#93;&#40;http&#58;//y&#41; &#33;&#91;z&#93;"),
        ("www.example.com", "www&#46;example.com"),
        (
            "*a* _b_ ~~c~~ $d$ :e:",
            "&#42;a&#42; &#95;b&#95; &#126;&#126;c&#126;&#126; &#36;d&#36; &#58;e&#58;",
        ),
        (b"new\r\nline\x1b[2J", "new&#92;r&#92;nline&#92;x1b&#91;2J"),
        ("\u202egnp.exe\u2028", "&#92;u202egnp.exe&#92;u2028"),
        (b"\xff\xed\xa0\x80", "&#92;xff&#92;xed&#92;xa0&#92;x80"),
        ("漢字 é 😀", "漢字 é 😀"),
    ],
)
def test_what_is_markdown_or_html_is_shown_as_it_is(raw: bytes | str, expected: str) -> None:
    assert literal(raw) == f"<code>{expected}</code>"


HOSTILE = [
    b"new\nline",
    b"\n\n</details>\n# title",
    b"::error::title\r\n",
    b"a|b\\|c",
    b"`x``<script>alert(1)</script>",
    b"</code>@user#12 fixes #1",
    b"<!-- layerscope -->",
    b"[a](javascript:b) ]]>",
    b"\x1b[2J\x07\x00",
    "\u202e\u2066\u200b\u2028\u2029\x85".encode(),
    b"\xff\xed\xa0\x80",
]


def test_hostile_names_and_commands_stay_within_their_cell() -> None:
    texts = [name.decode("utf-8", "replace") for name in HOSTILE] + ["half \ud800"]
    hostile = replace(
        named(*HOSTILE).image, reference="\n".join(texts), tags=tuple(texts[:3]), platform=texts[3]
    )
    tame = replace(named(*(b"n%d" % number for number in range(len(HOSTILE)))).image, tags=("a", "b", "c"))
    calm = written(_with_commands(tame, "x", "y"))
    for text in texts:
        found = written(_with_commands(hostile, text, f"RUN {text}"))
        assert _frame(found) == _frame(calm)
        assert all(char.isprintable() or char == "\n" for char in unescape(found))


def _with_commands(one: Image, *commands: str) -> Analysis:
    return analyze(replace(one, history=tuple(HistoryStep(created_by=command) for command in commands)))


def _frame(report: str) -> list[str]:
    """The lines without what stands in `<code>`, where only entities may be active."""
    plain = re.sub(r"&#\d+;", "", report)
    return re.sub(r"<code>[\w +,./\-\u0080-\uffff]*</code>", "…", plain).splitlines()


def test_a_long_report_fits_a_comment_and_says_what_is_left_out() -> None:
    names = [f"{'&' * 300}{number}:{3000 + number}" for number in range(200)]
    many = image(
        layer(*names),
        *(layer() for _ in range(1198)),
        layer(*(f".wh.{name.partition(':')[0]}" for name in names)),
        history=tuple(HistoryStep(created_by=f"RUN {'&' * 9000}") for _ in range(1200)),
    )
    many = replace(many, reference="&" * 9000, tags=("&" * 9000,) * 9, platform="&" * 9000)
    analysis = analyze(many)
    found = verdicts(analysis, 1.0, 0, 0.0)
    text = written(analysis, by_dive(analysis, DiveLimits(0.95), *found, origin="&" * 9000))
    lines = text.splitlines()
    left_out = [line for line in lines if "left out" in line]
    assert 40_000 < len(text) <= LONGEST
    assert [re.sub(r"^\S+", "n", line) for line in left_out] == [
        "n layers left out, so that this fits a comment of 65,536 characters.",
        "n smaller copies left out, so that this fits a comment of 65,536 characters.",
    ]
    rows = sum(line.startswith("| 3.") for line in lines)
    assert left_out[1].startswith(f"{200 - rows} ")
    assert text.count("<details>") == text.count("</details>") == 2


def test_one_copy_too_many_is_left_out_by_number() -> None:
    text = written(
        analyze(
            image(layer(*(entry(f"{n}:{n + 1}") for n in range(51))), layer(*(f".wh.{n}" for n in range(51))))
        )
    )
    assert "\n1 smaller copy left out, so that" in text

"""The Markdown of a comparison: its text, its length, and what names from an image may not do."""

import io
import re
from html import unescape

import pytest
from layerscope.analysis.comparison import Comparison
from layerscope.report import markdown
from layerscope.report.compare import markdown as compare_markdown

from tests.analysis.test_growth import saved
from tests.report.comparisons import compared, comparison, hostile, many_settings, same
from tests.report.test_injection import HOSTILE

WHOLE = """\
<!-- layerscope compare -->
### layerscope compare: +4.30 kB stored, +45 B wasted

before <code>old.tar</code> <code>app&#58;old</code> <code>linux/amd64</code><br>\
after <code>new.tar</code> <code>app&#58;new</code> <code>linux/amd64</code>

| | before | after | difference |
|---|---:|---:|---:|
| efficiency | 100 % | 99.96 % | -0.04 pp |
| stored | 111 kB | 115 kB | +4.30 kB |
| live | 111 kB | 115 kB | +4.26 kB |
| wasted | 0 B | 45 B | +45 B |
| compressed | 4.41 kB | 7.12 kB | +2.71 kB |
| layers | 4 | 4 | 0 |

1 step is the same.

| step | stored | wasted | layers | command |
|---|---:|---:|---|---|
| grown | +5.00 kB | 0 B | 1 → 1 | <code>RUN apt-get install python3 npm</code> |
| removed | -700 B | 0 B | 2 → - | <code>RUN make test</code> |
| grown | +5 B | +45 B | 3 → 2 | <code>COPY src /app</code> |
| added | 0 B | 0 B | - → 3 | <code>RUN rm</code> |

| stored | directory |
|---:|---|
| +7.00 kB | <code>/usr</code> |
| -2.00 kB | <code>/var</code> |
| -700 B | <code>/tmp</code> |
| +5 B | <code>/</code> (what else is in it) |

| files | paths | before | after | difference |
|---|---:|---:|---:|---:|
| added | 1 | 0 B | 9.00 kB | +9.00 kB |
| removed | 5 | 2.74 kB | 0 B | -2.74 kB |
| shrunk | 1 | 3.00 kB | 1.00 kB | -2.00 kB |
| changed | 1 | 60 B | 60 B | 0 B |
| rewritten | 1 | 5.00 kB | 5.00 kB | 0 B |

rewritten: as many bytes in another layer: contents are not compared.

<details>
<summary>added: 1 of 1</summary>

| | before | after | path |
|---|---:|---:|---|
| +9.00 kB | 0 B | 9.00 kB | <code>/usr/npm</code> |

</details>

<details>
<summary>removed: 5 of 5</summary>

| | before | after | path |
|---|---:|---:|---|
| -2.00 kB | 2.00 kB | 0 B | <code>/var/lists</code> |
| -700 B | 700 B | 0 B | <code>/tmp/result</code> |
| -40 B | 40 B | 0 B | <code>/app/main</code> |
| 0 B | 0 B | 0 B | <code>/tmp</code> |
| 0 B | 0 B | 0 B | <code>/var</code> |

</details>

<details>
<summary>shrunk: 1 of 1</summary>

| | before | after | path |
|---|---:|---:|---|
| -2.00 kB | 3.00 kB | 1.00 kB | <code>/usr/less</code> |

</details>

<details>
<summary>changed: 1 of 1</summary>

| | before | after | path |
|---|---:|---:|---|
| mode | 60 B | 60 B | <code>/app/tool</code> |

</details>

| configuration | name | | value |
|---|---|---|---|
| User |  | added | <code>app</code> |
| Cmd |  | added | <code>&#91;&#34;run&#34;&#93;</code> |
| Env | <code>PATH</code> | changed |  |
| Env | <code>TOKEN</code> | removed |  |
| Labels | <code>version</code> | changed | <code>1.0</code> → <code>1.1</code> |

| finding | bytes | | step |
|---|---:|---|---|
| gone | -700 B | <code>What make leaves</code> | <code>RUN make test</code> |
| grown | +500 B | <code>What apt leaves</code> | <code>RUN apt-get install python3 npm</code> |
| new | +45 B | <code>What rm leaves</code> | <code>RUN rm</code> |
"""


def written(found: Comparison, *, rows: int = 10) -> str:
    out = io.StringIO()
    compare_markdown.write(found, out, rows=rows)
    return out.getvalue()


def test_the_whole_comment() -> None:
    assert written(comparison()) == WHOLE


def test_its_marker_is_not_that_of_the_report() -> None:
    assert compare_markdown.MARKER != markdown.MARKER


def test_that_nothing_differs_is_said() -> None:
    found = written(same())
    assert found.splitlines()[1] == "### layerscope compare: nothing differs"
    assert found.endswith("| layers | 4 | 4 | 0 |\n")


def test_what_two_reports_do_not_tell_is_said() -> None:
    both = comparison()
    before, after = saved(both.before, entries=False), saved(both.after, entries=False)
    found = written(compared(before, after))
    assert "\n\nFiles are not known: a report was saved without entries.\n" in found
    assert found.endswith("\n\nFindings are not known: a report was saved without entries.\n")


def test_at_most_so_many_rows_of_a_kind() -> None:
    found = written(comparison(), rows=1)
    assert "<summary>removed: 1 of 5</summary>" in found
    assert found.endswith("\n\nAnd 2 more.\n")


def test_of_very_many_settings_those_that_fit_are_shown() -> None:
    found = written(many_settings(5000))
    assert re.search(r"\n\nAnd 4,\d\d\d more\.\n", found)


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_whatever_images_say_is_framed_and_fits_a_comment(number: int) -> None:
    found = written(hostile(HOSTILE[number] * 20), rows=100_000)
    assert len(found) <= markdown.LONGEST
    outside = re.sub(r"<code>[^<>`|*_@#\n]*?</code>", "", re.sub(r"&#\d+;", "", found))
    for active in ("script", "img", "@user", "::error", "##[", "title"):
        assert active not in outside
    assert all(line.isprintable() for line in unescape(found).splitlines())

"""Alerts: what breaks a rule, and what put bytes out of reach, each with its place and its fingerprint."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.dockerfile import Lines
from layerscope.analysis.model import HistoryStep, Image
from layerscope.gate.accept import NOTHING, Accept, Accepts
from layerscope.gate.verdicts import Evidence, Judgement, Outcome, Verdict
from layerscope.report import github, gitlab, json_report, sarif
from layerscope.report.alerts.collect import alerts_of, alerts_of_run
from layerscope.report.alerts.maker import Level
from layerscope.report.alerts.rule_help import RULE_HELP
from layerscope.report.alerts.waste import MOST
from layerscope.report.output import write_to
from layerscope.report.saved import report as saved_report
from layerscope.report.subject import Failure, Run, Subject

from tests.models import entry, image, layer
from tests.report.sample import named


@pytest.fixture(autouse=True)
def _without_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those have tests of their own."""
    monkeypatch.setattr("layerscope.report.alerts.collect.of_findings", lambda _maker, _subject: ())


def app(*, large: int = 12000, reference: str = "app:1") -> Image:
    """Two files that are copied, given away, and one of them removed."""
    return replace(
        image(
            layer(f"opt/app/lib.so:{large}", "opt/app/main:8000"),
            layer(entry(f"opt/app/lib.so:{large}", uid=1000), entry("opt/app/main:8000", uid=1000)),
            layer("opt/app/.wh.main"),
            history=(
                HistoryStep("", "/bin/sh -c #(nop) COPY dir:0123abcd in /opt "),
                HistoryStep("", "RUN /bin/sh -c chown -R app   /opt/app # buildkit"),
                HistoryStep("", "RUN /bin/sh -c rm /opt/app/main # buildkit"),
            ),
        ),
        reference=reference,
    )


LINES = Lines("docker/Dockerfile", {0: (3, 3), 1: (5, 7)})


def judged(*verdicts: Verdict, file: str = "", accepts: Accepts = NOTHING) -> Judgement:
    return Judgement(verdicts, file=file, accepts=accepts)


def broken(*evidence: Evidence, outcome: Outcome = Outcome.FAIL, more: int = 0) -> Verdict:
    return Verdict("rule", "3 paths", "≤", "0", outcome, evidence=evidence, more=more)


def messages(subject: Subject, level: Level = Level.ERROR) -> list[str]:
    return [alert.message for alert in alerts_of(subject) if alert.level is level]


# Rules.


def test_a_rule_that_fails_is_an_error_and_one_that_warns_a_warning() -> None:
    verdicts = (
        Verdict("max-layers", "9", "≤", "5", Outcome.FAIL),
        Verdict("max-stored-bytes", "20 MB", "≤", "10 MB", Outcome.WARN),
        Verdict("no-root-user", "root", "", "another user", Outcome.FAIL),
        Verdict("unused-accepts", "2", "", "", Outcome.WARN),
        Verdict("min-efficiency", "99 %", "≥", "90 %", Outcome.PASS),
        Verdict("max-wasted-bytes", "1 B", "", "disabled", Outcome.SKIP),
    )
    found = alerts_of(Subject(analyze(image(layer("a:1"))), judged(*verdicts)))
    assert [(alert.level, alert.rule, alert.message) for alert in found] == [
        (Level.ERROR, "max-layers", "max-layers: 9, the limit is ≤ 5"),
        (Level.ERROR, "no-root-user", "no-root-user: root, the limit is another user"),
        (Level.WARNING, "max-stored-bytes", "max-stored-bytes: 20 MB, the soft limit is ≤ 10 MB"),
        (Level.WARNING, "unused-accepts", "unused-accepts: 2"),
    ]


def test_where_dives_figure_passes_and_ours_would_not_is_a_warning() -> None:
    rule = Verdict("lowestEfficiency", "100 %", "≥", "95 %", Outcome.PASS, ours="90 %", ours_fails=True)
    assert messages(Subject(analyze(image()), judged(rule)), Level.WARNING) == [
        "lowestEfficiency: 100 % by dive's figures, which passes; 90 % by ours, which would fail ≥ 95 %"
    ]


def test_each_path_or_layer_that_breaks_a_rule_is_an_alert_the_largest_first() -> None:
    rule = broken(
        Evidence(b"small.pem", 10, 1, "matches *.pem"),
        Evidence(b"large.pem", 2000, None, ""),
        Evidence(b"", 500, 0, "largest layer"),
        more=4,
    )
    found = alerts_of(Subject(analyze(app(large=1)), judged(rule), lines=LINES))
    assert [(one.message, one.path, one.size, one.layer, one.line) for one in found[:3]] == [
        ("/large.pem (2.00 kB); rule: 3 paths, the limit is ≤ 0 (one of 7)", b"large.pem", 2000, None, None),
        (
            "COPY … /opt (500 B, layer 0): largest layer; rule: 3 paths, the limit is ≤ 0 (one of 7)",
            b"",
            500,
            0,
            (3, 3),
        ),
        (
            "/small.pem (10 B, layer 1): matches *.pem; rule: 3 paths, the limit is ≤ 0 (one of 7)",
            b"small.pem",
            10,
            1,
            (5, 7),
        ),
    ]


def test_evidence_of_no_place_is_told_with_the_rule() -> None:
    rule = broken(
        Evidence(b"", 0, None, "no USER"), Evidence(b"", 0, None, "layerscope.toml: accept 2"), more=1
    )
    assert messages(Subject(analyze(image()), judged(rule))) == [
        "rule: 3 paths, the limit is ≤ 0; no USER; layerscope.toml: accept 2; 1 more"
    ]


# Waste.


def test_waste_is_told_by_what_a_step_did_to_another_and_not_by_copy() -> None:
    found = alerts_of(Subject(analyze(app())))
    assert [(one.rule, one.level, one.message, one.path, one.size, one.layer) for one in found] == [
        (
            "waste-metadata-only",
            Level.NOTE,
            "RUN chown -R app /opt/app put 20.0 kB in 2 files out of reach (metadata-only: owner), the "
            "largest /opt/app/lib.so (12.0 kB); they were written by COPY … /opt",
            b"opt/app",
            20000,
            1,
        ),
        (
            "waste-removed",
            Level.NOTE,
            "RUN rm /opt/app/main put /opt/app/main (8.00 kB) out of reach (removed); it was written by "
            "RUN chown -R app /opt/app",
            b"opt/app/main",
            8000,
            2,
        ),
    ]


def test_a_layer_that_holds_files_twice_is_to_blame_alone() -> None:
    found = alerts_of(Subject(analyze(image(layer("a:5000", "b:4000#1", "a:5000", "b:4000#2")))))
    assert [(one.rule, one.message, one.path, one.layer) for one in found] == [
        (
            "waste-shadowed-in-layer",
            "layer 0 wrote 9.00 kB in 2 files more than once (shadowed-in-layer), the largest /a (5.00 kB)",
            b"",
            0,
        )
    ]


def test_the_path_of_a_group_is_the_directory_all_of_it_lies_in() -> None:
    def path(*names: str) -> bytes:
        gone = [f"{name.rpartition('/')[0]}/.wh.{name.rpartition('/')[2]}" for name in names]
        whole = image(layer(*(f"{name}:4096" for name in names)), layer(*gone))
        return alerts_of(Subject(analyze(whole)))[0].path

    assert path("usr/lib/a") == b"usr/lib/a"
    assert path("usr/lib/a", "usr/lib/ab") == b"usr/lib"
    assert path("usr/lib/a", "usr/lib64/a") == b"usr"
    assert path("usr/lib/a", "usr/lib/b/c", "var/x") == b""


def test_little_waste_is_left_out_and_so_are_the_smallest_of_many_groups() -> None:
    count = MOST + 20
    layers = [layer(f"{number}:{4000 + number}") for number in range(count)]
    gone = layer(*(f".wh.{number}" for number in range(count)))
    found = alerts_of(Subject(analyze(image(*layers, gone))))
    assert [one.size for one in found] == list(range(4000 + count - 1, 4096 - 1, -1))
    found = alerts_of(Subject(analyze(image(*(layer(f"{n}:{5000 + n}") for n in range(count)), gone))))
    assert (len(found), found[0].size, found[-1].size) == (MOST, 5000 + count - 1, 5000 + count - MOST)


def test_the_line_is_that_of_the_step_to_blame_or_else_of_the_step_that_wrote() -> None:
    found = alerts_of(Subject(analyze(app()), lines=LINES))
    assert [(one.layer, one.line) for one in found] == [(1, (5, 7)), (2, (5, 7))]
    found = alerts_of(Subject(analyze(app()), lines=Lines("Dockerfile", {})))
    assert [one.line for one in found] == [None, None]


def test_what_is_accepted_is_an_alert_of_its_own_with_the_reason() -> None:
    accepts = Accepts(
        (
            Accept(("lib.so",), "we need\nit", frozenset({"max-metadata-only-bytes"})),
            Accept(("main",), "no rule that is asked for", frozenset({"max-layers"})),
        )
    )
    found = alerts_of(Subject(analyze(app()), accepts=accepts))
    assert [(one.rule, one.path, one.size, one.accepted) for one in found] == [
        ("waste-metadata-only", b"opt/app/lib.so", 12000, r"we need\nit"),
        ("waste-metadata-only", b"opt/app/main", 8000, ""),
        ("waste-removed", b"opt/app/main", 8000, ""),
    ]


def test_a_report_saved_without_entries_has_the_alerts_of_its_image(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    analysis = analyze(app())
    write_to(str(target), lambda out: json_report.write(analysis, out))
    saved = saved_report.read(str(target))
    assert not saved.has_entries
    assert [alert._replace(image="") for alert in alerts_of(Subject(saved))] == [
        alert._replace(image="") for alert in alerts_of(Subject(analysis))
    ]


# Where it points.


def test_it_points_into_the_dockerfile_or_the_file_of_rules_or_where_a_dockerfile_may_be() -> None:
    analysis, judgement = analyze(app()), judged(file="ci/layerscope.toml")
    files = {
        alerts_of(subject)[0].file
        for subject in (
            Subject(analysis, judgement, lines=LINES),
            Subject(analysis, judgement),
            Subject(analysis, judged()),
        )
    }
    assert files == {"docker/Dockerfile", "ci/layerscope.toml", "Dockerfile"}


def test_a_file_is_told_as_the_repository_knows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def file(name: str) -> str:
        return alerts_of(Subject(analyze(app()), lines=Lines(name, {})))[0].file

    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "link").symlink_to(home)
    monkeypatch.chdir(home)
    assert file("./a//b/../Dockerfile") == "a/Dockerfile"
    assert file(str(home / "a" / "Dockerfile")) == "a/Dockerfile"
    assert file(str(tmp_path / "link" / "a" / "Dockerfile")) == "a/Dockerfile"
    assert file(str(tmp_path / "secret" / "Dockerfile")) == "Dockerfile"
    assert file("../../secret/Dockerfile") == "Dockerfile"
    assert file("-") == "Dockerfile"
    assert file("a\n::error::/x") == r"a\n::error::/x"
    assert file(str(tmp_path / "nul\0")) == r"nul\x00"


# Fingerprints.


def prints(subject: Subject) -> list[str]:
    return [alert.fingerprint for alert in alerts_of(subject)]


def test_the_next_build_has_the_fingerprints_of_this_one() -> None:
    rule = broken(Evidence(b"a.pem", 10, 1, "x"), Evidence(b"", 5, 0, "y"))
    before = prints(Subject(analyze(app()), judged(rule)))
    later = replace(app(large=13000), reference="app:2", tags=("app:2",))
    later = replace(
        later,
        layers=(layer("new:9"), *later.layers),
        history=(HistoryStep("", "COPY new /"), *later.history),
    )
    rule = broken(Evidence(b"a.pem", 11, 2, "z"), Evidence(b"", 6, 1, ""), more=7)
    assert prints(Subject(analyze(later), judged(rule), lines=LINES)) == before
    assert len(set(before)) == 4


def test_another_image_rule_path_or_step_has_another_fingerprint() -> None:
    other = replace(app(), history=(*app().history[:2], HistoryStep("", "RUN rm -f /opt/app/main")))
    assert prints(Subject(analyze(other)))[0] == prints(Subject(analyze(app())))[0]
    assert prints(Subject(analyze(other)))[1] != prints(Subject(analyze(app())))[1]
    assert not set(prints(Subject(analyze(app())))) & set(prints(Subject(analyze(app(reference="web:1")))))


@pytest.mark.parametrize(
    ("reference", "tags"),
    [
        ("app", ()),
        ("docker://app:1", ("z:1", "app:1")),
        ("app@sha256:0123", ()),
        ("app:latest@sha256:0123", ()),
        ("build-17.tar", ("app:17",)),
        ("build-17.tar", ("other:1", "app:17")),
    ],
)
def test_an_image_is_known_by_its_name_without_tag_and_digest(reference: str, tags: tuple[str, ...]) -> None:
    assert prints(Subject(analyze(replace(app(reference=reference), tags=tags)))) == prints(
        Subject(analyze(app()))
    )


def test_no_two_alerts_have_one_fingerprint_and_the_first_of_them_keeps_it() -> None:
    rule = broken(Evidence(b"a", 9, 0, "matches *"), Evidence(b"a", 9, 0, "matches a"))
    subject = Subject(analyze(app()), judged(rule))
    found = alerts_of_run(Run((subject, subject, Failure("x:1", "No."), Failure("x:2", "No."))))
    assert len({one.fingerprint for one in found}) == len(found) == 10
    assert {*prints(subject)} < {one.fingerprint for one in found}


def test_the_alerts_of_a_run_are_in_one_order_behind_the_images_that_could_not_be_read() -> None:
    failing = Subject(analyze(app(large=1)), judged(Verdict("max-layers", "9", "≤", "5", Outcome.FAIL)))
    run = Run((Subject(analyze(app(reference="a"))), Failure("gone\x1b", "There is no\nsuch file."), failing))
    assert [(one.level, one.image, one.rule, one.size) for one in alerts_of_run(run)] == [
        (Level.ERROR, r"gone\x1b", "unreadable-image", 0),
        (Level.ERROR, "app:1", "max-layers", 0),
        (Level.NOTE, "a", "waste-metadata-only", 20000),
        (Level.NOTE, "app:1", "waste-metadata-only", 8001),
        (Level.NOTE, "a", "waste-removed", 8000),
        (Level.NOTE, "app:1", "waste-removed", 8000),
    ]
    assert alerts_of_run(run)[0].message == r"There is no\nsuch file."


# Texts of others.

HOSTILE = [
    b"a\n::error::owned",
    b"a\r\n::stop-commands::t",
    b"a%0A::error::x",
    b"##[add-mask]x",
    b"###[add-path]/tmp",
    b"##vso[task.setvariable variable=a]b",
    b"| `a` | <script>alert(1)</script>",
    b"]]>&\"',;=",
    b"=cmd|' /C calc'!A0",
    b"\x00\x01\x0b\x1b[2J\x7f\xc2\x85\xef\xbf\xbe",
    b"\xff\xfe not utf-8",
    "\u202egnp.exe\u2066\u2028\ufeff".encode(),
    b'"}],"x":[{"',
    b"[link](javascript:alert(1))",
    b"x" * 9000,
]


def hostile(raw: bytes) -> Run:
    """Everything that can be said by somebody else says this."""
    text = raw.decode("utf-8", "surrogateescape")
    path = raw.replace(b"/", b"").replace(b"\0", b"")
    analysis: Analysis = named(*(bytes([letter]) * 5 + path for letter in b"abcdefghij"))
    step = HistoryStep("", text)
    one = replace(analysis.image, reference=text, tags=(text,), history=(step, step))
    verdict = Verdict(text, text, text, text, Outcome.FAIL, evidence=(Evidence(raw, 1, 0, text),))
    ours = Verdict(text, text, text, text, Outcome.PASS, text, ours_fails=True)
    plain = Verdict(text, text, text, text, Outcome.WARN, evidence=(Evidence(b"", 0, None, text),))
    accepts = Accepts((Accept(("[a-e]*",), text, where=text),))
    judgement = Judgement((verdict, ours, plain), text, text)
    subject = Subject(analyze(one), judgement, lines=Lines(text, {1: (1, 2)}), accepts=accepts)
    return Run((subject, Failure(text, text)))


def written(write: Callable[[Run, TextIO], None], run: Run) -> str:
    out = io.StringIO()
    write(run, out)
    return out.getvalue()


def texts(value: Any) -> list[str]:
    """Every text in a JSON value."""
    if isinstance(value, dict):
        return [text for key, inner in value.items() for text in (key, *texts(inner))]
    if isinstance(value, list):
        return [text for inner in value for text in texts(inner)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("write", [sarif.write, gitlab.write], ids=["sarif", "gitlab"])
def test_json_holds_printable_text_only_and_is_ascii(
    write: Callable[[Run, TextIO], None], raw: bytes
) -> None:
    run = hostile(raw)
    shown = written(write, run)
    assert shown.isascii()
    assert shown.replace("\n", "").isprintable()
    assert "##[" not in shown
    assert "##vso[" not in shown
    assert shown == written(write, run)
    ours = {*RULE_HELP.values()}
    assert [text for text in texts(json.loads(shown)) if text not in ours and not text.isprintable()] == []
    assert max(len(line) for line in shown.splitlines()) < 20_000


@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
def test_an_annotation_is_one_line_and_holds_no_command_of_its_own(raw: bytes) -> None:
    lines = written(github.write, hostile(raw)).split("\n")
    assert lines.pop() == ""
    kinds = [line.partition(" ")[0] for line in lines]
    assert kinds == ["::error"] * 2 + ["::warning"] * 2 + ["::notice"] * 2
    for line in lines:
        assert line.isprintable()
        assert "##[" not in line
        assert "##vso[" not in line
        properties = line[2:].partition("::")[0].partition(" ")[2].split(",")
        names = [one.partition("=")[0] for one in properties]
        assert names in (["title"], ["file", "title"], ["file", "line", "endLine", "title"])


def test_a_name_is_printable_and_cut() -> None:
    name = b"a\n::error::\xff\x1b" + b"y" * 5000 + b".pem"
    message = messages(Subject(analyze(image()), judged(broken(Evidence(name, 0, None, "")))))[0]
    shown = message.partition(";")[0]
    assert shown == r"/a\n::error::\xff\x1b" + "y" * 46 + "…" + "y" * 129 + ".pem"

"""Findings as alerts: what endangers is a warning, what is worth a change a note, the rest nothing."""

from layerscope.analysis.analyze import analyze
from layerscope.analysis.findings.finding import Evidence, Finding, Severity
from layerscope.gate.accept import NOTHING, Accept, Accepts
from layerscope.report.alerts.findings import of_findings
from layerscope.report.alerts.maker import Alert, Level, Maker
from layerscope.report.alerts.rule_help import help_of, sentence
from layerscope.report.subject import Subject

from tests.report.sample import ADVICE, advised, sample

CACHE = Finding(
    "pip-cache", "pip's cache", Severity.MEDIUM, (1,),
    (Evidence(b"root/.cache/pip", 5000, 9, 1), Evidence(b"home/a/.cache/pip", 10, 1, 1)),
    2, 5010, "Nobody needs it. It is large.", "RUN pip install --no-cache-dir x",
)  # fmt: skip
KEY = Finding(
    "secret-deleted", "Secrets hidden by a later layer", Severity.HIGH, (0,),
    (Evidence(b"etc/key", 0, 1, 0, "private key"),), 0, 0, "It is there. It stays.", "RUN --mount",
)  # fmt: skip


def alerts(*findings: Finding, accepts: Accepts | None = None) -> list[Alert]:
    analysis = advised(analyze(sample()), *findings)
    subject = Subject(analysis, accepts=accepts or NOTHING)
    return list(of_findings(Maker(subject), subject))


def test_what_endangers_is_a_warning_and_bytes_are_a_note() -> None:
    found = alerts(KEY, CACHE)
    assert [(one.rule, one.level, one.path, one.size, one.layer, one.message) for one in found] == [
        (
            "secret-deleted", Level.WARNING, b"etc/key", 0, 0,
            "Secrets hidden by a later layer: /etc/key private key. It is there. It stays.",
        ),
        (
            "pip-cache", Level.NOTE, b"root/.cache/pip", 5010, 1,
            "pip's cache (5.01 kB): /root/.cache/pip and 3 other places. Nobody needs it. It is large.",
        ),
    ]  # fmt: skip


def test_info_and_copies_which_the_notes_on_waste_tell_are_left_out() -> None:
    assert alerts(*ADVICE) == []


def test_a_finding_is_accepted_if_all_its_places_are() -> None:
    entry = Accept(("/etc",), "known")
    whole = CACHE._replace(evidence=CACHE.evidence[:1], more=0)
    cache = Accept(("/root/.cache",), "next year")
    found = alerts(KEY, CACHE, whole, accepts=Accepts((entry, cache)))
    assert [one.accepted for one in found] == ["known", "", "next year"]


def test_the_help_of_a_finding_is_that_of_the_catalogue() -> None:
    assert sentence("apt-cache") == "APT's lists and archives."
    assert "```dockerfile\nRUN " in help_of("apt-cache")
    assert (help_of("no-such"), sentence("no-such")) == ("", "no-such")

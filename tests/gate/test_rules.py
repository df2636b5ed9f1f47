"""Rules and verdicts: a figure equal to its limit passes."""

from dataclasses import replace

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import Entry
from layerscope.errors import SourceError
from layerscope.gate.accept import NOTHING, Accept, Accepts
from layerscope.gate.case import Case
from layerscope.gate.catalogue import RULES
from layerscope.gate.rules import judge
from layerscope.gate.setting import OFF, Scope, Setting
from layerscope.gate.verdicts import Evidence, Judgement, Outcome, Verdict

from tests.gates import verdicts
from tests.models import entry, image, layer

PASS, WARN, FAIL, SKIP = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.SKIP


def stored_and_wasted(stored: int, wasted: int) -> Analysis:
    return analyze(image(layer(f"kept:{stored - wasted}", f"gone:{wasted}"), layer(".wh.gone")))


THOUSAND = stored_and_wasted(1000, 100)
BY_THE_SECOND = (Evidence(b"", 100, 1, "put out of reach"),)


def outcomes(analysis: Analysis, *limits: float | None) -> list[Outcome]:
    return [verdict.outcome for verdict in verdicts(analysis, *limits)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [(0.0, PASS), (0.899, PASS), (0.9, PASS), (0.9000000000000002, FAIL), (1.0, FAIL), (None, SKIP)],
)
def test_the_least_efficiency(limit: float | None, outcome: Outcome) -> None:
    assert outcomes(THOUSAND, limit) == [outcome, SKIP, SKIP]


@pytest.mark.parametrize("limit", [(0, FAIL), (99, FAIL), (100, PASS), (101, PASS), (None, SKIP)])
def test_the_most_wasted_bytes(limit: tuple[int | None, Outcome]) -> None:
    assert outcomes(THOUSAND, None, limit[0], None) == [SKIP, limit[1], SKIP]


@pytest.mark.parametrize(
    ("limit", "outcome"), [(0.0, FAIL), (0.0999, FAIL), (0.1, PASS), (1.0, PASS), (None, SKIP)]
)
def test_the_most_wasted_percent(limit: float | None, outcome: Outcome) -> None:
    assert outcomes(THOUSAND, None, None, limit) == [SKIP, SKIP, outcome]


def test_by_default_an_efficiency_of_90_percent_is_asked_for_and_nothing_else() -> None:
    assert outcomes(stored_and_wasted(1000, 101)) == [FAIL, SKIP, SKIP]


@pytest.mark.parametrize("wasted", [0, 1, 333, 999, 1000])
def test_a_figure_equal_to_its_limit_passes(wasted: int) -> None:
    one = stored_and_wasted(1000, wasted)
    assert outcomes(one, (1000 - wasted) / 1000, wasted, wasted / 1000) == [PASS, PASS, PASS]


@pytest.mark.parametrize("analysis", [analyze(image()), analyze(image(layer("a/", "b:0"), layer(".wh.b")))])
def test_an_image_that_stores_nothing_keeps_every_limit(analysis: Analysis) -> None:
    assert outcomes(analysis, 1.0, 0, 0.0) == [PASS, PASS, PASS]


def test_a_verdict_says_what_was_measured_and_what_was_asked() -> None:
    assert verdicts(THOUSAND, 0.95, 4000, None) == (
        Verdict("min-efficiency", "90.00 %", "≥", "95.00 %", FAIL, evidence=BY_THE_SECOND),
        Verdict("max-wasted-bytes", "100 B", "≤", "4.00 kB", PASS),
        Verdict("max-wasted-percent", "10.00 %", "", "disabled", SKIP),
    )


def test_figures_that_would_look_alike_are_shown_exactly() -> None:
    one = stored_and_wasted(1_000_000, 100_001)
    assert [one._replace(evidence=()) for one in verdicts(one, 0.9, 100_000, 0.1)] == [
        Verdict("min-efficiency", "89.9999 %", "≥", "90 %", FAIL),
        Verdict("max-wasted-bytes", "100,001 B", "≤", "100,000 B", FAIL),
        Verdict("max-wasted-percent", "10.0001 %", "≤", "10 %", FAIL),
    ]


def test_figures_that_are_equal_are_shown_as_always() -> None:
    assert verdicts(THOUSAND, 0.9, 100, 0.1) == (
        Verdict("min-efficiency", "90.00 %", "≥", "90.00 %", PASS),
        Verdict("max-wasted-bytes", "100 B", "≤", "100 B", PASS),
        Verdict("max-wasted-percent", "10.00 %", "≤", "10.00 %", PASS),
    )


def test_the_gate_is_closed_by_one_failure_and_open_without() -> None:
    assert Judgement(verdicts(THOUSAND, 0.9, 99, 0.1)).is_closed
    assert not Judgement(verdicts(THOUSAND, 0.9, 100, 0.1)).is_closed
    assert not Judgement(verdicts(THOUSAND, None)).is_closed


# Each of the others at its boundary.


def verdict(analysis: Analysis, rule: str, setting: Setting, accepts: Accepts = NOTHING) -> Verdict:
    (found,) = judge(Case(analysis, accepts=accepts), {rule: setting})
    return found


LINES = layer("a:100", "b:50", "b:50", compressed=70), layer(".wh.a", "c:30", compressed=20)
IMAGE = analyze(image(*LINES))


@pytest.mark.parametrize(
    ("rule", "scope", "figure"),
    [
        ("max-wasted-bytes", "image", 150),
        ("max-wasted-bytes", "own", 0),
        ("max-removed-bytes", "image", 100),
        ("max-removed-bytes", "own", 0),
        ("max-shadowed-in-layer-bytes", "image", 50),
        ("max-overwritten-bytes", "image", 0),
        ("max-metadata-only-bytes", "image", 0),
        ("max-rewritten-bytes", "image", 0),
        ("max-stored-bytes", "image", 230),
        ("max-stored-bytes", "own", 30),
        ("max-compressed-bytes", "image", 90),
        ("max-compressed-bytes", "own", 20),
        ("max-layer-bytes", "image", 200),
        ("max-layer-bytes", "own", 30),
        ("max-layers", "image", 2),
        ("max-layers", "own", 1),
    ],
)
def test_a_figure_equal_to_its_limit_passes_and_one_more_fails(rule: str, scope: str, figure: int) -> None:
    def outcome(limit: int) -> Outcome:
        return verdict(IMAGE, rule, Setting(limit, scope=Scope(scope))).outcome

    assert outcome(figure) is PASS
    assert outcome(figure + 1) is PASS
    if figure:
        assert outcome(figure - 1) is FAIL


@pytest.mark.parametrize(
    ("kind", "below", "above"),
    [
        ("overwritten", entry("a:7"), entry("a:8")),
        ("metadata-only", entry("a:7"), entry("a:7", uid=1)),
        ("rewritten", entry("a:7"), entry("a:7")),
    ],
)
def test_each_kind_has_a_rule(kind: str, below: Entry, above: Entry) -> None:
    one = analyze(image(layer(below), layer(above)))
    assert verdict(one, f"max-{kind}-bytes", Setting(7)).outcome is PASS
    assert verdict(one, f"max-{kind}-bytes", Setting(6)) == Verdict(
        f"max-{kind}-bytes", "7 B", "≤", "6 B", FAIL, evidence=(Evidence(b"", 7, 1, "put out of reach"),)
    )


@pytest.mark.parametrize("rule", ["max-layers", "max-stored-bytes", "max-wasted-bytes", "max-layer-bytes"])
def test_the_only_layer_of_an_image_is_its_own(rule: str) -> None:
    one = analyze(image(layer("a:10", "a:10")))
    assert verdict(one, rule, Setting(1, scope=Scope.OWN)).measured == verdict(one, rule, Setting(1)).measured
    assert verdict(one, "min-efficiency", Setting(0.5, scope=Scope.OWN)).outcome is PASS
    assert verdict(one, "min-efficiency", Setting(0.51, scope=Scope.OWN)).outcome is FAIL


@pytest.mark.parametrize(
    ("setting", "outcome"),
    [
        (Setting(9, 5), PASS),
        (Setting(9, 1), WARN),
        (Setting(1, 1), FAIL),
        (Setting(None, 1), WARN),
        (Setting(None, 2), PASS),
        (Setting(1, None), FAIL),
        (Setting(2, None), PASS),
        (OFF, SKIP),
    ],
)
def test_the_hard_limit_is_judged_first_then_the_soft_one(setting: Setting, outcome: Outcome) -> None:
    assert verdict(IMAGE, "max-layers", setting).outcome is outcome


def test_the_limit_that_is_told_is_the_one_that_says_most() -> None:
    settings = Setting(9, 5), Setting(9, 1), Setting(1, 1)
    assert [verdict(IMAGE, "max-layers", one).limit for one in settings] == ["9", "1", "1"]


@pytest.mark.parametrize(("floor", "outcome"), [(0, FAIL), (100, FAIL), (101, PASS)])
@pytest.mark.parametrize("rule", ["min-efficiency", "max-wasted-percent"])
def test_a_percentage_counts_from_so_many_wasted_bytes_on(rule: str, floor: int, outcome: Outcome) -> None:
    limit = 0.95 if rule == "min-efficiency" else 0.05
    assert verdict(THOUSAND, rule, Setting(limit, floor=floor)).outcome is outcome


# What is accepted.


def accepting(*paths: str, rules: tuple[str, ...] = ()) -> Accepts:
    return Accepts((Accept(paths, "because", frozenset(rules)),))


@pytest.mark.parametrize(
    ("rule", "setting"),
    [
        ("min-efficiency", Setting(1.0)),
        ("max-wasted-bytes", Setting(0)),
        ("max-wasted-percent", Setting(0.0)),
        ("max-removed-bytes", Setting(0)),
    ],
)
def test_what_is_accepted_counts_as_though_it_were_live(rule: str, setting: Setting) -> None:
    assert verdict(THOUSAND, rule, setting).outcome is FAIL
    assert verdict(THOUSAND, rule, setting, accepting("gone")).outcome is PASS
    assert verdict(THOUSAND, rule, setting, accepting("gone", rules=(rule,))).outcome is PASS
    assert verdict(THOUSAND, rule, setting, accepting("gone", rules=("no-setuid",))).outcome is FAIL
    assert verdict(THOUSAND, rule, setting, accepting("kept")).outcome is FAIL


def test_evidence_is_of_what_nobody_accepts() -> None:
    one = analyze(image(layer("a:10", "b:20", "c:40"), layer(".wh.a", ".wh.b"), layer(".wh.c")))
    assert verdict(one, "max-wasted-bytes", Setting(0), accepting("c")).evidence == (
        Evidence(b"", 30, 1, "put out of reach"),
    )


def test_of_many_steps_the_worst_are_told_and_the_others_counted() -> None:
    one = analyze(
        image(layer(*(f"f{n}:{n}" for n in range(1, 7))), *(layer(f".wh.f{n}") for n in range(1, 7)))
    )
    found = verdict(one, "max-wasted-bytes", Setting(0))
    assert [(piece.size, piece.layer) for piece in found.evidence] == [(6, 6), (5, 5), (4, 4)]
    assert found.more == 3


# Paths and the user.


def test_paths_are_told_largest_first() -> None:
    one = analyze(image(layer("a.pem:1", "b.pem:3", "c:9"), layer(".wh.a.pem")))
    assert verdict(one, "forbidden-paths", Setting(("*.pem", "x"))) == Verdict(
        "forbidden-paths", "1 path", "", "none of 2 globs", FAIL,
        evidence=(Evidence(b"b.pem", 3, 0, "in the final image"),),
    )  # fmt: skip
    ever = verdict(one, "forbidden-paths-ever", Setting(warn=("*.pem",)))
    assert (ever.outcome, ever.measured, ever.limit) == (WARN, "2 paths", "no *.pem")
    assert [piece.path for piece in ever.evidence] == [b"b.pem", b"a.pem"]
    assert verdict(one, "forbidden-paths-ever", Setting(("*.pem",), scope=Scope.OWN)).outcome is PASS
    assert verdict(one, "forbidden-paths", OFF) == Verdict("forbidden-paths", "", "", "disabled", SKIP)


@pytest.mark.parametrize(
    ("user", "shown", "outcome"),
    [
        (None, "root (no USER)", FAIL),
        ("", "root (no USER)", FAIL),
        ("0:0", "0:0", FAIL),
        ("app", "app", PASS),
        ("a\x1b\n" + "x" * 200, "a\\x1b\\n" + "x" * 97, PASS),
        (1000, "no text", FAIL),
    ],
)
def test_the_user(user: object, shown: str, outcome: Outcome) -> None:
    one = analyze(replace(image(layer("a")), config={} if user is None else {"User": user}))
    assert verdict(one, "no-root-user", Setting(fail=True)) == Verdict(
        "no-root-user", shown, "", "not root", outcome
    )
    assert verdict(one, "no-root-user", OFF).outcome is SKIP


# What is not known.


def test_what_is_pulled_is_not_known_of_every_image() -> None:
    one = analyze(image(layer("a:1", compressed=5), layer("b:1")))
    for setting in (Setting(9), Setting(warn=9)):
        with pytest.raises(
            SourceError, match="max-compressed-bytes cannot be judged: test does not tell"
        ) as caught:
            verdict(one, "max-compressed-bytes", setting)
        assert caught.value.hint
    assert verdict(one, "max-compressed-bytes", OFF) == Verdict(
        "max-compressed-bytes", "not known", "", "disabled", SKIP
    )


def test_rules_are_judged_in_the_order_of_the_catalogue() -> None:
    settings = dict.fromkeys(reversed(RULES), OFF)
    assert [one.rule for one in judge(Case(IMAGE), settings)] == list(RULES)[:-2]

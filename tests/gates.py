"""Judgements for the tests of reports and gate."""

from layerscope.analysis.analyze import Analysis
from layerscope.gate.case import Case
from layerscope.gate.dive_limits import DiveLimits
from layerscope.gate.dive_rules import judge_as_dive
from layerscope.gate.rules import judge
from layerscope.gate.setting import Setting
from layerscope.gate.verdicts import Judgement, Verdict
from layerscope.report.subject import Run, Subject

from tests.report.sample import advised


def limits(
    efficiency: float | None = 0.9, wasted: int | None = None, percent: float | None = None
) -> dict[str, Setting]:
    """The three rules that a run has without a file."""
    return {
        "min-efficiency": Setting(fail=efficiency),
        "max-wasted-bytes": Setting(fail=wasted),
        "max-wasted-percent": Setting(fail=percent),
    }


def verdicts(
    analysis: Analysis,
    efficiency: float | None = 0.9,
    wasted: int | None = None,
    percent: float | None = None,
) -> tuple[Verdict, ...]:
    """What becomes of them."""
    return judge(Case(analysis), limits(efficiency, wasted, percent))


def by_dive(analysis: Analysis, dive: DiveLimits, *more: Verdict, origin: str = "") -> Judgement:
    """dive's rules, and some of ours behind them."""
    return Judgement((*judge_as_dive(analysis, dive), *more), origin)


def run(analysis: Analysis, *found: Verdict) -> Run:
    """One image without findings, judged if there are verdicts."""
    advised(analysis)
    return Run((Subject(analysis, Judgement(found) if found else None),))

"""What deserves a line in a review: rules that do not hold, and what put most bytes out of reach.

One list for SARIF, for GitLab's Code Quality and for the annotations of GitHub.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from ...formatting import size
from ...gate.verdicts import Evidence, Outcome, Verdict
from ..subject import Run, Subject
from .findings import of_findings
from .maker import Alert, Level, Maker, digest, of_failure, shown_name, shown_text
from .waste import of_waste

_RANK = {level: rank for rank, level in enumerate(Level)}


def alerts_of(subject: Subject) -> list[Alert]:
    """Those of one image: errors, then warnings, then notes, each with the largest first.

    No two have one fingerprint.
    """
    return sorted(_distinct(_found(subject)), key=_rank)


def alerts_of_run(run: Run) -> list[Alert]:
    """Those of all images in the same order, and before them an error for each that could not be read."""
    failures = _distinct(map(of_failure, run.failures))
    found = _distinct(chain.from_iterable(map(_found, run.subjects)))
    return [*failures, *sorted(found, key=_rank)]


def _found(subject: Subject) -> Iterator[Alert]:
    maker = Maker(subject)
    yield from _of_verdicts(maker, subject.verdicts)
    yield from of_findings(maker, subject)
    yield from of_waste(maker, subject)


def _rank(alert: Alert) -> tuple[int, int]:
    return _RANK[alert.level], -alert.size


def _distinct(alerts: Iterable[Alert]) -> Iterator[Alert]:
    """Of those that share a fingerprint all but the first get another, which depends on their order."""
    seen = Counter[str]()
    for alert in alerts:
        seen[alert.fingerprint] += 1
        count = seen[alert.fingerprint]
        yield alert if count == 1 else alert._replace(fingerprint=digest(alert.fingerprint, str(count)))


def _of_verdicts(maker: Maker, verdicts: Iterable[Verdict]) -> Iterator[Alert]:
    for verdict in verdicts:
        if verdict.outcome is Outcome.FAIL:
            yield from _of_broken(maker, verdict, Level.ERROR)
        elif verdict.outcome is Outcome.WARN:
            yield from _of_broken(maker, verdict, Level.WARNING)
        elif verdict.ours_fails:
            message = (
                f"{verdict.rule}: {verdict.measured} by dive's figures, which passes; "
                f"{verdict.ours} by ours, which would fail {verdict.sign} {verdict.limit}"
            )
            yield maker.alert(shown_text(verdict.rule), Level.WARNING, shown_text(message))


def _of_broken(maker: Maker, verdict: Verdict, level: Level) -> Iterator[Alert]:
    """One for each path or layer that is to blame, or one for the rule where none is."""
    rule = shown_text(verdict.rule)
    statement = shown_text(f"{verdict.rule}: {verdict.measured}{_limit(verdict)}")
    placed = [one for one in verdict.evidence if one.path or one.layer is not None]
    if not placed:
        texts = [shown_text(one.what) for one in verdict.evidence if one.what]
        more = [f"{verdict.more:,} more"] if verdict.more else []
        yield maker.alert(rule, level, "; ".join([statement, *texts, *more]))
        return
    count = len(verdict.evidence) + verdict.more
    part = f" (one of {count:,})" if count > 1 else ""
    for one in placed:
        layers = () if one.layer is None else (one.layer,)
        message = f"{_told(maker, one)}; {statement}{part}"
        yield maker.alert(rule, level, message, *layers, path=one.path, size=one.size, is_about=one.path)


def _limit(verdict: Verdict) -> str:
    if not verdict.limit:
        return ""
    kind = "soft limit" if verdict.outcome is Outcome.WARN else "limit"
    limit = f"{verdict.sign} {verdict.limit}".lstrip()
    return f", the {kind} is {limit}"


def _told(maker: Maker, evidence: Evidence) -> str:
    """`/root/.npmrc (120 B, layer 3): matches **/.npmrc`; the step where it is about no path."""
    name = f"/{shown_name(evidence.path)}"
    facts = [size(evidence.size)] if evidence.size else []
    if evidence.layer is not None:
        facts.append(f"layer {evidence.layer}")
        name = name if evidence.path else maker.step(evidence.layer)
    shown = f"{name} ({', '.join(facts)})" if facts else name
    return f"{shown}: {shown_text(evidence.what)}" if evidence.what else shown

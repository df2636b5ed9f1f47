"""Our rules applied: what each measures, and what of the image breaks it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

from ..errors import SettingsError, SourceError
from ..formatting import percent, printable, signed, size
from . import contents
from .case import Case
from .catalogue import (
    COMPRESSED_BYTES,
    COMPRESSED_GROWTH,
    EFFICIENCY,
    FORBIDDEN_PATHS,
    FORBIDDEN_PATHS_EVER,
    KIND_RULES,
    LAYER_BYTES,
    LAYERS,
    ROOT_USER,
    RULES,
    SETGID,
    SETUID,
    STORED_BYTES,
    STORED_GROWTH,
    WASTED_BYTES,
    WASTED_GROWTH,
    WASTED_PERCENT,
)
from .setting import Allowed, Limit, Scope, Setting
from .verdicts import BYTES, COUNT, PERCENT, Evidence, Outcome, Shown, Verdict, at_least, at_most

_MOST_STEPS = 3
_LONGEST = 100
"""Characters of the user."""
_MOST_PATHS = 1000
"""Pieces of evidence of a rule; the others are counted."""

Check = Callable[[Case, str, Setting, Limit | None], Verdict]


def judge(case: Case, settings: Mapping[str, Setting]) -> tuple[Verdict, ...]:
    """The rules that are named, in the order of the catalogue, applied to one image.

    SettingsError for a limit of growth without a baseline, SourceError for what the image or the saved
    report does not tell: that a rule holds is only said of what was measured.
    """
    return tuple(
        _judged(case, name, settings[name]) for name in RULES if name in settings and name in _CHECKS
    )


def _judged(case: Case, name: str, setting: Setting) -> Verdict:
    """The verdict by the hard limit if that is broken, else by the soft one if that is."""
    check = _CHECKS[name]
    hard = check(case, name, setting, setting.fail)
    if hard.outcome is Outcome.FAIL or setting.warn is None:
        return hard
    soft = check(case, name, setting, setting.warn)
    if soft.outcome is Outcome.FAIL:
        return soft._replace(outcome=Outcome.WARN)
    return soft if setting.fail is None else hard


# Waste.


def _efficiency(case: Case, name: str, setting: Setting, limit: Limit | None) -> Verdict:
    figures = case.figures(name, setting.scope)
    verdict = at_least(name, figures.efficiency, cast("float | None", limit), PERCENT)
    return _of_waste(case, _from_floor(verdict, figures.wasted, setting), setting)


def _wasted_percent(case: Case, name: str, setting: Setting, limit: Limit | None) -> Verdict:
    figures = case.figures(name, setting.scope)
    verdict = at_most(name, figures.wasted_fraction, cast("float | None", limit), PERCENT)
    return _of_waste(case, _from_floor(verdict, figures.wasted, setting), setting)


def _wasted_bytes(case: Case, name: str, setting: Setting, limit: Limit | None) -> Verdict:
    wasted = case.wasted(name, setting.scope, KIND_RULES.get(name))
    return _of_waste(case, _at_most_bytes(name, wasted, setting, limit), setting)


def _from_floor(verdict: Verdict, wasted: int, setting: Setting) -> Verdict:
    if verdict.outcome is Outcome.SKIP:
        return verdict
    floor = f", from {size(setting.floor)} wasted" if setting.floor else ""
    holds = wasted < setting.floor or verdict.outcome is Outcome.PASS
    return verdict._replace(
        limit=f"{verdict.limit}{_scope(setting)}{floor}", outcome=Outcome.PASS if holds else Outcome.FAIL
    )


def _of_waste(case: Case, verdict: Verdict, setting: Setting) -> Verdict:
    """With the steps that put most of it out of reach."""
    if verdict.outcome is not Outcome.FAIL:
        return verdict
    killed = case.killed(verdict.rule, setting.scope, KIND_RULES.get(verdict.rule))
    worst = [(layer, count) for layer, count in killed.most_common() if count]
    return _with(
        verdict, (Evidence(b"", count, layer, "put out of reach") for layer, count in worst), _MOST_STEPS
    )


# Sizes and counts.


def _stored(case: Case, name: str, setting: Setting, limit: Limit | None) -> Verdict:
    stored = (case.analysis.user if setting.scope is Scope.OWN else case.analysis.totals).stored
    return _with_largest_layers(case, _at_most_bytes(name, stored, setting, limit), setting)


def _compressed(case: Case, name: str, setting: Setting, limit: Limit | None) -> Verdict:
    analysis = case.analysis
    is_own = setting.scope is Scope.OWN
    compressed = analysis.user_compressed_bytes if is_own else analysis.compressed_bytes
    if compressed is None:
        if limit is None:
            return Verdict(name, "not known", "", "disabled", Outcome.SKIP)
        raise SourceError(
            f"{name} cannot be judged: {analysis.image.reference} does not tell what is pulled",
            "Judge what is pushed (an OCI layout or its archive), or turn the rule off.",
        )
    return _at_most_bytes(name, compressed, setting, limit)


def _largest_layer(case: Case, name: str, setting: Setting, limit: Limit | None) -> Verdict:
    layers = case.analysis.layers[case.first_layer(setting.scope) :]
    largest = max((layer.figures.stored for layer in layers), default=0)
    verdict = _at_most_bytes(name, largest, setting, limit)
    if verdict.outcome is not Outcome.FAIL:
        return verdict
    above = cast("int", limit)
    return _with_largest_layers(case, verdict, setting, above)


def _layers(case: Case, name: str, setting: Setting, limit: Limit | None) -> Verdict:
    count = len(case.analysis.layers) - case.first_layer(setting.scope)
    verdict = at_most(name, count, cast("int | None", limit), COUNT)
    return verdict if limit is None else verdict._replace(limit=verdict.limit + _scope(setting))


def _with_largest_layers(case: Case, verdict: Verdict, setting: Setting, above: int = 0) -> Verdict:
    if verdict.outcome is not Outcome.FAIL:
        return verdict
    layers = case.analysis.layers[case.first_layer(setting.scope) :]
    large = sorted(
        (layer for layer in layers if layer.figures.stored > above), key=lambda layer: -layer.figures.stored
    )
    return _with(
        verdict, (Evidence(b"", layer.figures.stored, layer.index, "stored") for layer in large), _MOST_STEPS
    )


def _at_most_bytes(name: str, measured: int, setting: Setting, limit: Limit | None) -> Verdict:
    verdict = at_most(name, measured, cast("int | None", limit), BYTES)
    return verdict if limit is None else verdict._replace(limit=verdict.limit + _scope(setting))


def _scope(setting: Setting) -> str:
    return " in own layers" if setting.scope is Scope.OWN else ""


# What is in the image.


def _forbidden(case: Case, name: str, _setting: Setting, limit: Limit | None) -> Verdict:
    if limit is None:
        return _off(name)
    patterns = cast("tuple[str, ...]", limit)
    return _none_of(name, contents.final_paths(case, name, patterns), "path", _patterns(patterns))


def _forbidden_ever(case: Case, name: str, setting: Setting, limit: Limit | None) -> Verdict:
    if limit is None:
        return _off(name)
    patterns = cast("tuple[str, ...]", limit)
    found = contents.paths_ever(case, name, patterns, case.first_layer(setting.scope))
    return _none_of(name, found, "path", _patterns(patterns) + _scope(setting))


def _setuid(case: Case, name: str, _setting: Setting, limit: Limit | None) -> Verdict:
    if limit is None:
        return _off(name)
    bit = 0o4000 if name == SETUID else 0o2000
    return _none_of(name, contents.files_with(case, name, bit), "file", "none")


def _root_user(case: Case, name: str, _setting: Setting, limit: Limit | None) -> Verdict:
    user = case.analysis.image.config.get("User")
    shown = printable(user[:_LONGEST]) if isinstance(user, str) and user else "root (no USER)"
    if limit is None:
        return Verdict(name, shown, "", "disabled", Outcome.SKIP)
    outcome = Outcome.FAIL if contents.is_root(user) else Outcome.PASS
    return Verdict(name, shown, "", "not root", outcome)


def _none_of(name: str, found: Sequence[Evidence], noun: str, limit: str) -> Verdict:
    if not found:
        return Verdict(name, "none", "", limit, Outcome.PASS)
    measured = f"{len(found):,} {noun}{'' if len(found) == 1 else 's'}"
    worst = sorted(found, key=lambda one: (-one.size, one.path, one.layer or 0))
    return _with(Verdict(name, measured, "", limit, Outcome.FAIL), worst, _MOST_PATHS)


def _patterns(patterns: tuple[str, ...]) -> str:
    return f"none of {len(patterns):,} globs" if len(patterns) != 1 else f"no {printable(patterns[0])}"


def _off(name: str) -> Verdict:
    return Verdict(name, "", "", "disabled", Outcome.SKIP)


# Growth.


def _growth(case: Case, name: str, _setting: Setting, limit: Limit | None) -> Verdict:
    if limit is None:
        return _off(name)
    growth = case.growth
    if growth is None:
        raise SettingsError(
            f"{name} needs a baseline to hold {case.analysis.image.reference} against",
            'Name one: --baseline report.json, or baseline = "report.json" beside the rules.',
        )
    before, grown = {
        STORED_GROWTH: (growth.before.stored, growth.stored),
        WASTED_GROWTH: (growth.before.wasted, growth.wasted),
        COMPRESSED_GROWTH: (growth.before_compressed, growth.compressed),
    }[name]
    if before is None or grown is None:
        raise SourceError(
            f"{name} cannot be judged: the image or its baseline does not tell what is pulled",
            "Hold archives of one kind against each other (an OCI layout or its archive).",
        )
    allowed = cast("Allowed", limit)
    most = max(allowed.size, int(allowed.fraction * before))
    verdict = at_most(name, grown, most, _GROWTH)
    if before:
        verdict = verdict._replace(measured=f"{verdict.measured} ({_signed_percent(grown / before)})")
    if verdict.outcome is not Outcome.FAIL:
        return verdict
    column = {STORED_GROWTH: "stored", WASTED_GROWTH: "wasted", COMPRESSED_GROWTH: "compressed"}[name]
    steps = sorted(
        (
            Evidence(b"", getattr(one, column), one.after, "more than in the baseline")
            for one in growth.layers
            if one.after is not None and (getattr(one, column) or 0) > 0
        ),
        key=lambda one: -one.size,
    )
    return _with(verdict, steps, _MOST_STEPS)


def _signed_percent(fraction: float) -> str:
    return f"{'+' if fraction > 0 else '-' if fraction < 0 else ''}{percent(abs(fraction))}"


_GROWTH = Shown[int](signed, lambda count: f"{count:+,} B")


def _with(verdict: Verdict, evidence: Iterable[Evidence], most: int) -> Verdict:
    found = list(evidence)
    return verdict._replace(evidence=tuple(found[:most]), more=max(len(found) - most, 0))


_CHECKS: Mapping[str, Check] = {
    EFFICIENCY: _efficiency,
    WASTED_BYTES: _wasted_bytes,
    WASTED_PERCENT: _wasted_percent,
    **dict.fromkeys(KIND_RULES, _wasted_bytes),
    STORED_BYTES: _stored,
    COMPRESSED_BYTES: _compressed,
    LAYER_BYTES: _largest_layer,
    LAYERS: _layers,
    FORBIDDEN_PATHS: _forbidden,
    FORBIDDEN_PATHS_EVER: _forbidden_ever,
    SETUID: _setuid,
    SETGID: _setuid,
    ROOT_USER: _root_user,
    STORED_GROWTH: _growth,
    WASTED_GROWTH: _growth,
    COMPRESSED_GROWTH: _growth,
}

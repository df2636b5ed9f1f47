"""Our rules applied: what each measures, and what of the image breaks it."""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from ..errors import SourceError
from ..formatting import printable, size
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
    SECRETS,
    STORED_BYTES,
    STORED_GROWTH,
    WASTED_BYTES,
    WASTED_GROWTH,
    WASTED_PERCENT,
)
from .growth_rules import judge_growth
from .setting import Limit, Scope, Setting
from .verdicts import (
    BYTES,
    COUNT,
    MOST_STEPS,
    PERCENT,
    Evidence,
    Outcome,
    Verdict,
    at_least,
    at_most,
    skipped,
)

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
    return verdict.told_by(
        (Evidence(b"", count, layer, "put out of reach") for layer, count in worst), MOST_STEPS
    )


# Sizes and counts.


def _stored(case: Case, name: str, setting: Setting, limit: Limit | None) -> Verdict:
    stored = case.totals(setting.scope).stored
    return _with_largest_layers(case, _at_most_bytes(name, stored, setting, limit), setting)


def _compressed(case: Case, name: str, setting: Setting, limit: Limit | None) -> Verdict:
    analysis = case.analysis
    has_base = case.first_layer(setting.scope) > 0
    compressed = analysis.user_compressed_bytes if has_base else analysis.compressed_bytes
    if compressed is None:
        if limit is None:
            return skipped(name, "not known")
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
    return verdict.told_by(
        (Evidence(b"", layer.figures.stored, layer.index, "stored") for layer in large), MOST_STEPS
    )


def _at_most_bytes(name: str, measured: int, setting: Setting, limit: Limit | None) -> Verdict:
    verdict = at_most(name, measured, cast("int | None", limit), BYTES)
    return verdict if limit is None else verdict._replace(limit=verdict.limit + _scope(setting))


def _scope(setting: Setting) -> str:
    return " in own layers" if setting.scope is Scope.OWN else ""


# What is in the image.


def _forbidden(case: Case, name: str, _setting: Setting, limit: Limit | None) -> Verdict:
    if limit is None:
        return skipped(name)
    patterns = cast("tuple[str, ...]", limit)
    return _none_of(name, contents.final_paths(case, name, patterns), "path", _patterns(patterns))


def _forbidden_ever(case: Case, name: str, setting: Setting, limit: Limit | None) -> Verdict:
    if limit is None:
        return skipped(name)
    patterns = cast("tuple[str, ...]", limit)
    found = contents.paths_ever(case, name, patterns, case.first_layer(setting.scope))
    return _none_of(name, found, "path", _patterns(patterns) + _scope(setting))


def _mode_bit(case: Case, name: str, _setting: Setting, limit: Limit | None) -> Verdict:
    if limit is None:
        return skipped(name)
    return _none_of(name, contents.files_with(case, name), "file", "none")


def _root_user(case: Case, name: str, _setting: Setting, limit: Limit | None) -> Verdict:
    user = case.analysis.image.config.get("User")
    shown = printable(user[:_LONGEST]) if isinstance(user, str) and user else "root (no USER)"
    if user is not None and not isinstance(user, str):
        shown = "no text"
    if limit is None:
        return skipped(name, shown)
    outcome = Outcome.FAIL if contents.is_root(user) else Outcome.PASS
    return Verdict(name, shown, "", "not root", outcome)


def _secrets(case: Case, name: str, _setting: Setting, limit: Limit | None) -> Verdict:
    if limit is None:
        return skipped(name)
    return _none_of(name, contents.secrets(case, name), "secret", "none")


def _none_of(name: str, found: Sequence[Evidence], noun: str, limit: str) -> Verdict:
    if not found:
        return Verdict(name, "none", "", limit, Outcome.PASS)
    measured = f"{len(found):,} {noun}{'' if len(found) == 1 else 's'}"
    worst = sorted(found, key=lambda one: (-one.size, one.path, one.layer or 0))
    return Verdict(name, measured, "", limit, Outcome.FAIL).told_by(worst, _MOST_PATHS)


def _patterns(patterns: tuple[str, ...]) -> str:
    return f"none of {len(patterns):,} globs" if len(patterns) != 1 else f"no {printable(patterns[0])}"


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
    **dict.fromkeys(contents.BITS, _mode_bit),
    ROOT_USER: _root_user,
    SECRETS: _secrets,
    **dict.fromkeys((STORED_GROWTH, WASTED_GROWTH, COMPRESSED_GROWTH), judge_growth),
}

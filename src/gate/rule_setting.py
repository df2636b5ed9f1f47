"""What a file or the command line says of a rule, checked against its shape and against other limits."""

from collections.abc import Mapping

from ..formatting import percent
from .catalogue import EFFICIENCY, WASTED_PERCENT, Rule, Shape
from .limits import is_disabled, parse_bytes, parse_limit
from .place import Place
from .setting import OFF, Allowed, Limit, Scope, Setting

_LEVELS = {"fail": Setting(fail=True), "warn": Setting(warn=True), "off": OFF}


def read_setting(place: Place, rule: Rule, value: object) -> Setting:
    """What a file says of a rule; SettingsError for everything that means nothing."""
    if not isinstance(value, dict):
        return place.parsed(rule.name, value, rule.shape.value, lambda: parse_setting(rule, value))
    if rule.shape is Shape.SWITCH:
        place.refuse(rule.name, value, rule.shape.value)
    below = place.below(rule.name)
    options = ["fail", "warn", *(["scope"] if rule.has_scope else []), *(["floor"] if rule.has_floor else [])]
    below.check_names(value, "key", options)
    if "fail" not in value and "warn" not in value:
        raise place.error(rule.name, "it has no limit", f"fail and warn take one: {rule.shape.value}.")
    hard, soft = (_limit(below, rule, name, value) for name in ("fail", "warn"))
    _check_order(place, rule, hard, soft)
    return Setting(hard, soft, _scope(below, value), _floor(below, value))


def parse_setting(rule: Rule, value: object) -> Setting:
    """A hard limit, or of a switch how hard it is; TypeError and ValueError as of `parse_limit`."""
    if rule.shape is not Shape.SWITCH:
        return Setting(fail=parse_limit(rule.shape, value))
    if is_disabled(value):
        return OFF
    if not isinstance(value, str) or value not in _LEVELS:
        raise TypeError
    return _LEVELS[value]


def _limit(place: Place, rule: Rule, name: str, table: Mapping[str, object]) -> Limit | None:
    if name not in table:
        return None
    value = table[name]
    return place.parsed(name, value, rule.shape.value, lambda: parse_limit(rule.shape, value))


def _scope(place: Place, table: Mapping[str, object]) -> Scope:
    value = table.get("scope", "image")
    if value not in tuple(Scope):
        place.refuse("scope", value, '"image", or "own" for the layers above the base image')
    return Scope(str(value))


def _floor(place: Place, table: Mapping[str, object]) -> int:
    value = table.get("floor", 0)
    if type(value) not in (str, int):
        place.refuse("floor", value, Shape.SIZE.value)
    return place.parsed("floor", value, Shape.SIZE.value, lambda: parse_bytes(str(value))) or 0


def _check_order(place: Place, rule: Rule, hard: Limit | None, soft: Limit | None) -> None:
    """SettingsError for a soft limit that the hard one leaves nothing to say."""
    is_least = rule.name == EFFICIENCY
    if isinstance(hard, Allowed) and isinstance(soft, Allowed):
        is_useless = soft != hard and soft.size >= hard.size and soft.fraction >= hard.fraction
    elif isinstance(hard, int | float) and isinstance(soft, int | float):
        is_useless = soft < hard if is_least else soft > hard
    else:
        return
    if is_useless:
        raise place.error(
            rule.name,
            f"warn ({_shown(rule, soft)}) and fail ({_shown(rule, hard)}) contradict each other: "
            "what breaks warn breaks fail first",
            f"warn is the stricter one: {'at least' if is_least else 'at most'} what fail says.",
        )


def _shown(rule: Rule, limit: float | Allowed) -> str:
    if isinstance(limit, Allowed):
        return f"{limit.size:,} B, {percent(limit.fraction)}"
    return percent(limit) if rule.shape is Shape.FRACTION else f"{limit:,}"


def check_together(place: Place, settings: Mapping[str, Setting]) -> None:
    """SettingsError for limits of the same figure under two names that are not the same."""
    efficiency, wasted = (settings.get(name, OFF) for name in (EFFICIENCY, WASTED_PERCENT))
    if efficiency.scope is not wasted.scope or efficiency.floor != wasted.floor:
        return
    for level in ("fail", "warn"):
        live, dead = getattr(efficiency, level), getattr(wasted, level)
        if live is not None and dead is not None and abs(live + dead - 1) > 1e-12:
            raise place.error(
                WASTED_PERCENT,
                f"it contradicts {EFFICIENCY}: at least {percent(live)} live is at most "
                f"{percent(1 - live)} wasted, and not {percent(dead)}",
                "The two are one figure: keep one of them.",
            )

"""The options that several commands have: how to read an image, and what to do with its analysis."""

from collections.abc import Callable
from functools import partial, wraps
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .results import Report, Results, is_same

if TYPE_CHECKING:
    from .gate.setting import Setting

T = TypeVar("T")

DEFAULT_PORT = 8000
"""Of `--serve`."""

PATH = click.Path(readable=False)
"""For completion; whoever opens the path says what is wrong with it."""

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
"""Of every command."""

_LIMITS = ("min_efficiency", "max_wasted_bytes", "max_wasted_percent")
"""Options that are a rule of ours by name."""
_DIVE = {
    "lowest_efficiency": "lowestEfficiency",
    "highest_wasted_bytes": "highestWastedBytes",
    "highest_user_wasted_percent": "highestUserWastedPercent",
}
"""Options that are a rule of dive's."""
_OF_A_GATE = {"config", "ci_config", "rules", *_LIMITS, *_DIVE}
"""The options that mean nothing without one."""


def filled(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Refuses `""`: a variable of a script that is not set must not mean the current folder."""
    if value == "":
        raise click.BadParameter("it is empty")
    return value


def _limit(_context: click.Context, option: click.Parameter, value: str | None) -> "Setting | None":
    return None if value is None else _setting(option.opts[0].lstrip("-"), value)


def _rules(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> "dict[str, Setting]":
    """`NAME=LIMIT`, several of them."""
    found = {}
    for value in values:
        name, equals, limit = value.partition("=")
        if not equals:
            raise click.BadParameter(f"{value!r} is no NAME=LIMIT: max-layers=20, say")
        if name in found:
            raise click.BadParameter(f"{name} is named twice")
        found[name] = _setting(name, limit)
    return found


def _setting(name: str, value: str) -> "Setting":
    from .gate.catalogue import RULES
    from .gate.rule_setting import parse_setting

    if name not in RULES:
        raise click.BadParameter(f"there is no rule {name!r}; there are {', '.join(RULES)}")
    try:
        return parse_setting(RULES[name], value)
    except TypeError:
        allowed = RULES[name].shape.value
        raise click.BadParameter(f"{value!r} is no limit of {name}, which is {allowed}") from None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _as_dive(_context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """Checks it as dive would, and leaves it as it is: it may overrule what the file says."""
    if value is not None:
        from .gate.dive_limits import parse

        _parsed(partial(parse, option.opts[0].lstrip("-")), value)
    return value


def _reports(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> tuple[Report, ...]:
    return tuple(_parsed(_report, value) for value in values)


def _findings(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> frozenset[str]:
    """Ids, several of which may stand in one value."""
    ids = [identity.strip() for value in values for identity in value.split(",")]
    if ids:
        import difflib  # few runs need it, and the catalogue

        from .analysis.findings.catalogue import FAMILIES

        known = [member.id for family in FAMILIES for member in family.members]
        for identity in ids:
            if identity not in known:
                close = difflib.get_close_matches(identity, known, 3)
                hint = f"did you mean {' or '.join(close)}?" if close else "docs/findings.md lists them"
                raise click.BadParameter(f"there is no finding {identity!r}; {hint}")
    return frozenset(ids)


def _report(value: str) -> Report:
    """ValueError if it is not `FORMAT` or `FORMAT=FILE`."""
    from .report.formats import REPORTS

    name, equals, target = value.partition("=")
    if name not in REPORTS:
        raise ValueError(f"{name!r} is no format: {', '.join(REPORTS)}")
    if equals and not target:
        raise ValueError(f"the file of {name} is empty")
    return Report(name, target or "-")


def _parsed(parse: Callable[[str], T], value: str) -> T:
    try:
        return parse(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


_RESULTS = (
    click.option("--ci", is_flag=True, help="Gate: exit 1 if a limit is not kept."),
    click.option(
        "--config", metavar="FILE", type=PATH, callback=filled,
        help="Our rules (default: layerscope.toml or pyproject.toml, if the current folder has rules).",
    ),
    click.option(
        "--rule", "rules", metavar="NAME=LIMIT", multiple=True, callback=_rules,
        help="Rule of ours and its limit, as in the file (repeatable): max-layers=20, no-setuid=fail.",
    ),
    click.option(
        "--min-efficiency", metavar="LIMIT", callback=_limit,
        help="Least live/stored bytes: 0.95, 95% or disabled (default: 0.9; none beside dive's rules).",
    ),
    click.option(
        "--max-wasted-bytes", metavar="LIMIT", callback=_limit,
        help="Most wasted bytes: 20MB, 20MiB, 4096 or disabled (default: disabled).",
    ),
    click.option(
        "--max-wasted-percent", metavar="LIMIT", callback=_limit,
        help="Most wasted/stored bytes: 0.05, 5% or disabled (default: disabled).",
    ),
    click.option(
        "--ci-config", metavar="FILE", type=PATH, callback=filled,
        help="Limits for dive's rules (default: .dive-ci, if it is in the current folder).",
    ),
    click.option(
        "--lowestEfficiency", "lowest_efficiency", metavar="LIMIT", callback=_as_dive,
        help="Rule of dive: least efficiency as dive counts (default: 0.9 where dive's rules apply).",
    ),
    click.option(
        "--highestWastedBytes", "highest_wasted_bytes", metavar="LIMIT", callback=_as_dive,
        help="Rule of dive: most wasted bytes as dive counts.",
    ),
    click.option(
        "--highestUserWastedPercent", "highest_user_wasted_percent", metavar="LIMIT", callback=_as_dive,
        help="Rule of dive: most of those per byte above the first layer (default: 0.1 likewise).",
    ),
    click.option(
        "--baseline", metavar="REPORT|IMAGE", callback=filled, type=PATH,
        help="An earlier report (--json FILE --entries) or image: what has grown, and which step made it.",
    ),
    click.option(
        "--dockerfile", metavar="FILE", type=PATH, callback=filled,
        help="What the image was built from: reports name its lines.",
    ),
    click.option(
        "--json", "json_target", metavar="FILE|-", type=PATH, callback=filled,
        help="Write the report as JSON.",
    ),
    click.option("--entries", is_flag=True, help="Put every entry of every layer into the JSON report."),
    click.option(
        "--dive-json", "dive_target", metavar="FILE|-", type=PATH, callback=filled,
        help="Write what dive --json would.",
    ),
    click.option(
        "--report", "reports", metavar="FORMAT[=FILE]", multiple=True, callback=_reports,
        help="Write text, advice, packages, json, dive-json, markdown, html, sarif, junit, gitlab, github, "
        "openmetrics, ncdu, folded or csv (repeatable; without FILE printed).",
    ),
    click.option(
        "--take", "taken", metavar="ID", multiple=True, callback=_findings,
        help="With --report advice: what if only this finding is mended (repeatable, or ID,ID).",
    ),
    click.option(
        "--text", is_flag=True, help="Print the summary, in a terminal too, instead of the explorer."
    ),
    click.option(
        "--serve", metavar="PORT", is_flag=False, flag_value=DEFAULT_PORT, type=click.IntRange(0, 65535),
        help=f"Show the explorer in a browser, on this machine only (without a number: port {DEFAULT_PORT}).",
    ),
)  # fmt: skip

_READING = (
    click.option(
        "--spool", is_flag=True,
        help="Keep what an engine sends in a temporary file: files open faster, for the room of the image.",
    ),
    click.option("--verify", is_flag=True, help="Read every byte and check every digest."),
    click.option(
        "--no-cache", is_flag=True, help="Neither use what is remembered of images nor remember this one."
    ),
    click.option(
        "--debug", is_flag=True, expose_value=False, help="Show the traceback of an error."
    ),  # looked for where the process ends: it matters where a command fails
)  # fmt: skip


def with_results(
    function: Callable[..., T], *, gates_unasked: Callable[[], bool] = lambda: False
) -> Callable[..., T]:
    """Give a command the options of `Results`, checked, as its argument `results`.

    Where it `gates_unasked`, the command is a gate unless it was asked for something else.
    """

    @wraps(function)
    def gathered(*arguments: Any, **parameters: Any) -> T:
        flags = _gate_flags(click.get_current_context())
        results = _gather(parameters)
        if not results.prints and results.serve is None and gates_unasked():
            results = results._replace(ci=True)
        # A pipeline that sets a limit and forgets `--ci` would never fail.
        if flags and not results.ci:
            raise click.UsageError(f"{flags[0]} needs --ci")
        _check(results)
        return function(*arguments, results=results, **parameters)

    return _with(_RESULTS, gathered)


def _gather(parameters: dict[str, Any]) -> Results:
    """The results out of a command's parameters, which are taken from them."""
    limits = {name.replace("_", "-"): parameters.pop(name) for name in _LIMITS}
    dive = {rule: parameters.pop(name) for name, rule in _DIVE.items()}
    rules = parameters.pop("rules")
    for name, limit in limits.items():
        if limit is not None and name in rules:
            raise click.UsageError(f"--{name} and --rule {name} are one rule: give one of them")
    entries = parameters.pop("entries")
    single = [
        ("json with entries" if entries else "json", parameters.pop("json_target"), "--json"),
        ("dive-json", parameters.pop("dive_target"), "--dive-json"),
    ]
    if entries and single[0][1] is None:
        raise click.UsageError("--entries needs --json")
    return Results(
        ci=parameters.pop("ci"),
        config=parameters.pop("config"),
        settings={
            **{rule: setting for rule, setting in limits.items() if setting is not None},
            **rules,
        },
        ci_config=parameters.pop("ci_config"),
        dive_values={rule: value for rule, value in dive.items() if value is not None},
        baseline=parameters.pop("baseline"),
        dockerfile=parameters.pop("dockerfile"),
        reports=(
            *(Report(name, target, option) for name, target, option in single if target is not None),
            *parameters.pop("reports"),
        ),
        taken=parameters.pop("taken"),
        text=parameters.pop("text"),
        serve=parameters.pop("serve"),
    )


def with_reading(function: Callable[..., T]) -> Callable[..., T]:
    """Give a command the options that say how an image is read: `spool`, `verify`, `no_cache`."""
    return _with(_READING, function)


def _with(
    options: tuple[Callable[[Callable[..., T]], Callable[..., T]], ...], function: Callable[..., T]
) -> Callable[..., T]:
    for option in reversed(options):
        function = option(function)
    return function


def _gate_flags(context: click.Context) -> list[str]:
    """How the options that need a gate, and were given, are written."""
    return [
        option.opts[0]
        for option in context.command.params
        if option.name in _OF_A_GATE
        and context.get_parameter_source(option.name) is click.core.ParameterSource.COMMANDLINE
    ]


def _check(results: Results) -> None:
    """UsageError for options that do not go together."""
    for one, other in combinations(results.reports, 2):
        if is_same(one.target, other.target):
            where = "standard output" if one.target == "-" else one.target
            raise click.UsageError(f"{one.asked} and {other.asked} cannot both write to {where}")
    _check_verdicts(results)
    if results.taken and not any(report.format == "advice" for report in results.reports):
        raise click.UsageError("--take needs --report advice")
    if results.serve is not None and results.prints:
        raise click.UsageError("--serve shows the explorer: it goes with no report and no gate")


def _check_verdicts(results: Results) -> None:
    """UsageError for a report of the gate without one: it would be empty, and a pipeline green by it."""
    if results.reports and not results.ci:
        from .report.formats import BY_NAME

        for report in results.reports:
            if BY_NAME[report.format].is_verdict:
                raise click.UsageError(f"{report.asked} needs --ci")

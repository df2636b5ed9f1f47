"""The options that several commands have: how to read an image, and what to do with its analysis."""

import os
from collections.abc import Callable
from functools import partial, wraps
from itertools import combinations
from typing import Any, NamedTuple, TypeVar

import click

T = TypeVar("T")

DEFAULT_PORT = 8000
"""Of `--serve`."""

PATH = click.Path(readable=False)
"""For completion; whoever opens the path says what is wrong with it."""

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
"""Of every command."""


class Report(NamedTuple):
    """A report that was asked for."""

    format: str
    """One of `report.formats.REPORTS`."""
    target: str
    """A path, or `-` for standard output."""


class Results(NamedTuple):
    """What is to become of the analysis: nothing of it means the explorer, or else the summary."""

    ci: bool
    ci_config: str | None
    lowest_efficiency: str | None
    highest_wasted_bytes: str | None
    highest_user_wasted_percent: str | None
    min_efficiency: float | None
    max_wasted_bytes: int | None
    max_wasted_percent: float | None
    json_target: str | None
    entries: bool
    dive_target: str | None
    reports: tuple[Report, ...]
    text: bool
    serve: int | None
    asked: frozenset[str] = frozenset()
    """Those of the gate's options, by the names above, that stand on the command line."""

    @property
    def dive_values(self) -> dict[str, str]:
        """The limits that dive's flags give, as text, by the names of dive's rules."""
        values = {
            "lowestEfficiency": self.lowest_efficiency,
            "highestWastedBytes": self.highest_wasted_bytes,
            "highestUserWastedPercent": self.highest_user_wasted_percent,
        }
        return {rule: value for rule, value in values.items() if value is not None}

    @property
    def prints(self) -> bool:
        """Whether something is printed or written, so that no explorer opens."""
        return bool(self.text or self.ci or self.targets)

    @property
    def targets(self) -> list[tuple[str, str]]:
        """Everything that is written: the option that asks for it, and a path or `-`."""
        single = [("--json", self.json_target), ("--dive-json", self.dive_target)]
        return [
            *((option, target) for option, target in single if target is not None),
            *((f"--report {report.format}", report.target) for report in self.reports),
        ]

    @property
    def fills_stdout(self) -> bool:
        """Whether a report goes to standard output, which is then for nothing else."""
        return any(target == "-" for _, target in self.targets)


_OF_A_GATE = {
    "ci_config",
    *("lowest_efficiency", "highest_wasted_bytes", "highest_user_wasted_percent"),
    *("min_efficiency", "max_wasted_bytes", "max_wasted_percent"),
}
"""The options that mean nothing without one."""


def filled(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Refuses `""`: a variable of a script that is not set must not mean the current folder."""
    if value == "":
        raise click.BadParameter("it is empty")
    return value


def _fraction(_context: click.Context, _option: click.Parameter, value: str) -> float | None:
    from .gate.limits import parse_fraction

    return _parsed(parse_fraction, value)


def _bytes(_context: click.Context, _option: click.Parameter, value: str) -> int | None:
    from .gate.limits import parse_bytes

    return _parsed(parse_bytes, value)


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
        "--min-efficiency", metavar="LIMIT", callback=_fraction, default="0.9",
        help="Least live/stored bytes: 0.95, 95% or disabled (default: 0.9; none beside dive's rules).",
    ),
    click.option(
        "--max-wasted-bytes", metavar="LIMIT", callback=_bytes, default="disabled", show_default=True,
        help="Most wasted bytes: 20MB, 20MiB, 4096 or disabled.",
    ),
    click.option(
        "--max-wasted-percent", metavar="LIMIT", callback=_fraction, default="disabled", show_default=True,
        help="Most wasted/stored bytes: 0.05, 5% or disabled.",
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
        help="Write text, json, dive-json, markdown, github or junit (repeatable; without FILE printed).",
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
        context = click.get_current_context()
        flags = {name: flag for name, flag in _gate_flags(context).items() if _is_given(name, context)}
        values = {name: parameters.pop(name) for name in Results._fields[:-1]}
        results = Results(**values, asked=frozenset(flags))
        if not results.prints and results.serve is None and gates_unasked():
            results = results._replace(ci=True)
        # A pipeline that sets a limit and forgets `--ci` would never fail.
        if flags and not results.ci:
            raise click.UsageError(f"{next(iter(flags.values()))} needs --ci")
        _check(results)
        return function(*arguments, results=results, **parameters)

    return _with(_RESULTS, gathered)


def with_reading(function: Callable[..., T]) -> Callable[..., T]:
    """Give a command the options that say how an image is read: `spool`, `verify`, `no_cache`."""
    return _with(_READING, function)


def _with(
    options: tuple[Callable[[Callable[..., T]], Callable[..., T]], ...], function: Callable[..., T]
) -> Callable[..., T]:
    for option in reversed(options):
        function = option(function)
    return function


def _gate_flags(context: click.Context) -> dict[str, str]:
    """How the options that need a gate are written, by their names."""
    return {option.name: option.opts[0] for option in context.command.params if option.name in _OF_A_GATE}


def _is_given(name: str, context: click.Context) -> bool:
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def _check(results: Results) -> None:
    """UsageError for options that do not go together."""
    for (one, target), (other, same) in combinations(results.targets, 2):
        if is_same(target, same):
            where = "standard output" if target == "-" else target
            raise click.UsageError(f"{one} and {other} cannot both write to {where}")
    _check_verdicts(results)
    if results.entries and results.json_target is None:
        raise click.UsageError("--entries needs --json")
    if results.serve is not None and results.prints:
        raise click.UsageError("--serve shows the explorer: it goes with no report and no gate")


def _check_verdicts(results: Results) -> None:
    """UsageError for a report of the gate without one: it would be empty, and a pipeline green by it."""
    if results.reports and not results.ci:
        from .report.formats import REPORTS

        for report in results.reports:
            if REPORTS[report.format].is_verdict:
                raise click.UsageError(f"--report {report.format} needs --ci")


def is_same(one: str, other: str) -> bool:
    """Whether two targets are one file, or standard output both."""
    return one == other or ("-" not in (one, other) and os.path.realpath(one) == os.path.realpath(other))

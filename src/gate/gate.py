"""Which rules are judged: ours, those of dive where somebody brings limits for them, or both."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ..analysis.analyze import Analysis
from . import dive_file
from .dive_limits import DiveLimits, limits_of
from .dive_rules import judge_as_dive
from .rules import Limits, Verdict, judge


@dataclass(frozen=True, slots=True)
class Gate:
    """The rules of a run."""

    ours: Limits
    asked: frozenset[str]
    """The names of our rules that were asked for: beside dive's rules only those are judged."""
    dive: DiveLimits | None = None
    file: str = ""
    """The file that dive's limits are from; empty if there is none."""
    unread: tuple[str, ...] = ()
    """What the file says and nobody reads."""
    origin: str = ""
    """Where dive's limits are from, in the order in which they count; empty without them."""

    def judge(self, analysis: Analysis) -> tuple[Verdict, ...]:
        """The verdicts: dive's rules first."""
        ours = judge(analysis, self.ours)
        if self.dive is None:
            return ours
        return (*judge_as_dive(analysis, self.dive), *(found for found in ours if found.rule in self.asked))


def choose(ours: Limits, asked: Collection[str], path: str | None, flags: Mapping[str, str]) -> Gate:
    """The gate of a run in the current folder: dive's, if there is a file of it or one of its `flags`.

    `asked` are the options that were given, our limits by their names in `Limits` among them; `flags` are
    dive's, by its names, as text that is known to be right. SettingsError, SourceError and LimitError for
    the file.
    """
    rules = frozenset(name.replace("_", "-") for name in asked)
    file = dive_file.find(path)
    if file is None and not flags:
        return Gate(ours, rules)
    origins = ["the command line"] if flags else []
    values: dict[str, str] = {}
    if file is not None:
        dive_file.check(file, frozenset(flags))
        values.update(file.values)
        origins.append(file.path)
    limits = limits_of({**values, **flags})
    origin = ", then ".join([*origins, "dive's defaults"])
    return Gate(ours, rules, limits, file.path if file else "", file.unread if file else (), origin)

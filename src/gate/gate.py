"""Which rules are judged: ours, those of dive where somebody brings limits for them, or both."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..analysis.analyze import Analysis
from . import config, dive_file
from .accept import Accept, Accepts
from .case import Case
from .catalogue import EFFICIENCY, EXPIRED_ACCEPTS, UNUSED_ACCEPTS, WASTED_BYTES, WASTED_PERCENT
from .config import Config, Section, overrule
from .dive_limits import DiveLimits, limits_of
from .dive_rules import judge_as_dive
from .rules import judge
from .setting import OFF, Setting
from .verdicts import Evidence, Judgement, Outcome, Verdict

if TYPE_CHECKING:
    from ..analysis.growth import Growth  # which few runs need

_ALONE = {EFFICIENCY: Setting(fail=0.9), WASTED_BYTES: OFF, WASTED_PERCENT: OFF}
"""What is judged if nobody says what."""
_BESIDE = {EFFICIENCY: Setting(fail=0.9)}
"""What holds beside a file of rules that does not say otherwise."""
_BY_ITSELF = Setting(warn=True)
"""Of the rules about the accept list."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The rules of a run."""

    today: datetime.date
    """By which entries of the accept list expire."""
    config: Config = field(default_factory=Config)
    settings: Mapping[str, Setting] = field(default_factory=dict)
    """Those of the command line, which count before the file's, by the names of the rules."""
    dive: DiveLimits | None = None
    file: str = ""
    """The file that dive's limits are from; empty if there is none."""
    unread: tuple[str, ...] = ()
    """What that file says and nobody reads."""
    origin: str = ""
    """Where dive's limits are from, in the order in which they count; empty without them."""

    def section(self, names: Sequence[str]) -> Section:
        """What of our rules holds for an image of these names."""
        found = self.config.of(names)
        if self.dive is not None:
            standard: Mapping[str, Setting] = {}
        elif not self.config.file:
            standard = _ALONE
        else:
            # Who names what may be wasted has said what must be live.
            standard = {} if WASTED_PERCENT in found.settings else _BESIDE
        return overrule(found, self.settings, standard)

    def accepts(self, analysis: Analysis) -> Accepts:
        """What of an image is accepted today."""
        section = self._section_of(analysis)
        return Accepts([entry for entry in section.accept if not entry.is_expired(self.today)])

    def judge(self, images: "Sequence[tuple[Analysis, Growth | None]]") -> list[Judgement]:
        """The judgement of each image; raises what `rules.judge` does."""
        return self.finish([(analysis, self.judge_rules(analysis, growth)) for analysis, growth in images])

    def judge_rules(self, analysis: Analysis, growth: "Growth | None") -> Judgement:
        """What the rules say of an image, dive's first; nothing yet of the accept list. Raises as they do."""
        case = Case(analysis, growth, self.accepts(analysis))
        section = self._section_of(analysis)
        dives = judge_as_dive(analysis, self.dive) if self.dive is not None else ()
        verdicts = (*dives, *judge(case, section.settings))
        return Judgement(verdicts, self.origin, self.config.file, case.accepts)

    def finish(self, judged: Sequence[tuple[Analysis, Judgement]]) -> list[Judgement]:
        """With the verdicts on the accept list: an entry that any of the images uses is used."""
        used: set[str] = set()
        for analysis, judgement in judged:
            accepts = judgement.accepts
            if len(accepts.used) < len(accepts.entries):  # to look for findings takes its time
                accepts.sort_out(analysis.findings)
            used.update(accepts.entries[number].where for number in accepts.used)
        return [
            replace(judgement, verdicts=(*judgement.verdicts, *self._of_list(analysis, used)))
            for analysis, judgement in judged
        ]

    def _section_of(self, analysis: Analysis) -> Section:
        return self.section((analysis.image.reference, *analysis.image.tags))

    def _of_list(self, analysis: Analysis, used: set[str]) -> list[Verdict]:
        """The verdicts of the accept list itself."""
        section = self._section_of(analysis)
        if not section.accept:
            return []
        expired = [entry for entry in section.accept if entry.is_expired(self.today)]
        unused = [entry for entry in section.accept if entry not in expired and entry.where not in used]
        return [
            _of_entries(name, section.settings.get(name, _BY_ITSELF), found, what)
            for name, found, what in (
                (EXPIRED_ACCEPTS, expired, "it held until"),
                (UNUSED_ACCEPTS, unused, "it accepts nothing"),
            )
        ]


def _of_entries(name: str, setting: Setting, entries: Sequence[Accept], what: str) -> Verdict:
    count = len(entries)
    measured = f"{count:,} {'entry' if count == 1 else 'entries'}" if count else "none"
    if setting.is_off:
        return Verdict(name, measured, "", "disabled", Outcome.SKIP)
    if not entries:
        return Verdict(name, measured, "", "none", Outcome.PASS)
    outcome = Outcome.FAIL if setting.fail else Outcome.WARN
    evidence = tuple(
        Evidence(b"", 0, None, f"{one.where} ({one.told}): {what} {one.expires or ''}".rstrip())
        for one in entries
    )
    return Verdict(name, measured, "", "none", outcome, evidence=evidence)


def accepting(path: str | None, today: datetime.date) -> Gate:
    """What our file of rules says, for whoever asks what is accepted; no limits hold by it."""
    return Gate(today, config.find(path))


def choose(
    settings: Mapping[str, Setting],
    path: str | None,
    dive_path: str | None,
    dive_values: Mapping[str, str],
    today: datetime.date,
) -> Gate:
    """The gate of a run in the current folder: ours, and dive's if there is a file of it or one of its flags.

    `settings` are those of the command line, by the names of our rules; `path` and `dive_path` are the files
    that were named; `dive_values` are dive's flags, by the names of its rules, as text that is known to be
    right. SettingsError, SourceError and LimitError for the files.
    """
    ours = config.find(path)
    file = dive_file.find(dive_path)
    if file is None and not dive_values:
        return Gate(today, ours, settings)
    origins = ["the command line"] if dive_values else []
    values: dict[str, str] = {}
    if file is not None:
        dive_file.check(file, frozenset(dive_values))
        values.update(file.values)
        origins.append(file.path)
    dive = limits_of({**values, **dive_values})
    origin = ", then ".join([*origins, "dive's defaults"])
    return Gate(today, ours, settings, dive, file.path if file else "", file.unread if file else (), origin)

"""Two images side by side: figures, steps, directories, packages, files, settings, findings that differ.

A growth (`growth`) tells where stored bytes came from; this tells of everything else too.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from .analyze import Analysis
from .comparison_config import ConfigDifference, compare_configuration
from .comparison_files import Difference, FileDifference, compare_files
from .comparison_packages import PackageComparison, compare_packages
from .findings.finding import Finding, Severity
from .growth import Growth, LayerGrowth, measure_growth
from .model import Layer
from .saved import SavedAnalysis


class StepDifference(NamedTuple):
    """One step of the two images that made a layer."""

    kind: Difference
    """Any but CHANGED; SAME: one tar, of which other steps may waste more or less than before."""
    growth: LayerGrowth
    command: str
    """Of the second image, or of the first for a step that is gone; empty if the history does not tell."""

    @property
    def differs(self) -> bool:
        """Whether there is anything to tell of it."""
        return self.kind is not Difference.SAME or self.growth.wasted != 0


class FindingDifference(NamedTuple):
    """A finding that one of the images has, or that both have with other bytes."""

    kind: Difference
    """ADDED, REMOVED, GROWN or SHRUNK."""
    id: str
    title: str
    severity: Severity
    command: str
    """Of the step to be changed, as in `StepDifference`; empty for none."""
    before: int
    """Stored bytes that would go away in the first image if it were mended; 0 if it is not there."""
    after: int


class FileSum(NamedTuple):
    """All paths of one kind of difference together."""

    paths: int
    """How many."""
    before: int
    """Bytes they have in the first image."""
    after: int

    @property
    def growth(self) -> int:
        """`after - before`."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two images differ; nothing of it needs either open."""

    before: Analysis
    after: Analysis
    growth: Growth
    """Stored bytes by step, path and directory."""
    steps: tuple[StepDifference, ...]
    """All that made a layer in either, in the order of `Growth.layers`."""
    files: tuple[FileDifference, ...] | None
    """Paths of the final filesystems that differ, the largest difference first. None if one of the two is a
    report that was saved without entries."""
    configuration: tuple[ConfigDifference, ...]
    packages: PackageComparison | None = None
    """None if one of the two cannot tell: a report, or an image whose contents have gone by."""
    findings: tuple[FindingDifference, ...] | None = None
    """Those with most bytes more or less first. None if one of the two is a report that cannot tell."""

    @property
    def differs(self) -> bool:
        """Whether anything does that is known of both."""
        return bool(
            any(step.differs for step in self.steps)
            or self.growth.compressed
            or self.files
            or self.configuration
            or self.findings
        )

    @property
    def is_whole(self) -> bool:
        """Whether files and findings of both are known."""
        return self.files is not None and self.findings is not None

    @property
    def file_sums(self) -> dict[Difference, FileSum]:
        """The kinds of which there are files, in the order of `Difference`; empty if they are not known."""
        found: dict[Difference, list[FileDifference]] = {kind: [] for kind in Difference}
        for one in self.files or ():
            found[one.kind].append(one)
        return {
            kind: FileSum(len(files), sum(one.before for one in files), sum(one.after for one in files))
            for kind, files in found.items()
            if files
        }


def compare(before: Analysis, after: Analysis) -> Comparison:
    """Hold two images against each other; time is about linear in layers and n·log n in paths.

    Of both only plain data is looked at, but for `Analysis.packages` and `Analysis.findings`, which read
    contents: of an image that has been closed they must have been asked for before.
    """
    return with_contents(without_contents(before, after))


def without_contents(before: Analysis, after: Analysis) -> Comparison:
    """What can be told at once; packages and findings are not known."""
    growth = measure_growth(before, after)
    steps = tuple(_step(one, before, after) for one in growth.layers)
    return Comparison(
        before,
        after,
        growth,
        steps,
        compare_files(before, after) if before.has_entries and after.has_entries else None,
        compare_configuration(before, after),
    )


def with_contents(comparison: Comparison) -> Comparison:
    """The same with packages and findings, for which contents are read."""
    before, after, steps = comparison.before, comparison.after, comparison.steps
    searched = _is_searched(before) and _is_searched(after)
    return replace(
        comparison,
        packages=compare_packages(before, after),
        findings=_compare_findings(before, after, steps) if searched else None,
    )


def _step(growth: LayerGrowth, before: Analysis, after: Analysis) -> StepDifference:
    was = None if growth.before is None else before.layers[growth.before]
    now = None if growth.after is None else after.layers[growth.after]
    if was is None or now is None:
        kind = Difference.ADDED if was is None else Difference.REMOVED
    elif growth.stored:
        kind = Difference.GROWN if growth.stored > 0 else Difference.SHRUNK
    else:
        kind = Difference.SAME if _are_one(was.layer, now.layer) else Difference.REWRITTEN
    layer = now or was
    return StepDifference(kind, growth, layer.command if layer is not None else "")


def _are_one(before: Layer, after: Layer) -> bool:
    """Whether both are one tar, or one blob where the config does not name the tars."""
    if before.diff_id or after.diff_id:
        return before.diff_id == after.diff_id
    return before.digest == after.digest != ""


def _is_searched(analysis: Analysis) -> bool:
    """Whether its findings are known: an old report without entries has none, nor can they be found."""
    return (
        analysis.has_entries
        or not isinstance(analysis, SavedAnalysis)
        or analysis.recorded.findings is not None
    )


_Key = tuple[str, int | str | None]
"""What the findings of both images are told apart by: their id, and the number of a step that both have, or a
command, or nothing where each image has one finding of that id."""
_Told = list[tuple[Finding, str]]
"""Findings, each with the command of the step to be changed."""


def _compare_findings(
    before: Analysis, after: Analysis, steps: tuple[StepDifference, ...]
) -> tuple[FindingDifference, ...]:
    once = _ids_found_once(before) & _ids_found_once(after)
    common = [one.growth for one in steps if None not in (one.growth.before, one.growth.after)]
    was = _by_step(before, {step.before: number for number, step in enumerate(common)}, once)
    now = _by_step(after, {step.after: number for number, step in enumerate(common)}, once)
    found = (_finding(was.get(key, []), now.get(key, [])) for key in {**was, **now})
    return tuple(
        sorted(
            (one for one in found if one is not None),
            key=lambda one: (-abs(one.after - one.before), -one.severity, one.id, one.command),
        )
    )


def _ids_found_once(analysis: Analysis) -> set[str]:
    found = Counter(finding.id for finding in analysis.findings)
    return {name for name, count in found.items() if count == 1}


def _by_step(
    analysis: Analysis, numbers: Mapping[int | None, int], once: Collection[str]
) -> dict[_Key, _Told]:
    """`numbers` are those of steps that both have: a finding of one that was edited is the same finding."""
    found: defaultdict[_Key, _Told] = defaultdict(list)
    for finding in analysis.findings:
        layer = finding.layers[0] if finding.layers else None
        command = "" if layer is None else analysis.layers[layer].command
        step = None if finding.id in once else command if layer is None else numbers.get(layer, command)
        found[finding.id, step].append((finding, command))
    return found


def _finding(was: _Told, now: _Told) -> FindingDifference | None:
    """What differs between findings that are the same one; None if their bytes do not."""
    before, after = sum(one.saved for one, _ in was), sum(one.saved for one, _ in now)
    if was and now and before == after:
        return None
    kind = Difference.GROWN if after > before else Difference.SHRUNK
    if not was or not now:
        kind = Difference.REMOVED if was else Difference.ADDED
    one, command = (now or was)[0]
    return FindingDifference(kind, one.id, one.title, one.severity, command, before, after)

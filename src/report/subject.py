"""What a report is about: the images of a run, measured and judged."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..analysis.analyze import Analysis
from ..gate.accept import NOTHING, Accepts, SortedOut
from ..gate.verdicts import Judgement, Verdict
from .wording import counted

if TYPE_CHECKING:  # few runs need them
    from ..analysis.dockerfile import Lines
    from ..analysis.growth import Growth


@dataclass(frozen=True, slots=True)
class Subject:
    """One image, and all that a report may tell of it."""

    analysis: Analysis
    judgement: Judgement | None = None
    """None without a gate."""
    growth: "Growth | None" = None
    """None without a baseline."""
    lines: "Lines | None" = None
    """None without a Dockerfile."""
    accepts: Accepts = NOTHING
    """What a file of rules accepts of the image, whether there is a gate or not."""

    @property
    def findings(self) -> SortedOut:
        """What to change in the image, and what of it is accepted."""
        return self.accepts.sort_out(self.analysis.findings)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Those of the gate; empty without one."""
        return self.judgement.verdicts if self.judgement is not None else ()


@dataclass(frozen=True, slots=True)
class Failure:
    """An image that could not be measured."""

    reference: str
    """What the user typed."""
    message: str
    """Why, as one sentence; may hold text of the image."""


@dataclass(frozen=True, slots=True)
class Run:
    """All that was looked at, in the order in which it was asked for."""

    images: tuple[Subject | Failure, ...]
    taken: frozenset[str] = frozenset()
    """Ids of the findings whose advice is taken, for the report that tells what becomes of it; empty: all."""

    @property
    def subjects(self) -> Iterator[Subject]:
        """Those that could be measured."""
        return (image for image in self.images if isinstance(image, Subject))

    @property
    def failures(self) -> Iterator[Failure]:
        """Those that could not."""
        return (image for image in self.images if isinstance(image, Failure))

    @property
    def is_judged(self) -> bool:
        """Whether there is a gate."""
        return any(subject.judgement is not None for subject in self.subjects)

    def counted(self) -> str:
        """`FAIL: 2 of 3 images pass`; what could not be measured does not."""
        judged = (subject.judgement for subject in self.subjects)
        passed = sum(judgement is not None and not judgement.is_closed for judgement in judged)
        count = len(self.images)
        told = f"{passed:,} of {counted(count, 'image', 'images')} pass"
        return f"{'PASS' if passed == count else 'FAIL'}: {told}"

"""The text summary and the gate's table: plain lines, no terminal control, any width from 40 columns up."""

from collections.abc import Iterator
from typing import TextIO

from ...analysis.sharing import share
from ...formatting import columns, percent, size
from ..subject import Failure, Run, Subject
from ..wording import LOOKED_AT, or_dash
from .style import Style, widest
from .summary import summary
from .verdicts import verdicts


def write(run: Run, out: TextIO) -> None:
    """Write what is printed without any report, 100 columns wide."""
    for line in lines(run, Style()):
        out.write(f"{line}\n")


def lines(run: Run, style: Style, *, rows: int = 10) -> Iterator[str]:
    """What is printed of a run: the summary of its image or what the gate says; of several a table first."""
    return style.fit(_lines(run, style, rows))


def _lines(run: Run, style: Style, rows: int) -> Iterator[str]:
    subjects = list(run.subjects)
    if len(run.images) == 1 and subjects:
        yield from _image(subjects[0], style, rows)
        return
    yield from _images(run, style)
    for subject in subjects:
        if subject.judgement is not None and subject.judgement.word != "PASS":
            yield ""
            yield from verdicts(subject, subject.judgement, style, rows)


def _image(subject: Subject, style: Style, rows: int) -> Iterator[str]:
    if subject.judgement is not None:
        yield from verdicts(subject, subject.judgement, style, rows)
    else:
        yield from summary(subject, style, rows)


def _images(run: Run, style: Style) -> Iterator[str]:
    """One line an image, and what they have in common."""
    subjects = list(run.subjects)
    sharing = share([subject.analysis for subject in subjects])
    common = iter(sharing.shared)
    has_outcomes = run.is_judged or any(run.failures)
    width = min(max(12, widest(style.shown(_name(image)) for image in run.images)), style.width // 2)
    figures = f"{'efficiency':>10}  {'stored':>8}  {'wasted':>8}  {'shared':>8}"
    yield f"{'       ' if has_outcomes else ''}{'image':<{width}}  {figures}"
    for image in run.images:
        name = style.cut(style.shown(_name(image)), width, keep_end=True)
        name += " " * (width - columns(name))
        if isinstance(image, Failure):
            yield f"ERROR  {name}  {style.shown(image.message)}"
            continue
        totals, judgement = image.analysis.totals, image.judgement
        word = "" if judgement is None else judgement.word
        figures = f"{percent(totals.efficiency):>10}  {size(totals.stored):>8}  {or_dash(totals.wasted):>8}"
        yield f"{f'{word:5}  ' if has_outcomes else ''}{name}  {figures}  {or_dash(next(common)):>8}"
    if len(subjects) > 1:
        stored = sum(subject.analysis.totals.stored for subject in subjects)
        yield ""
        yield f"Together {size(sharing.stored)} stored, one by one {size(stored)}"
    if run.is_judged:
        yield ""
        yield run.counted()


def _name(image: Subject | Failure) -> str:
    reference = image.reference if isinstance(image, Failure) else image.analysis.image.reference
    return reference[:LOOKED_AT]

"""Picks a view of images and an exit code: explorer, browser, gate, reports or the summary."""

import contextlib
import datetime
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from .ending import EXIT_ERROR, EXIT_FAILED, Terminated, complain
from .errors import LayerscopeError
from .formatting import cut, printable
from .opening import Wanted, analysis_of, analysis_with_progress
from .results import NUMBER, Report, Results, keep_what_is_read
from .terminal import (
    can_explore,
    is_served,
    keyboard_behind_pipe,
    pager,
    print_lines,
    speaks_unicode,
    step_summary,
    style,
)

if TYPE_CHECKING:
    from .analysis.analyze import Analysis
    from .analysis.dockerfile import Lines
    from .analysis.growth import Growth
    from .analysis.model import LocalImages
    from .gate.gate import Gate
    from .report.subject import Run, Subject

_NAMED = 3
"""Of the names in a file that mean nothing."""
_LONGEST_NAME = 60
_LARGEST_DOCKERFILE = 1 << 20

_kept: "list[Run]" = []
"""What was shown last: the process ends soon, and to free millions of objects one by one would take time."""


def show(wanted: Sequence[Wanted], results: Results, gate: "Gate | None" = None) -> int:
    """What was asked for, or what suits whoever looks; gives the exit code.

    `gate` is that of the results, if it was wanted before there was an image.
    """
    _check_several(wanted, results)
    if results.serve is not None:
        _serve(wanted[0], results.serve)
        return 0
    if len(wanted) == 1 and not results.prints and can_explore(wanted[0].reference):
        explore_image(wanted[0])
        return 0
    gate = gate or gate_of(results)
    rules = gate or _rules_of(results.config)
    _keep_what_is_read(wanted, results, gate, rules.config.file)
    with contextlib.ExitStack() as stack:
        run = _measure(wanted, results, gate, rules, stack)
        _kept[:] = [run]
        _write_reports(run, results)
        if gate is not None or not results.prints or results.text:
            from .report.text import report as text

            aside = gate is not None and results.fills_stdout
            out = sys.stderr if aside else sys.stdout
            print_lines(text.lines(run, style(out)), out)
        return _code(run)


def pick(wanted: Wanted, results: Results) -> int:
    """Let the user choose among the local images, and open that one; UsageError where nobody can choose."""
    if results.prints or results.serve is not None or not can_explore(""):
        raise click.UsageError("IMAGE is missing")
    explore_image(wanted._replace(pull="never"), choose=True)  # they were there a moment ago
    return 0


def gate_of(results: Results) -> "Gate | None":
    """What is to be judged, if anything is: wrong limits are said before an image is read, or built."""
    if not results.ci:
        return None
    from .gate import gate

    today = datetime.datetime.now().astimezone().date()
    chosen = gate.choose(results.settings, results.config, results.ci_config, results.dive_values, today)
    if chosen.unread:
        names = ", ".join(
            cut(printable(name), _LONGEST_NAME, ellipsis="...") for name in chosen.unread[:_NAMED]
        )
        print_lines([f"layerscope: {printable(chosen.file)}: dive has no such rules: {names}"], sys.stderr)
    return chosen


def _rules_of(path: str | None) -> "Gate":
    """What the file of rules says where nothing is judged: what is accepted holds all the same."""
    from .gate.gate import accepting

    return accepting(path, datetime.datetime.now().astimezone().date())


# Before anything is read.


def _check_several(wanted: Sequence[Wanted], results: Results) -> None:
    """UsageError for what is about one image, where there are several."""
    if len(wanted) > 1:
        for option, value in (("--baseline", results.baseline), ("--dockerfile", results.dockerfile)):
            if value is not None:
                raise click.UsageError(
                    f"{option} is of one image: name it in layerscope.toml, in the [[image]] it is about"
                )
        if results.serve is not None:
            raise click.UsageError("--serve shows one image")
        if any(one.image is not None for one in wanted):
            raise click.UsageError("--image picks one of an archive's images: it goes with one archive")
    if _references(wanted, results).count("-") > 1:
        raise click.UsageError("standard input holds one image")
    _check_targets(wanted, results)


def _check_targets(wanted: Sequence[Wanted], results: Results) -> None:
    """UsageError if several images would be written over each other."""
    if not results.reports or len(wanted) == 1:
        return
    from .report.formats import BY_NAME

    for report in results.reports:
        if not BY_NAME[report.format].holds_many and NUMBER not in report.target:
            raise click.UsageError(
                f"{report.asked} holds one image: put {NUMBER} into the name of its file, for their numbers"
            )


def _keep_what_is_read(wanted: Sequence[Wanted], results: Results, gate: "Gate | None", rules: str) -> None:
    """UsageError if a report would take the place of an image, of what it is held against or of the rules."""
    read = [*_references(wanted, results), results.dockerfile, rules]
    if gate is not None:
        read += [gate.file, *gate.config.read]
    keep_what_is_read(
        read, (target for report in results.reports for target in _targets(report, len(wanted)))
    )


def _references(wanted: Sequence[Wanted], results: Results) -> list[str | None]:
    """All images that were asked for: those to be shown, what they were built on, and the baseline."""
    return [*(one.reference for one in wanted), *(one.base for one in wanted), results.baseline]


def _targets(report: Report, count: int) -> list[str]:
    """The files of a report, if each of `count` images has one of its own."""
    if NUMBER not in report.target:
        return [report.target]
    return [report.target.replace(NUMBER, str(number)) for number in range(1, count + 1)]


# Measuring and judging.


def _measure(
    wanted: Sequence[Wanted],
    results: Results,
    gate: "Gate | None",
    rules: "Gate",
    stack: contextlib.ExitStack,
) -> "Run":
    """The images, measured, held against their baselines and judged; they stay open as long as the stack.

    What cannot be read or judged ends the run if it is the only one; else it is said, and the others go on.
    """
    from .report.subject import Failure, Run

    images: list[Subject | Failure] = []
    for one in wanted:
        try:
            images.append(_subject(one, results, gate, rules, stack))
        except LayerscopeError as error:
            if len(wanted) == 1:
                raise
            complain(error)
            images.append(Failure(one.reference, error.message))
    if gate is not None:
        subjects = [image for image in images if not isinstance(image, Failure)]
        judged = [(one.analysis, one.judgement) for one in subjects if one.judgement is not None]
        found = iter(gate.finish(judged))
        images = [
            image if isinstance(image, Failure) else replace(image, judgement=next(found)) for image in images
        ]
    return Run(tuple(images), results.taken)


def _subject(
    wanted: Wanted,
    results: Results,
    gate: "Gate | None",
    rules: "Gate",
    stack: contextlib.ExitStack,
) -> "Subject":
    from .report.subject import Subject

    analysis = stack.enter_context(analysis_with_progress(wanted))
    image = analysis.image
    section = gate.section((image.reference, *image.tags)) if gate is not None else None
    baseline = results.baseline or (section.baseline if section is not None else "")
    dockerfile = results.dockerfile or (section.dockerfile if section is not None else "")
    growth = _growth(wanted, baseline, analysis) if baseline else None
    lines = _lines(dockerfile, analysis) if dockerfile else None
    judgement = gate.judge_rules(analysis, growth) if gate is not None else None
    accepts = rules.accepts(analysis) if judgement is None else judgement.accepts
    return Subject(analysis, judgement, growth, lines, accepts)


def _growth(wanted: Wanted, baseline: str, analysis: "Analysis") -> "Growth":
    from .analysis.growth import measure_growth

    with analysis_with_progress(_beside(wanted, baseline)) as earlier:
        return measure_growth(earlier, analysis)


def _beside(wanted: Wanted, reference: str) -> Wanted:
    """Another image to hold this one against; of a report no platform is asked for."""
    beside = wanted.beside(reference)
    if beside.platform is not None:
        from .report.saved import report as saved_report

        if saved_report.is_report(reference):
            beside = beside._replace(platform=None)
    return beside


def _lines(path: str, analysis: "Analysis") -> "Lines":
    from pathlib import Path

    from .analysis.dockerfile import map_lines
    from .errors import LimitError, SourceError

    try:
        with Path(path).open("rb") as file:
            data = file.read(_LARGEST_DOCKERFILE + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character
        reason = getattr(error, "strerror", None) or error
        raise SourceError(f"the Dockerfile {path} cannot be read: {reason}") from None
    if len(data) > _LARGEST_DOCKERFILE:
        raise LimitError(f"{path} is larger than 1 MiB, and so no Dockerfile")
    return map_lines(path, data.decode("utf-8", "replace"), analysis)


def _code(run: "Run") -> int:
    if any(True for _ in run.failures):
        return EXIT_ERROR
    closed = any(subject.judgement is not None and subject.judgement.is_closed for subject in run.subjects)
    return EXIT_FAILED if closed else 0


# Views.


def explore_image(wanted: Wanted, *, before: Wanted | None = None, choose: bool = False) -> None:
    """Open the explorer, which reads the image, and what was `before`, while it shows how far it is."""
    import gc

    gc.disable()  # until all is read, imports included
    from .explore import Progress, explore
    from .tui.settings import read_settings, settings_path

    ascii_only = not (is_served() or speaks_unicode(sys.stdout))
    settings = read_settings(settings_path(), ascii_only=ascii_only)
    settings = replace(settings, pager=settings.pager or pager())
    references = [one.reference for one in (before, wanted) if one is not None]
    with contextlib.ExitStack() as stack:
        stdin = stack.enter_context(keyboard_behind_pipe()) if "-" in references else None

        def opened(reference: str, progress: Progress) -> "contextlib.AbstractContextManager[Analysis]":
            asked = wanted._replace(reference=reference)
            return analysis_of(asked, progress, keep_past=True, stdin=stdin)

        def opened_before(
            _reference: str, progress: Progress
        ) -> "contextlib.AbstractContextManager[Analysis]":
            assert before is not None
            return analysis_of(before, progress, stdin=stdin)

        explore(
            opened,
            settings,
            None if choose else wanted.reference,
            before=None if before is None else (before.reference, opened_before),
            beside=lambda reference, progress: analysis_of(_beside(wanted, reference), progress),
            accepts=lambda analysis: _rules_of(None).accepts(analysis),
            images=_local_images,
            ended=Terminated,
        )


def _local_images() -> "LocalImages":
    from .loader.engines import local_images

    return local_images()


def _serve(wanted: Wanted, port: int) -> None:
    """Show the explorer in a browser until Ctrl-C."""
    from .serve import serve

    options = ["--image", wanted.image] if wanted.image is not None else []
    options += ["--platform", wanted.platform] if wanted.platform is not None else []
    options += ["--base", wanted.base] if wanted.base else []
    options += ["--verify"] if wanted.verify else []
    options += ["--no-cache"] if wanted.no_cache else []
    options += ["--pull", wanted.pull, *(["--spool"] if wanted.spool else [])]
    serve([*options, "--", wanted.reference], port, lambda line: print_lines([line], sys.stdout))


def _write_reports(run: "Run", results: Results) -> None:
    """Those that were asked for, and beside GitHub's annotations the summary of its job."""
    for report in results.reports:
        _write_report(run, report)
    summary = step_summary()
    if summary and any(report.format == "github" for report in results.reports):
        from .report import github

        github.append_summary(summary, run)


def _write_report(run: "Run", report: Report) -> None:
    from .report import output
    from .report.formats import BY_NAME
    from .report.subject import Failure, Run

    chosen = BY_NAME[report.format]
    if chosen.holds_many:
        output.write_to(report.target, partial(chosen.write, run))
        return
    for image, target in zip(run.images, _targets(report, len(run.images)), strict=True):
        if not isinstance(image, Failure):
            output.write_to(target, partial(chosen.write, Run((image,))))

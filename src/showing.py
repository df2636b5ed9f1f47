"""Picks a view of an image and its exit code: explorer, browser, gate, reports or the summary."""

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

import click

from .ending import EXIT_FAILED, Terminated
from .formatting import cut, printable
from .opening import Wanted, analysis_of, analysis_with_progress
from .options import Report, Results, is_same
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
    from .analysis.model import LocalImages
    from .gate.gate import Gate
    from .gate.rules import Verdict

_NAMED = 3
"""Of the names in a file that mean nothing."""
_LONGEST_NAME = 60


def show(wanted: Wanted, results: Results, gate: "Gate | None" = None) -> int:
    """What was asked for, or what suits whoever looks; gives the exit code.

    `gate` is that of the results, if it was wanted before there was an image.
    """
    if results.serve is not None:
        _serve(wanted, results.serve)
        return 0
    _keep_what_is_read(wanted.reference, results)
    if not results.prints and can_explore(wanted.reference):
        _explore(wanted)
        return 0
    gate = gate or gate_of(results)
    with analysis_with_progress(wanted) as analysis:
        if results.json_target is not None:
            _write_json(analysis, results.json_target, entries=results.entries)
        if results.dive_target is not None:
            _write_dive_json(analysis, results.dive_target)
        found = gate.judge(analysis) if gate is not None else ()
        origin = gate.origin if gate is not None else ""
        _write_reports(analysis, results, found, origin)
        if gate is not None:
            return _conclude(analysis, found, origin, sys.stderr if results.fills_stdout else sys.stdout)
        if not results.prints or results.text:
            _summarise(analysis, sys.stdout)
    return 0


def pick(wanted: Wanted, results: Results) -> int:
    """Let the user choose among the local images, and open that one; UsageError where nobody can choose."""
    if results.prints or results.serve is not None or not can_explore(""):
        raise click.UsageError("IMAGE is missing")
    _explore(wanted._replace(pull="never"), choose=True)  # they were there a moment ago
    return 0


def _keep_what_is_read(reference: str, results: Results) -> None:
    """UsageError if a report would take the place of the image."""
    if reference == "-" or not os.path.isfile(reference):  # noqa: PTH113 - may be no path at all
        return
    for _, target in results.targets:
        if target != "-" and is_same(reference, target):
            raise click.UsageError(f"{target} is what is to be read: a report would take its place")


def _explore(wanted: Wanted, *, choose: bool = False) -> None:
    """Open the explorer; it reads the image while it shows how far it is."""
    import gc

    gc.disable()  # until all is read, imports included
    from dataclasses import replace

    from .explore import explore
    from .tui.settings import read_settings, settings_path

    ascii_only = not (is_served() or speaks_unicode(sys.stdout))
    settings = read_settings(settings_path(), ascii_only=ascii_only)
    settings = replace(settings, pager=settings.pager or pager())
    with contextlib.ExitStack() as stack:
        stdin = stack.enter_context(keyboard_behind_pipe()) if wanted.reference == "-" else None
        explore(
            lambda reference, progress: analysis_of(
                wanted._replace(reference=reference), progress, keep_past=True, stdin=stdin
            ),
            settings,
            None if choose else wanted.reference,
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
    options += ["--verify"] if wanted.verify else []
    options += ["--no-cache"] if wanted.no_cache else []
    options += ["--pull", wanted.pull, *(["--spool"] if wanted.spool else [])]
    serve([*options, "--", wanted.reference], port, lambda line: print_lines([line], sys.stdout))


def _write_json(analysis: "Analysis", target: str, *, entries: bool) -> None:
    from .report import json_report, output

    output.write_to(target, lambda out: json_report.write(analysis, out, entries=entries))


def _write_dive_json(analysis: "Analysis", target: str) -> None:
    from .report import dive_json, output

    output.write_to(target, lambda out: dive_json.write(analysis.image, analysis.dive, out))


def _write_reports(analysis: "Analysis", results: Results, found: "Sequence[Verdict]", origin: str) -> None:
    """Those of `--report`, and beside GitHub's annotations the summary of its job."""
    for report in results.reports:
        _write_report(analysis, report, found, origin)
    summary = step_summary()
    if summary and any(report.format == "github" for report in results.reports):
        from .report import github

        github.append_summary(summary, analysis, found, origin)


def _write_report(analysis: "Analysis", report: Report, found: "Sequence[Verdict]", origin: str) -> None:
    from .report import output
    from .report.formats import REPORTS

    chosen = REPORTS[report.format]
    output.write_to(report.target, lambda out: chosen.write(analysis, out, found, origin))


def gate_of(results: Results) -> "Gate | None":
    """What is to be judged, if anything is: wrong limits are said before an image is read, or built."""
    if not results.ci:
        return None
    from .gate import gate
    from .gate.rules import Limits

    limits = Limits(results.min_efficiency, results.max_wasted_bytes, results.max_wasted_percent)
    chosen = gate.choose(limits, results.asked, results.ci_config, results.dive_values)
    if chosen.unread:
        names = ", ".join(
            cut(printable(name), _LONGEST_NAME, ellipsis="...") for name in chosen.unread[:_NAMED]
        )
        print_lines([f"layerscope: {printable(chosen.file)}: dive has no such rules: {names}"], sys.stderr)
    return chosen


def _conclude(analysis: "Analysis", found: "Sequence[Verdict]", origin: str, out: TextIO) -> int:
    """Print the gate's table; gives the exit code."""
    from .gate.rules import failed
    from .report import text

    print_lines(text.verdicts(analysis, style(out), found, origin=origin), out)
    return EXIT_FAILED if failed(found) else 0


def _summarise(analysis: "Analysis", out: TextIO) -> None:
    from .report import text

    print_lines(text.summary(analysis, style(out)), out)

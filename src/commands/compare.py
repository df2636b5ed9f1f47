"""`layerscope compare`: how two images differ."""

import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from ..options import PATH, SETTINGS, filled, with_reading
from ..results import is_same, keep_what_is_read
from ..terminal import can_explore, print_lines

if TYPE_CHECKING:
    from ..analysis.analyze import Analysis
    from ..analysis.comparison import Comparison
    from ..opening import Wanted

_ROWS = 10
"""How many are listed, unless something else is asked for."""

_kept: "list[Analysis]" = []
"""Both: the process ends soon, and to free millions of objects one by one would take time."""


def _one_or_two(
    _context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> tuple[str | None, str | None]:
    """One value is for both images, two are for one each."""
    if len(values) > 2:
        raise click.BadParameter("there are two images: give it once for both, or twice")
    for value in values:
        filled(_context, option, value)
    return (values[0], values[-1]) if values else (None, None)


@click.command(
    context_settings=SETTINGS,
    epilog="""\b
Examples:
  layerscope compare before.tar after.tar
  layerscope compare app:1 app:2
  layerscope compare main.json after.tar --markdown comment.md
  layerscope compare before.tar after.tar --json - --exit-code
  layerscope compare archive.tar archive.tar --image app:1 --image app:2
  docker save app:2 | layerscope compare main.json -

Exit codes: 0 whatever differs, with --exit-code 1 if anything does; 2 if an image cannot be read.

An image or a file that is really called compare: layerscope docker://compare or layerscope ./compare
""",
)
@click.argument("before", metavar="A", type=PATH, callback=filled)
@click.argument("after", metavar="B", type=PATH, callback=filled)
@click.option(
    "--image", "images", metavar="TAG|NUMBER", multiple=True, callback=_one_or_two,
    help="Which image, if an archive holds several; twice: the one of A and the one of B.",
)  # fmt: skip
@click.option(
    "--platform", "platforms", metavar="OS/ARCH[/VARIANT]", multiple=True, callback=_one_or_two,
    help="Which platform, if there are several; twice: that of A and that of B.",
)  # fmt: skip
@click.option("--text", is_flag=True, help="Print it, beside what is written to files.")
@click.option(
    "--json", "json_target", metavar="FILE|-", type=PATH, callback=filled, help="Write all of it as JSON."
)
@click.option(
    "--markdown", "markdown_target", metavar="FILE|-", type=PATH, callback=filled,
    help="Write it as a comment on a pull request.",
)  # fmt: skip
@click.option(
    "--rows", type=click.IntRange(0), show_default=str(_ROWS), metavar="N",
    help="How many directories, packages, findings and files of a kind are listed.",
)  # fmt: skip
@click.option("--exit-code", is_flag=True, help="Give 1 if anything differs.")
@with_reading
def compare(
    before: str,
    after: str,
    images: tuple[str | None, str | None],
    platforms: tuple[str | None, str | None],
    text: bool,
    json_target: str | None,
    markdown_target: str | None,
    rows: int | None,
    exit_code: bool,
    spool: bool,
    verify: bool,
    no_cache: bool,
) -> int:
    """Show how image B differs from image A: figures, steps, directories, packages, files, settings, advice.

    In a terminal the explorer opens on B and shows it; otherwise, and with an option about what is printed,
    it is printed.

    Each is an archive, an OCI layout directory, the name of an image in Docker or Podman, - for one of them
    on standard input, or a report that --json saved: without --entries it knows no files.
    """
    from ..ending import EXIT_FAILED
    from ..opening import Wanted

    targets = [target for target in (json_target, markdown_target) if target is not None]
    _check(before, after, targets, text)
    wanted = [
        Wanted(reference, image, platform, verify=verify, spool=spool, no_cache=no_cache)
        for reference, image, platform in zip((before, after), images, platforms, strict=True)
    ]
    is_printed = bool(targets or text or exit_code or rows is not None)
    if not is_printed and can_explore("-" if "-" in (before, after) else after):
        from ..showing import explore_image

        # What has been looked at of standard input is not there for whoever has the keyboard in its place.
        one, other = _for_reports(wanted, but="-")
        explore_image(other, before=one)
        return 0
    found = _compared(*_for_reports(wanted))
    rows = _ROWS if rows is None else rows
    _write(found, json_target, markdown_target, rows)
    if text or not targets:
        from ..report.compare import text as compare_text
        from ..terminal import style

        print_lines(compare_text.lines(found, style(sys.stdout), rows=rows), sys.stdout)
    return EXIT_FAILED if exit_code and found.differs else 0


def _check(before: str, after: str, targets: list[str], text: bool) -> None:
    """UsageError for what would be read or written twice, or written over what is read."""
    if before == after == "-":
        raise click.UsageError("standard input holds one image")
    if len(targets) == 2 and is_same(*targets):
        raise click.UsageError("--json and --markdown cannot both write to one place")
    if text and "-" in targets:
        raise click.UsageError("--text prints to standard output, which is taken")
    keep_what_is_read((before, after), targets)


def _for_reports(wanted: "list[Wanted]", *, but: str = "") -> "list[Wanted]":
    """What is asked for of both, where one is a report, is asked for of the other alone.

    One reference may be left alone, and taken for an image.
    """
    from ..report.saved import report as saved_report

    are_reports = [one.reference != but and saved_report.is_report(one.reference) for one in wanted]
    if all(are_reports):
        return wanted  # none of it means anything, as whoever opens them says
    return [
        one._replace(image=None, platform=None, verify=False) if is_report else one
        for one, is_report in zip(wanted, are_reports, strict=True)
    ]


def _compared(one: "Wanted", other: "Wanted") -> "Comparison":
    """Both stay open until they are compared, which reads contents."""
    from ..analysis.comparison import compare as compare_both
    from ..opening import analysis_with_progress

    with analysis_with_progress(one) as before, analysis_with_progress(other) as after:
        _kept[:] = before, after
        return compare_both(before, after)


def _write(comparison: "Comparison", json_target: str | None, markdown_target: str | None, rows: int) -> None:
    from ..report.compare import json_report as compare_json
    from ..report.compare import markdown as compare_markdown
    from ..report.output import write_to

    if json_target is not None:
        write_to(json_target, partial(compare_json.write, comparison))
    if markdown_target is not None:
        write_to(markdown_target, partial(compare_markdown.write, comparison, rows=rows))

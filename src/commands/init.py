"""`layerscope init`: writes a file of rules that today's images keep."""

import contextlib
import datetime
import sys

import click

from ..options import PATH, SETTINGS, filled, with_reading
from ..results import keep_what_is_read
from ..terminal import print_lines


@click.command(
    context_settings=SETTINGS,
    epilog="""\b
Examples:
  layerscope init image.tar
  layerscope init app:1 worker:1
  layerscope init image.tar --output -
  layerscope init image.tar --output ci/layerscope.toml

Exit codes: 0 written, 2 if an image cannot be read, or the file is there already.

An image or a file that is really called init: layerscope docker://init or layerscope ./init
""",
)
@click.argument("references", metavar="IMAGE...", nargs=-1, required=True, type=PATH)
@click.option(
    "--image", metavar="TAG|NUMBER", callback=filled,
    help="Which image, if the archive holds several (numbers from 0).",
)  # fmt: skip
@click.option(
    "--platform", metavar="OS/ARCH[/VARIANT]", callback=filled, help="Which platform, if there are several."
)
@click.option(
    "--output", metavar="FILE|-", type=PATH, callback=filled, default="layerscope.toml", show_default=True,
    help="Where the rules are written.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@with_reading
def init(
    references: tuple[str, ...],
    image: str | None,
    platform: str | None,
    output: str,
    force: bool,
    spool: bool,
    verify: bool,
    no_cache: bool,
) -> int:
    """Write rules for --ci, with what the images have today as limits, and a comment on each.

    layerscope --ci IMAGE in the same folder then judges by them: what is there passes, what makes it worse
    fails. Of several images the one that has most sets a limit.
    """
    from pathlib import Path

    from ..errors import OutputError
    from ..formatting import printable
    from ..gate.config import STANDARD
    from ..gate.starter import starter
    from ..opening import Wanted, analysis_with_progress
    from ..report.output import write_to

    if image is not None and len(references) > 1:
        raise click.UsageError("--image picks one of an archive's images: it goes with one archive")
    if references.count("-") > 1:
        raise click.UsageError("standard input holds one image")
    keep_what_is_read(references, [output], written="the rules")
    if output != "-" and not force and Path(output).exists():
        raise OutputError(f"{output} is there already", "With --force it is written over.")
    asked = Wanted("", image, platform, verify=verify, spool=spool, no_cache=no_cache)
    with contextlib.ExitStack() as stack:
        analyses = [
            stack.enter_context(analysis_with_progress(asked._replace(reference=reference)))
            for reference in references
        ]
        text = starter(analyses, datetime.datetime.now().astimezone().year)
    write_to(output, lambda out: print(text, end="", file=out))
    if output != "-":
        named = "" if Path(output) == Path(STANDARD) else f" --config {printable(output)}"
        print_lines([f"{printable(output)} is written: layerscope --ci{named} judges by it"], sys.stderr)
    return 0

"""`layerscope build`: builds an image, and shows it."""

import click

from ..options import PATH, SETTINGS, with_reading, with_results
from ..results import Results

_SHARED = {"--help", "--no-cache"}
"""Options of ours that the builders have too."""


class _Build(click.Command):
    """Ours are the options before `--`; without one, everything is the builder's."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """As click says."""
        if "--" not in args:
            if {"--help", "-h"} & set(args):
                args = ["--help"]
            elif not context.resilient_parsing:
                self._refuse_ours(context, args)
                args = ["--", *args]
        return super().parse_args(context, args)

    def _refuse_ours(self, context: click.Context, args: list[str]) -> None:
        """UsageError if there is an option of ours among them: the builder would not know it."""
        ours = {name for option in self.get_params(context) for name in option.opts if name[:2] == "--"}
        for word in args:
            name = word.partition("=")[0]
            if name in ours - _SHARED:
                raise click.UsageError(
                    f"{name} is layerscope's: put -- between layerscope's options and the build's", context
                )


@click.command(
    cls=_Build,
    context_settings=SETTINGS,
    options_metavar="[OPTIONS --]",
    epilog="""\b
Examples:
  layerscope build -t app:1 .
  layerscope build --ci --min-efficiency 95% -- -t app:1 .
  layerscope build --ci --report markdown=comment.md -- -t app:1 .
  layerscope build --json report.json -- -f Dockerfile --build-arg VERSION=2 .
  layerscope build --engine podman -- -t app:1 .

Exit codes: those of layerscope IMAGE; 2 if the build fails.

An image or a file that is really called build: layerscope docker://build or layerscope ./build
""",
)
@click.option(
    "--engine", type=click.Choice(["docker", "podman"]),
    help="What builds (default: docker if there is such a command, else podman).",
)  # fmt: skip
@with_results
@with_reading
@click.argument("arguments", metavar="ARGS...", nargs=-1, required=True, type=PATH)
def build(
    arguments: tuple[str, ...],
    engine: str | None,
    results: Results,
    spool: bool,
    verify: bool,
    no_cache: bool,
) -> int:
    """Run docker build ARGS (or podman build ARGS), and show the image that comes of it.

    What is seen of the build is as without layerscope. Then the explorer opens, or whatever the options
    before the -- ask for. Without a -- all of the line is the build's. A builder of its own (docker buildx)
    needs --load among ARGS, so that the engine has the image. Reports name the lines of the Dockerfile.
    """
    from ..showing import gate_of, show
    from . import building

    builder = building.find_builder(engine)
    gate = gate_of(results)
    wanted = building.build(builder, arguments, aside=results.fills_stdout)
    if results.dockerfile is None:
        results = results._replace(dockerfile=building.dockerfile_of(arguments))
    return show([wanted._replace(spool=spool, verify=verify, no_cache=no_cache)], results, gate)

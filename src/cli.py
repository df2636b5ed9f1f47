"""The command line: which command the first word means, and the command that opens an image.

What costs time to import is imported where it is used: `--version` and completion must not wait for it.
"""

import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

import click

from . import __version__
from .ending import exit_code, raise_on_signals
from .options import PATH, SETTINGS, filled, with_reading, with_results
from .results import Results
from .terminal import is_pipeline, print_lines

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from .loader.engine import Pull

_FIRST_WORDS = ("build", "cache", "compare", "init")
"""Commands of their own, each in a module that nothing else waits for."""


def _further(name: str) -> click.Command:
    if name == "build":
        from .commands.build import build

        return build
    if name == "compare":
        from .commands.compare import compare

        return compare
    if name == "init":
        from .commands.init import init

        return init
    from .commands.cache import cache

    return cache


class _FirstWord(click.Command):
    """Some words are commands of their own, if they are the first; anything else is about images."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """As click says; the context is that of the command that is meant."""
        if args and args[0] in _FIRST_WORDS:
            name = args[0]
            return _further(name).make_context(f"{info_name} {name}", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


def _complete(_context: click.Context, _argument: click.Parameter, begun: str) -> "list[CompletionItem]":
    """The first words, unless files begin so; a shell that is told of files completes nothing else."""
    from click.shell_completion import CompletionItem

    with os.scandir() as here:
        is_file = any(entry.name.startswith(begun) for entry in here)
    words = [CompletionItem(word) for word in _FIRST_WORDS if word.startswith(begun)]
    return words if words and begun and not is_file else [CompletionItem(begun, type="file")]


def _all_filled(
    context: click.Context, argument: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    for value in values:
        filled(context, argument, value)
    return values


def _show_settings(context: click.Context, _option: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from .tui.settings import default_file, settings_path

        print_lines([f"# {settings_path()}", "", default_file().rstrip("\n")], sys.stdout)
        context.exit()


EPILOG = """\b
Examples:
  layerscope
  layerscope image.tar
  layerscope myapp:1
  docker save myapp:1 | layerscope -
  layerscope image.tar --ci --min-efficiency 95% --max-wasted-bytes 20MB
  layerscope image.tar --ci --lowestEfficiency 0.95 --highestUserWastedPercent disabled
  layerscope image.tar --json report.json
  layerscope oci-layout/ --platform linux/arm64
  layerscope archive.tar --image myapp:1
  layerscope image.tar --report html=image.html
  layerscope image.tar --report advice --take apt-cache,pip-cache
  layerscope image.tar --ci --rule no-root-user=fail --rule 'forbidden-paths-ever=*.pem,id_rsa'
  layerscope image.tar --ci --baseline main.json --rule 'max-stored-growth=10MB, 5%'
  layerscope --ci app.tar worker.tar --report markdown=comment.md --report sarif=layers.sarif

As first words, build, cache, compare and init are commands (an image so called: docker://build):

\b
  layerscope build -t myapp:1 .
  layerscope build --ci -- -t myapp:1 .
  layerscope build --help
  layerscope cache info
  layerscope compare image.tar app.tar
  layerscope init image.tar

With --ci the rules of layerscope.toml are judged, which init writes, and those of a .dive-ci file as dive
judges them; CI=true alone means --ci.

Exit codes: 0 fine or gate passed, 1 the gate failed, 2 it could not run.

Completion: eval "$(_LAYERSCOPE_COMPLETE=bash_source layerscope)"  (or zsh_source, fish_source)
"""


@click.command(cls=_FirstWord, epilog=EPILOG, context_settings=SETTINGS)
@click.version_option(__version__, "--version", message="%(prog)s %(version)s")
@click.argument(
    "references", metavar="[IMAGE]...", type=PATH, nargs=-1, callback=_all_filled, shell_complete=_complete
)
@click.option(
    "--image", metavar="TAG|NUMBER", callback=filled,
    help="Which image, if the archive holds several (numbers from 0).",
)  # fmt: skip
@click.option(
    "--platform", metavar="OS/ARCH[/VARIANT]", callback=filled,
    help="Which platform, if the image has several.",
)  # fmt: skip
@click.option(
    "--base", metavar="IMAGE|N", callback=filled, default=None,
    help="What the image was built on, or how many layers of it are that (default: what the history tells).",
)  # fmt: skip
@partial(with_results, gates_unasked=is_pipeline)
@click.option(
    "--settings", is_flag=True, is_eager=True, expose_value=False, callback=_show_settings,
    help="Print a settings file with everything in it, and where it goes.",
)  # fmt: skip
@click.option(
    "--pull", type=click.Choice(["never", "missing", "always"]),
    help="When the engine fetches an image (default: missing in a terminal, else never; never with --ci).",
)  # fmt: skip
@with_reading
def command(
    references: tuple[str, ...],
    image: str | None,
    platform: str | None,
    base: str | None,
    results: Results,
    pull: "Pull | None",
    spool: bool,
    verify: bool,
    no_cache: bool,
) -> int:
    """Show what every layer of a container image put there, and what of it is wasted.

    IMAGE is an archive (docker save, podman save, skopeo, buildx, kaniko, bazel; packed or not), an OCI
    layout directory, or - for an archive on standard input; the name of an image in Docker or Podman
    (docker://NAME and podman://NAME say which); or a report that --json saved. In a terminal the explorer
    opens, without IMAGE after a choice of the local ones; otherwise a summary is printed. Of several images
    it is a table.
    """
    from .opening import Wanted
    from .showing import pick, show

    if pull is None:
        watched = sys.stderr is not None and sys.stderr.isatty()
        pull = "missing" if watched and not results.ci else "never"
    wanted = Wanted("", image, platform, verify, pull, spool, no_cache, base or "")
    if not references:
        return pick(wanted, results)
    return show([wanted._replace(reference=reference) for reference in references], results)


def run(arguments: Sequence[str]) -> int:
    """Run the command and give its exit code; every failure is one sentence and a hint on standard error."""
    words = list(arguments)
    ours = words[: words.index("--")] if "--" in words else words

    def work() -> int:
        with command.make_context("layerscope", words) as context:
            code: int = context.command.invoke(context)
        return code

    return exit_code(work, debug="--debug" in ours)


def main() -> NoReturn:
    """The console script."""
    if "_LAYERSCOPE_COMPLETE" in os.environ:
        command.main(prog_name="layerscope")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    raise_on_signals()
    # All is flushed, and a thread that still waits for standard input can be ended in no other way.
    os._exit(run(sys.argv[1:]))

"""The command line: options, open, analyze, pick a view, exit code.

The only module that ends the process; with `terminal`, the only one that reads the environment. What costs
time to import is imported where it is used: `--version` and completion must not wait for it.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, NoReturn, TextIO, TypeVar

import click

from . import __version__
from .errors import LayerscopeError
from .formatting import printable
from .terminal import (
    can_explore,
    is_lively,
    is_served,
    keyboard_behind_pipe,
    pager,
    print_lines,
    speaks_unicode,
    style,
    width,
)

if TYPE_CHECKING:
    from .analysis.analyze import Analysis
    from .analysis.model import Reading
    from .gate.rules import Limits
    from .loader.engine import Pull

EXIT_FAILED = 1
EXIT_ERROR = 2
EXIT_INTERRUPTED = 130

T = TypeVar("T")


class Wanted(NamedTuple):
    """Which image was asked for."""

    reference: str
    image: str | None
    platform: str | None
    verify: bool
    pull: "Pull" = "never"
    spool: bool = False


_kept: "list[Analysis]" = []
"""The last analysis: the process ends soon, and to free millions of objects one by one would take time."""


def _fraction(_context: click.Context, _option: click.Parameter, value: str) -> float | None:
    from .gate.limits import parse_fraction

    return _parsed(parse_fraction, value)


def _bytes(_context: click.Context, _option: click.Parameter, value: str) -> int | None:
    from .gate.limits import parse_bytes

    return _parsed(parse_bytes, value)


def _parsed(parse: Callable[[str], T], value: str) -> T:
    try:
        return parse(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _filled(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Refuses `""`: a variable of a script that is not set must not mean the current folder."""
    if value == "":
        raise click.BadParameter("it is empty")
    return value


def _show_settings(context: click.Context, _option: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from .tui.settings import default_file, settings_path

        print_lines([f"# {settings_path()}", "", default_file().rstrip("\n")], sys.stdout)
        context.exit()


DEFAULT_PORT = 8000
"""Of `--serve`."""

_PATH = click.Path(readable=False)
"""For completion; whoever opens the path says what is wrong with it."""

EPILOG = """\b
Examples:
  layerscope image.tar
  layerscope myapp:1
  docker save myapp:1 | layerscope -
  layerscope image.tar --ci --min-efficiency 95% --max-wasted-bytes 20MB
  layerscope image.tar --json report.json
  layerscope oci-layout/ --platform linux/arm64
  layerscope archive.tar --image myapp:1

\b
Exit codes: 0 fine or gate passed, 1 the gate failed, 2 it could not run.
Completion: eval "$(_LAYERSCOPE_COMPLETE=bash_source layerscope)"  (or zsh_source, fish_source)
"""


@click.command(
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "--version", message="%(prog)s %(version)s")
@click.argument("reference", metavar="IMAGE", type=_PATH, callback=_filled)
@click.option(
    "--image", metavar="TAG|NUMBER", callback=_filled,
    help="Which image, if the archive holds several (numbers from 0).",
)  # fmt: skip
@click.option(
    "--platform", metavar="OS/ARCH[/VARIANT]", callback=_filled,
    help="Which platform, if the image has several.",
)  # fmt: skip
@click.option("--ci", is_flag=True, help="Gate: exit 1 if a limit is not kept.")
@click.option(
    "--min-efficiency", metavar="LIMIT", callback=_fraction, default="0.9", show_default=True,
    help="Least live/stored bytes: 0.95, 95% or disabled.",
)  # fmt: skip
@click.option(
    "--max-wasted-bytes", metavar="LIMIT", callback=_bytes, default="disabled", show_default=True,
    help="Most wasted bytes: 20MB, 20MiB, 4096 or disabled.",
)  # fmt: skip
@click.option(
    "--max-wasted-percent", metavar="LIMIT", callback=_fraction, default="disabled", show_default=True,
    help="Most wasted/stored bytes: 0.05, 5% or disabled.",
)  # fmt: skip
@click.option(
    "--json", "json_target", metavar="FILE|-", type=_PATH, callback=_filled, help="Write the report as JSON."
)
@click.option("--entries", is_flag=True, help="Put every entry of every layer into the JSON report.")
@click.option(
    "--dive-json", "dive_target", metavar="FILE|-", type=_PATH, callback=_filled,
    help="Write what dive --json would.",
)  # fmt: skip
@click.option("--text", is_flag=True, help="Print the summary, in a terminal too, instead of the explorer.")
@click.option(
    "--serve", metavar="PORT", is_flag=False, flag_value=DEFAULT_PORT, type=click.IntRange(0, 65535),
    help=f"Show the explorer in a browser, on this machine only (without a number: port {DEFAULT_PORT}).",
)  # fmt: skip
@click.option(
    "--settings", is_flag=True, is_eager=True, expose_value=False, callback=_show_settings,
    help="Print a settings file with everything in it, and where it goes.",
)  # fmt: skip
@click.option(
    "--pull", type=click.Choice(["never", "missing", "always"]),
    help="When the engine fetches an image (default: missing in a terminal, else never; never with --ci).",
)  # fmt: skip
@click.option(
    "--spool", is_flag=True,
    help="Keep what an engine sends in a temporary file: files open faster, for the room of the image.",
)  # fmt: skip
@click.option("--verify", is_flag=True, help="Read every byte and check every digest.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def command(
    context: click.Context,
    reference: str,
    image: str | None,
    platform: str | None,
    ci: bool,
    min_efficiency: float | None,
    max_wasted_bytes: int | None,
    max_wasted_percent: float | None,
    json_target: str | None,
    entries: bool,
    dive_target: str | None,
    text: bool,
    serve: int | None,
    pull: "Pull | None",
    spool: bool,
    verify: bool,
    debug: bool,  # noqa: ARG001 - `run` looks for it: it matters where this function fails
) -> int:
    """Show what every layer of a container image put there, and what of it is wasted.

    IMAGE is an archive (docker save, podman save, skopeo, buildx, kaniko, bazel; packed or not), an OCI
    layout directory, or - for an archive on standard input; the name of an image in Docker or Podman
    (docker://NAME and podman://NAME say which); or a report that --json saved. In a terminal the explorer
    opens; otherwise a summary is printed.
    """
    _check_limits_have_a_gate(context)
    _check_targets(reference, json_target, dive_target)
    if entries and json_target is None:
        raise click.UsageError("--entries needs --json")
    if pull is None:
        watched = sys.stderr is not None and sys.stderr.isatty()
        pull = "missing" if watched and not ci else "never"
    wanted = Wanted(reference, image, platform, verify, pull, spool)
    if serve is not None:
        if text or ci or json_target or dive_target:
            raise click.UsageError("--serve shows the explorer: it goes with no report and no gate")
        _serve(wanted, serve)
        return 0
    if not (text or ci or json_target or dive_target) and can_explore(reference):
        _explore(wanted)
        return 0
    with _analysis_with_progress(wanted) as analysis:
        if json_target is not None:
            _write_json(analysis, json_target, entries=entries)
        if dive_target is not None:
            _write_dive_json(analysis, dive_target)
        if ci:
            from .gate.rules import Limits

            limits = Limits(min_efficiency, max_wasted_bytes, max_wasted_percent)
            return _gate(analysis, limits, sys.stderr if "-" in (json_target, dive_target) else sys.stdout)
        if json_target is None and dive_target is None:
            _summarise(analysis, sys.stdout)
    return 0


def _check_limits_have_a_gate(context: click.Context) -> None:
    """A pipeline that sets a limit and forgets `--ci` would never fail."""
    for name in ("min_efficiency", "max_wasted_bytes", "max_wasted_percent"):
        given = context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if given and not context.params["ci"]:
            raise click.UsageError(f"--{name.replace('_', '-')} needs --ci")


def _check_targets(reference: str, json_target: str | None, dive_target: str | None) -> None:
    """No report may end up where the other one is, or the image."""
    if json_target is not None and dive_target is not None and _same(json_target, dive_target):
        where = "standard output" if json_target == "-" else json_target
        raise click.UsageError(f"--json and --dive-json cannot both write to {where}")
    for target in (json_target, dive_target):
        if target not in (None, "-") and os.path.isfile(reference) and _same(reference, target):  # noqa: PTH113
            raise click.UsageError(f"{target} is what is to be read: a report would take its place")


def _same(one: str, other: str) -> bool:
    return one == other or ("-" not in (one, other) and os.path.realpath(one) == os.path.realpath(other))


@contextlib.contextmanager
def _analysis(
    wanted: Wanted,
    progress: "Callable[[Reading], None]",
    *,
    keep_past: bool = False,
    stdin: BinaryIO | None = None,
) -> Iterator["Analysis"]:
    """The analysis of an image, which stays open as long, or of a saved report."""
    import gc

    from .analysis.analyze import analyze
    from .loader import open_image
    from .report import saved_report

    # Millions of entries and not one cycle among them: collecting would only walk them again and again.
    collecting = gc.isenabled()
    gc.disable()
    try:
        if saved_report.is_report(wanted.reference, stdin=stdin):
            if wanted.image is not None or wanted.platform is not None or wanted.verify:
                raise click.UsageError("--image, --platform and --verify are for images, not for reports")
            _kept[:] = [
                saved_report.read(wanted.reference, progress=progress, keep_past=keep_past, stdin=stdin)
            ]
            yield _kept[0]
            return
        with open_image(
            wanted.reference,
            image=wanted.image,
            platform=wanted.platform,
            verify=wanted.verify,
            progress=progress,
            stdin=stdin,
            pull=wanted.pull,
            spool=wanted.spool,
        ) as opened:
            _kept[:] = [analyze(opened, keep_past=keep_past)]
            yield _kept[0]
    finally:
        if collecting:
            gc.freeze()  # nor would a collection at the end find anything among them
            gc.enable()


@contextlib.contextmanager
def _analysis_with_progress(wanted: Wanted) -> Iterator["Analysis"]:
    """The same for a result that is printed: progress and notes go to standard error."""
    from .progress import ProgressLine

    progress = ProgressLine(sys.stderr, enabled=is_lively(sys.stderr), width=width(sys.stderr))
    try:
        with _analysis(wanted, progress) as analysis:
            progress.close()
            print_lines((f"layerscope: {printable(note)}" for note in analysis.image.notes), sys.stderr)
            yield analysis
    finally:
        progress.close()


def _explore(wanted: Wanted) -> None:
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
            lambda progress: _analysis(wanted, progress, keep_past=True, stdin=stdin),
            settings,
            wanted.reference,
            ended=_Terminated,
        )


def _serve(wanted: Wanted, port: int) -> None:
    """Show the explorer in a browser until Ctrl-C."""
    from .serve import serve

    options = ["--image", wanted.image] if wanted.image is not None else []
    options += ["--platform", wanted.platform] if wanted.platform is not None else []
    options += ["--verify"] if wanted.verify else []
    options += ["--pull", wanted.pull, *(["--spool"] if wanted.spool else [])]
    serve([*options, "--", wanted.reference], port, lambda line: print_lines([line], sys.stdout))


def _write_json(analysis: "Analysis", target: str, *, entries: bool) -> None:
    from .report import json_report, output

    output.write_to(target, lambda out: json_report.write(analysis, out, entries=entries))


def _write_dive_json(analysis: "Analysis", target: str) -> None:
    from .report import dive_json, output

    output.write_to(target, lambda out: dive_json.write(analysis.image, analysis.dive, out))


def _gate(analysis: "Analysis", limits: "Limits", out: TextIO) -> int:
    from .gate.rules import failed, judge
    from .report import text

    found = judge(analysis, limits)
    print_lines(text.verdicts(analysis, style(out), found), out)
    return EXIT_FAILED if failed(found) else 0


def _summarise(analysis: "Analysis", out: TextIO) -> None:
    from .report import text

    print_lines(text.summary(analysis, style(out)), out)


# The end ------------------------------------------------------------------------------------------------


def run(arguments: Sequence[str]) -> int:
    """Run the command and give its exit code; every failure is one sentence and a hint on standard error."""
    debug = "--debug" in arguments
    try:
        with command.make_context("layerscope", list(arguments)) as context:
            code: int = command.invoke(context)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except click.exceptions.Exit as done:  # of --help and --version
        return done.exit_code
    except BrokenPipeError:
        return EXIT_ERROR  # the reader left (`| head`): nothing to say
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except _Terminated as end:
        return 128 + end.number
    except click.ClickException as error:
        return _complain(error, error.format_message().rstrip("."), ["layerscope --help tells more."], debug)
    except LayerscopeError as error:
        hints = [error.hint, *(f"  {choice}" for choice in error.choices)]
        return _complain(error, error.message, hints, debug, error.exit_code)
    except OSError as error:
        return _complain(error, f"the system refused: {error}", [], debug)
    except MemoryError as error:
        return _complain(error, "this image takes more memory than there is", [], debug)
    except Exception as error:
        message = f"this should not have happened ({type(error).__name__}: {error})"
        return _complain(error, message, [] if debug else ["Run it again with --debug."], debug)
    finally:
        _let_go(sys.stdout)


def _complain(
    error: Exception, message: str, hints: Sequence[str], debug: bool, code: int = EXIT_ERROR
) -> int:
    with contextlib.suppress(OSError):  # nobody listens
        if debug:
            print_lines(_traceback(error), sys.stderr)
        print_lines([f"layerscope: {printable(message)}"], sys.stderr)
        print_lines((f"  {printable(hint)}" for hint in hints if hint), sys.stderr)
    return code


def _traceback(error: Exception) -> Iterator[str]:
    """The traceback; an error's own text may hold names from an image: no line break of it gets through."""
    import traceback

    for part in traceback.format_exception(error):
        is_frame = part.startswith("  File ")
        yield from map(printable, part.rstrip("\n").split("\n") if is_frame else [part.strip("\n")])


def _let_go(out: TextIO | None) -> None:
    """What can still be written is; the interpreter must not stumble over the rest when it ends."""
    if out is None:
        return
    try:
        out.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())


class _Terminated(BaseException):
    """A signal that asks to end: half-written files are removed on the way out, as on Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise _Terminated(number)


def main() -> NoReturn:
    """The console script."""
    if "_LAYERSCOPE_COMPLETE" in os.environ:
        command.main(prog_name="layerscope")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)
    # All is flushed, and a thread that still waits for standard input can be ended in no other way.
    os._exit(run(sys.argv[1:]))

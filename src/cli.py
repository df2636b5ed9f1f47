"""The command line: options, open, analyze, pick a view, exit code.

The only module that reads the environment, knows a terminal or ends the process. What costs time to
import is imported where it is used: `--version` and completion must not wait for it.
"""

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from . import __version__
from .errors import LayerscopeError
from .formatting import printable

if TYPE_CHECKING:
    from .analysis.analyze import Analysis
    from .gate.rules import Limits

EXIT_FAILED = 1
EXIT_ERROR = 2
EXIT_INTERRUPTED = 130
_PIPE_WIDTH = 100


class LimitType(click.ParamType["Parsed"]):
    """A limit of the gate; its grammar is in `gate.limits`."""

    def __init__(self, name: str, parser: str) -> None:
        self.name = name
        self._parser = parser

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "Parsed":
        """As click wants it: the parsed limit, or a usage error."""
        from .gate import limits

        try:
            return Parsed(getattr(limits, self._parser)(str(value)))
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)


class Parsed:
    """A limit, or None for a disabled rule: click takes a bare None for an option not given."""

    def __init__(self, limit: Any) -> None:
        self.limit = limit


_FRACTION = LimitType("fraction", "parse_fraction")
_BYTES = LimitType("size", "parse_bytes")

EPILOG = """\b
Examples:
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
@click.argument("reference", metavar="IMAGE", type=click.Path(path_type=str))
@click.option(
    "--image", metavar="TAG|NUMBER", help="Which image, if the archive holds several (numbers from 0)."
)
@click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="Which platform, if the image has several.")
@click.option("--ci", is_flag=True, help="Gate: exit 1 if a limit is not kept.")
@click.option(
    "--min-efficiency", type=_FRACTION, metavar="LIMIT", default="0.9", show_default=True,
    help="Least live/stored bytes: 0.95, 95% or disabled.",
)  # fmt: skip
@click.option(
    "--max-wasted-bytes", type=_BYTES, metavar="LIMIT", default="disabled", show_default=True,
    help="Most wasted bytes: 20MB, 20MiB, 4096 or disabled.",
)  # fmt: skip
@click.option(
    "--max-wasted-percent", type=_FRACTION, metavar="LIMIT", default="disabled", show_default=True,
    help="Most wasted/stored bytes: 0.05, 5% or disabled.",
)  # fmt: skip
@click.option("--json", "json_target", metavar="FILE|-", help="Write the report as JSON.")
@click.option("--entries", is_flag=True, help="Put every entry of every layer into the JSON report.")
@click.option("--dive-json", "dive_target", metavar="FILE|-", help="Write what dive --json would.")
@click.option("--verify", is_flag=True, help="Read every byte and check every digest.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def command(
    reference: str,
    image: str | None,
    platform: str | None,
    ci: bool,
    min_efficiency: Parsed,
    max_wasted_bytes: Parsed,
    max_wasted_percent: Parsed,
    json_target: str | None,
    entries: bool,
    dive_target: str | None,
    verify: bool,
    debug: bool,
) -> None:
    """Show what every layer of a container image put there, and what of it is wasted.

    IMAGE is an archive (docker save, podman save, skopeo, buildx, kaniko, bazel; packed or not), an OCI
    layout directory, or - for an archive on standard input.
    """
    if json_target == "-" and dive_target == "-":
        raise click.UsageError("--json and --dive-json cannot both write to standard output.")
    if entries and json_target is None:
        raise click.UsageError("--entries needs --json.")
    from .gate.rules import Limits

    limits = Limits(min_efficiency.limit, max_wasted_bytes.limit, max_wasted_percent.limit)
    with _failures(debug), _analysis(reference, image, platform, verify) as analysis:
        if json_target is not None:
            _write_json(analysis, json_target, entries=entries)
        if dive_target is not None:
            _write_dive_json(analysis, dive_target)
        if ci:
            sys.exit(_gate(analysis, limits, to_stderr="-" in (json_target, dive_target)))
        if json_target is None and dive_target is None:
            _summarise(analysis)


@contextlib.contextmanager
def _analysis(reference: str, image: str | None, platform: str | None, verify: bool) -> Iterator["Analysis"]:
    import gc

    from .analysis.analyze import analyze
    from .loader import open_image
    from .progress import ProgressLine

    # Millions of entries and not one cycle among them: collecting would only walk them again and again.
    gc.disable()
    enabled = sys.stderr.isatty() and not _truthy("CI") and os.environ.get("TERM") != "dumb"
    progress = ProgressLine(sys.stderr, enabled=enabled)
    try:
        with open_image(
            reference, image=image, platform=platform, verify=verify, progress=progress
        ) as opened:
            analysis = analyze(opened)
            progress.close()
            yield analysis
    finally:
        progress.close()


def _write_json(analysis: "Analysis", target: str, *, entries: bool) -> None:
    from .report import json_report, output

    output.write_to(target, lambda out: json_report.write(analysis, out, entries=entries))


def _write_dive_json(analysis: "Analysis", target: str) -> None:
    from .report import dive_json, output

    output.write_to(target, lambda out: dive_json.write(analysis.image, analysis.dive, out))


def _gate(analysis: "Analysis", limits: "Limits", *, to_stderr: bool) -> int:
    from .gate.rules import failed, judge
    from .report import text

    verdicts = judge(analysis, limits)
    for line in text.verdicts(verdicts, analysis, width=_width()):
        click.echo(line, err=to_stderr)
    return EXIT_FAILED if failed(verdicts) else 0


def _summarise(analysis: "Analysis") -> None:
    from .report import text

    ascii_only = not (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    for line in text.summary(analysis, width=_width(), ascii_only=ascii_only):
        click.echo(line)


def _width() -> int:
    import shutil

    return shutil.get_terminal_size((_PIPE_WIDTH, 24)).columns if sys.stdout.isatty() else _PIPE_WIDTH


def _truthy(variable: str) -> bool:
    return os.environ.get(variable, "").lower() not in ("", "0", "false", "no")


@contextlib.contextmanager
def _failures(debug: bool) -> Iterator[None]:
    """Every failure as one sentence and a hint, with the exit code that says it could not run."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader left (`| head`): nothing to say, and nothing to flush at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_ERROR)
    except KeyboardInterrupt:
        if debug:
            traceback.print_exc()
        sys.exit(EXIT_INTERRUPTED)
    except LayerscopeError as error:
        if debug:
            traceback.print_exc()
        _complain(error.message, error.hint)
        sys.exit(error.exit_code)
    except OSError as error:
        if debug:
            traceback.print_exc()
        _complain(f"the system refused: {error}", "")
        sys.exit(EXIT_ERROR)
    except MemoryError:
        _complain("this image takes more memory than there is", "")
        sys.exit(EXIT_ERROR)
    except Exception as error:
        if debug:
            traceback.print_exc()
        _complain(
            f"this should not have happened ({type(error).__name__}: {error})", "Run it again with --debug."
        )
        sys.exit(EXIT_ERROR)


def _complain(message: str, hint: str) -> None:
    click.echo(f"layerscope: {printable(message)}", err=True)
    for line in hint.splitlines():
        click.echo(f"  {printable(line)}", err=True)


def _terminated(number: int, _frame: FrameType | None) -> NoReturn:
    """SIGTERM ends the run as Ctrl-C does: half-written files are removed on the way out."""
    sys.exit(128 + number)


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _terminated)
    command(prog_name="layerscope")

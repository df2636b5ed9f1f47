"""How the process ends: what went wrong becomes one sentence, a hint and an exit code."""

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import NoReturn, TextIO

import click

from .errors import LayerscopeError
from .formatting import inert, printable
from .terminal import print_lines

EXIT_FAILED = 1
EXIT_ERROR = 2
EXIT_INTERRUPTED = 130


class Terminated(BaseException):
    """A signal that asks to end: half-written files are removed on the way out, as on Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def raise_on_signals() -> None:
    """Have the signals that ask to end raise `Terminated`, but for those that whoever started us ignores."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated(number)


def exit_code(work: Callable[[], int], *, debug: bool) -> int:
    """What `work` gives, or the code of what kept it from it, which is said on standard error."""
    try:
        code = work()
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except click.exceptions.Exit as done:  # of --help and --version
        return done.exit_code
    except BrokenPipeError:
        return EXIT_ERROR  # the reader left (`| head`): nothing to say
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except Terminated as end:
        return 128 + end.number
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        command = context.command_path if context is not None else "layerscope"
        return _complain(error, error.format_message().rstrip("."), [f"{command} --help tells more."], debug)
    except LayerscopeError as error:
        return complain(error, debug=debug)
    except OSError as error:
        return _complain(error, f"the system refused: {error}", [], debug)
    except MemoryError as error:
        return _complain(error, "this image takes more memory than there is", [], debug)
    except Exception as error:
        message = f"this should not have happened ({type(error).__name__}: {error})"
        return _complain(error, message, [] if debug else ["Run it again with --debug."], debug)
    finally:
        _let_go(sys.stdout)


def complain(error: LayerscopeError, *, debug: bool = False) -> int:
    """Say on standard error what went wrong; gives the exit code that it has."""
    hints = [error.hint, *(f"  {choice}" for choice in error.choices)]
    return _complain(error, error.message, hints, debug, error.exit_code)


def _complain(
    error: Exception, message: str, hints: Sequence[str], debug: bool, code: int = EXIT_ERROR
) -> int:
    with contextlib.suppress(OSError):  # nobody listens
        if debug:
            print_lines(_traceback(error), sys.stderr)
        print_lines([inert(f"layerscope: {printable(message)}")], sys.stderr)
        print_lines((inert(f"  {printable(hint)}") for hint in hints if hint), sys.stderr)
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

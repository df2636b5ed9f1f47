"""Starts the explorer: the one place where the loader and the terminal UI meet."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

from .analysis.analyze import Analysis
from .analysis.model import Reading
from .tui.app import Explorer
from .tui.settings import Settings

Progress = Callable[[Reading], None]


def explore(
    opened: Callable[[Progress], AbstractContextManager[Analysis]],
    settings: Settings,
    reference: str,
    *,
    ended: Callable[[int], BaseException],
) -> None:
    """Show what `opened` gives until the user leaves; the image stays open as long.

    Raises what kept the image from being opened, after it has been shown, KeyboardInterrupt if the user did
    not want to wait, and what `ended` makes of a signal that ends the process.
    """
    with ExitStack() as stack:

        def load(progress: Progress) -> Analysis:
            return stack.enter_context(opened(progress))

        failure = Explorer(load, settings, reference=reference, ended=ended).run()
    if failure is not None:
        raise failure

"""Starts the explorer: the one place where the loader and the terminal UI meet."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial

from .analysis.analyze import Analysis
from .analysis.model import LocalImages, Reading
from .tui.app import Choice, Explorer
from .tui.settings import Settings

Progress = Callable[[Reading], None]


def explore(
    opened: Callable[[str, Progress], AbstractContextManager[Analysis]],
    settings: Settings,
    reference: str | None,
    *,
    images: Callable[[], LocalImages],
    ended: Callable[[int], BaseException],
) -> None:
    """Show what `opened` gives for a reference until the user leaves; the image stays open as long.

    Without a reference the user chooses one of `images` first. Raises what kept the image from being opened,
    after it has been shown, KeyboardInterrupt if the user did not want to wait, and what `ended` makes of a
    signal that ends the process.
    """
    with ExitStack() as stack:

        def load(reference: str, progress: Progress) -> Analysis:
            return stack.enter_context(opened(reference, progress))

        if reference is None:
            explorer = Explorer(Choice(images, load), settings, ended=ended)
        else:
            explorer = Explorer(partial(load, reference), settings, reference=reference, ended=ended)
        failure = explorer.run()
    if failure is not None:
        raise failure

"""Starts the explorer: the one place where the loader and the terminal UI meet."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial

from .analysis.analyze import Analysis
from .analysis.model import LocalImages, Reading
from .tui.app import Against, Choice, Explorer
from .tui.session import AcceptsOf
from .tui.settings import Settings

Progress = Callable[[Reading], None]
Opened = Callable[[str, Progress], AbstractContextManager[Analysis]]
"""Opens the image of a reference."""


def explore(
    opened: Opened,
    settings: Settings,
    reference: str | None,
    *,
    before: tuple[str, Opened] | None = None,
    beside: Opened,
    accepts: AcceptsOf,
    images: Callable[[], LocalImages],
    ended: Callable[[int], BaseException],
) -> None:
    """Show what `opened` gives for a reference until the user leaves; the image stays open as long.

    Without a reference the user chooses one of `images` first. With `before`, the reference of an image and
    what opens that, the comparison with it is shown first; `beside` opens what the user wants to compare with
    later. Those stay open as long, too. `accepts` tells what of an image a file of rules accepts. Raises what
    kept the image from being opened, after it has been shown, KeyboardInterrupt if the user did not want to
    wait, and what `ended` makes of a signal that ends the process.
    """
    with ExitStack() as stack:

        def load(opened: Opened, reference: str, progress: Progress) -> Analysis:
            return stack.enter_context(opened(reference, progress))

        load_one, load_other = partial(load, opened), partial(load, beside)
        if reference is None:
            explorer = Explorer(
                Choice(images, load_one), settings, load_other=load_other, accepts=accepts, ended=ended
            )
        else:
            against = None if before is None else Against(before[0], partial(load, before[1], before[0]))
            explorer = Explorer(
                partial(load_one, reference),
                settings,
                reference=reference,
                against=against,
                load_other=load_other,
                accepts=accepts,
                ended=ended,
            )
        failure = explorer.run()
    if failure is not None:
        raise failure

"""The explorer: a Textual application over one analysis."""

import asyncio
import contextlib
import gc
import signal
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import ClassVar, NamedTuple

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter, NoColor
from textual.screen import Screen

from ..analysis.analyze import Analysis
from ..analysis.model import LocalImage, LocalImages, Reading
from ..errors import LayerscopeError
from .ascii import Ascii
from .display import Display
from .explorer import ExplorerScreen
from .loading import FailureScreen, LoadingScreen
from .reading import Cancelled
from .session import AcceptsOf, LoadOther, Session, nothing_of
from .settings import Settings

Load = Callable[[Callable[[Reading], None]], Analysis]
"""Reads and measures the image; what it calls with its progress may raise, to end it."""


class Choice(NamedTuple):
    """What the explorer gets where the user is to say which image."""

    images: Callable[[], LocalImages]
    """Asks the engines; a LayerscopeError if none of them answers."""
    load: Callable[[str, Callable[[Reading], None]], Analysis]
    """Reads the image of a reference, and tells its progress."""


class Against(NamedTuple):
    """The image that the one to be explored is compared with first."""

    reference: str
    load: Load


_PATIENCE = 0.8
"""Seconds until the reading is worth a screen of its own: to paint one takes 50 ms from the reading."""
_INTERVAL = 0.2
"""Seconds between two messages about progress: to paint them takes time from the reading."""


class Explorer(App[BaseException | None]):
    """Opens one image. Its result is what kept it from doing so, or None."""

    CSS_PATH = "app.tcss"
    TITLE = "layerscope"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c,ctrl+q", "quit", "Quit", show=False, priority=True, id="leave_at_once"),
        Binding("question_mark,f1", "help", "Help", id="help"),
    ]

    def __init__(
        self,
        source: Analysis | Load | Choice,
        settings: Settings | None = None,
        *,
        reference: str = "",
        against: Against | None = None,
        load_other: LoadOther | None = None,
        accepts: AcceptsOf = nothing_of,
        ended: Callable[[int], BaseException] = SystemExit,
    ) -> None:
        """Take an analysis, or what gives one, and what to call the image until it does; or a choice.

        `against` is read before it; `load_other` opens what the user wants to compare it with.
        `accepts` tells what of an image a file of rules accepts.
        `ended` makes of a signal that ends the process what `run` gives back.
        """
        super().__init__()
        self.settings = settings or Settings()
        self.look = Display(self.settings.binary_units, self.settings.ascii_only)
        self._source = source
        self._reference = reference
        self._against = against
        self._load_other = load_other
        self._accepts = accepts
        self._ended = ended
        self._cancelled = threading.Event()
        self._next = 0.0
        self._is_first = True
        """Whether the first of two images is read, or the only one."""
        self._reading: Reading | None = None
        """How far it is read."""
        self._ascii, self._no_color = Ascii(), NoColor()  # kept: lines are remembered by their filters
        self.set_keymap(dict(self.settings.keys))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """NO_COLOR means no colour, where Textual would draw in greys; ASCII means all of the screen."""
        filters = [self._no_color] if self.no_color else [*super().get_line_filters()]
        return [*filters, self._ascii] if self.look.ascii_only else filters

    def get_key_display(self, binding: Binding) -> str:
        """As Textual writes a key, but `enter` rather than an arrow where there is only ASCII."""
        shown = super().get_key_display(binding)
        return binding.key if self.look.ascii_only and not shown.isascii() else shown

    def on_app_blur(self, event: events.AppBlur) -> None:
        """Keep the focus in a browser: the web driver begins without, and the footer would stay empty."""
        if self.is_web:
            event.prevent_default()

    def on_mount(self) -> None:
        """Show the image, or how far it is read."""
        self.theme = self.settings.theme
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # Windows, a thread
                    asyncio.get_running_loop().add_signal_handler(number, self._end, number)
        if isinstance(self._source, Analysis):
            self._open(self._session(self._source))
        elif isinstance(self._source, Choice):
            from .picker import PickerScreen

            self.push_screen(PickerScreen(self._source.images, self.look), self._chosen)
        else:
            self._read(self._source)

    def _chosen(self, chosen: LocalImage | BaseException | None) -> None:
        """Read the image that the user wants."""
        assert isinstance(self._source, Choice)
        if isinstance(chosen, LocalImage):
            self._reference = chosen.reference
            self._read(partial(self._source.load, chosen.reference))
        elif chosen is None:
            self.exit()
        else:
            self._fail(chosen)

    def _read(self, load: Load) -> None:
        self.set_timer(_PATIENCE, self._show_loading)
        self.run_worker(partial(self._load, load), thread=True, exit_on_error=False, name="load")

    def _end(self, number: int) -> None:
        """A signal asks to end: the terminal is put right first."""
        self._cancelled.set()
        self.exit(self._ended(number))

    def _load(self, load: Load) -> None:
        try:
            before = None
            if self._against is not None:
                before = self._against.load(self._progress)
                self.call_later(self._show_second)
            analysis = load(self._progress)
            self.call_later(self._show_measuring)
            session = self._session(analysis, before)
            gc.freeze()  # a collection would walk all of it, and be felt at the keyboard
            gc.enable()  # whoever reads an image switches it off: there are no cycles in one
        except Cancelled:
            return
        except BaseException as error:
            if not self._cancelled.is_set():
                self.call_from_thread(self._fail, error)
        else:
            if not self._cancelled.is_set():
                self.call_from_thread(self._open, session)

    def _session(self, analysis: Analysis, before: Analysis | None = None) -> Session:
        session = Session(analysis, self.look, self.settings.pager, self._load_other, before, self._accepts)
        return session.prepare()

    def _progress(self, reading: Reading) -> None:
        """Called from the threads that read."""
        if self._cancelled.is_set():
            raise Cancelled
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _INTERVAL
            self.call_later(self._show_progress, reading)

    def _show_loading(self) -> None:
        """Say that it takes a moment, unless it is over."""
        if len(self.screen_stack) == 1:
            first = self._reference if self._against is None else self._against.reference
            self.push_screen(LoadingScreen(first if self._is_first else self._reference, self.look))
            if self._reading is not None:
                self.call_later(self._show_progress, self._reading)

    def _show_progress(self, reading: Reading) -> None:
        self._reading = reading
        if isinstance(self.screen, LoadingScreen):
            self.screen.show(reading)

    def _show_second(self) -> None:
        """The image to compare with is read: the other one comes."""
        self._is_first, self._reading = False, None
        if isinstance(self.screen, LoadingScreen):
            self.screen.begin(self._reference)

    def _show_measuring(self) -> None:
        if isinstance(self.screen, LoadingScreen):
            self.screen.measuring()

    def _open(self, session: Session) -> None:
        explorer = ExplorerScreen(session)
        self._replace_loading(explorer)
        if session.before is not None:
            explorer.open_comparison()
        before = () if session.before is None else session.before.image.notes
        for note in (*before, *session.analysis.image.notes):
            self.notify(self.look.text(note), markup=False, timeout=10)

    def _replace_loading(self, screen: Screen[None]) -> None:
        if isinstance(self.screen, LoadingScreen):
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def _fail(self, error: BaseException) -> None:
        if isinstance(error, LayerscopeError):
            listing = isinstance(self._source, Choice) and not self._reference
            what = "The images cannot be listed" if listing else "This image cannot be shown"
            self._replace_loading(FailureScreen(what, error, self.look))
        else:  # a defect, a full memory: the command line says what it was
            self.exit(error)

    def action_help(self) -> None:
        """The keys of the screen, and what it shows."""
        from .help import HelpPanel, active_keys

        if not isinstance(self.screen, HelpPanel):
            self.push_screen(HelpPanel(self.look, active_keys(self.screen)))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Everything a key does, for the palette, and Textual's own choice of themes."""
        from .help import active_keys

        for key in active_keys(screen):
            run = partial(self.run_action, key.action, key.node)
            yield SystemCommand(key.says, f"key {' '.join(key.keys)}", run)
        yield SystemCommand("Theme", "Change the colours", self.action_change_theme)

    def action_cancel(self) -> None:
        """Stop reading and leave."""
        self._cancelled.set()
        self.exit(KeyboardInterrupt())

    def action_give_up(self) -> None:
        """Leave with what went wrong."""
        if isinstance(self.screen, FailureScreen):
            self.exit(self.screen.error)

"""A list that can be filtered by what is typed, on a screen of its own."""

from textual import on
from textual.widgets import Input

from .lines import Lines
from .list_screen import ListScreen

LONGEST_FILTER = 4096
"""Characters: what a path may have."""


class FilteredScreen(ListScreen):
    """Beside what a `ListScreen` has, a subclass composes an `Input` with the id `pattern`."""

    DEFAULT_CSS = """
    FilteredScreen {
        #pattern { height: 1; border: none; background: $surface; padding: 0 1; }
        #pattern:focus { background: $boost; }
    }
    """

    def filter(self, pattern: str) -> None:
        """List what has this in it, and show that; for subclasses."""
        raise NotImplementedError

    @property
    def pattern(self) -> Input:
        """The line to type a filter in."""
        return self.query_one("#pattern", Input)

    def action_back(self) -> None:
        """Take the filter away, or close."""
        pattern = self.pattern
        if not pattern.display:
            self.action_leave()
            return
        pattern.display = False
        pattern.value = ""
        self.action_to_list()

    def action_filter(self) -> None:
        """Open the input line."""
        self.pattern.display = True
        self.set_focus(self.pattern)

    def action_to_list(self) -> None:
        """From the input line back to the list."""
        self.set_focus(self.query_one(Lines))

    @on(Input.Changed, "#pattern")
    def _pattern_typed(self, event: Input.Changed) -> None:
        self.filter(event.value)

    @on(Input.Submitted, "#pattern")
    def _pattern_done(self, event: Input.Submitted) -> None:
        if not event.value:
            self.pattern.display = False
        self.action_to_list()

"""The view of two images: what the second has that the first had not, and the other way round."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from ..analysis.analyze import Analysis
from ..analysis.comparison import Comparison, without_contents
from ..analysis.comparison_files import Difference, FileDifference
from ..analysis.comparison_lists import ComparisonLists, Part
from .clipboard import copy
from .compare_ask import CompareAskPanel
from .compare_details import CompareDetails
from .compare_file import FileDiffScreen, PairContents
from .compare_head import PairHeader, figures_table
from .compare_lines import DifferenceLines, parts_line
from .compare_target import target
from .filtered_screen import LONGEST_FILTER, FilteredScreen
from .key_line import KeyLine
from .lines import Lines
from .session import Session

_BORDERS = 6
"""Columns of the details that are no text: frame, padding, scrollbar."""
_LOW, _LOWEST = 16, 12
"""Below these heights there are no figures, and no details either."""
_READ = frozenset((Part.PACKAGES, Part.FINDINGS))
"""What takes reading contents."""


class CompareScreen(FilteredScreen):
    """Closes with the place in the second image that was chosen; the first is `Session.before`.

    What is known at once is listed at once; packages and findings follow. All of it comes from threads.
    """

    DEFAULT_CSS = """
    CompareScreen {
        #figures { height: 4; text-wrap: nowrap; }
        #differences { height: 1fr; }
        #both {
            height: 33%; min-height: 6; max-height: 13; padding: 0 1;
            border: round $panel-lighten-2; border-title-color: $text; border-subtitle-color: $text-muted;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,right,l", "next_part(1)", "Next list", key_display="tab", id="compare_next"),
        Binding("shift+tab,left,h", "next_part(-1)", "Previous list", show=False, id="compare_previous"),
        Binding("slash,ctrl+f", "filter", "Filter", id="compare_filter"),
        Binding("down", "to_list", "From the filter to the list", show=False, id="compare_to_list"),
        Binding("d", "diff", "Diff", id="compare_diff", tooltip="Compare what both hold in the file"),
        Binding(
            "J,shift+down", "details(1)", "Scroll the details down", show=False, id="compare_details_down"
        ),
        Binding("K,shift+up", "details(-1)", "Scroll the details up", show=False, id="compare_details_up"),
        Binding("y", "copy", "Copy the path, name or command", show=False, id="compare_copy"),
        Binding("o", "other", "Other image", id="compare_other", tooltip="Compare with another image"),
        Binding(
            "escape", "back", "Explore", id="compare_back", tooltip="To the explorer of the second image"
        ),
        Binding("D,q", "leave", "To the explorer at once", show=False, id="compare_leave"),
    ]

    unknown = "These images cannot be compared"

    def __init__(self, session: Session) -> None:
        """The session has an image to hold its own against."""
        super().__init__(session)
        self._begin_with(session.before)

    def _begin_with(self, before: Analysis | None) -> None:
        assert before is not None
        self._before = before
        self._contents = PairContents(before, self.session.analysis)
        self._told = CompareDetails(self.session, before)
        self._failure = ""

    def compose(self) -> ComposeResult:
        """The figures, the list, and what the cursor is on."""
        yield PairHeader(self.session)
        yield Static(id="figures")
        yield Static(id="amount")
        yield Input(placeholder="part of a path, a name, a command", max_length=LONGEST_FILTER, id="pattern")
        yield Static(id="titles")
        yield DifferenceLines(self.session, id="differences")
        with VerticalScroll(can_focus=False, id="both"):
            yield Static(id="facts")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin to compare."""
        self.pattern.display = False
        self.listed.follow = self.show_details
        self.set_focus(self.listed)
        self._compare()
        self.show_all()

    @property
    def listed(self) -> DifferenceLines:
        """The list."""
        return self.query_one("#differences", DifferenceLines)

    # Comparing.

    def _compare(self) -> None:
        before, after = self._before, self.session.analysis
        work = lambda: ComparisonLists(without_contents(before, after))  # noqa: E731 - runs in a thread
        self.run_worker(work, thread=True, exit_on_error=False, name="first")

    def _read_contents(self, comparison: Comparison) -> None:
        work = lambda: ComparisonLists(self.session.read_contents(comparison))  # noqa: E731
        self.run_worker(work, thread=True, exit_on_error=False, name="contents")

    def fill(self, result: ComparisonLists) -> None:
        """As `ListScreen` says; packages and findings come second, and what another image came for never."""
        if result.comparison.before is not self._before:
            return
        pending = _READ if self.listed.lists is None else frozenset[Part]()
        result.filter(self.pattern.value)
        self.listed.show(result, pending)
        if pending:
            self._read_contents(result.comparison)

    # Leaving.

    @on(Lines.Chosen, "#differences")
    def _chosen(self) -> None:
        row = self.listed.row
        if row is None:
            return
        place = target(row, self.session.analysis)
        if isinstance(place, str):
            self.warn(place)
        else:
            self.go_to(place)

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """A key that would do nothing is not shown: where one types, letters are characters."""
        if not self.is_mounted:
            return True
        if isinstance(self.focused, Input):
            return action in ("to_list", "back", "next_part")
        if action == "diff":
            return self.listed.part is Part.FILES and self.listed.count() > 0
        if action == "other":
            return self.session.load is not None
        if action == "copy":
            return self.listed.row is not None
        return action != "to_list"

    def action_next_part(self, step: int) -> None:
        """The next list, in a circle."""
        parts = list(Part)
        self.action_go(parts[(parts.index(self.listed.part) + step) % len(parts)].name)

    def action_go(self, name: str) -> None:
        """One of the lists."""
        self.listed.go_to(Part[name])
        self.show_all()

    def filter(self, pattern: str) -> None:
        """As `FilteredScreen` says."""
        self.listed.filter(pattern)
        self.show_all()

    def action_diff(self) -> None:
        """What both hold at the path under the cursor."""
        row = self.listed.row
        if not isinstance(row, FileDifference):
            return
        if row.kind in (Difference.ADDED, Difference.REMOVED):
            which = "second" if row.kind is Difference.ADDED else "first"
            self.warn(f"Only the {which} image has this file.")
        else:
            self.app.push_screen(FileDiffScreen(self.session, row.path, self._contents))

    def action_details(self, direction: int) -> None:
        """Scroll the details, by as much as is in sight of them."""
        both = self.query_one("#both")
        both.scroll_relative(y=direction * max(both.scrollable_content_region.height - 1, 1), animate=False)

    def action_copy(self) -> None:
        """What the row is about."""
        row = self.listed.row
        if row is not None:
            copy(self, self.session.display, self._told.subject(row))

    def action_other(self) -> None:
        """Ask for another image in the place of the first."""
        if self.session.load is not None:
            self.app.push_screen(CompareAskPanel(self.session, self.session.load), self._take_other)

    def _take_other(self, before: Analysis | None) -> None:
        if before is None:
            return
        self.session.before = before
        self._begin_with(before)
        self.listed.clear()
        self._compare()
        self.show_all()

    # Showing.

    def show_all(self) -> None:
        """As `ListScreen` says; what a low terminal has no room for is left out."""
        height, lists = self.size.height, self.listed.lists
        figures = self.query_one("#figures", Static)
        figures.display = height >= _LOW
        self.query_one("#both").display = height >= _LOWEST
        look = self.session.display
        figures.update(
            Content("") if lists is None else figures_table(lists.comparison, look, self.size.width)
        )
        super().show_all()
        self.refresh_bindings()

    @property
    def titles(self) -> str:
        """As `ListScreen` says."""
        return self.session.display.cut(self.listed.titles, self.size.width)

    def show_details(self) -> None:
        """As `ListScreen` says."""
        both, look, row = self.query_one("#both", VerticalScroll), self.session.display, self.listed.row
        width = max(self.size.width - _BORDERS, 10)
        title = "" if row is None else look.text(self._told.title(row))
        both.border_title = Content(look.cut(title, width - 1, keep_end=isinstance(row, FileDifference)))
        both.border_subtitle = Content(look.cut(self.listed.summary, width - 1))
        facts = Content(self._failure) if row is None else self._told.tell(row, width)
        self.query_one("#facts", Static).update(facts)
        both.scroll_home(animate=False)

    def amount(self) -> Content:
        """The lists, each of which can be clicked, with as many counts as there is room for."""
        lists, look = self.listed.lists, self.session.display
        if lists is None:
            return Content.styled(f" comparing{look.glyphs.ellipsis}", "dim")
        if not self.listed.pending and not lists.comparison.differs:
            return Content.styled(" Nothing differs", "bold $text-success")
        return parts_line(self.listed, look, self.size.width)

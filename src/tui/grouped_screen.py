"""A list that can be grouped and filtered, on a screen of its own."""

import enum
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input

from ..analysis.grouped import Grouped
from .filtered_screen import FilteredScreen
from .grouped_lines import GroupedLines


class GroupedScreen(FilteredScreen):
    """A `FilteredScreen` whose list is a `GroupedLines`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="group_back"),
        Binding("tab", "next_grouping(1)", "Group by", id="group_next"),
        Binding("shift+tab", "next_grouping(-1)", "Group by, backwards", show=False, id="group_previous"),
        Binding("slash,ctrl+f", "filter", "Filter", id="group_filter"),
        Binding("down", "to_list", "From the filter to the list", show=False, id="group_to_list"),
    ]

    # Groups.

    def action_next_grouping(self, step: int) -> None:
        """Group by the next thing, in a circle."""
        groupings = self._groupings
        at = groupings.index(self._listed.grouping)
        self.action_group_by(groupings[(at + step) % len(groupings)].name)

    def action_group_by(self, name: str) -> None:
        """Group by one thing."""
        self._listed.group_by(next(one for one in self._groupings if one.name == name))
        self._show_lines()

    def groupings_after(self, left: Content) -> Content:
        """A text and, where there is room on its line, what the list may be grouped by: words to click."""
        by = self._listed.grouping
        # No text of the image is in here, so this is markup.
        words = [
            f"[{'bold reverse' if one is by else 'dim'}]"
            f"[@click=screen.group_by('{one.name}')]"
            f"{self.session.display.glyphs.pointer if one is by else ' '}{one.value} [/][/]"
            for one in self._groupings
        ]
        right = Content.from_markup("".join(words))
        gap = self.size.width - left.cell_length - right.cell_length
        return Content.assemble(left, " " * gap, right) if gap >= 0 else left

    # The filter.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """A key that would do nothing is not shown: where one types, / is a character."""
        typing = isinstance(self.focused, Input)
        return typing if action == "to_list" else not typing if action == "filter" else True

    def filter(self, pattern: str) -> None:
        """As `FilteredScreen` says."""
        self._listed.filter(pattern)
        self._show_lines()

    def _show_lines(self) -> None:
        """The lines are others: begin with the first."""
        self._lines.reload(0)
        self.show_all()

    @property
    def _groupings(self) -> list[enum.Enum]:
        """What the lines may be grouped by; the value of each is its name for people."""
        by: enum.Enum = self._listed.grouping
        return list(type(by))

    @property
    def _listed(self) -> Grouped[Any, Any]:
        return self._lines.listed

    @property
    def _lines(self) -> GroupedLines:
        return self.query_one(GroupedLines)

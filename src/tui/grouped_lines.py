"""A list whose lines may stand in groups: they open and close."""

from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from ..analysis.grouped import Grouped
from .lines import Lines


class GroupedLines(Lines):
    """Lines of a `Grouped`, which a subclass draws."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "left", "Close the group, or go up to it", show=False, id="group_left"),
        Binding("right,l", "right", "Open the group, or go into it", show=False, id="group_right"),
        Binding("space", "open_close", "Open or close the group", show=False, id="group_open_close"),
        Binding("enter", "choose", "Open, go to the file", id="group_choose"),
    ]

    listed: Grouped[Any, Any]
    """What is shown."""

    def count(self) -> int:
        """As `Lines` says."""
        return len(self.listed)

    @property
    def group_number(self) -> int | None:
        """The group the cursor is on or in; None in no group."""
        return self.listed.line(self.cursor).group if len(self.listed) else None

    @property
    def _is_inside(self) -> bool:
        return self.listed.line(self.cursor).row is not None

    def action_open_close(self) -> None:
        """Open or close the group that the cursor is on or in."""
        number = self.group_number
        if number is not None:
            self._set_open(number, not self.listed.is_open(number))

    def action_left(self) -> None:
        """From a row to its group, and close that."""
        number = self.group_number
        if number is None:
            return
        if self._is_inside:
            self.move_to(self.listed.line_of(number))
        elif self.listed.is_open(number):
            self._set_open(number, False)

    def action_right(self) -> None:
        """Open the group, then go to its first row."""
        number = self.group_number
        if number is None or self._is_inside:
            return
        if self.listed.is_open(number):
            self.move_to(self.cursor + 1)
        else:
            self._set_open(number, True)

    def _set_open(self, number: int, opened: bool) -> None:
        self.listed.set_open(number, opened)
        self.reload(self.listed.line_of(number))

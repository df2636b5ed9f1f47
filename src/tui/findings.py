"""The findings view: what to change in the Dockerfile, the most bytes first, and what each of it is about."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from ..analysis.findings.outline import Outline
from ..analysis.findings.what_if import what_if
from ..analysis.view import Scope
from .clipboard import copy_lines
from .display import counted
from .findings_details import FindingDetails
from .findings_lines import FindingLines
from .findings_what_if import WhatIfPanel, chosen_words
from .header import ImageHeader
from .key_line import KeyLine
from .lines import Lines
from .list_screen import ListScreen
from .session import Jump

_BORDERS = 6
"""Columns of the frame of the details that are no title."""


class FindingsScreen(ListScreen):
    """Closes with the place that was chosen, in the layer that stores it.

    The findings are looked for in a thread, unless they are known.
    """

    DEFAULT_CSS = """
    FindingsScreen {
        #findings { height: 2fr; }
        #finding {
            height: 3fr; overflow-y: scroll;
            border: round $panel-lighten-2; border-title-color: $text;
        }
        #finding:focus { border: round $text-accent; }
        #finding:focus:nocolor { border: heavy $foreground; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Choose", id="finding_mark", tooltip="Choose it, or no longer"),
        Binding("A", "mark_all", "Choose all, or none", show=False, id="finding_mark_all"),
        Binding(
            "W", "what_if", "What if", id="finding_what_if", tooltip="The image with the chosen advice taken"
        ),
        Binding("tab,shift+tab", "other_pane", "Pane", id="finding_pane", tooltip="List or details"),
        Binding("c", "copy", "Copy fix", id="finding_copy", tooltip="Copy the fix"),
        Binding("escape", "leave", "Back", id="findings_back"),
        Binding("F,q", "leave", "Back at once", show=False, id="findings_leave"),
    ]

    unknown = "The findings cannot be told"

    def compose(self) -> ComposeResult:
        """The list between what it adds up to and what the cursor is on."""
        yield ImageHeader(self.session)
        yield Static(id="amount")
        yield Static(id="titles")
        yield FindingLines(self.session, id="findings")
        yield FindingDetails(self.session, id="finding")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin to look for them, unless that is done."""
        self.listed.follow = self.show_details
        self.set_focus(self.listed)
        if self.session.found is None:
            self.run_worker(self.session.find, thread=True, exit_on_error=False)
        else:
            self.fill(self.session.found)
        self.show_all()

    def fill(self, result: Outline) -> None:
        """As `ListScreen` says."""
        self.listed.show(result)

    @property
    def listed(self) -> FindingLines:
        """The list."""
        return self.query_one("#findings", FindingLines)

    @property
    def details(self) -> FindingDetails:
        """What the cursor of the list is on."""
        return self.query_one("#finding", FindingDetails)

    # Leaving.

    @on(Lines.Chosen)
    def _chosen(self) -> None:
        """To the place under the cursor, from the list to the largest; without a path, to the layer."""
        finding, place = self.listed.finding, self.details.place
        if finding is None:
            return
        layer = next(iter(finding.layers), None)
        path = b""
        if place is not None:
            layer, path = layer if place.layer is None else place.layer, place.path
        if layer is None:
            self.warn("No layer holds this: it is in the configuration of the image.")
        else:
            self.go_to(Jump(layer, path, Scope.CHANGES))

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """A key that would do nothing is not shown."""
        if action == "mark":
            return self.listed.choosable
        if action in ("mark_all", "what_if"):
            return self.session.found is not None and bool(
                self.session.found.worth + self.session.found.smaller
            )
        if action == "copy":
            return self.listed.finding is not None
        return action != "other_pane" or self.details.count() > 0

    def action_other_pane(self) -> None:
        """From the list to the details, and back."""
        self.set_focus(self.details if self.listed.has_focus else self.listed)

    def action_mark(self) -> None:
        """Take the advice under the cursor into account, or no longer."""
        self.listed.choose()
        self.show_all()

    def action_mark_all(self) -> None:
        """All of it, or none."""
        self.listed.choose_all()
        self.show_all()

    def action_what_if(self) -> None:
        """The image, layer by layer, with the chosen advice taken, or all if none is."""
        found = self.session.found
        if found is not None:
            self.app.push_screen(WhatIfPanel(self.session, self.listed.chosen, found.left))

    def action_copy(self) -> None:
        """What to write instead."""
        finding = self.listed.finding
        if finding is not None:
            copy_lines(self, self.session.display, finding.fix)

    # Showing.

    def show_all(self) -> None:
        """As `ListScreen` says; some keys do nothing without findings."""
        super().show_all()
        self.refresh_bindings()

    @property
    def titles(self) -> str:
        """As `ListScreen` says."""
        return self.listed.titles

    def show_details(self) -> None:
        """As `ListScreen` says."""
        look, finding = self.session.display, self.listed.finding
        title = "" if finding is None else look.text(finding.title[: self.size.width])
        self.details.border_title = Content(look.cut(title, max(self.size.width - _BORDERS, 1)))
        self.details.show(self._nothing() if finding is None else finding)

    def _nothing(self) -> str:
        """Why there is no finding for the cursor."""
        if self._failure or self.session.found is None:
            return self._failure
        if not self.session.analysis.has_entries:
            return "This report tells of none. It was saved without entries, so there is nothing to look at."
        return "Nothing was found that should be changed."

    def amount(self) -> Content:
        """What the chosen ones would save; or all of them, and what a perfect rebuild would ship."""
        look, found = self.session.display, self.session.found
        if found is None:
            return Content.styled(f" looking for what to change{look.glyphs.ellipsis}", "dim")
        if not self.listed.count():
            known = self.session.analysis.has_entries
            return Content.styled(" Nothing to change" if known else " No findings", "bold")
        if chosen := self.listed.chosen:
            return Content.styled(f" {chosen_words(self.session, chosen)}", "bold")
        stored = self.session.analysis.totals.stored
        said = f" {look.size(found.saved)} of {look.size(stored)} can go"
        counts = [counted(len(found.worth), "finding")] if found.worth else []
        if found.smaller:
            counts.append(counted(len(found.smaller), "smaller thing"))
        minimum = what_if(self.session.analysis, found.left).minimum
        accepted = f"; {len(found.accepted):,} accepted" if found.accepted else ""
        if not counts:
            return Content.styled(f" Nothing to change{accepted}", "bold")
        where = f", in {' and '.join(counts)}"
        return Content.assemble((said, "bold"), f"{where}{accepted}; minimum {look.size(minimum)}")

"""The line on top: which image, how large, how much of it is wasted."""

from textual.content import Content
from textual.widget import Widget

from ..formatting import percent
from .session import Session


class ImageHeader(Widget):
    """One line, shortened for narrow terminals."""

    DEFAULT_CSS = "ImageHeader { height: 1; background: $panel; text-wrap: nowrap; }"

    def __init__(self, session: Session, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._session = session

    def render(self) -> Content:
        """What there is room for."""
        width = self.size.width
        analysis, display = self._session.analysis, self._session.display
        image, totals = analysis.image, analysis.totals
        name = display.text(image.tags[0] if image.tags else image.reference)
        figures: list[tuple[str, str]] = [
            (f"  {display.size(totals.stored)}", "bold"),
            (
                f"  eff {percent(totals.efficiency)}"
                if width < 100
                else f"  efficiency {percent(totals.efficiency)}",
                "",
            ),
            (f"  wasted {display.size(totals.wasted)}", "bold $text-warning" if totals.wasted else ""),
        ]
        if width >= 100:
            figures.insert(0, (f"  {display.text(image.platform)}", "dim"))
            figures.append((f" in {analysis.copies:,} copies" if analysis.copies else "", "dim"))
        room = width - 2 - sum(len(text) for text, _ in figures)
        parts = [(text, style) for text, style in figures if text]
        return Content.assemble(
            (f" {display.cut(name, max(room, 8), keep_end=True)}", "bold $text-accent"),
            *((text, style) if style else Content(text) for text, style in parts),
        )

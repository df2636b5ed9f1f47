"""The pane below the file tree: what each layer made of the path that is selected."""

from textual.content import Content
from textual.widget import Widget

from .details import path_history
from .session import Session


class PathHistory(Widget):
    """The latest lines, as many as there is room for."""

    def __init__(self, session: Session, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._session = session
        self._path = 0

    def show(self, path: int) -> None:
        """Tell of another path."""
        self._path = path
        self.border_title = Content(self._session.display.path(self._session.timeline.name(path)))
        self.refresh()

    def render(self) -> Content:
        """What there is room for."""
        return path_history(self._session, self._path, self.size.height)

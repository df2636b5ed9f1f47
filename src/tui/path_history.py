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
        self._path: int | None = None

    def show(self, path: int | None) -> None:
        """Tell of another path, or of none."""
        self._path = path
        name = "" if path is None else self._session.display.path(self._session.timeline.name(path))
        self.border_title = Content(name)
        self.refresh()

    def render(self) -> Content:
        """What there is room for."""
        if self._path is None:
            return Content("")
        return path_history(self._session, self._path, self.size.height)

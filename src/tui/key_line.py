"""The last line of every screen: the keys that matter most there."""

from typing import NamedTuple

from rich.cells import cell_len
from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widgets import Static

_IF_THERE_IS_ROOM = ("packages",)
"""Ids of bindings that are left out, the last first, until the others fit."""


class _Key(NamedTuple):
    """A key on the line."""

    id: str | None
    shown: str
    description: str
    key: str

    @property
    def text(self) -> str:
        """As it is written."""
        return f"{self.shown} {self.description}"


class KeyLine(Static):
    """As Textual's Footer, which makes its widgets anew whenever the focus moves: twenty milliseconds."""

    DEFAULT_CSS = """
    KeyLine {
        dock: bottom;
        height: 1;
        background: $footer-background;
        color: $footer-foreground;
        text-wrap: nowrap;
        link-style: none;
        link-color: $footer-foreground;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[_Key] = []

    def on_mount(self) -> None:
        """Show the keys, and again whenever others count."""
        self.screen.bindings_updated_signal.subscribe(self, self._update)
        self._update(self.screen)

    def _update(self, screen: Screen[object]) -> None:
        found: dict[str, _Key] = {}
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.show and active.enabled:
                key = binding.key_display or self.app.get_key_display(binding)
                found.setdefault(binding.action, _Key(binding.id, key, binding.description, binding.key))
        if (shown := self._fitting(list(found.values()))) != self._shown:
            self._shown = shown
            self.update(self._line(), layout=False)

    def on_resize(self) -> None:
        """There may be room for more keys, or for less."""
        self._update(self.screen)

    def _fitting(self, keys: list[_Key]) -> list[_Key]:
        for spare in reversed(_IF_THERE_IS_ROOM):
            if sum(cell_len(key.text) + 1 for key in keys) - 1 > self.app.size.width:
                keys = [key for key in keys if key.id != spare]
        return keys

    def _line(self) -> Content:
        parts: list[Content] = []
        for key in self._shown:
            click = Style.from_meta({"@click": f"app.simulate_key('{key.key}')"})
            shown = Content.assemble((key.shown, "bold $footer-key-foreground"), f" {key.description}")
            parts.append(shown.stylize(click))
        return Content(" ").join(parts)

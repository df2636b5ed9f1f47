"""The last line of every screen: the keys that matter most there."""

from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widgets import Static


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
        self._shown: list[tuple[str, str, str]] = []

    def on_mount(self) -> None:
        """Show the keys, and again whenever others count."""
        self.screen.bindings_updated_signal.subscribe(self, self._update)
        self._update(self.screen)

    def _update(self, screen: Screen[object]) -> None:
        found: dict[str, tuple[str, str, str]] = {}
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.show and active.enabled:
                key = binding.key_display or self.app.get_key_display(binding)
                found.setdefault(binding.action, (key, binding.description, binding.key))
        if (shown := list(found.values())) != self._shown:
            self._shown = shown
            self.update(self._line(), layout=False)

    def _line(self) -> Content:
        parts: list[Content] = []
        for shown, description, key in self._shown:
            click = Style.from_meta({"@click": f"app.simulate_key('{key}')"})
            parts.append(
                Content.assemble((shown, "bold $footer-key-foreground"), f" {description}").stylize(click)
            )
        return Content(" ").join(parts)

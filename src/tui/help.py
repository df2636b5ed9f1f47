"""Help: every key that does something here, and what the glyphs and colours mean."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Input, Static

from ..analysis.findings.finding import Severity
from .display import KIND_NAMES, SEVERITY_MARKS, Display
from .heading import KIND_COLOURS, KIND_KEYS
from .layer_list import FOUND
from .lines import Lines
from .panel import Panel
from .settings import Settings
from .wrapping import wrap

_NAMES = 22
"""Columns of keys, kinds and terms, where there is room."""

_KINDS_SAY = {
    "added": "the path was not there before",
    "changed": "other content, another type or link target",
    "metadata only": "mode, owner, time or xattrs changed; the whole file is stored again",
    "removed": "gone from here on; the layers below still ship it",
    "unchanged": "as the layers below left it, or written again just as it was",
}


class HelpPanel(Panel[None]):
    """Made from the bindings that are active, remapped keys and all."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,q,f1", "close", "Close", show=False, id="close_help")
    ]

    def __init__(self, look: Display, keys: Sequence["Key"]) -> None:
        super().__init__()
        self._look = look
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Text to scroll in."""
        with VerticalScroll(id="panel"):
            yield Static(id="text")

    def on_mount(self) -> None:
        """Arrows scroll."""
        self.query_one("#panel").focus()

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self.query_one("#text", Static).update(Content("\n").join(self._text()))

    def _line(self, name: str, style: str, says: str) -> Iterator[Content]:
        """A name and what it means; the lines of a long meaning stand under each other."""
        names = min(_NAMES, self.columns // 3)
        for line in wrap(says, self.columns - names - 3):
            yield Content.assemble((f"  {name:<{names}} ", style), Content(line))
            name = ""

    def _text(self) -> Iterator[Content]:
        glyphs = self._look.glyphs
        yield Content.styled("Keys", "bold")
        for key in self._keys:
            yield from self._line("  ".join(key.keys), "bold $text-accent", key.says)
        yield Content("")
        yield Content.styled("In the tree", "bold")
        for kind in KIND_KEYS:
            name = KIND_NAMES[kind]
            glyph = glyphs.kinds[kind].strip() or "="
            yield from self._line(f"{glyph} {name}", KIND_COLOURS[kind], _KINDS_SAY[name])
        yield Content("")
        yield Content.assemble(
            ("  ", ""),
            (glyphs.full * 3, "$primary"),
            Content(" live bytes    "),
            (glyphs.wasted * 3, "$text-warning"),
            Content(" wasted: the final image cannot reach them"),
        )
        yield Content("")
        yield Content.styled("Findings", "bold")
        yield from self._line(FOUND, "$text-warning", "beside a layer: its step is to be changed")
        for severity in (Severity.HIGH, Severity.MEDIUM, Severity.LOW):
            says = f"{severity.name.lower()}: how much it matters"
            yield from self._line(SEVERITY_MARKS[severity], "$text-warning", says)
        says = "chosen: above the list stands what the image would be with its advice taken"
        yield from self._line(glyphs.chosen, "bold", says)
        yield Content("")
        yield Content.styled("The filter", "bold")
        for term, meaning in (
            ("lib", "paths that hold the text; small letters stand for capitals too"),
            ("*.so  src/*.py", "names, or paths, that match the pattern"),
            ("/^/usr/.*cache/", "paths that match the regular expression"),
            (">10M  <=4KiB", "files larger or smaller"),
            ("kind:removed", "added, changed, metadata, removed, unchanged"),
            ("owner:0  owner:0:0", "user, or user and group"),
            ("layer:3", "written by that layer"),
            ("type:link", "file, dir, link, hardlink, device, fifo"),
            ("is:wasted", "out of reach in the final image"),
            ("!term", "the opposite; several terms must all hold"),
        ):
            yield from self._line(term, "bold", meaning)
        yield Content("")
        yield Content("Select text with the mouse while holding Shift.")


class Key(NamedTuple):
    """Something a key does, and where."""

    keys: tuple[str, ...]
    """As they are shown to people."""
    says: str
    action: str
    node: DOMNode


def active_keys(screen: Screen[Any]) -> list[Key]:
    """What keys do on a screen, in the order of their declaration; those of other lists than the one with
    the focus come last. What an input line does with keys is left out: it is what they always do in one.
    """
    found: dict[str, Key] = {}
    for key, active in screen.active_bindings.items():
        if active.enabled and not isinstance(active.node, Input):
            _add(found, active.binding, key, active.node)
    for lines in screen.query(Lines):
        bindings: dict[str, Binding] = {}
        for base in type(lines).__mro__:  # what a class says of a key replaces what its bases say
            for binding in Binding.make_bindings(base.__dict__.get("BINDINGS", ())):
                bindings.setdefault(binding.key, binding)
        for binding in bindings.values():
            if not lines.check_action(binding.action, ()):
                continue
            for key in _keys(screen, binding):
                _add(found, binding, key, lines)
    return list(found.values())


def _keys(screen: Screen[Any], binding: Binding) -> list[str]:
    """The keys of a binding, or those that the user gave it."""
    keymap = getattr(screen.app, "settings", Settings()).keys
    return keymap.get(binding.id or "", binding.key).split(",")


def _add(found: dict[str, Key], binding: Binding, key: str, node: DOMNode) -> None:
    says = binding.tooltip or binding.description
    if not says or binding.system:
        return
    known = found.setdefault(says, Key((), says, binding.action, node))
    shown = node.app.get_key_display(Binding(key, binding.action))
    if known.action == binding.action and shown not in known.keys:
        found[says] = known._replace(keys=(*known.keys, shown))

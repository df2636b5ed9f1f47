"""What a user can choose: read from a file by the command line, handed to the explorer as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Settings:
    """The explorer's settings; every default is what most people want."""

    theme: str = "textual-dark"
    """A theme of Textual's, `ansi-dark` and `ansi-light` (the terminal's own colours) among them."""
    binary_units: bool = False
    """KiB and MiB instead of kB and MB."""
    ascii_only: bool = False
    """No character that a plain terminal might lack."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """By the id of a binding: the keys that replace its own, separated by commas."""

"""Where in a file of rules a key stands: what is wrong there is told with file, key and what is allowed."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

from ..errors import SettingsError
from ..formatting import cut
from ..toml_file import refuse_name, refuse_value

T = TypeVar("T")

_LONGEST = 60
"""Columns of a key that are told."""


class Place:
    """The file, and the keys above: `rules.`, or `image 2.accept 1.` for what stands in lists, from 1."""

    def __init__(self, file: str, above: str = "") -> None:
        self.file = file
        self.above = above

    @property
    def folder(self) -> Path:
        """Where paths in the file start from."""
        return Path(self.file).parent

    @property
    def name(self) -> str:
        """File and keys, as people read them."""
        return f"{self.file}: {self.above.rstrip('.')}" if self.above else self.file

    def below(self, name: str) -> "Place":
        """What stands under a key."""
        return Place(self.file, f"{self.above}{name}.")

    def refuse(self, name: str, value: object, allowed: str) -> NoReturn:
        """SettingsError for a value that means nothing."""
        refuse_value(self.file, f"{self.above}{name}", value, allowed)

    def error(self, name: str, message: str, hint: str = "") -> SettingsError:
        """What is wrong with a key."""
        return SettingsError(f"{self.file}: {self.above}{name}: {message}", hint)

    def check_names(self, table: Mapping[str, object], noun: str, known: Sequence[str]) -> None:
        """SettingsError if a table has a key that is none of these."""
        for name in table:
            if name not in known:
                refuse_name(self.name, cut(name, _LONGEST), noun, known)

    def tables(self, name: str, value: object) -> list[dict[str, object]]:
        """A list of tables; SettingsError for anything else."""
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.refuse(name, value, "tables: [[accept]], [[image]], [[image.accept]]")
        return value

    def texts(self, name: str, value: object, allowed: str) -> tuple[str, ...]:
        """A text or a list of texts, at least one; SettingsError for anything else."""
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not listed:
            self.refuse(name, value, allowed)
        if not all(isinstance(one, str) and one.strip() for one in listed):
            self.refuse(name, value, allowed)
        return tuple(listed)

    def parsed(self, name: str, value: object, allowed: str, parse: Callable[[], T]) -> T:
        """What `parse` gives; SettingsError where it finds the wrong type or the wrong text."""
        try:
            return parse()
        except TypeError:
            self.refuse(name, value, allowed)
        except ValueError as error:
            raise self.error(name, str(error), f"Allowed: {allowed}.") from None

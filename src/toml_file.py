"""TOML files of ours, read in bounded memory, and how what they say wrong is told."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

from .errors import SettingsError


def read_toml(path: Path, *, largest: int, what: str, example: str) -> dict[str, object] | None:
    """What a file says; None if there is none. SettingsError for any that cannot be read or is no TOML.

    `largest` is in bytes; `what` names what is in the file ("settings"), `example` is a line of it.
    """
    try:
        if path.exists() and not path.is_file():
            raise SettingsError(f"{path} is not a file", f"{what.capitalize()} are a TOML file.")
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(
            f"the {what} in {path} cannot be read: {error.strerror or error}",
            "Mend its permissions, or move it away.",
        ) from error
    import tomllib  # most folders have no such file

    if len(data) > largest:
        raise SettingsError(f"{path} has more than {largest:,} bytes", f"No {what} need as many.")
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8: {error.reason} at byte {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}", f"It is written as {example}.") from None
    except ValueError:  # Python's own limit, of which tomllib knows nothing
        raise SettingsError(f"{path} is not TOML: it has a number of thousands of digits") from None
    except RecursionError:
        raise SettingsError(f"{path} is not TOML: it is nested too deeply") from None


def refuse_value(where: str, name: str, value: object, allowed: str) -> NoReturn:
    """SettingsError for a value that means nothing; `where` is the file, `allowed` what would do."""
    try:
        shown = json.dumps(value, default=str, ensure_ascii=False)
    except (ValueError, RecursionError):  # a number of thousands of digits, tables in tables without an end
        shown = "…"
    shown = shown if len(shown) <= 80 else f"{shown[:79]}…"
    raise SettingsError(f"{where}: {name} = {shown} means nothing", f"Allowed: {allowed}.")


def refuse_name(where: str, name: str, noun: str, known: Iterable[str]) -> NoReturn:
    """SettingsError for a key that nobody knows: a `noun`, of which the `known` ones are told."""
    import difflib

    names = list(known)
    close = difflib.get_close_matches(name, names, 1)
    guess = f"Did you mean {close[0]}? " if close else ""
    raise SettingsError(f"{where}: there is no {noun} {name!r}", f"{guess}There are {', '.join(names)}.")

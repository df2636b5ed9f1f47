"""The command, run in the process of the test."""

from collections.abc import Callable
from typing import NamedTuple


class Done(NamedTuple):
    """What came of it."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]

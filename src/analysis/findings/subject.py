"""What the catalogue says of a finding that a function looks for."""

from typing import NamedTuple

from .finding import Severity


class Subject(NamedTuple):
    """One kind of finding, whatever the image."""

    id: str
    title: str
    severity: Severity
    """The worst it can have."""
    reason: str
    """Two sentences."""
    fix: str
    """Dockerfile text, with words in capitals for what the image would tell."""

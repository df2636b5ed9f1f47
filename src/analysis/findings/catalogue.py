"""Everything that is looked for, by family; a file goes to the first rule that fits it."""

from collections.abc import Sequence
from typing import NamedTuple

from . import (
    copies,
    development,
    duplicates,
    package_managers,
    recommended,
    secret_advice,
    security,
    step_subjects,
    unwanted,
)
from .path_rule import PathRule
from .subject import Subject


class Family(NamedTuple):
    """Findings of one sort, as a chapter of docs/findings.md."""

    title: str
    text: str
    members: Sequence[PathRule | Subject]


FAMILIES = (
    Family(
        "Left behind by package managers",
        "Lists, archives and caches, in the folder of any user. Copies that a later step removed or wrote "
        "again are counted, too, as the same fix keeps them out.",
        package_managers.RULES,
    ),
    Family(
        "Installed and not needed",
        recommended.TEXT,
        recommended.SUBJECTS,
    ),
    Family(
        "For development alone",
        development.TEXT,
        development.SUBJECTS,
    ),
    Family(
        "Does not belong into an image",
        "What comes from the making of the image or of the program, as far as its name gives it away. A file "
        "with a hard link elsewhere is not counted, as it would stay.",
        unwanted.RULES,
    ),
    Family(
        "Copies that no container sees",
        "One finding for each step that put copies out of reach, and each way in which it did: the wasted "
        "bytes of docs/figures.md, but for those above. What a step replaces of the base image is among "
        "them: no other step would spare that, but another base image would, and the fix says so.",
        copies.SUBJECTS,
    ),
    Family(
        "The same content more than once",
        "Among the live files that nothing else is wrong with.",
        duplicates.SUBJECTS,
    ),
    Family(
        "The order and the wording of steps",
        "What the history gives away. It saves no bytes that an image could tell of: builds become faster, "
        "or smaller by what is not in this image.",
        step_subjects.SUBJECTS,
    ),
    Family(
        "Secrets",
        "Keys, tokens and passwords, also those that a later step deleted: whoever has the image has them. "
        "Only files are read whose name or folder says that they may hold one; values are never shown.",
        secret_advice.SUBJECTS,
    ),
    Family(
        "What a container may do",
        "Users, modes and owners in the final filesystem.",
        security.SUBJECTS,
    ),
)

PATH_RULES = (*package_managers.RULES, *unwanted.RULES)
"""Findings that a path gives away."""

"""Names that an image can have in an engine: checked before they go anywhere."""

import re

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_DOMAIN = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[A-Fa-f0-9:]+\])"
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_NAME = re.compile(
    rf"(?:{_DOMAIN}(?::[0-9]{{1,5}})?/)?{_PART}(?:/{_PART})*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?"
    r"(?:@sha256:[0-9a-f]{64}|@sha512:[0-9a-f]{128})?",
    re.ASCII,
)
"""[domain/]path[:tag][@digest], as the distribution project's package `reference` has it."""
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{4,64}")
_WHOLE_ID = re.compile(r"sha256:[0-9a-f]{64}")
_FILE = re.compile(r"\.(?:tar|tgz|tzst|txz|tbz2?|gz|zst|xz|bz2|json|oci|zip)\Z", re.IGNORECASE)
_MAX_NAME = 512


def is_image_name(text: str) -> bool:
    """Whether an engine may know an image by this name or id; it may still know none."""
    return len(text) <= _MAX_NAME and bool(_NAME.fullmatch(text) or _ID.fullmatch(text))


def is_file_name(text: str) -> bool:
    """Whether whoever typed this plainly meant an archive or a report."""
    return bool(_FILE.search(text))


def is_id(text: str) -> bool:
    """Whether this is the whole id of an image, as engines give it."""
    return bool(_WHOLE_ID.fullmatch(text))


def can_be_pulled(text: str) -> bool:
    """Whether a registry may have it: an id is one engine's own."""
    return bool(_NAME.fullmatch(text)) and not re.fullmatch("(?:sha256:)?[0-9a-f]{64}", text)

"""What package managers leave behind: lists, archives and caches that only they read."""

from .finding import Severity
from .path_rule import PathRule

RULES = (
    PathRule(
        "apt-lists",
        "APT's package lists",
        Severity.MEDIUM,
        "`apt-get update` leaves the lists of all packages there are, and only APT reads them. A later step "
        "cannot take them out of the layer that has them.",
        "RUN apt-get update \\\n && apt-get install -y --no-install-recommends PACKAGES \\\n"
        " && rm -rf /var/lib/apt/lists/*",
        folders=("/var/lib/apt/lists",),
        shipped_too=True,
    ),
    PathRule(
        "apt-cache",
        "APT's archives and caches",
        Severity.MEDIUM,
        "APT keeps what it has downloaded and what it has computed of its lists. Nothing needs either once "
        "the packages are installed.",
        "RUN apt-get update \\\n && apt-get install -y --no-install-recommends PACKAGES \\\n"
        " && apt-get clean && rm -rf /var/lib/apt/lists/* /var/cache/apt/*",
        folders=("/var/cache/apt",),
        shipped_too=True,
    ),
)

"""Findings about what a container may do with its files: the user, setuid and setgid, who may write.

All of them are about the final filesystem and its settings; none saves bytes.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..analyze import Analysis
from ..model import FileType
from ..stored import layers_of
from .finding import Evidence, Finding, Severity
from .making import MOST
from .subject import Subject

_SETUID, _SETGID, _STICKY, _WRITABLE = 0o4000, 0o2000, 0o1000, 0o002
_LOOKED_FOR = _SETUID | _SETGID | _WRITABLE
_RUN = 0o111
_TYPES = (FileType.REGULAR, FileType.HARDLINK, FileType.DIRECTORY)

_OF_DISTRIBUTIONS = frozenset(
    (
        *(b"su", b"sudo", b"passwd", b"gpasswd", b"chsh", b"chfn", b"newgrp", b"sg", b"mount", b"umount"),
        *(
            b"chage",
            b"expiry",
            b"wall",
            b"write",
            b"bsd-write",
            b"ssh-agent",
            b"ssh-keysign",
            b"crontab",
            b"at",
        ),
        *(b"unix_chkpwd", b"unix_update", b"pam_timestamp_check", b"pam_extrausers_chkpwd", b"utempter"),
        *(b"dbus-daemon-launch-helper", b"polkit-agent-helper-1", b"pkexec", b"fusermount", b"fusermount3"),
        *(
            b"ping",
            b"ping6",
            b"traceroute6.iputils",
            b"newuidmap",
            b"newgidmap",
            b"doas",
            b"bbsuid",
            b"staprun",
        ),
        *(b"mount.nfs", b"mount.cifs", b"ntfs-3g", b"userhelper", b"usernetctl", b"dotlockfile", b"mlocate"),
        *(b"plocate", b"locate", b"exim4", b"postdrop", b"postqueue", b"snap-confine", b"chrome-sandbox"),
    )
)
"""Programs that Debian, Ubuntu, Fedora, openSUSE and Alpine install setuid or setgid themselves."""
_SYSTEM = ([b"usr"], [b"bin"], [b"sbin"], [b"lib"], [b"lib64"])
"""Folders that such a program lies below."""
_PLAIN = re.compile(rb"[\w./@+-]+")
_NAMED = 10
"""Paths in the text of a fix."""


class _Place(NamedTuple):
    """A file or directory of the final filesystem."""

    path: bytes
    layer: int
    """The one that wrote it last."""
    mode: int
    is_directory: bool


_OR = "# or, when the container starts:\n# docker run --security-opt no-new-privileges IMAGE"

ROOT = Subject(
    "root-user",
    "The container runs as root",
    Severity.LOW,
    "A process that breaks out of its program is root in the container, and root of the host if it breaks "
    "out of that too. Few programs need it: not even ports below 1024 do, in Docker.",
    "USER 10001:10001\n# for what it has to write:\nCOPY --chown=10001:10001 SOURCE TARGET",
)
SETUID = Subject(
    "setuid-files",
    "Programs that run as their owner (setuid)",
    Severity.MEDIUM,
    "Whoever starts such a program gets the rights of its owner, root mostly, and a flaw in it hands them "
    "on. A container whose user does not change needs none.",
    f"RUN chmod u-s PATHS\n{_OR}",
)
SETGID = Subject(
    "setgid-files",
    "Programs that run as their group (setgid)",
    Severity.MEDIUM,
    "Whoever starts such a program gets the rights of its group, and a flaw in it hands them on. "
    "A container whose user does not change needs none.",
    f"RUN chmod g-s PATHS\n{_OR}",
)
FILES = Subject(
    "world-writable-files",
    "Files that every user may change",
    Severity.MEDIUM,
    "Any process in the container may change them, of whichever user it is. "
    "If another one runs or reads them, it does what the first one wants.",
    "# in the step that writes them, or with COPY --chmod:\nRUN chmod o-w PATHS",
)
DIRECTORIES = Subject(
    "world-writable-directories",
    "Directories in which every user may replace files",
    Severity.MEDIUM,
    "Without the sticky bit, which /tmp has, whoever may write in a directory may delete what others put "
    "there. So any process may give another one its own files to read or run.",
    "# in the step that makes them; or chmod +t, if all are to write there:\nRUN chmod o-w PATHS",
)
SUBJECTS = (ROOT, SETUID, SETGID, FILES, DIRECTORIES)
"""In the order of the page."""


def find_exposures(analysis: Analysis) -> Iterator[Finding]:
    """The user, and the files of the final filesystem by what their modes allow.

    Looks at every node once, and reads nothing. SourceError for a report that was saved without entries.
    """
    layers_of(analysis)
    if _is_root(analysis):
        yield Finding(ROOT.id, ROOT.title, ROOT.severity, (), (), 0, 0, ROOT.reason, ROOT.fix)
    found: dict[tuple[Subject, bool], list[_Place]] = {}
    for place in _places(analysis):
        for subject in _exposures(place):
            is_usual = subject in (SETUID, SETGID) and _is_usual(place.path)
            found.setdefault((subject, is_usual), []).append(place)
    for (subject, is_usual), places in found.items():
        yield _finding(subject, places, is_usual=is_usual)


def _is_root(analysis: Analysis) -> bool:
    user = analysis.image.config.get("User")
    name = user.partition(":")[0] if isinstance(user, str) else ""
    return name in ("", "root", "0") and not analysis.image.platform.startswith("windows")


def _places(analysis: Analysis) -> Iterator[_Place]:
    """The files and directories with one of the bits that are looked for."""
    waiting = [(b"", analysis.union.root)]
    while waiting:
        folder, node = waiting.pop()
        for name, child in (node.children or {}).items():
            if child.children is not None:
                waiting.append((folder + name + b"/", child))
            entry = child.entry  # the mode of a hard link is set too: the last one counts
            if entry.mode & _LOOKED_FOR and entry.type in _TYPES:
                yield _Place(folder + name, child.layer, entry.mode, child.children is not None)


def _exposures(place: _Place) -> Iterator[Subject]:
    """What a place's mode allows; a setuid file that nobody may run does nothing."""
    mode = place.mode
    if place.is_directory:
        if mode & _WRITABLE and not mode & _STICKY:
            yield DIRECTORIES
        return
    if mode & _SETUID and mode & _RUN:
        yield SETUID
    if mode & _SETGID and mode & _RUN:
        yield SETGID
    if mode & _WRITABLE:
        yield FILES


def _is_usual(path: bytes) -> bool:
    *folders, name = path.split(b"/")
    return name in _OF_DISTRIBUTIONS and folders[:1] in _SYSTEM and b"local" not in folders


def _finding(subject: Subject, places: list[_Place], *, is_usual: bool) -> Finding:
    places.sort()
    return Finding(
        subject.id,
        f"{subject.title}, of the distribution" if is_usual else subject.title,
        Severity.INFO if is_usual else subject.severity,
        tuple(sorted({place.layer for place in places}, reverse=True)),
        tuple(Evidence(place.path, 0, 1, place.layer, f"mode {place.mode:04o}") for place in places[:MOST]),
        len(places[MOST:]),
        0,
        subject.reason,
        subject.fix.replace("PATHS", _pasted(places)),
    )


def _pasted(places: Sequence[_Place]) -> str:
    """The first paths as a shell takes them; `PATHS` if one of them is no plain text."""
    paths = [place.path for place in places[:_NAMED]]
    if not all(map(_PLAIN.fullmatch, paths)):
        return "PATHS"
    return " ".join("/" + path.decode() for path in paths) + (" ..." if len(places) > _NAMED else "")

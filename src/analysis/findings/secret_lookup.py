"""Which of the `SECRET_FILES` a path is, by lookups; and which paths are those of tests and examples."""

import re
from collections.abc import Sequence

from .secret_files import SECRET_FILES, SecretFile

_PUBLIC_ENDINGS = (b".pub", b".crt", b".cer")
_PUBLIC_NAMES = frozenset(
    (
        *(b"authorized_keys", b"known_hosts", b"known_hosts.old", b"cacert.pem", b"ca-bundle.pem"),
        *(b"cert.pem", b"fullchain.pem", b"chain.pem", b"ca-certificates.pem", b"tls-ca-bundle.pem"),
        *(b"roots.pem",),
    )
)
_EXAMPLE_FOLDERS = frozenset(
    (
        *(b"test", b"tests", b"testdata", b"testing", b"__tests__", b"test-data", b"test_data", b"spec"),
        *(b"example", b"examples", b"sample", b"samples", b"demo", b"demos", b"doc", b"docs"),
        *(b"fixture", b"fixtures", b"dummyserver", b"templates", b"Templates"),
    )
)
_PACKAGES = frozenset((b"site-packages", b"dist-packages", b"node_modules", b"gems"))
_EXAMPLE_NAME = re.compile(
    rb"(?:^|[._-])(?:examples?|sample|template|tpl|dist|test|snakeoil|defaults)(?:[._-]|$)"
)
"""`snakeoil`: the key that Debian's ssl-cert makes for who needs some key, and that nobody trusts."""

Named = tuple[bytes, SecretFile]
"""A text to hold a name or a folder against, and what the file is if it fits."""


class SecretFiles:
    """The table compiled to lookups, so that a file that is none costs a few of them."""

    def __init__(self, table: Sequence[SecretFile] = SECRET_FILES) -> None:
        self.names: dict[bytes, list[Named]] = {}
        """By the name of a file: what the path of its folder ends with."""
        self.beginnings: dict[bytes, list[Named]] = {}
        """By the first four characters of a name: what it begins with."""
        self.endings: dict[bytes, list[Named]] = {}
        """By its last four characters: what it ends with."""
        self.folders: dict[bytes, list[Named]] = {}
        """By the name of a folder all of whose files are meant: what its path ends with."""
        for one in table:
            for name in one.names:
                folder, _, last = name.encode().rpartition(b"/")
                if last == b"*":
                    self.folders.setdefault(folder.rpartition(b"/")[2], []).append((folder, one))
                elif last.startswith(b"*"):
                    self.endings.setdefault(last[-4:], []).append((last[1:], one))
                elif last.endswith(b"*"):
                    self.beginnings.setdefault(last[:4], []).append((last[:-1], one))
                else:
                    self.names.setdefault(last, []).append((folder, one))

    def of(self, folder: bytes, name: bytes) -> SecretFile | None:
        """What a file may hold by its name and the normalised path of its folder; None for most."""
        if name.endswith(_PUBLIC_ENDINGS) or name in _PUBLIC_NAMES:
            return None
        fitting = (
            *(one for end, one in self.names.get(name, ()) if _is_in(folder, end)),
            *(one for head, one in self.beginnings.get(name[:4], ()) if name.startswith(head)),
            *(one for tail, one in self.endings.get(name[-4:], ()) if name.endswith(tail)),
            *(one for end, one in self.folders.get(folder.rpartition(b"/")[2], ()) if _is_in(folder, end)),
        )
        return fitting[0] if fitting else None


def _is_in(folder: bytes, end: bytes) -> bool:
    return not end or folder == end or folder.endswith(b"/" + end)


def is_example(path: bytes) -> bool:
    """Whether a path is that of a test, of documentation or of a template, where secrets are made up."""
    folder, _, name = path.rpartition(b"/")
    return not _EXAMPLE_FOLDERS.isdisjoint(folder.split(b"/")) or bool(_EXAMPLE_NAME.search(name))


def is_of_package(path: bytes) -> bool:
    """Whether a path lies where package managers of languages put what others wrote."""
    return not _PACKAGES.isdisjoint(path.split(b"/"))

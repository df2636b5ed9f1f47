"""What a RUN step runs: programs and their words, and what package managers are told."""

import re
from collections.abc import Iterator
from typing import NamedTuple


class Manager(NamedTuple):
    """What a package manager is told to do, and what it needs for that."""

    installs: frozenset[str]
    updates: frozenset[str] = frozenset()
    """Words that fetch its lists."""
    upgrades: frozenset[str] = frozenset()
    """Words that bring all packages to their newest version."""
    manifests: str = ""
    """Files of the project that an installation reads; none for packages of the system."""
    leaves: str = ""
    """Id of the rule about what it leaves behind."""


INSTALL = frozenset(("install",))
MANAGERS = {
    "apt": Manager(
        INSTALL,
        frozenset(("update",)),
        frozenset(("upgrade", "dist-upgrade", "full-upgrade")),
        leaves="apt-cache",
    ),
    "apk": Manager(frozenset(("add",)), frozenset(("update",)), frozenset(("upgrade",)), leaves="apk-cache"),
    "dnf": Manager(INSTALL, frozenset(("makecache",)), frozenset(("upgrade", "update")), leaves="dnf-cache"),
    "zypper": Manager(
        frozenset(("install", "in")),
        frozenset(("refresh", "ref")),
        frozenset(("update", "up", "dup")),
        leaves="zypper-cache",
    ),
    "pip": Manager(INSTALL, manifests="requirements.txt", leaves="pip-cache"),
    "uv": Manager(frozenset(("sync", "pip")), manifests="pyproject.toml uv.lock", leaves="uv-cache"),
    "poetry": Manager(INSTALL, manifests="pyproject.toml poetry.lock", leaves="poetry-cache"),
    "npm": Manager(
        frozenset(("install", "i", "ci")), manifests="package.json package-lock.json", leaves="npm-cache"
    ),
    "yarn": Manager(frozenset(("install", "")), manifests="package.json yarn.lock", leaves="yarn-cache"),
    "pnpm": Manager(
        frozenset(("install", "i")), manifests="package.json pnpm-lock.yaml", leaves="pnpm-store"
    ),
    "bundle": Manager(frozenset(("install", "")), manifests="Gemfile Gemfile.lock", leaves="gem-archives"),
    "composer": Manager(INSTALL, manifests="composer.json composer.lock", leaves="composer-cache"),
    "go": Manager(frozenset(("mod",)), manifests="go.mod go.sum", leaves="go-cache"),
    "cargo": Manager(frozenset(("fetch",)), manifests="Cargo.toml Cargo.lock", leaves="cargo-cache"),
}
_ALSO = {"apt-get": "apt", "aptitude": "apt", "yum": "dnf", "microdnf": "dnf", "pip3": "pip"}


_PIPELINES = re.compile(r"&&|\|\||[;\n]")
_BEFORE = frozenset(("sudo", "exec", "env", "time", "then", "do", "else", "if", "!", "(", "{"))


class Command(NamedTuple):
    """A program and what it is told, as far as blanks tell its words apart."""

    program: str
    words: tuple[str, ...]

    @property
    def manager(self) -> str:
        """The package manager that it is, by the key of `MANAGERS`; empty if it is none."""
        name = _ALSO.get(self.program, self.program)
        return name if name in MANAGERS else ""

    @property
    def verb(self) -> str | None:
        """What a package manager is told to do; empty for nothing, None for what does not matter here."""
        manager = MANAGERS[self.manager]
        known = manager.installs | manager.updates | manager.upgrades
        told = [word for word in self.words if not word.startswith("-")]
        if not told:
            return ""
        if manager.manifests:  # `npm run install` is a script; but `apt-get -t stable install` is no other
            told = told[:1]
        return next((word for word in told if word in known), None)

    @property
    def installs(self) -> bool:
        """Whether it installs packages from elsewhere."""
        if not self.manager or self.verb not in MANAGERS[self.manager].installs:
            return False
        return self.manager != "pip" or not {".", "-e", "--editable"} & set(self.words)


def read_pipelines(text: str) -> Iterator[tuple[Command, ...]]:
    for pipeline in _PIPELINES.split(text):
        commands = (_command(piece.split()) for piece in pipeline.split("|"))
        yield tuple(command for command in commands if command is not None)


def _command(words: list[str]) -> Command | None:
    start = next((number for number, word in enumerate(words) if not _is_before(word)), None)
    if start is None:
        return None
    program, *rest = words[start:]
    program = program.lstrip("({").rpartition("/")[2]
    if program.startswith("python") and rest[:2] == ["-m", "pip"]:
        program, rest = "pip", rest[2:]
    return Command(program, tuple(rest))


def _is_before(word: str) -> bool:
    """Whether the program is yet to come: `DEBIAN_FRONTEND=noninteractive apt-get …`."""
    name, equals, _ = word.partition("=")
    return word in _BEFORE or (bool(equals) and name.isidentifier())


def names_packages(command: Command) -> bool:
    """Whether packages are named, so that not all are upgraded."""
    return len([word for word in command.words if word[0] not in "-<>0123456789"]) > 1

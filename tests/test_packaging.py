"""What is shipped, and that it can run elsewhere than on Linux."""

import ast
import importlib
import os
import re
import sys
import tomllib
from collections.abc import Iterator, Set
from fnmatch import fnmatch
from pathlib import Path

import layerscope
import pytest

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PYPROJECT["tool"]["setuptools"]
SOURCES = sorted(SRC.rglob("*.py"))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# What is shipped ----------------------------------------------------------------------------------------


def test_every_package_is_listed() -> None:
    """setuptools ships what is listed: a package that is forgotten is missing in the wheel only."""
    found = {
        ".".join(["layerscope", *init.parent.relative_to(SRC).parts]) for init in SRC.rglob("__init__.py")
    }
    assert set(SETUPTOOLS["packages"]) == found
    assert len(SETUPTOOLS["packages"]) == len(found)


def test_every_folder_with_modules_is_a_package() -> None:
    assert {path.parent for path in SOURCES if not (path.parent / "__init__.py").exists()} == set()


def test_every_other_file_is_package_data() -> None:
    patterns = SETUPTOOLS["package-data"]
    for path in SRC.rglob("*"):
        if path.is_dir() or path.suffix in (".py", ".pyc"):
            continue
        folder = next(parent for parent in path.parents if (parent / "__init__.py").exists())
        package = ".".join(["layerscope", *folder.relative_to(SRC).parts])
        name = path.relative_to(folder).as_posix()
        assert any(fnmatch(name, pattern) for pattern in patterns.get(package, [])), relative(path)


def test_the_types_are_shipped() -> None:
    assert (SRC / "py.typed").read_bytes() == b""
    assert "py.typed" in SETUPTOOLS["package-data"]["layerscope"]


def test_src_is_the_package_under_every_name() -> None:
    assert SETUPTOOLS["package-dir"] == {"layerscope": "src"}
    assert Path(layerscope.__file__).parent.resolve() == SRC
    if os.name != "nt":  # a checkout without symbolic links can do everything but run mypy
        assert (ROOT / "typings" / "layerscope").readlink() == Path("../src")


def test_the_version_stands_in_one_place() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+(?:(?:a|b|rc|\.dev)\d+)?", layerscope.__version__)
    assert PYPROJECT["project"]["dynamic"] == ["version"]
    assert PYPROJECT["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "layerscope.__version__"}


def test_the_command_is_there() -> None:
    for target in PYPROJECT["project"]["scripts"].values():
        module, _, name = target.partition(":")
        assert callable(getattr(importlib.import_module(module), name))


def test_one_least_python_version() -> None:
    least = PYPROJECT["project"]["requires-python"].removeprefix(">=")
    versions = [
        line.rpartition(" ")[2]
        for line in PYPROJECT["project"]["classifiers"]
        if re.search(r":: 3\.\d+$", line)
    ]
    assert versions[0] == least
    assert PYPROJECT["tool"]["ruff"]["target-version"] == f"py{least.replace('.', '')}"


def required(*groups: str) -> set[str]:
    project = PYPROJECT["project"]
    lines = [
        *project["dependencies"],
        *(line for one in groups for line in project["optional-dependencies"][one]),
    ]
    return {re.split(r"[^\w.-]", line)[0].lower() for line in lines}


def imported(folder: str) -> Iterator[tuple[str, str]]:
    """(module, where) of everything a folder imports that is neither ours nor Python's."""
    ours = {"layerscope", "tests", "fixtures", "benchmarks", "docs"}
    python = sys.stdlib_module_names | {"compression"}  # from 3.14 on
    for path in sorted((ROOT / folder).rglob("*.py")):
        if any(part.startswith(".") for part in path.relative_to(ROOT).parts):
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            for name in names:
                top, *below = name.split(".")
                if top not in ours | python:
                    yield (f"{top}.{below[0]}" if top == "backports" else top), relative(path)


@pytest.mark.parametrize(
    ("folder", "groups"),
    [("src", ["serve"]), ("tests", ["dev"]), ("fixtures", ["dev"]), ("benchmarks", ["dev"])],
)
def test_everything_that_is_imported_is_required(folder: str, groups: list[str]) -> None:
    projects = {"yaml": "pyyaml"}
    missing = {
        (name, where)
        for name, where in imported(folder)
        if projects.get(name, name.replace("_", "-")) not in required(*groups)
    }
    assert missing == set()


def test_every_package_has_its_tests() -> None:
    for package in SETUPTOOLS["packages"][1:]:
        folder = SRC.joinpath(*package.split(".")[1:])
        if len(list(folder.glob("*.py"))) > 1:
            tests = ROOT.joinpath("tests", *package.split(".")[1:])
            assert list(tests.glob("test_*.py")), relative(folder)


def test_every_folder_of_tests_is_a_package() -> None:
    """Two tests of one name in different folders would otherwise be one module for pytest."""
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert {relative(folder) for folder in folders if not (folder / "__init__.py").exists()} == set()


# Elsewhere than on Linux --------------------------------------------------------------------------------

UNIX_MODULES = {"crypt", "curses", "fcntl", "grp", "nis", "ossaudiodev", "posix", "pty", "pwd"}
UNIX_MODULES |= {"readline", "resource", "spwd", "syslog", "termios", "tty"}
UNIX_NAMES = {
    "os": {
        "chown", "chroot", "ctermid", "fchdir", "fchmod", "fchown", "fork", "forkpty", "fpathconf", "getegid",
        "geteuid", "getgid", "getgroups", "getloadavg", "getpgid", "getpgrp", "getpriority", "getresgid",
        "getresuid", "getsid", "getuid", "initgroups", "killpg", "lchown", "lockf", "major", "makedev",
        "memfd_create", "minor", "mkfifo", "mknod", "nice", "openpty", "pathconf", "pipe2", "posix_fadvise",
        "posix_fallocate", "posix_spawn", "pread", "preadv", "pwrite", "pwritev", "readv",
        "sched_getaffinity",
        "sched_yield", "sendfile", "setgid", "setpgid", "setsid", "setuid", "splice", "statvfs", "sync",
        "sysconf", "tcgetpgrp", "tcsetpgrp", "uname", "wait", "wait3", "wait4", "writev", "O_CLOEXEC",
        "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "O_PATH", "O_TMPFILE", "SEEK_DATA", "SEEK_HOLE", "WNOHANG",
    },
    "signal": {
        "SIGALRM", "SIGCHLD", "SIGCONT", "SIGHUP", "SIGIO", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGSTOP",
        "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGUSR1", "SIGUSR2", "SIGWINCH", "alarm", "getitimer", "pause",
        "pthread_kill", "pthread_sigmask", "setitimer", "siginterrupt", "sigpending", "sigwait",
    },
    "time": {"clock_gettime", "tzset"},
    "select": {"epoll", "kqueue", "poll"},
    "socket": {"AF_UNIX"},
    "asyncio": {"open_unix_connection", "start_unix_server"},
}  # fmt: skip


def asked_for(test: ast.expr) -> set[str]:
    """The names that an `if` makes sure of with `hasattr(module, "name")`."""
    return {
        str(node.args[1].value)
        for node in ast.walk(test)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "hasattr"
        and isinstance(node.args[1], ast.Constant)
    }


def unix_only(node: ast.AST, known: Set[str] = frozenset()) -> Iterator[str]:
    """What Windows does not have and nothing has asked for (`known` has been), as `module.name`."""
    yield from (name for name in unix_names(node) if name.rpartition(".")[2] not in known)
    body: list[ast.AST] = []
    sure: set[str] = set()
    if isinstance(node, ast.If | ast.IfExp):
        body = [*node.body] if isinstance(node, ast.If) else [node.body]
        sure = asked_for(node.test)
    for child in ast.iter_child_nodes(node):
        yield from unix_only(child, known | sure if child in body else known)


def unix_names(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=aliases):
            return [alias.name for alias in aliases if alias.name in UNIX_MODULES]
        case ast.ImportFrom(module=str(module), names=aliases, level=0):
            if module in UNIX_MODULES:
                return [module]
            missing = UNIX_NAMES.get(module, set())
            return [f"{module}.{alias.name}" for alias in aliases if alias.name in missing]
        case ast.Attribute(value=ast.Name(id=module), attr=name) if name in UNIX_NAMES.get(module, set()):
            return [f"{module}.{name}"]
    return []


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_nothing_is_called_that_windows_does_not_have(path: Path) -> None:
    assert list(unix_only(ast.parse(path.read_bytes()))) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("os.fork()", ["os.fork"]),
        ("import fcntl, json", ["fcntl"]),
        ("from pwd import getpwuid", ["pwd"]),
        ("from signal import SIGKILL, SIGTERM", ["signal.SIGKILL"]),
        ("def f():\n    return os.getuid()", ["os.getuid"]),
        ("if hasattr(os, 'pread'):\n    os.pread(0, 1, 2)", []),
        ("if hasattr(os, 'pread'):\n    pass\nelse:\n    os.pread(0, 1, 2)", ["os.pread"]),
        ("if hasattr(os, 'pread'):\n    def f():\n        os.pread\n        os.fork", ["os.fork"]),
        ("x = os.getuid() if hasattr(os, 'getuid') else 0", []),
        ("if hasattr(signal, 'SIGHUP') and on:\n    signal.SIGHUP", []),
        ("os.umask(0); signal.SIGTERM; os.dup2(1, 2)", []),
    ],
)
def test_the_test_above_sees_what_it_should(code: str, found: list[str]) -> None:
    assert list(unix_only(ast.parse(code))) == found

"""Findings about Node.js projects with packages that are for development."""

import re
from collections.abc import Iterable, Iterator

from ..analyze import Analysis
from ..paths import normalise
from .development_files import LEAST, LOCK, Development, Project
from .finding import Finding, Severity
from .making import list_places, savings_of, severity_by_size
from .node_tools import SHOWN
from .steps_text import is_copy, names, run, run_of
from .subject import Subject

DEVELOPMENT = Subject(
    "development-dependencies",
    "Development dependencies of a Node.js project",
    Severity.MEDIUM,
    "Compilers, bundlers, linters and test runners are of no use to a running program, nor is what only they "
    "depend on. What the program does run of them belongs among `dependencies`, and the rest does not.",
    "COPY package.json package-lock.json ./\nRUN npm ci --omit=dev",
)
SUBJECTS = (DEVELOPMENT,)
_LEAST = f"{LEAST:,}".replace(",", " ")
TEXT = f"""\
By the lock that npm (since 7) keeps in `node_modules/.package-lock.json`, and the project's `package.json`.
Meant are the packages that the lock marks `dev`: nothing but `devDependencies` leads to them. Well-known
tools may stand among `dependencies`, where `npm install webpack` puts them: then it is these too, with what
no other dependency leads to, whether that asks for a package, an optional one or a peer; and the fix says
which have to be moved. Without a `package.json` only the marks count. One finding for each project.

Where there is no such lock (pnpm, Yarn, older npm), where it cannot be read or leads nowhere, the folders of
the tools themselves are meant, in any `node_modules`, without what they depend on.

Counted are the live files in the folders of these packages, of whatever sort, so that no other finding has
them again; a file with a hard link elsewhere would stay. From {_LEAST} bytes on. Tools are
{", ".join(f"`{name}`" for name in SHOWN)};
what compiled code needs where it runs (`@babel/runtime`, `@swc/helpers`) is none.

The lock and the manifest are read where they lie, or are kept when a packed or passing layer is read."""

_ALL = re.compile(r"(?:^|&&)\s*npm (?:ci|install|i)(?: -[-\w=]+)*(?=\s*(?:&&|$))")
"""Brings what the lock or the manifest says, and nothing that is named."""
_OMITS = re.compile(r" (?:--omit=dev|--production|--(?:only=)?prod(?:uction)?)\b")
_BUILDS = re.compile(r"\b(?:npm (?:run|test|exec)|npx|yarn|pnpm)\b|node_modules/\.bin/")
_BY_NAME = (
    "Compilers, bundlers, linters and test runners are of no use to a running program. What only they depend "
    "on is not counted, as npm's lock is not there to tell it."
)


def find_in_projects(analysis: Analysis, development: Development) -> Iterator[Finding]:
    """One for each project that has such packages, and one for all that names alone tell of."""
    writers = _writers(analysis, development.projects)
    for project in development.projects:
        pile = project.pile
        evidence, more = list_places(pile.places)
        yield Finding(
            DEVELOPMENT.id,
            DEVELOPMENT.title,
            severity_by_size(pile.size, analysis, DEVELOPMENT.severity),
            tuple(pile.by_layer),
            tuple(one._replace(what=_why(project, one.path)) for one in evidence),
            more,
            pile.size,
            DEVELOPMENT.reason if project.is_locked else _BY_NAME,
            _fix(analysis, project, writers[project.path]) if project.is_locked else DEVELOPMENT.fix,
            savings_of(pile),
        )


def _why(project: Project, folder: bytes) -> str:
    tool = project.reasons.get(folder, "")
    return f"for {tool}" if tool and not folder.endswith(b"/" + tool.encode()) else ""


def _writers(analysis: Analysis, projects: Iterable[Project]) -> dict[bytes, int]:
    """By project: the first layer that stored its lock, which a later one may have copied."""
    found: dict[bytes, int] = {}
    locks: dict[bytes, bytes] = {}
    for project in projects:
        lock = project.path + b"/" + LOCK if project.path else LOCK
        node = analysis.union.find(lock)
        if project.is_locked and node is not None:
            locks[lock], found[project.path] = project.path, node.inode.layer
    for row in analysis.waste if locks else ():
        if row.path in locks:
            found[locks[row.path]] = min(found[locks[row.path]], row.layer)
    return found


def _fix(analysis: Analysis, project: Project, writer: int) -> str:
    """The tools moved, and the step that installs told to leave them out."""
    lines = _moving(project)
    if writer < analysis.base_layers:
        lines.insert(0, "# in the Dockerfile of the base image:")
    body = run_of(analysis, writer)
    later = (run_of(analysis, one) for one in range(writer + 1, len(analysis.layers)))
    if any(map(_BUILDS.search, later)):
        lines.append("# and what builds with them in a stage of its own:")
    installs = _ALL.findall(body)
    if len(installs) == 1 and not _BUILDS.search(body):
        (install,) = installs
        omitting = install if _OMITS.search(install) else f"{install} --omit=dev"
        lines.append(run(body.replace(install, omitting)))
    elif len(installs) == 1:
        lines.append(run(body, "npm prune --omit=dev"))
    elif is_copy(analysis, writer):
        lines += [
            "# with node_modules in .dockerignore; or in the stage it is copied from, behind the build:",
            "# RUN npm prune --omit=dev",
            *_installation(analysis, project),
        ]
    else:
        lines += _installation(analysis, project)
        if body:
            lines.append(f"# and without: RUN {body}")
    return "\n".join(lines)


def _moving(project: Project) -> list[str]:
    """What is to be done to the project itself."""
    if not project.tools:
        return []
    where = names([project.path]) or ("/" if not project.path else "")
    known = f" (which the image has in {where})" if where else ""
    if all(tool.version for tool in project.tools):
        versions = " ".join(f"{tool.name}@{tool.version}" for tool in project.tools)
        return [
            f"# once, in the folder of package.json and package-lock.json{known}:",
            f"#   npm install --package-lock-only --save-dev {versions}",
        ]
    return [
        "# once, in package.json: all tools moved from dependencies to devDependencies; and then",
        "#   npm install --package-lock-only",
    ]


def _installation(analysis: Analysis, project: Project) -> list[str]:
    """From the manifest and the lock alone, in the folder of the project."""
    working = analysis.image.config.get("WorkingDir")
    where = names([project.path])
    is_there = isinstance(working, str) and normalise(working.encode("utf-8", "replace")) == project.path
    return [*([f"WORKDIR {where}"] if where and not is_there else []), *DEVELOPMENT.fix.splitlines()]

"""What does not belong into a finished image: of its making, of development, or of no use to a program."""

from .finding import Severity
from .path_rule import Copies, PathRule

_INSTALLED = ("site-packages", "dist-packages", "node_modules")
_TRIPLES = ("x86_64-linux-gnu", "aarch64-linux-gnu", "arm-linux-gnueabihf")
_STAGES = (
    "FROM BASE AS build\nRUN INSTALL-AND-BUILD\n"
    "# the base image or, if it has them, a smaller one:\nFROM BASE\nCOPY --from=build RESULT RESULT"
)

_OF_DEVELOPMENT = (
    PathRule(
        "version-control",
        "A repository of Git, Mercurial or Subversion",
        Severity.MEDIUM,
        "The folder holds the whole history, and may hold what was never meant to be published. "
        "A program does not read it.",
        "# in .dockerignore, beside the Dockerfile:\n**/.git\n**/.hg\n**/.svn",
        folders=(".git", ".hg", ".svn", ".bzr"),
    ),
    PathRule(
        "test-caches",
        "Caches and reports of tests and linters",
        Severity.LOW,
        "They come from the machine where the image was built, or from tests that ran in a step. "
        "A program does not read them.",
        "# in .dockerignore, beside the Dockerfile:\n**/.pytest_cache\n**/.mypy_cache\n**/.ruff_cache\n"
        "**/.tox\n**/.nox\n**/coverage",
        folders=(
            ".pytest_cache", ".mypy_cache", ".ruff_cache", ".pytype", ".pyre", ".tox", ".nox", ".hypothesis",
            ".nyc_output", "htmlcov", ".jest", ".parcel-cache", ".turbo", ".sass-cache", ".phpunit.cache",
            ".next/cache", ".angular/cache", ".cache/pylint", ".cache/black",
        ),
        files=(".coverage", ".eslintcache", ".stylelintcache", "lcov.info", ".phpunit.result.cache"),
    ),
    PathRule(
        "editor-files",
        "Files of editors and desktops",
        Severity.LOW,
        "They come from the machine of whoever built the image. An editor's backup may hold what was taken "
        "out of the file itself.",
        "# in .dockerignore, beside the Dockerfile:\n**/*.swp\n**/*~\n**/.DS_Store\n**/.idea\n**/.vscode",
        folders=(".idea", ".vscode", ".vs", ".fleet", "__MACOSX"),
        files=("*.swp", "*.swo", "*~", ".DS_Store", "Thumbs.db", "desktop.ini"),
    ),
    PathRule(
        "tool-state",
        "Working folders of deployment tools",
        Severity.MEDIUM,
        "Providers, plugins and the state of machines are for the tool that deploys, and its state may hold "
        "passwords. The image that is deployed does not need them.",
        "# in .dockerignore, beside the Dockerfile:\n**/.terraform\n**/.vagrant\n**/.serverless",
        folders=(".terraform", ".vagrant", ".serverless", ".aws-sam", ".pulumi", "cdk.out"),
    ),
    PathRule(
        "build-files",
        "What the image was built from",
        Severity.INFO,
        "A Dockerfile in the image tells that its whole folder was copied. "
        "What else lies in that folder was copied with it.",
        "# in .dockerignore, beside the Dockerfile:\nDockerfile*\n.dockerignore\ncompose*.y*ml\n"
        "docker-compose*.y*ml",
        files=(
            "Dockerfile", "Containerfile", ".dockerignore", "compose.yaml", "compose.yml",
            "docker-compose.yml", "docker-compose.yaml", "docker-compose.override.yml", "Jenkinsfile",
            ".gitlab-ci.yml",
        ),
        in_step=False,
    ),
)  # fmt: skip

_OF_PACKAGES = (
    PathRule(
        "bytecode",
        "Python's compiled bytecode",
        Severity.INFO,
        "It lets a program start faster that is imported for the first time, and Python writes it again "
        "where it may. The variable keeps Python from that, but not pip and APT's packages, which compile.",
        "ENV PYTHONDONTWRITEBYTECODE=1\nRUN pip install --no-cache-dir -r requirements.txt \\\n"
        " && find /usr/local/lib -xdev -type d -name __pycache__ -prune -exec rm -rf {} +",
        folders=("__pycache__",),
        least=1_000_000,
        find="-type d -name __pycache__ -prune -exec rm -rf {} +",
        roots=("python#", "site-packages", "dist-packages"),
        first="ENV PYTHONDONTWRITEBYTECODE=1",
    ),
    PathRule(
        "installed-tests",
        "Tests of installed packages",
        Severity.LOW,
        "Many packages install their own tests with them. They are for whoever makes the package, and no "
        "program that uses it runs them.",
        "RUN pip install --no-cache-dir -r requirements.txt \\\n"
        " && find /usr/local/lib -xdev -type d -name tests -path '*-packages/*' -prune -exec rm -rf {} +",
        folders=("tests", "test", "__tests__"),
        below=_INSTALLED,
        least=1_000_000,
        of_base=True,
        find="-type d '(' -name tests -o -name test -o -name __tests__ ')' -prune -exec rm -rf {} +",
        roots=_INSTALLED,
    ),
    PathRule(
        "source-maps",
        "Source maps of Node.js packages",
        Severity.LOW,
        "They tell a debugger which line of the source a line of the bundle came from. "
        "Node.js reads them only if it is started with `--enable-source-maps`.",
        "RUN npm ci --omit=dev \\\n && find node_modules -xdev -type f -name '*.map' -delete",
        files=("*.map",),
        below=("node_modules",),
        least=1_000_000,
        find="-type f -name '*.map' -delete",
        roots=("node_modules",),
    ),
    PathRule(
        "documentation",
        "Documentation and translations",
        Severity.LOW,
        "Manual pages, changelogs and messages in other languages are for people at a terminal. "
        "Packages can be installed without them; what says the licence of a package stays.",
        "# a base image without, such as debian:bookworm-slim; or, before packages are installed\n"
        "# (for dnf: --setopt=tsflags=nodocs):\n"
        "RUN printf '%s\\n' 'path-exclude=/usr/share/doc/*' 'path-include=/usr/share/doc/*/copyright' \\\n"
        "    'path-exclude=/usr/share/man/*' 'path-exclude=/usr/share/info/*' \\\n"
        "    'path-exclude=/usr/share/locale/*' > /etc/dpkg/dpkg.cfg.d/no-documentation",
        folders=(
            "/usr/share/doc", "/usr/share/man", "/usr/share/info", "/usr/share/locale", "/usr/share/gtk-doc",
            "/usr/share/help", "/usr/local/share/doc", "/usr/local/share/man", "/usr/local/share/info",
            "/usr/local/man",
        ),
        but=("copyright", "locale.alias", "LICENSE", "COPYING"),
        least=5_000_000,
        in_step=False,
        of_base=True,
    ),
)  # fmt: skip

_OF_BUILDING = (
    PathRule(
        "static-libraries",
        "Static libraries",
        Severity.LOW,
        "A linker reads them when a program is built, and nothing does when it runs. "
        "What is built in a stage of its own needs them only there.",
        _STAGES,
        files=("*.a", "*.rlib"),
        least=5_000_000,
        in_step=False,
        of_stage=True,
        of_base=True,
    ),
    PathRule(
        "headers",
        "Headers of C and C++",
        Severity.LOW,
        "A compiler reads them when a program is built, and nothing does when it runs. "
        "What is built in a stage of its own needs them only there.",
        _STAGES,
        folders=("/usr/include", "/usr/local/include"),
        least=5_000_000,
        in_step=False,
        of_stage=True,
        of_base=True,
    ),
    PathRule(
        "compilers",
        "Compilers and build tools",
        Severity.MEDIUM,
        "They were needed to build, and are of use to whoever breaks in. "
        "A stage of its own builds, and the image gets the result.",
        _STAGES,
        folders=(
            "/usr/lib/gcc", "/usr/libexec/gcc", "/usr/local/lib/gcc", "/usr/local/libexec/gcc",
            "/usr/lib/llvm-#", "/usr/lib/llvm#", "/usr/lib/go", "/usr/lib/go-#", "/usr/share/go-#",
            "/usr/local/go",
            "/usr/lib/rustlib", "/usr/lib/ghc", ".rustup", "/usr/local/rustup", "/usr/share/cmake",
            "/usr/share/cmake-#", "/usr/share/automake-#", "/usr/share/autoconf", "/usr/share/bison",
            "/usr/share/swig#", "/usr/share/gdb", "jmods",
        ),
        files=(
            *(
                f"/usr/bin/{triple}-{tool}"
                for triple in _TRIPLES
                for tool in ("as", "ld.bfd", "ld.gold", "dwp", "gprof", "objdump")
            ),
            *(
                f"/usr/bin/{triple}-{tool}-{version}"
                for triple in _TRIPLES
                for tool in ("gcc", "g++", "cpp", "gfortran", "lto-dump")
                for version in range(8, 17)
            ),
            *(
                f"/usr/bin/{tool}"
                for tool in ("cmake", "ctest", "cpack", "ninja", "make", "gdb", "bison", "m4", "flex")
            ),
        ),
        least=5_000_000,
        in_step=False,
        of_stage=True,
        of_base=True,
    ),
    PathRule(
        "debug-symbols",
        "Debug symbols",
        Severity.LOW,
        "A debugger reads them, and a symbol server can keep them for it. "
        "A program runs without them.",
        "RUN make install && strip --strip-unneeded /usr/local/bin/PROGRAM",
        folders=("/usr/lib/debug", "/usr/src/debug"),
        files=("*.debug", "*.dwo", "*.dwp", "*.pdb"),
        least=1_000_000,
        of_base=True,
    ),
)  # fmt: skip

_OF_RUNNING = (
    PathRule(
        "core-dumps",
        "Core dumps",
        Severity.MEDIUM,
        "A step crashed, and the memory of its process was written down. "
        "Whatever the process knew is in it, passwords too.",
        "RUN ulimit -c 0 && COMMAND",
        folders=("/var/lib/systemd/coredump", "/var/crash"),
        files=("core", "core#", "vgcore#"),
        least=10_000,
    ),
    PathRule(
        "logs",
        "Logs of the build",
        Severity.LOW,
        "They tell how the image was built, and not how it runs. "
        "What a container writes belongs to standard output or into a volume.",
        "RUN COMMAND \\\n && find /var/log -type f -delete",
        folders=("/var/log",),
        files=("npm-debug.log", "yarn-error.log", "yarn-debug.log", "lerna-debug.log", "pip-log.txt"),
        copies=Copies.ALL,
        clean="find /var/log -type f -delete",
    ),
    PathRule(
        "temporary-files",
        "Temporary files",
        Severity.MEDIUM,
        "What a step puts into the folder for temporary files is in the image for good. "
        "Nothing that runs later expects to find it there.",
        "RUN --mount=type=tmpfs,target=/tmp COMMAND",
        folders=("/tmp", "/var/tmp", "/usr/tmp"),  # noqa: S108 - of an image
        clean="find /tmp /var/tmp -mindepth 1 -delete",
    ),
    PathRule(
        "unpacked-archives",
        "Archives beside what was unpacked from them",
        Severity.MEDIUM,
        "The same is there twice: packed, and unpacked in a folder of the same name. "
        "Nothing reads the archive once it is unpacked.",
        "RUN curl -fsSL URL | tar -xz",
        files=tuple(
            f"*.{ending}"
            for ending in ("tar", "gz", "tgz", "bz2", "tbz2", "xz", "txz", "zst", "zip", "7z", "rar")
        ),
        unpacked=True,
    ),
)  # fmt: skip

RULES = (*_OF_DEVELOPMENT, *_OF_PACKAGES, *_OF_BUILDING, *_OF_RUNNING)
"""In the order of the page."""

"""What package managers leave behind: lists, archives and caches that only they read."""

from .finding import Severity
from .path_rule import Copies, PathRule

_CACHED = (
    "It keeps what it has downloaded or built, to be faster the next time. In an image there is no next time."
)


def _cache(
    identity: str,
    title: str,
    fix: str,
    folders: tuple[str, ...] = (),
    *,
    files: tuple[str, ...] = (),
    reason: str = _CACHED,
    clean: str = "",
    find: str = "",
    option: tuple[str, str] = ("", ""),
    mounts: tuple[str, ...] = (),
) -> PathRule:
    """A cache: removed in the step that fills it, or mounted for the build."""
    return PathRule(
        identity,
        title,
        Severity.MEDIUM,
        reason,
        fix,
        folders=folders,
        files=files,
        copies=Copies.ALL,
        clean=clean,
        find=find,
        option=option,
        cached=bool(folders),
        mounts=mounts,
    )


_APT_CLEAN = "rm -rf /var/lib/apt/lists/* /var/cache/apt/*"

RULES = (
    _cache(
        "apt-cache",
        "APT's lists and archives",
        "RUN apt-get update \\\n && apt-get install -y --no-install-recommends PACKAGES \\\n"
        f" && {_APT_CLEAN}",
        ("/var/lib/apt/lists", "/var/cache/apt"),
        reason="`apt-get update` leaves the lists of all packages there are, and `apt-get install` may leave "
        "the archives; only APT reads them. A later step cannot take them out of the layer that has them.",
        clean=_APT_CLEAN,
        mounts=("target=/var/lib/apt/lists,sharing=locked", "target=/var/cache/apt,sharing=locked"),
    ),
    PathRule(
        "dpkg-old",
        "Backups of dpkg's and debconf's databases",
        Severity.INFO,
        "dpkg and debconf keep their databases as they were before the last change. "
        "Nothing reads them but a person who repairs a broken system.",
        "RUN apt-get update \\\n && apt-get install -y --no-install-recommends PACKAGES \\\n"
        f" && {_APT_CLEAN} /var/lib/dpkg/*-old /var/cache/debconf/*-old",
        files=(
            "/var/lib/dpkg/available-old",
            "/var/lib/dpkg/diversions-old",
            "/var/lib/dpkg/statoverride-old",
            "/var/lib/dpkg/status-old",
            "/var/cache/debconf/config.dat-old",
            "/var/cache/debconf/passwords.dat-old",
            "/var/cache/debconf/templates.dat-old",
        ),
        copies=Copies.ALL,
        clean="rm -f /var/lib/dpkg/*-old /var/cache/debconf/*-old",
    ),
    PathRule(
        "package-database",
        "The package database in several versions",
        Severity.INFO,
        "Each step that installs packages writes the whole database of the package manager into its layer. "
        "One step for all packages above the base image spares those between; the base image's own is "
        "replaced by the first, and goes only with another base image.",
        "# one step for all packages:\n"
        "RUN apt-get update \\\n && apt-get install -y --no-install-recommends PACKAGES MORE-PACKAGES \\\n"
        f" && {_APT_CLEAN}",
        folders=(
            "/var/lib/dpkg",
            "/var/cache/debconf",
            "/lib/apk/db",
            "/usr/lib/apk/db",
            "/var/lib/rpm",
            "/usr/lib/sysimage/rpm",
            "/usr/share/rpm",
            "/var/lib/dnf",
            "/usr/lib/sysimage/libdnf5",
            "/var/lib/zypp",
            "/var/lib/pacman/local",
        ),
        files=("/etc/ld.so.cache", "/var/cache/ldconfig/aux-cache", "/var/lib/apt/extended_states"),
        copies=Copies.WASTED,
        in_step=False,
        of_base=True,
    ),
    _cache(
        "apk-cache",
        "apk's index and archives",
        "RUN apk add --no-cache PACKAGES",
        ("/var/cache/apk", "/etc/apk/cache"),
        clean="rm -rf /var/cache/apk/*",
        option=(r"^(?!.*\bapk\s+update\b).*?\bapk\s+(?:-\S+\s+)*add\b", "--no-cache"),
    ),
    _cache(
        "dnf-cache",
        "Metadata and archives of dnf, microdnf or yum",
        "RUN dnf install -y --setopt=install_weak_deps=False PACKAGES \\\n && dnf clean all \\\n"
        " && rm -rf /var/cache/dnf /var/cache/libdnf5 /var/cache/yum",
        ("/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/microdnf", "/var/cache/yum"),
    ),
    _cache(
        "zypper-cache",
        "zypper's metadata and archives",
        "RUN zypper --non-interactive install --no-recommends PACKAGES \\\n && zypper clean --all",
        ("/var/cache/zypp", "/var/cache/zypper"),
        clean="zypper clean --all",
    ),
    _cache(
        "pacman-cache",
        "pacman's databases and archives",
        "RUN pacman -Sy --noconfirm PACKAGES \\\n && rm -rf /var/cache/pacman/pkg/* /var/lib/pacman/sync/*",
        ("/var/cache/pacman", "/var/lib/pacman/sync"),
        clean="rm -rf /var/cache/pacman/pkg/* /var/lib/pacman/sync/*",
    ),
    _cache(
        "pip-cache",
        "pip's cache",
        "RUN pip install --no-cache-dir -r requirements.txt",
        (".cache/pip",),
        option=(r"\bpip[\d.]*\s+install\b", "--no-cache-dir"),
    ),
    _cache(
        "uv-cache",
        "uv's cache",
        "RUN --mount=type=cache,target=/root/.cache/uv \\\n    UV_LINK_MODE=copy uv sync --locked --no-dev",
        (".cache/uv",),
        option=(r"\buv\s+(?:sync|pip\s+install|pip\s+sync|tool\s+install|add)\b", "--no-cache"),
    ),
    _cache(
        "poetry-cache",
        "Poetry's cache",
        "RUN poetry install --only main --no-cache",
        (
            "pypoetry/cache",
            "pypoetry/artifacts",
        ),
        option=(r"\bpoetry\s+install\b", "--no-cache"),
    ),
    _cache(
        "python-tool-caches",
        "Caches of pipx, pipenv or pre-commit",
        "RUN pipx install --pip-args=--no-cache-dir PACKAGE",
        (".cache/pipx", "pipx/.cache", ".cache/pipenv", ".cache/pre-commit"),
    ),
    _cache(
        "conda-cache",
        "conda's packages",
        "RUN conda install --yes PACKAGES \\\n && conda clean --all --yes",
        (
            "conda/pkgs",
            ".conda/pkgs",
            "miniconda3/pkgs",
            "miniconda/pkgs",
            "anaconda3/pkgs",
            "miniforge3/pkgs",
            "mambaforge/pkgs",
            "micromamba/pkgs",
        ),
    ),
    _cache(
        "npm-cache",
        "npm's cache",
        "RUN npm ci --omit=dev \\\n && npm cache clean --force",
        (".npm/_cacache", "_cacache", ".npm/_npx", ".npm/_logs", ".cache/node-gyp"),
    ),
    _cache(
        "yarn-cache",
        "Yarn's cache",
        "RUN yarn install --production --frozen-lockfile \\\n && yarn cache clean",
        (".cache/yarn", "berry/cache"),
    ),
    _cache(
        "pnpm-store",
        "pnpm's store and metadata",
        "RUN --mount=type=cache,target=/pnpm/store \\\n"
        "    pnpm install --prod --frozen-lockfile --store-dir /pnpm/store",
        (".pnpm-store", "pnpm/store", ".cache/pnpm"),
        reason="pnpm keeps every package it has seen, and its metadata. "
        "Files that it has linked to the installed ones are not counted here: those are stored once.",
    ),
    _cache(
        "bun-cache",
        "Bun's cache",
        "RUN bun install --production --frozen-lockfile \\\n && rm -rf /root/.bun/install/cache",
        ("install/cache",),
    ),
    _cache(
        "gem-archives",
        "Archives of gems",
        "RUN bundle install \\\n && find /usr/local/bundle -xdev -type f -name '*.gem' -delete",
        files=("*.gem",),
        reason="RubyGems keeps the archive of each gem beside what it has unpacked. "
        "Only a reinstallation without a network reads it.",
        find="-type f -name '*.gem' -delete",
    ),
    _cache(
        "composer-cache",
        "Composer's cache",
        "RUN composer install --no-dev --no-interaction --no-cache",
        (".composer/cache", ".cache/composer"),
        option=(r"\bcomposer\s+(?:install|update|require|create-project)\b", "--no-cache"),
    ),
    _cache(
        "maven-repository",
        "Maven's local repository",
        "FROM maven AS build\nRUN --mount=type=cache,target=/root/.m2 mvn -B package\n"
        "FROM eclipse-temurin:21-jre\nCOPY --from=build /src/target/app.jar /app.jar",
        (".m2/repository", ".m2/wrapper"),
        reason="Maven keeps all plugins and dependencies of the build. "
        "The packed application has those that it needs.",
    ),
    _cache(
        "gradle-cache",
        "Gradle's caches",
        "FROM gradle AS build\nRUN --mount=type=cache,target=/home/gradle/.gradle gradle --no-daemon build\n"
        "FROM eclipse-temurin:21-jre\nCOPY --from=build /src/build/libs/app.jar /app.jar",
        (".gradle/caches", ".gradle/wrapper", ".gradle/daemon", ".gradle/native", ".gradle/jdks"),
        reason="Gradle keeps plugins, dependencies and a copy of itself. "
        "The packed application has those that it needs.",
    ),
    _cache(
        "go-cache",
        "Go's modules and build cache",
        "FROM golang AS build\nRUN --mount=type=cache,target=/go/pkg/mod \\\n"
        "    --mount=type=cache,target=/root/.cache/go-build \\\n    go build -o /app .\n"
        "FROM scratch\nCOPY --from=build /app /app",
        ("pkg/mod", ".cache/go-build"),
        reason="Go keeps the sources of all modules and every compiled package. "
        "The program that it builds reads none of them.",
    ),
    _cache(
        "cargo-cache",
        "Cargo's registry and checkouts",
        "RUN --mount=type=cache,target=/usr/local/cargo/registry \\\n"
        "    --mount=type=cache,target=/usr/local/cargo/git \\\n    cargo install --path .",
        (".cargo/registry", ".cargo/git", "cargo/registry", "cargo/git"),
        reason="Cargo keeps the archives and the sources of all crates. "
        "The program that it builds reads none of them.",
    ),
    _cache(
        "cargo-target",
        "Cargo's intermediate results",
        "FROM rust AS build\nRUN --mount=type=cache,target=/src/target \\\n"
        "    cargo build --release && cp target/release/app /app\n"
        "FROM debian:bookworm-slim\nCOPY --from=build /app /app",
        ("release/deps", "release/.fingerprint", "release/incremental", "debug/deps", "debug/.fingerprint",
         "debug/incremental"),
        reason="Below `target` lie the compiled crates and all that is needed to compile faster again. "
        "The program is one file beside them.",
    ),
    _cache(
        "nuget-cache",
        "NuGet's packages and caches",
        "FROM mcr.microsoft.com/dotnet/sdk:8.0 AS build\n"
        "RUN --mount=type=cache,target=/root/.nuget/packages dotnet publish -o /app\n"
        "FROM mcr.microsoft.com/dotnet/aspnet:8.0\nCOPY --from=build /app /app",
        (".nuget/packages", "NuGet/v3-cache", "NuGet/http-cache", "NuGet/plugins-cache"),
        reason="NuGet keeps every package of the build, unpacked and packed. "
        "`dotnet publish` copies those that the program needs.",
    ),
    _cache(
        "compiler-cache",
        "Caches of compilers and native builds",
        "RUN --mount=type=cache,target=/root/.cache/ccache make",
        (
            ".ccache",
            ".cache/ccache",
            ".cache/sccache",
            ".cache/bazel",
            ".cache/zig",
            ".cache/vcpkg",
            "vcpkg/downloads",
            "vcpkg/buildtrees",
        ),
    ),
)  # fmt: skip
"""In the order of the page."""

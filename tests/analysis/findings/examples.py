"""For each rule about paths an image that it is about, and one that it is not about."""

from typing import NamedTuple

from layerscope.analysis.analyze import Analysis
from layerscope.analysis.findings.catalogue import PATH_RULES
from layerscope.analysis.findings.finding import Finding
from layerscope.analysis.findings.inventory import take_inventory
from layerscope.analysis.findings.search import find_in_files, in_order
from layerscope.analysis.model import HistoryStep, Image, Layer

from tests.models import image, layer


class Example(NamedTuple):
    """Files that a rule finds, and files that look like them."""

    found: tuple[str, ...]
    """Files as literals, of one layer or, with `|` between, of several."""
    places: dict[str, int]
    """What is told of them: folders and files with their bytes."""
    passed: tuple[str, ...]
    """Files that have nothing wrong about them, in the eyes of the rule."""


BASE = "bin/program:100000000"
"""What else there is in the image, so that little is little."""


def built(*steps: tuple[str, Layer]) -> Image:
    """An image of a base and these steps, with their commands."""
    base = HistoryStep(created_by="/bin/sh -c #(nop) ADD file:00 in /")
    history = (base, *(HistoryStep(created_by=f"{command} # buildkit") for command, _ in steps))
    return image(layer(BASE), *(made for _, made in steps), history=history)


def of_files(files: tuple[str, ...]) -> Image:
    """An image of a base and a layer, or layers, of files."""
    layers: list[list[str]] = [[]]
    for file in files:
        if file == "|":
            layers.append([])
        else:
            layers[-1].append(file)
    return image(layer(BASE), *(layer(*items) for items in layers))


EXAMPLES: dict[str, Example] = {
    # package managers
    "apt-cache": Example(
        ("var/lib/apt/lists/deb.debian.org_main_Packages:9", "var/cache/apt/archives/a.deb:5"),
        {"/var/lib/apt/lists": 9, "/var/cache/apt": 5},
        ("var/lib/apt/extended_states:5", "etc/apt/sources.list:3", "srv/var/cache/apt/x:1"),
    ),
    "dpkg-old": Example(
        ("var/lib/dpkg/status-old:7", "|", "var/lib/dpkg/status-old:8"),
        {"/var/lib/dpkg/status-old": 15},
        ("var/lib/dpkg/status:7", "etc/x/status-old:7"),
    ),
    "package-database": Example(
        ("var/lib/dpkg/status:7", "|", "var/lib/dpkg/status:8"),
        {"/var/lib/dpkg": 7},
        ("var/lib/dpkg/status:7", "lib/apk/db/installed:5"),
    ),
    "apk-cache": Example(
        ("var/cache/apk/APKINDEX.0.tar.gz:9",), {"/var/cache/apk": 9}, ("etc/apk/world:9", "lib/apk/db/a:9")
    ),
    "dnf-cache": Example(
        ("var/cache/dnf/a.solv:9", "var/cache/yum/b:1"),
        {"/var/cache/dnf": 9, "/var/cache/yum": 1},
        ("etc/dnf/dnf.conf:9",),
    ),
    "zypper-cache": Example(("var/cache/zypp/raw/a:9",), {"/var/cache/zypp": 9}, ("etc/zypp/zypp.conf:9",)),
    "pacman-cache": Example(
        ("var/cache/pacman/pkg/a.pkg.tar.zst:9",),
        {"/var/cache/pacman": 9},
        ("var/lib/pacman/local/a/desc:9",)
    ),
    "pip-cache": Example(
        ("root/.cache/pip/http-v2/a:9", "home/me/.cache/pip/b:1"),
        {"/root/.cache/pip": 9, "/home/me/.cache/pip": 1},
        ("usr/lib/python3/dist-packages/pip/cache.py:9", "root/cache/pip/a:1"),
    ),
    "uv-cache": Example(("root/.cache/uv/wheels/a:9",), {"/root/.cache/uv": 9}, ("usr/bin/uv:9",)),
    "poetry-cache": Example(
        ("root/.cache/pypoetry/cache/a:9", "root/.cache/pypoetry/artifacts/b:1"),
        {"/root/.cache/pypoetry/cache": 9, "/root/.cache/pypoetry/artifacts": 1},
        ("root/.cache/pypoetry/virtualenvs/app/bin/python:9",),
    ),
    "python-tool-caches": Example(
        ("root/.cache/pipenv/a:9",), {"/root/.cache/pipenv": 9}, ("root/.local/pipx/venvs/black/bin/black:9",)
    ),
    "conda-cache": Example(
        ("opt/conda/lib/a:5", "opt/conda/pkgs/b-1.conda:9"),
        {"/opt/conda/pkgs": 9},
        ("opt/conda/lib/a:9", "srv/pkgs/a:1")
    ),
    "npm-cache": Example(
        ("root/.npm/_cacache/content-v2/a:9", "root/.npm/_logs/b.log:2"),
        {"/root/.npm/_cacache": 9, "/root/.npm/_logs": 2},
        ("app/node_modules/cacache/index.js:9", "root/.npmrc:1"),
    ),
    "yarn-cache": Example(
        ("usr/local/share/.cache/yarn/v6/a:9",),
        {"/usr/local/share/.cache/yarn": 9},
        ("app/.yarn/cache/left-pad.zip:9", "app/yarn.lock:1"),
    ),
    "pnpm-store": Example(
        ("root/.local/share/pnpm/store/v3/files/a:9",),
        {"/root/.local/share/pnpm/store": 9},
        ("app/node_modules/.pnpm/a@1/node_modules/a/index.js:9",),
    ),
    "bun-cache": Example(
        ("root/.bun/install/cache/a:9",), {"/root/.bun/install/cache": 9}, ("root/.bun/bin/bun:9",)
    ),
    "gem-archives": Example(
        ("usr/local/bundle/cache/rails-7.gem:9",),
        {"/usr/local/bundle/cache/rails-7.gem": 9},
        ("usr/local/bundle/gems/rails-7/rails.gemspec:9", "usr/bin/gem:2"),
    ),
    "composer-cache": Example(
        ("root/.composer/cache/files/a.zip:9",),
        {"/root/.composer/cache": 9},
        ("app/vendor/composer/a.php:9",)
    ),
    "maven-repository": Example(
        ("root/.m2/repository/org/a.jar:9",), {"/root/.m2/repository": 9}, ("root/.m2/settings.xml:9",)
    ),
    "gradle-cache": Example(
        ("home/gradle/.gradle/caches/a:9",),
        {"/home/gradle/.gradle/caches": 9},
        ("root/.gradle/init.gradle:9",)
    ),
    "go-cache": Example(
        ("go/pkg/mod/golang.org/x@v1/a.go:9", "root/.cache/go-build/00/a:2"),
        {"/go/pkg/mod": 9, "/root/.cache/go-build": 2},
        ("go/bin/tool:9", "src/pkg/model/a.go:1"),
    ),
    "cargo-cache": Example(
        ("usr/local/cargo/registry/cache/a.crate:9",),
        {"/usr/local/cargo/registry": 9},
        ("usr/local/cargo/bin/cargo:9",),
    ),
    "cargo-target": Example(
        ("src/target/release/deps/libserde.so:9",),
        {"/src/target/release/deps": 9},
        ("src/target/release/app:9",),
    ),
    "nuget-cache": Example(
        ("root/.nuget/packages/a/1.0/a.nupkg:9",), {"/root/.nuget/packages": 9}, ("app/NuGet.dll:9",)
    ),
    "compiler-cache": Example(("root/.cache/ccache/a:9",), {"/root/.cache/ccache": 9}, ("usr/bin/ccache:9",)),
    # what does not belong into an image
    "version-control": Example(
        ("app/.git/objects/pack/a.pack:9", "srv/.svn/wc.db:2"),
        {"/app/.git": 9, "/srv/.svn": 2},
        ("app/.gitattributes:9", "usr/lib/git-core/git:5", "root/.gitconfig:3"),
    ),
    "test-caches": Example(
        ("app/.pytest_cache/v/a:9", "app/.coverage:2"),
        {"/app/.pytest_cache": 9, "/app/.coverage": 2},
        ("app/coverage.py:9", "app/pytest_cache/a:1"),
    ),
    "editor-files": Example(
        ("app/.a.py.swp:9", "app/b.py~:8", "app/.DS_Store:7", "app/.idea/a.xml:6"),
        {"/app/.a.py.swp": 9, "/app/b.py~": 8, "/app/.DS_Store": 7, "/app/.idea": 6},
        ("app/swp:9", "app/idea/a:1", "app/~b:2"),
    ),
    "tool-state": Example(
        ("app/.terraform/providers/a:9",), {"/app/.terraform": 9}, ("app/main.tf:9", "app/terraform/a:2")
    ),
    "build-files": Example(
        ("app/Dockerfile:9", "app/.dockerignore:2"),
        {"/app/Dockerfile": 9, "/app/.dockerignore": 2},
        ("app/Dockerfile.py:9", "app/compose/a:3"),
    ),
    "bytecode": Example(
        ("app/__pycache__/a.cpython-311.pyc:900000", "app/b/__pycache__/c.pyc:200000"),
        {"/app/__pycache__": 900_000, "/app/b/__pycache__": 200_000},
        ("app/a.py:9000000", "app/instead_of_a_source.pyc:9000000", "srv/__pycache__/few.pyc:999999"),
    ),
    "installed-tests": Example(
        ("usr/lib/python3/dist-packages/numpy/tests/data:900000", "app/node_modules/a/test/b.js:100000"),
        {"/usr/lib/python3/dist-packages/numpy/tests": 900_000, "/app/node_modules/a/test": 100_000},
        ("app/tests/data:9000000", "usr/lib/python3/dist-packages/numpy/testing/a.py:9000000"),
    ),
    "source-maps": Example(
        ("app/node_modules/a/index.js.map:1000000",),
        {"/app/node_modules/a/index.js.map": 1_000_000},
        ("app/static/index.js.map:1000000", "app/node_modules/a/map:9000000"),
    ),
    "documentation": Example(
        ("usr/share/doc/a/changelog.gz:4000000", "usr/share/locale/de/LC_MESSAGES/a.mo:1000000"),
        {"/usr/share/doc": 4_000_000, "/usr/share/locale": 1_000_000},
        ("usr/share/doc/a/copyright:9000000", "usr/share/zoneinfo/UTC:9000000"),
    ),
    "static-libraries": Example(
        ("usr/lib/x86_64-linux-gnu/libc.a:5000000",),
        {"/usr/lib/x86_64-linux-gnu/libc.a": 5_000_000},
        ("usr/lib/x86_64-linux-gnu/libc.so.6:5000000", "usr/lib/a:5000000"),
    ),
    "headers": Example(
        ("usr/include/stdio.h:5000000",), {"/usr/include": 5_000_000}, ("usr/lib/python3/numpy/a.h:5000000",)
    ),
    "compilers": Example(
        ("usr/lib/gcc/x86_64-linux-gnu/12/cc1:4000000", "usr/bin/x86_64-linux-gnu-gcc-12:900000",
         "usr/lib/llvm-14/bin/clang:3000000"),
        {"/usr/lib/gcc": 4_000_000, "/usr/bin/x86_64-linux-gnu-gcc-12": 900_000,
         "/usr/lib/llvm-14": 3_000_000},
        ("usr/lib/x86_64-linux-gnu/libgcc_s.so.1:9000000", "usr/lib/llvm-x/a:9000000"),
    ),
    "debug-symbols": Example(
        ("usr/lib/debug/.build-id/00/a.debug:900000", "app/app.debug:200000"),
        {"/usr/lib/debug": 900_000, "/app/app.debug": 200_000},
        ("app/debug:9000000", "app/debug/a.so:9000000"),
    ),
    "core-dumps": Example(
        ("app/core.123:9000", "srv/core:2000"),
        {"/app/core.123": 9000, "/srv/core": 2000},
        ("app/core.js:90000", "app/core/a:90000", "srv/core:9999"),
    ),
    "logs": Example(
        ("var/log/dpkg.log:9", "app/npm-debug.log:2"),
        {"/var/log": 9, "/app/npm-debug.log": 2},
        ("app/log/a.py:9", "var/login:1"),
    ),
    "temporary-files": Example(
        ("tmp/build/a:9", "var/tmp/b:2"), {"/tmp": 9, "/var/tmp": 2}, ("app/tmp/a:9", "var/tmpl/a:1")
    ),
    "unpacked-archives": Example(
        ("opt/app-1.0.tar.gz:9", "opt/app-1.0/bin/app:20", "srv/b.zip:4", "srv/b/a:2"),
        {"/opt/app-1.0.tar.gz": 9, "/srv/b.zip": 4},
        ("opt/app-1.0.tar.gz:9", "usr/bin/tar:5",
         "srv/b.zip:4", "srv/b:2", "app/index.js:9", "app/index.js.gz:3"),
    ),
}  # fmt: skip


def find_files(analysis: Analysis) -> tuple[Finding, ...]:
    """The findings that files are given to: by their names, and as copies."""
    return in_order(find_in_files(analysis, take_inventory(analysis, PATH_RULES)))

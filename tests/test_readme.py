"""README.md and docs/ say what is so: captures, options, make targets and links."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from layerscope.cli import command

from tests.consoles import PAGES, ROOT, commands, pieces, refreshed

ALL_PAGES = (
    *PAGES,
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "benchmarks" / "README.md",
)
FOREIGN = {
    *("--ci-config", "--highestUserWastedPercent", "--highestWastedBytes", "--lowestEfficiency"),  # dive
    *("--build-arg", "--iidfile", "--load", "--output", "--rm", "--tag"),  # docker
    *("--chmod", "--chown"),  # Dockerfile
    *("--enable-source-maps", "--no-install-recommends", "--omit"),  # Node.js, APT, npm
    "--break-system-packages",  # pip
    *("--apparent-size", "--countname", "--title"),  # ncdu, flamegraph.pl
    *("--deleted", "--no-dive", "--runs", "--timeout"),  # python -m benchmarks
}
"""Options of others that the pages may name."""
OPTION = re.compile(r"(?<![\w-])--[a-zA-Z][\w-]*")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def said(path: Path) -> str:
    """The page without what its commands print, and without Dockerfiles: their options are of others."""
    return "\n".join(
        piece.line
        for piece in pieces(text_of(path))
        if piece.language != "dockerfile" and (piece.language != "console" or piece.line.startswith("$ "))
    )


def options() -> set[str]:
    return {
        option
        for words in (["--help"], ["build", "--help"], ["compare", "--help"], ["init", "--help"])
        for option in OPTION.findall(CliRunner().invoke(command, words).output)
    }


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))


@pytest.mark.skipif(shutil.which("sh") is None, reason="no shell")
@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_consoles_show_what_the_commands_print(path: Path) -> None:
    page = text_of(path)
    assert page == refreshed(page), "run `make pages` and read what has changed"


def test_the_readme_shows_the_demonstration_image() -> None:
    assert "layerscope fixtures/demo.tar.gz --text" in commands(text_of(ROOT / "README.md"))


@pytest.mark.parametrize("path", ALL_PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_option_named_is_there(path: Path) -> None:
    assert set(OPTION.findall(said(path))) - options() - FOREIGN == set()


def test_every_option_is_named_somewhere() -> None:
    named = {option for path in PAGES for option in OPTION.findall(said(path))}
    assert options() - named - {"--help", "--version"} == set()


@pytest.mark.parametrize("path", ALL_PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_make_target_named_is_there(path: Path) -> None:
    page = text_of(path)
    shown = [piece.line for piece in pieces(page) if piece.language in ("console", "sh")]
    named = re.findall(r"`make ([a-z-]+)", page) + re.findall(
        r"^(?:\$ )?make ([a-z-]+)", "\n".join(shown), re.M
    )
    assert set(named) - targets() == set()


def test_the_two_commands_of_the_readme_are_targets() -> None:
    page = text_of(ROOT / "README.md")
    assert all(f"make {name}" in page and name in targets() for name in ("demo", "test"))


@pytest.mark.parametrize("path", ALL_PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(path: Path) -> None:
    links = [link for link in LINK.findall(text_of(path)) if "://" not in link]
    assert [link for link in links if not (path.parent / link).exists()] == []

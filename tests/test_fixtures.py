"""The committed fixtures are what their script makes, and their list is its table."""

import bz2
import lzma
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures import make
from fixtures.fixture import Fixture, Outcome

FOLDER = Path(make.__file__).parent
DECOMPRESS: dict[str, Callable[[bytes], bytes]] = {".xz": lzma.decompress, ".bz2": bz2.decompress}


@pytest.mark.parametrize("fixture", make.FIXTURES, ids=lambda fixture: fixture.name)
def test_the_script_makes_the_committed_archive_again(fixture: Fixture) -> None:
    committed = (FOLDER / "archives" / fixture.name).read_bytes()
    made = fixture.build()
    if fixture.name in make.LIBRARY_PACKED:
        decompress = DECOMPRESS[Path(fixture.name).suffix]
        committed, made = decompress(committed), decompress(made)
    assert made == committed


def test_the_script_writes_these_files_and_no_other(tmp_path: Path) -> None:
    make.make(tmp_path)
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {"README.md", *(f"archives/{fixture.name}" for fixture in make.FIXTURES)}
    committed = {path.name for path in (FOLDER / "archives").iterdir()}
    assert committed == {fixture.name for fixture in make.FIXTURES}


def test_the_page_lists_every_archive_once_and_in_order() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert page == make.readme()
    assert re.findall(r"^\| `(\S+)` \|", page, re.MULTILINE) == [fixture.name for fixture in make.FIXTURES]


def test_names_are_unique() -> None:
    names = [fixture.name for fixture in make.FIXTURES]
    assert len(set(names)) == len(names)


def test_what_must_be_refused_has_no_figures() -> None:
    refused = [fixture for fixture in make.FIXTURES if fixture.outcome is Outcome.REFUSED]
    assert {(fixture.stored, fixture.live) for fixture in refused} == {(0, 0)}


def test_nothing_lives_that_is_not_stored() -> None:
    assert [fixture.name for fixture in make.FIXTURES if not 0 <= fixture.live <= fixture.stored] == []


def test_the_archives_stay_small() -> None:
    assert sum(path.stat().st_size for path in (FOLDER / "archives").iterdir()) < 1_000_000

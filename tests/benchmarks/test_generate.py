"""The archive of the scale series is what it claims to be, by layerscope's own figures."""

import hashlib
import tarfile
from pathlib import Path

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.model import WasteKind
from layerscope.loader import open_image

from benchmarks.generate import LAYERS, MOST_LAYERS, STEP, generate


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scale") / "scale.tar"
    generate(path, STEP)
    return path


def test_it_holds_as_many_entries_as_asked_for_in_ten_layers(archive: Path) -> None:
    with open_image(str(archive)) as image:
        assert (sum(len(layer.entries) for layer in image.layers), len(image.layers)) == (STEP, LAYERS)


def test_layerscope_finds_the_figures_it_was_made_with(archive: Path, tmp_path: Path) -> None:
    made = generate(tmp_path / "again.tar", STEP)
    with open_image(str(archive), verify=True) as image:
        totals = analyze(image).totals
    assert (totals.stored, totals.live) == (made.stored, made.live)
    assert 0 < made.live < made.stored


def test_there_may_be_twice_as_many_layers_with_the_same_promise(tmp_path: Path) -> None:
    made = generate(tmp_path / "high.tar", 16_000, layers=MOST_LAYERS)
    with open_image(str(tmp_path / "high.tar"), verify=True) as image:
        totals = analyze(image).totals
        assert (sum(len(layer.entries) for layer in image.layers), len(image.layers)) == (16_000, 20)
    assert (totals.stored, totals.live) == (made.stored, made.live)


def test_files_are_overwritten_and_removed(archive: Path) -> None:
    with open_image(str(archive)) as image:
        kinds = analyze(image).waste_by_kind
    assert {kind for kind, count in kinds.items() if count} == {WasteKind.OVERWRITTEN, WasteKind.REMOVED}


def test_the_bytes_are_the_same_on_every_run(archive: Path, tmp_path: Path) -> None:
    generate(tmp_path / "again.tar", STEP)
    digests = {hashlib.sha256(path.read_bytes()).digest() for path in (archive, tmp_path / "again.tar")}
    assert len(digests) == 1


def test_another_reader_takes_it_for_a_tar(archive: Path) -> None:
    with tarfile.open(archive) as outer:
        assert outer.getnames()[-1] == "manifest.json"
        layer = outer.extractfile(f"{1:064x}/layer.tar")
        assert layer is not None
        with tarfile.open(fileobj=layer) as inner:
            assert len(inner.getnames()) == 600


def test_no_path_is_written_twice_in_a_layer(archive: Path) -> None:
    with open_image(str(archive)) as image:
        for layer in image.layers:
            names = [entry.name for entry in layer.entries]
            assert len(set(names)) == len(names)


@pytest.mark.parametrize("entries", [0, 1, STEP + 1])
def test_a_number_that_cannot_be_made_is_refused(tmp_path: Path, entries: int) -> None:
    with pytest.raises(ValueError, match="no multiple"):
        generate(tmp_path / "scale.tar", entries)


@pytest.mark.parametrize("layers", [0, MOST_LAYERS + 1])
def test_so_many_layers_cannot_be_made(tmp_path: Path, layers: int) -> None:
    with pytest.raises(ValueError, match="layers are not between 1 and 20"):
        generate(tmp_path / "scale.tar", STEP, layers)

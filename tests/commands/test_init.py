"""`layerscope init`: what it writes, the very images keep."""

import re
from pathlib import Path

import pytest

from tests.images import Image, docker_archive, file, layer, oci_archive, whiteout
from tests.running import Run

ARCHIVES = Path(__file__).parents[2] / "fixtures" / "archives"
SMALL = str(ARCHIVES / "docker-25.tar")
SEVERAL = str(ARCHIVES / "docker-several-images.tar")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder of every test here."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(name: str, one: Image) -> str:
    Path(name).write_bytes(docker_archive(one))
    return name


@pytest.mark.parametrize("archive", sorted(path.name for path in ARCHIVES.iterdir()))
def test_every_image_that_opens_keeps_its_own_rules(run: Run, archive: str) -> None:
    reference = str(ARCHIVES / archive)
    done = run("init", reference)
    assert done.code == run(reference).code
    if done.code == 0:
        assert run(reference, "--ci").code == 0


def test_the_file_is_written_and_judged_by(run: Run, here: Path) -> None:
    done = run("init", SMALL)
    assert (done.code, done.out) == (0, "")
    assert done.err == "layerscope.toml is written: layerscope --ci judges by it\n"
    assert run(SMALL, "--ci").code == 0
    wasteful = Image([layer(file("a", b"x" * 10), file("b", b"y" * 9)), layer(whiteout("b"))])
    (here / "worse.tar").write_bytes(oci_archive(wasteful))
    worse = run("worse.tar", "--ci")
    assert worse.code == 1
    assert re.search(r"(?m)^FAIL +min-efficiency ", worse.out)


def test_a_file_that_is_there_is_kept_unless_it_is_to_be_written_over(run: Run, here: Path) -> None:
    (here / "layerscope.toml").write_text("mine")
    done = run("init", SMALL)
    assert (done.code, done.out) == (2, "")
    assert done.err == "layerscope: layerscope.toml is there already\n  With --force it is written over.\n"
    assert (here / "layerscope.toml").read_text() == "mine"
    assert run("init", SMALL, "--force").code == 0
    assert "[rules]" in (here / "layerscope.toml").read_text()


def test_the_rules_take_the_place_of_no_image(run: Run, here: Path) -> None:
    name = written("one.tar", Image([layer(file("a", b"x"))]))
    before = (here / name).read_bytes()
    done = run("init", name, "--output", "./one.tar", "--force")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(
        "layerscope: ./one.tar is what is to be read: the rules would take its place\n"
    )
    assert (here / name).read_bytes() == before


def test_the_rules_can_be_printed(run: Run, here: Path) -> None:
    (here / "layerscope.toml").write_text("mine")
    done = run("init", SMALL, "--output", "-")
    assert (done.code, done.err) == (0, "")
    (here / "printed.toml").write_text(done.out)
    elsewhere = run("init", SMALL, "--output", "other.toml")
    assert elsewhere.err == "other.toml is written: layerscope --ci --config other.toml judges by it\n"
    assert (here / "other.toml").read_text() == done.out
    assert run(SMALL, "--ci", "--config", "printed.toml").code == 0


def test_what_cannot_be_written_is_said(run: Run, here: Path) -> None:
    done = run("init", SMALL, "--output", "no/such/folder.toml")
    assert done.code == 2
    assert done.err.startswith("layerscope: no/such/folder.toml cannot be written: No such file")
    (here / "folder").mkdir()
    assert run("init", SMALL, "--output", "folder", "--force").code == 2
    assert list(here.iterdir()) == [here / "folder"]


def test_an_image_that_cannot_be_read_leaves_no_file(run: Run, here: Path) -> None:
    assert run("init", SMALL, "none.tar").code == 2
    assert list(here.iterdir()) == []


def test_several_images_keep_one_file(run: Run, here: Path) -> None:
    one = written("one.tar", Image([layer(file("a", b"x" * 5000))]))
    two = written("two.tar", Image([layer(file("a", b"x")), layer(file("a", b"z"))], config={"User": "app"}))
    assert run("init", one, two).code == 0
    text = (here / "layerscope.toml").read_text()
    assert "# Measured: one.tar, two.tar\n" in text
    assert 'min-efficiency = "50.0%"' in text
    assert "max-layers = 2 " in text
    assert run(one, two, "--ci").code == 0


def test_a_saved_report_is_an_image_too(run: Run, here: Path) -> None:
    (here / "image.tar").write_bytes(oci_archive(Image([layer(file("a", b"x" * 100))])))
    assert run("image.tar", "--json", "bare.json").code == 0
    assert run("image.tar", "--json", "full.json", "--entries").code == 0
    texts = [run("init", name, "--output", "-").out for name in ("image.tar", "full.json", "bare.json")]
    rules = [re.sub(r"(?m)^# Measured: .*\n", "", text) for text in texts]
    assert rules[0] == rules[1]
    assert set(rules[0].splitlines()) - set(rules[2].splitlines()) == {
        line for line in rules[0].splitlines() if line.startswith(("no-setuid", "no-setgid", "no-secrets"))
    }
    (here / "layerscope.toml").write_text(rules[2])
    assert run("bare.json", "--ci").code == 0


def test_one_of_the_images_of_an_archive(run: Run) -> None:
    assert run("init", SEVERAL, "--output", "-").code == 2
    assert run("init", SEVERAL, "--image", "0", "--output", "-").code == 0
    done = run("init", SEVERAL, SMALL, "--image", "0", "--output", "-")
    assert (done.code, "goes with one archive" in done.err) == (2, True)
    assert "standard input holds one image" in run("init", "-", "-").err


def test_it_takes_an_image(run: Run) -> None:
    assert run("init").code == 2
    assert run("init", SMALL, "--output", "").code == 2

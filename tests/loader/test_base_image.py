"""What an image says of the one it was built on, and how many layers that one turns out to have."""

import io
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.analysis.base import Base
from layerscope.analysis.model import BaseImage
from layerscope.errors import SourceError
from layerscope.loader import open_image
from layerscope.loader.base_image import names_to_ask_for, said_of_base, with_layers

from tests.images import Image, add_image, add_json, add_layout, archive, blob_path, docker_archive
from tests.loader.fake_engine import Saved, serving
from tests.tars import file, layer

NAME = "org.opencontainers.image.base.name"
DIGEST = "org.opencontainers.image.base.digest"
SHA = "sha256:" + "0123456789abcdef" * 4
LOW, MIDDLE, OWN = layer(file("a", b"a")), layer(file("b", b"bb")), layer(file("c", b"ccc"))


# What is said.


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ([], BaseImage()),
        ([{}, None, [], "x", 5], BaseImage()),
        ([{NAME: "debian:12"}], BaseImage("debian:12")),
        ([{NAME: "debian:12", DIGEST: SHA}], BaseImage("debian:12", SHA)),
        ([{NAME: "first"}, {NAME: "second", DIGEST: SHA}], BaseImage("first", SHA)),
        ([{NAME: ""}, {NAME: "second"}], BaseImage("second")),
        ([{NAME: 5, DIGEST: ["x"]}], BaseImage()),
        ([{DIGEST: "sha256:abc"}], BaseImage()),
        ([{DIGEST: SHA.upper()}], BaseImage()),
        ([{DIGEST: f"{SHA}/../../x"}], BaseImage()),
    ],
)
def test_the_first_that_says_something_counts(sources: list[object], expected: BaseImage) -> None:
    assert said_of_base(*sources) == expected


# Which names an engine is asked for.


@pytest.mark.parametrize(
    ("base", "names"),
    [
        (BaseImage("debian:12"), ["debian:12"]),
        (BaseImage("debian:12", SHA), [f"debian@{SHA}", "debian:12"]),
        (BaseImage("h.example:50/a/b", SHA), [f"h.example:50/a/b@{SHA}", "h.example:50/a/b"]),
        (BaseImage(f"debian:12@{SHA}", SHA), [f"debian@{SHA}", "debian:12"]),
        (BaseImage(f"debian@{SHA}"), [f"debian@{SHA}"]),
        (BaseImage("", SHA), []),
        (BaseImage("-v"), []),
        (BaseImage("a b"), []),
        (BaseImage("../../images/json?x"), []),
        (BaseImage("debian:12\n"), []),
        (BaseImage("scratch/" + "x" * 500), []),
    ],
)  # fmt: skip
def test_the_exact_name_is_asked_for_first_and_none_that_means_something_else(
    base: BaseImage, names: list[str]
) -> None:
    assert names_to_ask_for(base) == names


def test_a_hostile_name_is_matched_at_once() -> None:
    assert names_to_ask_for(BaseImage("a" + "/a:a" * 120 + "!")) == []


# How many layers are the base's.


@pytest.mark.parametrize(
    ("theirs", "layers"),
    [(["1"], 1), (["1", "2"], 2), (["1", "2", "3"], None), (["2"], None), ([], None), (None, None)],
)
def test_its_layers_are_the_lowest_and_not_all(theirs: list[str] | None, layers: int | None) -> None:
    assert with_layers(BaseImage("x"), ["1", "2", "3"], lambda: theirs).layers == layers


def test_who_cannot_be_asked_knows_nothing() -> None:
    def ask() -> list[str]:
        raise SourceError("gone")

    assert with_layers(BaseImage("x"), ["1", "2"], ask) == BaseImage("x")


# In a layout.


def layout(annotations: Mapping[str, str], *, labels: Mapping[str, str] | None = None) -> bytes:
    """An image of three layers, and beside it the one of two that it was built on."""
    files: dict[str, bytes | str] = {}
    below = add_image(files, Image([LOW, MIDDLE], tags=[]))
    one = add_image(files, Image([LOW, MIDDLE, OWN], tags=[], config={"Labels": labels or {}}))
    path = blob_path(str(one["digest"]))
    content = files.pop(path)
    assert isinstance(content, bytes)
    said = {key: value or str(below["digest"]) for key, value in annotations.items()}
    manifest = {**json.loads(content), "annotations": said}
    add_layout(files, [add_json(files, manifest, str(one["mediaType"]))])
    return archive(files)


def base_in(data: bytes) -> Base:
    with open_image("-", stdin=io.BytesIO(data)) as opened:
        return analyze(opened).base


def test_annotations_of_the_manifest_name_it() -> None:
    found = base_in(layout({NAME: "debian:12", DIGEST: SHA}, labels={NAME: "not this one"}))
    assert found == Base(1, "taken to be the first layer", "debian:12")


def test_labels_name_it_where_annotations_do_not() -> None:
    assert base_in(layout({}, labels={NAME: "debian:12"})).name == "debian:12"


@pytest.mark.parametrize("is_file", [False, True])
def test_its_manifest_in_the_same_layout_tells_its_layers(is_file: bool, tmp_path: Path) -> None:
    data = layout({NAME: "debian:12", DIGEST: ""})
    if is_file:
        (tmp_path / "image.tar").write_bytes(data)
        with open_image(str(tmp_path / "image.tar")) as opened:
            found = analyze(opened).base
    else:
        found = base_in(data)
    assert found == Base(2, "the layers of the image that is named as its base", "debian:12")


# In an engine.


@pytest.mark.parametrize("spool", [False, True])
@pytest.mark.parametrize(
    ("tags", "layers"),
    [(["debian:12"], 2), ([f"debian@{SHA}"], 2), (["debian:13"], None)],
)
def test_an_engine_that_has_it_is_asked_for_its_layers(
    tags: list[str], layers: int | None, spool: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = Image([LOW, MIDDLE], tags=tags)
    one = Image([LOW, MIDDLE, OWN], config={"Labels": {NAME: "debian:12", DIGEST: SHA}})
    saved = Saved.of(below, b"", tags), Saved.of(one, docker_archive(one))
    with serving(*saved) as engine:
        monkeypatch.setenv("DOCKER_HOST", engine.url)
        with open_image("docker://app:1", spool=spool) as opened:
            assert opened.base == BaseImage("debian:12", SHA, layers)
        assert engine.saves == 1


def test_an_image_without_a_named_base_costs_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Image([LOW, MIDDLE, OWN])
    with serving(Saved.of(one, docker_archive(one))) as engine:
        monkeypatch.setenv("DOCKER_HOST", engine.url)
        with open_image("docker://app:1") as opened:
            assert opened.base == BaseImage()
        assert [path for path in engine.requests if path.endswith("/json")] == [
            "GET /v1.41/images/app:1/json"
        ]

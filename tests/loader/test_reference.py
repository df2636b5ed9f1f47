"""What may be typed for an image, and where it leads."""

from pathlib import Path

import pytest
from layerscope.errors import LayerscopeError, SourceError, UnsupportedError
from layerscope.loader.reference import Origin, Reference, parse


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("image.tar", "docker:odd", "a:b"):
        (tmp_path / name).touch()
    (tmp_path / "layout").mkdir()


@pytest.mark.parametrize(
    ("text", "path", "tag"),
    [
        ("image.tar", "image.tar", ""),
        ("./image.tar", "image.tar", ""),
        ("layout", "layout", ""),
        ("layout/", "layout", ""),
        ("docker:odd", "docker:odd", ""),
        ("docker-archive:image.tar", "image.tar", ""),
        ("docker-archive://image.tar", "image.tar", ""),
        ("docker-tar://image.tar", "image.tar", ""),
        ("oci-archive:image.tar", "image.tar", ""),
        ("oci:layout", "layout", ""),
        ("oci:layout:v1", "layout", "v1"),
        ("oci-archive:image.tar:registry.example/app:1", "image.tar", "registry.example/app:1"),
        ("docker-archive:image.tar:app:1", "image.tar", "app:1"),
        ("oci:layout:localhost:5000/app:1", "layout", "localhost:5000/app:1"),
        ("oci:a:b", "a:b", ""),
        ("oci:a:b:tag", "a:b", "tag"),
    ],
)
def test_a_path_with_or_without_a_scheme_is_a_path(text: str, path: str, tag: str) -> None:
    assert parse(text) == Reference(Origin.PATH, Path(path), tag)


@pytest.mark.parametrize("text", ["-", "docker-archive:-", "docker-archive://-", "oci-archive:-"])
def test_a_dash_is_standard_input(text: str) -> None:
    assert parse(text).origin is Origin.STDIN


@pytest.mark.parametrize(
    ("text", "kind", "message", "hint"),
    [
        (
            "nothing.tar",
            SourceError,
            "there is no file or directory nothing.tar",
            "To measure an image of an engine: docker save nothing.tar | layerscope -",
        ),
        (
            "app; rm -rf /",
            SourceError,
            "there is no file or directory app; rm -rf /",
            "To measure an image of an engine: docker save IMAGE | layerscope -",
        ),
        (
            "docker://app:1",
            UnsupportedError,
            "docker://app:1 names an image in an engine, which is not supported yet",
            "To measure an image of an engine: docker save app:1 | layerscope -",
        ),
        ("", SourceError, "the name of the image is empty", "Is a variable not set?"),
        ("oci:", SourceError, "oci: names no file", "Put a path behind it: oci:PATH"),
        (
            "oci:nothing:v1",
            SourceError,
            "there is no file or directory nothing:v1",
            "Is the path right, and readable from here?",
        ),
    ],
)
def test_what_leads_nowhere_is_named(text: str, kind: type[LayerscopeError], message: str, hint: str) -> None:
    with pytest.raises(kind) as caught:
        parse(text)
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize("text", ["", "a\0b", "n" * 5000, "\ud800", "oci:a\0b", "oci:" + "n" * 5000])
def test_a_name_no_file_can_have_is_no_crash(text: str) -> None:
    with pytest.raises(SourceError):
        parse(text)

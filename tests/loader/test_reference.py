"""What may be typed for an image, and where it leads."""

from pathlib import Path

import pytest
from layerscope.errors import LayerscopeError, SourceError
from layerscope.loader.reference import Origin, Reference, parse

HINT = "Is the path right, and readable from here? An image of an engine has a name like app:1."


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
            HINT,
        ),
        (
            "app; rm -rf /",
            SourceError,
            "there is no file or directory app; rm -rf /",
            HINT,
        ),
        (
            "docker://App",
            SourceError,
            "docker://App names no image",
            "Put a name behind it: docker://NAME:TAG",
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


HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "origin", "name"),
    [
        ("app", Origin.ENGINE, "app"),
        ("app:1.0_x", Origin.ENGINE, "app:1.0_x"),
        ("docker:28", Origin.ENGINE, "docker:28"),
        ("library/a__b/c-d--e.f:V1", Origin.ENGINE, "library/a__b/c-d--e.f:V1"),
        ("localhost:5000/app", Origin.ENGINE, "localhost:5000/app"),
        ("Registry.Example/app:1", Origin.ENGINE, "Registry.Example/app:1"),
        ("[::1]:5000/app", Origin.ENGINE, "[::1]:5000/app"),
        (f"app@sha256:{HEX}", Origin.ENGINE, f"app@sha256:{HEX}"),
        (f"app:1@sha256:{HEX}", Origin.ENGINE, f"app:1@sha256:{HEX}"),
        (f"sha256:{HEX}", Origin.ENGINE, f"sha256:{HEX}"),
        ("0123abc", Origin.ENGINE, "0123abc"),
        ("docker://app:1", Origin.DOCKER, "app:1"),
        ("docker://image.tar", Origin.DOCKER, "image.tar"),
        ("podman://localhost/app:1", Origin.PODMAN, "localhost/app:1"),
    ],
)
def test_a_name_is_an_image_of_an_engine(text: str, origin: Origin, name: str) -> None:
    assert parse(text) == Reference(origin, Path(), name=name)


@pytest.mark.parametrize(
    "text",
    ["./app", "/app", "../app", "app/", "a//b", "App", "app:", "app:-1", "app@sha256:12", "app\n", "ä",
     "-app", "a..b", "a___b", "a/../b", "app:1?x", "app%2f", "app#x", "x.tar", "x.tar.gz", "x.TGZ",
     "dive.json", "docker:app:1", "docker://", "docker://a b", "podman://--help", "a" * 600, "a-" * 200],
)  # fmt: skip
def test_what_cannot_be_the_name_of_an_image_goes_nowhere(text: str) -> None:
    with pytest.raises(SourceError):
        parse(text)


@pytest.mark.parametrize("text", ["", "a\0b", "n" * 5000, "\ud800", "oci:a\0b", "oci:" + "n" * 5000])
def test_a_name_no_file_can_have_is_no_crash(text: str) -> None:
    with pytest.raises(SourceError):
        parse(text)

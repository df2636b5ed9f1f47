"""The context of Docker's command line, as Docker's own files have it."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from layerscope.errors import SourceError
from layerscope.loader.docker_context import Context, Tls, chosen_context

Make = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """DOCKER_CONFIG, in which there is nothing at all."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    return tmp_path / "docker"


@pytest.fixture
def make(folder: Path) -> Make:
    """Makes a context: its `meta.json`, and its files for TLS."""

    def context(name: str, meta: object, *files: str) -> Path:
        identity = hashlib.sha256(name.encode()).hexdigest()
        path = folder / "contexts" / "meta" / identity
        path.mkdir(parents=True)
        (path / "meta.json").write_text(meta if isinstance(meta, str) else json.dumps(meta))
        certificates = folder / "contexts" / "tls" / identity / "docker"
        certificates.mkdir(parents=True)
        for file in files:
            (certificates / file).touch()
        return certificates

    return context


def meta(host: object, **more: object) -> dict[str, object]:
    return {"Name": "x", "Metadata": {}, "Endpoints": {"docker": {"Host": host, **more}}}


def test_there_need_be_no_configuration_at_all(folder: Path) -> None:
    assert chosen_context() is None


def test_the_context_of_the_environment_needs_no_config_json(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make("mine", meta("ssh://engine", SkipTLSVerify=False))
    monkeypatch.setenv("DOCKER_CONTEXT", "mine")
    assert chosen_context() == Context("ssh://engine", None)


def test_the_context_in_use(make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make("mine", meta("tcp://engine:2375"))
    (folder / "config.json").write_text('{"currentContext": "mine"}')
    assert chosen_context() == Context("tcp://engine:2375", None)
    monkeypatch.setenv("DOCKER_CONTEXT", "default")
    assert chosen_context() is None


@pytest.mark.parametrize(
    "text", ["{", "[]", "5", '{"currentContext": 5}', '{"currentContext": ""}', "[" * 9999]
)
def test_a_configuration_that_cannot_be_read_names_no_context(text: str, make: Make, folder: Path) -> None:
    make("mine", meta("tcp://engine:2375"))
    (folder / "config.json").write_text(text)
    assert chosen_context() is None


@pytest.mark.parametrize(
    ("files", "unverified", "expected"),
    [
        ([], False, None),
        ([], True, (None, None, False)),
        (["ca.pem"], False, ("ca.pem", None, True)),
        (["cert.pem", "key.pem"], False, (None, ("cert.pem", "key.pem"), True)),
        (["ca.pem", "cert.pem"], False, ("ca.pem", None, True)),
        (["ca.pem", "cert.pem", "key.pem"], True, ("ca.pem", ("cert.pem", "key.pem"), False)),
    ],
)
def test_the_certificates_of_a_context(
    files: list[str],
    unverified: bool,
    expected: tuple[str | None, tuple[str, str] | None, bool] | None,
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = make("mine", meta("tcp://engine:2376", SkipTLSVerify=unverified), *files)
    monkeypatch.setenv("DOCKER_CONTEXT", "mine")
    tls = None
    if expected:
        ca, client, verify = expected
        pair = (folder / client[0], folder / client[1]) if client else None
        tls = Tls(folder / ca if ca else None, pair, verify)
    assert chosen_context() == Context("tcp://engine:2376", tls)


@pytest.mark.parametrize("name", ["other", "../../mine", "\udcff"])
def test_a_context_that_is_not_there(name: str, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    make("mine", meta("tcp://engine:2375"))
    monkeypatch.setenv("DOCKER_CONTEXT", name)
    with pytest.raises(SourceError) as caught:
        chosen_context()
    assert caught.value.message == f"there is no Docker context {name}"
    assert caught.value.hint == "docker context ls lists them."


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"Endpoints": []}', '{"Endpoints": {"docker": 5}}', "[" * 9999]
)
def test_a_context_that_cannot_be_read(text: str, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    make("mine", text)
    monkeypatch.setenv("DOCKER_CONTEXT", "mine")
    with pytest.raises(SourceError, match="context mine cannot be read"):
        chosen_context()


@pytest.mark.parametrize("host", [None, "", 5])
def test_a_context_without_an_engine(host: object, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    make("mine", meta(host))
    monkeypatch.setenv("DOCKER_CONTEXT", "mine")
    with pytest.raises(SourceError, match="context mine names no engine"):
        chosen_context()

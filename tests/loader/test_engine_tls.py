"""An engine behind TLS: with its certificates it is as any other, without them it says what is missing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from layerscope.errors import SourceError
from layerscope.loader import open_image

from tests.images import Image, docker_archive
from tests.loader.fake_engine import FakeEngine, Saved, serving
from tests.loader.sources import measure
from tests.loader.tls import certificates, encrypted
from tests.tars import file, layer

ONE = Image([layer(file("a", b"abc")), layer(file("b", b"12345"))], tags=[])
DATA = docker_archive(ONE)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificates(tmp_path_factory.mktemp("tls") / "good")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificates(tmp_path_factory.mktemp("tls") / "other")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeEngine]:
    for name in ("DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    with serving(Saved.of(ONE, DATA)) as fake:
        yield fake


@pytest.fixture
def port(engine: FakeEngine, good: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    with encrypted(engine.url.removeprefix("unix://"), good) as number:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{number}")
        yield number


def refusal() -> SourceError:
    with pytest.raises(SourceError) as caught, open_image("docker://app:1"):
        pass
    return caught.value


def test_an_image_by_tls_is_what_its_archive_is(
    port: int, good: Path, other: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(good))
    # Neither what others trust nor a proxy has to do with an engine on this machine.
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(other / "ca.pem"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    (tmp_path / "image.tar").write_bytes(DATA)
    assert measure("docker://app:1") == measure(tmp_path / "image.tar")._replace(tags=("app:1",))


def test_without_verification_any_engine_will_do(
    port: int, good: Path, other: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mixed = tmp_path / "mixed"
    shutil.copytree(good, mixed)
    shutil.copy(other / "ca.pem", mixed)
    monkeypatch.setenv("DOCKER_CERT_PATH", str(mixed))
    assert measure("docker://app:1").stored == 8
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    assert "certificate" in refusal().message


def test_an_engine_of_another_authority(port: int, other: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(other))
    error = refusal()
    said = error.message.removeprefix(f"Docker at tcp://127.0.0.1:{port} and we do not agree on TLS: ")
    assert said in {"self-signed certificate in certificate chain", "unable to get local issuer certificate"}
    assert "DOCKER_CERT_PATH" in error.hint


def test_an_engine_of_another_name(port: int, good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"tcp://localhost:{port}")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(good))
    assert measure("docker://app:1").stored == 8
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    assert "'localhost'" in refusal().message


def test_certificates_that_are_missing(port: int, good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = good.parent / "half"
    folder.mkdir()
    shutil.copy(good / "ca.pem", folder)
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(folder))
    error = refusal()
    assert error.message == (
        f"Docker's TLS files are not as they should be: {folder} has no cert.pem, key.pem"
    )


def test_files_that_hold_no_certificates(port: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (tmp_path / name).write_text("x")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(tmp_path))
    assert "do not agree on TLS" in refusal().message


def test_an_engine_that_wants_tls(port: int) -> None:
    error = refusal()
    assert error.message == f"what answers at tcp://127.0.0.1:{port} hangs up at once"
    assert error.hint.startswith("Does it want TLS? DOCKER_TLS_VERIFY=1")


def test_docker_itself_says_that_it_wants_tls(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    said = b"Client sent an HTTP request to an HTTPS server.\n"
    engine.answers["/version"] = (400, said)
    monkeypatch.setenv("DOCKER_HOST", engine.url)
    error = refusal()
    assert error.message == "Docker refuses (400): Client sent an HTTP request to an HTTPS server."


def test_an_engine_without_tls(engine: FakeEngine, good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(good))
    with encrypted(engine.url.removeprefix("unix://"), None) as port:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{port}")
        assert refusal().message == f"Docker at tcp://127.0.0.1:{port} does not speak TLS"

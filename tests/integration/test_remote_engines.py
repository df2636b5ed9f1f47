"""The ways to engines that are not at the usual socket: TLS, contexts, ssh, and Podman's addresses.

Each leads to the same real engine, so each must show what the archive of the image does.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from layerscope.errors import SourceError
from layerscope.loader import open_image

from tests.images import Image, docker_archive
from tests.loader.sources import Measured, measure
from tests.loader.tls import certificates, encrypted
from tests.tars import directory, file, layer, whiteout

pytestmark = pytest.mark.engine

LAYERS = [
    layer(directory("etc"), file("etc/a", b"abc"), file("b", b"x" * 500_000)),
    layer(whiteout("etc/a"), file("c", b"12345")),
]
SOCKET = "/var/run/docker.sock"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "CONTAINER_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Measured]]:
    """An image that Docker has, and what the archive of it holds."""
    client = shutil.which("docker")
    if client is None:
        pytest.skip("no docker on PATH")
    if not Path(SOCKET).exists():
        pytest.skip(f"no Docker engine at {SOCKET}")
    folder = tmp_path_factory.mktemp("remote")
    tag = f"layerscope-remote-{os.getpid()}:1"
    (folder / "image.tar").write_bytes(docker_archive(Image(LAYERS, tags=[tag])))
    docker = [client, "--host", f"unix://{SOCKET}"]
    loaded = subprocess.run([*docker, "load", "-i", folder / "image.tar"], capture_output=True, check=False)
    if loaded.returncode:
        pytest.skip(f"the Docker engine does not answer: {loaded.stderr.decode().strip()}")
    subprocess.run([*docker, "save", "-o", folder / "saved.tar", tag], check=True)
    yield f"docker://{tag}", measure(folder / "saved.tar")
    subprocess.run([*docker, "rmi", "--force", tag], capture_output=True, check=False)


def wait_for(path: Path | int) -> None:
    """Until something listens at a socket or port."""
    deadline = time.monotonic() + 20
    while True:
        family, address = (
            (socket.AF_INET, ("127.0.0.1", path)) if isinstance(path, int) else (socket.AF_UNIX, str(path))
        )
        with socket.socket(family) as door:
            if door.connect_ex(address) == 0:
                return
        assert time.monotonic() < deadline
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


# TLS and contexts -----------------------------------------------------------------------------------------


def test_docker_by_tls(image: tuple[str, Measured], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, expected = image
    good = certificates(tmp_path / "good")
    other = certificates(tmp_path / "other")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    with encrypted(SOCKET, good) as port:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{port}")
        monkeypatch.setenv("DOCKER_CERT_PATH", str(good))
        assert measure(name) == expected
        monkeypatch.setenv("DOCKER_CERT_PATH", str(other))
        with pytest.raises(SourceError, match="do not agree on TLS"), open_image(name):
            pass


def test_docker_by_a_context_of_its_own_making(
    image: tuple[str, Measured], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, expected = image
    good = certificates(tmp_path / "good")
    pem = ",".join(f"{kind}={good}/{kind}.pem" for kind in ("ca", "cert", "key"))

    def docker(*arguments: str) -> None:
        subprocess.run(["docker", "context", *arguments], capture_output=True, check=True)

    with encrypted(SOCKET, good) as port:
        docker("create", "near", "--docker", f"host=unix://{SOCKET}")
        docker("create", "far", "--docker", f"host=tcp://127.0.0.1:{port},{pem}")
        for context in ("near", "far"):
            monkeypatch.setenv("DOCKER_CONTEXT", context)
            assert measure(name) == expected
        monkeypatch.delenv("DOCKER_CONTEXT")
        docker("use", "far")
        assert measure(name) == expected
    monkeypatch.setenv("DOCKER_CONTEXT", "nowhere")
    with pytest.raises(SourceError, match="there is no Docker context nowhere"), open_image(name):
        pass
    monkeypatch.setenv("DOCKER_HOST", f"unix://{SOCKET}")  # counts more, as it does for docker
    assert measure(name) == expected


# ssh ------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root runs a server for ssh")
def test_docker_by_ssh(image: tuple[str, Measured], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, expected = image
    server, client = shutil.which("sshd", path="/usr/sbin:/sbin"), shutil.which("ssh")
    if server is None or client is None:
        pytest.skip("no sshd and ssh here")
    for key in ("host", "own"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / key)]
        subprocess.run(command, check=True)
    port = free_port()
    (tmp_path / "sshd").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\n"
        f"HostKey {tmp_path}/host\nAuthorizedKeysFile {tmp_path}/own.pub\n"
        "UsePAM no\nStrictModes no\nPermitRootLogin prohibit-password\nPidFile none\n"
    )
    (tmp_path / "known").write_text(f"[127.0.0.1]:{port} {(tmp_path / 'host.pub').read_text()}")
    (tmp_path / "config").write_text(
        f"Host engine\n HostName 127.0.0.1\n Port {port}\n User root\n"
        f"Host *\n IdentityFile {tmp_path}/own\n UserKnownHostsFile {tmp_path}/known\n BatchMode yes\n"
    )
    (tmp_path / "ssh").write_text(f'#!/bin/sh\nexec {client} -F {tmp_path}/config "$@"\n')
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    Path("/run/sshd").mkdir(exist_ok=True)
    with subprocess.Popen([server, "-D", "-f", tmp_path / "sshd"], stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port)
            for address in (f"root@127.0.0.1:{port}", "engine", f"engine{SOCKET}"):
                monkeypatch.setenv("DOCKER_HOST", f"ssh://{address}")
                assert measure(name) == expected
            monkeypatch.setenv("DOCKER_HOST", f"ssh://nobody@127.0.0.1:{port}")
            with pytest.raises(SourceError, match="Permission denied"), open_image(name):
                pass
        finally:
            process.terminate()


# Podman ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["unix", "tcp"])
def test_podman_at_container_host(scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = shutil.which("podman")
    if command is None:
        pytest.skip("no podman on PATH")
    with tempfile.TemporaryDirectory(prefix="lsp", ignore_cleanup_errors=True) as short:
        podman = [command, "--root", f"{short}/root", "--runroot", f"{short}/run", "--storage-driver", "vfs"]
        archive = tmp_path / "image.tar"
        archive.write_bytes(docker_archive(Image(LAYERS, tags=["localhost/remote:1"])))
        loaded = subprocess.run([*podman, "load", "-i", archive], capture_output=True, check=False)
        if loaded.returncode:
            pytest.skip(f"podman cannot load an image here: {loaded.stderr.decode().strip()}")
        where: Path | int = Path(short, "s") if scheme == "unix" else free_port()
        url = f"unix://{where}" if scheme == "unix" else f"tcp://127.0.0.1:{where}"
        service = [*podman, "system", "service", "--time", "0", url]
        with subprocess.Popen(service, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                wait_for(where)
                monkeypatch.setenv("CONTAINER_HOST", url)
                monkeypatch.setenv("PATH", str(tmp_path))  # there is no command to fall back to
                found = measure("podman://remote:1")
                assert (found.stored, found.live) == (500_008, 500_005)
                assert found.tags == ("localhost/remote:1",)
                assert measure("podman://localhost/remote:1") == found
            finally:
                process.terminate()
        subprocess.run([*podman, "rmi", "--all", "--force"], capture_output=True, check=False)

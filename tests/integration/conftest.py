"""What the tests with a real engine share."""

import shutil
import subprocess

import pytest


@pytest.fixture(scope="session")
def docker() -> str:
    """The client's path; the tests are skipped if it reaches no engine."""
    client = shutil.which("docker")
    if client is None:
        pytest.skip("no docker on PATH")
    done = subprocess.run([client, "info"], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"the Docker engine does not answer: {done.stderr.strip()}")
    return client

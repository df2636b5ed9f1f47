"""Images built by a real Docker engine from one context, with steps that are changed from build to build."""

import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path

BASE = "local/debian:bookworm"
"""What is built on unless another image is named: a Debian with nothing above its minimum."""


class Builder:
    """Builds in one context, each image under a name of its own. OSError if the engine does not do it."""

    def __init__(self, docker: str, context: Path, base: str = BASE, *, run: str = "") -> None:
        self.base = base
        self.context = context
        self.names: list[str] = []
        """Of the images that were built, in their order."""
        self._docker = docker
        self._run = run or uuid.uuid4().hex
        """Whose builds share the engine's cache."""

    def build(self, steps: Sequence[str], ignored: Sequence[str] = ()) -> int:
        """The size of the image with these steps above the base, as the engine counts it, in bytes.

        The engine's cache is used for the steps that an earlier build of the same run had, and for no others.
        """
        (self.context / "Dockerfile").write_text(self.dockerfile(steps), encoding="utf-8")
        (self.context / ".dockerignore").write_text(
            "".join(f"{line}\n" for line in ignored), encoding="utf-8"
        )
        name = f"layerscope-advice:{self._run}-{len(self.names)}"
        self.ask("build", "--network", "host", "-t", name, str(self.context))
        self.names.append(name)
        return int(self.ask("image", "inspect", "--format", "{{.Size}}", name))

    def dockerfile(self, steps: Sequence[str]) -> str:
        """The steps above the base; those of a further stage begin with `FROM ${BASE}`."""
        first = f"ARG BASE={self.base}", "FROM ${BASE}", f"LABEL run={self._run}"
        return "".join(f"{line}\n" for line in (*first, *steps))

    def save(self, archive: Path) -> None:
        """Write the image that was built last."""
        self.ask("save", "-o", str(archive), self.names[-1])

    def run(self, script: str) -> str:
        """What a shell prints in a container of the image that was built last."""
        return self.ask("run", "--rm", "--network", "host", self.names[-1], "sh", "-c", script)

    def version(self) -> str:
        """That of the engine."""
        return self.ask("version", "--format", "{{.Server.Version}}").strip()

    def ask(self, *words: str) -> str:
        """What the engine's client prints."""
        done = subprocess.run([self._docker, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(f"docker {words[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def remove(self) -> None:
        """Remove all that was built."""
        subprocess.run([self._docker, "rmi", "--force", *self.names], capture_output=True, check=False)
        self.names.clear()

"""A Dockerfile with the usual mistakes: Debian's Python and Node, scientific packages and JavaScript tools.

Some 2 GB, of which more than half need not be there. The new text of a step is that of the finding's fix
wherever the fix says it. Versions are named, so that two builds differ by what was changed between them.
"""

import json
import os
import random
import shutil
import ssl
from pathlib import Path

from benchmarks.builds import Builder
from benchmarks.fixes import Fix, Mistakes, nothing, said, unchanged, words, written

_PYTHON = "numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 django==5.2.19"
_DEVELOPMENT = "webpack@5.112.2 typescript@7.0.2 eslint@10.15.0"
_NODE = ("npm init -y", f"npm install {_DEVELOPMENT} react@19.3.1")
_NOT_COPIED = (b"cert", b"_auth", b"_password", b"@")
"""Of a machine's settings: its paths, and what is nobody's business."""

_STEPS = {
    "environment": "",
    "excluded": "",
    "certificates": "COPY ca.crt /opt/ca.crt",
    "trusted": "ENV PIP_CERT=/opt/ca.crt NODE_EXTRA_CA_CERTS=/opt/ca.crt",
    "update": "RUN apt-get update",
    "apt": "RUN apt-get install -y python3 python3-pip nodejs npm",
    "folder": "WORKDIR /app",
    "manifest": "",
    "copy": "COPY app/ /app/",
    "linked": "",
    "pip.conf": "COPY pip.conf /etc/pip.conf",
    "npmrc": "COPY npmrc /root/.npmrc",
    "pip": f"RUN pip install --break-system-packages {_PYTHON}",
    "npm": f"RUN {_NODE[0]} && {_NODE[1]}",
    "chown": "RUN chown -R 1000:1000 /app",
    "delete": "RUN rm -rf /app/.git /app/.env /root/.cache",
    "chmod": "RUN chmod -R a+rX /usr/lib/python3",
    "stage": "",
    "port": "EXPOSE 8000",
    "command": 'CMD ["python3", "app.py"]',
}

_STAGE = """FROM ${BASE}
ENV PYTHONDONTWRITEBYTECODE=1
COPY --from=0 /etc/dpkg/dpkg.cfg.d/ /etc/dpkg/dpkg.cfg.d/
RUN apt-get update \\
 && apt-get install --no-install-recommends -y python3 nodejs \\
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \\
 && rm -f /var/lib/dpkg/*-old /var/cache/debconf/*-old \\
 && find /var/log -type f -delete
COPY --from=0 /usr/local/ /usr/local/
WORKDIR /app
COPY --from=0 --chown=1000:1000 /app/ /app/"""
"""Python and Node, with what pip and npm have installed in the stage before."""


def write_app(folder: Path) -> None:
    """An application with its history, its secrets, and a file twice."""
    app = folder / "app"
    (app / ".git" / "objects").mkdir(parents=True)
    (app / "static").mkdir()
    content = random.Random(7)
    (app / ".git" / "objects" / "pack").write_bytes(content.randbytes(3_000_000))
    (app / "static" / "video.bin").write_bytes(content.randbytes(2_000_000))
    shutil.copyfile(app / "static" / "video.bin", app / "static" / "copy-of-video.bin")
    (app / ".env").write_text("API_TOKEN=not-a-real-token\n")
    (app / "app.py").write_text('print("hello")\n')


def _write_context(folder: Path) -> None:
    """The application; whom this machine trusts, and where it gets packages from."""
    write_app(folder)
    trusted = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile or ""
    (folder / "ca.crt").write_bytes(b"".join(_lines(Path(trusted))))
    for name, file in (("pip.conf", Path("/etc/pip.conf")), ("npmrc", Path.home() / ".npmrc")):
        kept = (line for line in _lines(file) if not any(word in line for word in _NOT_COPIED))
        (folder / name).write_bytes(b"".join(kept))


def _lines(file: Path) -> list[bytes]:
    return file.read_bytes().splitlines(keepends=True) if file.is_file() else []


def _move_to_development(builder: Builder) -> None:
    """Writes the image's manifest and lock file, with the tools among its `devDependencies`."""
    moved = f"cd /app && npm install --package-lock-only --save-dev {_DEVELOPMENT} >/dev/null"
    for name in ("package.json", "package-lock.json"):
        text = builder.run(f"{moved} && cat {name}")
        json.loads(text)
        (builder.context / name).write_text(text)


_FIXES = (
    Fix(
        "apt-cache",
        "removed in the step that fetches them",
        {"update": nothing, "apt": said("RUN apt-get update")},
    ),
    Fix("npm-cache", "removed in the step of npm", {"npm": said("RUN npm init")}),
    Fix("apt-recommends", "`--no-install-recommends`", {"apt": said("RUN apt-get")}),
    Fix("documentation", "dpkg told to leave it out", {"excluded": said("RUN printf")}),
    Fix("dpkg-old", "removed in the step of APT", {"apt": said("RUN apt-get")}),
    Fix("logs", "removed in the step of APT", {"apt": said("RUN apt-get")}),
    Fix(
        "installed-tests",
        "removed in the steps that install them",
        {
            "apt": said("RUN apt-get", otherwise=unchanged),
            "pip": said("RUN pip install"),
            "npm": said("RUN npm init", otherwise=unchanged),
        },
    ),
    Fix("rewritten", "without the `chmod`", {"chmod": nothing}),
    Fix(
        "bytecode",
        "`PYTHONDONTWRITEBYTECODE`, and removed in the steps of APT and pip",
        {
            "environment": said("ENV PYTHONDONTWRITEBYTECODE"),
            "apt": said("RUN apt-get"),
            "pip": said("RUN pip install"),
        },
    ),
    Fix(
        "deleted-later",
        "lines of .dockerignore, without the `rm`",
        {"delete": nothing},
        ("**/.env", "**/.git"),
        below=b"app",
    ),
    Fix(
        "copied-for-metadata",
        "`COPY --chown`, and `chown` in the step of npm",
        {"copy": said("COPY", filled="app/"), "npm": said("RUN npm init"), "chown": nothing},
    ),
    Fix(
        "development-dependencies",
        "`npm ci --omit=dev`, tools among `devDependencies`",
        {
            "manifest": said("COPY package.json"),
            "npm": words(" && ".join(_NODE), "npm ci --omit=dev"),
        },
        prepared=_move_to_development,
    ),
    Fix(
        "duplicates",
        "a link in place of the copy",
        {"linked": written("RUN ln -s video.bin static/copy-of-video.bin")},
        ("app/static/copy-of-video.bin",),
        below=b"app/static",
    ),
    Fix(
        "static-libraries",
        "pip and npm in a stage of their own",
        {"stage": written(_STAGE)},
        also=("headers",),
    ),
)
"""What a fix leaves out may be in what another one is about, which then comes first: caches hold packages,
tests have bytecode, `chmod` copies bytecode, and `chown` what is deleted later.
"""

MISTAKES = Mistakes(_STEPS, _FIXES, _write_context)

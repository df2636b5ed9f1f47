"""The layers of an image in a seekable store: plain ones by their headers, packed ones side by side."""

import hashlib
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from ..analysis.model import Layer, Tell
from ..errors import DamagedError
from . import tar
from .compression import Codec
from .contents import Packed
from .digests import Seed
from .files import Slice
from .keeping import Keeping
from .layers import EntryBudget, ScannedTar, finish, require_tar, scan_chunks, scan_slice, what_is
from .manifest import LayerSpec
from .store import SeekableStore
from .streams import Chunks

_MAX_THREADS = 4


class KnownLayers(Protocol):
    """What is still known of packed layers that were read before."""

    def find(self, blob: Packed) -> ScannedTar | None:
        """What was read from these bytes; None if that is not known."""
        ...

    def keep(self, read: Sequence[tuple[Slice, ScannedTar]]) -> None:
        """Remember what was read, and from which bytes."""
        ...


@dataclass(slots=True)
class _Job:
    """One blob to read."""

    data: Slice
    spec: LayerSpec
    what: str
    codec: Codec
    seed: Seed
    keeping: Keeping | None
    tell: Tell
    scanned: ScannedTar | None = field(default=None)

    @property
    def source(self) -> Packed:
        """Where its tar can be had once more."""
        return Packed(self.data, self.codec, self.what)

    def recall(self, known: KnownLayers, budget: EntryBudget) -> None:
        """Take what is known of it, if the digest that it would be checked by is among that."""
        scanned = known.find(self.source)
        if scanned is not None and (scanned.blob_digest if self.spec.digest else scanned.tar_digest):
            self.scanned = scanned
            budget.spend(scanned)
            self.tell(self.data.size)


def read_layers(
    store: SeekableStore,
    specs: Sequence[LayerSpec],
    *,
    verify: bool,
    seed: Seed,
    tell: Callable[[int, int], None],
    stop: threading.Event,
    known: KnownLayers | None = None,
    keeping: Keeping | None = None,
) -> tuple[Layer, ...]:
    """All layers of an image in a seekable store.

    Plain layers are scanned by their headers; packed ones are unpacked side by side, the largest first.
    What passes through whole is checked by the digest of its blob, or its diff_id where the blob has
    none; `verify` reads everything and checks both. `tell` hears of a layer's index and bytes done, from
    several threads; of a layer that stands several times, of the first index. Of packed ones, what `keeping`
    wants is kept, as `layers.scan_chunks` says. Packed layers that are
    `known` are not read, unless to `verify` them; the others are known as soon as all turn out to be whole.
    """
    jobs: dict[str, _Job] = {}
    for number, spec in enumerate(specs):
        if spec.name in jobs:
            continue
        what = what_is(number, spec, store.label)
        data = store.blob(spec.name)
        if data is None:
            raise DamagedError(f"{what} is missing", "Is the archive complete?")
        codec = require_tar(data.read(0, tar.BLOCK), spec, what)
        jobs[spec.name] = _Job(data, spec, what, codec, seed, keeping, partial(tell, number))

    budget = EntryBudget(store.label)
    packed = [job for job in jobs.values() if job.codec is not Codec.PLAIN]
    if known is not None and not verify:
        for job in packed:
            job.recall(known, budget)
    new = sorted((job for job in packed if job.scanned is None), key=lambda job: -job.data.size)
    # Scanning headers is all Python: threads would only take turns.
    for job in jobs.values():
        if job.codec is Codec.PLAIN:
            job.scanned = scan_slice(job.data, job.what, seed, job.tell)
            budget.spend(job.scanned)
            if verify or not job.scanned.terminated:
                job.scanned.tar_digest = job.scanned.blob_digest = _sha256(job.data, job.tell, stop)
            else:
                job.tell(job.data.size)
    if new:
        _read_side_by_side(new, budget, verify=verify, stop=stop)
    layers = []
    for number, spec in enumerate(specs):
        scanned = jobs[spec.name].scanned
        assert scanned is not None
        layers.append(finish(number, spec, scanned, store.label))
    if known is not None:
        known.keep([(job.data, job.scanned) for job in new if job.scanned is not None])
    return tuple(layers)


def _read_side_by_side(jobs: list[_Job], budget: EntryBudget, *, verify: bool, stop: threading.Event) -> None:
    """Scan packed layers in as many threads as there are cores; the first error ends them all."""
    waiting = deque(jobs)
    errors: list[BaseException] = []

    def work() -> None:
        while waiting and not stop.is_set():
            try:
                job = waiting.popleft()
            except IndexError:
                return
            try:
                ahead = job.data.size > share
                job.scanned = _scan_packed(job, verify, ahead, _watched(job.data.chunks(), job.tell, stop))
                budget.spend(job.scanned)
            except BaseException as error:
                errors.append(error)
                stop.set()

    workers = min(os.cpu_count() or 1, _MAX_THREADS)
    # A layer that others would have to wait for is taken apart further: unpacked, hashed and scanned in
    # threads of its own. For the rest that would only move bytes from core to core.
    share = sum(job.data.size for job in jobs) // (workers + 1)
    threads = [
        threading.Thread(target=work, name=f"layers-{number}", daemon=True)
        for number in range(min(len(jobs), workers))
    ]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except BaseException:  # Ctrl-C: the threads see it at their next chunk
        stop.set()
        for thread in threads:
            thread.join()
        raise
    if errors:
        raise errors[0]


def _scan_packed(job: _Job, verify: bool, ahead: bool, chunks: Chunks) -> ScannedTar:
    scanned = scan_chunks(
        chunks,
        job.codec,
        job.what,
        ahead=ahead,
        hash_blob=verify or bool(job.spec.digest),
        hash_tar=verify or not job.spec.digest,
        seed=job.seed,
        source=job.source,
        keeping=job.keeping,
    )
    scanned.blob_size = job.data.size
    return scanned


class Stopped(Exception):  # noqa: N818 - not an error: the user's wish
    """Reading was ended from outside."""


def _watched(chunks: Chunks, tell: Tell, stop: threading.Event) -> Chunks:
    for chunk in chunks:
        if stop.is_set():
            raise Stopped
        tell(len(chunk))
        yield chunk


def _sha256(data: Slice, tell: Tell, stop: threading.Event) -> str:
    whole = hashlib.sha256()
    for chunk in _watched(data.chunks(), tell, stop):
        whole.update(chunk)
    return "sha256:" + whole.hexdigest()

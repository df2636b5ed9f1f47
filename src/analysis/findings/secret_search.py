"""Secrets in the files of an image: which files are read, how much of them, and what is found there."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from ...errors import SourceError
from ..model import LayerFigures
from ..paths import WHITEOUT, normalise
from .secret_files import SecretFile
from .secret_lookup import SecretFiles, is_example, is_of_package
from .secret_patterns import Secret, distinct, find_tokens
from .unpacking import allowed

MOST_OF_A_FILE = 256 * 1024
"""Bytes that are read of one file, from its beginning."""
MOST_OF_ALL = 8 * 1024 * 1024
"""Bytes that are read of all files together, the smaller ones first."""
FREE_FOR_LITTLE = 8 * 1024 * 1024
"""Bytes of a packed layer that is unpacked once more for files that hardly ever hold a secret."""


class Suspect(NamedTuple):
    """A file that may hold secrets, by its name."""

    path: bytes
    """Normalised, without a leading slash."""
    layer: int
    number: int
    """Its place in the layer."""
    size: int
    file: SecretFile

    @property
    def place(self) -> tuple[int, int]:
        """Layer and number: which of all stored files it is."""
        return self.layer, self.number

    @property
    def is_little(self) -> bool:
        """Whether it hardly ever holds a secret, or only one that is made up or a package's own."""
        return self.file.is_common or is_example(self.path) or is_of_package(self.path)


class Sighting(NamedTuple):
    """What is known of such a file."""

    suspect: Suspect
    secrets: tuple[Secret, ...] | None
    """What it holds; None if it was not read."""


def find_in_files(layers: Sequence[LayerFigures]) -> list[Sighting]:
    """Every file that holds a secret, and those not read whose names say that they do; by layer and place.

    What cannot be read, as it has gone by, is judged by its name; for other errors see `Contents.read`.
    """
    suspects = _suspects(layers)
    readable = _readable(layers, suspects)
    found: list[Sighting] = []
    for layer in layers:
        mine = [suspect for suspect in suspects if suspect.layer == layer.index]
        contents = _read(layer, [one.number for one in mine if one in readable])
        for suspect in mine:
            content = contents.get(suspect.number)
            if content is None:
                if suspect.file.tells and not suspect.is_little:
                    found.append(Sighting(suspect, None))
            elif secrets := _secrets(suspect.file, content):
                found.append(Sighting(suspect, secrets))
    return found


def _suspects(layers: Sequence[LayerFigures]) -> list[Suspect]:
    files = SecretFiles()
    names, beginnings, endings = files.names, files.beginnings, files.endings
    found = []
    for layer in layers:
        last, is_special = b"/", False
        for number, entry in enumerate(layer.layer.entries):
            if not entry.size:
                continue
            head, _, name = entry.name.rpartition(b"/")
            if head != last:
                last, is_special = head, head.rpartition(b"/")[2] in files.folders
            if is_special or name in names or name[-4:] in endings or name[:4] in beginnings:
                folder = normalise(head)
                one = files.of(folder, name)
                if one is not None and not name.startswith(WHITEOUT):
                    path = folder + b"/" + name if folder else name
                    found.append(Suspect(path, layer.index, number, entry.size, one))
    return found


def _readable(layers: Sequence[LayerFigures], suspects: Sequence[Suspect]) -> set[Suspect]:
    """What is read: all that is at hand, and of layers that have to be unpacked once more what is cheap.

    The cheapest first, as long as no more is passed than `unpacking.allowed`.
    """
    left = MOST_OF_ALL
    found: set[Suspect] = set()
    packed: dict[int, list[Suspect]] = {}
    for suspect in sorted(suspects, key=lambda one: (one.is_little, one.size, one.layer, one.number)):
        left -= min(suspect.size, MOST_OF_A_FILE)
        if left < 0:
            break
        if layers[suspect.layer].layer.contents.is_at_hand(suspect.number):
            found.add(suspect)
        else:
            packed.setdefault(suspect.layer, []).append(suspect)
    costs = {
        index: layers[index].layer.contents.cost([one.number for one in ours])
        for index, ours in packed.items()
    }
    room = allowed(layers)
    for index in sorted(costs, key=lambda index: (costs[index], index)):
        ours, cost = packed[index], costs[index]
        if cost > (FREE_FOR_LITTLE if all(one.is_little for one in ours) else room):
            continue
        room -= cost
        if cost:  # else they have gone by
            found.update(ours)
    return found


def _read(layer: LayerFigures, numbers: Sequence[int]) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    if numbers:
        try:
            for number, chunks in layer.layer.contents.read(numbers):
                found[number] = _beginning(chunks)
        except SourceError:
            pass
    return found


def _beginning(chunks: Iterator[bytes]) -> bytes:
    content = b""
    for chunk in chunks:
        content += chunk[: MOST_OF_A_FILE - len(content)]
        if len(content) == MOST_OF_A_FILE:
            break
    return content


def _secrets(file: SecretFile, content: bytes) -> tuple[Secret, ...]:
    text = content.decode("latin-1")
    return distinct(chain(find_tokens(text), file.look(text)))

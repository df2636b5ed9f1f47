"""Groups of live files with the same content."""

from collections import Counter
from dataclasses import dataclass, field

from layerscope.analysis.analyze import analyze
from layerscope.analysis.duplicates import find_groups
from layerscope.analysis.model import Image, Layer

from tests.models import Unread, image, layer


def groups(*layers: Layer) -> list[tuple[int, list[tuple[bytes, int]]]]:
    """(size, [(path, layer)]) of each group."""
    analysis = analyze(image(*layers))
    return [
        (group.size, [(file.path, file.inode.layer) for file in group.files])
        for group in find_groups(analysis.union.root, analysis.contents)
    ]


def test_a_group_is_one_content_at_several_paths() -> None:
    layers = layer("a:10", "b:10#other", "d/c:10", "e:5", "f:5"), layer("g:10")
    assert groups(*layers) == [(10, [(b"a", 0), (b"d/c", 0), (b"g", 1)]), (5, [(b"e", 0), (b"f", 0)])]


def test_hard_links_are_one_file_with_its_first_name() -> None:
    assert groups(layer("z:10", "b => z", "c:10")) == [(10, [(b"b", 0), (b"c", 0)])]
    assert groups(layer("a:10", "b => a")) == []


def test_what_is_out_of_reach_or_empty_is_in_no_group() -> None:
    assert groups(layer("a:10", "b:10", "c", "d"), layer(".wh.a")) == []


@dataclass(frozen=True)
class Counting(Unread):
    """Contents that are all the same, and count how often they are asked for."""

    asked: Counter[int] = field(default_factory=Counter)

    def digest(self, number: int) -> bytes:
        self.asked[number] += 1
        return b"same"


def counted(of: Layer) -> tuple[Image, Counter[int]]:
    contents = Counting()
    return image(
        Layer(of.name, of.diff_id, of.digest, of.media_type, of.compressed_bytes, of.entries, contents)
    ), contents.asked


def test_only_files_that_share_their_size_with_another_file_are_read_and_once() -> None:
    one, asked = counted(layer("a:10", "b:10", "alone:7", "linked:9", "link => linked"))
    analysis = analyze(one)
    assert analysis.duplicate_bytes == 10
    assert len(list(find_groups(analysis.union.root, analysis.contents))) == 1
    assert asked == {0: 1, 1: 1}

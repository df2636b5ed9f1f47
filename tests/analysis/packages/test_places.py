"""Where the paths of a database lead in the tree."""

import pytest
from layerscope.analysis.packages import places
from layerscope.analysis.packages.places import Places
from layerscope.analysis.tree import Node, walk
from layerscope.errors import LimitError

from tests.analysis.packages.trees import Content, analysis


def tree(**more: Content) -> tuple[Places, dict[Node, str]]:
    files: dict[str, Content] = {"bin": "usr/bin", "usr/bin/sh": b"1", "usr/lib/x/y": b"1", "etc/mtab": "x"}
    files |= {"loop": "loop", "one": "two", "two": "one", "up": "../../..", "abs": "/usr/lib/x"}
    files |= {"usr/back": "..", "usr/lib/up": "../bin", "broken": "nowhere", **more}
    root = analysis(files).union.root
    return Places(root), {node: path.decode() for path, node in walk(root)}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/usr/bin/sh", "usr/bin/sh"),
        ("usr//bin/./sh", "usr/bin/sh"),
        ("/bin/sh", "usr/bin/sh"),
        ("/bin", "bin"),
        ("/usr/bin/", "usr/bin"),
        ("/abs/y", "usr/lib/x/y"),
        ("/usr/lib/up/sh", "usr/bin/sh"),
        ("/usr/back/usr/back/bin/sh", "usr/bin/sh"),
        ("/up/up/../usr/bin/sh", "usr/bin/sh"),
        ("/abs/../../bin/sh", "usr/bin/sh"),
        ("/etc/mtab", "etc/mtab"),
        ("/etc/mtab/x", None),
        ("/usr/bin/sh/x", None),
        ("/loop/x", None),
        ("/one/x", None),
        ("/broken/x", None),
        ("/nothing", None),
        ("/" + "a/" * 3000, None),
    ],
)
def test_links_of_directories_are_followed_inside_the_root(path: str, found: str | None) -> None:
    tree_, names = tree()
    for _ in range(2):  # the second time from memory
        node = tree_.find(path.encode())
        assert (names[node] if node is not None else None) == found


@pytest.mark.parametrize("path", ["", "/", "..", "/..", "a/.."])
def test_the_root_is_no_file(path: str) -> None:
    tree_, _ = tree()
    assert tree_.find(path.encode()) is None


def test_there_is_an_end_to_what_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MAX_FILES", 3)
    tree_, _ = tree()
    for _ in range(3):
        tree_.find(b"usr/bin/sh")
    with pytest.raises(LimitError):
        tree_.find(b"usr/bin/sh")


def test_there_is_an_end_to_links_that_lead_through_many_directories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MAX_STEPS", 100_000)
    tree_, _ = tree(long="/".join(["usr/.."] * 500) + "/usr")
    for number in range(90):
        assert tree_.find(f"long/{number}/x".encode()) is None
    with pytest.raises(LimitError):
        assert [tree_.find(f"long/{number}/x".encode()) for number in range(90)]


def test_all_files_below_a_directory() -> None:
    tree_, names = tree()
    usr = tree_.directory(b"/usr")
    assert usr is not None
    assert {names[node] for node in tree_.files(usr)} == {
        "usr/bin/sh",
        "usr/lib/x/y",
        "usr/back",
        "usr/lib/up",
    }

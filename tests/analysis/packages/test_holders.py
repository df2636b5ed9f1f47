"""Who holds the live bytes, layer by layer and file by file."""

from hypothesis import given
from hypothesis import strategies as st
from layerscope.analysis.packages.holders import MOST_FILES, HeldFile, Holder, Part, holders
from layerscope.analysis.packages.listing import list_packages

from tests.analysis.packages.trees import Content, Files, HardLink, Huge, analysis, checked

APK = "lib/apk/db/installed"


def held(*layers: Files) -> dict[str, Holder]:
    """By name of the package, or by directory."""
    analysed = analysis(*layers)
    found = holders(analysed, checked(analysed))
    assert sum(one.size for one in found) == analysed.totals.live
    for index, layer in enumerate(analysed.layers):
        stored = (part.size for one in found for part in one.parts if part.layer == index)
        assert sum(stored) == layer.figures.live
    return {_name(one): one for one in found}


def _name(holder: Holder) -> str:
    if holder.package is not None:
        return holder.package.name
    assert holder.directory is not None
    return f"/{holder.directory.path.decode()}"


def test_packages_come_before_the_directories_of_what_nobody_owns() -> None:
    tree: dict[str, Content] = {APK: b"P:a\nF:usr\nR:x\n", "usr/x": b"12", "opt/y": b"1" * 99}
    assert list(held(tree)) == ["a", "/opt", "/lib/apk/db"]


def test_what_each_layer_stores_of_a_package() -> None:
    tree: dict[str, Content] = {APK: b"P:a\nF:usr\nR:x\nR:y\nR:empty\n", "usr/x": b"12", "usr/y": b"1"}
    one = held(tree, {"usr/x": b"12345"}, {"usr/empty": b""})["a"]
    assert one.parts == (Part(0, 1, 1), Part(1, 5, 1), Part(2, 0, 1))
    assert (one.size, one.files, one.layer, one.is_in_several) == (6, 3, 1, True)


def test_of_layers_that_store_as_much_the_highest_has_most() -> None:
    tree: dict[str, Content] = {APK: b"P:a\nF:usr\nR:x\nR:y\n", "usr/x": b"12"}
    assert held(tree, {"usr/y": b"12"})["a"].layer == 1


def test_its_largest_files_stand_first_and_empty_ones_not_at_all() -> None:
    tree: dict[str, Content] = {APK: b"P:a\nF:usr\nR:x\nR:y\nR:z\nR:empty\nR:link\n"}
    tree |= {"usr/x": b"1", "usr/z": b"12", "usr/y": b"12", "usr/empty": b"", "usr/link": "x"}
    one = held(tree)["a"]
    assert one.largest == (HeldFile(b"usr/y", 2, 0), HeldFile(b"usr/z", 2, 0), HeldFile(b"usr/x", 1, 0))
    assert one.files == 5


def test_of_many_files_the_largest_are_kept() -> None:
    tree: dict[str, Content] = {f"opt/{number}": Huge(number) for number in range(100)}
    assert [one.size for one in held(tree)["/opt"].largest] == list(range(99, 99 - MOST_FILES, -1))


def test_a_package_of_which_nothing_is_left_has_no_layer() -> None:
    tree: dict[str, Content] = {APK: b"P:a\nI:100\nF:usr\nR:x\n"}
    one = held(tree)["a"]
    assert (one.parts, one.largest, one.layer, one.is_in_several) == ((), (), None, False)


def test_a_file_lies_in_the_nearest_directory_that_is_listed() -> None:
    tree: dict[str, Content] = {"a/b/large": Huge(500), "a/c/large": Huge(400), "a/d/small": Huge(5)}
    found = held(tree, {"a/e": Huge(60), "other": Huge(1)})
    assert {name: [file.path for file in one.largest] for name, one in found.items()} == {
        "/a/b": [b"a/b/large"],
        "/a/c": [b"a/c/large"],
        "/a": [b"a/e", b"a/d/small"],
        "/": [b"other"],
    }
    assert found["/a"].parts == (Part(0, 5, 1), Part(1, 60, 1))


def test_empty_files_of_nobody_are_in_no_directory() -> None:
    assert held({"empty": b"", "opt/x": b"1"})["/opt"].files == 1


def test_a_file_with_several_names_is_one_file() -> None:
    tree: dict[str, Content] = {APK: b"P:a\nF:usr\nR:x\nR:z\n", "usr/x": b"123", "usr/z": HardLink("usr/x")}
    tree |= {"opt/n": HardLink("usr/x"), "b/one": b"12", "a/two": HardLink("b/one")}
    found = held(tree)
    assert found["a"].largest == (HeldFile(b"usr/x", 3, 0),)
    assert found["a"].files == 2
    assert HeldFile(b"a/two", 2, 0) in found["/a"].largest


PLACES = st.sampled_from(["usr/a", "usr/b", "usr/c/d", "opt/e", "f", "usr/c/g"])


@given(
    st.lists(st.dictionaries(PLACES, st.integers(0, 2000).map(Huge), max_size=6), min_size=1, max_size=3),
    st.lists(PLACES, unique=True),
)
def test_everything_adds_up(layers: list[dict[str, Content]], owned: list[str]) -> None:
    lines = "".join(f"F:{path.rpartition('/')[0]}\nR:{path.rpartition('/')[2]}\n" for path in owned)
    layers[-1][APK] = f"P:a\n{lines}".encode()
    analysed = analysis(*layers)
    packages = list_packages(analysed)
    for one, same in zip(holders(analysed, packages), packages.packages, strict=False):
        assert (one.size, one.files) == (same.size, same.files)
        assert sum(part.files for part in one.parts) == one.files
        assert tuple((part.layer, part.size) for part in one.parts if part.size) == same.by_layer
        assert one.layer == same.layer or not one.size
    held(*layers)

"""Names to bytes: members of an archive, files of a directory, and the links among them."""

from pathlib import Path

import pytest
from layerscope.errors import DamagedError, LayerscopeError, LimitError, SourceError, UnsupportedError
from layerscope.loader import limits
from layerscope.loader.store import DirectoryStore, clean, link_target

from tests.images import write_layout
from tests.loader.sources import archive_store, members
from tests.tars import directory, file, hardlink, layer, sparse, symlink


def document(path: Path, data: bytes, name: str) -> bytes | None:
    with archive_store(path, data) as store:
        return store.document(name)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "image.tar"


# Names ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("a/b", "a/b"), ("./a//b/", "a/b"), ("/a/b", "a/b"), ("//a", "a"), ("a/../b", "b"),
        ("../../etc/passwd", "etc/passwd"), ("..", ""), (".", ""), ("", ""), ("/", ""),
    ],
)  # fmt: skip
def test_a_name_is_normalised_and_cannot_lead_out(name: str, cleaned: str) -> None:
    assert clean(name) == cleaned


@pytest.mark.parametrize(
    ("name", "link", "target"),
    [
        ("b/layer.tar", "../a/layer.tar", "a/layer.tar"),
        ("b", "a", "a"),
        ("x/b", "/a", "a"),
        ("x/b", "../../../a", "a"),
        ("b", "", ""),
    ],
)
def test_a_link_leads_from_where_it_stands(name: str, link: str, target: str) -> None:
    assert link_target(name, link) == target


# Archives -------------------------------------------------------------------------------------------------


def test_a_member_is_found_under_any_spelling_of_its_name(path: Path) -> None:
    data = members({"./dir//manifest.json": b"[]"})
    for name in ("dir/manifest.json", "/dir/manifest.json", "dir/./manifest.json", "x/../dir/manifest.json"):
        assert document(path, data, name) == b"[]"
    assert document(path, data, "manifest.json") is None


def test_links_are_followed_wherever_they_stand(path: Path) -> None:
    data = layer(
        symlink("one/layer.tar", "../two/layer.tar"),
        symlink("two/layer.tar", "../three/layer.tar"),
        hardlink("three/layer.tar", "four/layer.tar"),
        file("four/layer.tar", b"content"),
        symlink("absolute", "/four/layer.tar"),
        symlink("nowhere", "/etc/passwd"),
    )
    with archive_store(path, data) as store:
        for name in ("one/layer.tar", "two/layer.tar", "three/layer.tar", "absolute"):
            assert store.document(name) == b"content"
        assert store.document("nowhere") is None
        assert {"one/layer.tar", "four/layer.tar", "nowhere"} <= set(store.names())


def test_a_link_that_leads_back_to_itself_is_damage(path: Path) -> None:
    data = members({"a": "b", "b": "a", "self": "self"})
    for name in ("a", "b", "self"):
        with pytest.raises(DamagedError) as caught:
            document(path, data, name)
        assert caught.value.message == f"{name} in {path} is a link that leads back to itself"


def test_a_chain_of_links_is_followed_up_to_a_bound(path: Path) -> None:
    links: dict[str, bytes | str] = {f"l{number}": f"l{number + 1}" for number in range(limits.MAX_LINKS)}
    data = members({**links, f"l{limits.MAX_LINKS}": b"end"})
    assert document(path, data, "l1") == b"end"
    with pytest.raises(DamagedError):
        document(path, data, "l0")


def test_of_several_members_with_one_name_the_last_counts(path: Path) -> None:
    assert document(path, layer(file("a", b"1"), file("./a", b"2")), "a") == b"2"
    assert document(path, layer(file("a", b"1"), file("b", b"2"), symlink("a", "b")), "a") == b"2"
    assert document(path, layer(file("b", b"2"), symlink("a", "b"), file("a", b"1")), "a") == b"1"


def test_directories_are_no_documents(path: Path) -> None:
    assert document(path, layer(directory("manifest.json")), "manifest.json") is None


def test_an_archive_without_an_end_marker_is_cut_off(path: Path) -> None:
    for name in ("manifest.json", "blobs/sha256/abc", "1/layer.tar"):
        with pytest.raises(DamagedError) as caught:
            document(path, layer(file(name, b"1"), end=b""), name)
        assert caught.value.message == f"{path} is cut off: the end marker of the archive is missing"


def test_a_tar_of_anything_else_needs_no_end_marker_to_be_no_image(path: Path) -> None:
    assert document(path, layer(file("README.md", b"1"), end=b""), "README.md") == b"1"


def test_a_member_stored_as_a_sparse_file_is_refused(path: Path) -> None:
    with pytest.raises(UnsupportedError) as caught:
        document(path, layer(sparse("layer.tar", 5000, [(0, b"x" * 512)])), "layer.tar")
    assert caught.value.message == f"{path} holds layer.tar as a sparse file"


def test_a_document_larger_than_any_manifest_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_JSON", 1000)
    data = members({"good": b" " * 1000, "large": b" " * 1001})
    assert document(path, data, "good") == b" " * 1000
    with pytest.raises(LimitError) as caught:
        document(path, data, "large")
    assert caught.value.message == f"large in {path} has 1001 bytes: too many for a manifest or config"


# Directories ----------------------------------------------------------------------------------------------


def test_files_of_a_directory_are_found_by_name(tmp_path: Path) -> None:
    store = DirectoryStore(write_layout(tmp_path, {"index.json": b"{}", "blobs/sha256/abc": b"blob"}))
    assert set(store.names()) == {"index.json", "blobs"}
    assert store.document("index.json") == b"{}"
    blob = store.blob("blobs/./sha256/abc")
    assert blob is not None
    assert blob.read(0, 100) == b"blob"
    assert store.blob("blobs/sha256/abc") is blob
    assert store.document("nothing") is None
    assert store.blob("nothing") is store.blob("blobs") is None
    assert store.blob("index.json/below") is None
    store.close()


def test_a_link_within_a_directory_is_followed(tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {"a/layer.tar": "../b/layer.tar", "b/layer.tar": b"content"}
    store = DirectoryStore(write_layout(tmp_path, files))
    assert store.document("a/layer.tar") == b"content"


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "sub/../../outside"])
def test_a_link_out_of_a_directory_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "outside").write_bytes(b"secret")
    root = write_layout(tmp_path / "layout", {"config": target, "sub/x": b""})
    store = DirectoryStore(root)
    for read in (store.document, store.blob):
        with pytest.raises(LayerscopeError) as caught:
            read("config")
        assert caught.value.message == f"{root}/config is a link that leads out of {root}"


def test_a_name_with_dots_does_not_lead_out_of_a_directory(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"secret")
    (tmp_path / "layout").mkdir()
    assert DirectoryStore(tmp_path / "layout").document("../outside") is None


def test_a_directory_that_is_itself_reached_by_a_link_is_read(tmp_path: Path) -> None:
    write_layout(tmp_path / "real", {"index.json": b"{}"})
    (tmp_path / "link").symlink_to("real")
    assert DirectoryStore(tmp_path / "link").document("index.json") == b"{}"


@pytest.mark.parametrize("name", ["n" * 300, "a\0b", "\ud800", "loop"])
def test_a_name_no_file_can_have_is_no_crash(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(SourceError) as caught:
        DirectoryStore(tmp_path).document(name)
    assert caught.value.message.startswith(f"{name} in {tmp_path} cannot be read: ")


def test_more_documents_are_read_than_files_can_be_open(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    store = DirectoryStore(write_layout(tmp_path, {f"{number}.json": b"{}" for number in range(200)}))
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
    try:
        assert [store.document(f"{number}.json") for number in range(200)] == [b"{}"] * 200
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        DirectoryStore(tmp_path / "nothing")
    assert caught.value.message == f"{tmp_path}/nothing cannot be read: No such file or directory"

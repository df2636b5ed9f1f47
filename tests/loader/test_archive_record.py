"""What was kept of an archive that went by, as bytes and back."""

import json

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from layerscope.errors import DamagedError
from layerscope.loader import archive_record
from layerscope.loader.archive_record import ArchiveRecord, TarFacts, pack, unpack
from layerscope.loader.compression import Codec
from layerscope.loader.digests import RUN_SEED
from layerscope.loader.passing import Kept, PassingStore

from tests.images import Image, docker_archive, oci_archive
from tests.tars import file, layer

SHA = "sha256:" + "ab" * 32
IMAGE = Image([layer(file("a", b"abc")), layer(file("b", b"x"))])


def passed(data: bytes) -> Kept:
    return PassingStore.read(iter([data]), "test.tar", seed=RUN_SEED).kept


def packed(kept: Kept) -> bytes:
    data = pack(kept)
    assert data is not None
    return data


@pytest.mark.parametrize("style", ["legacy", "docker25", "podman", "kaniko", "plain"])
def test_all_but_the_tars_is_there_again(style: str) -> None:
    kept = passed(docker_archive(IMAGE, Image(IMAGE.layers[:1], tags=("x:1",)), style=style))  # type: ignore[arg-type]
    record = unpack(packed(kept))
    assert record is not None
    found = record.kept
    assert (found.documents, found.heads, found.links) == (kept.documents, kept.heads, kept.links)
    assert (found.tars, found.broken, found.refused) == ({}, {}, {})
    assert record.tars == {
        name: TarFacts(
            one.start, one.length, one.scanned.codec, one.scanned.blob_digest, one.scanned.tar_digest
        )
        for name, one in kept.tars.items()
    }


def test_of_packed_layers_both_digests_are_there() -> None:
    record = unpack(packed(passed(oci_archive(IMAGE, compression="zstd-packed"))))
    assert record is not None
    for name, facts in record.tars.items():
        assert facts.codec is Codec.ZSTD
        assert name == "blobs/" + facts.blob_digest.replace(":", "/")
        assert facts.tar_digest != facts.blob_digest


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(st.text(max_size=20), st.binary(max_size=50), max_size=3),
    st.dictionaries(st.binary(max_size=9), st.binary(max_size=9), max_size=3),
)
def test_names_and_documents_of_any_bytes(documents: dict[str, bytes], links: dict[bytes, bytes]) -> None:
    targets = {
        name.decode("utf-8", "surrogateescape"): link.decode("utf-8", "surrogateescape")
        for name, link in links.items()
    }
    kept = Kept(documents, {name: content[:10] for name, content in documents.items()}, targets)
    assert unpack(packed(kept)) == ArchiveRecord(kept, {})


def test_an_archive_with_broken_or_large_members_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pack(Kept(broken={"a": DamagedError("a is damaged")})) is None
    assert pack(Kept(refused={"a": DamagedError("a is too large")})) is None
    monkeypatch.setattr(archive_record, "MAX_BYTES", 1000)
    assert pack(Kept({"a": b"x" * 500})) is not None
    assert pack(Kept({"a": b"x" * 1001})) is None
    assert pack(Kept({"a": b"\xff" * 900})) is None  # too large as JSON


def test_a_damaged_record_is_none_or_one_with_everything_in_its_place() -> None:
    whole = packed(passed(docker_archive(Image(IMAGE.layers[:1]), style="plain")))
    for end in range(len(whole)):
        assert unpack(whole[:end]) is None
    assert unpack(whole + b"\0") is None
    text = zstandard.ZstdDecompressor().decompressobj().decompress(whole)
    for at in range(len(text)):
        for value in b'0"[{,':
            found = unpack(zstandard.compress(text[:at] + bytes([value]) + text[at + 1 :]))
            if found is not None:
                assert all(isinstance(one, bytes) for one in found.kept.documents.values())
                assert all(isinstance(one, TarFacts) for one in found.tars.values())


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        [{}, {}, {}],
        [{}, {}, {}, []],
        [{}, {}, {}, {}, {}],
        [{"a": 1}, {}, {}, {}],
        [{"a": "\u1234"}, {}, {}, {}],
        [{}, {"a": "x" * 11}, {}, {}],
        [{}, {}, {"a": None}, {}],
        [{}, {}, {}, {"a": []}],
        [{}, {}, {}, {"a": [0, 0, "plain", SHA]}],
        [{}, {}, {}, {"a": [0, 0, "rar", SHA, SHA]}],
        [{}, {}, {}, {"a": [-1, 0, "plain", SHA, SHA]}],
        [{}, {}, {}, {"a": [0, True, "plain", SHA, SHA]}],
        [{}, {}, {}, {"a": [0, 0, "plain", SHA, "sha256:../../x"]}],
        [{}, {}, {}, {"a": [0, 0, "plain", None, SHA]}],
    ],
)
def test_json_that_is_no_record(value: object) -> None:
    assert unpack(zstandard.compress(json.dumps(value).encode())) is None


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_no_record(data: bytes) -> None:
    assert unpack(data) is None
    assert unpack(zstandard.compress(data)) is None


def test_a_bomb_is_not_unpacked() -> None:
    assert unpack(zstandard.compress(b" " * (100 << 20))) is None

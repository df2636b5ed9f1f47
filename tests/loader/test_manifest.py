"""Which image is meant, of several in an archive or of several platforms, and what it is made of."""

import json
from pathlib import Path

import pytest
from layerscope.errors import (
    ChoiceError,
    DamagedError,
    LayerscopeError,
    LimitError,
    NotAnImageError,
    UnsupportedError,
)
from layerscope.loader import limits
from layerscope.loader.manifest import Recipe, fits, platform_name, resolve

from tests.images import (
    INDEX_TYPE,
    MANIFEST_TYPE,
    Files,
    Image,
    Json,
    add_artifact,
    add_attestation,
    add_blob,
    add_cosign,
    add_image,
    add_index,
    add_json,
    add_layout,
    annotated,
    archive,
    blob_path,
    compress,
    config_of,
    digest,
    docker_files,
    file,
    layer,
    oci_files,
    step,
    to_json,
)
from tests.loader.sources import archive_store

A, B = layer(file("a", b"abc")), layer(file("b", b"12345"))
ONE = Image([A], tags=("app:1", "app:latest"))
TWO = Image([A, B], tags=("other:1",))
THREE = Image([B], tags=())
AMD, ARM, ARMV7 = (
    Image([layer(file(name, b"x"))], platform=name)
    for name in ("linux/amd64", "linux/arm64/v8", "linux/arm/v7")
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "image.tar"


@pytest.fixture(autouse=True)
def _on_amd64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")


def recipe(path: Path, files: Files, image: str | None = None, platform: str | None = None) -> Recipe:
    with archive_store(path, archive(files)) as store:
        return resolve(store, image, platform)


def refusal(
    path: Path, files: Files, image: str | None = None, platform: str | None = None
) -> LayerscopeError:
    with pytest.raises(LayerscopeError) as caught:
        recipe(path, files, image, platform)
    assert str(path) in caught.value.message
    return caught.value


# What an image is made of ---------------------------------------------------------------------------------


def test_a_docker_image_is_described_by_its_config_and_named_by_its_digest(path: Path) -> None:
    image = Image(
        [A, B],
        tags=("app:1", "app:latest"),
        platform="linux/arm64/v8",
        history=[step("ADD a", author="me", comment="buildkit"), step("ENV X=1", empty=True)],
        config={"Env": ["A=1"]},
    )
    files = docker_files(image, style="plain")
    found = recipe(path, files)
    assert found.id == digest(to_json(config_of(image)))
    assert (found.tags, found.platform, found.created) == (
        ("app:1", "app:latest"),
        "linux/arm64/v8",
        "2024-02-29T12:00:00Z",
    )
    assert found.config == {"Env": ["A=1"]}
    assert [(one.created_by, one.author, one.comment, one.empty_layer) for one in found.history] == [
        ("ADD a", "me", "buildkit", False),
        ("ENV X=1", "", "", True),
    ]
    assert [tuple(one) for one in found.layers] == [
        (f"{digest(tar)[7:]}.tar", digest(tar), "", "", None, None) for tar in (A, B)
    ]


def test_docker_25_tells_media_types_and_sizes_of_layers(path: Path) -> None:
    (found,) = recipe(path, docker_files(ONE, style="docker25")).layers
    media_type = "application/vnd.oci.image.layer.v1.tar"
    assert found == (blob_path(digest(A)), digest(A), digest(A), media_type, len(A), None)


def test_an_oci_image_is_described_by_its_manifest_and_config(path: Path) -> None:
    found = recipe(path, oci_files(TWO))
    packed = [compress(tar, "gzip") for tar in (A, B)]
    media_type = "application/vnd.oci.image.layer.v1.tar+gzip"
    assert found.id == digest(to_json(config_of(TWO)))
    assert found.tags == ("other:1",)
    assert [tuple(one) for one in found.layers] == [
        (blob_path(digest(blob)), digest(tar), digest(blob), media_type, len(blob), len(blob))
        for blob, tar in zip(packed, (A, B), strict=True)
    ]


def test_fields_of_the_wrong_type_count_as_absent(path: Path) -> None:
    odd: Json = {
        "created": 5,
        "config": [1],
        "history": [None, {"created_by": 7, "empty_layer": "yes"}],
        "os": {},
    }
    found = recipe(path, docker_files(Image([A], overrides=odd), style="plain"))
    assert (found.created, found.config, found.platform) == ("", {}, "amd64")
    assert [one.created_by for one in found.history] == ["", ""]
    assert [one.empty_layer for one in found.history] == [False, False]


# One of several -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("files", [docker_files(ONE, TWO), oci_files(ONE, TWO)], ids=["docker", "oci"])
@pytest.mark.parametrize(("image", "layers"), [("app:1", 1), ("other:1", 2), ("0", 1), ("1", 2)])
def test_an_image_is_chosen_by_tag_or_number(path: Path, files: Files, image: str, layers: int) -> None:
    assert len(recipe(path, files, image).layers) == layers


def test_a_name_alone_means_its_latest_tag(path: Path) -> None:
    assert recipe(path, docker_files(TWO, ONE), "app").tags == ("app:1", "app:latest")
    assert refusal(path, docker_files(TWO, ONE), "other").message == f"{path} holds no image other"


def test_a_tag_wins_over_a_number(path: Path) -> None:
    files = docker_files(ONE, Image([A, B], tags=("0",)))
    assert len(recipe(path, files, "0").layers) == 2


@pytest.mark.parametrize("style", ["docker", "oci"])
def test_several_images_are_listed_where_none_was_chosen(path: Path, style: str) -> None:
    files = docker_files(ONE, TWO, THREE) if style == "docker" else oci_files(ONE, TWO, THREE)
    error = refusal(path, files)
    assert isinstance(error, ChoiceError)
    assert error.message == f"{path} holds 3 images"
    if style == "docker":
        tags, nameless = "app:1, app:latest", "(no tag)"
    else:
        tags, nameless = "app:1", json.loads(files["index.json"])["manifests"][2]["digest"]
    assert error.hint == "Choose one with --image TAG or --image NUMBER:"
    assert error.choices == (f"0  {tags}", "1  other:1", f"2  {nameless}")


@pytest.mark.parametrize("image", ["3", "-1", "app:2", "", "٣", "9" * 5000, "1.0"])
def test_a_choice_that_is_not_there_is_answered_with_the_list(path: Path, image: str) -> None:
    error = refusal(path, docker_files(ONE, TWO, THREE), image)
    assert isinstance(error, ChoiceError)
    assert error.message == f"{path} holds no image {image}"
    assert error.hint == "--image takes one of these tags or numbers:"
    assert error.choices == ("0  app:1, app:latest", "1  other:1", "2  (no tag)")


def test_a_tag_that_two_images_have_chooses_none(path: Path) -> None:
    error = refusal(path, docker_files(ONE, Image([B], tags=("app:1",))), "app:1")
    assert error.message == f"{path} holds several images app:1"


def test_a_long_list_is_cut(path: Path) -> None:
    images = [Image([A], tags=(f"app:{number}",), config={"N": number}) for number in range(60)]
    choices = refusal(path, docker_files(*images, style="plain")).choices
    assert len(choices) == 51
    assert choices[-2:] == ("49  app:49", "… and 10 more")


def test_of_images_built_on_each_other_the_base_is_meant_and_the_others_are_told_of(path: Path) -> None:
    files = docker_files(ONE, TWO, style="plain")
    parent, child = json.loads(files["manifest.json"])
    child["Parent"] = f"sha256:{parent['Config'].removesuffix('.json')}"
    files["manifest.json"] = to_json([parent, child])
    base = recipe(path, files)
    assert base.tags == ("app:1", "app:latest")
    assert base.notes == (f"{path} also holds other:1, built on this image; --image chooses",)
    named = recipe(path, files, "other:1")
    assert (named.tags, named.notes) == (("other:1",), ())


def test_several_tags_of_one_digest_are_one_image(path: Path) -> None:
    files: Files = {}
    one = add_image(files, ONE)
    add_layout(files, [annotated(one, "app:1"), annotated(one, "app:2")])
    assert recipe(path, files).tags == ("app:1", "app:2")
    assert recipe(path, files, "app:2").tags == ("app:1", "app:2")


def test_containerds_name_wins_over_the_bare_tag(path: Path) -> None:
    files: Files = {}
    one = add_image(files, ONE)
    names = {"io.containerd.image.name": "docker.io/app:1", "org.opencontainers.image.ref.name": "1"}
    add_layout(files, [{**one, "annotations": names}])
    assert recipe(path, files).tags == ("docker.io/app:1",)


# Platforms ------------------------------------------------------------------------------------------------


def platforms(*images: Image, nested: bool = False, name: str = "") -> Files:
    files: Files = {}
    descriptors = [annotated(add_image(files, one, platform=True), "" if nested else name) for one in images]
    add_layout(files, [annotated(add_index(files, descriptors), name)] if nested else descriptors)
    return files


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize(
    ("platform", "found"),
    [
        ("linux/amd64", "linux/amd64"),
        ("linux/arm64", "linux/arm64/v8"),
        ("linux/arm64/v8", "linux/arm64/v8"),
        ("linux/arm", "linux/arm/v7"),
        ("linux/arm/v7", "linux/arm/v7"),
        (None, "linux/amd64"),
    ],
)
def test_a_platform_is_chosen_in_a_flat_and_in_a_nested_index(
    path: Path, nested: bool, platform: str | None, found: str
) -> None:
    assert (
        recipe(path, platforms(ARM, AMD, ARMV7, nested=nested, name="a:1"), None, platform).platform == found
    )


@pytest.mark.parametrize(
    ("machine", "images", "found"),
    [
        ("aarch64", [AMD, ARM], "linux/arm64/v8"),
        ("AMD64", [ARM, AMD], "linux/amd64"),
        ("riscv64", [ARM, AMD], "linux/amd64"),
        ("riscv64", [ARM], "linux/arm64/v8"),
        ("x86_64", [ARMV7], "linux/arm/v7"),
    ],
)
def test_without_a_choice_it_is_this_machine_then_amd64_then_the_only_one(
    path: Path, machine: str, images: list[Image], found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert recipe(path, platforms(*images, nested=True)).platform == found


def test_platforms_are_listed_where_none_fits(path: Path) -> None:
    error = refusal(path, platforms(ARM, ARMV7, nested=True))
    assert isinstance(error, ChoiceError)
    assert error.message == f"{path} holds several images, but none for linux/amd64"
    assert error.hint == "--platform takes one of these:"
    assert error.choices == ("linux/arm64/v8", "linux/arm/v7")
    error = refusal(path, platforms(ARM, ARMV7), None, "linux/s390x")
    assert error.message == f"{path} holds no image for linux/s390x"


def test_a_platform_that_a_docker_archive_does_not_have_is_refused(path: Path) -> None:
    assert recipe(path, docker_files(ONE), None, "linux/amd64").platform == "linux/amd64"
    error = refusal(path, docker_files(ONE), None, "linux/arm64")
    assert isinstance(error, ChoiceError)
    assert (error.message, error.hint) == (
        f"{path} holds no image for linux/arm64",
        "It has one for linux/amd64.",
    )


def test_platforms_that_no_descriptor_tells_are_read_from_the_configs(path: Path) -> None:
    files: Files = {}
    add_layout(files, [add_index(files, [add_image(files, one) for one in (AMD, ARM)])])
    assert recipe(path, files, None, "linux/arm64").platform == "linux/arm64/v8"


def test_a_missing_manifest_of_another_platform_does_not_matter(path: Path) -> None:
    files = platforms(AMD, ARM, nested=True)
    arm = next(
        name
        for name, content in files.items()
        if isinstance(content, bytes) and digest(to_json(config_of(ARM))).encode() in content
    )
    del files[arm]
    assert recipe(path, files).platform == "linux/amd64"
    error = refusal(path, files, None, "linux/arm64")
    assert error.message == f"the image manifest ({arm}) is missing from {path}"


@pytest.mark.parametrize(
    ("name", "wish", "answer"),
    [
        ("linux/amd64", "linux/amd64", True),
        ("linux/arm/v7", "linux/arm", True),
        ("linux/arm", "linux/arm/v7", False),
        ("linux/arm64", "linux/arm64/v8", True),
        ("linux/arm64/v8", "linux/arm64", True),
        ("linux/arm64", "linux/arm", False),
        ("linux/amd64", "linux", True),
        ("", "linux/amd64", False),
    ],
)
def test_a_wish_without_a_variant_takes_any(name: str, wish: str, answer: bool) -> None:
    assert fits(name, wish) is answer


def test_a_platform_is_named_by_what_there_is() -> None:
    assert platform_name({"os": "linux", "architecture": "arm", "variant": "v7"}) == "linux/arm/v7"
    assert platform_name({"architecture": "amd64"}) == "amd64"
    assert platform_name({"os": 5}) == ""


# What is no image -----------------------------------------------------------------------------------------


def test_attestations_signatures_and_artifacts_are_passed_over(path: Path) -> None:
    files: Files = {}
    one = add_image(files, ONE, platform=True)
    chart = add_blob(files, b"chart", "application/vnd.cncf.helm.chart.content.v1.tar+gzip")
    helm = add_json(files, {}, "application/vnd.cncf.helm.config.v1+json")
    add_layout(
        files,
        [
            add_attestation(files, one),
            add_cosign(files, one),
            add_artifact(files, [chart], artifactType="application/vnd.cncf.helm.config.v1+json"),
            add_artifact(files, [chart], helm),
            annotated(one, "app:1"),
            add_cosign(files, one, "att"),
        ],
    )
    assert recipe(path, files).tags == ("app:1",)


def test_only_artifacts_are_no_image(path: Path) -> None:
    files: Files = {}
    add_layout(files, [add_artifact(files, [add_blob(files, b"x", "text/plain")])])
    error = refusal(path, files)
    assert isinstance(error, NotAnImageError)
    assert error.message == f"index.json of {path} lists no image"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"etc/passwd": b""}, "{path} is no image: it has neither manifest.json nor index.json"),
        (
            {"repositories": b"{}", "abc/layer.tar": A},
            "{path} has no manifest.json: it was saved by a Docker older than 1.10",
        ),
        ({"abc/layer.tar": A}, "{path} has abc/layer.tar, but neither manifest.json nor index.json"),
        ({"manifest.json": b"[]"}, "manifest.json of {path} lists no image"),
        ({"index.json": b"{}"}, "index.json of {path} lists no image"),
        ({"index.json": b"5"}, "index.json of {path} lists no image"),
    ],
)
def test_what_lacks_its_documents_is_no_image(path: Path, files: Files, message: str) -> None:
    assert refusal(path, files).message == message.format(path=path)


def test_an_image_that_is_not_made_of_layers_is_not_supported(path: Path) -> None:
    odd = {"rootfs": {"type": "blocks", "diff_ids": [digest(A)]}}
    error = refusal(path, docker_files(Image([A], overrides=odd), style="plain"))
    assert isinstance(error, UnsupportedError)
    assert error.message == f"the image in {path} is made of 'blocks', not of layers"


# Damage and worse -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["", "garbage", "sha256:", "sha256:a/b", "sha256:\n" + 64 * "a"])
def test_a_diff_id_that_is_no_digest_is_damage(path: Path, bad: str) -> None:
    error = refusal(path, docker_files(Image([A], diff_ids=[bad]), style="plain"))
    assert isinstance(error, DamagedError)
    assert error.message == f"the config in {path} has the diff_id {bad!r}, which is no digest"


@pytest.mark.parametrize("style", ["docker", "oci"])
@pytest.mark.parametrize(
    ("diff_ids", "told"), [([], "no diff_ids"), ([digest(A)], "1 diff_id"), ([digest(A)] * 3, "3 diff_ids")]
)
def test_as_many_diff_ids_as_layers_are_needed(
    path: Path, style: str, diff_ids: list[str], told: str
) -> None:
    image = Image([A, B], diff_ids=diff_ids)
    error = refusal(path, docker_files(image) if style == "docker" else oci_files(image))
    assert isinstance(error, DamagedError)
    assert error.message == (
        f"the manifest of the image in {path} lists 2 layers, and its config has {told} in rootfs"
    )


@pytest.mark.parametrize(
    "raw",
    [b"", b'[{"Config":"a","L', b"\xff\xfe", b"[NaN]", b"[1e999]", b"[-Infinity]", b"9" * 5000, b"[" * 10**6],
    ids=["nothing", "cut", "no text", "NaN", "too large", "infinity", "digits", "nested"],
)  # fmt: skip
def test_a_document_that_is_no_json_is_damage(path: Path, raw: bytes) -> None:
    error = refusal(path, {"manifest.json": raw})
    assert isinstance(error, DamagedError)
    assert error.message == f"the list of images (manifest.json) in {path} is no valid JSON"


def test_a_document_that_nests_deeper_than_any_writer_could_follow_is_refused(path: Path) -> None:
    def nested(depth: int) -> Files:
        value: object = "deep"
        for _ in range(depth - 2):
            value = [value]
        return docker_files(Image([A], overrides={"config": {"Labels": value}}), style="plain")

    assert "Labels" in recipe(path, nested(limits.MAX_JSON_DEPTH)).config
    error = refusal(path, nested(limits.MAX_JSON_DEPTH + 1))
    assert isinstance(error, LimitError)
    assert error.message.endswith("nests more than 100 deep")


def test_a_document_that_is_not_what_its_name_says_is_damage(path: Path) -> None:
    files = docker_files(ONE, style="plain")
    name = next(name for name in files if len(name) == 69)
    files[name] = b'{"changed": true}'
    assert refusal(path, files).message == f"the config ({name}) in {path} does not match its digest"


@pytest.mark.parametrize(
    "bad", ["", "sha256:", "abc", "sha256:../../etc/passwd", "sha256:a/b", "SHA256:abc", "x" * 10**6, "a:b\n"]
)
def test_a_digest_that_is_none_is_damage(path: Path, bad: str) -> None:
    files: Files = {}
    add_layout(files, [{"mediaType": MANIFEST_TYPE, "digest": bad, "size": 1}])
    error = refusal(path, files)
    assert isinstance(error, DamagedError)
    assert error.message.endswith("which is no digest")
    assert len(error.message) < 700


def test_indexes_that_lead_to_each_other_come_to_an_end(path: Path) -> None:
    """SHA-256 forbids a loop; another algorithm, which is not checked, makes one possible."""
    loop = {"mediaType": INDEX_TYPE, "digest": "md5:loop", "size": 1}
    files: Files = {"blobs/md5/loop": to_json({"manifests": [loop, loop, loop]})}
    add_layout(files, [loop])
    assert refusal(path, files).message == f"index.json of {path} lists no image"
    chain: Files = {
        f"blobs/md5/{number}": to_json(
            {"manifests": [{"mediaType": INDEX_TYPE, "digest": f"md5:{number + 1}"}]}
        )
        for number in range(50)
    }
    add_layout(chain, [{"mediaType": INDEX_TYPE, "digest": "md5:0"}])
    error = refusal(path, chain)
    assert isinstance(error, LimitError)
    assert error.message == f"index.json of {path} leads through more than 8 indexes"


def test_indexes_that_share_what_is_below_them_are_not_walked_for_ever(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_MANIFESTS", 1000)
    files: Files = {}
    below = [add_image(files, Image([A], config={"N": number}), "none") for number in range(40)]
    shared = add_index(files, below)
    add_layout(
        files,
        [add_index(files, [shared, {**below[0], "annotations": {"n": number}}]) for number in range(40)],
    )
    error = refusal(path, files)
    assert isinstance(error, LimitError)
    assert error.message == f"index.json of {path} leads to more than 1000 manifests"

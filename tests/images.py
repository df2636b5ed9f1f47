"""Builds container images in memory, in every format there is, from tars made by `tests.tars`.

An `Image` is plain data. The builders give its files as a dict from path to bytes, in the order they stand in
the archive, and `archive` makes a tar of them: so a test that wants a damaged image changes the dict.

    one = Image([layer(file("a", b"x")), layer(whiteout("a"))])
    path.write_bytes(docker_archive(one))

    files = docker_files(one, style="podman")
    del files["manifest.json"]
    path.write_bytes(archive(files))

Digests and sizes are right unless asked otherwise, and all bytes are the same on every run and machine.
"""

import bz2
import gzip
import hashlib
import itertools
import json
import lzma
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import zstandard

from tests.tars import (
    BLOCK,
    END,
    Name,
    device,
    directory,
    fifo,
    file,
    hardlink,
    layer,
    member,
    opaque,
    pax_global_header,
    pax_header,
    sparse,
    symlink,
    whiteout,
)

__all__ = [
    "BLOCK",
    "END",
    "Compression",
    "Files",
    "Image",
    "Json",
    "Name",
    "Style",
    "add_artifact",
    "add_attestation",
    "add_blob",
    "add_cosign",
    "add_image",
    "add_index",
    "add_json",
    "add_layout",
    "annotated",
    "archive",
    "blob_path",
    "compress",
    "config_of",
    "device",
    "digest",
    "directory",
    "docker_archive",
    "docker_files",
    "fifo",
    "file",
    "hardlink",
    "layer",
    "member",
    "oci_archive",
    "oci_files",
    "opaque",
    "pax_global_header",
    "pax_header",
    "sparse",
    "step",
    "symlink",
    "to_json",
    "whiteout",
    "write_layout",
]

Json = dict[str, object]
Files = dict[str, bytes | str]
"""Path to content; a `str` is the target of a symbolic link."""

CREATED = "2024-02-29T12:00:00Z"
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar"
IN_TOTO_TYPE = "application/vnd.in-toto+json"


@dataclass(frozen=True)
class Image:
    """An image before it has a format."""

    layers: Sequence[bytes]
    """Uncompressed tars, base first."""
    tags: Sequence[str] = ("example:latest",)
    platform: str = "linux/amd64"
    """os/architecture[/variant]."""
    history: Sequence[Json] | None = None
    """None: one step for every layer; `[]`: the key is missing."""
    config: Mapping[str, object] = field(default_factory=dict)
    """The config's own `config` object."""
    overrides: Mapping[str, object] = field(default_factory=dict)
    """Top-level keys of the config file, over what else it would have: `{"rootfs": None}`."""
    diff_ids: Sequence[str] | None = None
    """None: the right ones."""


def step(created_by: str, *, empty: bool = False, **more: object) -> Json:
    """One entry of the history."""
    return {
        "created": CREATED,
        "created_by": created_by,
        **({"empty_layer": True} if empty else {}),
        **more,
    }


def config_of(of: Image) -> Json:
    """The image's config file (OCI image spec, config.md)."""
    system, architecture, *variant = of.platform.split("/")
    diff_ids = [digest(tar) for tar in of.layers] if of.diff_ids is None else list(of.diff_ids)
    history = of.history
    if history is None:
        history = [step(f"RUN step {number} # buildkit") for number in range(len(of.layers))]
    return {
        "created": CREATED,
        "architecture": architecture,
        "os": system,
        **({"variant": variant[0]} if variant else {}),
        "config": dict(of.config),
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        **({"history": list(history)} if history else {}),
        **of.overrides,
    }


def to_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def blob_path(of: str) -> str:
    """Where the blob of this digest stands in an OCI layout."""
    return "blobs/" + of.replace(":", "/")


Compression = Literal["none", "gzip", "zstd", "gzip-members", "gzip-packed", "zstd-packed", "xz", "bzip2"]


def compress(data: bytes, how: Compression) -> bytes:
    """Compressed data.

    `gzip` and `zstd` are our own, so that their bytes depend on no library's version: they pack runs of one
    byte, or nothing. `gzip-members` are two gzip members, one after the other. The others are a library's.
    """
    match how:
        case "none":
            return data
        case "gzip":
            return _plain_gzip(data)
        case "gzip-members":
            return _plain_gzip(data[: len(data) // 2]) + _plain_gzip(data[len(data) // 2 :])
        case "gzip-packed":
            return gzip.compress(data, mtime=0)
        case "zstd":
            return _plain_zstd(data)
        case "zstd-packed":
            return zstandard.ZstdCompressor().compress(data)
        case "xz":
            return lzma.compress(data)
        case "bzip2":
            return bz2.compress(data)


def _plain_gzip(data: bytes) -> bytes:
    """RFC 1952 around `_deflate`."""
    head = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    tail = zlib.crc32(data).to_bytes(4, "little") + (len(data) % 2**32).to_bytes(4, "little")
    return head + _deflate(data) + tail


def _deflate(data: bytes) -> bytes:
    """RFC 1951: one block of fixed codes, with no match but of the byte before (distance 1)."""
    bits = ["1", "10"]
    for byte, run in itertools.groupby(data):
        literal = f"{byte + 0x30:08b}" if byte < 144 else f"{byte - 144 + 0x190:09b}"
        whole, rest = divmod(len(list(run)) - 1, 258)
        bits += [literal, *["1100010100000"] * whole]
        while rest > 2:
            length = min(rest, 10)  # up to 10, a length's code has no extra bits
            bits.append(f"{length - 2:07b}00000")
            rest -= length
        bits += [literal] * rest
    stream = "".join([*bits, "0000000"])
    return int(stream[::-1], 2).to_bytes((len(stream) + 7) // 8, "little")


def _plain_zstd(data: bytes) -> bytes:
    """RFC 8878: one frame of raw blocks, its content size in four bytes."""
    size = min(len(data), 1 << 17) or 1
    frame = bytearray(b"\x28\xb5\x2f\xfd\xa0" + len(data).to_bytes(4, "little"))
    for at in range(0, len(data) or 1, size):
        piece = data[at : at + size]
        frame += (len(piece) << 3 | (at + size >= len(data))).to_bytes(3, "little") + piece
    return bytes(frame)


def archive(files: Mapping[str, bytes | str], *, directories: bool = True) -> bytes:
    """A tar of the files in their order; with an entry for each directory before its first file."""
    members: list[bytes] = []
    seen = set()
    for path, content in files.items():
        parents = [path[:at] for at, char in enumerate(path) if char == "/"]
        for parent in parents if directories else ():
            if parent not in seen:
                seen.add(parent)
                members.append(directory(parent))
        members.append(file(path, content) if isinstance(content, bytes) else symlink(path, content))
    return layer(*members)


# Docker archives

Style = Literal["legacy", "docker25", "podman", "kaniko", "plain"]


def docker_archive(*images: Image, style: Style = "legacy") -> bytes:
    """A `docker save` archive; `docker_files` tells the styles."""
    return archive(docker_files(*images, style=style))


def docker_files(*images: Image, style: Style = "legacy") -> Files:
    """The files of an archive with a manifest.json, which stands last.

    legacy    Docker up to 24: `<id>/layer.tar` with `VERSION` and `json`, `<hex>.json`, `repositories`;
              a layer that is there already is a symbolic link to it
    docker25  Docker from 25: `blobs/sha256/…`, `index.json`, `oci-layout`, `LayerSources` in the manifest
    podman    `<hex>.tar`, and the legacy files with links to it
    kaniko    `<hex>.tar.gz`, and a config named `sha256:<hex>`
    plain     `<hex>.tar`, and nothing but what the manifest needs
    """
    files: Files = {}
    entries: list[Json] = []
    repositories: dict[str, dict[str, str]] = {}
    descriptors: list[Json] = []
    for one in images:
        config = to_json(config_of(one))
        config_name = f"{_hex(config)}.json"
        entry: Json = {}
        match style:
            case "legacy" | "podman":
                names, top = _add_legacy(files, one, style)
                for name, _, version in (tag.rpartition(":") for tag in one.tags):
                    repositories.setdefault(name, {})[version] = top
            case "docker25":
                descriptors.append(annotated(add_image(files, one, "none"), one))
                config_name = blob_path(digest(config))
                names = [blob_path(digest(tar)) for tar in one.layers]
                entry["LayerSources"] = {digest(tar): _descriptor(tar, LAYER_TYPE) for tar in one.layers}
            case "kaniko":
                config_name = digest(config)
                names = [_add_named(files, compress(tar, "gzip"), ".tar.gz") for tar in one.layers]
            case "plain":
                names = [_add_named(files, tar, ".tar") for tar in one.layers]
        files[config_name] = config
        entries.append({"Config": config_name, "RepoTags": list(one.tags) or None, "Layers": names, **entry})
    if descriptors:
        add_layout(files, descriptors)
    if repositories:
        files["repositories"] = to_json(repositories)
    files["manifest.json"] = to_json(entries)
    return files


def _add_named(files: Files, blob: bytes, suffix: str) -> str:
    name = _hex(blob) + suffix
    files[name] = blob
    return name


def _add_legacy(files: Files, one: Image, style: Style) -> tuple[list[str], str]:
    """(the names for the manifest, the id of the top layer)."""
    names: list[str] = []
    parent = ""
    where = {content: path for path, content in files.items() if path.endswith(".tar")}
    for number, tar in enumerate(one.layers, 1):
        facts: Json = {"created": CREATED, "os": "linux"}
        facts |= {"parent": parent} if parent else {}
        facts |= {"config": dict(one.config)} if number == len(one.layers) else {}
        # The id covers the parents too, so the same tar twice has two ids.
        identity = _hex(to_json([facts, digest(tar)]))
        path = f"{identity}/layer.tar"
        if style == "podman" and tar not in where:
            where[tar] = _add_named(files, tar, ".tar")
        files[f"{identity}/VERSION"] = b"1.0"
        files[f"{identity}/json"] = to_json({"id": identity, **facts})
        if where.setdefault(tar, path) == path:
            files[path] = tar
        else:
            files[path] = f"../{where[tar]}"
        names.append(where[tar] if style == "podman" else path)
        parent = identity
    return names, parent


def _hex(blob: bytes) -> str:
    return hashlib.sha256(blob).hexdigest()


# OCI layouts: each `add_…` puts blobs into `files` and gives the descriptor of the last.


def oci_files(*images: Image, compression: Compression = "gzip") -> Files:
    """The files of an OCI layout, its index naming each image; for more than that: the `add_…` functions."""
    files: Files = {}
    add_layout(files, [annotated(add_image(files, one, compression), one) for one in images])
    return files


def oci_archive(*images: Image, compression: Compression = "gzip") -> bytes:
    """The files of `oci_files` as a tar."""
    return archive(oci_files(*images, compression=compression))


def add_blob(files: Files, blob: bytes, media_type: str, **more: object) -> Json:
    files[blob_path(digest(blob))] = blob
    return {**_descriptor(blob, media_type), **more}


def add_json(files: Files, document: object, media_type: str, **more: object) -> Json:
    return add_blob(files, to_json(document), media_type, **more)


def add_image(
    files: Files,
    one: Image,
    compression: Compression = "gzip",
    *,
    media_types: Sequence[str] | None = None,
    platform: bool = False,
) -> Json:
    """An image's manifest with its blobs. `media_types`: the layers', if not the right ones for the
    compression; `platform`: say it in the descriptor, as an index of several does."""
    suffix = "" if compression == "none" else f"+{compression.partition('-')[0]}"
    types = media_types or [LAYER_TYPE + suffix] * len(one.layers)
    layers = [
        add_blob(files, compress(tar, compression), media_type)
        for tar, media_type in zip(one.layers, types, strict=True)
    ]
    config = add_json(files, config_of(one), CONFIG_TYPE)
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST_TYPE, "config": config, "layers": layers}
    descriptor = add_json(files, manifest, MANIFEST_TYPE)
    if platform:
        keys = ("os", "architecture", "variant")
        descriptor["platform"] = dict(zip(keys, one.platform.split("/"), strict=False))
    return descriptor


def add_index(files: Files, descriptors: Sequence[Json]) -> Json:
    """An index inside the layout."""
    return add_json(files, _index(descriptors), INDEX_TYPE)


def add_layout(files: Files, descriptors: Sequence[Json]) -> None:
    """What makes the blobs a layout: `oci-layout` and `index.json`."""
    files["oci-layout"] = to_json({"imageLayoutVersion": "1.0.0"})
    files["index.json"] = to_json(_index(descriptors))


def annotated(descriptor: Json, named: Image | str) -> Json:
    """The descriptor with the name of an image, or this one, as a layout's index gives it."""
    name = named if isinstance(named, str) else next(iter(named.tags), "")
    key = "org.opencontainers.image.ref.name"
    return {**descriptor, "annotations": {key: name}} if name else descriptor


def add_artifact(files: Files, blobs: Sequence[Json], config: Json | None = None, **more: object) -> Json:
    """A manifest that is no image: its layers are the blobs described."""
    empty = "application/vnd.oci.empty.v1+json"
    manifest: Json = {"schemaVersion": 2, "mediaType": MANIFEST_TYPE}
    manifest |= {"config": config or add_blob(files, b"{}", empty), "layers": list(blobs), **more}
    return add_json(files, manifest, MANIFEST_TYPE)


def add_attestation(files: Files, of: Json) -> Json:
    """BuildKit's attestation manifest: it stands in the index beside the image it is about."""
    statement: Json = {
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://slsa.dev/provenance/v0.2",
        "subject": [{"digest": {"sha256": str(of["digest"]).partition(":")[2]}}],
        "predicate": {},
    }
    note = {"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"}
    blob = add_json(files, statement, IN_TOTO_TYPE, annotations=note)
    rootfs = {"type": "layers", "diff_ids": [blob["digest"]]}
    config = {"architecture": "unknown", "os": "unknown", "config": {}, "rootfs": rootfs}
    descriptor = add_artifact(files, [blob], add_json(files, config, CONFIG_TYPE))
    annotations = {
        "vnd.docker.reference.digest": of["digest"],
        "vnd.docker.reference.type": "attestation-manifest",
    }
    platform = {"architecture": "unknown", "os": "unknown"}
    return {**descriptor, "annotations": annotations, "platform": platform}


def add_cosign(files: Files, of: Json, what: Literal["sig", "att"] = "sig") -> Json:
    """Cosign's signature or attestation: an image by its config, but none of its layers is a filesystem."""
    if what == "sig":
        media_type = "application/vnd.dev.cosign.simplesigning.v1+json"
        payload: Json = {"critical": {"image": {"docker-manifest-digest": of["digest"]}}, "optional": None}
    else:
        media_type = "application/vnd.dsse.envelope.v1+json"
        payload = {"payloadType": IN_TOTO_TYPE, "payload": "e30=", "signatures": []}
    blob = add_json(files, payload, media_type, annotations={"dev.cosignproject.cosign/signature": ""})
    rootfs = {"type": "layers", "diff_ids": [blob["digest"]]}
    config = {"architecture": "", "created": "0001-01-01T00:00:00Z", "history": [{}], "os": "", "config": {}}
    descriptor = add_artifact(files, [blob], add_json(files, {**config, "rootfs": rootfs}, CONFIG_TYPE))
    return annotated(descriptor, f"_cosign:{str(of['digest']).replace(':', '-')}.{what}")


def write_layout(folder: Path, files: Mapping[str, bytes | str]) -> Path:
    """Writes the files under `folder`, and gives it back."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            target.write_bytes(content)
        else:
            target.symlink_to(content)
    return folder


def _descriptor(blob: bytes, media_type: str) -> Json:
    return {"mediaType": media_type, "digest": digest(blob), "size": len(blob)}


def _index(descriptors: Sequence[Json]) -> Json:
    return {"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": list(descriptors)}

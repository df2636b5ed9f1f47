"""Which image of an archive is meant, and what it is made of: docker's manifest.json, OCI's index.json."""

import dataclasses
import itertools
import platform as machine
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..analysis.model import BaseImage, HistoryStep
from ..errors import ChoiceError, DamagedError, LimitError, NotAnImageError, UnsupportedError
from . import limits
from .base_image import said_of_base, with_layers
from .documents import Document, array, count, digest_of, load, mapping, strings, text
from .store import Store, brief, clean


class LayerSpec(NamedTuple):
    """A layer as manifest and config describe it; none of it checked yet."""

    name: str
    diff_id: str
    digest: str
    media_type: str
    pulled_size: int | None
    """Size of the blob as stored or pulled, where the source tells: `compressed_bytes`."""
    blob_size: int | None
    """Size that the blob in this very source must have; None where nothing says so."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """An image before its layers are read."""

    id: str
    tags: tuple[str, ...]
    platform: str
    created: str
    config: Document
    history: tuple[HistoryStep, ...]
    layers: tuple[LayerSpec, ...]
    base: BaseImage
    notes: tuple[str, ...] = ()
    """What the user should be told beside the image."""


class _Found(NamedTuple):
    """An image manifest in an index: its descriptor, its tags, and the index's entry it came by."""

    descriptor: Document
    tags: tuple[str, ...]


_INDEX_TYPES = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
}
_CONFIG_TYPES = {
    "",
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
}
_DIGEST = re.compile(r"[a-z0-9]{1,32}(?:[+._-][a-z0-9]{1,32}){0,8}:[A-Za-z0-9=_-]{16,256}")
_REF_NAME = "org.opencontainers.image.ref.name"
_IMAGE_NAME = "io.containerd.image.name"


def resolve(store: Store, image: str | None = None, platform: str | None = None) -> Recipe:
    """The image that `image` (tag or number) and `platform` (os/arch[/variant]) choose, or the only one.

    Raises ChoiceError, listing what there is, where several fit; NotAnImageError where there is none.
    """
    names = store.names()
    docker, oci = "manifest.json" in names, "index.json" in names
    if docker and not (oci and platform):
        return _from_docker(store, image, platform)
    if oci:
        return _from_index(store, image, platform)
    if "repositories" in names:
        raise NotAnImageError(
            f"{store.label} has no manifest.json: it was saved by a Docker older than 1.10",
            "Load it into a current engine and save it again.",
        )
    if docker_like := next((name for name in names if name.endswith("layer.tar")), None):
        raise DamagedError(f"{store.label} has {docker_like}, but neither manifest.json nor index.json")
    raise NotAnImageError(
        f"{store.label} is no image: it has neither manifest.json nor index.json",
        "A root filesystem alone (docker export, buildx type=tar) has no layers to measure; use docker save, "
        "or buildx type=oci or type=docker.",
    )


# Docker archives -----------------------------------------------------------------------------------------


def _from_docker(store: Store, image: str | None, platform: str | None) -> Recipe:
    manifest = load(store, "manifest.json", "the list of images")
    items = [mapping(item) for item in array(manifest) if mapping(item).get("Config")]
    if not items:
        raise NotAnImageError(f"manifest.json of {store.label} lists no image")
    chosen = _choose_docker(store, items, image)
    config_name = text(chosen.get("Config"))
    config = load(store, config_name, "the config")
    raw = store.document(config_name) or b""
    names = strings(chosen.get("Layers"))
    diff_ids = _diff_ids(store, config)
    _require_as_many(store, len(names), len(diff_ids))
    sources = mapping(chosen.get("LayerSources"))
    layers = []
    for number, name in enumerate(names):
        diff_id = diff_ids[number]
        source = mapping(sources.get(diff_id))
        name = clean(name)
        media_type, pulled = text(source.get("mediaType")), count(source.get("size"))
        layers.append(LayerSpec(name, diff_id, digest_in(name), media_type, pulled, None))
    recipe = _recipe(store, config, digest_of(raw), strings(chosen.get("RepoTags")), tuple(layers))
    if platform and not fits(recipe.platform, platform):
        raise ChoiceError(
            f"{store.label} holds no image for {platform}", f"It has one for {recipe.platform}."
        )
    if image is None and len(items) > 1:
        others = [_tags_of(item) for item in items if item is not chosen]
        note = f"{store.label} also holds {brief(', '.join(others))}, built on this image; --image chooses"
        return dataclasses.replace(recipe, notes=(note,))
    return recipe


def _choose_docker(store: Store, items: list[Document], image: str | None) -> Document:
    if image is None:
        # Images saved together with the one they were built on: the base is what all of them share.
        ids = {_config_id(item) for item in items}
        roots = [item for item in items if text(item.get("Parent")) not in ids]
        if len(roots) == 1:
            return roots[0]
    tags = [strings(item.get("RepoTags")) for item in items]
    return items[_pick(store, image, [_tags_of(item) for item in items], tags)]


def _tags_of(item: Document) -> str:
    return ", ".join(strings(item.get("RepoTags"))) or "(no tag)"


def _config_id(item: Document) -> str:
    match = re.search(r"([0-9a-f]{64})(?:\.json)?\Z", text(item.get("Config")))
    return f"sha256:{match.group(1)}" if match else ""


def _pick(store: Store, image: str | None, labels: list[str], tags: list[tuple[str, ...]]) -> int:
    """The number of the image that was named; the only one if none was."""
    listing = _listing([f"{number}  {label}" for number, label in enumerate(labels)])
    if image is None:
        if len(labels) == 1:
            return 0
        raise ChoiceError(
            f"{store.label} holds {len(labels)} images",
            "Choose one with --image TAG or --image NUMBER:",
            listing,
        )
    wanted = {image, f"{image}:latest"}
    fitting = [number for number, names in enumerate(tags) if wanted & set(names)]
    if not fitting and re.fullmatch("[0-9]{1,9}", image) and int(image) < len(labels):
        fitting = [int(image)]
    if len(fitting) == 1:
        return fitting[0]
    raise ChoiceError(
        f"{store.label} holds {'several images' if fitting else 'no image'} {image}",
        "--image takes one of these tags or numbers:",
        listing,
    )


# OCI indexes ---------------------------------------------------------------------------------------------


def _from_index(store: Store, image: str | None, platform: str | None) -> Recipe:
    index = load(store, "index.json", "the index")
    groups = _groups(store, mapping(index))
    if not groups:
        raise NotAnImageError(
            f"index.json of {store.label} lists no image",
            "Attestations, signatures and other artifacts do not count.",
        )
    tags = [tuple(dict.fromkeys(tag for found in group for tag in found.tags)) for group in groups]
    labels = [
        ", ".join(names) or text(group[0].descriptor.get("digest"))
        for names, group in zip(tags, groups, strict=True)
    ]
    number = _pick(store, image, labels, tags)
    found = _choose_platform(store, groups[number], platform)
    manifest_digest = text(found.descriptor.get("digest"))
    manifest = mapping(load(store, _blob(store, manifest_digest), "the image manifest"))
    descriptor = mapping(manifest.get("config"))
    name = _blob(store, text(descriptor.get("digest")))
    config = load(store, name, "the config")
    diff_ids = _diff_ids(store, config)
    described = [mapping(layer) for layer in array(manifest.get("layers"))]
    _require_as_many(store, len(described), len(diff_ids))
    layers = tuple(
        LayerSpec(
            _blob(store, text(layer.get("digest"))),
            diff_ids[position],
            text(layer.get("digest")),
            text(layer.get("mediaType")),
            count(layer.get("size")),
            count(layer.get("size")),
        )
        for position, layer in enumerate(described)
    )
    annotations = [manifest.get("annotations"), found.descriptor.get("annotations")]
    return _recipe(store, config, text(descriptor.get("digest")), tags[number], layers, annotations)


def _blob(store: Store, digest: str) -> str:
    """Where a layout keeps the blob of a digest (OCI image spec, image-layout.md)."""
    if not re.fullmatch(r"[a-z0-9]{1,32}(?:[+._-][a-z0-9]{1,32}){0,8}:[A-Za-z0-9=_-]{1,256}", digest):
        raise DamagedError(f"{store.label} names a blob by {brief(digest)!r}, which is no digest")
    return "blobs/" + digest.replace(":", "/", 1)


def digest_in(name: str) -> str:
    """The digest in the name of a layout's blob; empty for any other name."""
    match = re.fullmatch(r"blobs/sha256/([0-9a-f]{64})", name)
    return f"sha256:{match.group(1)}" if match else ""


def _groups(store: Store, index: Document) -> list[list[_Found]]:
    """The images of an index, each a list of its platforms.

    An entry of the top index is one image, with all that hangs below it. Entries that differ in nothing
    but their platform are one image, and so are the several tags of one digest.
    """
    groups: dict[tuple[str, ...], list[_Found]] = {}
    steps = itertools.count()
    tags_of: dict[str, list[str]] = {}
    order: list[Document] = []
    for item in array(index.get("manifests")):
        descriptor = mapping(item)
        digest = text(descriptor.get("digest"))
        if digest not in tags_of:
            tags_of[digest] = []
            order.append(descriptor)
        tags_of[digest] += _tags(descriptor)
    for descriptor in order:
        digest = text(descriptor.get("digest"))
        tags = tuple(dict.fromkeys(tags_of[digest]))
        flat = descriptor.get("platform") and text(descriptor.get("mediaType")) not in _INDEX_TYPES
        key = ("platforms", *tags) if flat else ("digest", digest)
        images = _images(store, descriptor, steps)
        if images:
            groups.setdefault(key, []).extend(_Found(image, tags) for image in images)
    return list(groups.values())


def _tags(descriptor: Document) -> list[str]:
    annotations = mapping(descriptor.get("annotations"))
    name = text(annotations.get(_IMAGE_NAME)) or text(annotations.get(_REF_NAME))
    return [name] if name else []


def _images(store: Store, descriptor: Document, steps: Iterator[int]) -> list[Document]:
    """The image manifests at and below a descriptor, artifacts passed over; `steps` counts over all calls."""
    found: list[Document] = []
    seen: set[str] = set()
    waiting = [(descriptor, 0)]
    while waiting:
        current, depth = waiting.pop()
        digest = text(current.get("digest"))
        if digest in seen or _is_artifact(current):
            continue
        seen.add(digest)
        if depth > limits.MAX_INDEX_DEPTH:
            raise LimitError(
                f"index.json of {store.label} leads through more than {limits.MAX_INDEX_DEPTH} indexes"
            )
        if next(steps) >= limits.MAX_MANIFESTS:
            raise LimitError(
                f"index.json of {store.label} leads to more than {limits.MAX_MANIFESTS} manifests"
            )
        raw = store.document(_blob(store, digest))
        if raw is None and text(current.get("mediaType")) not in _INDEX_TYPES:
            # A pull of one platform leaves the others out. Whether it matters shows when it is chosen.
            found.append(current)
            continue
        document = mapping(load(store, _blob(store, digest), "the manifest"))
        if "manifests" in document:
            waiting += [(mapping(item), depth + 1) for item in reversed(array(document["manifests"]))]
        elif not _holds_artifact(document):
            found.append(current)
    return found


def _is_artifact(descriptor: Document) -> bool:
    """Whether a descriptor alone says that it is no image: attestations, signatures."""
    annotations = mapping(descriptor.get("annotations"))
    platform = mapping(descriptor.get("platform"))
    return "vnd.docker.reference.type" in annotations or platform.get("os") == "unknown"


def _holds_artifact(manifest: Document) -> bool:
    """Whether a manifest is one of an artifact: no image config, or layers that are all documents."""
    if text(mapping(manifest.get("config")).get("mediaType")) not in _CONFIG_TYPES:
        return True
    types = [text(mapping(layer).get("mediaType")) for layer in array(manifest.get("layers"))]
    return bool(types) and all(_is_document_type(media_type) for media_type in types)


def _is_document_type(media_type: str) -> bool:
    return media_type.endswith(("+json", "/json", "simplesigning.v1", "wasm")) or "cosign" in media_type


def _choose_platform(store: Store, group: list[_Found], platform: str | None) -> _Found:
    if len(group) == 1 and platform is None:
        return group[0]
    known = [(_platform_of(store, found), found) for found in group]
    wishes = [platform] if platform else list(dict.fromkeys((f"linux/{_machine()}", "linux/amd64")))
    for wish in wishes:
        fitting = [found for name, found in known if fits(name, wish)]
        exact = [found for name, found in known if name == wish]
        if len(exact) == 1 or len(fitting) == 1:
            return (exact or fitting)[0]
        if fitting and platform:
            break
    listing = _listing([name or "(not said)" for name, _ in known])
    found = "no image" if platform else "several images, but none"
    raise ChoiceError(
        f"{store.label} holds {found} for {' or '.join(wishes)}",
        "--platform takes one of these:",
        listing,
    )


def _machine() -> str:
    name = machine.machine().lower()
    known = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm/v7", "armv6l": "arm/v6", "i686": "386"}
    return known.get(name, name)


def _platform_of(store: Store, found: _Found) -> str:
    described = mapping(found.descriptor.get("platform"))
    if not described:
        name = _blob(store, text(found.descriptor.get("digest")))
        manifest = mapping(load(store, name, "the image manifest"))
        digest = text(mapping(manifest.get("config")).get("digest"))
        described = mapping(load(store, _blob(store, digest), "the config"))
    return platform_name(described)


def platform_name(described: Document) -> str:
    """os/architecture[/variant] of a descriptor's platform or a config; empty if it does not say."""
    parts = [text(described.get(key)) for key in ("os", "architecture", "variant")]
    return "/".join(part for part in parts if part)


def fits(name: str, wish: str) -> bool:
    """Whether a platform is the one wished for; a wish without a variant takes any, arm64 is arm64/v8."""
    parts, wished = name.split("/"), wish.split("/")
    if parts[1:] == ["arm64"]:
        parts.append("v8")
    return parts[: len(wished)] == wished


# Both ----------------------------------------------------------------------------------------------------


def _require_as_many(store: Store, layers: int, diff_ids: int) -> None:
    if layers != diff_ids:
        raise DamagedError(
            f"the manifest of the image in {store.label} lists {_many(layers, 'layer')}, and its config has "
            f"{_many(diff_ids, 'diff_id')} in rootfs"
        )


def _diff_ids(store: Store, config: object) -> tuple[str, ...]:
    found = strings(mapping(mapping(config).get("rootfs")).get("diff_ids"))
    for diff_id in found:
        if not _DIGEST.fullmatch(diff_id):
            raise DamagedError(
                f"the config in {store.label} has the diff_id {brief(diff_id)!r}, which is no digest"
            )
    return found


def _many(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _listing(lines: list[str]) -> list[str]:
    """The lines, not more than anybody reads."""
    shown = [brief(line) for line in lines[: limits.MAX_LISTED]]
    if len(lines) > len(shown):
        shown.append(f"… and {len(lines) - len(shown)} more")
    return shown


def _recipe(
    store: Store,
    config: Any,
    image_id: str,
    tags: tuple[str, ...],
    layers: tuple[LayerSpec, ...],
    annotations: Sequence[object] = (),
) -> Recipe:
    if not isinstance(config, dict):
        raise DamagedError(f"the config in {store.label} is no JSON object")
    rootfs_type = text(mapping(config.get("rootfs")).get("type"))
    if rootfs_type not in ("", "layers"):
        raise UnsupportedError(f"the image in {store.label} is made of {brief(rootfs_type)!r}, not of layers")
    base = said_of_base(*annotations, mapping(config.get("config")).get("Labels"))
    if base.digest:
        own = [layer.diff_id for layer in layers]
        base = with_layers(base, own, lambda: _diff_ids_behind(store, base.digest))
    return Recipe(
        id=image_id,
        tags=tags,
        platform=platform_name(config),
        created=text(config.get("created")),
        config=mapping(config.get("config")),
        history=tuple(_history_step(mapping(step)) for step in array(config.get("history"))),
        layers=layers,
        base=base,
    )


def _diff_ids_behind(store: Store, digest: str) -> tuple[str, ...]:
    """Those of the image with this manifest; empty if the source does not hold it."""
    name = _blob(store, digest)
    if store.document(name) is None:
        return ()
    config = mapping(mapping(load(store, name, "the manifest of the base image")).get("config"))
    return _diff_ids(store, load(store, _blob(store, text(config.get("digest"))), "its config"))


def _history_step(step: Document) -> HistoryStep:
    return HistoryStep(
        created=text(step.get("created")),
        created_by=text(step.get("created_by")),
        author=text(step.get("author")),
        comment=text(step.get("comment")),
        empty_layer=step.get("empty_layer") is True,
    )

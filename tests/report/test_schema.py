"""docs/report.schema.json and the reports agree."""

import copy
import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from layerscope import cli

from fixtures.fixture import Fixture, Outcome
from fixtures.make import FIXTURES

ROOT = Path(__file__).parents[2]
ARCHIVES = ROOT / "fixtures" / "archives"
SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
MEASURED = [fixture for fixture in FIXTURES if fixture.outcome is Outcome.MEASURED]
EITHER = [fixture for fixture in FIXTURES if fixture.outcome is Outcome.EITHER]


def report(archive: Path, target: Path, *options: str) -> Any:
    """The report as the command writes it; None where the archive is refused."""
    code = cli.run([str(archive), "--json", str(target), *options])
    assert code in (0, 2)
    return None if code else json.loads(target.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return report(ROOT / "fixtures" / "demo.tar.gz", tmp_path_factory.mktemp("demo") / "r.json", "--entries")


def add_up(found: Any) -> None:
    totals, layers, waste = found["totals"], found["layers"], found["waste"]
    for key in ("stored_bytes", "live_bytes", "wasted_bytes"):
        assert sum(layer[key] for layer in layers) == totals[key]
        assert sum(layer[key] for layer in layers[1:]) == totals[f"user_{key}"]
    assert totals["stored_bytes"] == totals["live_bytes"] + totals["wasted_bytes"]
    assert sum(row["bytes"] for row in waste) == totals["wasted_bytes"]
    assert sum(totals["waste_by_kind"].values()) == totals["wasted_bytes"]
    for layer in layers:
        index = layer["index"]
        assert sum(row["bytes"] for row in waste if row["layer"] == index) == layer["wasted_bytes"]
        assert sum(row["bytes"] for row in waste if row["killed_by"] == index) == layer["killed_bytes"]


@pytest.mark.parametrize("fixture", MEASURED, ids=lambda fixture: fixture.name)
def test_the_report_of_a_fixture_is_valid_and_adds_up(fixture: Fixture, tmp_path: Path) -> None:
    short = report(ARCHIVES / fixture.name, tmp_path / "short.json", *fixture.options)
    long = report(ARCHIVES / fixture.name, tmp_path / "long.json", "--entries", *fixture.options)
    VALIDATOR.validate(short)
    VALIDATOR.validate(long)
    assert {**short, "entries": long["entries"]} == long
    assert short["totals"]["stored_bytes"] == fixture.stored
    assert short["totals"]["live_bytes"] == fixture.live
    add_up(short)


@pytest.mark.parametrize("fixture", EITHER, ids=lambda fixture: fixture.name)
def test_the_report_of_an_odd_fixture_is_valid_if_there_is_one(fixture: Fixture, tmp_path: Path) -> None:
    found = report(ARCHIVES / fixture.name, tmp_path / "report.json", "--entries", *fixture.options)
    if found is not None:
        VALIDATOR.validate(found)
        add_up(found)


def test_the_report_of_the_demonstration_image_is_valid_and_adds_up(demo: Any) -> None:
    VALIDATOR.validate(demo)
    add_up(demo)
    assert demo["totals"]["wasted_bytes"] == 2640974


MUTATIONS = [
    ("schema_version", "2.0"),
    ("schema_version", 1.0),
    ("schema_version", "1.9"),
    ("unknown", 1),
    ("totals.stored_bytes", 1.5),
    ("totals.stored_bytes", "4916014"),
    ("totals.wasted_bytes", -1),
    ("totals.efficiency", 1.01),
    ("totals.efficiency", None),
    ("totals.compressed_bytes", "1 MB"),
    ("totals.waste_by_kind.other", 1),
    ("dive.user_wasted_percent", "NaN"),
    ("image.id", "b3bb5f2c"),
    ("image.created", ""),
    ("image.tags", None),
    ("layers.0.diff_id", "sha256:"),
    ("layers.0.diff_id", "0123"),
    ("layers.0.index", -1),
    ("layers.0.media_type", ""),
    ("layers.0.blob_name", ""),
    ("layers.0.added", None),
    ("history.0.layer", "0"),
    ("history.0.empty_layer", None),
    ("waste.0.kind", "deleted"),
    ("waste.0.path", "bin/busybox"),
    ("waste.0.path_base64", "not base64"),
    ("waste.0.changed", []),
    ("waste.0.changed", ["owner", "owner"]),
    ("waste.0.changed", ["content"]),
    ("waste.0.killed_by", None),
    ("entries.0.mode", "755"),
    ("entries.0.mode", "0o755"),
    ("entries.0.type", "file"),
    ("entries.0.mtime_ns", 1.5),
    ("entries.0.xattrs", {"user.a": "?"}),
    ("entries.0.name", ""),
    ("entries.0.device", [1]),
    ("entries.0.device", [1, 2.5]),
]


def place(found: Any, where: str) -> tuple[Any, Any]:
    """The container and the key of a dotted path."""
    *way, last = where.split(".")
    for step in way:
        found = found[int(step) if step.isdecimal() else step]
    return found, last


def changed(found: Any, where: str, value: object) -> Any:
    found = copy.deepcopy(found)
    container, key = place(found, where)
    container[key] = value
    return found


@pytest.mark.parametrize(("where", "value"), MUTATIONS)
def test_a_wrong_value_is_not_valid(demo: Any, where: str, value: object) -> None:
    assert not VALIDATOR.is_valid(changed(demo, where, value))


def test_a_report_of_the_first_version_is_valid_too(demo: Any) -> None:
    old = changed(demo, "schema_version", "1.0")
    for layer in old["layers"]:
        del layer["blob_name"]
    VALIDATOR.validate(old)


def test_a_metadata_only_copy_must_say_what_changed_and_no_other_may(demo: Any) -> None:
    kinds = [row["kind"] for row in demo["waste"]]
    for kind, is_valid in (("metadata-only", False), ("removed", True)):
        one = copy.deepcopy(demo)
        one["waste"][kinds.index(kind)].pop("changed", None)
        assert VALIDATOR.is_valid(one) is is_valid
        other = changed(demo, f"waste.{kinds.index(kind)}.changed", ["mode"])
        assert VALIDATOR.is_valid(other) is not is_valid


def objects(schema: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """Every object schema with properties, and where it stands."""
    if isinstance(schema, dict):
        if "properties" in schema and not where.endswith("/if"):
            yield where, schema
        for key, inner in schema.items():
            yield from objects(inner, f"{where}/{key}")


OBJECTS = dict(objects(SCHEMA))
PLACES = {
    "": "",
    "/properties/generator": "generator",
    "/properties/image": "image",
    "/properties/totals": "totals",
    "/properties/totals/properties/waste_by_kind": "totals.waste_by_kind",
    "/properties/base": "base",
    "/properties/dive": "dive",
    "/$defs/layer": "layers.0",
    "/$defs/step": "history.0",
    "/$defs/finding": "findings.0",
    "/$defs/saving": "findings.0.savings.0",
    "/$defs/evidence": "findings.0.evidence.0",
    "/$defs/waste": "waste.0",
    "/$defs/entry": "entries.0",
}


def test_every_object_is_closed() -> None:
    assert set(OBJECTS) == set(PLACES)
    assert [where for where, schema in OBJECTS.items() if schema["additionalProperties"] is not False] == []


@pytest.mark.parametrize("where", PLACES)
def test_the_schema_lists_the_keys_in_the_order_of_the_report(demo: Any, where: str) -> None:
    steps = [step for step in PLACES[where].split(".") if step]
    found = functools.reduce(lambda at, step: at[int(step) if step.isdecimal() else step], steps, demo)
    keys = list(OBJECTS[where]["properties"])
    assert [key for key in keys if key in found] == list(found)


@pytest.mark.parametrize("where", PLACES)
def test_a_required_key_that_is_missing_is_not_valid(demo: Any, where: str) -> None:
    for key in OBJECTS[where]["required"]:
        one = copy.deepcopy(demo)
        container, last = place(one, f"{PLACES[where]}.{key}".lstrip("."))
        del container[last]
        assert not VALIDATOR.is_valid(one), key


def test_every_key_is_described_except_where_its_name_is_enough() -> None:
    bare = {
        f"{where}/{key}"
        for where, schema in OBJECTS.items()
        for key, inner in schema["properties"].items()
        if "description" not in inner
    }
    assert bare == {
        "/properties/generator/name",
        "/properties/generator/version",
        "/$defs/entry/type",
    }


def test_the_schema_is_one_itself_and_names_no_place_on_the_net() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"] == "urn:layerscope:report:1"

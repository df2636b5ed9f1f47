"""The JSON of a comparison: its text, its schema, and what names from an image may not do."""

import copy
import io
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from layerscope.analysis.analyze import Analysis
from layerscope.analysis.comparison import Comparison, compare
from layerscope.report.compare import json_report as compare_json

from tests.analysis.test_growth import saved
from tests.report.comparisons import comparison, hostile, many_settings, same
from tests.report.test_injection import HOSTILE

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "compare.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def text(found: Comparison) -> str:
    out = io.StringIO()
    compare_json.write(found, out)
    return out.getvalue()


def written(found: Comparison) -> Any:
    return json.loads(text(found))


def without_entries(analysis: Analysis) -> Analysis:
    return saved(analysis, entries=False)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_it_tells_both_images_and_the_difference() -> None:
    found = written(comparison())
    assert found["comparison_version"] == "1.1"
    assert found["differs"] is True
    assert found["before"]["reference"] == "old.tar"
    assert found["after"] == {
        "reference": "new.tar",
        "id": "sha256:new",
        "tags": ["app:new"],
        "platform": "linux/amd64",
        "layers": 4,
        "stored_bytes": 115115,
        "live_bytes": 115070,
        "wasted_bytes": 45,
        "efficiency": 0.9996090865656083,
        "compressed_bytes": 7117,
        "packages": {"count": 0, "bytes": 0, "unowned_bytes": 115070},
    }
    assert found["difference"] == {
        "layers": 0,
        "stored_bytes": 4305,
        "live_bytes": 4260,
        "wasted_bytes": 45,
        "efficiency": -0.000390913434391682,
        "compressed_bytes": 2707,
    }


def test_each_row_has_a_line_of_its_own() -> None:
    lines = text(comparison()).splitlines()
    for row in (
        '    {"kind": "removed", "before": 2, "after": null, "stored_bytes": -700, "wasted_bytes": 0, '
        '"compressed_bytes": -300, "command": "RUN make test"},',
        '    {"path": "/var", "before_bytes": 2000, "after_bytes": 0, "rest": false}',
        '    {"path": "/app/tool", "kind": "changed", "before_bytes": 60, "after_bytes": 60, '
        '"changed": ["mode"], "layer": 2},',
        '    {"key": "Env", "name": "TOKEN", "kind": "removed", "before": null, "after": null},',
        '    {"kind": "grown", "id": "apt", "title": "What apt leaves", "severity": "low", '
        '"command": "RUN apt-get install python3 npm", "before_bytes": 2000, "after_bytes": 2500},',
    ):
        assert row in lines


def test_no_value_of_a_variable_is_in_it() -> None:
    assert "hunter2" not in text(comparison())


@pytest.mark.parametrize("found", [comparison(), same(), many_settings(9)], ids=["all", "same", "settings"])
def test_it_is_valid_and_adds_up(found: Comparison) -> None:
    said = written(found)
    VALIDATOR.validate(said)
    difference = said["difference"]
    assert sum(step["stored_bytes"] for step in said["steps"]) == difference["stored_bytes"]
    assert sum(step["wasted_bytes"] for step in said["steps"]) == difference["wasted_bytes"]
    files = [one["after_bytes"] - one["before_bytes"] for one in said["files"]]
    assert sum(files) == difference["live_bytes"]
    directories = [one["after_bytes"] - one["before_bytes"] for one in said["directories"]]
    assert sum(directories) == difference["stored_bytes"]


def test_what_two_reports_do_not_tell_is_null() -> None:
    both = comparison()
    said = written(compare(without_entries(both.before), without_entries(both.after)))
    VALIDATOR.validate(said)
    assert (said["directories"], said["files"], said["findings"]) == (None, None, None)
    assert said["differs"] is True


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_whatever_images_say_is_printable_ascii_that_strict_readers_take(number: int) -> None:
    found = text(hostile(HOSTILE[number]))
    assert found.isascii()
    assert all(line.isprintable() for line in found.splitlines())
    assert "##[" not in found
    said = json.loads(found)
    VALIDATOR.validate(said)
    json.dumps(said, ensure_ascii=False).encode()  # no half of a surrogate pair


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("", "comparison_version", "1.7"),
        ("", "differs", None),
        ("", "more", 1),
        ("before", "stored_bytes", 1.5),
        ("after", "efficiency", 2),
        ("steps", "kind", "moved"),
        ("files", "kind", "same"),
        ("files", "path", "usr"),
        ("configuration", "key", "Hostname"),
        ("findings", "before_bytes", -1),
    ],
)
def test_the_schema_refuses_what_is_not_so(part: str, key: str, value: object) -> None:
    said = copy.deepcopy(written(comparison()))
    inner = said[part] if part else said
    (inner[0] if isinstance(inner, list) else inner)[key] = value
    assert not VALIDATOR.is_valid(said)

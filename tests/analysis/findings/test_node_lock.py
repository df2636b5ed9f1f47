"""What npm's lock says of packages that are for development."""

import json
from collections.abc import Mapping

import pytest
from layerscope.analysis.findings import node_lock
from layerscope.analysis.findings.node_lock import Tool, Unneeded, read_lock
from layerscope.analysis.findings.node_tools import is_tool


def lock(packages: Mapping[str, object]) -> bytes:
    """npm's; keys are paths without the first `node_modules/`, but for those that end with a slash."""
    named = {key[:-1] if key.endswith("/") else f"node_modules/{key}": of for key, of in packages.items()}
    return json.dumps({"name": "app", "lockfileVersion": 3, "requires": True, "packages": named}).encode()


def manifest(*names: str, **others: object) -> bytes:
    return json.dumps({"dependencies": dict.fromkeys(names, "^1.0.0"), **others}).encode()


def needs(*names: str, **others: object) -> dict[str, object]:
    return {"version": "1.2.3", "dependencies": dict.fromkeys(names, "*"), **others}


def read(packages: Mapping[str, object], beside: bytes | None) -> Unneeded:
    found = read_lock(lock(packages), beside)
    assert found is not None
    return found


def paths(packages: Mapping[str, object], beside: bytes | None) -> dict[str, str]:
    return {path.removeprefix("node_modules/"): tool for path, tool in read(packages, beside).paths.items()}


def test_what_the_lock_marks_is_for_development_with_and_without_a_manifest() -> None:
    packages = {"express": needs(), "jest": needs(dev=True), "chalk": needs(dev=True), "x": needs(dev="yes")}
    assert paths(packages, manifest("express")) == {"jest": "", "chalk": ""}
    assert paths(packages, None) == {"jest": "", "chalk": ""}


def test_tools_among_the_dependencies_take_with_them_what_nothing_else_leads_to() -> None:
    packages = {
        "react": needs("loose-envify"),
        "loose-envify": needs("js-tokens"),
        "js-tokens": needs(),
        "webpack": needs("acorn", "js-tokens"),
        "acorn": needs("deep"),
        "deep": needs("acorn"),
    }
    found = read(packages, manifest("react", "webpack"))
    assert paths(packages, manifest("react", "webpack")) == {
        "webpack": "webpack",
        "acorn": "webpack",
        "deep": "webpack",
    }
    assert found.tools == [Tool("webpack", "1.2.3")]
    assert found.locked == {f"node_modules/{name}" for name in packages}


def test_what_several_tools_lead_to_is_for_the_nearest_and_of_equals_for_the_first_by_name() -> None:
    packages = {
        "webpack": needs("shared", "far"),
        "eslint": needs("shared", "near"),
        "near": needs("far"),
        "shared": needs(),
        "far": needs(),
    }
    assert paths(packages, manifest("webpack", "eslint")) == {
        "eslint": "eslint",
        "webpack": "webpack",
        "shared": "eslint",
        "near": "eslint",
        "far": "webpack",
    }


@pytest.mark.parametrize("key", ["dependencies", "optionalDependencies", "peerDependencies"])
def test_a_tool_that_something_else_asks_for_in_whatever_way_is_needed(key: str) -> None:
    packages = {"typescript": needs(), "loader": {"version": "1.0.0", key: {"typescript": "*"}}}
    assert read(packages, manifest("loader", "typescript")) == Unneeded(
        {}, frozenset({"node_modules/typescript", "node_modules/loader"}), []
    )


def test_a_package_is_looked_for_beside_who_asks_and_then_above() -> None:
    packages = {
        "react": needs("semver"),
        "semver": needs(),
        "eslint": needs("semver", "@scope/one"),
        "eslint/node_modules/semver": needs(),
        "eslint/node_modules/@scope/one": needs("semver", "two"),
        "two": needs(),
    }
    assert paths(packages, manifest("react", "eslint")) == {
        "eslint": "eslint",
        "eslint/node_modules/semver": "eslint",
        "eslint/node_modules/@scope/one": "eslint",
        "two": "eslint",
    }


def test_workspaces_are_part_of_the_project() -> None:
    packages = {
        "typescript": needs("inner"),
        "inner": needs(),
        "tool": needs("shared", link=True, resolved="packages/tool"),
        "packages/tool/": needs("shared"),
        "shared": needs(),
        "eslint": needs("shared", "lone"),
        "lone": needs(),
    }
    assert paths(packages, manifest("typescript", "eslint")) == {
        "eslint": "eslint",
        "typescript": "typescript",
        "lone": "eslint",
        "inner": "typescript",
    }


def test_what_nothing_leads_to_stays() -> None:
    assert paths({"eslint": needs(), "extraneous": needs()}, manifest("eslint")) == {"eslint": "eslint"}


def test_a_project_without_tools_has_nothing_to_leave_out() -> None:
    assert paths({"express": needs("typescript"), "typescript": needs()}, manifest("express")) == {}


@pytest.mark.parametrize(
    ("wanted", "version"),
    [
        ("git+ssh://host/a.git", "1.2.3"),
        ("owner/repository", "1.2.3"),
        ("npm:other@1", "1.2.3"),
        ({}, "1.2.3"),
        ("^1", "1.2.3; rm -rf /"),
        ("^1", None),
    ],
)
def test_a_version_is_told_only_where_asking_for_it_brings_the_same(wanted: object, version: object) -> None:
    beside = json.dumps({"dependencies": {"eslint": wanted}}).encode()
    assert read({"eslint": {"version": version}}, beside).tools == [Tool("eslint", "")]


@pytest.mark.parametrize(
    ("of", "beside"),
    [
        (b"", manifest("eslint")),
        (b"[" * 200_000, manifest("eslint")),
        (b'{"a":' * 200_000, manifest("eslint")),
        (b"\xff\xfe", manifest("eslint")),
        (b'{"packages": ' + b"9" * 10_000 + b"}", manifest("eslint")),
        (b"[]", manifest("eslint")),
        (b'{"packages": []}', manifest("eslint")),
        (lock({}), manifest("eslint")),
        (lock({"eslint": []}), manifest("eslint")),
        (lock({"x" * 2000: needs()}), manifest("eslint")),
        (lock({"eslint": needs()}), None),
        (lock({"eslint": needs()}), b"[]"),
        (lock({"eslint": needs()}), b"{"),
    ],
    ids=[
        *("nothing", "deep-lists", "deep-objects", "no-text", "long-number", "a-list", "packages-a-list"),
        *("no-packages", "no-package", "long-path", "no-manifest", "manifest-a-list", "half-a-manifest"),
    ],
)
def test_where_it_cannot_be_told_there_are_only_names(of: bytes, beside: bytes | None) -> None:
    assert read_lock(of, beside) is None


@pytest.mark.parametrize(
    "name", ["@types/\ud800", "@types/\x1b[1m", "@types/a; reboot", "@types/" + "x" * 300]
)
def test_a_tool_that_npm_would_not_let_be_called_so_is_none(name: str) -> None:
    assert read({name: needs()}, manifest(name)) == Unneeded({}, frozenset({f"node_modules/{name}"}), [])


def test_what_is_of_no_type_that_it_should_have_is_passed_over() -> None:
    packages = {
        "eslint": {"dependencies": ["a"], "peerDependencies": "b", "optionalDependencies": {"c": []}},
        "a": 7,
        "c": {"version": [], "link": True, "resolved": {}},
        "\ud800": {"link": True, "resolved": "nowhere"},
    }
    assert paths(packages, manifest("eslint", workspaces=7)) == {"eslint": "eslint", "c": "eslint"}


def test_a_lock_that_leads_further_than_any_real_one_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    packages = {"eslint": needs("a"), "a": needs("eslint"), "react": needs("x", "y", "z")}
    assert read_lock(lock(packages), manifest("eslint", "react")) is not None
    monkeypatch.setattr(node_lock, "MAX_LOOKUPS", 5)
    assert read_lock(lock(packages), manifest("eslint", "react")) is None


def test_tools_are_known_by_name_and_by_scope_but_what_compiled_code_needs_is_none() -> None:
    names = "typescript", "@types/node", "@babel/core", "@babel/runtime", "@swc/helpers", "@types", "react"
    assert [name for name in names if is_tool(name)] == ["typescript", "@types/node", "@babel/core"]

"""Packages of npm and of those that keep modules as it does."""

import json

import pytest
from layerscope.analysis.packages import npm

from tests.analysis.packages.trees import Content, Files, analysis, checked, listed, owned, reads


def manifest(version: object) -> bytes:
    return json.dumps({"name": "not this", "version": version}).encode()


def test_a_module_owns_its_directory_but_for_the_modules_in_it() -> None:
    tree: dict[str, Content] = {
        "app/node_modules/a/package.json": manifest("1.0.0"),
        "app/node_modules/a/lib/index.js": b"1",
        "app/node_modules/a/lib/package.json": b'{"type": "module"}',
        "app/node_modules/a/node_modules/b/package.json": manifest("2.0.0"),
        "app/node_modules/a/node_modules/b/index.js": b"12",
        "app/node_modules/a/node_modules/.bin/b": "../b/index.js",
        "app/node_modules/@scope/c/package.json": manifest("3.0.0-rc.1"),
        "app/node_modules/@scope/c/index.js": b"123",
        "app/node_modules/.package-lock.json": b"{}",
        "app/node_modules/.bin/a": "../a/lib/index.js",
        "app/node_modules/no-module/x": b"1",
        "app/package.json": manifest("0.0.1"),
    }
    assert owned(tree) == {
        "npm a 1.0.0": [
            "app/node_modules/a/lib/index.js",
            "app/node_modules/a/lib/package.json",
            "app/node_modules/a/node_modules/.bin/b",
            "app/node_modules/a/package.json",
        ],
        "npm b 2.0.0": [
            "app/node_modules/a/node_modules/b/index.js",
            "app/node_modules/a/node_modules/b/package.json",
        ],
        "npm @scope/c 3.0.0-rc.1": [
            "app/node_modules/@scope/c/index.js",
            "app/node_modules/@scope/c/package.json",
        ],
    }


def test_the_store_of_pnpm_holds_the_modules_and_links_lead_to_them() -> None:
    tree: dict[str, Content] = {
        "node_modules/.pnpm/a@1.0.0/node_modules/a/package.json": manifest("1.0.0"),
        "node_modules/.pnpm/a@1.0.0/node_modules/b": "../../b@1.0.0/node_modules/b",
        "node_modules/a": ".pnpm/a@1.0.0/node_modules/a",
    }
    assert owned(tree) == {"npm a 1.0.0": ["node_modules/.pnpm/a@1.0.0/node_modules/a/package.json"]}


def test_a_module_in_several_places_is_one_package_with_copies() -> None:
    tree = {f"{app}/node_modules/a/package.json": manifest("1") for app in "xyz"}
    tree["w/node_modules/a/package.json"] = manifest("2")
    assert [(one.version, one.copies) for one in listed(tree).packages] == [("1", 3), ("2", 1)]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"1.0"',
        b'{"version": 1}',
        b'{"version": null}',
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"\xff\xfe",
        b'{"version": "\\ud800',
    ],
    ids=lambda content: content[:12].decode("latin-1"),
)
def test_a_manifest_that_makes_no_sense_says_no_version(content: bytes) -> None:
    (one,) = listed({"node_modules/a/package.json": content, "node_modules/a/x": b"1"}).packages
    assert (one.name, one.version, one.files) == ("a", "", 2)


def test_a_version_may_hold_what_is_no_text() -> None:
    (one,) = listed({"node_modules/a/package.json": b'{"version": "1\\ud800\\u001b"}'}).packages
    assert one.version.startswith("1")
    assert one.version.endswith("\x1b")


def test_the_version_is_read_of_the_largest_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npm, "MAX_READ", 1)
    tree: Files = {
        "node_modules/a/package.json": manifest("1"),
        "node_modules/b/package.json": manifest("2"),
        "node_modules/b/large": b"x" * 1000,
    }
    analysed = analysis(tree)
    assert [(one.name, one.version) for one in checked(analysed).packages] == [("b", "2"), ("a", "")]
    assert reads(analysed) == [1]

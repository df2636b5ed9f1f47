"""What a rule about paths finds in an image."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from layerscope.analysis.analyze import Analysis, analyze
from layerscope.analysis.model import Layer
from layerscope.errors import SourceError
from layerscope.gate.accept import Accept, Accepts
from layerscope.gate.case import Case
from layerscope.gate.contents import files_with, final_paths, is_root, paths_ever, secrets
from layerscope.gate.rules import judge
from layerscope.gate.setting import Setting
from layerscope.gate.verdicts import Outcome
from layerscope.report import json_report
from layerscope.report.saved import report as saved_report

from tests.analysis.findings.held import held, measured
from tests.models import entry, image, layer

HERE, GONE = "in the final image", "not in the final image, shipped all the same"


def final(
    *layers: Layer, patterns: list[str], accept: tuple[str, ...] = ()
) -> list[tuple[bytes, int, int | None]]:
    found = final_paths(case(*layers, accept=accept), "forbidden-paths", patterns)
    return sorted((one.path, one.size, one.layer) for one in found)


def ever(*layers: Layer, patterns: list[str], first: int = 0) -> list[tuple[bytes, int, int | None, str]]:
    found = paths_ever(case(*layers), "forbidden-paths-ever", patterns, first)
    return sorted((one.path, one.size, one.layer, one.what) for one in found)


def case(*layers: Layer, accept: tuple[str, ...] = ()) -> Case:
    return Case(analyze(image(*layers)), accepts=Accepts([Accept(accept, "r")] if accept else ()))


# In the final image.


def test_a_directory_counts_as_one_path_with_all_below_it() -> None:
    assert final(
        layer("a/.git/config:10", "a/.git/objects/x:20", "a/b:5"), layer("a/.git/HEAD:1"), patterns=[".git"]
    ) == [(b"a/.git", 31, 0)]


def test_the_layer_is_the_one_that_has_most_of_the_bytes() -> None:
    layers = layer("k/a:1"), layer("k/", "k/b:9", "k/c:1"), layer("k/", "k/d:9")
    assert final(*layers, patterns=["k"]) == [(b"k", 20, 1)]
    assert final(layer("k/"), layer("k/"), patterns=["k"]) == [(b"k", 0, 1)]


def test_what_was_removed_is_not_in_the_final_image() -> None:
    assert final(layer("id_rsa:10", "k/id_rsa:5"), layer(".wh.id_rsa"), patterns=["id_rsa"]) == [
        (b"k/id_rsa", 5, 0)
    ]


def test_a_file_with_several_names_counts_once() -> None:
    assert final(layer("k/a:10", "k/b => k/a", "c => k/a"), patterns=["k", "c"]) == [
        (b"c", 10, 0), (b"k", 0, 0),
    ]  # fmt: skip


def test_a_forbidden_path_may_be_an_empty_directory_or_a_link() -> None:
    assert final(layer("a/.git/", ".npmrc -> /dev/null"), patterns=[".git", ".npmrc"]) == [
        (b".npmrc", 0, 0), (b"a/.git", 0, 0),
    ]  # fmt: skip


def test_a_link_to_a_forbidden_path_is_none() -> None:
    assert final(layer("etc/", "x -> id_rsa"), patterns=["id_rsa"]) == []


def test_a_directory_that_only_names_imply_counts_too() -> None:
    assert final(layer("a/secret/b:3"), patterns=["secret"]) == [(b"a/secret", 3, 0)]


def test_accepted_paths_are_left_out() -> None:
    files = layer("a.pem:1", "k/b.pem:2", "k/c.pem:4")
    assert final(files, patterns=["*.pem"], accept=("k/b.pem",)) == [(b"a.pem", 1, 0), (b"k/c.pem", 4, 0)]
    assert final(files, patterns=["k"], accept=("k/b.pem",)) == [(b"k", 4, 0)]
    assert final(files, patterns=["k"], accept=("k",)) == []


def test_everything_can_be_forbidden_but_the_root() -> None:
    assert final(layer("./", "a:1", "b/c:2"), patterns=["**"]) == [(b"a", 1, 0), (b"b", 2, 0)]


def test_names_that_are_not_utf8_are_found() -> None:
    one = entry("x:7")._replace(name=b"k/\xff.pem")
    assert final(layer(one), patterns=["*.pem"]) == [(b"k/\xff.pem", 7, 0)]


# In any layer.


def test_what_was_removed_later_is_shipped_all_the_same() -> None:
    layers = layer("k/id_rsa:10"), layer("k/.wh.id_rsa"), layer("k/id_rsa:3")
    assert ever(*layers, patterns=["id_rsa"]) == [(b"k/id_rsa", 3, 2, HERE), (b"k/id_rsa", 10, 0, GONE)]
    assert ever(*layers, patterns=["id_rsa"], first=1) == [(b"k/id_rsa", 3, 2, HERE)]


@pytest.mark.parametrize("whiteout", [".wh.id_rsa", ".wh..wh..opq"])
def test_a_whiteout_is_no_path(whiteout: str) -> None:
    assert ever(layer("a:1"), layer(f"k/{whiteout}"), patterns=["id_rsa", ".wh.*", "k/**", "*opq"]) == []


def test_a_file_that_stands_twice_in_a_layer_counts_twice() -> None:
    assert ever(layer("id_rsa:10", "id_rsa:3"), patterns=["id_rsa"]) == [(b"id_rsa", 13, 0, HERE)]


def test_a_path_that_a_directory_took_the_place_of_in_its_own_layer_is_shipped() -> None:
    assert ever(layer("k/id_rsa:10", "k"), patterns=["id_rsa"]) == [(b"k/id_rsa", 10, 0, GONE)]


def test_names_are_normalised() -> None:
    assert ever(layer("./k//id_rsa:1", "/x/../id_rsa:2", "./", "."), patterns=["id_rsa", "*sa"]) == [
        (b"id_rsa", 2, 0, HERE), (b"k/id_rsa", 1, 0, HERE),
    ]  # fmt: skip


def test_a_directory_is_there_if_something_of_this_layer_is() -> None:
    layers = layer("k/", "k/a:10", "k/b:20"), layer("k/", "k/.wh.a"), layer("k/", "k/.wh.b")
    assert ever(*layers, patterns=["k"]) == [(b"k", 0, 1, GONE), (b"k", 0, 2, HERE), (b"k", 30, 0, GONE)]
    assert ever(*layers[:2], patterns=["k"]) == [(b"k", 0, 1, HERE), (b"k", 30, 0, HERE)]


def test_a_hard_link_stores_nothing_of_its_own() -> None:
    assert ever(layer("a:10", "id_rsa => a"), patterns=["id_rsa"]) == [(b"id_rsa", 0, 0, HERE)]


# Setuid and setgid.


def test_files_with_a_bit_of_the_mode_by_each_of_their_names() -> None:
    one = case(
        layer(
            entry("bin/", mode=0o6755),
            entry("bin/su:10", mode=0o4755),
            entry("bin/mail:5", mode=0o2755, gid=8),
            entry("bin/both:1", mode=0o6755),
            entry("bin/link -> su", mode=0o4777),
            entry("bin/hard => bin/su"),
            "bin/none:3",
        )
    )
    assert sorted((one.path, one.size, one.what) for one in files_with(one, "no-setuid")) == [
        (b"bin/both", 1, "-rwsr-sr-x 0:0"),
        (b"bin/hard", 10, "-rwsr-xr-x 0:0"),
        (b"bin/su", 10, "-rwsr-xr-x 0:0"),
    ]
    assert sorted((one.path, one.size, one.what) for one in files_with(one, "no-setgid")) == [
        (b"bin/both", 1, "-rwsr-sr-x 0:0"),
        (b"bin/mail", 5, "-rwxr-sr-x 0:8"),
    ]


def test_only_the_last_mode_counts() -> None:
    two = layer(entry("su:10", mode=0o4755)), layer(entry("su:10", mode=0o755))
    assert files_with(case(*two), "no-setuid") == []
    assert [one.layer for one in files_with(case(*two[::-1]), "no-setuid")] == [1]


def test_a_setuid_file_can_be_accepted() -> None:
    one = case(layer(entry("bin/su:10", mode=0o4755)), accept=("/bin/su",))
    assert files_with(one, "no-setuid") == []
    assert one.accepts.used == {0}


# The user.


@pytest.mark.parametrize(
    "user",
    [
        "",
        "root",
        "0",
        "00",
        "+0",
        "-0",
        "0:0",
        "root:root",
        "0:1000",
        "root:",
        ":1000",
        " root",
        None,
        1000,
        0,
        [],
        {},
    ],
)
def test_who_is_root(user: object) -> None:
    assert is_root(user)


@pytest.mark.parametrize(
    "user",
    ["1000", "1000:0", "app", "app:root", "Root", "rooty", "0x0", "0app", "٠", "0" * 5000 + "1", "9" * 5000],
)
def test_who_is_not(user: str) -> None:
    assert not is_root(user)


def test_a_directory_deeper_than_any_recursion_goes() -> None:
    deep = layer("a/" * 1500 + "id_rsa:1")
    assert [len(path) for path, _, _ in final(deep, patterns=["id_rsa"])] == [3006]
    assert [len(path) for path, *_ in ever(deep, patterns=["id_rsa"])] == [3006]


def without_entries(analysis: Analysis) -> Analysis:
    class Bare(Analysis):
        has_entries = False

    return Bare(*(getattr(analysis, name) for name in analysis.__dataclass_fields__))


@pytest.mark.parametrize(
    ("rule", "look"),
    [
        ("forbidden-paths", lambda one: final_paths(one, "forbidden-paths", ["a"])),
        ("forbidden-paths-ever", lambda one: paths_ever(one, "forbidden-paths-ever", ["a"], 0)),
        ("no-setuid", lambda one: files_with(one, "no-setuid")),
    ],
)
def test_what_a_report_without_entries_does_not_tell_is_not_said(
    rule: str, look: Callable[[Case], object]
) -> None:
    one = Case(without_entries(analyze(image(layer("a")))))
    with pytest.raises(
        SourceError, match=f"^{rule} cannot be judged: this report was saved without"
    ) as caught:
        look(one)
    assert caught.value.hint == "Save it again: layerscope IMAGE --json FILE --entries"


TOKEN = "Qx7pL2" + "vT9sK4mZ8wB6"


def test_secrets_are_told_by_place_and_kind_and_never_by_value() -> None:
    analysis = measured(
        held({"app/.env": f"API_TOKEN={TOKEN}"}),
        held({"app/.wh..env": ""}),
        steps=["COPY . /app", "RUN rm /app/.env"],
        config={"Env": [f"DB_PASSWORD={TOKEN}x"]},
    )
    found = secrets(Case(analysis), "no-secrets")
    assert [(one.path, one.layer) for one in found] == [(b"app/.env", 0), (b"", None)]
    assert TOKEN not in repr(found)
    accepts = Accepts((Accept(("/app/.env",), "a test key"),))
    assert [one.path for one in secrets(Case(analysis, accepts=accepts), "no-secrets")] == [b""]


def test_the_rule_about_secrets_fails_by_them() -> None:
    analysis = measured(held({"root/.npmrc": f"//registry/:_authToken={TOKEN}"}))
    (verdict,) = judge(Case(analysis), {"no-secrets": Setting(fail=True)})
    assert (verdict.measured, verdict.limit, verdict.outcome) == ("1 secret", "none", Outcome.FAIL)
    clean = measured(held({"root/.npmrc": "color=true"}))
    (verdict,) = judge(Case(clean), {"no-secrets": Setting(fail=True)})
    assert (verdict.measured, verdict.outcome) == ("none", Outcome.PASS)


def test_of_a_saved_report_those_count_that_were_found_when_it_was_saved(tmp_path: Path) -> None:
    with (tmp_path / "report.json").open("w") as out:
        json_report.write(measured(held({"root/.npmrc": f"_authToken={TOKEN}"})), out)
    (found,) = secrets(Case(saved_report.read(str(tmp_path / "report.json"))), "no-secrets")
    assert (found.path, found.layer) == (b"root/.npmrc", 0)


def test_of_a_report_of_a_version_that_did_not_look_nothing_is_said(tmp_path: Path) -> None:
    out = io.StringIO()
    json_report.write(measured(held({"root/.npmrc": f"_authToken={TOKEN}"})), out)
    report = json.loads(out.getvalue())
    del report["findings"]
    (tmp_path / "report.json").write_text(json.dumps(report))
    with pytest.raises(SourceError, match="saved by a version that did not look for secrets"):
        secrets(Case(saved_report.read(str(tmp_path / "report.json"))), "no-secrets")

"""How a rule's names are looked up."""

from layerscope.analysis.findings.finding import Severity
from layerscope.analysis.findings.path_rule import PathRule, PathRules


def rule(identity: str, **names: tuple[str, ...]) -> PathRule:
    return PathRule(identity, "", Severity.LOW, "", "", **names)  # type: ignore[arg-type]


def match(path: str, *rules: PathRule) -> str:
    """`rule /top`, or nothing."""
    folder, _, name = path.encode().rpartition(b"/")
    found = PathRules(rules).match(folder, name)
    return f"{found.rule.id} /{found.top.decode()}" if found is not None else ""


def test_a_folder_from_the_root_is_that_one_with_all_below() -> None:
    lists = rule("lists", folders=("/var/lists",))
    assert match("var/lists/a", lists) == match("var/lists/b/c/d", lists) == "lists /var/lists"
    assert match("srv/var/lists/a", lists) == match("var/lists", lists) == match("var/listsb/a", lists) == ""


def test_a_folder_without_a_slash_before_it_is_anywhere() -> None:
    caches = rule("caches", folders=("__pycache__", ".cache/pip"))
    assert match("a/b/__pycache__/c", caches) == "caches /a/b/__pycache__"
    assert match("__pycache__/c", caches) == "caches /__pycache__"
    assert match("root/.cache/pip/http/x", caches) == "caches /root/.cache/pip"
    assert match(".cache/pip/x", caches) == "caches /.cache/pip"
    assert match("root/.cache/pipx/x", caches) == match("root/x.cache/pip/x", caches) == ""


def test_the_highest_folder_counts() -> None:
    rules = rule("inner", folders=("__pycache__",)), rule("outer", folders=("tests",))
    assert match("a/tests/b/__pycache__/c", *rules) == "outer /a/tests"
    assert match("a/__pycache__/tests/c", *rules) == "inner /a/__pycache__"


def test_a_file_is_known_by_its_path_its_name_or_its_ending() -> None:
    rules = (
        rule("path", files=("/etc/x",)),
        rule("name", files=("core",)),
        rule("ending", files=("*.pyc", "*~")),
    )
    assert match("etc/x", *rules) == "path /etc/x"
    assert match("a/core", *rules) == "name /a/core"
    assert match("core", *rules) == "name /core"
    assert match("a/b.c.pyc", *rules) == "ending /a/b.c.pyc"
    assert match("a/b~", *rules) == "ending /a/b~"
    assert [match(path, *rules) for path in ("x", "a/etc/x", "corex", "a/pyc", "a.pyc/b", "~a")] == [""] * 6


def test_a_version_may_be_any() -> None:
    rules = rule("dump", files=("core#",)), rule("llvm", folders=("/usr/lib/llvm-#",))
    assert match("core.4711", *rules) == "dump /core.4711"
    assert match("usr/lib/llvm-3.14/a", *rules) == "llvm /usr/lib/llvm-3.14"
    assert [match(path, *rules) for path in ("core", "core.1a", "score.1", "usr/lib/llvm-x/a")] == [""] * 4


def test_a_rule_may_be_about_what_is_below_some_folder_alone() -> None:
    tests = rule("tests", folders=("tests",), files=("*.map",), below=("node_modules",))
    assert match("app/node_modules/a/tests/b", tests) == "tests /app/node_modules/a/tests"
    assert match("app/node_modules/a/b.map", tests) == "tests /app/node_modules/a/b.map"
    assert match("app/tests/node_modules/b", tests) == match("app/b.map", tests) == ""


def test_some_names_belong_there_all_the_same() -> None:
    docs = rule("docs", folders=("/doc",), but=("copyright",))
    assert match("doc/a/copyright", docs) == ""
    assert match("doc/copyright/a", docs) == "docs /doc"


def test_a_file_with_its_whole_path_goes_before_the_folder_it_is_in() -> None:
    rules = rule("database", folders=("/var/lib/dpkg",)), rule("old", files=("/var/lib/dpkg/status-old",))
    assert match("var/lib/dpkg/status-old", *rules) == "old /var/lib/dpkg/status-old"
    assert match("var/lib/dpkg/status", *rules) == "database /var/lib/dpkg"
    assert match("var/lib/dpkg/a/status-old", *rules) == "database /var/lib/dpkg"


def test_of_two_rules_with_one_name_the_first_counts() -> None:
    assert match("a/b", rule("first", files=("b",)), rule("second", files=("b",))) == "first /a/b"

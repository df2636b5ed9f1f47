"""The file of rules: what it may say, and how everything else is told."""

import datetime
import os
import re
from pathlib import Path

import pytest
from layerscope.errors import LayerscopeError, SettingsError, SourceError
from layerscope.gate.accept import Accept
from layerscope.gate.config import Config, Section, find, overrule
from layerscope.gate.setting import OFF, Allowed, Scope, Setting

from tests.running import Run


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder of every test here."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def parsed(text: str) -> Config:
    Path("layerscope.toml").write_text(text, encoding="utf-8")
    return find(None)


def test_without_a_file_there_is_nothing() -> None:
    assert find(None) == Config()


def test_an_empty_file_has_no_rules() -> None:
    assert parsed("") == Config("layerscope.toml")


def test_all_that_a_file_may_say() -> None:
    config = parsed("""\
        baseline = "main.json"
        dockerfile = "Dockerfile"
        [rules]
        min-efficiency = { fail = "90%", warn = 0.95, scope = "own", floor = "1MB" }
        max-wasted-bytes = 4096
        max-removed-bytes = "off"
        max-layers = { warn = 15 }
        forbidden-paths = ["*.pem"]
        forbidden-paths-ever = { warn = "id_rsa, .npmrc", scope = "own" }
        no-setuid = "fail"
        no-setgid = "warn"
        no-root-user = "off"
        max-stored-growth = { fail = "10MB, 5%", warn = "5%" }
        [[accept]]
        paths = "/var/**"
        reason = "r"
        [[accept]]
        paths = ["a", "b"]
        reason = "s"
        rules = ["no-setuid", "no-setgid"]
        expires = 2027-01-31
        [[accept]]
        findings = ["documentation", "root-user"]
        reason = "u"
        [[image]]
        match = ["app:*", "web"]
        rules.max-layers = 9
        baseline = "app.json"
        dockerfile = "app/Dockerfile"
        [[image.accept]]
        paths = "c"
        reason = "t"
        expires = "2027-01-31"
        """)
    day = datetime.date(2027, 1, 31)
    assert config.top.settings == {
        "min-efficiency": Setting(0.9, 0.95, Scope.OWN, 1_000_000),
        "max-wasted-bytes": Setting(4096),
        "max-removed-bytes": OFF,
        "max-layers": Setting(None, 15),
        "forbidden-paths": Setting(("*.pem",)),
        "forbidden-paths-ever": Setting(None, ("id_rsa", ".npmrc"), Scope.OWN),
        "no-setuid": Setting(fail=True),
        "no-setgid": Setting(warn=True),
        "no-root-user": OFF,
        "max-stored-growth": Setting(Allowed(10_000_000, 0.05), Allowed(0, 0.05)),
    }
    assert config.top.accept == (
        Accept(("/var/**",), "r", where="layerscope.toml: accept 1"),
        Accept(("a", "b"), "s", frozenset({"no-setuid", "no-setgid"}), day, "layerscope.toml: accept 2"),
        Accept(
            (), "u", where="layerscope.toml: accept 3", findings=frozenset({"documentation", "root-user"})
        ),
    )
    assert (config.top.baseline, config.top.dockerfile) == ("main.json", "Dockerfile")
    accept = Accept(("c",), "t", frozenset(), day, "layerscope.toml: image 1.accept 1")
    section = Section({"max-layers": Setting(9)}, (accept,), "app.json", os.path.join("app", "Dockerfile"))  # noqa: PTH118
    assert config.images == ((("app:*", "web"), section),)
    assert config.read == [
        "layerscope.toml", "main.json", "Dockerfile", "app.json", section.dockerfile
    ]  # fmt: skip


# What means nothing: the text, what the message says after the name of the file, and its hint.

RULES_ARE = "There are min-efficiency, max-wasted-bytes"
SIZE = 'Allowed: a size ("20MB", "20MiB", 4096).'
FRACTION = 'Allowed: a fraction (0.95) or a percentage ("95%").'
COUNT = "Allowed: a whole number from 1."
GROWTH = 'Allowed: a size, a percentage or both ("10MB", "5%", "10MB, 5%": the larger is allowed).'
PATHS = 'Allowed: a list of globs (["*.pem", "/var/cache/**"]).'
SWITCH = 'Allowed: "fail", "warn" or "off".'
TABLES = "Allowed: tables: [[accept]], [[image]], [[image.accept]]."
FROM_HERE = "Allowed: a path, from the folder of this file."
DAY = "Allowed: the last day on which it holds: 2027-01-31."

NO_SUCH_KEYS = [
    ("rule = 1", ": there is no key 'rule'", "Did you mean rules? There are rules, accept, baseline"),
    ("zzz = 1", ": there is no key 'zzz'", "There are rules, accept, baseline, dockerfile, image."),
    ("[rules]\nmax-layer = 9", ": rules: there is no rule 'max-layer'", "Did you mean max-layers? There are"),
    ("[rules]\nlowestEfficiency = 0.9", ": rules: there is no rule 'lowestEfficiency'", "Did you mean"),
    (
        "[rules.max-layers]\nfial = 9",
        ": rules.max-layers: there is no key 'fial'",
        "Did you mean fail? There are fail, warn, scope.",
    ),
    (
        "[rules.max-layers]\nfail = 9\nfloor = 1",
        ": rules.max-layers: there is no key 'floor'",
        "There are fail, warn, scope.",
    ),
    (
        "[rules.forbidden-paths]\nfail = 'a'\nscope = 'own'",
        ": rules.forbidden-paths: there is no key 'scope'",
        "There are fail, warn.",
    ),
    (
        "[[accept]]\npaths = 'a'\nreason = 'r'\nuntil = 1",
        ": accept 1: there is no key 'until'",
        "There are paths, reason, rules, findings, expires.",
    ),
    (
        "[[accept]]\npaths = 'a'\nreason = 'r'\nrules = 'no-suid'",
        ": accept 1: there is no rule 'no-suid'",
        "Did you mean no-setuid? There are",
    ),
    ("[[image]]\nmatch = 'a'\nimage = 1", ": image 1: there is no key 'image'", "There are match, rules"),
    ("[[image]]\nmatch = 'a'\nrules.x = 1", ": image 1.rules: there is no rule 'x'", RULES_ARE),
    (
        "[[accept]]\nfindings = 'documentatio'\nreason = 'r'",
        ": accept 1: there is no finding 'documentatio'",
        "Did you mean documentation?",
    ),
    (
        "[[image]]\nmatch = 'a'\n[[image]]\nmatch = 'a'\n[[image.accept]]\nx = 1",
        ": image 2.accept 1: there is no key 'x'",
        "There are paths",
    ),
]

WRONG_TYPES = [
    ("rules = 1", ": rules = 1 means nothing", "Allowed: [rules], and below it"),
    ("rules = []", ": rules = [] means nothing", "Allowed: [rules]"),
    ("accept = 'a'", ': accept = "a" means nothing', TABLES),
    ("accept = ['a']", ': accept = ["a"] means nothing', TABLES),
    ("[accept]\npaths = 'a'", ': accept = {"paths": "a"} means nothing', TABLES),
    ("image = [1]", ": image = [1] means nothing", TABLES),
    ("baseline = 1", ": baseline = 1 means nothing", FROM_HERE),
    ("baseline = ''", ': baseline = "" means nothing', FROM_HERE),
    ("baseline = '-'", ': baseline = "-" means nothing', FROM_HERE),
    ('baseline = "a\\u0000"', ': baseline = "a\\u0000" means nothing', FROM_HERE),
    ("dockerfile = ['a']", ': dockerfile = ["a"] means nothing', FROM_HERE),
    ("[rules]\nmax-layers = true", ": rules.max-layers = true means nothing", COUNT),
    ("[rules]\nmax-layers = 1.5", ": rules.max-layers = 1.5 means nothing", COUNT),
    ("[rules]\nmax-layers = 0", ": rules.max-layers = 0 means nothing", COUNT),
    ("[rules]\nmax-layers = -1", ": rules.max-layers = -1 means nothing", COUNT),
    ("[rules]\nmax-layers = 1000000000", ": rules.max-layers = 1000000000 means nothing", COUNT),
    ("[rules]\nmax-layers = '٣'", ': rules.max-layers = "٣" means nothing', COUNT),
    ("[rules]\nmax-layers = [[1]]", ": rules.max-layers = [[1]] means nothing", COUNT),
    ("[rules]\nmax-layers = {}", ": rules.max-layers: it has no limit", "fail and warn take one: a whole"),
    ("[rules]\nmax-layers = {scope = 'own'}", ": rules.max-layers: it has no limit", "fail and warn take"),
    ("[rules]\nmax-layers.fail = false", ": rules.max-layers.fail = false means nothing", COUNT),
    ("[rules]\nmax-layers.warn = {}", ": rules.max-layers.warn = {} means nothing", COUNT),
    (
        "[rules]\nmax-layers = {fail = 9, scope = 'base'}",
        ': rules.max-layers.scope = "base" means nothing',
        'Allowed: "image", or "own" for the layers above the base image.',
    ),
    (
        "[rules]\nmax-layers = {fail = 9, scope = []}",
        ": rules.max-layers.scope = [] means nothing",
        "Allowed",
    ),
    ("[rules]\nmin-efficiency = true", ": rules.min-efficiency = true means nothing", FRACTION),
    ("[rules]\nmin-efficiency = [1]", ": rules.min-efficiency = [1] means nothing", FRACTION),
    ("[rules]\nmin-efficiency = 95", ": rules.min-efficiency: '95' is more than the whole", FRACTION),
    ("[rules]\nmin-efficiency = nan", ": rules.min-efficiency: 'NaN' is neither a fraction", FRACTION),
    ("[rules]\nmin-efficiency = -inf", ": rules.min-efficiency: '-Infinity' is neither", FRACTION),
    ("[rules]\nmin-efficiency = -0.5", ": rules.min-efficiency: '-0.5' is neither a fraction", FRACTION),
    ("[rules]\nmin-efficiency = ''", ": rules.min-efficiency: '' is neither a fraction", FRACTION),
    (
        "[rules]\nmin-efficiency = {fail = 0.9, floor = true}",
        ": rules.min-efficiency.floor = true means nothing",
        SIZE,
    ),
    (
        "[rules]\nmin-efficiency = {fail = 0.9, floor = '5%'}",
        ": rules.min-efficiency.floor: '5%' is neither a size",
        SIZE,
    ),
    ("[rules]\nmax-wasted-bytes = false", ": rules.max-wasted-bytes = false means nothing", SIZE),
    ("[rules]\nmax-wasted-bytes = 2027-01-01", ': rules.max-wasted-bytes = "2027-01-01" means nothing', SIZE),
    ("[rules]\nmax-wasted-bytes = 0.5", ": rules.max-wasted-bytes: '0.5' is no whole number of bytes", SIZE),
    ("[rules]\nmax-wasted-bytes = -1", ": rules.max-wasted-bytes: '-1' is neither a size", SIZE),
    (
        f"[rules]\nmax-wasted-bytes = 0x{'f' * 5000}",
        ": rules.max-wasted-bytes: no image has such a number",
        SIZE,
    ),
    ("[rules]\nforbidden-paths = []", ": rules.forbidden-paths = [] means nothing", PATHS),
    ("[rules]\nforbidden-paths = [1, 2]", ": rules.forbidden-paths = [1, 2] means nothing", PATHS),
    ("[rules]\nforbidden-paths = [['a']]", ': rules.forbidden-paths = [["a"]] means nothing', PATHS),
    ("[rules]\nforbidden-paths = true", ": rules.forbidden-paths = true means nothing", PATHS),
    ("[rules]\nforbidden-paths = '/'", ": rules.forbidden-paths: '/' names no path of an image", PATHS),
    ("[rules]\nforbidden-paths = ['a', '']", ": rules.forbidden-paths: '' names no path", PATHS),
    ("[rules]\nforbidden-paths = ['!a']", ": rules.forbidden-paths: '!a' takes nothing back", PATHS),
    ("[rules]\nno-setuid = true", ": rules.no-setuid = true means nothing", SWITCH),
    ("[rules]\nno-setuid = 'FAIL'", ': rules.no-setuid = "FAIL" means nothing', SWITCH),
    ("[rules]\nno-setuid = {fail = true}", ': rules.no-setuid = {"fail": true} means nothing', SWITCH),
    ("[rules]\nno-setuid = ['fail']", ': rules.no-setuid = ["fail"] means nothing', SWITCH),
    ("[rules]\nmax-stored-growth = true", ": rules.max-stored-growth = true means nothing", GROWTH),
    ("[rules]\nmax-stored-growth = '5%, 6%'", ": rules.max-stored-growth: '5%, 6%' says two things", GROWTH),
    ("[rules]\nmax-stored-growth = '1MB, 2MB'", ": rules.max-stored-growth: '1MB, 2MB' says two", GROWTH),
    ("[rules]\nmax-stored-growth = 'off, 5%'", ": rules.max-stored-growth: 'off, 5%' says two", GROWTH),
    ("[rules]\nmax-stored-growth = '5%,'", ": rules.max-stored-growth: '' is neither a size", GROWTH),
    ("[[accept]]\npaths = 1\nreason = 'r'", ": accept 1.paths = 1 means nothing", PATHS),
    ("[[accept]]\npaths = []\nreason = 'r'", ": accept 1.paths = [] means nothing", PATHS),
    ("[[accept]]\npaths = ' '\nreason = 'r'", ': accept 1.paths = " " means nothing', PATHS),
    ("[[accept]]\npaths = '..'\nreason = 'r'", ": accept 1.paths: '..' names no path of an image", PATHS),
    ("[[accept]]\npaths = 'a'\nreason = 1", ": accept 1.reason = 1 means nothing", "Allowed: why this is"),
    (
        "[[accept]]\npaths = 'a'\nreason = ' '",
        ': accept 1.reason = " " means nothing',
        "Allowed: why this is",
    ),
    (
        "[[accept]]\npaths = 'a'\nreason = 'r'\nrules = []",
        ": accept 1.rules = [] means nothing",
        "Allowed: names of rules.",
    ),
    (
        "[[accept]]\npaths = 'a'\nreason = 'r'\nrules = 'max-layers'",
        ": accept 1.rules: max-layers looks at no paths",
        "These do: min-efficiency, ",
    ),
    ("[[image]]\nmatch = 1", ": image 1.match = 1 means nothing", "Allowed: a glob over names of images"),
    ("[[image]]\nmatch = []", ": image 1.match = [] means nothing", "Allowed: a glob over names of images"),
    ("[[image]]\nmatch = ''", ': image 1.match = "" means nothing', "Allowed: a glob over names of images"),
]

WRONG_DAYS = [
    ("'tomorrow'", ".expires: Invalid isoformat string: 'tomorrow'"),
    ("'2027-02-30'", ".expires: day is out of range for month"),
    ("2027-01-31T00:00:00", '.expires = "2027-01-31 00:00:00" means nothing'),
    ("2027-01-31T00:00:00Z", '.expires = "2027-01-31 00:00:00+00:00" means nothing'),
    ("12:00:00", '.expires = "12:00:00" means nothing'),
    ("2027", ".expires = 2027 means nothing"),
    ("false", ".expires = false means nothing"),
    ("[]", ".expires = [] means nothing"),
]

CONTRADICTIONS = [
    (
        "min-efficiency = {fail = 0.9, warn = 0.8}",
        "min-efficiency: warn (80.00 %) and fail (90.00 %) contradict each other",
        "warn is the stricter one: at least what fail says.",
    ),
    (
        "max-layers = {fail = 9, warn = 10}",
        "max-layers: warn (10) and fail (9) contradict each other: what breaks warn breaks fail first",
        "warn is the stricter one: at most what fail says.",
    ),
    (
        "max-wasted-bytes = {fail = '1kB', warn = '1KiB'}",
        "max-wasted-bytes: warn (1,024) and fail (1,000) contradict each other",
        "warn is the stricter",
    ),
    (
        "max-stored-growth = {fail = '1MB, 5%', warn = '1MB, 6%'}",
        "max-stored-growth: warn (1,000,000 B, 6.00 %) and fail (1,000,000 B, 5.00 %) contradict each other",
        "warn is the stricter",
    ),
    (
        "min-efficiency = '95%'\nmax-wasted-percent = '10%'",
        "max-wasted-percent: it contradicts min-efficiency: at least 95.00 % live is at most 5.00 % wasted, "
        "and not 10.00 %",
        "The two are one figure: keep one of them.",
    ),
]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        *NO_SUCH_KEYS,
        *WRONG_TYPES,
        *(
            (f"[[accept]]\npaths = 'a'\nreason = 'r'\nexpires = {day}", f": accept 1{message}", DAY)
            for day, message in WRONG_DAYS
        ),
        *((f"[rules]\n{text}", f": rules.{message}", hint) for text, message, hint in CONTRADICTIONS),
        (
            "[[accept]]\nfindings = 'root-user'\nrules = 'no-setuid'\nreason = 'r'",
            ": accept 1.paths: it is missing",
            "An entry has paths and a reason",
        ),
        ("[[accept]]\nreason = 'r'", ": accept 1.paths: it is missing", "An entry has paths and a reason"),
        ("[[accept]]\npaths = 'a'", ": accept 1.reason: it is missing", "An entry has paths and a reason"),
        ("[[image]]\nrules = {}", ": image 1.match: it is missing", "It names images, as in match"),
        ("x = ", " is not TOML: ", "It is written as max-wasted-bytes"),
        ("a = " + "[" * 9000, " is not TOML: it is nested too deeply", ""),
        ("#" * (1 << 20) + "\n", " has more than 1,048,576 bytes", "No rules need as many."),
        (
            "\n".join(f"k{number} = 1" for number in range(20_000)),
            ": there is no key 'k0'",
            "There are rules",
        ),
        ("a" * 900_000 + " = 1", f": there is no key '{'a' * 59}…'", "There are rules"),
        (
            f"[rules]\nmax-wasted-bytes = '{'9' * 900_000}'",
            f": rules.max-wasted-bytes: '{'9' * 60}'… is more than any image can have",
            SIZE,
        ),
    ],
)
def test_what_means_nothing_is_told_with_its_place_and_what_is_allowed(
    text: str, message: str, hint: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        parsed(text)
    assert caught.value.message.startswith(f"layerscope.toml{message}")
    assert caught.value.hint.startswith(hint)
    assert bool(caught.value.hint) == bool(hint)
    assert len(caught.value.message) < 400


def test_a_file_that_is_no_text_is_told() -> None:
    Path("layerscope.toml").write_bytes(b"[rules]\n# \xff")
    with pytest.raises(SettingsError, match=r"^layerscope.toml is not UTF-8: invalid start byte at byte 10$"):
        find(None)


def test_a_folder_is_no_file_of_rules() -> None:
    Path("layerscope.toml").mkdir()
    with pytest.raises(SettingsError, match=r"^layerscope.toml is not a file$"):
        find(None)


def test_a_file_that_may_not_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    Path("layerscope.toml").write_text("")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(
        SettingsError, match=r"^the rules in layerscope.toml cannot be read: Permission denied$"
    ):
        find(None)


@pytest.mark.parametrize(
    "text", ["[rules]\nmax-layers = 9\noops\n", "[rules]\na = 1\na = 2\n", "\n\na = 1 b = 2\n"]
)
def test_what_is_no_toml_is_told_with_its_line(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^layerscope.toml is not TOML: .* \(at line 3, column \d+\)$"):
        parsed(text)


@pytest.mark.parametrize(
    "text",
    [
        '"\\u001b[31mred\\n::error::x" = 1',
        '[rules]\n"\\u001b]0;x\\u0007\\n##[error]" = 1',
        '[rules]\nmax-layers = "\\u001b[2J\\n::error::"',
        '[rules]\nmin-efficiency = "\\u001b[2J\\n::error::"',
        '[rules]\nforbidden-paths = "!\\u001b[2J\\n::error::"',
        '[[accept]]\npaths = "a"\nreason = "r"\nexpires = "\\u001b\\n::error::"',
    ],
)
def test_nothing_in_a_message_is_a_command_of_a_terminal_or_a_runner(run: Run, text: str) -> None:
    Path("layerscope.toml").write_text(text)
    done = run("--ci", "no-such-image.tar")
    assert (done.code, done.out) == (2, "")
    assert re.fullmatch(
        r"layerscope: layerscope\.toml: [^\x00-\x1f\x7f]*\n(  [^\x00-\x1f\x7f]*\n)?", done.err
    )
    assert not re.search(r"(?m)^\s*(::|##\[)", done.err)


# Where rules stand.


def test_rules_may_stand_in_pyproject() -> None:
    Path("pyproject.toml").write_text("[tool.layerscope.rules]\nmax-layers = 9\n[[tool.layerscope.accept]]\n")
    with pytest.raises(SettingsError, match=r"^pyproject.toml: accept 1.paths: it is missing"):
        find(None)
    Path("pyproject.toml").write_text("[tool.layerscope]\nrules.max-layers = 9")
    assert find(None) == Config("pyproject.toml", Section({"max-layers": Setting(9)}))
    assert find("pyproject.toml") == find(None)


@pytest.mark.parametrize("text", ["", "tool = 1", "[tool]", "[tool.ruff]\nx = 1", "tool = [1]"])
def test_a_pyproject_without_rules_is_none_of_ours(text: str) -> None:
    Path("pyproject.toml").write_text(text)
    assert find(None) == Config()
    with pytest.raises(SourceError, match=r"there is no file pyproject.toml with rules"):
        find("pyproject.toml")


def test_a_table_of_ours_in_pyproject_is_a_table() -> None:
    Path("pyproject.toml").write_text("tool.layerscope = 'strict'")
    with pytest.raises(SettingsError, match=r'pyproject.toml: tool.layerscope = "strict" means nothing'):
        find(None)


def test_rules_stand_in_one_file() -> None:
    Path("layerscope.toml").write_text("")
    Path("pyproject.toml").write_text("[tool.layerscope]")
    with pytest.raises(SettingsError, match="both have rules"):
        find(None)
    assert find("layerscope.toml") == Config("layerscope.toml")
    Path("pyproject.toml").write_text("")
    assert find(None) == Config("layerscope.toml")


@pytest.mark.parametrize("name", ["none.toml", "no/folder.toml", "-"])
def test_a_file_that_was_named_must_be_there(name: str) -> None:
    with pytest.raises(SourceError, match="there is no file") as caught:
        find(name)
    assert caught.value.hint == "layerscope init IMAGE writes one."


def test_files_are_looked_for_beside_the_rules(here: Path) -> None:
    (here / "ci").mkdir()
    (here / "ci" / "rules.toml").write_text(
        'baseline = "main.json"\ndockerfile = "../Dockerfile"\n'
        '[[image]]\nmatch = "a"\nbaseline = "app:main"\n'
        f'[[image]]\nmatch = "b"\nbaseline = "{"x" * 5000}"'
    )
    (here / "ci" / "main.json").write_text("{}")
    config = find("ci/rules.toml")
    assert (Path(config.top.baseline), Path(config.top.dockerfile)) == (
        Path("ci/main.json"), Path("ci/../Dockerfile"),
    )  # fmt: skip
    assert [section.baseline for _, section in config.images] == ["app:main", "x" * 5000]


# What holds for which image.

SEVERAL = """\
baseline = "top.json"
rules = { max-layers = 9, no-setuid = "fail" }
accept = [{ paths = "a", reason = "top" }]
[[image]]
match = "*app*"
rules.max-layers = { warn = 5 }
accept = [{ paths = "b", reason = "app" }]
[[image]]
match = ["app:2", "web:[0-9]"]
rules.max-layers = 20
baseline = "two.json"
"""


@pytest.mark.parametrize(
    ("names", "layers", "accepted", "baseline"),
    [
        (["other"], Setting(9), ["top"], "top.json"),
        (["APP"], Setting(9), ["top"], "top.json"),
        (["my/app:1"], Setting(None, 5), ["app", "top"], "top.json"),
        (["docker://app:2"], Setting(20), ["app", "top"], "two.json"),
        (["image.tar", "web:3"], Setting(20), ["top"], "two.json"),
        (["image.tar", "web:33"], Setting(9), ["top"], "top.json"),
        ([""], Setting(9), ["top"], "top.json"),
    ],
)
def test_of_sections_that_fit_the_later_one_overrules(
    names: list[str], layers: Setting, accepted: list[str], baseline: str
) -> None:
    section = parsed(SEVERAL).of(names)
    assert section.settings == {"max-layers": layers, "no-setuid": Setting(fail=True)}
    assert [entry.reason for entry in section.accept] == accepted
    assert section.baseline == baseline


def test_the_command_line_overrules_limits_and_leaves_scope_and_floor() -> None:
    section = Section({"min-efficiency": Setting(0.9, 0.95, Scope.OWN, 7), "max-layers": Setting(9)})
    found = overrule(
        section,
        {"min-efficiency": Setting(0.5), "no-setuid": OFF},
        {"max-layers": Setting(1), "max-wasted-bytes": Setting(2)},
    )
    assert found.settings == {
        "min-efficiency": Setting(0.5, None, Scope.OWN, 7),
        "max-layers": Setting(9),
        "max-wasted-bytes": Setting(2),
        "no-setuid": OFF,
    }


def test_errors_are_ours() -> None:
    assert issubclass(SettingsError, LayerscopeError)
    assert SettingsError.exit_code == 2

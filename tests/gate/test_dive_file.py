"""What is read of a `.dive-ci`, and what is refused."""

import os
from pathlib import Path

import pytest
from layerscope.errors import LayerscopeError
from layerscope.gate import dive_file
from layerscope.gate.dive_file import DiveFile


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(text: str | bytes) -> str:
    Path("limits").write_bytes(text.encode() if isinstance(text, str) else text)
    return "limits"


def values(text: str) -> dict[str, str]:
    found = dive_file.find(written(text))
    assert found is not None
    return found.values


def refused(text: str | bytes) -> str:
    with pytest.raises(LayerscopeError) as caught:
        dive_file.find(written(text))
    return caught.value.message


def test_the_file_of_the_current_folder_is_found() -> None:
    assert dive_file.find(None) is None
    Path(".dive-ci").write_text("rules:\n  lowestEfficiency: 0.95\n")
    assert dive_file.find(None) == DiveFile(".dive-ci", {"lowestEfficiency": "0.95"}, ())


def test_a_file_that_is_named_must_be_there() -> None:
    with pytest.raises(LayerscopeError, match=r"^there is no file ci/limits$"):
        dive_file.find("ci/limits")


def test_a_folder_is_no_file() -> None:
    Path(".dive-ci").mkdir()
    with pytest.raises(LayerscopeError, match=r"^\.dive-ci cannot be read: "):
        dive_file.find(None)


SAMPLE = """\
plugins:
  - plugin1
rules:
  # If the efficiency is measured below X%, mark as failed.
  lowestEfficiency: 0.95
  highestWastedBytes: 20Mb
  highestUserWastedPercent: "0.5"
  plugin1/rule1: error
"""


def test_rules_are_read_and_what_else_stands_there_is_not() -> None:
    assert dive_file.find(written(SAMPLE)) == DiveFile(
        "limits",
        {"lowestEfficiency": "0.95", "highestWastedBytes": "20Mb", "highestUserWastedPercent": "0.5"},
        ("plugin1/rule1",),
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "a: 1", "rules:", "~", "rules:\n  lowestEfficiency:\n"])
def test_a_file_may_say_nothing(text: str) -> None:
    assert values(text) == {}


def test_upper_and_lower_case_are_the_same() -> None:
    assert values("RULES:\n  LOWESTefficiency: 1") == {"lowestEfficiency": "1"}


def test_the_short_way_to_write_a_rule() -> None:
    assert values("rules.lowestEfficiency: 1") == {"lowestEfficiency": "1"}


def test_only_the_first_document_counts() -> None:
    assert values("a: 1\n---\nrules:\n  lowestEfficiency: x\n") == {}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e6", "1000000"),
        ("1_000", "1000"),
        ("0x10", "16"),
        ("0o20", "16"),
        ("020", "16"),
        ("0b10000", "16"),
        ("1.50", "1.50"),
        ('"1e6"', "1e6"),
        ('"020"', "020"),
        ("09", "9"),
        ("1:30", "1:30"),
        ("20MB", "20MB"),
        ("1_0MB", "1_0MB"),
        ("off", "off"),
        ("2001-01-01", "2001-01-01"),
        ("!!python/object:os.system x", "x"),
        ("&a 5", "5"),
    ],
)
def test_a_value_is_the_text_that_dive_makes_of_it(written: str, value: str) -> None:
    assert values(f"rules:\n  highestWastedBytes: {written}") == {"highestWastedBytes": value}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules: 5", "limits, line 1: rules has no names below it"),
        ("- a", "limits, line 1: this is no mapping with rules in it"),
        ("a: b\nc: {", "limits, line 2: this is no YAML: expected the node content"),
        ("\0", "limits: this is no YAML: "),
        ("rules: {}\nRules: {}", "limits, line 2: Rules is there twice"),
        (
            "rules.lowestEfficiency: 1\nrules:\n  lowestEfficiency: 1",
            "limits, line 3: rules.lowestEfficiency is there twice",
        ),
        (
            "rules:\n  lowestEfficiency: [1]",
            "limits, line 2: rules.lowestEfficiency is a list or a mapping, not one value",
        ),
        (
            "rules:\n  lowestEfficiency: " + "9" * 101,
            "limits, line 2: rules.lowestEfficiency is longer than any limit",
        ),
        ("a: &a {b: 1}\nrules:\n  <<: *a", "limits, line 3: merge keys (<<) are not read"),
    ],
)  # fmt: skip
def test_what_means_nothing_is_said_with_file_and_line(text: str, message: str) -> None:
    assert refused(text).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 30_000, "limits: this is nested too deeply"),
        ("rules: #" + " " * 65_536, "limits is larger than 64 KiB, and so no file of limits"),
        (b"rules: \xff", "limits: this is no YAML: "),
    ],
)
def test_a_hostile_file_is_refused(text: str | bytes, message: str) -> None:
    assert refused(text).startswith(message)


def test_aliases_are_not_multiplied() -> None:
    lines = ["a0: &a0 x"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 60)]
    assert values("\n".join([*lines, "rules:", "  highestWastedBytes: *a0"])) == {"highestWastedBytes": "x"}


def test_a_wrong_value_is_said_with_file_key_and_value() -> None:
    found = dive_file.find(written("rules:\n  lowestEfficiency: 95%\n"))
    assert found is not None
    message = "limits: rules.lowestEfficiency: '95%' is neither a fraction from 0 to 1 (0.95) nor 'disabled'"
    with pytest.raises(LayerscopeError) as caught:
        dive_file.check(found, frozenset())
    assert caught.value.message == message


def test_a_value_that_a_flag_overrules_is_not_looked_at() -> None:
    found = dive_file.find(written("rules:\n  lowestEfficiency: 95%\n"))
    assert found is not None
    dive_file.check(found, frozenset({"lowestEfficiency"}))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="a file that may not be read")
def test_a_file_that_may_not_be_read() -> None:
    Path(written("rules:")).chmod(0)
    with pytest.raises(LayerscopeError, match=r"^limits cannot be read: Permission denied$"):
        dive_file.find("limits")
